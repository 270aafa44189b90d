/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical memory drawn to scale. */
#include "lib/memory_picture.h"
#include "lib/freestanding/memory.h"
#include "lib/report.h"

#define ROW_BYTES_MIN (UINT64_C(1) << 20)
enum { PAGE_SHIFT = 12 };

static enum memory_picture_kind kind_of_loader_range(uint32_t owner)
{
	switch (owner) {
	case HANDOFF_OWNER_KERNEL_TEXT:
	case HANDOFF_OWNER_KERNEL_RODATA:
	case HANDOFF_OWNER_KERNEL_DATA:
		return MEMORY_PICTURE_KERNEL;
	case HANDOFF_OWNER_MODULE:
		return MEMORY_PICTURE_MODULE;
	default:
		return MEMORY_PICTURE_LOADER;
	}
}

enum memory_picture_kind memory_picture_kind(const struct handoff_range *range)
{
	/* What the loader owns says more than the type of memory it lies in. */
	if (range->owner >= HANDOFF_OWNER_KERNEL_TEXT && range->owner <= HANDOFF_OWNER_LOADER_IMAGE)
		return kind_of_loader_range(range->owner);
	switch (range->type) {
	case HANDOFF_MEMORY_USABLE:
	case HANDOFF_MEMORY_SPECIAL_PURPOSE:
		return MEMORY_PICTURE_USABLE;
	case HANDOFF_MEMORY_LOADER:
		return MEMORY_PICTURE_LOADER;
	case HANDOFF_MEMORY_BOOT_SERVICES:
		return MEMORY_PICTURE_BOOT_SERVICES;
	case HANDOFF_MEMORY_ACPI_RECLAIM:
	case HANDOFF_MEMORY_ACPI_NVS:
		return MEMORY_PICTURE_ACPI;
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
		return MEMORY_PICTURE_RUNTIME;
	case HANDOFF_MEMORY_MMIO:
	case HANDOFF_MEMORY_MMIO_PORT:
		return MEMORY_PICTURE_DEVICE;
	default:
		return MEMORY_PICTURE_RESERVED;
	}
}

const char *memory_picture_name(enum memory_picture_kind kind)
{
	static const char *const names[MEMORY_PICTURE_KIND_COUNT] = {
		[MEMORY_PICTURE_HOLE] = "nothing",
		[MEMORY_PICTURE_DEVICE] = "devices",
		[MEMORY_PICTURE_RESERVED] = "reserved",
		[MEMORY_PICTURE_USABLE] = "free",
		[MEMORY_PICTURE_BOOT_SERVICES] = "boot services",
		[MEMORY_PICTURE_ACPI] = "ACPI",
		[MEMORY_PICTURE_RUNTIME] = "runtime",
		[MEMORY_PICTURE_LOADER] = "loader",
		[MEMORY_PICTURE_MODULE] = "modules",
		[MEMORY_PICTURE_KERNEL] = "kernel",
	};

	return names[kind];
}

void memory_picture_plan(struct memory_picture *ret_picture, const struct handoff_range *ranges, uint64_t count,
			 uint32_t rows_max)
{
	struct report_memory memory;
	struct memory_picture picture = {.row_bytes = ROW_BYTES_MIN};

	report_memory(&memory, ranges, count);
	picture.top_phys = memory.ram_top;
	/* Ends at 2^63 at the latest, where one row is all there is. */
	while (picture.row_bytes >> 63 == 0 && (memory.ram_top - 1) / picture.row_bytes >= rows_max && memory.ram_top > 0)
		picture.row_bytes *= 2;
	if (memory.ram_top > 0)
		picture.rows = (uint32_t)((memory.ram_top - 1) / picture.row_bytes) + 1;
	*ret_picture = picture;
}

void memory_picture_row(const struct memory_picture *picture, uint32_t row, const struct handoff_range *ranges,
			uint64_t count, uint8_t cells[], uint32_t cell_count)
{
	uint64_t start = picture->row_bytes * row, end = start + (picture->row_bytes - 1); /* inclusive: cannot wrap */
	uint64_t row_pages = picture->row_bytes >> PAGE_SHIFT;

	memset(cells, MEMORY_PICTURE_HOLE, cell_count);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t low = ranges[i].start_phys > start ? ranges[i].start_phys : start;
		uint64_t high = ranges[i].end_phys - 1 < end ? ranges[i].end_phys - 1 : end;
		uint8_t kind = (uint8_t)memory_picture_kind(&ranges[i]);
		uint64_t last;

		/* An empty range is no range; a map that nobody has checked yet may hold any. */
		if (ranges[i].start_phys > end || ranges[i].end_phys <= start || ranges[i].end_phys <= ranges[i].start_phys)
			continue;
		/* At most 2^51 pages times 2^12 cells.  Both ends round outwards: nothing is too small to be seen. */
		last = ((((high - start) >> PAGE_SHIFT) + 1) * cell_count - 1) / row_pages;
		for (uint64_t cell = ((low - start) >> PAGE_SHIFT) * cell_count / row_pages; cell <= last; cell++)
			if (cells[cell] < kind)
				cells[cell] = kind;
	}
}

void memory_picture_bytes(const struct handoff_range *ranges, uint64_t count, uint64_t ret_bytes[MEMORY_PICTURE_KIND_COUNT])
{
	memset(ret_bytes, 0, MEMORY_PICTURE_KIND_COUNT * sizeof *ret_bytes);
	for (uint64_t i = 0; i < count; i++)
		ret_bytes[memory_picture_kind(&ranges[i])] += ranges[i].end_phys - ranges[i].start_phys;
}
