/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables (L16-L18): what was built is read back by the walker, bit by bit where the processor's format is at stake,
 * and against a model of single pages for long random sequences of map and unmap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/arch/x86_64/page_tables.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define TIB (KIB * GIB)
#define PAGE (4 * KIB)
#define TOP_2G UINT64_C(0xffffffff80000000)
#define POOL_PHYS UINT64_C(0x123456000)
#define NX (UINT64_C(1) << 63)

enum { POOL_PAGES = 64 };

static uint64_t pool[POOL_PAGES * 512] __attribute__((aligned(4096)));

static struct page_tables make(uint32_t levels)
{
	struct page_tables tables = {
		.pool = pool, .pool_phys = POOL_PHYS, .pool_pages = POOL_PAGES, .levels = levels, .physical_bits = 46,
		.nx = 1, .pages_1g = 1,
	};

	memset(pool, 0xa5, sizeof(pool)); /* a table page that is not cleared shows at once */
	assert_int_equal(page_tables_init(&tables), PAGE_TABLES_OK);
	return tables;
}

static const uint64_t *read_pool(void *context, uint64_t table_phys)
{
	const struct page_tables *tables = context;
	uint64_t offset = table_phys - tables->pool_phys;

	return table_phys >= tables->pool_phys && offset < tables->used_pages * PAGE ? tables->pool + offset / 8 : NULL;
}

static struct page_reader reader_of(struct page_tables *tables)
{
	return (struct page_reader){
		.read = read_pool, .context = tables, .root_phys = tables->pool_phys, .levels = tables->levels,
		.encryption_mask = tables->encryption_mask, .physical_bits = tables->physical_bits, .nx = tables->nx,
	};
}

static enum page_tables_status walk(struct page_tables *tables, uint64_t virt, struct page_mapping *ret)
{
	struct page_reader reader = reader_of(tables);

	return page_tables_walk(&reader, virt, ret);
}

static void expect_mapped(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t leaf_bytes, uint32_t flags)
{
	struct page_mapping mapping;

	assert_int_equal(walk(tables, virt, &mapping), PAGE_TABLES_OK);
	assert_int_equal(mapping.phys, phys);
	assert_int_equal(mapping.leaf_bytes, leaf_bytes);
	assert_int_equal(mapping.leaf_virt, virt & ~(leaf_bytes - 1));
	assert_int_equal(mapping.flags, flags);
	assert_int_equal(mapping.user, 0);
}

static void expect_unmapped(struct page_tables *tables, uint64_t virt)
{
	struct page_mapping mapping;

	assert_int_equal(walk(tables, virt, &mapping), PAGE_TABLES_NOT_MAPPED);
}

/* The raw entry that maps virt at a level, read by hand: index arithmetic of its own. */
static uint64_t raw_entry(const struct page_tables *tables, uint64_t virt, uint32_t level)
{
	const uint64_t *table = tables->pool;

	for (uint32_t at = tables->levels; at > level; at--) {
		uint64_t entry = table[(virt >> (9 * at + 3)) & 0x1ff];
		table = tables->pool + ((entry & UINT64_C(0xffffffffff000) & ~tables->encryption_mask) - tables->pool_phys) / 8;
	}
	return table[(virt >> (9 * level + 3)) & 0x1ff];
}

static void one_page_takes_one_table_for_each_level(void **state)
{
	(void)state;
	for (uint32_t levels = 4; levels <= 5; levels++) {
		struct page_tables tables = make(levels);

		assert_int_equal(page_tables_map(&tables, TOP_2G, 0x5000, PAGE, PAGE_EXECUTE), PAGE_TABLES_OK);
		assert_int_equal(tables.used_pages, levels);
		expect_mapped(&tables, TOP_2G + 0xabc, 0x5abc, PAGE, PAGE_EXECUTE);
		expect_unmapped(&tables, TOP_2G + PAGE);
		expect_unmapped(&tables, 0);
	}
}

static void upper_levels_permit_everything_and_are_never_written_by_the_processor(void **state)
{
	(void)state;
	struct page_tables tables = make(5);

	assert_int_equal(page_tables_map(&tables, 0x400000, 0x200000, PAGE, 0), PAGE_TABLES_OK);
	for (uint32_t level = 5; level > 1; level--)
		assert_int_equal(raw_entry(&tables, 0x400000, level) & ~UINT64_C(0xffffffffff000), 0x23); /* P, W, A */
	assert_int_equal(raw_entry(&tables, 0x400000, 1), NX | 0x200021); /* P, A; not dirty: read-only */
}

