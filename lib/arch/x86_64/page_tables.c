/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building page tables, for the step "page tables" of the boot (L16-L18).  Pure: the only memory read or written is the
 * pool.  Nothing is ever freed: a table stays where it is, so what was counted with page_tables_bound() is enough.
 */
#include "lib/arch/x86_64/page_tables.h"
#include "lib/arch/x86_64/page_tables_entry.h"
#include "lib/freestanding/memory.h"
#include "lib/words.h"

#define FLAGS_ALL (PAGE_WRITE | PAGE_EXECUTE | PAGE_WRITE_COMBINING | PAGE_UNCACHED)

static enum page_tables_status check_virtual(const struct page_tables *tables, uint64_t virt, uint64_t bytes)
{
	if (bytes == 0 || virt % PAGE_BYTES != 0 || bytes % PAGE_BYTES != 0)
		return PAGE_TABLES_BAD_ARGUMENT;
	/* The last byte, not the end: a kernel may reach to the very top of the address space. */
	uint64_t last = virt + (bytes - 1);
	if (last < virt || !is_canonical(virt, tables->levels) || !is_canonical(last, tables->levels))
		return PAGE_TABLES_NOT_CANONICAL;
	/* Both ends canonical, but on different sides of the hole. */
	if (virt >> 63 != last >> 63)
		return PAGE_TABLES_NOT_CANONICAL;
	return PAGE_TABLES_OK;
}

static enum page_tables_status check_range(const struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t bytes)
{
	enum page_tables_status status = check_virtual(tables, virt, bytes);
	if (status != PAGE_TABLES_OK)
		return status;
	if (phys % PAGE_BYTES != 0)
		return PAGE_TABLES_BAD_ARGUMENT;

	uint64_t limit = UINT64_C(1) << tables->physical_bits;
	if (phys >= limit || bytes > limit - phys)
		return PAGE_TABLES_BAD_PHYSICAL;
	return PAGE_TABLES_OK;
}

enum page_tables_status page_tables_init(struct page_tables *tables)
{
	if (tables->pool == NULL || (uintptr_t)tables->pool % PAGE_BYTES != 0 || tables->pool_phys % PAGE_BYTES != 0)
		return PAGE_TABLES_BAD_ARGUMENT;
	if (tables->levels != 4 && tables->levels != 5)
		return PAGE_TABLES_BAD_ARGUMENT;
	if (tables->physical_bits < PHYSICAL_BITS_MIN || tables->physical_bits > PHYSICAL_BITS_MAX)
		return PAGE_TABLES_BAD_ARGUMENT;

	uint64_t limit = UINT64_C(1) << tables->physical_bits;
	/* The C-bit lies above the addresses that it leaves over. */
	if ((tables->encryption_mask & ~(ENTRY_ADDRESS & ~(limit - 1))) != 0)
		return PAGE_TABLES_BAD_ARGUMENT;
	if (tables->pool_phys >= limit || tables->pool_pages > (limit - tables->pool_phys) / PAGE_BYTES)
		return PAGE_TABLES_BAD_PHYSICAL;
	if (tables->pool_pages == 0)
		return PAGE_TABLES_POOL_EMPTY;

	memset(tables->pool, 0, PAGE_BYTES);
	tables->used_pages = 1;
	return PAGE_TABLES_OK;
}

/* The pool's table that an entry of our own points to. */
static uint64_t *own_table(const struct page_tables *tables, uint64_t entry)
{
	uint64_t phys = entry & ENTRY_ADDRESS & ~tables->encryption_mask;

	return tables->pool + (phys - tables->pool_phys) / sizeof(uint64_t);
}

static uint64_t leaf_entry(const struct page_tables *tables, uint64_t phys, uint32_t level, uint32_t flags)
{
	uint64_t entry = phys | ENTRY_PRESENT | ENTRY_ACCESSED;

	/* Dirty only with write: read-only and dirty together mark a shadow stack page (SDM volume 1 section 17.2). */
	if (flags & PAGE_WRITE)
		entry |= ENTRY_WRITE | ENTRY_DIRTY;
	if (!(flags & PAGE_EXECUTE) && tables->nx)
		entry |= ENTRY_NX;
	if (level > 1)
		entry |= ENTRY_LARGE;
	if (flags & PAGE_WRITE_COMBINING)
		entry |= level > 1 ? ENTRY_PAT_LARGE : ENTRY_PAT_SMALL;
	if (flags & PAGE_UNCACHED)
		entry |= ENTRY_PCD | ENTRY_PWT;
	/* Devices and their memory are never encrypted. */
	if (!(flags & (PAGE_WRITE_COMBINING | PAGE_UNCACHED)))
		entry |= tables->encryption_mask;
	return entry;
}

