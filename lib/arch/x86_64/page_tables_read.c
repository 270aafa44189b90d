/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading page tables as the processor does (Intel SDM volume 3A sections 4.5 to 4.7): the walk for one address and the
 * visit of everything mapped.  The tables may be anybody's and hold anything; the caller's reader decides what is memory.
 * Pure: no state, nothing is written.
 */
#include <stddef.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/arch/x86_64/page_tables_entry.h"

/* Bits of a present entry that must be zero: address bits that do not exist, the offset in a large page, PS above level 3. */
static uint64_t reserved_bits(const struct page_reader *reader, uint64_t entry, uint32_t level)
{
	uint64_t bits = ENTRY_ADDRESS & ~((UINT64_C(1) << reader->physical_bits) - 1) & ~reader->encryption_mask;

	if (!reader->nx)
		bits |= ENTRY_NX;
	if (level > LEVEL_LEAF_MAX)
		bits |= ENTRY_LARGE;
	else if (level > 1 && is_leaf(entry, level))
		bits |= (span(level) - 1) & ENTRY_ADDRESS & ~ENTRY_PAT_LARGE;
	return bits;
}

static uint64_t entry_phys(const struct page_reader *reader, uint64_t entry, uint32_t level)
{
	uint64_t phys = entry & ENTRY_ADDRESS & ~reader->encryption_mask;

	return is_leaf(entry, level) ? phys & ~(span(level) - 1) : phys;
}

static uint32_t pat_index(uint64_t leaf, uint32_t level)
{
	uint32_t index = 0;

	if (leaf & ENTRY_PWT)
		index |= 1;
	if (leaf & ENTRY_PCD)
		index |= 2;
	if (leaf & (level > 1 ? ENTRY_PAT_LARGE : ENTRY_PAT_SMALL))
		index |= 4;
	return index;
}

/*
 * What holds over several levels is kept in one word: `rights` has write and user set while every level allows them, and NX
 * clear while none forbids execution.
 */
#define RIGHTS_ALL (ENTRY_WRITE | ENTRY_USER)
static uint64_t combine_rights(uint64_t rights, uint64_t entry)
{
	return (rights & entry & RIGHTS_ALL) | ((rights | entry) & ENTRY_NX);
}

static struct page_mapping make_mapping(const struct page_reader *reader, uint64_t leaf, uint32_t level, uint64_t rights,
					uint64_t virt)
{
	struct page_mapping mapping = {
		.phys = entry_phys(reader, leaf, level) + virt % span(level),
		.leaf_virt = virt - virt % span(level),
		.leaf_bytes = span(level),
		.user = (rights & ENTRY_USER) != 0,
		.pat_index = pat_index(leaf, level),
	};

	if (rights & ENTRY_WRITE)
		mapping.flags |= PAGE_WRITE;
	if (!(rights & ENTRY_NX))
		mapping.flags |= PAGE_EXECUTE;
	if (mapping.pat_index == 4)
		mapping.flags |= PAGE_WRITE_COMBINING;
	if (mapping.pat_index == 3)
		mapping.flags |= PAGE_UNCACHED;
	return mapping;
}

static int reader_valid(const struct page_reader *reader)
{
	return (reader->levels == 4 || reader->levels == 5) && reader->physical_bits >= PHYSICAL_BITS_MIN &&
	       reader->physical_bits <= PHYSICAL_BITS_MAX && reader->root_phys % PAGE_BYTES == 0;
}

enum page_tables_status page_tables_walk(const struct page_reader *reader, uint64_t virt, struct page_mapping *ret_mapping)
{
	if (!reader_valid(reader))
		return PAGE_TABLES_BAD_ARGUMENT;
	if (!is_canonical(virt, reader->levels))
		return PAGE_TABLES_NOT_CANONICAL;

	uint64_t table_phys = reader->root_phys, rights = RIGHTS_ALL;
	for (uint32_t level = reader->levels; level > 0; level--) {
		const uint64_t *table = reader->read(reader->context, table_phys);
		if (table == NULL)
			return PAGE_TABLES_BAD_PHYSICAL;

		uint64_t entry = table[entry_index(virt, level)];
		if ((entry & ENTRY_PRESENT) == 0)
			return PAGE_TABLES_NOT_MAPPED;
		if ((entry & reserved_bits(reader, entry, level)) != 0)
			return PAGE_TABLES_BAD_PHYSICAL;
		rights = combine_rights(rights, entry);
		if (is_leaf(entry, level)) {
			*ret_mapping = make_mapping(reader, entry, level, rights, virt);
			return PAGE_TABLES_OK;
		}
		table_phys = entry_phys(reader, entry, level);
	}
	return PAGE_TABLES_NOT_MAPPED; /* not reached: level 1 has leaves only */
}

/* Bits above the depth repeat its sign bit. */
static uint64_t make_canonical(uint64_t virt, uint32_t levels)
{
	uint64_t sign = UINT64_C(1) << (12 + 9 * levels - 1);

	return (virt & sign) != 0 ? virt | ~(sign - 1) : virt;
}

struct visitor {
	const struct page_reader *reader;
	int (*visit)(void *context, const struct page_mapping *mapping, uint64_t table_phys);
	void *context;
};

/* One table and all below it; the depth of the recursion is the number of levels. */
static int visit_table(const struct visitor *visitor, uint64_t table_phys, uint32_t level, uint64_t virt, uint64_t rights)
{
	int stopped = visitor->visit(visitor->context, NULL, table_phys);
	if (stopped != 0)
		return stopped;
	const uint64_t *table = visitor->reader->read(visitor->reader->context, table_phys);
	if (table == NULL)
		return -1;

	for (uint64_t i = 0; i < ENTRIES && stopped == 0; i++) {
		uint64_t entry = table[i];
		uint64_t at = make_canonical(virt + i * span(level), visitor->reader->levels);

		if ((entry & ENTRY_PRESENT) == 0)
			continue;
		if ((entry & reserved_bits(visitor->reader, entry, level)) != 0)
			return -1;
		if (is_leaf(entry, level)) {
			struct page_mapping mapping =
				make_mapping(visitor->reader, entry, level, combine_rights(rights, entry), at);
			stopped = visitor->visit(visitor->context, &mapping, table_phys);
		} else {
			stopped = visit_table(visitor, entry_phys(visitor->reader, entry, level), level - 1, at,
					      combine_rights(rights, entry));
		}
	}
	return stopped;
}

int page_tables_visit(const struct page_reader *reader,
		      int (*visit)(void *context, const struct page_mapping *mapping, uint64_t table_phys), void *context)
{
	const struct visitor visitor = { .reader = reader, .visit = visit, .context = context };

	if (!reader_valid(reader))
		return -1;
	return visit_table(&visitor, reader->root_phys, reader->levels, 0, RIGHTS_ALL);
}
