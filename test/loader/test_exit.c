/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exit (L33-L38, L42) from hostile firmware: cases H6, H7, H50-H60, H92.  What the loader must not do meanwhile the fake
 * watches in every run (test_fake_exit.c sees it notice).
 */
#include "lib/arch/x86_64/page_tables.h"
#include "test/loader/exit_fixture.h"

/* --- between GetMemoryMap and ExitBootServices ------------------------------------------------------------------------------ */

static void test_H6_map_grows_before_the_exit(void **state)
{
	static const uint32_t growth[] = { 1, 8, 9, 32, 33, 85, 1000 };

	(void)state;
	for (uint32_t i = 0; i < 7; i++) {
		const struct handoff_attempt *attempts;

		fake_reset();
		on_exit_call(1, FAKE_GROW, growth[i]);
		expect_attempts(2);
		attempts = expect_part(HANDOFF_PART_ATTEMPTS);
		assert_int_equal(attempts[0].status, EFI_INVALID_PARAMETER);
		assert_int_equal(attempts[1].map_bytes, attempts[0].map_bytes + 48 * growth[i]);
		assert_int_equal(attempts[1].descriptor_count, attempts[0].descriptor_count + growth[i]);
		assert_int_not_equal(attempts[1].map_key, attempts[0].map_key);
	}
}

static void test_H6_map_outgrows_the_buffer(void **state)
{
	(void)state;
	on_exit_call(1, FAKE_GROW, 2000);
	expect_stop(STOP_EXIT_MAP, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake_memory_record()->stop_detail[0], EFI_BUFFER_TOO_SMALL);
	assert_true(fake_memory_record()->stop_detail[1] > fake_memory_record()->stop_detail[2]);
	expect_guard_intact();
}

/* The map may fill the buffer to its last descriptor. */
static void test_H6_map_fills_the_buffer(void **state)
{
	uint64_t ordinary = ordinary_map_bytes(), room = (fake.map_capacity - ordinary) / 48;

	(void)state;
	fake_reset();
	on_exit_call(1, FAKE_GROW, room);
	expect_attempts(2);
	fake_reset();
	on_exit_call(1, FAKE_GROW, room + 1);
	expect_stop(STOP_EXIT_MAP, HANDOFF_STAGE_EXIT);
	expect_guard_intact();
}

static void test_H51_H92_map_shrinks(void **state)
{
	(void)state;
	fake.options.descriptors = 1000;
	on_exit_call(1, FAKE_SHRINK, 40);
	on_exit_call(2, FAKE_SHRINK, 960);
	on_exit_call(3, FAKE_GROW, 40);
	expect_attempts(4);
}

static void test_H7_firmware_writes_behind_the_buffer(void **state)
{
	static const uint32_t bytes[] = { 1, 48, 4096 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		on_map(FIRST, FAKE_OVERRUN, bytes[i]);
		expect_return(EFI_DEVICE_ERROR);
		expect_console("wrote behind");
		fake_reset();
		on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
		on_map(SECOND, FAKE_OVERRUN, bytes[i]);
		expect_stop(STOP_MAP_OVERRUN, HANDOFF_STAGE_EXIT);
	}
}

/* --- ExitBootServices ------------------------------------------------------------------------------------------------------ */

static void test_H50_stale_keys(void **state)
{
	(void)state;
	for (uint32_t refusals = 1; refusals <= 7; refusals++) {
		fake_reset();
		for (uint32_t i = 1; i <= refusals; i++)
			on_exit_call(i, FAKE_FAIL, EFI_INVALID_PARAMETER);
		expect_attempts(refusals + 1);
	}
}

static void test_H50_H52_every_key_is_refused(void **state)
{
	(void)state;
	on_exit_call(0, FAKE_FAIL, EFI_INVALID_PARAMETER);
	expect_stop(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake.calls[FAKE_EXIT_BOOT_SERVICES], 8);
	assert_int_equal(fake_memory_record()->stop_detail[0], 8);
	assert_int_equal(fake_memory_record()->stop_detail[1], EFI_INVALID_PARAMETER);
}

static void test_H53_exit_fails_otherwise(void **state)
{
	static const EFI_STATUS statuses[] = { EFI_DEVICE_ERROR, EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, 1 /* a warning */ };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		fake_reset();
		on_exit_call(1, FAKE_FAIL, statuses[i]);
		expect_stop(STOP_EXIT_STATUS, HANDOFF_STAGE_EXIT);
		assert_int_equal(fake_memory_record()->stop_detail[0], statuses[i]);
		fake_reset();
		on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
		on_exit_call(2, FAKE_FAIL, statuses[i]);
		expect_stop(STOP_EXIT_STATUS, HANDOFF_STAGE_EXIT);
	}
}

