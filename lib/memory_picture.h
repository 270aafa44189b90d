/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory drawn to scale: rows of equal cells, each cell coloured by the weightiest thing in it, so that a single
 * page of the kernel shows in a picture of terabytes.  Pure; who draws brings the pixels.
 */
#ifndef LIB_MEMORY_PICTURE_H
#define LIB_MEMORY_PICTURE_H

#include <stdint.h>
#include "lib/handoff.h"

/* What a cell shows, in ascending order of weight; also the order of the legend. */
enum memory_picture_kind {
	MEMORY_PICTURE_HOLE = 0, /* the map says nothing */
	MEMORY_PICTURE_DEVICE,
	MEMORY_PICTURE_RESERVED,
	MEMORY_PICTURE_USABLE,
	MEMORY_PICTURE_BOOT_SERVICES,
	MEMORY_PICTURE_ACPI,
	MEMORY_PICTURE_RUNTIME,
	MEMORY_PICTURE_LOADER, /* what the loader left: block, tables, stack */
	MEMORY_PICTURE_MODULE,
	MEMORY_PICTURE_KERNEL,
	MEMORY_PICTURE_KIND_COUNT,
};

enum { MEMORY_PICTURE_CELLS_MAX = 4096 };

enum memory_picture_kind memory_picture_kind(const struct handoff_range *range);
const char *memory_picture_name(enum memory_picture_kind kind);

/* A picture of [0, top_phys) in `rows` rows of row_bytes, a power of two of at least 1 MiB. */
struct memory_picture {
	uint64_t top_phys;  /* end of the highest RAM */
	uint64_t row_bytes;
	uint32_t rows;      /* 0 for a map without RAM */
	uint32_t reserved0;
};

/* Chooses rows of a round size so that all RAM fits in rows_max (> 0) of them. */
void memory_picture_plan(struct memory_picture *ret_picture, const struct handoff_range *ranges, uint64_t count,
			 uint32_t rows_max);
/* Fills the cells of one row, values of enum memory_picture_kind.  cell_count is 1..MEMORY_PICTURE_CELLS_MAX. */
void memory_picture_row(const struct memory_picture *picture, uint32_t row, const struct handoff_range *ranges,
			uint64_t count, uint8_t cells[], uint32_t cell_count);
/* Bytes of each kind in a map; HOLE is always 0. */
void memory_picture_bytes(const struct handoff_range *ranges, uint64_t count, uint64_t ret_bytes[MEMORY_PICTURE_KIND_COUNT]);

#endif