static void leaf_bits_are_those_of_the_manual(void **state)
{
	(void)state;
	static const struct {
		uint32_t flags;
		uint64_t small, large; /* without the address */
	} cases[] = {
		{ 0, NX | 0x21, NX | 0xa1 },
		{ PAGE_EXECUTE, 0x21, 0xa1 },
		{ PAGE_WRITE, NX | 0x63, NX | 0xe3 },
		{ PAGE_WRITE | PAGE_WRITE_COMBINING, NX | 0xe3, NX | 0x10e3 }, /* PAT: bit 7, in large leaves bit 12 */
		{ PAGE_WRITE | PAGE_UNCACHED, NX | 0x7b, NX | 0xfb },          /* PCD and PWT */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_tables tables = make(4);

		assert_int_equal(page_tables_map(&tables, PAGE, PAGE, PAGE, cases[i].flags), PAGE_TABLES_OK);
		assert_int_equal(page_tables_map(&tables, 2 * MIB, 2 * MIB, 2 * MIB, cases[i].flags), PAGE_TABLES_OK);
		assert_int_equal(page_tables_map(&tables, GIB, GIB, GIB, cases[i].flags), PAGE_TABLES_OK);
		assert_int_equal(raw_entry(&tables, PAGE, 1), cases[i].small | PAGE);
		assert_int_equal(raw_entry(&tables, 2 * MIB, 2), cases[i].large | 2 * MIB);
		assert_int_equal(raw_entry(&tables, GIB, 3), cases[i].large | GIB);
		expect_mapped(&tables, PAGE, PAGE, PAGE, cases[i].flags);
		expect_mapped(&tables, 2 * MIB, 2 * MIB, 2 * MIB, cases[i].flags);
		expect_mapped(&tables, GIB, GIB, GIB, cases[i].flags);
	}
}

static void pat_entries_0_3_and_4_are_used(void **state)
{
	(void)state;
	static const struct {
		uint32_t flags, index;
	} cases[] = { { 0, 0 }, { PAGE_UNCACHED, 3 }, { PAGE_WRITE_COMBINING, 4 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_tables tables = make(4);
		struct page_mapping mapping;

		assert_int_equal(page_tables_map(&tables, GIB - PAGE, GIB - PAGE, GIB, cases[i].flags), PAGE_TABLES_OK);
		for (uint64_t virt = GIB - PAGE; virt < 2 * GIB; virt += GIB - PAGE) {
			assert_int_equal(walk(&tables, virt, &mapping), PAGE_TABLES_OK);
			assert_int_equal(mapping.pat_index, cases[i].index);
		}
	}
}

static void without_nx_bit_63_is_never_set(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	tables.nx = 0;
	assert_int_equal(page_tables_map(&tables, PAGE, PAGE, 3 * GIB, PAGE_WRITE), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, GIB + PAGE, PAGE), PAGE_TABLES_OK);
	for (uint64_t i = 0; i < tables.used_pages * 512; i++)
		assert_int_equal(pool[i] & NX, 0);
	/* To the processor it is all executable, and the walker says so. */
	expect_mapped(&tables, PAGE, PAGE, PAGE, PAGE_WRITE | PAGE_EXECUTE);
}

static void gibibyte_leaves_only_when_allowed(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_map(&tables, 4 * GIB, 8 * GIB, 2 * GIB, PAGE_WRITE), PAGE_TABLES_OK);
	expect_mapped(&tables, 5 * GIB + 5, 9 * GIB + 5, GIB, PAGE_WRITE);
	assert_int_equal(tables.used_pages, 2);

	tables = make(4);
	tables.pages_1g = 0;
	assert_int_equal(page_tables_map(&tables, 4 * GIB, 8 * GIB, 2 * GIB, PAGE_WRITE), PAGE_TABLES_OK);
	expect_mapped(&tables, 5 * GIB + 5, 9 * GIB + 5, 2 * MIB, PAGE_WRITE);
	assert_int_equal(tables.used_pages, 4);
}

static void physical_misalignment_forces_small_leaves(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_map(&tables, 2 * MIB, 4 * MIB + PAGE, 2 * MIB, 0), PAGE_TABLES_OK);
	expect_mapped(&tables, 4 * MIB - 1, 6 * MIB + PAGE - 1, PAGE, 0);
}

