/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The black box on the fake firmware: armed before exit, overwritten by a stop, read at the next start; never against the will
 * of the configuration, never into a full or failing store, never more than two writes a boot, never at the cost of a boot.
 */
#include <string.h>
#include "lib/last_boot.h"
#include "test/fake/expect.h"
#include "test/fake/firmware.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	fake.options.may_write_variables = fake.options.notices = 1;
	fake_add_text("\\baton\\baton.conf", "blackbox = yes\n");
	return 0;
}

/* The machine goes on with the variable that the last boot left. */
static void start_again(void)
{
	struct fake_variable variable = fake.variable;

	reset(NULL);
	fake.variable = variable;
}

static struct handoff_last_boot variable(void)
{
	struct handoff_last_boot boot;

	assert_int_equal(fake.variable.present, 1);
	assert_int_equal(fake.variable.attributes, LAST_BOOT_ATTRIBUTES);
	assert_int_equal(last_boot_decode(fake.variable.data, fake.variable.bytes, &boot), LAST_BOOT_OK);
	return boot;
}

static const struct handoff_last_boot *last_boot(void)
{
	return expect_part(HANDOFF_PART_LAST_BOOT);
}

static void put_record(struct handoff_last_boot boot)
{
	fake.variable = (struct fake_variable){ .present = 1, .attributes = LAST_BOOT_ATTRIBUTES, .bytes = LAST_BOOT_BYTES };
	last_boot_encode(&boot, fake.variable.data);
}

static void refuse_every_key(void)
{
	fake_add_fault((struct fake_fault){ FAKE_EXIT_BOOT_SERVICES, 0, FAKE_FAIL, EFI_INVALID_PARAMETER });
}

static void test_without_the_line_nothing_is_touched(void **state)
{
	(void)state;
	fake.options.may_write_variables = 0; /* any call ends the run */
	fake_add_text("\\baton\\baton.conf", "blackbox = no\n");
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_STOPPED });
	expect_kernel();
	assert_null(handoff_part(fake.block, HANDOFF_PART_LAST_BOOT, NULL, NULL));
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE] + fake.calls[FAKE_QUERY_VARIABLE_INFO], 0);
	fake_exception(14, 0, 0, 0); /* neither does a stop */
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 0);
}

static void test_armed_before_exit(void **state)
{
	(void)state;
	expect_kernel();
	struct handoff_last_boot boot = variable();
	assert_int_equal(boot.state, HANDOFF_LAST_BOOT_ARMED);
	assert_int_equal(boot.stage, HANDOFF_STAGE_EXIT);
	assert_int_equal(boot.image_phys, FAKE_IMAGE);
	assert_int_equal(boot.wall_clock, FAKE_WALL_CLOCK);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 1);
	assert_int_equal(last_boot()->state, HANDOFF_LAST_BOOT_NONE);
	assert_non_null(strstr(fake.debug, "baton: black box armed\n"));
	assert_string_equal(fake.console, ""); /* nothing to say about a first boot */
}

/* The two lines of lib/handoff.h. */
static void test_a_kernel_clears_it_in_two_lines(void **state)
{
	(void)state;
	expect_kernel();
	const struct handoff_last_boot *boot = last_boot();
	if (boot->set_variable_phys != 0)
		((handoff_set_variable)boot->set_variable_phys)(boot->name, boot->vendor_guid, 0, 0, 0);
	assert_int_equal(fake.variable.present, 0);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 2);
	start_again();
	expect_kernel();
	assert_int_equal(last_boot()->state, HANDOFF_LAST_BOOT_NONE);
}

static void test_a_silent_death_is_told_at_the_next_start(void **state)
{
	(void)state;
	expect_kernel();
	start_again();
	expect_kernel();
	assert_int_equal(last_boot()->state, HANDOFF_LAST_BOOT_ARMED);
	assert_int_equal(last_boot()->image_phys, FAKE_IMAGE);
	expect_console("baton: the last boot began to leave the firmware at stage 8 (exit), and nobody has reported back");
	assert_non_null(strstr(expect_part(HANDOFF_PART_LOG), "began to leave the firmware"));
}

