/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw memory map as text that fits a console of 80 columns: one row a descriptor, and the summary.  Shown by the loader's
 * screen, by memmap.efi and by tools; nothing here repairs or judges, a row says what the firmware said.  Pure: lines go to
 * the caller's function, none ends in a newline.
 */
#ifndef LIB_MEMORY_VIEW_H
#define LIB_MEMORY_VIEW_H

#include <stdint.h>
#include "lib/handoff.h"
#include "lib/uefi_memory.h"

/* A line never has more characters than a console of 80 columns can show without breaking it. */
enum { MEMORY_VIEW_LINE_MAX = 80 };
enum { MEMORY_VIEW_ATTRIBUTES_MAX = 128 };
/* Lines of a file are as long as their numbers. */
enum { MEMORY_VIEW_FILE_LINE_MAX = 96 };
/* Types 0 to 15, and all others together. */
enum { MEMORY_VIEW_OTHER = UEFI_MEMORY_TYPE_COUNT, MEMORY_VIEW_TYPES };

/* A map as GetMemoryMap left it; the caller's memory, any alignment. */
struct memory_view {
	const void *raw;
	uint64_t raw_bytes;
	uint64_t descriptor_bytes; /* the stride */
	uint32_t descriptor_version;
	uint32_t reserved0;
};

/* Whole descriptors in the map; 0 when the stride is impossible (K4). */
uint64_t memory_view_count(const struct memory_view *view);
/* Reads descriptor `index`, which must be < memory_view_count(). */
struct handoff_raw_descriptor memory_view_descriptor(const struct memory_view *view, uint64_t index);
/* First byte behind the descriptor; UINT64_MAX when it would wrap around the address space (K11). */
uint64_t memory_view_end(const struct handoff_raw_descriptor *descriptor);

/* "  12 RuntimeServicesData  00000000ffc00000      1024    4 MiB 8000000000000001" */
void memory_view_head(char line[MEMORY_VIEW_LINE_MAX]);
void memory_view_row(char line[MEMORY_VIEW_LINE_MAX], uint64_t index, const struct handoff_raw_descriptor *descriptor);
/* The same as a line of a map file: "12 6 0xffc00000 1024 0x8000000000000001". */
void memory_view_file_row(char line[MEMORY_VIEW_FILE_LINE_MAX], uint64_t index, const struct handoff_raw_descriptor *descriptor);

/* "ConventionalMemory"; "OEM 70000001" for a type that only its number describes.  Returns text. */
char *memory_view_type(char text[24], uint32_t uefi_type);
/* "UC WC WT WB RUNTIME", bits without a name as one hexadecimal number; "none".  Returns text. */
char *memory_view_attributes(char text[MEMORY_VIEW_ATTRIBUTES_MAX], uint64_t attributes);

/* Descriptors and pages of each type.  Sums that do not fit stay at UINT64_MAX. */
struct memory_view_totals {
	uint64_t descriptors[MEMORY_VIEW_TYPES];
	uint64_t pages[MEMORY_VIEW_TYPES];
};
void memory_view_sum(const struct memory_view *view, struct memory_view_totals *ret_totals);
/* Bytes of [start, end) that descriptors of each type cover. */
void memory_view_overlap(const struct memory_view *view, uint64_t start, uint64_t end, uint64_t ret_bytes[MEMORY_VIEW_TYPES]);
/* How many bytes from address on the map describes as memory that may be read: neither device nor unaccepted, nor a type that
   the specification does not define.  O(n) for each descriptor that continues another. */
uint64_t memory_view_readable(const struct memory_view *view, uint64_t address);

/* Whoever takes the lines. */
struct memory_view_sink {
	void (*line)(void *context, const char *line);
	void *context;
};
/* Head and all rows. */
void memory_view_rows(const struct memory_view *view, const struct memory_view_sink *sink);
/* Entries, conventional MiB, runtime KiB; then descriptors, pages and size of each type; then each combination of attributes. */
void memory_view_summary(const struct memory_view *view, const struct memory_view_sink *sink);

#endif
