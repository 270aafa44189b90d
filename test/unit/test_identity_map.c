/* SPDX-License-Identifier: BSD-2-Clause */
/* The extent of the identity map (L17): which descriptors it covers, and what is added when memory appears during exit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/arch/x86_64/identity_map.h"
#include "lib/uefi_memory.h"

#define MIB UINT64_C(0x100000)
enum { PHYSICAL_BITS = 40, STRIDE = 48, DESCRIPTORS_MAX = 32, RANGES_MAX = 16, POOL_PAGES = 16 };

static uint8_t raw[DESCRIPTORS_MAX * STRIDE];
static uint64_t raw_bytes;
static struct handoff_range buffers[2][RANGES_MAX];

static void describe(uint32_t type, uint64_t start, uint64_t pages, uint64_t attribute)
{
	const struct handoff_raw_descriptor d = {
		.type = type, .physical_start = start, .number_of_pages = pages, .attribute = attribute };

	memset(raw + raw_bytes, 0xee, STRIDE);
	memcpy(raw + raw_bytes, &d, sizeof(d));
	raw_bytes += STRIDE;
}

static int collect(struct memory_map *map, uint32_t buffer)
{
	return identity_map_collect(map, buffers[buffer], sizeof(buffers[buffer]), raw, raw_bytes, STRIDE, PHYSICAL_BITS);
}

static int reset(void **state)
{
	(void)state;
	raw_bytes = 0;
	return 0;
}

static void test_types_that_are_mapped(void **state)
{
	static const uint32_t ram[] = { UEFI_LOADER_CODE, UEFI_LOADER_DATA, UEFI_BOOT_SERVICES_CODE, UEFI_BOOT_SERVICES_DATA,
					UEFI_RUNTIME_SERVICES_CODE, UEFI_RUNTIME_SERVICES_DATA, UEFI_CONVENTIONAL,
					UEFI_ACPI_RECLAIM, UEFI_ACPI_NVS };
	static const uint32_t other[] = { UEFI_RESERVED, UEFI_UNUSABLE, UEFI_MMIO, UEFI_MMIO_PORT, UEFI_PAL_CODE, UEFI_PERSISTENT,
					  UEFI_UNACCEPTED, 16, 0x70000000, 0x80000000, UINT32_MAX };
	struct memory_map map;

	(void)state;
	for (uint32_t i = 0; i < sizeof(ram) / sizeof(ram[0]); i++) {
		raw_bytes = 0;
		describe(ram[i], MIB, 1, 0);
		assert_int_equal(collect(&map, 0), 0);
		assert_int_equal(map.count, 1);
		assert_int_equal(map.ranges[0].type, IDENTITY_RAM);
	}
	for (uint32_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		raw_bytes = 0;
		describe(other[i], MIB, 1, UEFI_MEMORY_WB);
		assert_int_equal(collect(&map, 0), 0);
		assert_int_equal(map.count, 0);
	}
}

static void test_runtime_mmio_is_mapped_uncached(void **state)
{
	struct memory_map map;

	(void)state;
	describe(UEFI_MMIO, 0xffc00000, 4, UEFI_MEMORY_UC | UEFI_MEMORY_RUNTIME);
	assert_int_equal(collect(&map, 0), 0);
	assert_int_equal(map.count, 1);
	assert_int_equal(map.ranges[0].type, IDENTITY_MMIO);
}

/* Neighbours become one range, whatever their order: large pages, few tables. */
static void test_neighbours_merge(void **state)
{
	struct memory_map map;

	(void)state;
	describe(UEFI_BOOT_SERVICES_DATA, 3 * MIB, 256, UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, MIB, 256, UEFI_MEMORY_WB);
	describe(UEFI_LOADER_DATA, 2 * MIB, 256, UEFI_MEMORY_WB);
	assert_int_equal(collect(&map, 0), 0);
	assert_int_equal(map.count, 1);
	assert_int_equal(map.ranges[0].start_phys, MIB);
	assert_int_equal(map.ranges[0].end_phys, 4 * MIB);
}

