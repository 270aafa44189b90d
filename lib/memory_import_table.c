/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables: the corpus format of test/maps, and what the UEFI shell, GRUB and FreeBSD print.  A table's line starts with a
 * memory type; whether a line that does belongs to the table is decided by the address that follows.
 */
#include "lib/memory_import_scan.h"

/* index type 0xstart pages 0xattribute */
enum memory_import_line memory_import_corpus(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {0};
	uint64_t type;
	int understood;

	memory_import_scan_blanks(&line);
	if (!memory_import_scan_decimal(&line, &entry.index) || !memory_import_scan_text(&line, " ") ||
	    !memory_import_scan_decimal(&line, &type) || !memory_import_scan_text(&line, " 0x"))
		return MEMORY_IMPORT_OTHER;
	understood = type <= UINT32_MAX && memory_import_scan_hex64(&line, &entry.descriptor.physical_start) &&
		     memory_import_scan_text(&line, " ") &&
		     memory_import_scan_decimal(&line, &entry.descriptor.number_of_pages) &&
		     memory_import_scan_text(&line, " 0x") && memory_import_scan_hex64(&line, &entry.descriptor.attribute) &&
		     memory_import_scan_ended(line);
	entry.descriptor.type = (uint32_t)type;
	*ret_entry = entry;
	return understood ? MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DAMAGED;
}

/* A type by name, or as the shell prints those above 15: eight hexadecimal digits; as GRUB does: "Unk 10". */
static int read_type(struct memory_import_scan *line, uint32_t *ret_type)
{
	struct memory_import_scan word;
	uint64_t value;

	memory_import_scan_blanks(line);
	if (memory_import_scan_text(line, "Unk ")) {
		memory_import_scan_blanks(line);
		if (!memory_import_scan_hex64(line, &value) || value > UINT32_MAX)
			return 0;
		*ret_type = (uint32_t)value;
		return 1;
	}
	if (!memory_import_scan_word(line, "", &word))
		return 0;
	if (memory_import_type(word, ret_type))
		return 1;
	if (word.end - word.at != 8 || !memory_import_scan_hex64(&word, &value) || word.at != word.end)
		return 0;
	*ret_type = (uint32_t)value;
	return 1;
}

/* Start and number of pages as printed; 1 in *ret_agrees when the printed end is the last byte of those pages. */
static int read_extent(struct memory_import_scan *line, struct handoff_raw_descriptor *descriptor, int *ret_agrees)
{
	struct memory_import_number start, end;
	uint64_t pages;

	if (!memory_import_scan_range(line, &start, &end) || start.high != 0)
		return 0;
	memory_import_scan_blanks(line);
	if (!memory_import_scan_hex64(line, &descriptor->number_of_pages))
		return 0;
	descriptor->physical_start = start.low;
	*ret_agrees = memory_import_pages(start, end, 1, &pages) && pages == descriptor->number_of_pages;
	return 1;
}

/* "BS_Data    0000000000900000-00000000014FFFFF 0000000000000C00 000000000000000F" */
static enum memory_import_line read_shell_table(struct memory_import_scan line, struct handoff_raw_descriptor *descriptor)
{
	struct memory_import_number first;
	struct memory_import_scan place;
	int agrees;

	if (!read_type(&line, &descriptor->type))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	place = line;
	if (!memory_import_scan_hex(&place, &first) || first.digits < 8)
		return MEMORY_IMPORT_OTHER;
	if (!read_extent(&line, descriptor, &agrees))
		return MEMORY_IMPORT_DAMAGED;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_hex64(&line, &descriptor->attribute) || !memory_import_scan_ended(line))
		return MEMORY_IMPORT_DAMAGED;
	return agrees ? MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DISAGREES;
}

/* "value",  of the shell's standard-format output. */
static int read_quoted(struct memory_import_scan *line, struct memory_import_scan *ret_value)
{
	return memory_import_scan_text(line, ",\"") && memory_import_scan_word(line, "\"", ret_value) &&
	       memory_import_scan_text(line, "\"");
}

