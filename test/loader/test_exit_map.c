/* SPDX-License-Identifier: BSD-2-Clause */
/* What GetMemoryMap of hostile firmware returns, for the size query and for the map (L27-L32): cases H1-H5, H8-H18. */
#include "test/loader/exit_fixture.h"

static uint32_t last_stride(void)
{
	uint32_t stride = 0;

	handoff_part(fake.block, HANDOFF_PART_RAW_MAP, NULL, &stride);
	return stride;
}

/* --- the size query ------------------------------------------------------------------------------------------------------ */

static void test_the_calls_are_numbered_so(void **state)
{
	(void)state;
	expect_attempts(1);
	assert_int_equal(fake.calls[FAKE_GET_MEMORY_MAP], FIRST);
}

static void test_H1_probe_leaves_garbage(void **state)
{
	(void)state;
	fake.options.probe_garbage = 1;
	expect_attempts(1);
}

static void test_H2_probe_wants_a_buffer(void **state)
{
	(void)state;
	fake.options.probe_null_invalid = 1;
	expect_attempts(1);
}

static void test_H3_probe_succeeds(void **state)
{
	static const uint64_t sizes[] = { 0, 48, UINT64_C(1) << 40 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		on_map(PROBE, FAKE_SUCCEED, sizes[i]);
		expect_return(EFI_DEVICE_ERROR);
	}
}

static void test_H3_probe_asks_for_the_impossible(void **state)
{
	static const uint64_t sizes[] = { 0, UINT64_C(1) << 40, UINT64_MAX, UINT64_MAX - 65535 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		fake_reset();
		on_map(PROBE, FAKE_MAP_BYTES, sizes[i]);
		expect_return(EFI_DEVICE_ERROR);
	}
}

static void test_H4_more_asked_for_than_needed(void **state)
{
	(void)state;
	fake.options.extra_bytes = 5568;
	expect_attempts(1);
	fake_reset();
	fake.options.extra_bytes = 300000;
	expect_attempts(1);
}

static void test_H5_map_grows_with_every_allocation(void **state)
{
	static const uint32_t growth[] = { 1, 3, 9, 33, 100, 1000, 4000 };

	(void)state;
	for (uint32_t i = 0; i < 7; i++) {
		fake_reset();
		fake.options.growth = growth[i];
		fake.options.dense = 1;
		expect_attempts(1);
	}
}

/* A buffer that was too small goes back, and so does the work memory that belonged to it. */
static void test_H5_buffer_is_allocated_again(void **state)
{
	(void)state;
	on_map(SECOND_PROBE, FAKE_GROW, 1000);
	expect_attempts(1);
	assert_int_equal(fake.calls[FAKE_GET_MEMORY_MAP], FIRST + 1);
}

/* Each size query finds that the buffer allocated after the one before is too small again. */
static void test_H5_map_grows_without_bound(void **state)
{
	static const uint32_t more[] = { 800, 810, 1620, 3240, 6480, 12960, 25920 };

	(void)state;
	fake.options.ram_bytes = FAKE_RAM_BYTES_MAX;
	for (uint32_t i = 0; i < 7; i++)
		on_map(SECOND_PROBE + i, FAKE_GROW, more[i]);
	expect_return(EFI_OUT_OF_RESOURCES);
	expect_console("grows without bound");
	assert_int_equal(fake.calls[FAKE_GET_MEMORY_MAP], 8);
}

/* --- what GetMemoryMap returns -------------------------------------------------------------------------------------------- */

static void test_H8_descriptor_sizes(void **state)
{
	(void)state;
	for (uint32_t stride = 40; stride <= 96; stride += 8) {
		fake_reset();
		fake.options.descriptor_bytes = stride;
		expect_attempts(1);
		assert_int_equal(last_stride(), stride);
	}
}

