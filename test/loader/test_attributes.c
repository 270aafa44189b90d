/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory attributes table (UEFI 2.10 §4.6.4; K40, K45): only a sound one makes runtime services callable, none makes the
 * boot fail, and nothing but runtime memory is ever mapped by it.
 */
#include <string.h>
#include "lib/uefi_memory.h"
#include "test/fake/expect.h"
#include "test/fake/firmware.h"

/* Header, an entry for the code, one for the data. */
struct table {
	uint32_t version, count, descriptor_bytes, flags;
	struct handoff_raw_descriptor entries[2];
};

static struct table table;

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/* In the place of the firmware's own. */
static void put_table(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	uint8_t *place = fake_firmware_memory().boot + 2 * 4096;

	(void)system;
	(void)image;
	memcpy(place, &table, sizeof(table));
}

/* A good one, to be spoiled. */
static void prepare(void)
{
	fake_reset();
	fake.tamper = put_table;
	table = (struct table){ .version = 1, .count = 2, .descriptor_bytes = 40 };
	fake_attributes_entries(table.entries);
}

static int is_callable(void)
{
	expect_kernel();
	return expect_firmware()->flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE;
}

static void test_sound_tables(void **state)
{
	(void)state;
	prepare();
	assert_true(is_callable());
	prepare();
	table.version = 2;
	assert_true(is_callable());
}

/* H47, L25: whichever runtime allocation moves the table, the new place is what counts.  The first two allocations are the
   loader's list and the boot record, the last one is for the page tables, after the tables were looked for. */
static void test_H47_table_moves(void **state)
{
	uint32_t count;

	(void)state;
	assert_true(is_callable());
	count = fake.calls[FAKE_ALLOCATE_PAGES];
	for (uint32_t at = 1; at < count; at++) {
		fake_reset();
		fake_add_fault((struct fake_fault){ FAKE_ALLOCATE_PAGES, at, FAKE_MOVE, 0 });
		assert_true(is_callable());
		assert_int_equal(expect_firmware()->memory_attributes_phys,
				 fake_ram() + 6 * 4096);
	}
}

static void test_no_table(void **state)
{
	(void)state;
	fake.options.no_attributes_table = 1;
	assert_false(is_callable());
}

static void test_impossible_headers(void **state)
{
	(void)state;
	prepare();
	table.version = 0;
	assert_false(is_callable());
	prepare();
	table.version = 3;
	assert_false(is_callable());
	prepare();
	table.count = UINT32_MAX;
	assert_false(is_callable());
	for (uint32_t i = 0; i < 6; i++) {
		static const uint32_t strides[] = { 0, 39, 41, 44, 4104, UINT32_MAX };

		prepare();
		table.descriptor_bytes = strides[i];
		assert_false(is_callable());
	}
}

/* Entries that the loader must not follow: then nothing is callable, and the kernel still gets its boot. */
static void test_impossible_entries(void **state)
{
	(void)state;
	prepare();
	table.entries[0].attribute &= ~UEFI_MEMORY_RO; /* writable and executable */
	assert_false(is_callable());
	prepare();
	table.entries[0].physical_start += 16; /* not a page */
	assert_false(is_callable());
	prepare();
	table.entries[1].physical_start += 2048;
	assert_false(is_callable());
	prepare();
	table.entries[0].number_of_pages = 0;
	assert_false(is_callable());
	prepare();
	table.entries[0].number_of_pages = UINT64_MAX / 4096;
	assert_false(is_callable());
	prepare();
	table.entries[0].physical_start = UINT64_MAX & ~UINT64_C(4095);
	assert_false(is_callable());
	prepare();
	table.entries[1].number_of_pages += 1; /* reaches into ACPI memory */
	assert_false(is_callable());
	prepare();
	table.entries[1].physical_start = FAKE_RAM + 0x1000000; /* conventional memory */
	assert_false(is_callable());
}

static void test_nothing_is_executable(void **state)
{
	(void)state;
	prepare();
	table.entries[0].attribute |= UEFI_MEMORY_XP;
	assert_false(is_callable());
	prepare();
	table.count = 0;
	assert_false(is_callable());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sound_tables, reset),
		cmocka_unit_test_setup(test_H47_table_moves, reset),
		cmocka_unit_test_setup(test_no_table, reset),
		cmocka_unit_test_setup(test_impossible_headers, reset),
		cmocka_unit_test_setup(test_impossible_entries, reset),
		cmocka_unit_test_setup(test_nothing_is_executable, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
