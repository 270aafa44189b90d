/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of .sbat, by which shim revokes versions of a loader: lines of six comma-separated fields, component,
 * generation, vendor, package, version, URL (shim, SBAT.md).
 * Rules here: pure; reads only the bytes of the section.
 */
#include "lib/pe.h"
#include "lib/freestanding/memory.h"

enum { FIELDS = 6, GENERATION = 1 };

static int is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* A number from 1, without leading zeros; bytes > 0. */
static int is_generation(const char *text, uint32_t bytes)
{
	if (text[0] == '0')
		return 0;
	for (uint32_t i = 0; i < bytes; i++)
		if (text[i] < '0' || text[i] > '9')
			return 0;
	return 1;
}

/* Six fields, none empty, printable, the second one a generation. */
static int is_entry(const char *line, uint32_t bytes)
{
	uint32_t field = 0, begin = 0;

	for (uint32_t i = 0; i <= bytes; i++) {
		if (i < bytes && line[i] != ',') {
			if (!is_printable(line[i]))
				return 0;
			continue;
		}
		if (i == begin || (field == GENERATION && !is_generation(line + begin, i - begin)))
			return 0;
		field++;
		begin = i + 1;
	}
	return field == FIELDS;
}

static enum pe_status fail(struct pe_fault *fault, enum pe_status status, uint64_t line)
{
	*fault = (struct pe_fault){.section = ".sbat", .found = line};
	return status;
}

enum pe_status pe_check_sbat(const struct pe_image *image, struct pe_fault *ret_fault)
{
	struct pe_section section;
	const char *text;
	uint32_t bytes, begin = 0, lines = 0;

	if (!pe_find(image, ".sbat", &section))
		return fail(ret_fault, PE_NO_SBAT, 0);
	text = (const char *)image->file + section.file_offset;
	bytes = pe_section_content(&section);
	while (bytes > 0 && text[bytes - 1] == '\0')
		bytes--;
	for (uint32_t i = 0; i < bytes; i++) {
		if (text[i] != '\n')
			continue;
		lines++;
		if (!is_entry(text + begin, i - begin))
			return fail(ret_fault, PE_BAD_SBAT, lines);
		/* The first entry states the version of the format.  No entry is shorter than "sbat,". */
		if (lines == 1 && memcmp(text, "sbat,", 5) != 0)
			return fail(ret_fault, PE_BAD_SBAT, lines);
		begin = i + 1;
	}
	/* The last line must end too, and something must follow the first one. */
	return begin == bytes && lines >= 2 ? PE_OK : fail(ret_fault, PE_BAD_SBAT, lines + 1);
}