static void a_split_leaf_keeps_its_mapping_and_memory_type(void **state)
{
	(void)state;
	static const uint32_t kinds[] = { PAGE_WRITE, PAGE_EXECUTE, PAGE_WRITE | PAGE_WRITE_COMBINING, PAGE_UNCACHED };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct page_tables tables = make(4);

		assert_int_equal(page_tables_map(&tables, 2 * GIB, 7 * GIB, GIB, kinds[i]), PAGE_TABLES_OK);
		assert_int_equal(page_tables_map(&tables, 2 * GIB + 6 * MIB + PAGE, 0x9000, PAGE, 0), PAGE_TABLES_OK);
		assert_int_equal(tables.used_pages, 4);
		expect_mapped(&tables, 2 * GIB + 6 * MIB + PAGE, 0x9000, PAGE, 0);
		expect_mapped(&tables, 2 * GIB + 6 * MIB, 7 * GIB + 6 * MIB, PAGE, kinds[i]);
		expect_mapped(&tables, 2 * GIB + 8 * MIB - 1, 7 * GIB + 8 * MIB - 1, PAGE, kinds[i]);
		expect_mapped(&tables, 2 * GIB + 8 * MIB, 7 * GIB + 8 * MIB, 2 * MIB, kinds[i]);
		expect_mapped(&tables, 3 * GIB - 1, 8 * GIB - 1, 2 * MIB, kinds[i]);
		/* The entries themselves have the form of their new size. */
		struct page_tables fresh = make(4);
		assert_int_equal(page_tables_map(&fresh, 0, 0, PAGE, kinds[i]), PAGE_TABLES_OK);
		uint64_t small = raw_entry(&fresh, 0, 1);
		tables = make(4);
		assert_int_equal(page_tables_map(&tables, 0, 0, 2 * MIB, kinds[i]), PAGE_TABLES_OK);
		assert_int_equal(page_tables_unmap(&tables, PAGE, PAGE), PAGE_TABLES_OK);
		assert_int_equal(raw_entry(&tables, 0, 1), small);
	}
}

static void a_guard_page_is_cut_out_of_large_leaves(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_map(&tables, 0, 0, 4 * GIB, PAGE_WRITE), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, 0, PAGE), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, 3 * GIB - PAGE, PAGE), PAGE_TABLES_OK);
	expect_unmapped(&tables, 0);
	expect_unmapped(&tables, 3 * GIB - 1);
	expect_mapped(&tables, PAGE, PAGE, PAGE, PAGE_WRITE);
	expect_mapped(&tables, 3 * GIB, 3 * GIB, GIB, PAGE_WRITE);
	expect_mapped(&tables, 3 * GIB - PAGE - 1, 3 * GIB - PAGE - 1, PAGE, PAGE_WRITE);
}

static void unmapping_what_is_not_mapped_takes_no_tables(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_map(&tables, 5 * GIB, 0x1000, PAGE, 0), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, 0, 128 * TIB), PAGE_TABLES_OK);
	assert_int_equal(tables.used_pages, 4);
	expect_unmapped(&tables, 5 * GIB);
}

static void the_last_page_of_the_address_space_can_be_mapped(void **state)
{
	(void)state;
	for (uint32_t levels = 4; levels <= 5; levels++) {
		struct page_tables tables = make(levels);

		assert_int_equal(page_tables_map(&tables, UINT64_MAX - PAGE + 1, 0x1000, PAGE, 0), PAGE_TABLES_OK);
		expect_mapped(&tables, UINT64_MAX, 0x1fff, PAGE, 0);
		assert_int_equal(page_tables_map(&tables, TOP_2G, 4 * GIB, 2 * GIB, PAGE_WRITE), PAGE_TABLES_OK);
		expect_mapped(&tables, UINT64_MAX, 6 * GIB - 1, PAGE, PAGE_WRITE); /* the small table stays */
		assert_int_equal(page_tables_unmap(&tables, TOP_2G, 2 * GIB), PAGE_TABLES_OK);
		expect_unmapped(&tables, UINT64_MAX);
		expect_unmapped(&tables, TOP_2G);
	}
}

static void five_levels_reach_beyond_the_hole_of_four(void **state)
{
	(void)state;
	uint64_t high = UINT64_C(0x00fff00000000000);
	struct page_tables tables = make(5);

	assert_int_equal(page_tables_map(&tables, high, GIB, GIB, 0), PAGE_TABLES_OK);
	expect_mapped(&tables, high + 7, GIB + 7, GIB, 0);
	tables = make(4);
	assert_int_equal(page_tables_map(&tables, high, GIB, GIB, 0), PAGE_TABLES_NOT_CANONICAL);
}

