/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of kernel logs: Linux (its EFI map in all spellings since 2.6, and the e820 map) and Xen.  Whatever stands before the
 * words that mark the line is a time stamp or a journal's prefix.
 */
#include "lib/memory_import_scan.h"
#include "lib/uefi_memory.h"

/* What most firmware says of RAM; e820 knows no attributes. */
#define RAM_ATTRIBUTES (UEFI_MEMORY_UC | UEFI_MEMORY_WC | UEFI_MEMORY_WT | UEFI_MEMORY_WB)

static int trim(struct memory_import_scan *scan)
{
	memory_import_scan_blanks(scan);
	while (scan->end > scan->at && (scan->end[-1] == ' ' || scan->end[-1] == '\t'))
		scan->end--;
	return scan->at < scan->end;
}

/* One field of "Boot Data|RUN|  |WB": the first is a type, the others are attributes. */
static int read_field(struct memory_import_scan field, int is_first, struct handoff_raw_descriptor *descriptor)
{
	uint64_t number, bit;

	if (!trim(&field))
		return !is_first; /* an attribute that is not set */
	if (is_first && memory_import_scan_text(&field, "type=")) {
		if (!memory_import_scan_decimal(&field, &number) || number > UINT32_MAX)
			return 0;
		descriptor->type = (uint32_t)number;
		return field.at == field.end;
	}
	if (is_first)
		return memory_import_type(field, &descriptor->type);
	if (memory_import_scan_text(&field, "attr="))
		return memory_import_scan_hex64(&field, &descriptor->attribute) && field.at == field.end;
	bit = memory_import_attribute(field);
	descriptor->attribute |= bit;
	return bit != 0;
}

/* "[Boot Data          |   |  |WB|WT|WC|UC]", behind the bracket. */
static int read_bracket(struct memory_import_scan *scan, struct handoff_raw_descriptor *descriptor)
{
	struct memory_import_scan field = {scan->at, scan->at};
	int is_first = 1;

	for (; scan->at < scan->end; scan->at++) {
		if (*scan->at != '|' && *scan->at != ']')
			continue;
		field.end = scan->at;
		if (!read_field(field, is_first, descriptor))
			return 0;
		is_first = 0;
		field.at = scan->at + 1;
		if (*scan->at == ']') {
			scan->at++;
			return 1;
		}
	}
	return 0;
}

/* "type=4, attr=0xf," of Linux before 4.1. */
static int read_numbers(struct memory_import_scan *scan, struct handoff_raw_descriptor *descriptor)
{
	uint64_t type;

	if (!memory_import_scan_decimal(scan, &type) || type > UINT32_MAX)
		return 0;
	descriptor->type = (uint32_t)type;
	return memory_import_scan_text(scan, ", attr=") && memory_import_scan_hex64(scan, &descriptor->attribute) &&
	       memory_import_scan_text(scan, ",");
}

/* "range=[0x0-0xfff]", or "range=[0x0-0x1000)" where the end is exclusive. */
static int read_range(struct memory_import_scan *scan, struct handoff_raw_descriptor *descriptor)
{
	struct memory_import_number start, end;
	int is_inclusive;

	memory_import_scan_blanks(scan);
	if (!memory_import_scan_text(scan, "range=[") || !memory_import_scan_range(scan, &start, &end) || start.high != 0)
		return 0;
	is_inclusive = memory_import_scan_text(scan, "]");
	if (!is_inclusive && !memory_import_scan_text(scan, ")"))
		return 0;
	descriptor->physical_start = start.low;
	return memory_import_pages(start, end, is_inclusive, &descriptor->number_of_pages);
}

/* ARM kernels up to 4.x: "0x000080000000-0x00008007ffff [Conventional Memory|...]", behind "efi:". */
static enum memory_import_line read_without_index(struct memory_import_scan line, struct handoff_raw_descriptor *descriptor)
{
	struct memory_import_number start, end;

	memory_import_scan_blanks(&line);
	if (!memory_import_scan_text(&line, "0x"))
		return MEMORY_IMPORT_OTHER;
	if (!memory_import_scan_range(&line, &start, &end))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_text(&line, "["))
		return MEMORY_IMPORT_OTHER;
	descriptor->physical_start = start.low;
	if (start.high != 0 || !memory_import_pages(start, end, 1, &descriptor->number_of_pages))
		return MEMORY_IMPORT_DAMAGED;
	return read_bracket(&line, descriptor) ? MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DAMAGED;
}

enum memory_import_line memory_import_linux(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {.index = MEMORY_IMPORT_NO_INDEX};
	enum memory_import_line result;
	int understood;

	if (!memory_import_scan_find(&line, "efi:"))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_text(&line, "mem")) {
		result = read_without_index(line, &entry.descriptor);
		*ret_entry = entry;
		return result;
	}
	if (!memory_import_scan_decimal(&line, &entry.index) || !memory_import_scan_text(&line, ":"))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	if (memory_import_scan_text(&line, "["))
		understood = read_bracket(&line, &entry.descriptor);
	else if (memory_import_scan_text(&line, "type="))
		understood = read_numbers(&line, &entry.descriptor);
	else
		return MEMORY_IMPORT_OTHER;
	understood = understood && read_range(&line, &entry.descriptor);
	*ret_entry = entry;
	return understood ? MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DAMAGED;
}

