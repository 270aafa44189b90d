/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recognises which program wrote a text map and reads it back.  Two passes: the first asks every form about every line and
 * takes the one that understands most, the second reads with that form only.  Lines come one at a time into a small buffer,
 * cleaned of what terminals and logs add.
 */
#include "lib/memory_import.h"
#include "lib/memory_import_scan.h"

enum { LINE_MAX = 512 }; /* no line of a map is longer; the rest of a longer one is ignored */

struct reader {
	const uint8_t *at, *end;
	uint64_t line;     /* number of the line last read */
	uint32_t is_wide;  /* UTF-16, little-endian */
};

static const struct {
	const char *name;
	enum memory_import_line (*read)(struct memory_import_scan line, struct memory_import_entry *ret_entry);
} forms[MEMORY_IMPORT_FORM_COUNT] = {
	[MEMORY_IMPORT_CORPUS] = {"corpus format", memory_import_corpus},
	[MEMORY_IMPORT_LINUX] = {"Linux kernel log", memory_import_linux},
	[MEMORY_IMPORT_XEN] = {"Xen log", memory_import_xen},
	[MEMORY_IMPORT_SHELL] = {"UEFI shell memmap", memory_import_shell},
	[MEMORY_IMPORT_GRUB] = {"GRUB lsefimmap", memory_import_grub},
	[MEMORY_IMPORT_FREEBSD] = {"FreeBSD EFI map", memory_import_freebsd},
	[MEMORY_IMPORT_E820] = {"Linux e820 map", memory_import_e820},
};

/* --- lines ------------------------------------------------------------------------------------------------------------------ */

static struct reader begin(const void *text, uint64_t bytes)
{
	struct reader reader = {.at = text, .end = (const uint8_t *)text + bytes};

	if (bytes >= 2 && reader.at[0] == 0xff && reader.at[1] == 0xfe) {
		reader.is_wide = 1;
		reader.at += 2;
	} else if (bytes >= 3 && reader.at[0] == 0xef && reader.at[1] == 0xbb && reader.at[2] == 0xbf) {
		reader.at += 3;
	}
	return reader;
}

static int at_end(const struct reader *reader)
{
	return reader->end - reader->at < (reader->is_wide ? 2 : 1);
}

/* The next character; anything that is not ASCII becomes '?', for no map contains it. */
static char next_character(struct reader *reader)
{
	uint32_t value = *reader->at++;

	if (reader->is_wide)
		value |= (uint32_t)*reader->at++ << 8;
	return value < 0x80 ? (char)value : '?';
}

/* Where in an escape sequence of a terminal the reader is: ESC [ parameters letter (ECMA-48). */
enum escape { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_PARAMETERS };

static int is_escaped(enum escape *state, char c)
{
	switch (*state) {
	case ESCAPE_NONE:
		if (c == 0x1b)
			*state = ESCAPE_BEGUN;
		return c == 0x1b;
	case ESCAPE_BEGUN:
		*state = c == '[' ? ESCAPE_PARAMETERS : ESCAPE_NONE;
		return 1;
	case ESCAPE_PARAMETERS:
		if (c >= 0x40 && c <= 0x7e)
			*state = ESCAPE_NONE;
		return 1;
	}
	return 0;
}

/* Reads a line, without its end, carriage returns and escape sequences; returns 0 when there is none. */
static int next_line(struct reader *reader, char buffer[LINE_MAX], struct memory_import_scan *ret_line)
{
	enum escape state = ESCAPE_NONE;
	uint32_t count = 0;

	if (at_end(reader))
		return 0;
	while (!at_end(reader)) {
		char c = next_character(reader);

		if (c == '\n')
			break;
		if (c != '\r' && !is_escaped(&state, c) && count < LINE_MAX)
			buffer[count++] = c;
	}
	reader->line++;
	*ret_line = (struct memory_import_scan){buffer, buffer + count};
	return 1;
}

uint64_t memory_import_lines(const void *text, uint64_t bytes)
{
	struct reader reader = begin(text, bytes);
	struct memory_import_scan line;
	char buffer[LINE_MAX];

	while (next_line(&reader, buffer, &line))
		;
	return reader.line;
}

