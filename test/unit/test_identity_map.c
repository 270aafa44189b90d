/* SPDX-License-Identifier: BSD-2-Clause */
/* L17: what the identity map covers comes from the firmware's map alone, and memory that appears later is added to it. */
#include "test/unit/page_tables_fixture.h"
#include "lib/arch/x86_64/identity_map.h"
#include "lib/uefi_memory.h"

enum { RANGES = 64 };

static struct handoff_range first_buffer[RANGES], second_buffer[RANGES];

static struct handoff_raw_descriptor described(uint32_t type, uint64_t start, uint64_t pages)
{
	return (struct handoff_raw_descriptor){ .type = type, .physical_start = start, .number_of_pages = pages };
}

/* Descriptors at a stride of 48 whose tails are garbage. */
static int collect(struct memory_map *ret, struct handoff_range *buffer, const struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	static uint64_t raw[RANGES * 6];

	memset(raw, 0xee, sizeof(raw));
	for (uint64_t i = 0; i < count; i++)
		memcpy(raw + i * 6, &descriptors[i], sizeof(descriptors[i]));
	return identity_map_collect(ret, buffer, RANGES * sizeof(*buffer), raw, count * 48, 48, 40);
}

static void test_every_type(void **state)
{
	static const uint32_t ram[] = { UEFI_LOADER_CODE, UEFI_LOADER_DATA, UEFI_BOOT_SERVICES_CODE, UEFI_BOOT_SERVICES_DATA,
					UEFI_RUNTIME_SERVICES_CODE, UEFI_RUNTIME_SERVICES_DATA, UEFI_CONVENTIONAL, UEFI_ACPI_RECLAIM,
					UEFI_ACPI_NVS };
	struct memory_map map;

	(void)state;
	for (uint32_t type = 0; type < 20; type++) {
		struct handoff_raw_descriptor d = described(type, MIB, 16);
		int is_ram = 0;

		for (uint32_t i = 0; i < sizeof(ram) / sizeof(ram[0]); i++)
			is_ram |= ram[i] == type;
		assert_int_equal(collect(&map, first_buffer, &d, 1), 0);
		assert_int_equal(map.count, is_ram);
		d.attribute = UEFI_MEMORY_RUNTIME;
		assert_int_equal(collect(&map, first_buffer, &d, 1), 0);
		assert_int_equal(map.count, is_ram || type == UEFI_MMIO);
		if (map.count == 1)
			assert_int_equal(map.ranges[0].type, is_ram ? IDENTITY_RAM : IDENTITY_MMIO);
	}
}

/* Neighbours of one kind become one range; what lies beyond the address width, or wraps, is left out (K10-K13). */
static void test_collect_merges_and_drops(void **state)
{
	const struct handoff_raw_descriptor descriptors[] = {
		described(UEFI_CONVENTIONAL, 2 * MIB, 256), described(UEFI_LOADER_DATA, MIB, 256),
		described(UEFI_CONVENTIONAL, 4 * MIB + 0x800, 1), described(UEFI_CONVENTIONAL, 8 * MIB, 0),
		described(UEFI_CONVENTIONAL, TIB, 1), described(UEFI_CONVENTIONAL, TIB - PAGE, 1), described(UEFI_CONVENTIONAL, TIB - PAGE, 2),
		described(UEFI_CONVENTIONAL, 16 * MIB, UINT64_MAX), described(UEFI_CONVENTIONAL, UINT64_MAX - 4095, 2),
	};
	struct memory_map map;

	(void)state;
	assert_int_equal(collect(&map, first_buffer, descriptors, sizeof(descriptors) / sizeof(descriptors[0])), 0);
	assert_int_equal(map.count, 3);
	assert_int_equal(map.ranges[0].start_phys, MIB);
	assert_int_equal(map.ranges[0].end_phys, 3 * MIB);
	assert_int_equal(map.ranges[1].start_phys, 4 * MIB);
	assert_int_equal(map.ranges[1].end_phys, 4 * MIB + PAGE);
	assert_int_equal(map.ranges[2].start_phys, TIB - PAGE);
	assert_int_equal(map.ranges[2].end_phys, TIB);
}

static void test_collect_needs_room(void **state)
{
	struct handoff_raw_descriptor descriptors[RANGES];
	struct memory_map map;

	(void)state;
	for (uint64_t i = 0; i < RANGES; i++)
		descriptors[i] = described(UEFI_CONVENTIONAL, (2 * i + 1) * MIB, 1);
	assert_int_equal(collect(&map, first_buffer, descriptors, RANGES), 0);
	assert_int_equal(identity_map_collect(&map, first_buffer, (RANGES - 1) * sizeof(first_buffer[0]), descriptors, sizeof(descriptors),
					      sizeof(descriptors[0]), 40), -1);
	assert_int_equal(identity_map_collect(&map, NULL, 0, descriptors, sizeof(descriptors), sizeof(descriptors[0]), 40), -1);
}