static void test_H9_impossible_descriptor_sizes(void **state)
{
	static const uint64_t sizes[] = { 1, 8, 39, 44, 47, 4104, 0x10000, UINT64_MAX };

	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		fake_reset();
		on_map(FOR_TABLES, FAKE_DESCRIPTOR_BYTES, sizes[i]);
		expect_return(EFI_DEVICE_ERROR);
		fake_reset();
		on_map(FIRST, FAKE_DESCRIPTOR_BYTES, sizes[i]);
		expect_return(EFI_DEVICE_ERROR);
		fake_reset();
		on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
		on_map(SECOND, FAKE_DESCRIPTOR_BYTES, sizes[i]);
		expect_stop(STOP_MAP_INVALID, HANDOFF_STAGE_EXIT);
		expect_guard_intact();
	}
}

static void test_H9_no_descriptor_size_means_40(void **state)
{
	(void)state;
	fake.options.descriptor_bytes = 40;
	on_map(0, FAKE_DESCRIPTOR_BYTES, 0);
	expect_attempts(1);
	assert_int_equal(last_stride(), 40);
}

static void test_H9_no_descriptor_size_and_no_map_of_40(void **state)
{
	(void)state;
	on_map(0, FAKE_DESCRIPTOR_BYTES, 0);
	on_map(0, FAKE_MAP_BYTES, 48 * 13); /* no multiple of 40 */
	expect_return(EFI_DEVICE_ERROR);
}

static void test_H10_another_size_on_the_retry(void **state)
{
	const struct handoff_attempt *attempts;

	(void)state;
	on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
	on_map(SECOND, FAKE_STRIDE, 56);
	expect_attempts(2);
	attempts = expect_part(HANDOFF_PART_ATTEMPTS);
	assert_int_equal(attempts[0].descriptor_bytes, 48);
	assert_int_equal(attempts[1].descriptor_bytes, 56);
	assert_int_equal(last_stride(), 56);
}

static void test_H11_descriptor_versions(void **state)
{
	static const uint32_t versions[] = { 0, 2, UINT32_MAX };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		fake.options.descriptor_version = versions[i];
		expect_attempts(1);
		assert_int_equal(expect_exit()->descriptor_version, versions[i]);
		assert_int_equal(expect_findings.count[RULE_K(6)], 1);
	}
}

static void test_H12_size_is_no_multiple(void **state)
{
	uint64_t ordinary = ordinary_map_bytes();

	(void)state;
	for (uint64_t rest = 1; rest < 48; rest += 23) {
		fake_reset();
		on_map(FIRST, FAKE_MAP_BYTES, ordinary + rest);
		expect_attempts(1);
		assert_int_equal(expect_exit()->returned_bytes, ordinary + rest);
		assert_int_equal(expect_findings.count[RULE_K(7)], 1);
	}
}

static void test_H13_more_returned_than_there_is_room(void **state)
{
	(void)state;
	for (uint32_t way = 0; way < 3; way++) {
		uint64_t capacity;

		ordinary_map_bytes();
		capacity = fake.map_capacity;
		fake_reset();
		on_map(FIRST, FAKE_MAP_BYTES, way == 0 ? UINT64_MAX : way == 1 ? capacity + 48 : capacity + 1);
		expect_return(EFI_DEVICE_ERROR);
		fake_reset();
		on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
		on_map(SECOND, FAKE_MAP_BYTES, way == 0 ? UINT64_MAX : way == 1 ? capacity + 48 : capacity + 1);
		expect_stop(STOP_MAP_INVALID, HANDOFF_STAGE_EXIT);
	}
}

static void test_H14_map_fails_on_the_retry(void **state)
{
	static const EFI_STATUS statuses[] = { EFI_DEVICE_ERROR, EFI_UNSUPPORTED, EFI_INVALID_PARAMETER };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
		on_map(SECOND, FAKE_FAIL, statuses[i]);
		expect_stop(STOP_EXIT_MAP, HANDOFF_STAGE_EXIT);
		assert_int_equal(fake_memory_record()->stop_detail[0], statuses[i]);
	}
}