static void test_an_exception_is_told_at_the_next_start(void **state)
{
	(void)state;
	expect_kernel();
	fake_exception(14, 2, 0xffffffff80000123, 0xdead000);
	expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
	struct handoff_last_boot boot = variable();
	assert_int_equal(boot.state, HANDOFF_LAST_BOOT_STOPPED);
	assert_int_equal(boot.code, STOP_EXCEPTION);
	assert_int_equal(boot.attempts, 1);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 2);
	assert_non_null(strstr(fake.serial, "baton: black box written: status 0x0"));
	start_again();
	expect_kernel();
	assert_int_equal(last_boot()->stage, HANDOFF_STAGE_JUMP);
	assert_int_equal(last_boot()->detail[2], 0xffffffff80000123);
	expect_console("baton: the last boot stopped at stage 12 (jump): ");
	expect_console("page fault");
}

/* Under the firmware's own page tables, after the first exit call: a runtime service is legal (L37). */
static void test_a_stop_before_the_switch_is_kept(void **state)
{
	(void)state;
	refuse_every_key();
	expect_stop(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	struct handoff_last_boot boot = variable();
	assert_int_equal(boot.code, STOP_EXIT_ATTEMPTS);
	assert_int_equal(boot.attempts, 8);
	assert_int_equal(boot.detail[1], EFI_INVALID_PARAMETER);
}

/* Where the firmware's code is not executable under our page tables, and where a kernel has loaded its own. */
static void test_no_call_where_runtime_services_cannot_be_called(void **state)
{
	(void)state;
	fake.options.no_attributes_table = 1;
	expect_kernel();
	assert_int_equal(last_boot()->set_variable_phys, 0);
	fake_exception(14, 0, 0, 0);
	expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 1);
	assert_int_equal(variable().state, HANDOFF_LAST_BOOT_ARMED);

	reset(NULL);
	expect_kernel();
	fake.options.foreign_page_tables = 1;
	fake_exception(14, 0, 0, 0);
	expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 1);
	assert_int_equal(fake.resets, 0);
	assert_int_equal(fake.chipset_resets, 1);
}

/* The firmware faults in SetVariable: the stop goes on behind it. */
static void test_an_exception_in_the_firmware_goes_on_without(void **state)
{
	(void)state;
	expect_kernel();
	fake.options.variable_faults = 1;
	fake_exception(6, 0, 0xffffffff80000999, 0);
	expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
	assert_int_equal(fake_memory_record()->stop_detail[0], 6);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 2);
	assert_null(strstr(fake.serial, "black box written"));
	assert_int_equal(fake.resets, 1);
}

static void test_a_failed_write_in_a_stop_is_said(void **state)
{
	(void)state;
	expect_kernel();
	fake_add_fault((struct fake_fault){ FAKE_SET_VARIABLE, 2, FAKE_FAIL, EFI_DEVICE_ERROR });
	fake_exception(6, 0, 0, 0);
	expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
	assert_non_null(strstr(fake.serial, "baton: black box not written: status 0x8000000000000007"));
	assert_int_equal(fake.resets, 1);
}

/* --- a store that is full or fails ----------------------------------------------------------------------------------------- */

static void expect_not_armed(const char *why)
{
	expect_kernel();
	assert_int_equal(last_boot()->set_variable_phys, 0);
	if (strstr(fake.debug, why) == NULL)
		fail_msg("not said: %s in %s", why, fake.debug);
	assert_string_equal(fake.console, "");
	uint32_t writes = fake.calls[FAKE_SET_VARIABLE];
	fake_exception(14, 0, 0, 0);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], writes);
}

static void no_query(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->QueryVariableInfo = NULL;
}
static void no_set(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->SetVariable = NULL;
}
/* UEFI 1.10: the table ends before QueryVariableInfo. */
static void old_table(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->Hdr.HeaderSize = __builtin_offsetof(EFI_RUNTIME_SERVICES, UpdateCapsule);
}

