/* SPDX-License-Identifier: BSD-2-Clause */
/* Checksums of the memory that belongs to somebody. */
#include "kernel-stub/owned.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/pages.h"
#include "lib/crc32c.h"
#include "lib/handoff_block.h"

/* The processor sets accessed and dirty on its own (SDM volume 3A §4.8): not a change. */
#define ENTRY_STABLE (~UINT64_C(0x60))
enum { ENTRIES = 64 };

/* Kernel data and the stack change as the kernel runs; reserved memory and runtime data are the firmware's to change. */
static int must_stay(const struct handoff_range *range)
{
	switch (range->owner) {
	case HANDOFF_OWNER_KERNEL_TEXT:
	case HANDOFF_OWNER_KERNEL_RODATA:
	case HANDOFF_OWNER_PAGE_TABLES:
	case HANDOFF_OWNER_TABLES:
	case HANDOFF_OWNER_BLOCK:
	case HANDOFF_OWNER_MODULE:
	case HANDOFF_OWNER_BOOT_RECORD:
	case HANDOFF_OWNER_LOADER_IMAGE:
		return 1;
	default:
		return range->type == HANDOFF_MEMORY_ACPI_RECLAIM;
	}
}

static uint32_t sum_tables(const struct handoff_range *range)
{
	const uint64_t *entry = (const uint64_t *)(uintptr_t)range->start_phys;
	const uint64_t *end = (const uint64_t *)(uintptr_t)range->end_phys;
	uint64_t stable[ENTRIES];
	uint32_t crc = 0;

	for (; entry < end; entry += ENTRIES) {
		for (unsigned i = 0; i < ENTRIES; i++)
			stable[i] = entry[i] & ENTRY_STABLE;
		crc = crc32c(crc, stable, sizeof stable);
	}
	return crc;
}

static void sum_now(void *context)
{
	struct owned_sum *sum = context;
	const struct handoff_range *range = &sum->range;

	if (range->owner == HANDOFF_OWNER_PAGE_TABLES)
		sum->crc32c = sum_tables(range);
	else
		sum->crc32c = crc32c(0, (const void *)(uintptr_t)range->start_phys, range->end_phys - range->start_phys);
	sum->readable = 1;
}

int owned_sums_begin(struct owned_sums *sums, struct memory_map *map, const struct handoff_header *block)
{
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);

	*sums = (struct owned_sums){.capacity = (uint32_t)count};
	sums->sums = pages_take(map, count * sizeof *sums->sums, 0, PAGES_OWNER_SCRATCH);
	return sums->sums ? 0 : -1;
}

void owned_sums_take(struct owned_sums *sums, const struct handoff_header *block, struct rule_log *log)
{
	for (uint64_t i = 0; i < sums->capacity; i++) {
		const struct handoff_range *range = handoff_element(block, HANDOFF_PART_MEMORY, i);
		struct owned_sum *sum = &sums->sums[sums->count];

		if (!must_stay(range))
			continue;
		*sum = (struct owned_sum){.range = *range};
		if (traps_try(sum_now, sum, 0) != 0)
			rule_report(log, RULE_M(6), RULE_FATAL, range->start_phys, range->end_phys, "owned memory cannot be read");
		sums->count++;
		sums->bytes += range->end_phys - range->start_phys;
	}
}

void owned_sums_compare(const struct owned_sums *before, const struct owned_sums *after, struct rule_log *log)
{
	for (uint32_t i = 0; i < before->count; i++) {
		const struct owned_sum *sum = &before->sums[i];

		rule_checked(log);
		if (sum->crc32c != after->sums[i].crc32c)
			rule_report(log, RULE_K(18), RULE_FATAL, sum->range.start_phys, sum->range.end_phys,
				    "owned memory changed while free memory was written");
	}
}
