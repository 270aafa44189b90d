/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The identity map's extent, computed from the firmware's map and never from "4 GiB" (L17, E30, E31).  Pure; used before
 * exit to build the tables and after it for memory that appeared meanwhile (accepted memory of confidential guests).
 */
#include <stddef.h>
#include "lib/uefi_memory.h"
#include "lib/arch/x86_64/identity_map.h"

static uint32_t identity_type(const struct handoff_raw_descriptor *d)
{
	switch (d->type) {
	case UEFI_LOADER_CODE:
	case UEFI_LOADER_DATA:
	case UEFI_BOOT_SERVICES_CODE:
	case UEFI_BOOT_SERVICES_DATA:
	case UEFI_RUNTIME_SERVICES_CODE:
	case UEFI_RUNTIME_SERVICES_DATA:
	case UEFI_CONVENTIONAL:
	case UEFI_ACPI_RECLAIM:
	case UEFI_ACPI_NVS:
		return IDENTITY_RAM;
	case UEFI_MMIO:
		return d->attribute & UEFI_MEMORY_RUNTIME ? IDENTITY_MMIO : 0;
	default:
		/* Reserved, unusable, persistent, unaccepted, unknown: not touched without need, so not mapped. */
		return 0;
	}
}

/* Ends of what a descriptor adds; 0 when it adds nothing. */
static uint64_t identity_end(const struct handoff_raw_descriptor *d, uint64_t start, uint64_t limit)
{
	/* K10-K13: what the normaliser drops is not mapped either. */
	if (start >= limit || d->number_of_pages > (limit - start) / UEFI_PAGE_BYTES)
		return 0;
	return d->number_of_pages == 0 ? 0 : start + d->number_of_pages * UEFI_PAGE_BYTES;
}

/* Enters a run of neighbours; one without a type is none. */
static int add_run(struct memory_map *ranges, uint64_t start, uint64_t end, uint32_t type)
{
	if (type == 0)
		return 0;
	return memory_map_set(ranges, (struct handoff_range){ .start_phys = start, .end_phys = end, .type = type }) == MEMORY_MAP_OK ?
		       0 :
		       -1;
}

int identity_map_collect(struct memory_map *ret_ranges, void *buffer, uint64_t buffer_bytes, const void *raw, uint64_t raw_bytes,
		     uint64_t descriptor_bytes, uint32_t physical_bits)
{
	/* Grows with each neighbour of its kind: RAM comes in a hundred pieces. */
	uint64_t run_start = 0, run_end = 0;
	uint32_t run_type = 0;

	if (memory_map_init(ret_ranges, buffer, buffer_bytes) != MEMORY_MAP_OK)
		return -1;
	for (uint64_t offset = 0; offset + descriptor_bytes <= raw_bytes; offset += descriptor_bytes) {
		const struct handoff_raw_descriptor *d = (const void *)((const uint8_t *)raw + offset);
		uint64_t start = d->physical_start & ~(UEFI_PAGE_BYTES - 1);
		uint64_t end = identity_end(d, start, UINT64_C(1) << physical_bits);
		uint32_t type = identity_type(d);

		if (type == 0 || end == 0)
			continue;
		if (type != run_type || start != run_end) {
			if (add_run(ret_ranges, run_start, run_end, run_type) != 0)
				return -1;
			run_start = start;
			run_type = type;
		}
		run_end = end;
	}
	return add_run(ret_ranges, run_start, run_end, run_type);
}

enum page_tables_status identity_map_add(struct page_tables *tables, uint64_t start_phys, uint64_t end_phys, uint32_t type)
{
	uint32_t flags = type == IDENTITY_MMIO ? PAGE_WRITE | PAGE_UNCACHED : PAGE_WRITE;

	/* A null pointer shall fault. */
	if (start_phys == 0)
		start_phys = UEFI_PAGE_BYTES;
	if (start_phys >= end_phys)
		return PAGE_TABLES_OK;
	return page_tables_map(tables, start_phys, start_phys, end_phys - start_phys, flags);
}

enum page_tables_status identity_map_extend(struct page_tables *tables, const struct memory_map *before,
					const struct memory_map *now, uint64_t *ret_start_phys)
{
	uint64_t known = 0; /* of before: both maps are sorted and walked once */

	for (uint64_t i = 0; i < now->count; i++) {
		const struct handoff_range *range = &now->ranges[i];

		for (uint64_t at = range->start_phys, next; at < range->end_phys; at = next) {
			enum page_tables_status status;

			while (known < before->count && before->ranges[known].end_phys <= at)
				known++;
			next = range->end_phys;
			if (known < before->count && before->ranges[known].start_phys <= at) {
				next = before->ranges[known].end_phys;
				continue;
			}
			if (known < before->count && before->ranges[known].start_phys < next)
				next = before->ranges[known].start_phys;
			status = identity_map_add(tables, at, next, range->type);
			if (status != PAGE_TABLES_OK) {
				*ret_start_phys = at;
				return status;
			}
		}
	}
	return PAGE_TABLES_OK;
}