static void test_K10_K11_K13_what_is_impossible_is_left_out(void **state)
{
	struct memory_map map;

	(void)state;
	describe(UEFI_CONVENTIONAL, MIB, 0, UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, UINT64_C(0xfffffffffffff000), UINT64_C(0x200000000000001), UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, UINT64_C(1) << PHYSICAL_BITS, 1, UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, (UINT64_C(1) << PHYSICAL_BITS) - MIB, 257, UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, MIB, UINT64_MAX, UEFI_MEMORY_WB);
	assert_int_equal(collect(&map, 0), 0);
	assert_int_equal(map.count, 0);
	describe(UEFI_CONVENTIONAL, (UINT64_C(1) << PHYSICAL_BITS) - MIB, 256, UEFI_MEMORY_WB);
	assert_int_equal(collect(&map, 0), 0);
	assert_int_equal(map.count, 1);
}

/* K7: a rest that is no whole descriptor is not read. */
static void test_K7_cut_descriptor_is_not_read(void **state)
{
	struct memory_map map;

	(void)state;
	describe(UEFI_CONVENTIONAL, MIB, 1, UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, 4 * MIB, 1, UEFI_MEMORY_WB);
	raw_bytes -= 1;
	assert_int_equal(collect(&map, 0), 0);
	assert_int_equal(map.count, 1);
}

static void test_buffer_too_small(void **state)
{
	struct memory_map map;

	(void)state;
	for (uint64_t i = 0; i < RANGES_MAX; i++)
		describe(UEFI_CONVENTIONAL, (1 + 2 * i) * MIB, 1, UEFI_MEMORY_WB);
	assert_int_equal(collect(&map, 0), 0);
	assert_int_equal(map.count, RANGES_MAX);
	describe(UEFI_CONVENTIONAL, 100 * MIB, 1, UEFI_MEMORY_WB);
	assert_int_equal(collect(&map, 0), -1);
	assert_int_equal(identity_map_collect(&map, buffers[0], 8, raw, raw_bytes, STRIDE, PHYSICAL_BITS), -1);
}

/* --- tables ------------------------------------------------------------------------------------------------------------- */

static uint64_t *pool;

static int start_tables(void **state)
{
	pool = aligned_alloc(4096, POOL_PAGES * 4096);
	return pool == NULL ? -1 : reset(state);
}

static int free_tables(void **state)
{
	(void)state;
	free(pool);
	return 0;
}

static struct page_tables tables_of(uint64_t pages)
{
	struct page_tables tables = { .pool = pool, .pool_phys = 0x10000000, .pool_pages = pages, .levels = 4,
				      .physical_bits = PHYSICAL_BITS, .nx = 1 };

	assert_int_equal(page_tables_init(&tables), PAGE_TABLES_OK);
	return tables;
}

static const uint64_t *read_table(void *context, uint64_t phys)
{
	const struct page_tables *tables = context;

	return tables->pool + (phys - tables->pool_phys) / 8;
}

static enum page_tables_status walk(struct page_tables *tables, uint64_t virt, struct page_mapping *mapping)
{
	const struct page_reader reader = { .read = read_table, .context = tables, .root_phys = tables->pool_phys, .levels = 4,
					    .physical_bits = PHYSICAL_BITS, .nx = 1 };

	return page_tables_walk(&reader, virt, mapping);
}

static void test_page_zero_stays_unmapped(void **state)
{
	struct page_tables tables = tables_of(POOL_PAGES);
	struct page_mapping mapping;

	(void)state;
	assert_int_equal(identity_map_add(&tables, 0, 0xa0000, IDENTITY_RAM), PAGE_TABLES_OK);
	assert_int_equal(walk(&tables, 0, &mapping), PAGE_TABLES_NOT_MAPPED);
	assert_int_equal(walk(&tables, 0x1000, &mapping), PAGE_TABLES_OK);
	assert_int_equal(mapping.phys, 0x1000);
	assert_int_equal(mapping.flags, PAGE_WRITE);
	/* A range that is page zero alone maps nothing. */
	assert_int_equal(identity_map_add(&tables, 0, 0x1000, IDENTITY_RAM), PAGE_TABLES_OK);
	assert_int_equal(walk(&tables, 0, &mapping), PAGE_TABLES_NOT_MAPPED);
}

static void test_mmio_is_uncached(void **state)
{
	struct page_tables tables = tables_of(POOL_PAGES);
	struct page_mapping mapping;

	(void)state;
	assert_int_equal(identity_map_add(&tables, 0xffc00000, 0xffc02000, IDENTITY_MMIO), PAGE_TABLES_OK);
	assert_int_equal(walk(&tables, 0xffc01234, &mapping), PAGE_TABLES_OK);
	assert_int_equal(mapping.flags, PAGE_WRITE | PAGE_UNCACHED);
}