/* The leaf of the level below that maps the first part of what `entry`, a leaf of `level`, maps. */
static uint64_t smaller_leaf(uint64_t entry, uint32_t level)
{
	if (level > 2)
		return entry;
	if ((entry & ENTRY_PAT_LARGE) != 0)
		return (entry & ~ENTRY_PAT_LARGE) | ENTRY_PAT_SMALL;
	return entry & ~ENTRY_LARGE;
}

/* Leaves for neighbouring pages, into neighbouring entries of a table of `level`. */
static void put_leaves(uint64_t *entry, uint64_t count, uint64_t leaf, uint32_t level)
{
	const uint64_t step = span(level);

	/* Thousands of them: four at a time. */
	for (; count >= 4; count -= 4, entry += 4, leaf += 4 * step) {
		entry[0] = leaf;
		entry[1] = leaf + step;
		entry[2] = leaf + 2 * step;
		entry[3] = leaf + 3 * step;
	}
	for (; count > 0; count--, entry++, leaf += step)
		*entry = leaf;
}

/*
 * Makes *entry, of a table of `level`, point to a table: takes a new one from the pool when there is none, filled with what
 * the entry mapped until now as a large leaf.
 */
static enum page_tables_status open_table(struct page_tables *tables, uint64_t *entry, uint32_t level, uint64_t **ret_table)
{
	if (is_table(*entry, level)) {
		*ret_table = own_table(tables, *entry);
		return PAGE_TABLES_OK;
	}
	if (tables->used_pages >= tables->pool_pages)
		return PAGE_TABLES_POOL_EMPTY;

	uint64_t offset = tables->used_pages++ * PAGE_BYTES;
	uint64_t *table = tables->pool + offset / sizeof(uint64_t);
	if (*entry & ENTRY_PRESENT)
		put_leaves(table, ENTRIES, smaller_leaf(*entry, level), level - 1);
	else
		memset(table, 0, PAGE_BYTES);

	*entry = (tables->pool_phys + offset) | tables->encryption_mask | ENTRY_PRESENT | ENTRY_WRITE | ENTRY_ACCESSED;
	*ret_table = table;
	return PAGE_TABLES_OK;
}

static int leaf_fits(const struct page_tables *tables, uint32_t level, uint64_t virt, uint64_t phys, uint64_t bytes)
{
	if (level > (tables->pages_1g ? LEVEL_LEAF_MAX : LEVEL_LEAF_MAX - 1))
		return 0;
	return (virt | phys) % span(level) == 0 && bytes >= span(level);
}

/* How many of the entries, of a table of `level`, can become leaves: up to the first that has a table. */
static uint64_t count_free(const uint64_t *entry, uint64_t count, uint32_t level)
{
	uint64_t done = 0;

	if (level == 1)
		return count;
	while (done < count && !is_table(entry[done], level))
		done++;
	return done;
}

/* Puts down leaves from virt on, as large as fit there, within one table; says how much they map. */
static enum page_tables_status map_leaves(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t bytes,
					  uint32_t flags, uint64_t *ret_bytes)
{
	uint64_t *table = tables->pool;

	for (uint32_t level = tables->levels; level > 0; level--) {
		uint64_t index = entry_index(virt, level), *entry = &table[index];

		if (leaf_fits(tables, level, virt, phys, bytes) && !is_table(*entry, level)) {
			uint64_t fit = bytes / span(level), room = ENTRIES - index;
			uint64_t count = count_free(entry, fit < room ? fit : room, level);

			put_leaves(entry, count, leaf_entry(tables, phys, level, flags), level);
			*ret_bytes = span(level) * count;
			return PAGE_TABLES_OK;
		}
		enum page_tables_status status = open_table(tables, entry, level, &table);
		if (status != PAGE_TABLES_OK)
			return status;
	}
	return PAGE_TABLES_BAD_ARGUMENT; /* not reached: a page fits at level 1 */
}

