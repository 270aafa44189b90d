/* SPDX-License-Identifier: BSD-2-Clause */
/* Building page tables (L16-L18): what was built is read back by the walker, and bit by bit where the format is at stake. */
#include "test/unit/page_tables_fixture.h"

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

static void unmapping_begins_in_a_hole_and_ends_in_a_mapping(void **state)
{
	(void)state;
	struct page_tables tables = make(4);

	assert_int_equal(page_tables_map(&tables, GIB, 0x1000, PAGE, 0), PAGE_TABLES_OK);
	assert_int_equal(page_tables_unmap(&tables, GIB - PAGE, 2 * PAGE), PAGE_TABLES_OK);
	expect_unmapped(&tables, GIB);
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
#define ACCEPTED(field, value) bad = good, bad.field = (value), assert_int_equal(page_tables_init(&bad), PAGE_TABLES_OK)
	ACCEPTED(physical_bits, 52);
	ACCEPTED(physical_bits, 33); /* the pool lies above 4 GiB */
	ACCEPTED(pool_phys, (UINT64_C(1) << 46) - 64 * PAGE);
	good.pool_phys = 0;
	ACCEPTED(physical_bits, 32);
#undef ACCEPTED
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
		cmocka_unit_test(unmapping_begins_in_a_hole_and_ends_in_a_mapping),
		cmocka_unit_test(the_last_page_of_the_address_space_can_be_mapped),
		cmocka_unit_test(five_levels_reach_beyond_the_hole_of_four),
		cmocka_unit_test(ranges_that_are_not_canonical_or_wrap_are_refused),
		cmocka_unit_test(bad_arguments_are_refused_and_change_nothing),
		cmocka_unit_test(physical_ranges_end_with_the_address_width),
		cmocka_unit_test(init_refuses_impossible_fields),
		cmocka_unit_test(an_empty_pool_is_reported_by_map_and_unmap),
		cmocka_unit_test(encryption_mask_marks_ram_and_tables_but_no_devices),
		cmocka_unit_test(every_status_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
