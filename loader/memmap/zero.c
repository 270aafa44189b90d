/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lending address 0.  On a PC the interrupt vectors and data of the old BIOS stand there, which nobody needs for the
 * microseconds of a call at TPL_NOTIFY.  RULE: only where the firmware's own page tables map it one to one and writable.
 */
#include "lib/arch/x86_64/page_tables.h"
#include "lib/freestanding/memory.h"
#include "loader/memmap/zero.h"

#define TABLE_MASK UINT64_C(0x000ffffffffff000)

static const uint64_t *read_table(void *context, uint64_t table_phys)
{
	(void)context;
	return (const uint64_t *)table_phys;
}

static int is_memory(const struct cpu *cpu, uint64_t bytes)
{
	struct page_reader reader = {
		.read = read_table,
		.root_phys = cpu->firmware_cr3 & TABLE_MASK & ~cpu->encryption_mask,
		.encryption_mask = cpu->encryption_mask,
		.levels = cpu->paging_levels,
		.physical_bits = cpu->physical_bits,
		.nx = cpu->nx,
	};
	struct page_mapping mapping;

	for (uint64_t at = 0; at < bytes; at += EFI_PAGE_SIZE)
		if (page_tables_walk(&reader, at, &mapping) != PAGE_TABLES_OK || mapping.phys != at || !(mapping.flags & PAGE_WRITE))
			return 0;
	return 1;
}

/* The compiler must not know that this is NULL, through which it may compile no access. */
static uint8_t *address_zero(void)
{
	uint8_t *address = NULL;

	__asm__("" : "+r"(address));
	return address;
}

static int borrow(void *context, uint64_t bytes)
{
	struct zero *zero = context;

	if (bytes < sizeof(uint64_t) || bytes > zero->capacity_bytes || zero->cpu.paging_levels == 0 || !is_memory(&zero->cpu, bytes))
		return 0;
	memcpy(zero->saved, address_zero(), bytes);
	memset(address_zero(), 0, sizeof(uint64_t));
	zero->saved_bytes = bytes;
	return 1;
}

static int give_back(void *context, uint64_t *ret_first)
{
	struct zero *zero = context;
	uint64_t first, bytes = zero->saved_bytes;
	int changed;

	memcpy(&first, address_zero(), sizeof(first));
	changed = first != 0 || memcmp(zero->saved + sizeof(first), address_zero() + sizeof(first), bytes - sizeof(first)) != 0;
	memcpy(address_zero(), zero->saved, bytes);
	zero->saved_bytes = 0;
	*ret_first = first;
	return changed;
}

struct bench_zero zero_lender(struct zero *zero, const struct cpu *cpu, void *saved, uint64_t capacity_bytes)
{
	*zero = (struct zero){ .saved = saved, .capacity_bytes = capacity_bytes };
	if (cpu != NULL)
		zero->cpu = *cpu;
	return (struct bench_zero){ .borrow = borrow, .give_back = give_back, .context = zero };
}