/* --- recognition -------------------------------------------------------------------------------------------------------- */

/* The form that understands most lines; e820 only when no other understands any. */
static enum memory_import_form recognise(const void *text, uint64_t bytes)
{
	struct reader reader = begin(text, bytes);
	uint64_t understood[MEMORY_IMPORT_FORM_COUNT] = {0};
	struct memory_import_scan line;
	struct memory_import_entry entry;
	char buffer[LINE_MAX];
	uint32_t form, best = MEMORY_IMPORT_NONE;

	while (next_line(&reader, buffer, &line)) {
		for (form = MEMORY_IMPORT_NONE + 1; form < MEMORY_IMPORT_FORM_COUNT; form++) {
			enum memory_import_line result = forms[form].read(line, &entry);

			understood[form] += result == MEMORY_IMPORT_DESCRIPTOR || result == MEMORY_IMPORT_DISAGREES;
		}
	}
	for (form = MEMORY_IMPORT_NONE + 1; form < MEMORY_IMPORT_E820; form++)
		if (understood[form] > understood[best])
			best = form;
	if (best == MEMORY_IMPORT_NONE && understood[MEMORY_IMPORT_E820] > 0)
		best = MEMORY_IMPORT_E820;
	return (enum memory_import_form)best;
}

/* --- reading ---------------------------------------------------------------------------------------------------------------- */

static void report(struct memory_import *import, uint64_t line, const char *text)
{
	import->problem_count++;
	if (import->problem)
		import->problem(import->context, line, text);
}

/* Forms that number their lines show what was lost.  Returns 0 when another map begins here. */
static int check_index(struct memory_import *import, uint64_t line, uint64_t index, uint64_t expected)
{
	if (index == MEMORY_IMPORT_NO_INDEX || index == expected)
		return 1;
	if (index == 0) {
		report(import, line, "a second map begins here, only the first was read");
		return 0;
	}
	report(import, line, index > expected ? "descriptors are missing before this line" : "the numbering goes back here");
	return 1;
}

static enum memory_import_status read_lines(struct memory_import *import, struct reader reader)
{
	struct memory_import_scan line;
	struct memory_import_entry entry;
	char buffer[LINE_MAX];
	uint64_t expected = 0;

	while (next_line(&reader, buffer, &line)) {
		enum memory_import_line result = forms[import->form].read(line, &entry);

		if (result == MEMORY_IMPORT_OTHER)
			continue;
		if (result == MEMORY_IMPORT_DAMAGED) {
			report(import, reader.line, "this line of the map is damaged, left out");
			expected++;
			continue;
		}
		if (!check_index(import, reader.line, entry.index, expected))
			break;
		if (result == MEMORY_IMPORT_DISAGREES)
			report(import, reader.line, "end address and number of pages disagree, the number of pages was taken");
		if (import->count == import->capacity)
			return MEMORY_IMPORT_FULL;
		import->descriptors[import->count++] = entry.descriptor;
		expected = entry.index == MEMORY_IMPORT_NO_INDEX ? 0 : entry.index + 1;
	}
	return MEMORY_IMPORT_OK;
}

enum memory_import_status memory_import_text(struct memory_import *import, const void *text, uint64_t bytes)
{
	import->count = 0;
	import->problem_count = 0;
	import->form = recognise(text, bytes);
	if (import->form == MEMORY_IMPORT_NONE)
		return MEMORY_IMPORT_UNKNOWN;
	return read_lines(import, begin(text, bytes));
}

const char *memory_import_form_name(enum memory_import_form form)
{
	return form > MEMORY_IMPORT_NONE && form < MEMORY_IMPORT_FORM_COUNT ? forms[form].name : "unknown";
}

const char *memory_import_status_name(enum memory_import_status status)
{
	switch (status) {
	case MEMORY_IMPORT_OK:
		return "ok";
	case MEMORY_IMPORT_UNKNOWN:
		return "no memory map of a known form";
	case MEMORY_IMPORT_FULL:
		return "more descriptors than the buffer holds";
	}
	return "unknown";
}
