/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables in the large: how many pages they take, and long random sequences of map and unmap against a model of single
 * pages, with 4 and 5 levels and leaves of all sizes.
 */
#include "test/unit/page_tables_fixture.h"

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
	static const uint32_t kinds[] = {
		0, PAGE_WRITE, PAGE_EXECUTE, PAGE_WRITE | PAGE_WRITE_COMBINING, PAGE_WRITE | PAGE_UNCACHED,
	};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bound_is_exact_where_nothing_is_mapped_yet),
		cmocka_unit_test(bound_of_a_range_that_cannot_be_mapped_is_zero),
		cmocka_unit_test(random_changes_agree_with_a_model_of_single_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