static int read_quoted_hex(struct memory_import_scan *line, uint64_t *ret_value)
{
	struct memory_import_scan value;

	return read_quoted(line, &value) && memory_import_scan_hex64(&value, ret_value) && value.at == value.end;
}

/* MemoryMap,"BootServiceData","900000","14FFFFF","C00","F", behind the first word (UEFI Shell 2.2 §5.3 memmap -sfo) */
static enum memory_import_line read_sfo(struct memory_import_scan line, struct handoff_raw_descriptor *descriptor)
{
	struct memory_import_scan type;
	uint64_t last;

	if (!read_quoted(&line, &type) || !memory_import_type(type, &descriptor->type))
		return MEMORY_IMPORT_DAMAGED;
	if (!read_quoted_hex(&line, &descriptor->physical_start) || !read_quoted_hex(&line, &last) ||
	    !read_quoted_hex(&line, &descriptor->number_of_pages) || !read_quoted_hex(&line, &descriptor->attribute) ||
	    !memory_import_scan_ended(line))
		return MEMORY_IMPORT_DAMAGED;
	return last == descriptor->physical_start + descriptor->number_of_pages * HANDOFF_PAGE_BYTES - 1 ?
		       MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DISAGREES;
}

enum memory_import_line memory_import_shell(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {.index = MEMORY_IMPORT_NO_INDEX};
	enum memory_import_line result;

	memory_import_scan_blanks(&line);
	result = memory_import_scan_text(&line, "MemoryMap") ? read_sfo(line, &entry.descriptor) :
							       read_shell_table(line, &entry.descriptor);
	*ret_entry = entry;
	return result;
}

/* "BS-data   00000000bfef1000-00000000bff10fff 00000020    128KiB UC WC WT WB" */
enum memory_import_line memory_import_grub(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {.index = MEMORY_IMPORT_NO_INDEX};
	struct memory_import_scan unit;
	uint64_t size;
	int agrees;

	if (!read_type(&line, &entry.descriptor.type))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (!read_extent(&line, &entry.descriptor, &agrees))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_decimal(&line, &size) || !memory_import_scan_word(&line, "", &unit) || unit.end[-1] != 'B')
		return MEMORY_IMPORT_OTHER;
	if (!memory_import_attributes(line, &entry.descriptor.attribute))
		return MEMORY_IMPORT_DAMAGED;
	*ret_entry = entry;
	return agrees ? MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DISAGREES;
}

/* "   BootServicesData 000000900000            0 00000c00 UC WC WT WB": type, physical, virtual, pages, attributes */
enum memory_import_line memory_import_freebsd(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {.index = MEMORY_IMPORT_NO_INDEX};
	struct memory_import_number number;
	struct memory_import_scan word;

	memory_import_scan_blanks(&line);
	if (memory_import_scan_text(&line, "<INVALID>"))
		return MEMORY_IMPORT_DAMAGED; /* a type that FreeBSD did not know: its number is lost */
	if (!memory_import_scan_word(&line, "", &word) || !memory_import_type(word, &entry.descriptor.type))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_hex(&line, &number) || number.digits < 12 || number.high != 0)
		return MEMORY_IMPORT_OTHER;
	entry.descriptor.physical_start = number.low;
	if (!memory_import_scan_text(&line, " "))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_hex64(&line, &entry.descriptor.virtual_start) || !memory_import_scan_text(&line, " "))
		return MEMORY_IMPORT_DAMAGED;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_hex64(&line, &entry.descriptor.number_of_pages) ||
	    !memory_import_attributes(line, &entry.descriptor.attribute))
		return MEMORY_IMPORT_DAMAGED;
	*ret_entry = entry;
	return MEMORY_IMPORT_DESCRIPTOR;
}