static void test_H15_too_small_although_it_fits(void **state)
{
	(void)state;
	on_map(FIRST, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	expect_attempts(1);
	fake_reset();
	on_map(FOR_TABLES, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	expect_attempts(1);
	fake_reset();
	on_map(FIRST, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	on_map(SECOND, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	expect_return(EFI_BUFFER_TOO_SMALL);
	fake_reset();
	on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
	on_map(SECOND, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	expect_attempts(2);
	fake_reset();
	on_exit_call(1, FAKE_FAIL, EFI_INVALID_PARAMETER);
	on_map(SECOND, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	on_map(SECOND + 1, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	expect_stop(STOP_EXIT_MAP, HANDOFF_STAGE_EXIT);
}

static void test_H16_keys_are_opaque(void **state)
{
	(void)state;
	for (int key = FAKE_KEY_GENERATION; key <= FAKE_KEY_DECREASING; key++) {
		fake_reset();
		fake.options.key = (enum fake_key)key;
		expect_attempts(1);
		fake_reset();
		fake.options.key = (enum fake_key)key;
		on_exit_call(1, FAKE_GROW, 3);
		on_exit_call(2, FAKE_GROW, 3);
		expect_attempts(3);
	}
}

/* H17: the failed call returns the valid key; the fake does not let ExitBootServices follow it. */
static void test_H17_key_of_a_failed_call(void **state)
{
	(void)state;
	on_map(FIRST, FAKE_FAIL, EFI_BUFFER_TOO_SMALL);
	on_map(FIRST + 1, FAKE_FAIL, EFI_DEVICE_ERROR);
	expect_return(EFI_DEVICE_ERROR);
	assert_int_equal(fake.calls[FAKE_EXIT_BOOT_SERVICES], 0);
}

static void test_H18_no_descriptors(void **state)
{
	(void)state;
	on_map(FIRST, FAKE_MAP_BYTES, 0);
	expect_return(EFI_DEVICE_ERROR);
	fake_reset();
	on_map(FIRST, FAKE_MAP_BYTES, 47);
	expect_return(EFI_DEVICE_ERROR);
}

static void test_H18_many_descriptors(void **state)
{
	(void)state;
	fake.options.descriptors = 4096;
	expect_attempts(1);
	fake_reset();
	fake.options.descriptors = 20000;
	expect_attempts(1);
	fake_reset();
	fake.options.descriptors = 10000;
	fake.options.dense = 1;
	expect_attempts(1);
	assert_true(handoff_count(fake.block, HANDOFF_PART_RAW_MAP) > 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_the_calls_are_numbered_so, reset),
		cmocka_unit_test_setup(test_H1_probe_leaves_garbage, reset),
		cmocka_unit_test_setup(test_H2_probe_wants_a_buffer, reset),
		cmocka_unit_test_setup(test_H3_probe_succeeds, reset),
		cmocka_unit_test_setup(test_H3_probe_asks_for_the_impossible, reset),
		cmocka_unit_test_setup(test_H4_more_asked_for_than_needed, reset),
		cmocka_unit_test_setup(test_H5_map_grows_with_every_allocation, reset),
		cmocka_unit_test_setup(test_H5_buffer_is_allocated_again, reset),
		cmocka_unit_test_setup(test_H5_map_grows_without_bound, reset),
		cmocka_unit_test_setup(test_H8_descriptor_sizes, reset),
		cmocka_unit_test_setup(test_H9_impossible_descriptor_sizes, reset),
		cmocka_unit_test_setup(test_H9_no_descriptor_size_means_40, reset),
		cmocka_unit_test_setup(test_H9_no_descriptor_size_and_no_map_of_40, reset),
		cmocka_unit_test_setup(test_H10_another_size_on_the_retry, reset),
		cmocka_unit_test_setup(test_H11_descriptor_versions, reset),
		cmocka_unit_test_setup(test_H12_size_is_no_multiple, reset),
		cmocka_unit_test_setup(test_H13_more_returned_than_there_is_room, reset),
		cmocka_unit_test_setup(test_H14_map_fails_on_the_retry, reset),
		cmocka_unit_test_setup(test_H15_too_small_although_it_fits, reset),
		cmocka_unit_test_setup(test_H16_keys_are_opaque, reset),
		cmocka_unit_test_setup(test_H17_key_of_a_failed_call, reset),
		cmocka_unit_test_setup(test_H18_no_descriptors, reset),
		cmocka_unit_test_setup(test_H18_many_descriptors, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