/* L24: accepted memory appears in front of, between and behind what was there; what was there is not touched again. */
static void test_extend_maps_what_is_new(void **state)
{
	static const uint64_t added[] = { MIB, 3 * MIB, 5 * MIB }, kept[] = { 2 * MIB, 4 * MIB };
	struct page_tables tables = tables_of(POOL_PAGES);
	struct memory_map before, now;
	struct page_mapping mapping;
	uint64_t at = 0;

	(void)state;
	describe(UEFI_CONVENTIONAL, 2 * MIB, 256, UEFI_MEMORY_WB);
	describe(UEFI_CONVENTIONAL, 4 * MIB, 256, UEFI_MEMORY_WB);
	assert_int_equal(collect(&before, 0), 0);
	describe(UEFI_CONVENTIONAL, MIB, 5 * 256, UEFI_MEMORY_WB);
	assert_int_equal(collect(&now, 1), 0);
	assert_int_equal(identity_map_extend(&tables, &before, &now, &at), PAGE_TABLES_OK);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(walk(&tables, added[i], &mapping), PAGE_TABLES_OK);
		assert_int_equal(walk(&tables, added[i] + MIB - 1, &mapping), PAGE_TABLES_OK);
	}
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(walk(&tables, kept[i], &mapping), PAGE_TABLES_NOT_MAPPED);
		assert_int_equal(walk(&tables, kept[i] + MIB - 1, &mapping), PAGE_TABLES_NOT_MAPPED);
	}
}

static void describe_pages(uint32_t pages)
{
	raw_bytes = 0;
	for (uint32_t i = 0; i < 7; i++)
		if (pages >> i & 1)
			describe(UEFI_CONVENTIONAL, MIB + i * 4096, 1, UEFI_MEMORY_WB);
}

/* Every pair of maps of seven single pages: what is new is mapped, and nothing else. */
static void test_extend_every_pair_of_small_maps(void **state)
{
	struct memory_map before, now;
	struct page_mapping mapping;
	uint64_t at = 0;

	(void)state;
	for (uint32_t pair = 0; pair < 1 << 14; pair++) {
		struct page_tables tables = tables_of(POOL_PAGES);
		uint32_t known = pair & 127, seen = pair >> 7;

		describe_pages(known);
		assert_int_equal(collect(&before, 0), 0);
		describe_pages(seen);
		assert_int_equal(collect(&now, 1), 0);
		assert_int_equal(identity_map_extend(&tables, &before, &now, &at), PAGE_TABLES_OK);
		for (uint32_t i = 0; i < 7; i++)
			assert_int_equal(walk(&tables, MIB + i * 4096, &mapping) == PAGE_TABLES_OK, (seen & ~known) >> i & 1);
	}
}

static void test_extend_says_where_the_pool_ended(void **state)
{
	struct page_tables tables = tables_of(2);
	struct memory_map before, now;
	uint64_t at = 0;

	(void)state;
	assert_int_equal(collect(&before, 0), 0);
	describe(UEFI_CONVENTIONAL, 7 * MIB, 1, UEFI_MEMORY_WB);
	assert_int_equal(collect(&now, 1), 0);
	assert_int_equal(identity_map_extend(&tables, &before, &now, &at), PAGE_TABLES_POOL_EMPTY);
	assert_int_equal(at, 7 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_types_that_are_mapped, reset),
		cmocka_unit_test_setup(test_runtime_mmio_is_mapped_uncached, reset),
		cmocka_unit_test_setup(test_neighbours_merge, reset),
		cmocka_unit_test_setup(test_K10_K11_K13_what_is_impossible_is_left_out, reset),
		cmocka_unit_test_setup(test_K7_cut_descriptor_is_not_read, reset),
		cmocka_unit_test_setup(test_buffer_too_small, reset),
		cmocka_unit_test_setup_teardown(test_page_zero_stays_unmapped, start_tables, free_tables),
		cmocka_unit_test_setup_teardown(test_mmio_is_uncached, start_tables, free_tables),
		cmocka_unit_test_setup_teardown(test_extend_maps_what_is_new, start_tables, free_tables),
		cmocka_unit_test_setup_teardown(test_extend_every_pair_of_small_maps, start_tables, free_tables),
		cmocka_unit_test_setup_teardown(test_extend_says_where_the_pool_ended, start_tables, free_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
