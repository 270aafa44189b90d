/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading page tables that may be anybody's: permissions over all levels, reserved bits, tables that cannot be read. */
#include "test/unit/page_tables_fixture.h"

/* --- the walk --------------------------------------------------------------------------------------------------------- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk_combines_the_permissions_of_all_levels),
		cmocka_unit_test(walk_and_visit_see_reserved_bits),
		cmocka_unit_test(walk_takes_nx_for_reserved_when_the_processor_does),
		cmocka_unit_test(tables_outside_the_readers_memory_end_the_walk),
		cmocka_unit_test(a_reader_with_impossible_fields_is_refused),
		cmocka_unit_test(visit_sees_every_leaf_in_order_and_every_table),
		cmocka_unit_test(visit_stops_when_told_even_in_tables_that_contain_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