static void test_no_write_without_a_statement_of_room(void **state)
{
	static void (*const tampers[])(EFI_SYSTEM_TABLE *, EFI_LOADED_IMAGE *) = { no_query, no_set, old_table };

	(void)state;
	for (size_t i = 0; i < sizeof(tampers) / sizeof(tampers[0]); i++) {
		reset(NULL);
		fake.tamper = tampers[i];
		expect_not_armed("black box not armed: the firmware does not state how full its variable store is (Unsupported)");
		assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 0);
	}
	reset(NULL);
	fake_add_fault((struct fake_fault){ FAKE_QUERY_VARIABLE_INFO, 1, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_not_armed("does not state how full its variable store is (Device Error)");
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 0);
}

static void test_no_write_into_a_store_that_is_nearly_full(void **state)
{
	static const struct { uint64_t maximum, remaining, largest; } stores[] = {
		{ 60000, 5119, 5000 }, { 60000, 0, 30000 }, { 60000, 40000, 5119 }, { 0, 0, 0 },
		{ 60000, UINT64_MAX, 30000 }, /* nonsense is not believed either */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		reset(NULL);
		fake.options.store_maximum = stores[i].maximum;
		fake.options.store_remaining = stores[i].remaining;
		fake.options.store_largest = stores[i].largest;
		expect_not_armed("black box not armed: the variable store is nearly full (Out of Resources)");
		assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 0);
	}
	reset(NULL);
	fake.options.store_remaining = fake.options.store_largest = 5120;
	expect_kernel();
	assert_int_not_equal(last_boot()->set_variable_phys, 0);
}

static void test_a_write_that_fails_is_not_tried_again(void **state)
{
	static const EFI_STATUS failures[] = { EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR, EFI_WRITE_PROTECTED, EFI_SECURITY_VIOLATION,
					       EFI_INVALID_PARAMETER };

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		reset(NULL);
		fake_add_fault((struct fake_fault){ FAKE_SET_VARIABLE, 0, FAKE_FAIL, failures[i] });
		expect_not_armed("black box not armed: the variable cannot be written");
		assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 1);
	}
}

/* A boot that is given up before the firmware was left has not ended in the dark. */
static void test_disarmed_when_the_boot_is_given_up(void **state)
{
	(void)state;
	/* The maps before the loop's: a probe, and what the page tables are built from. */
	fake_add_fault((struct fake_fault){ FAKE_GET_MEMORY_MAP, 4, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_some_return();
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 2);
	assert_int_equal(fake.variable.present, 0);
}

/* The map grows with the write, as it may: the exit takes its map afterwards. */
static void test_a_write_that_changes_the_map(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_SET_VARIABLE, 1, FAKE_GROW, 20 });
	expect_kernel();
	assert_int_equal(variable().state, HANDOFF_LAST_BOOT_ARMED);
}

/* --- what comes back is hostile --------------------------------------------------------------------------------------------- */

static void expect_unreadable(enum last_boot_status why)
{
	expect_kernel();
	const struct handoff_last_boot *boot = last_boot();
	assert_int_equal(boot->state, HANDOFF_LAST_BOOT_UNREADABLE);
	assert_int_equal(boot->detail[0], why);
	assert_int_equal(boot->stage + boot->code + boot->attempts, 0);
	expect_console("baton: the record of the last boot is not to be trusted: ");
	expect_console(last_boot_status_name(why));
}

static void test_a_damaged_record_is_reported_and_replaced(void **state)
{
	(void)state;
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_STOPPED, .stage = 12 });
	fake.variable.data[40] ^= 1;
	expect_unreadable(LAST_BOOT_BAD_CHECKSUM);
	assert_int_equal(variable().state, HANDOFF_LAST_BOOT_ARMED);

	reset(NULL);
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_STOPPED });
	fake.variable.data[8] = 9;
	expect_unreadable(LAST_BOOT_BAD_VERSION);

	reset(NULL);
	fake.variable = (struct fake_variable){ .present = 1, .attributes = LAST_BOOT_ATTRIBUTES, .bytes = 3 };
	expect_unreadable(LAST_BOOT_SHORT);

	reset(NULL);
	fake.variable = (struct fake_variable){ .present = 1, .attributes = LAST_BOOT_ATTRIBUTES, .bytes = 200 };
	expect_unreadable(LAST_BOOT_BAD_LENGTH);
	assert_int_equal(variable().state, HANDOFF_LAST_BOOT_ARMED);
}

