/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/memory_picture.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/memory_picture.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

static struct handoff_range range(uint64_t start, uint64_t end, uint32_t type, uint32_t owner)
{
	return (struct handoff_range){.start_phys = start, .end_phys = end, .type = type, .owner = owner};
}

static void test_owner_says_more_than_type(void **state)
{
	static const struct {
		uint32_t type, owner;
		enum memory_picture_kind kind;
	} samples[] = {
		{HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_KERNEL_TEXT, MEMORY_PICTURE_KERNEL},
		{HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_KERNEL_DATA, MEMORY_PICTURE_KERNEL},
		{HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_MODULE, MEMORY_PICTURE_MODULE},
		{HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_STACK, MEMORY_PICTURE_LOADER},
		{HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_OWNER_BOOT_RECORD, MEMORY_PICTURE_LOADER},
		{HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_OTHER_LOADER, MEMORY_PICTURE_LOADER},
		{HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_OWNER_RUNTIME, MEMORY_PICTURE_RUNTIME},
		{HANDOFF_MEMORY_USABLE, HANDOFF_OWNER_NONE, MEMORY_PICTURE_USABLE},
		{HANDOFF_MEMORY_BOOT_SERVICES, HANDOFF_OWNER_BOOT_SERVICES, MEMORY_PICTURE_BOOT_SERVICES},
		{HANDOFF_MEMORY_ACPI_NVS, HANDOFF_OWNER_FIRMWARE, MEMORY_PICTURE_ACPI},
		{HANDOFF_MEMORY_MMIO, HANDOFF_OWNER_FIRMWARE, MEMORY_PICTURE_DEVICE},
		{HANDOFF_MEMORY_UNUSABLE, HANDOFF_OWNER_FIRMWARE, MEMORY_PICTURE_RESERVED},
		{77, 99, MEMORY_PICTURE_RESERVED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct handoff_range r = range(0, 4096, samples[i].type, samples[i].owner);

		assert_int_equal(memory_picture_kind(&r), samples[i].kind);
	}
}

static void test_every_kind_has_a_name(void **state)
{
	(void)state;
	for (int kind = 0; kind < MEMORY_PICTURE_KIND_COUNT; kind++)
		assert_true(strlen(memory_picture_name((enum memory_picture_kind)kind)) > 0);
}

static void test_plan_chooses_round_rows(void **state)
{
	static const struct {
		uint64_t top;
		uint32_t rows_max;
		uint64_t row_bytes;
		uint32_t rows;
	} samples[] = {
		{256 * MIB, 8, 32 * MIB, 8}, {256 * MIB, 1, 256 * MIB, 1}, {255 * MIB, 8, 32 * MIB, 8},
		{257 * MIB, 8, 64 * MIB, 5}, {6 * GIB, 8, GIB, 6},         {3 * MIB, 8, MIB, 3},
		{4096, 8, MIB, 1},           {MIB, 8, MIB, 1},             {UINT64_C(1) << 52, 4, UINT64_C(1) << 50, 4},
		{UINT64_MAX & ~UINT64_C(4095), 1, UINT64_C(1) << 63, 2},
	};
	struct memory_picture picture;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct handoff_range map[] = {range(0, samples[i].top, HANDOFF_MEMORY_USABLE, 0)};

		memory_picture_plan(&picture, map, 1, samples[i].rows_max);
		assert_int_equal(picture.row_bytes, samples[i].row_bytes);
		assert_int_equal(picture.rows, samples[i].rows);
		assert_int_equal(picture.top_phys, samples[i].top);
	}
}

/* OVMF reserves addresses up to 1 TiB on small machines. */
static void test_plan_ends_with_the_ram(void **state)
{
	struct handoff_range map[] = {range(0, 256 * MIB, HANDOFF_MEMORY_USABLE, 0),
				      range(768 * GIB, 1024 * GIB, HANDOFF_MEMORY_RESERVED, 0)};
	struct memory_picture picture;

	(void)state;
	memory_picture_plan(&picture, map, 2, 8);
	assert_int_equal(picture.top_phys, 256 * MIB);
	memory_picture_plan(&picture, map + 1, 1, 8);
	assert_int_equal(picture.rows, 0);
	memory_picture_plan(&picture, map, 0, 8);
	assert_int_equal(picture.rows, 0);
}

