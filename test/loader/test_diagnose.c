/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnosis by memmap.efi, which the loader starts on the fake firmware: without the key the boot costs a look at the keyboard
 * and nothing else; with it the map is shown and the boot goes on, whatever the firmware makes of the application.  The report:
 * test_report.c.
 */
#include <string.h>
#include "test/fake/expect.h"

#define NOT_STARTED "baton: " FAKE_APPLICATION ": "

static int reset(void **state)
{
	(void)state;
	fake_reset();
	fake.options.notices = 1;
	fake.options.keys = "";
	fake_add_text(FAKE_APPLICATION, "what the firmware loads");
	return 0;
}

static void expect_starts(uint32_t starts)
{
	assert_int_equal(fake.calls[FAKE_START_IMAGE], starts);
	assert_int_equal(fake.unwatched_accesses, 0);
}

static void test_without_the_key(void **state)
{
	(void)state;
	expect_kernel();
	assert_int_equal(fake.calls[FAKE_KEYBOARD], 1);
	reset(NULL);
	fake.options.keys = "xyz ";
	expect_kernel();
	assert_int_equal(fake.calls[FAKE_KEYBOARD], 5);
	assert_int_equal(fake.calls[FAKE_LOAD_IMAGE], 0);
	assert_string_equal(fake.console, "");
}

static void test_with_the_key(void **state)
{
	(void)state;
	fake.options.keys = "xMmmq"; /* the m of a key that is held down shows the same again */
	expect_kernel();
	expect_starts(1);
	assert_string_equal(fake.options.keys, "");
	expect_console("   1 BootServicesCode     0000000000100000 ");
	expect_console("-- m map  h HOBs  a attributes  t tests  q quit");
	expect_console("-- 1-24 of ");
	expect_console("memmap: end\r\n");
}

static void test_a_keyboard_that_never_stops(void **state)
{
	char keys[64];

	(void)state;
	memset(keys, 'x', sizeof(keys) - 1);
	keys[sizeof(keys) - 1] = '\0';
	fake.options.keys = keys;
	expect_kernel();
	assert_int_equal(fake.calls[FAKE_KEYBOARD], 32);
}

static void test_without_screen_or_keyboard(void **state)
{
	(void)state;
	fake.options.keys = "m";
	fake.options.no_console = 1;
	expect_kernel();
	assert_int_equal(fake.calls[FAKE_KEYBOARD], 0);
	reset(NULL);
	fake.options.keys = "m";
	fake.options.no_keyboard = 1;
	expect_kernel();
	expect_starts(0);
}

static void expect_not_started(const char *says)
{
	fake.options.keys = "mq";
	expect_kernel();
	expect_console(says);
	assert_null(strstr(fake.console, "ConventionalMemory"));
}

static void test_no_application_is_no_error(void **state)
{
	(void)state;
	fake_remove_file(FAKE_APPLICATION);
	expect_not_started(NOT_STARTED "Not Found; the boot goes on without it\r\n");
	expect_starts(0);
}

/* Secure Boot: what is loaded and may not be started is unloaded. */
static void test_an_application_that_may_not_start(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_LOAD_IMAGE, 0, FAKE_FAIL, EFI_SECURITY_VIOLATION });
	expect_not_started(NOT_STARTED "Security Violation; the boot goes on without it\r\n");
	assert_int_equal(fake.calls[FAKE_UNLOAD_IMAGE], 1);
	reset(NULL);
	fake_add_fault((struct fake_fault){ FAKE_START_IMAGE, 0, FAKE_FAIL, EFI_UNSUPPORTED });
	expect_not_started(NOT_STARTED "Unsupported; the boot goes on without it\r\n");
	reset(NULL);
	fake_add_fault((struct fake_fault){ FAKE_LOAD_IMAGE, 0, FAKE_NULL, 0 });
	expect_not_started(NOT_STARTED "Device Error; the boot goes on without it\r\n");
}

/* Whichever protocol is missing: back to the firmware or on to the kernel, and nothing is left loaded. */
static void test_H40_protocols_that_are_not_there(void **state)
{
	static const enum fake_effect effects[] = { FAKE_FAIL, FAKE_NULL };
	uint32_t shown = 0, refused = 0;

	(void)state;
	for (uint32_t i = 0; i < 2; i++)
		for (uint32_t at = 1;; at++) {
			reset(NULL);
			fake.options.keys = "mq";
			fake_add_fault((struct fake_fault){ FAKE_HANDLE_PROTOCOL, at, effects[i], EFI_UNSUPPORTED });
			fake_boot();
			if (fake.calls[FAKE_HANDLE_PROTOCOL] < at)
				break;
			if (fake.end == FAKE_KERNEL)
				expect_kernel_now();
			else
				expect_return_now();
			shown += strstr(fake.console, "ConventionalMemory") != NULL;
			refused += strstr(fake.console, NOT_STARTED) != NULL;
		}
	assert_true(shown > 0 && refused >= 6); /* each way: the volume's path, the image, and the image by itself */
}

/* The map that will be handed over is another one. */
static void test_a_map_that_cannot_be_read(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_GET_MEMORY_MAP, 1, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_not_started("memmap: the memory map cannot be read: Device Error\r\n");
	expect_starts(1);
}

/* memmap.efi itself, started by a person with a word that only the loader should use. */
static void test_a_report_of_no_block(void **state)
{
	static const char *const options[] = {
		"report=0x10008000", "report=0x1", "report=0x5000000000000000", "report=0xfffffffffffff000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		reset(NULL);
		fake.application = fake_application_start;
		fake.options.load_options = options[i];
		fake_boot();
		assert_int_equal(fake.end, FAKE_RETURNED);
		assert_string_equal(fake.console, "baton: report not written: Invalid Parameter; the boot goes on\r\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_without_the_key, reset),
		cmocka_unit_test_setup(test_with_the_key, reset),
		cmocka_unit_test_setup(test_a_keyboard_that_never_stops, reset),
		cmocka_unit_test_setup(test_without_screen_or_keyboard, reset),
		cmocka_unit_test_setup(test_no_application_is_no_error, reset),
		cmocka_unit_test_setup(test_an_application_that_may_not_start, reset),
		cmocka_unit_test_setup(test_H40_protocols_that_are_not_there, reset),
		cmocka_unit_test_setup(test_a_map_that_cannot_be_read, reset),
		cmocka_unit_test_setup(test_a_report_of_no_block, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
