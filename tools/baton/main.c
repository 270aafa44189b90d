/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * build/baton, the host tool: looks at loaders, kernels and handoff blocks with the same code that runs in the boot.
 * Exit codes of all subcommands: 0 fine, 1 something is wrong with the input, 2 input or usage cannot be used.
 */
#include <stdio.h>
#include <string.h>
#include "tools/baton/baton.h"

static const struct {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"checksum", "print checksums of files as baton.conf wants them", baton_checksum},
	{"handoff", "show and check a handoff block, from a file or a serial capture", baton_handoff},
	{"kernel", "tell whether Baton can boot a kernel, and how to mend it when not", baton_kernel},
	{"map", "show, check, compare and draw memory maps of machines, from logs and dumps", baton_map},
	{"pe", "seal and check the loader's image (BOOTX64.EFI)", baton_pe},
	{"stop", "explain a coded stop of the loader, typed from a photograph of its screen", baton_stop},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *to)
{
	fputs("usage: baton COMMAND ...\n\n", to);
	for (int i = 0; i < COMMAND_COUNT; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs("\n`baton COMMAND --help` says more.\n"
	      "Exit codes: 0 fine, 1 something is wrong with the input, 2 the input or the usage cannot be used.\n",
	      to);
}

static int is_help(const char *argument)
{
	return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 || strcmp(argument, "help") == 0;
}

int baton_help(int argc, char **argv, const char *help)
{
	for (int i = 1; i < argc; i++) {
		if (is_help(argv[i])) {
			fputs(help, stdout);
			return BATON_FINE;
		}
	}
	return -1;
}

int baton_usage(const char *name)
{
	fprintf(stderr, "baton %s: wrong usage; see `baton %s --help`\n", name, name);
	return BATON_UNUSABLE;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && is_help(argv[1])) {
		print_help(stdout);
		return BATON_FINE;
	}
	for (int i = 0; argc >= 2 && i < COMMAND_COUNT; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (argc >= 2)
		fprintf(stderr, "baton: there is no command \"%s\"\n\n", argv[1]);
	print_help(stderr);
	return BATON_UNUSABLE;
}