static void test_row_is_to_scale(void **state)
{
	struct handoff_range map[] = {range(0, 4 * MIB, HANDOFF_MEMORY_USABLE, 0),
				      range(6 * MIB, 8 * MIB, HANDOFF_MEMORY_RESERVED, 0)};
	struct memory_picture picture = {.top_phys = 8 * MIB, .row_bytes = 4 * MIB, .rows = 2};
	uint8_t cells[8];

	(void)state;
	memory_picture_row(&picture, 0, map, 2, cells, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(cells[i], MEMORY_PICTURE_USABLE);
	memory_picture_row(&picture, 1, map, 2, cells, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(cells[i], i < 4 ? MEMORY_PICTURE_HOLE : MEMORY_PICTURE_RESERVED);
}

/* One page of the kernel in 1 TiB still has a cell, whatever lies around it. */
static void test_one_page_is_visible(void **state)
{
	struct handoff_range map[] = {range(0, 300 * GIB, HANDOFF_MEMORY_USABLE, 0),
				      range(300 * GIB, 300 * GIB + 4096, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_KERNEL_TEXT),
				      range(300 * GIB + 4096, 1024 * GIB, HANDOFF_MEMORY_BOOT_SERVICES, 0)};
	struct memory_picture picture = {.top_phys = 1024 * GIB, .row_bytes = 1024 * GIB, .rows = 1};
	uint8_t cells[100];
	int kernel = 0;

	(void)state;
	memory_picture_row(&picture, 0, map, 3, cells, 100);
	for (int i = 0; i < 100; i++)
		kernel += cells[i] == MEMORY_PICTURE_KERNEL;
	assert_int_equal(kernel, 1);
	assert_int_equal(cells[29], MEMORY_PICTURE_KERNEL);
	assert_int_equal(cells[28], MEMORY_PICTURE_USABLE);
	assert_int_equal(cells[30], MEMORY_PICTURE_BOOT_SERVICES);
}

/* More cells than pages: no cell inside a range stays empty. */
static void test_cells_finer_than_pages(void **state)
{
	struct handoff_range map[] = {range(0, MIB, HANDOFF_MEMORY_USABLE, 0)};
	struct memory_picture picture = {.top_phys = MIB, .row_bytes = MIB, .rows = 1};
	uint8_t cells[MEMORY_PICTURE_CELLS_MAX];

	(void)state;
	memory_picture_row(&picture, 0, map, 1, cells, MEMORY_PICTURE_CELLS_MAX);
	for (int i = 0; i < MEMORY_PICTURE_CELLS_MAX; i++)
		assert_int_equal(cells[i], MEMORY_PICTURE_USABLE);
}

/* The picture is drawn before the map is checked: damaged maps must not lead outside the cells. */
static void test_damaged_maps(void **state)
{
	static const uint64_t addresses[] = {0, 1, 4096, MIB, 4 * MIB - 1, 4 * MIB, 5 * MIB, UINT64_MAX - 4095, UINT64_MAX};
	enum { N = sizeof addresses / sizeof *addresses };
	struct memory_picture picture = {.top_phys = 8 * MIB, .row_bytes = 4 * MIB, .rows = 2};
	uint8_t cells[7 + 1];

	(void)state;
	for (int start = 0; start < N; start++)
		for (int end = 0; end < N; end++) {
			struct handoff_range map[] = {range(addresses[start], addresses[end], 0, 0)};
			struct memory_picture plan;

			for (uint32_t row = 0; row < 2; row++) {
				cells[7] = 0xaa;
				memory_picture_row(&picture, row, map, 1, cells, 7);
				assert_int_equal(cells[7], 0xaa);
				if (addresses[end] <= addresses[start])
					for (int i = 0; i < 7; i++)
						assert_int_equal(cells[i], MEMORY_PICTURE_HOLE);
			}
			map[0].type = HANDOFF_MEMORY_USABLE;
			memory_picture_plan(&plan, map, 1, 8);
			assert_true(plan.rows <= 8);
		}
}

static void test_bytes(void **state)
{
	struct handoff_range map[] = {range(0, MIB, HANDOFF_MEMORY_USABLE, 0), range(2 * MIB, 4 * MIB, HANDOFF_MEMORY_USABLE, 0),
				      range(5 * MIB, 6 * MIB, HANDOFF_MEMORY_MMIO, HANDOFF_OWNER_FIRMWARE)};
	uint64_t bytes[MEMORY_PICTURE_KIND_COUNT];

	(void)state;
	memory_picture_bytes(map, 3, bytes);
	assert_int_equal(bytes[MEMORY_PICTURE_USABLE], 3 * MIB);
	assert_int_equal(bytes[MEMORY_PICTURE_DEVICE], MIB);
	assert_int_equal(bytes[MEMORY_PICTURE_HOLE], 0);
	assert_int_equal(bytes[MEMORY_PICTURE_KERNEL], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_says_more_than_type),
		cmocka_unit_test(test_every_kind_has_a_name),
		cmocka_unit_test(test_plan_chooses_round_rows),
		cmocka_unit_test(test_plan_ends_with_the_ram),
		cmocka_unit_test(test_row_is_to_scale),
		cmocka_unit_test(test_one_page_is_visible),
		cmocka_unit_test(test_cells_finer_than_pages),
		cmocka_unit_test(test_damaged_maps),
		cmocka_unit_test(test_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