static void ranges_that_are_not_canonical_or_wrap_are_refused(void **state)
{
	(void)state;
	struct page_tables tables = make(4);
	uint64_t low_end = 128 * TIB, high = 0 - 128 * TIB;

	assert_int_equal(page_tables_map(&tables, low_end - PAGE, 0, PAGE, 0), PAGE_TABLES_OK);
	assert_int_equal(page_tables_map(&tables, low_end, 0, PAGE, 0), PAGE_TABLES_NOT_CANONICAL);
	assert_int_equal(page_tables_map(&tables, low_end - PAGE, 0, 2 * PAGE, 0), PAGE_TABLES_NOT_CANONICAL);
	assert_int_equal(page_tables_map(&tables, high - PAGE, 0, 2 * PAGE, 0), PAGE_TABLES_NOT_CANONICAL);
	assert_int_equal(page_tables_map(&tables, 0 - PAGE, 0, 2 * PAGE, 0), PAGE_TABLES_NOT_CANONICAL);
	assert_int_equal(page_tables_map(&tables, 0, 0, 0 - PAGE, 0), PAGE_TABLES_NOT_CANONICAL);
	assert_int_equal(page_tables_unmap(&tables, low_end, PAGE), PAGE_TABLES_NOT_CANONICAL);
	struct page_mapping mapping;
	assert_int_equal(walk(&tables, low_end, &mapping), PAGE_TABLES_NOT_CANONICAL);
	assert_int_equal(walk(&tables, high - 1, &mapping), PAGE_TABLES_NOT_CANONICAL);
}

static void bad_arguments_are_refused_and_change_nothing(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_map(&tables, 1, 0, PAGE, 0), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_map(&tables, 0, 8, PAGE, 0), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE + 1, 0), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_map(&tables, 0, 0, 0, 0), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, 16), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, PAGE_UNCACHED | PAGE_WRITE_COMBINING), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, PAGE_WRITE | PAGE_EXECUTE), PAGE_TABLES_WX);
	assert_int_equal(page_tables_unmap(&tables, 1, PAGE), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(page_tables_unmap(&tables, 0, 0), PAGE_TABLES_BAD_ARGUMENT);
	assert_int_equal(tables.used_pages, 1);
	for (uint64_t i = 0; i < 512; i++)
		assert_int_equal(pool[i], 0);
}

static void physical_ranges_end_with_the_address_width(void **state)
{
	(void)state;
	struct page_tables tables = make(4);
	uint64_t limit = UINT64_C(1) << 46;

	assert_int_equal(page_tables_map(&tables, 0, limit - PAGE, PAGE, 0), PAGE_TABLES_OK);
	assert_int_equal(page_tables_map(&tables, 0, limit, PAGE, 0), PAGE_TABLES_BAD_PHYSICAL);
	assert_int_equal(page_tables_map(&tables, 0, limit - PAGE, 2 * PAGE, 0), PAGE_TABLES_BAD_PHYSICAL);
	assert_int_equal(page_tables_map(&tables, 0, 0 - PAGE, PAGE, 0), PAGE_TABLES_BAD_PHYSICAL);
}