enum memory_import_line memory_import_xen(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {.index = MEMORY_IMPORT_NO_INDEX};
	struct memory_import_number start, end;
	uint64_t type;

	if (!memory_import_scan_find(&line, "(XEN)"))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_find(&line, "] "); /* a time stamp */
	memory_import_scan_blanks(&line);
	if (!memory_import_scan_range(&line, &start, &end) || !memory_import_scan_text(&line, " type="))
		return MEMORY_IMPORT_OTHER;
	if (!memory_import_scan_decimal(&line, &type) || type > UINT32_MAX || !memory_import_scan_text(&line, " attr=") ||
	    !memory_import_scan_hex64(&line, &entry.descriptor.attribute) || start.high != 0 ||
	    !memory_import_pages(start, end, 1, &entry.descriptor.number_of_pages))
		return MEMORY_IMPORT_DAMAGED;
	entry.descriptor.type = (uint32_t)type;
	entry.descriptor.physical_start = start.low;
	*ret_entry = entry;
	return MEMORY_IMPORT_DESCRIPTOR;
}

/* --- e820 ----------------------------------------------------------------------------------------------------------------- */

/* The kernel's words, and those of /sys/firmware/memmap; the first that fits. */
static const struct {
	const char *name;
	uint32_t type;
	uint64_t attribute;
} e820_types[] = {
	{"usable", UEFI_CONVENTIONAL, RAM_ATTRIBUTES},
	{"System RAM", UEFI_CONVENTIONAL, RAM_ATTRIBUTES},
	{"ACPI data", UEFI_ACPI_RECLAIM, RAM_ATTRIBUTES},
	{"ACPI Tables", UEFI_ACPI_RECLAIM, RAM_ATTRIBUTES},
	{"ACPI N", UEFI_ACPI_NVS, RAM_ATTRIBUTES}, /* NVS, Non-volatile Storage */
	{"unusable", UEFI_UNUSABLE, RAM_ATTRIBUTES},
	{"Unusable memory", UEFI_UNUSABLE, RAM_ATTRIBUTES},
	{"persistent", UEFI_PERSISTENT, RAM_ATTRIBUTES | UEFI_MEMORY_NV},
	{"soft reserved", UEFI_CONVENTIONAL, RAM_ATTRIBUTES | UEFI_MEMORY_SP},
	{"reserved", UEFI_RESERVED, 0},
	{"device reserved", UEFI_RESERVED, 0},
	{"type ", UEFI_RESERVED, 0},
	{"Unknown E820 type", UEFI_RESERVED, 0},
};

/* e820 ranges need not be pages: RAM is cut, everything else widened, as K12 does. */
static int round_to_pages(struct handoff_raw_descriptor *descriptor, uint64_t start, uint64_t end)
{
	const uint64_t mask = HANDOFF_PAGE_BYTES - 1;

	if (start > end || end > UINT64_MAX - mask)
		return 0;
	if (descriptor->type == UEFI_CONVENTIONAL) {
		start = (start + mask) & ~mask;
		end &= ~mask;
	} else {
		start &= ~mask;
		end = (end + mask) & ~mask;
	}
	descriptor->physical_start = start;
	descriptor->number_of_pages = start < end ? (end - start) / HANDOFF_PAGE_BYTES : 0;
	return 1;
}

static int read_e820_type(struct memory_import_scan *line, struct handoff_raw_descriptor *descriptor)
{
	uint32_t i;

	for (i = 0; i < sizeof(e820_types) / sizeof(e820_types[0]); i++) {
		if (memory_import_scan_text(line, e820_types[i].name)) {
			descriptor->type = e820_types[i].type;
			descriptor->attribute = e820_types[i].attribute;
			return 1;
		}
	}
	return 0;
}

/* "BIOS-e820: [mem 0x0-0x9ffff] usable", before Linux 3.4 "BIOS-e820: 0000000000000000 - 00000000000a0000 (usable)". */
enum memory_import_line memory_import_e820(struct memory_import_scan line, struct memory_import_entry *ret_entry)
{
	struct memory_import_entry entry = {.index = MEMORY_IMPORT_NO_INDEX};
	struct memory_import_number start, end;
	int is_inclusive, understood;

	if (!memory_import_scan_find(&line, "BIOS-e820:"))
		return MEMORY_IMPORT_OTHER;
	memory_import_scan_blanks(&line);
	is_inclusive = memory_import_scan_text(&line, "[mem ");
	understood = memory_import_scan_range(&line, &start, &end) && start.high == 0 && end.high == 0 &&
		     memory_import_scan_text(&line, is_inclusive ? "] " : " (") && read_e820_type(&line, &entry.descriptor) &&
		     end.low <= UINT64_MAX - HANDOFF_PAGE_BYTES &&
		     round_to_pages(&entry.descriptor, start.low, end.low + (is_inclusive ? 1 : 0));
	*ret_entry = entry;
	return understood ? MEMORY_IMPORT_DESCRIPTOR : MEMORY_IMPORT_DAMAGED;
}
