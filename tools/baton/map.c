/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton map`: memory maps of machines, from whatever text or dump there is of them.  This file reads the command line; the
 * work is done in lib/memory_*.c, the same code that runs in the loader and the kernel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/baton/baton.h"
#include "tools/baton/map.h"

static const char help[] =
	"usage: baton map show [--raw] [--json] FILE...\n"
	"       baton map check [--json] FILE...\n"
	"       baton map diff [--json] OLD NEW\n"
	"       baton map plot [--theme=light|dark] [-o SVG] FILE\n"
	"       baton map convert [--to=raw] [-o OUT] FILE\n"
	"\n"
	"show     the map as an operating system sees it: ranges, what each is for, gaps, totals\n"
	"check    the findings by rule (K5-K44), and whether the map is what its descriptors say\n"
	"diff     what changed between two maps: two boots, before and after a firmware update\n"
	"plot     a picture of physical memory, to scale, as SVG\n"
	"convert  the descriptors in the corpus format: index type start pages attribute\n"
	"\n"
	"FILE may be - for standard input.  It is recognised by its content: a Linux, Xen or FreeBSD log, what the UEFI shell's\n"
	"memmap or GRUB's lsefimmap print, the corpus format, a serial line with the kernel's dump, a saved handoff block, a\n"
	"binary dump of descriptors, a directory like /sys/firmware/memmap; e820 lines when there is nothing better.\n"
	"\n"
	"  --json              print one JSON object instead\n"
	"  --raw               the descriptors as they are, before any repair\n"
	"  --stride=N          bytes from one binary descriptor to the next (found out when not given)\n"
	"  --physical-bits=N   width of physical addresses, 32 to 52, to find impossible RAM by (K13)\n"
	"  --theme=light|dark  colours for that background only; otherwise the picture follows its viewer\n"
	"  -o FILE             write there instead of to standard output\n"
	"\n"
	"Exit codes: 0 fine, 1 a finding is fatal, 2 the input or the usage cannot be used.\n";

static int read_number(const char *text, uint64_t low, uint64_t high, uint64_t *ret_number)
{
	char *end;
	uint64_t number = strtoull(text, &end, 0);

	if (*text < '0' || *text > '9' || *end != '\0' || number < low || number > high)
		return -1;
	*ret_number = number;
	return 0;
}

/* The value of "--name=value", or NULL when the argument is another. */
static const char *value_of(const char *argument, const char *name)
{
	size_t length = strlen(name);

	return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

static int take_theme(const char *value, struct map_options *options)
{
	if (strcmp(value, "light") == 0)
		options->theme = MAP_THEME_LIGHT;
	else if (strcmp(value, "dark") == 0)
		options->theme = MAP_THEME_DARK;
	else
		return -1;
	return 0;
}

/* Returns 0 when the argument was understood. */
static int take_option(const char *argument, struct map_options *options)
{
	const char *value;
	uint64_t bits;

	if (strcmp(argument, "--json") == 0) {
		options->json = 1;
		return 0;
	}
	if (strcmp(argument, "--raw") == 0 || strcmp(argument, "--to=raw") == 0) {
		options->raw |= argument[2] == 'r';
		options->to_raw |= argument[2] == 't';
		return 0;
	}
	if (strcmp(argument, "--to=corpus") == 0)
		return 0;
	value = value_of(argument, "--stride");
	if (value)
		return read_number(value, 40, 4096, &options->stride) < 0 || options->stride % 8 ? -1 : 0;
	value = value_of(argument, "--physical-bits");
	if (value) {
		if (read_number(value, 32, 52, &bits) < 0)
			return -1;
		options->physical_bits = (uint32_t)bits;
		return 0;
	}
	value = value_of(argument, "--theme");
	return value ? take_theme(value, options) : -1;
}

static int read_options(int argc, char **argv, struct map_options *options)
{
	int operands_only = 0;

	for (int i = 2; i < argc; i++) {
		if (operands_only || argv[i][0] != '-' || argv[i][1] == '\0') {
			if (options->file_count == MAP_FILES_MAX)
				return -1;
			options->files[options->file_count++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			operands_only = 1;
		} else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
			options->output = argv[++i];
		} else if (take_option(argv[i], options) < 0) {
			return -1;
		}
	}
	return 0;
}

enum allowed { ALLOW_JSON = 1, ALLOW_RAW = 2, ALLOW_OUTPUT = 4, ALLOW_TO = 8, ALLOW_THEME = 16 };

static const struct {
	const char *name;
	int (*run)(const struct map_options *options);
	int files_min, files_max;
	unsigned allowed;
} actions[] = {
	{"show", map_show, 1, MAP_FILES_MAX, ALLOW_JSON | ALLOW_RAW},
	{"check", map_check, 1, MAP_FILES_MAX, ALLOW_JSON},
	{"diff", map_diff, 2, 2, ALLOW_JSON},
	{"plot", map_plot, 1, 1, ALLOW_OUTPUT | ALLOW_THEME},
	{"convert", map_convert, 1, 1, ALLOW_OUTPUT | ALLOW_TO},
};

static int is_allowed(const struct map_options *options, unsigned allowed)
{
	return (!options->json || (allowed & ALLOW_JSON)) && (!options->raw || (allowed & ALLOW_RAW)) &&
	       (!options->output || (allowed & ALLOW_OUTPUT)) && (!options->to_raw || (allowed & ALLOW_TO)) &&
	       (options->theme == MAP_THEME_AUTO || (allowed & ALLOW_THEME));
}

int baton_map(int argc, char **argv)
{
	static struct map_options options;
	int code = baton_help(argc, argv, help);

	if (code >= 0)
		return code;
	if (argc < 2 || read_options(argc, argv, &options) < 0)
		return baton_usage("map");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(argv[1], actions[i].name) != 0)
			continue;
		if (options.file_count < actions[i].files_min || options.file_count > actions[i].files_max ||
		    !is_allowed(&options, actions[i].allowed))
			return baton_usage("map");
		return actions[i].run(&options);
	}
	return baton_usage("map");
}