static void init_refuses_impossible_fields(void **state)
{
	(void)state;
	struct page_tables good = make(4), bad;

#define REFUSED(field, value, status) \
	bad = good, bad.field = (value), assert_int_equal(page_tables_init(&bad), (status))
	REFUSED(pool, NULL, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(pool, pool + 1, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(pool_phys, POOL_PHYS + 8, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(levels, 3, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(levels, 6, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(physical_bits, 31, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(physical_bits, 53, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(encryption_mask, UINT64_C(1) << 45, PAGE_TABLES_BAD_ARGUMENT); /* an address bit */
	REFUSED(encryption_mask, UINT64_C(1) << 52, PAGE_TABLES_BAD_ARGUMENT);
	REFUSED(pool_phys, UINT64_C(1) << 46, PAGE_TABLES_BAD_PHYSICAL);
	REFUSED(pool_phys, (UINT64_C(1) << 46) - 63 * PAGE, PAGE_TABLES_BAD_PHYSICAL);
	REFUSED(pool_pages, UINT64_MAX, PAGE_TABLES_BAD_PHYSICAL);
	REFUSED(pool_pages, 0, PAGE_TABLES_POOL_EMPTY);
#undef REFUSED
}

static void an_empty_pool_is_reported_by_map_and_unmap(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	tables.pool_pages = 3;
	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, 0), PAGE_TABLES_POOL_EMPTY);
	tables = make(4);
	tables.pool_pages = 3;
	assert_int_equal(page_tables_map(&tables, 0, 0, GIB, 0), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, PAGE, PAGE), PAGE_TABLES_POOL_EMPTY);
	expect_mapped(&tables, PAGE, PAGE, 2 * MIB, 0); /* half split, still the same mapping */
}

static void encryption_mask_marks_ram_and_tables_but_no_devices(void **state)
{
	(void)state;
	uint64_t mask = UINT64_C(1) << 47;
	struct page_tables tables = make(4);

	tables.encryption_mask = mask;
	assert_int_equal(page_tables_init(&tables), PAGE_TABLES_OK);
	assert_int_equal(page_tables_map(&tables, 0, 0, GIB, PAGE_WRITE), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, 0, PAGE), PAGE_TABLES_OK);
	assert_int_equal(page_tables_map(&tables, GIB, GIB, PAGE, PAGE_UNCACHED), PAGE_TABLES_OK);
	assert_int_equal(page_tables_map(&tables, 2 * GIB, GIB, GIB, PAGE_WRITE_COMBINING), PAGE_TABLES_OK);
	assert_true(raw_entry(&tables, 0, 4) & raw_entry(&tables, 0, 3) & raw_entry(&tables, 0, 2) & mask);
	assert_true(raw_entry(&tables, PAGE, 1) & mask);
	assert_true(raw_entry(&tables, 2 * MIB, 2) & mask);
	assert_false(raw_entry(&tables, GIB, 1) & mask);
	assert_false(raw_entry(&tables, 2 * GIB, 3) & mask);
	expect_mapped(&tables, PAGE, PAGE, PAGE, PAGE_WRITE);
	/* A reader that knows nothing of the mask takes it for an address bit that does not exist. */
	struct page_reader reader = reader_of(&tables);
	struct page_mapping mapping;
	reader.encryption_mask = 0;
	assert_int_equal(page_tables_walk(&reader, PAGE, &mapping), PAGE_TABLES_BAD_PHYSICAL);
}

/* --- the walker on tables that are not ours ------------------------------------------------------------------------- */

static void walk_combines_the_permissions_of_all_levels(void **state)
{
	(void)state;
	/* The only entries: pool page n holds the table of level 4 - n, each at index 0. */
	for (uint32_t level = 1; level <= 4; level++) {
		struct page_tables tables = make(4);
		struct page_mapping mapping;

		assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, PAGE_WRITE), PAGE_TABLES_OK);
		for (uint32_t i = 1; i <= 4; i++)
			pool[(4 - i) * 512] = (pool[(4 - i) * 512] & ~NX) | 4; /* user, executable */
		assert_int_equal(walk(&tables, 0, &mapping), PAGE_TABLES_OK);
		assert_int_equal(mapping.flags, PAGE_WRITE | PAGE_EXECUTE);
		assert_int_equal(mapping.user, 1);

		uint64_t *entry = &pool[(4 - level) * 512], kept = *entry;
		*entry = kept & ~UINT64_C(2);
		assert_int_equal(walk(&tables, 0, &mapping), PAGE_TABLES_OK);
		assert_int_equal(mapping.flags, PAGE_EXECUTE);
		*entry = kept | NX;
		assert_int_equal(walk(&tables, 0, &mapping), PAGE_TABLES_OK);
		assert_int_equal(mapping.flags, PAGE_WRITE);
		*entry = kept & ~UINT64_C(4);
		assert_int_equal(walk(&tables, 0, &mapping), PAGE_TABLES_OK);
		assert_int_equal(mapping.user, 0);
		*entry = kept & ~UINT64_C(1);
		expect_unmapped(&tables, 0);
	}
}

static int count_nothing(void *context, const struct page_mapping *mapping, uint64_t table_phys)
{
	(void)context, (void)mapping, (void)table_phys;
	return 0;
}

static void walk_and_visit_see_reserved_bits(void **state)
{
	(void)state;
	static const struct {
		uint32_t level;
		uint64_t leaf_bytes, bit;
	} cases[] = {
		{ 4, PAGE, 1u << 7 }, { 4, PAGE, UINT64_C(1) << 46 }, { 1, PAGE, UINT64_C(1) << 51 },
		{ 2, 2 * MIB, 1u << 13 }, { 2, 2 * MIB, 1u << 20 }, { 3, GIB, 1u << 13 }, { 3, GIB, 1u << 29 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_tables tables = make(4);
		struct page_reader reader = reader_of(&tables);
		struct page_mapping mapping;

		assert_int_equal(page_tables_map(&tables, 0, 0, cases[i].leaf_bytes, 0), PAGE_TABLES_OK);
		assert_int_equal(page_tables_visit(&reader, count_nothing, NULL), 0);
		pool[(4 - cases[i].level) * 512] |= cases[i].bit;
		assert_int_equal(page_tables_walk(&reader, 0, &mapping), PAGE_TABLES_BAD_PHYSICAL);
		assert_int_equal(page_tables_visit(&reader, count_nothing, NULL), -1);
	}
}

static void walk_takes_nx_for_reserved_when_the_processor_does(void **state)
{
	(void)state;
	struct page_tables tables = make(4);
	struct page_reader reader = reader_of(&tables);
	struct page_mapping mapping;

	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, 0), PAGE_TABLES_OK);
	assert_int_equal(page_tables_walk(&reader, 0, &mapping), PAGE_TABLES_OK);
	reader.nx = 0;
	assert_int_equal(page_tables_walk(&reader, 0, &mapping), PAGE_TABLES_BAD_PHYSICAL);
}