static void test_add_leaves_page_zero_out(void **state)
{
	struct page_tables tables = make(4);

	(void)state;
	assert_int_equal(identity_map_add(&tables, 0, 3 * PAGE, IDENTITY_RAM), PAGE_TABLES_OK);
	expect_unmapped(&tables, 0);
	expect_mapped(&tables, PAGE, PAGE, PAGE, PAGE_WRITE);
	assert_int_equal(identity_map_add(&tables, 0, PAGE, IDENTITY_RAM), PAGE_TABLES_OK);
	expect_unmapped(&tables, 0);
	assert_int_equal(identity_map_add(&tables, 4 * GIB - PAGE, 4 * GIB, IDENTITY_MMIO), PAGE_TABLES_OK);
	expect_mapped(&tables, 4 * GIB - PAGE, 4 * GIB - PAGE, PAGE, PAGE_WRITE | PAGE_UNCACHED);
}

/* What was known stays as it is: here it is not mapped at all, so that a page too many shows. */
static void expect_extended(const struct handoff_raw_descriptor *known, uint64_t known_count, const struct handoff_raw_descriptor *now,
			    uint64_t now_count)
{
	struct memory_map before, after;
	struct page_tables tables = make(4);
	uint64_t start = 0;

	assert_int_equal(collect(&before, first_buffer, known, known_count), 0);
	assert_int_equal(collect(&after, second_buffer, now, now_count), 0);
	assert_int_equal(identity_map_extend(&tables, &before, &after, &start), PAGE_TABLES_OK);
	for (uint64_t at = PAGE; at < 100 * PAGE; at += PAGE) {
		if (memory_map_find(&after, at) != NULL && memory_map_find(&before, at) == NULL)
			expect_mapped(&tables, at, at, PAGE, PAGE_WRITE);
		else
			expect_unmapped(&tables, at);
	}
}

static void test_extend(void **state)
{
	const struct handoff_raw_descriptor all = described(UEFI_CONVENTIONAL, PAGE, 90);
	const struct handoff_raw_descriptor pieces[] = {
		described(UEFI_CONVENTIONAL, 2 * PAGE, 3), described(UEFI_CONVENTIONAL, 10 * PAGE, 1), described(UEFI_CONVENTIONAL, 12 * PAGE, 8),
		described(UEFI_CONVENTIONAL, 60 * PAGE, 39),
	};
	const struct handoff_raw_descriptor others[] = {
		described(UEFI_CONVENTIONAL, PAGE, 2), described(UEFI_CONVENTIONAL, 4 * PAGE, 7), described(UEFI_CONVENTIONAL, 13 * PAGE, 2),
		described(UEFI_CONVENTIONAL, 19 * PAGE, 50),
	};

	(void)state;
	expect_extended(NULL, 0, &all, 1);
	expect_extended(&all, 1, NULL, 0);
	expect_extended(&all, 1, &all, 1);
	expect_extended(pieces, 4, &all, 1);
	expect_extended(&all, 1, pieces, 4);
	expect_extended(pieces, 4, others, 4);
	expect_extended(others, 4, pieces, 4);
}

/* Every pair of maps of eight single pages. */
static void test_extend_exhaustively(void **state)
{
	(void)state;
	for (uint32_t known = 0; known < 256; known++) {
		for (uint32_t now = 0; now < 256; now += 1 + known % 3) {
			struct handoff_raw_descriptor a[8], b[8];
			uint64_t a_count = 0, b_count = 0;

			for (uint32_t i = 0; i < 8; i++) {
				if (known >> i & 1)
					a[a_count++] = described(UEFI_CONVENTIONAL, (3 + i) * PAGE, 1);
				if (now >> i & 1)
					b[b_count++] = described(UEFI_CONVENTIONAL, (3 + i) * PAGE, 1);
			}
			expect_extended(a, a_count, b, b_count);
		}
	}
}

static void test_extend_says_where_it_failed(void **state)
{
	const struct handoff_raw_descriptor now[] = { described(UEFI_CONVENTIONAL, PAGE, 1), described(UEFI_CONVENTIONAL, 3 * GIB, 1) };
	struct memory_map before, after;
	struct page_tables tables = make(4);
	uint64_t start = 0;

	(void)state;
	assert_int_equal(collect(&before, first_buffer, NULL, 0), 0);
	assert_int_equal(collect(&after, second_buffer, now, 2), 0);
	tables.pool_pages = 5; /* root, and three for the first page */
	assert_int_equal(identity_map_extend(&tables, &before, &after, &start), PAGE_TABLES_POOL_EMPTY);
	assert_int_equal(start, 3 * GIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_collect_merges_and_drops),
		cmocka_unit_test(test_collect_needs_room),
		cmocka_unit_test(test_add_leaves_page_zero_out),
		cmocka_unit_test(test_extend),
		cmocka_unit_test(test_extend_exhaustively),
		cmocka_unit_test(test_extend_says_where_it_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