enum page_tables_status page_tables_map(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t bytes,
					uint32_t flags)
{
	enum page_tables_status status = check_range(tables, virt, phys, bytes);
	if (status != PAGE_TABLES_OK)
		return status;
	if ((flags & ~(uint32_t)FLAGS_ALL) != 0)
		return PAGE_TABLES_BAD_ARGUMENT;
	if ((flags & PAGE_WRITE_COMBINING) && (flags & PAGE_UNCACHED))
		return PAGE_TABLES_BAD_ARGUMENT;
	if ((flags & PAGE_WRITE) && (flags & PAGE_EXECUTE))
		return PAGE_TABLES_WX;

	uint64_t done = 0, step = 0;
	for (; done < bytes && status == PAGE_TABLES_OK; done += step)
		status = map_leaves(tables, virt + done, phys + done, bytes - done, flags, &step);
	return status;
}

/* Takes away the leaf at virt, or skips what is not mapped; says how much that was. */
static enum page_tables_status unmap_leaf(struct page_tables *tables, uint64_t virt, uint64_t bytes, uint64_t *ret_bytes)
{
	uint64_t *table = tables->pool;

	for (uint32_t level = tables->levels; level > 0; level--) {
		uint64_t *entry = &table[entry_index(virt, level)];
		uint64_t rest = span(level) - virt % span(level);
		uint64_t step = rest < bytes ? rest : bytes;

		if ((*entry & ENTRY_PRESENT) == 0 || (is_leaf(*entry, level) && step == span(level))) {
			*entry = 0;
			*ret_bytes = step;
			return PAGE_TABLES_OK;
		}
		enum page_tables_status status = open_table(tables, entry, level, &table);
		if (status != PAGE_TABLES_OK)
			return status;
	}
	return PAGE_TABLES_BAD_ARGUMENT; /* not reached: level 1 has leaves only */
}

enum page_tables_status page_tables_unmap(struct page_tables *tables, uint64_t virt, uint64_t bytes)
{
	enum page_tables_status status = check_virtual(tables, virt, bytes);
	if (status != PAGE_TABLES_OK)
		return status;

	uint64_t done = 0, step = 0;
	for (; done < bytes && status == PAGE_TABLES_OK; done += step)
		status = unmap_leaf(tables, virt + done, bytes - done, &step);
	return status;
}

/* The level of the largest leaf that the distance of virtual and physical addresses allows. */
static uint32_t leaf_level(const struct page_tables *tables, uint64_t virt, uint64_t phys)
{
	uint32_t level = tables->pages_1g ? LEVEL_LEAF_MAX : LEVEL_LEAF_MAX - 1;

	while ((virt - phys) % span(level) != 0)
		level--;
	return level;
}

uint64_t page_tables_bound(const struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t bytes)
{
	if (check_range(tables, virt, phys, bytes) != PAGE_TABLES_OK)
		return 0;

	uint64_t last = virt + (bytes - 1);
	uint32_t largest = leaf_level(tables, virt, phys);
	uint64_t pages = 0;
	for (uint32_t level = tables->levels; level > 1; level--) {
		uint64_t entries = last / span(level) - virt / span(level) + 1;

		/* An entry that a leaf can fill needs a table only when the range begins or ends inside of it. */
		if (level <= largest) {
			uint64_t cut_first = virt % span(level) != 0;
			uint64_t cut_last = (last + 1) % span(level) != 0;
			uint64_t cut = cut_first + cut_last;
			entries = cut < entries ? cut : entries;
		}
		pages += entries;
	}
	return pages;
}

const char *page_tables_status_name(enum page_tables_status status)
{
	/* In the order of enum page_tables_status. */
	static const char names[] = "no error\0"
				     "impossible argument\0"
				     "virtual range not canonical\0"
				     "physical address too high, or reserved bits set\0"
				     "no page table page left\0"
				     "not mapped\0"
				     "writable and executable at once";

	return words_nth(names, sizeof(names), (uint32_t)status);
}