static void test_H55_started_at_a_raised_priority(void **state)
{
	(void)state;
	fake.options.tpl = TPL_CALLBACK;
	expect_attempts(1);
	assert_true(expect_firmware()->flags & HANDOFF_FIRMWARE_TPL_FIXED);
	assert_int_equal(expect_findings.count[RULE_L(3)], 1);
	fake_reset();
	fake.options.tpl = TPL_NOTIFY;
	expect_attempts(1);
}

static void test_H60_system_table_is_not_cleaned(void **state)
{
	const EFI_SYSTEM_TABLE *system;

	(void)state;
	fake.options.leave_table = 1;
	expect_attempts(1);
	system = (const EFI_SYSTEM_TABLE *)fake_ram();
	assert_true(expect_firmware()->flags & HANDOFF_FIRMWARE_TABLE_CLEANED);
	assert_int_equal(expect_findings.count[RULE_K(46)], 1);
	assert_null(system->BootServices);
	assert_null(system->ConOut);
	assert_int_equal(expect_findings.count[RULE_K(47)], 0);
}

static void test_L23_network_left_running(void **state)
{
	(void)state;
	expect_attempts(1);
	assert_false(expect_firmware()->flags & HANDOFF_FIRMWARE_NETWORK_STOPPED);
	assert_int_equal(expect_findings.count[RULE_M(17)], 0);
	fake_reset();
	fake.options.network_runs = 2;
	expect_attempts(1);
	assert_true(expect_firmware()->flags & HANDOFF_FIRMWARE_NETWORK_STOPPED);
	assert_int_equal(expect_findings.count[RULE_M(17)], 1);
}

/* L24: memory that the firmware adds while it exits is mapped like all other. */
static void test_L24_memory_appears(void **state)
{
	(void)state;
	on_exit_call(1, FAKE_APPEAR, 1000);
	expect_attempts(2);
	assert_non_null(memory_map_find(&fake.memory, fake_ram() + FAKE_RAM_BYTES_MAX));
}

static const uint64_t *read_table(void *context, uint64_t phys)
{
	(void)context;
	return (const uint64_t *)phys;
}

static int count_table(void *context, const struct page_mapping *mapping, uint64_t table_phys)
{
	(void)table_phys;
	*(uint64_t *)context += mapping == NULL;
	return 0;
}

/* However many tables a machine needs, some are left over for memory that appears. */
static void test_L24_spare_page_tables(void **state)
{
	(void)state;
	for (uint32_t ranges = 0; ranges < 60; ranges++) {
		struct page_reader reader = { .read = read_table, .levels = 4, .physical_bits = 39, .nx = 1 };
		uint64_t tables = 0;

		fake_reset();
		on_map(PROBE, FAKE_SCATTER, ranges);
		expect_attempts(1);
		reader.root_phys = expect_kernel_part()->page_tables_phys;
		assert_int_equal(page_tables_visit(&reader, count_table, &tables), 0);
		assert_true(tables + 16 <= expect_kernel_part()->page_tables_bytes / 4096);
	}
}

static void test_L24_more_appears_than_there_are_page_tables(void **state)
{
	(void)state;
	on_exit_call(1, FAKE_SCATTER, 100);
	expect_stop(STOP_PAGE_TABLES, HANDOFF_STAGE_SWITCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_H6_map_grows_before_the_exit, reset),
		cmocka_unit_test_setup(test_H6_map_outgrows_the_buffer, reset),
		cmocka_unit_test_setup(test_H6_map_fills_the_buffer, reset),
		cmocka_unit_test_setup(test_H51_H92_map_shrinks, reset),
		cmocka_unit_test_setup(test_H7_firmware_writes_behind_the_buffer, reset),
		cmocka_unit_test_setup(test_H50_stale_keys, reset),
		cmocka_unit_test_setup(test_H50_H52_every_key_is_refused, reset),
		cmocka_unit_test_setup(test_H53_exit_fails_otherwise, reset),
		cmocka_unit_test_setup(test_H55_started_at_a_raised_priority, reset),
		cmocka_unit_test_setup(test_H60_system_table_is_not_cleaned, reset),
		cmocka_unit_test_setup(test_L23_network_left_running, reset),
		cmocka_unit_test_setup(test_L24_memory_appears, reset),
		cmocka_unit_test_setup(test_L24_spare_page_tables, reset),
		cmocka_unit_test_setup(test_L24_more_appears_than_there_are_page_tables, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