static void tables_outside_the_readers_memory_end_the_walk(void **state)
{
	(void)state;
	struct page_tables tables = make(4);
	struct page_reader reader = reader_of(&tables);
	struct page_mapping mapping;

	assert_int_equal(page_tables_map(&tables, 0, 0, PAGE, 0), PAGE_TABLES_OK);
	pool[2 * 512] = 0x7ffff003;
	assert_int_equal(page_tables_walk(&reader, 0, &mapping), PAGE_TABLES_BAD_PHYSICAL);
	assert_int_equal(page_tables_visit(&reader, count_nothing, NULL), -1);
}

static void a_reader_with_impossible_fields_is_refused(void **state)
{
	(void)state;
	struct page_tables tables = make(4);
	struct page_reader good = reader_of(&tables), bad;
	struct page_mapping mapping;

#define REFUSED(field, value)                                                          \
	bad = good, bad.field = (value);                                               \
	assert_int_equal(page_tables_walk(&bad, 0, &mapping), PAGE_TABLES_BAD_ARGUMENT); \
	assert_int_equal(page_tables_visit(&bad, count_nothing, NULL), -1)
	REFUSED(levels, 3);
	REFUSED(levels, 6);
	REFUSED(physical_bits, 31);
	REFUSED(physical_bits, 53);
	REFUSED(root_phys, POOL_PHYS + 16);
#undef REFUSED
}

/* --- the visit ---------------------------------------------------------------------------------------------------- */

struct tally {
	uint64_t tables, leaves, bytes, last_virt, stop_after;
};

static int add_up(void *context, const struct page_mapping *mapping, uint64_t table_phys)
{
	struct tally *tally = context;

	assert_true(table_phys >= POOL_PHYS && table_phys < POOL_PHYS + sizeof(pool));
	if (mapping == NULL)
		return ++tally->tables == tally->stop_after ? 7 : 0;
	if (tally->leaves++ > 0)
		assert_true(mapping->leaf_virt > tally->last_virt);
	tally->last_virt = mapping->leaf_virt;
	tally->bytes += mapping->leaf_bytes;
	return 0;
}

static void visit_sees_every_leaf_in_order_and_every_table(void **state)
{
	(void)state;
	for (uint32_t levels = 4; levels <= 5; levels++) {
		struct page_tables tables = make(levels);
		struct page_reader reader = reader_of(&tables);
		struct tally tally = { 0 };

		assert_int_equal(page_tables_map(&tables, PAGE, PAGE, 2 * GIB, PAGE_WRITE), PAGE_TABLES_OK);
		assert_int_equal(page_tables_map(&tables, TOP_2G, 0x200000, 5 * PAGE, PAGE_EXECUTE), PAGE_TABLES_OK);
		assert_int_equal(page_tables_visit(&reader, add_up, &tally), 0);
		assert_int_equal(tally.tables, tables.used_pages);
		assert_int_equal(tally.bytes, 2 * GIB + 5 * PAGE);
		assert_int_equal(tally.last_virt, TOP_2G + 4 * PAGE); /* canonical */
	}
}

static void visit_stops_when_told_even_in_tables_that_contain_themselves(void **state)
{
	(void)state;
	struct page_tables tables = make(4);
	struct page_reader reader = reader_of(&tables);
	struct tally tally = { .stop_after = 1000 };

	for (uint64_t i = 0; i < 512; i++)
		pool[i] = POOL_PHYS | 3;
	tally.leaves = 0;
	assert_int_equal(page_tables_visit(&reader, add_up, &tally), 7);
	assert_int_equal(tally.tables, 1000);
}

/* --- bound and the random model ------------------------------------------------------------------------------------ */