static void test_a_firmware_that_lies_about_the_size(void **state)
{
	(void)state;
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_STOPPED });
	fake_add_fault((struct fake_fault){ FAKE_GET_VARIABLE, 0, FAKE_LONG, 5000 });
	expect_unreadable(LAST_BOOT_NOT_READ);
}

/* §8.2.3: it cannot be overwritten; it goes now, and the next boot is armed again. */
static void test_a_variable_with_other_attributes_is_deleted(void **state)
{
	(void)state;
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_STOPPED });
	fake.variable.attributes = 6;
	expect_unreadable(LAST_BOOT_BAD_ATTRIBUTES);
	assert_int_equal(last_boot()->set_variable_phys, 0);
	assert_int_equal(fake.variable.present, 0);
	assert_int_equal(fake.calls[FAKE_SET_VARIABLE], 1);
	start_again();
	expect_kernel();
	assert_int_equal(variable().state, HANDOFF_LAST_BOOT_ARMED);
}

static void test_firmware_that_gives_no_variable_out(void **state)
{
	(void)state;
	/* SecureBoot and SetupMode come first. */
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_STOPPED });
	fake_add_fault((struct fake_fault){ FAKE_GET_VARIABLE, 3, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_unreadable(LAST_BOOT_NOT_READ);
}

/* A kernel's own word is told in the log and handed on; it needs nobody's attention when it is a good one. */
static void test_a_kernels_verdict_arrives(void **state)
{
	(void)state;
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_PASSED, .stage = 0x100, .detail = { 184, 0, 1, 0 } });
	expect_kernel();
	assert_int_equal(last_boot()->state, HANDOFF_LAST_BOOT_PASSED);
	assert_int_equal(last_boot()->detail[0], 184);
	assert_string_equal(fake.console, "");
	start_again();
	put_record((struct handoff_last_boot){ .state = HANDOFF_LAST_BOOT_FAILED, .stage = 0x100, .code = 17 });
	expect_kernel();
	expect_console("the kernel of the last boot reported a failure: code 17");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_without_the_line_nothing_is_touched, reset),
		cmocka_unit_test_setup(test_armed_before_exit, reset),
		cmocka_unit_test_setup(test_a_kernel_clears_it_in_two_lines, reset),
		cmocka_unit_test_setup(test_a_silent_death_is_told_at_the_next_start, reset),
		cmocka_unit_test_setup(test_an_exception_is_told_at_the_next_start, reset),
		cmocka_unit_test_setup(test_a_stop_before_the_switch_is_kept, reset),
		cmocka_unit_test_setup(test_no_call_where_runtime_services_cannot_be_called, reset),
		cmocka_unit_test_setup(test_an_exception_in_the_firmware_goes_on_without, reset),
		cmocka_unit_test_setup(test_a_failed_write_in_a_stop_is_said, reset),
		cmocka_unit_test_setup(test_no_write_without_a_statement_of_room, reset),
		cmocka_unit_test_setup(test_no_write_into_a_store_that_is_nearly_full, reset),
		cmocka_unit_test_setup(test_a_write_that_fails_is_not_tried_again, reset),
		cmocka_unit_test_setup(test_disarmed_when_the_boot_is_given_up, reset),
		cmocka_unit_test_setup(test_a_write_that_changes_the_map, reset),
		cmocka_unit_test_setup(test_a_damaged_record_is_reported_and_replaced, reset),
		cmocka_unit_test_setup(test_a_firmware_that_lies_about_the_size, reset),
		cmocka_unit_test_setup(test_a_variable_with_other_attributes_is_deleted, reset),
		cmocka_unit_test_setup(test_firmware_that_gives_no_variable_out, reset),
		cmocka_unit_test_setup(test_a_kernels_verdict_arrives, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
