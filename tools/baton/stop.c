/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton stop`: what a coded stop of the loader says, from the short form that somebody has typed from a photograph or from the text
 * of the QR code.  Codes, stages and exceptions are explained in the loader's own words (lib/stop_text.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/handoff_block.h"
#include "lib/stop_form.h"
#include "lib/stop_text.h"
#include "tools/baton/baton.h"
#include "tools/baton/elf_symbols.h"
#include "tools/baton/file.h"

static const char help[] =
	"usage: baton stop decode [--loader=SO] [--kernel=ELF] TEXT...\n"
	"\n"
	"Explains a coded stop of the loader.  TEXT is what stood on the screen, the serial line or in the QR code: the short form\n"
	"(\"244M-R3G2-...\", in any case, O for 0 and I or L for 1, hyphens and blanks as you like), the line \"baton: short ...\", or all\n"
	"of the QR code's text (\"BATON STOP 244M-... CODE 9 ...\").  When the checksum does not fit, the slips that would explain\n"
	"it are listed.\n"
	"\n"
	"--loader=SO   build/loader.so of the same build: names the loader's function where an exception struck\n"
	"--kernel=ELF  the kernel as it was booted: names its function\n"
	"\n"
	"Exit codes: 0 fine, 1 the checksum does not fit, 2 TEXT is no short form, a file cannot be used, or wrong usage.\n";

enum { TEXT_BYTES = 2048, SUGGESTIONS_MAX = 5, GROUP = 4 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct request {
	const char *loader, *kernel; /* paths, or NULL */
	char text[TEXT_BYTES];       /* all of it, upper case */
	char *form, *rest;           /* in text: the short form, and the words behind it */
};

/* --- what was typed ------------------------------------------------------------------------------------------------------ */

/* Joins the arguments, takes what stands before the short form away, and parts it from the words of a QR code. */
static int read_request(int argc, char **argv, struct request *request)
{
	static const char *const heads[] = { "BATON STOP ", "BATON: SHORT " };
	uint64_t used = 0;

	*request = (struct request){ .loader = NULL };
	for (int i = 2; i < argc; i++) {
		if (strncmp(argv[i], "--loader=", 9) == 0)
			request->loader = argv[i] + 9;
		else if (strncmp(argv[i], "--kernel=", 9) == 0)
			request->kernel = argv[i] + 9;
		else if (argv[i][0] == '-' || used + strlen(argv[i]) + 2 > TEXT_BYTES)
			return -1;
		else
			used += (uint64_t)sprintf(request->text + used, "%s%s", used ? " " : "", argv[i]);
	}
	for (char *c = request->text; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	request->form = request->text;
	for (int i = 0; i < 2; i++) {
		char *found = strstr(request->text, heads[i]);

		if (found != NULL)
			request->form = found + strlen(heads[i]);
	}
	request->rest = strstr(request->form, " CODE ");
	if (request->rest != NULL)
		*request->rest++ = '\0';
	return used > 0 ? 0 : -1;
}

/* --- slips --------------------------------------------------------------------------------------------------------------- */

static void suggest(const char *text, int *count)
{
	struct stop_form form;

	if (stop_form_read(text, &form) != STOP_FORM_OK || (*count)++ >= SUGGESTIONS_MAX)
		return;
	fprintf(stderr, "  perhaps ");
	for (int i = 0; text[i] != '\0'; i++)
		fprintf(stderr, "%s%c", i > 0 && i % GROUP == 0 ? "-" : "", text[i]);
	fprintf(stderr, "\n");
}

static void swap_with_next(char *c)
{
	char was = c[0];

	c[0] = c[1];
	c[1] = was;
}

/* Every text that is one wrong character or one pair of swapped neighbours away. */
static void suggest_all(const char *typed)
{
	char text[TEXT_BYTES] = "";
	int count = 0;

	for (int used = 0; *typed != '\0'; typed++)
		if (*typed != '-' && *typed != ' ')
			text[used++] = *typed;
	for (char *c = text; *c != '\0'; c++) {
		char was = *c;

		for (int i = 0; i < 32; i++) {
			*c = alphabet[i];
			if (*c != was)
				suggest(text, &count);
		}
		*c = was;
		if (c[1] != '\0' && c[1] != was) {
			swap_with_next(c);
			suggest(text, &count);
			swap_with_next(c);
		}
	}
	if (count == 0)
		fprintf(stderr, "  no single slip explains it; please compare again\n");
}

static int refuse(enum stop_form_status status, const char *typed)
{
	static const char *const reasons[] = {
		[STOP_FORM_BAD_CHARACTER] = "it holds a character that no short form has",
		[STOP_FORM_BAD_LENGTH] = "it is too short or too long",
		[STOP_FORM_BAD_CHECK] = "the checksum does not fit",
		[STOP_FORM_BAD_CONTENT] = "the checksum fits, but a later version of Baton has made it",
	};

	fprintf(stderr, "baton stop: \"%s\" is no short form: %s\n", typed, reasons[status]);
	if (status != STOP_FORM_BAD_CHECK)
		return BATON_UNUSABLE;
	suggest_all(typed);
	return BATON_FINDING;
}

/* --- what it means --------------------------------------------------------------------------------------------------------- */

/* The function at an offset: from zero, where the loader's image is linked, or from the lowest page of a kernel. */
static int print_function(const char *path, uint64_t offset, int from_zero)
{
	struct file file;
	uint64_t base = 0, start = 0;
	const char *name;

	if (file_read(path, &file) < 0)
		return BATON_UNUSABLE;
	if (elf_symbols_base(&file, &base) != 0) {
		fprintf(stderr, "%s: no ELF64 file with loadable segments\n", path);
		file_free(&file);
		return BATON_UNUSABLE;
	}
	if (from_zero)
		base = 0;
	name = elf_symbols_find(&file, base + offset, &start);
	if (name != NULL)
		printf("         %s+0x%lx, address 0x%lx of %s\n", name, base + offset - start, base + offset, path);
	else
		printf("         no symbol of %s is there\n", path);
	file_free(&file);
	return BATON_FINE;
}

static int print_place(const struct request *request, const struct stop_form *form)
{
	static const char *const places[] = { "", "loader+", "kernel+" };
	const char *path = form->place == STOP_PLACE_LOADER ? request->loader : form->place == STOP_PLACE_KERNEL ? request->kernel : NULL;

	printf("at       %s0x%lx\n", form->place <= STOP_PLACE_KERNEL ? places[form->place] : "?", form->detail[2]);
	return path != NULL ? print_function(path, form->detail[2], form->place == STOP_PLACE_LOADER) : BATON_FINE;
}

static int print_exception(const struct request *request, const struct stop_form *form)
{
	char meaning[STOP_ERROR_BYTES];

	stop_error_text(meaning, form->detail[0], form->detail[1]);
	printf("vector   %lu, %s\n", form->detail[0], stop_exception_name(form->detail[0]));
	printf("error    0x%lx%s%s\n", form->detail[1], *meaning ? ", " : "", meaning);
	printf("CR2      0x%lx\n", form->detail[3]);
	return print_place(request, form);
}

static void print_details(const struct stop_form *form)
{
	for (uint32_t i = 0; i < 4; i++) {
		const char *name = stop_detail_name((enum stop_code)form->code, i);

		if (name != NULL)
			printf("         %s 0x%lx\n", name, form->detail[i]);
	}
}

static int decode(const struct request *request)
{
	struct stop_form form;
	enum stop_form_status status = stop_form_read(request->form, &form);
	int code = BATON_FINE;

	if (status != STOP_FORM_OK)
		return refuse(status, request->form);
	printf("code     %u, %s\n", form.code, stop_reason((enum stop_code)form.code));
	printf("stage    %u, %s\n", form.stage, handoff_stage_name(form.stage));
	printf("attempts %u%s\n", form.attempts, form.attempts == 15 ? " or more" : "");
	if (form.code == STOP_EXCEPTION)
		code = print_exception(request, &form);
	else
		print_details(&form);
	if (request->rest != NULL)
		printf("said     %s\n", request->rest);
	return code;
}

int baton_stop(int argc, char **argv)
{
	static struct request request;
	int code = baton_help(argc, argv, help);

	if (code >= 0)
		return code;
	if (argc < 3 || strcmp(argv[1], "decode") != 0 || read_request(argc, argv, &request) != 0)
		return baton_usage("stop");
	return decode(&request);
}