static void bound_is_exact_where_nothing_is_mapped_yet(void **state)
{
	(void)state;
	static const struct {
		uint64_t virt, phys, bytes;
		uint32_t pages_1g;
		uint64_t pages;
	} cases[] = {
		{ 0, 0, PAGE, 1, 3 },
		{ 0, 0, GIB, 1, 1 },
		{ 0, 0, GIB, 0, 2 },
		{ 0, 2 * MIB, GIB, 1, 2 },              /* 1 GiB leaves do not fit */
		{ 0, PAGE, GIB, 1, 2 + 512 },           /* nor 2 MiB leaves */
		{ GIB - PAGE, GIB - PAGE, 2 * PAGE, 1, 5 },
		{ PAGE, PAGE, 4 * GIB, 1, 1 + 4 },      /* two cut ends */
		{ 512 * GIB - PAGE, 0, 2 * PAGE, 1, 6 },
		{ 0, 0, 2 * TIB, 1, 4 },
		{ TOP_2G, 0x345000, 3 * MIB, 1, 4 },
		{ 0 - PAGE, 0, PAGE, 1, 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* More pages than the other tests need: a page of physical misalignment costs 512 tables. */
		uint64_t *large = aligned_alloc(PAGE, 600 * PAGE);
		struct page_tables tables = make(4);

		tables.pool = large;
		tables.pool_pages = 600;
		tables.pages_1g = cases[i].pages_1g;
		assert_int_equal(page_tables_init(&tables), PAGE_TABLES_OK);
		assert_int_equal(page_tables_bound(&tables, cases[i].virt, cases[i].phys, cases[i].bytes), cases[i].pages);
		assert_int_equal(page_tables_map(&tables, cases[i].virt, cases[i].phys, cases[i].bytes, 0), PAGE_TABLES_OK);
		assert_int_equal(tables.used_pages, 1 + cases[i].pages);
		free(large);
	}
}

static void bound_of_a_range_that_cannot_be_mapped_is_zero(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_bound(&tables, 1, 0, PAGE), 0);
	assert_int_equal(page_tables_bound(&tables, 0, 0, 0), 0);
	assert_int_equal(page_tables_bound(&tables, 128 * TIB, 0, PAGE), 0);
	assert_int_equal(page_tables_bound(&tables, 0, UINT64_C(1) << 46, PAGE), 0);
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A window of equal units, each mapped to one place or not: what any sequence of map and unmap must amount to. */
enum { UNITS = 2048, ROUNDS = 120 };
struct model {
	uint64_t base_virt, unit_bytes;
	uint64_t phys[UNITS];
	uint32_t flags[UNITS];
	uint8_t mapped[UNITS];
};

static void compare_with_model(struct page_tables *tables, const struct model *model)
{
	for (uint64_t i = 0; i < UNITS; i++) {
		for (uint64_t offset = 0; offset < model->unit_bytes; offset += model->unit_bytes - 1) {
			struct page_mapping mapping = { 0 };
			enum page_tables_status status = walk(tables, model->base_virt + i * model->unit_bytes + offset, &mapping);

			assert_int_equal(status, model->mapped[i] ? PAGE_TABLES_OK : PAGE_TABLES_NOT_MAPPED);
			if (!model->mapped[i])
				continue;
			assert_int_equal(mapping.phys, model->phys[i] + offset);
			assert_int_equal(mapping.flags, model->flags[i]);
		}
	}
}

static void change_at_random(struct page_tables *tables, struct model *model, uint64_t *seed)
{
	static const uint32_t kinds[] = { 0, PAGE_WRITE, PAGE_EXECUTE, PAGE_WRITE | PAGE_WRITE_COMBINING, PAGE_WRITE | PAGE_UNCACHED };
	uint64_t first = random_next(seed) % UNITS;
	uint64_t count = 1 + random_next(seed) % (UNITS - first);
	uint64_t virt = model->base_virt + first * model->unit_bytes, bytes = count * model->unit_bytes;
	uint64_t before = tables->used_pages;

	if (random_next(seed) % 3 == 0) {
		uint64_t bound = page_tables_bound(tables, virt, virt & 0xfffffffff000, bytes);
		assert_int_equal(page_tables_unmap(tables, virt, bytes), PAGE_TABLES_OK);
		assert_true(tables->used_pages - before <= bound);
		memset(model->mapped + first, 0, count);
		return;
	}
	/* Congruent to the virtual address at a random granularity: all sizes of leaves. */
	uint64_t align = model->unit_bytes << (random_next(seed) % 2 * 9);
	uint64_t phys = (random_next(seed) % (8 * GIB) & ~(align - 1)) + virt % align;
	uint32_t flags = kinds[random_next(seed) % 5];
	uint64_t bound = page_tables_bound(tables, virt, phys, bytes);
	assert_int_equal(page_tables_map(tables, virt, phys, bytes, flags), PAGE_TABLES_OK);
	assert_true(tables->used_pages - before <= bound);
	for (uint64_t i = 0; i < count; i++) {
		model->mapped[first + i] = 1;
		model->phys[first + i] = phys + i * model->unit_bytes;
		model->flags[first + i] = flags;
	}
}

static void random_changes_agree_with_a_model_of_single_pages(void **state)
{
	(void)state;
	static const struct {
		uint32_t levels;
		uint64_t base_virt, unit_bytes;
	} cases[] = {
		{ 4, GIB - 4 * MIB, PAGE },
		{ 5, 0 - UNITS * PAGE, PAGE },
		{ 4, 510 * GIB, 2 * MIB }, /* across two tables of level 3, with 1 GiB leaves */
		{ 5, 0 - UNITS * 2 * MIB, 2 * MIB },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *model = calloc(1, sizeof(*model));
		struct page_tables tables = make(cases[i].levels);
		uint64_t seed = UINT64_C(0x9e3779b97f4a7c15) + i;

		model->base_virt = cases[i].base_virt;
		model->unit_bytes = cases[i].unit_bytes;
		for (int round = 0; round < ROUNDS; round++) {
			change_at_random(&tables, model, &seed);
			compare_with_model(&tables, model);
		}
		struct page_reader reader = reader_of(&tables);
		struct tally tally = { 0 };
		uint64_t mapped = 0;
		for (uint64_t unit = 0; unit < UNITS; unit++)
			mapped += model->mapped[unit] ? model->unit_bytes : 0;
		assert_int_equal(page_tables_visit(&reader, add_up, &tally), 0);
		assert_int_equal(tally.bytes, mapped);
		assert_int_equal(tally.tables, tables.used_pages); /* no table is lost */
		free(model);
	}
}

static void every_status_has_a_name(void **state)
{
	(void)state;
	for (int status = PAGE_TABLES_OK; status <= PAGE_TABLES_WX; status++)
		assert_string_not_equal(page_tables_status_name((enum page_tables_status)status), "unknown");
	assert_string_equal(page_tables_status_name((enum page_tables_status)(PAGE_TABLES_WX + 1)), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_page_takes_one_table_for_each_level),
		cmocka_unit_test(upper_levels_permit_everything_and_are_never_written_by_the_processor),
		cmocka_unit_test(leaf_bits_are_those_of_the_manual),
		cmocka_unit_test(pat_entries_0_3_and_4_are_used),
		cmocka_unit_test(without_nx_bit_63_is_never_set),
		cmocka_unit_test(gibibyte_leaves_only_when_allowed),
		cmocka_unit_test(physical_misalignment_forces_small_leaves),
		cmocka_unit_test(a_split_leaf_keeps_its_mapping_and_memory_type),
		cmocka_unit_test(a_guard_page_is_cut_out_of_large_leaves),
		cmocka_unit_test(unmapping_what_is_not_mapped_takes_no_tables),
		cmocka_unit_test(the_last_page_of_the_address_space_can_be_mapped),
		cmocka_unit_test(five_levels_reach_beyond_the_hole_of_four),
		cmocka_unit_test(ranges_that_are_not_canonical_or_wrap_are_refused),
		cmocka_unit_test(bad_arguments_are_refused_and_change_nothing),
		cmocka_unit_test(physical_ranges_end_with_the_address_width),
		cmocka_unit_test(init_refuses_impossible_fields),
		cmocka_unit_test(an_empty_pool_is_reported_by_map_and_unmap),
		cmocka_unit_test(encryption_mask_marks_ram_and_tables_but_no_devices),
		cmocka_unit_test(walk_combines_the_permissions_of_all_levels),
		cmocka_unit_test(walk_and_visit_see_reserved_bits),
		cmocka_unit_test(walk_takes_nx_for_reserved_when_the_processor_does),
		cmocka_unit_test(tables_outside_the_readers_memory_end_the_walk),
		cmocka_unit_test(a_reader_with_impossible_fields_is_refused),
		cmocka_unit_test(visit_sees_every_leaf_in_order_and_every_table),
		cmocka_unit_test(visit_stops_when_told_even_in_tables_that_contain_themselves),
		cmocka_unit_test(bound_is_exact_where_nothing_is_mapped_yet),
		cmocka_unit_test(bound_of_a_range_that_cannot_be_mapped_is_zero),
		cmocka_unit_test(random_changes_agree_with_a_model_of_single_pages),
		cmocka_unit_test(every_status_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
