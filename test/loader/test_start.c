/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware and machines of all kinds: what is missing costs a field of the handoff, what is wrong gives a message that says
 * so (L1, L5; case H73).
 */
#include <string.h>
#include "test/fake/expect.h"
#include "test/fake/firmware.h"
#include "test/fake/kernel_file.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/* Returns without a word: there is nobody to say it to. */
static void expect_silent_return(EFI_STATUS status)
{
	char text[256];

	assert_int_equal(fake_boot(), FAKE_RETURNED);
	assert_int_equal(fake.status, status);
	assert_true(fake_memory_clean(text));
	assert_string_equal(fake.console, "");
}

/* --- the system table ------------------------------------------------------------------------------------------------------- */

static void break_signature(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->Hdr.Signature ^= 1;
}

static void break_size(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->Hdr.HeaderSize = sizeof(EFI_TABLE_HEADER) - 1;
}

static void no_boot_services(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->BootServices = NULL;
}

static void no_runtime_services(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices = NULL;
}

static void test_L1_impossible_system_tables(void **state)
{
	static void (*const ways[])(EFI_SYSTEM_TABLE *, EFI_LOADED_IMAGE *) = {
		break_signature, break_size, no_boot_services, no_runtime_services,
	};

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		fake_reset();
		fake.tamper = ways[i];
		expect_silent_return(EFI_INVALID_PARAMETER);
	}
}

static void test_H73_no_console(void **state)
{
	(void)state;
	fake.options.no_console = 1;
	fake.options.no_keyboard = 1;
	expect_kernel();
	assert_true(expect_firmware()->flags & HANDOFF_FIRMWARE_NO_CONSOLE);
	fake_reset();
	fake.options.no_console = 1;
	fake.options.load_options = NULL;
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	assert_int_equal(fake.stalled_microseconds, 0);
}

static void no_vendor(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->FirmwareVendor = NULL;
}

static void strange_vendor(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	for (uint32_t i = 0; i < 1000; i++)
		system->FirmwareVendor[i] = i == 0 ? 0x3b1 : L'x';
	system->FirmwareVendor[1000] = 0;
}

static void test_vendor_strings(void **state)
{
	const char *vendor;

	(void)state;
	fake.tamper = no_vendor;
	expect_kernel();
	assert_int_equal(expect_firmware()->vendor_offset, 0);
	fake_reset();
	fake.tamper = strange_vendor;
	expect_kernel();
	vendor = handoff_string(fake.block, expect_firmware()->vendor_offset);
	assert_memory_equal(vendor, "?xxx", 4);
	assert_int_equal(strlen(vendor), 127);
}

static void no_runtime_functions(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->GetTime = NULL;
	system->RuntimeServices->ResetSystem = NULL;
}

static void test_no_clock(void **state)
{
	(void)state;
	fake.tamper = no_runtime_functions;
	assert_int_equal(fake_boot(), FAKE_KERNEL);
	assert_int_equal(expect_loader()->wall_clock, 0);
}

static void no_variables(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->GetVariable = NULL;
}

/* --- Secure Boot ------------------------------------------------------------------------------------------------------------- */

static void test_secure_boot_is_refused(void **state)
{
	static const int values[] = { 1, 2, 255 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		fake.options.secure_boot = values[i];
		expect_return(EFI_SECURITY_VIOLATION);
		assert_int_equal(fake.calls[FAKE_OPEN], 0);
	}
}

static void test_secure_boot_state_cannot_be_read(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_GET_VARIABLE, 1, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_return(EFI_SECURITY_VIOLATION);
	fake_reset();
	fake.tamper = no_variables;
	expect_return(EFI_SECURITY_VIOLATION);
}

/* --- processor, image, volume ---------------------------------------------------------------------------------------------- */

static void test_unsupported_processor(void **state)
{
	(void)state;
	fake.options.unsupported = "it is a toaster";
	expect_return(EFI_UNSUPPORTED);
	expect_console("toaster");
}

static void image_without_pages(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)system;
	image->ImageSize = 0;
}

static void image_elsewhere(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)system;
	image->ImageBase = (uint8_t *)image->ImageBase + 8;
}

static void image_wraps(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)system;
	image->ImageSize = UINT64_MAX - 100;
}

static void image_too_large(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)system;
	image->ImageSize = (UINT64_C(64) << 20) + 1;
}

static void test_firmware_misdescribes_the_image(void **state)
{
	static void (*const ways[])(EFI_SYSTEM_TABLE *, EFI_LOADED_IMAGE *) = {
		image_without_pages, image_elsewhere, image_wraps, image_too_large,
	};

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		fake_reset();
		fake.tamper = ways[i];
		expect_return(EFI_UNSUPPORTED);
	}
}

static void test_network_boot(void **state)
{
	(void)state;
	fake.options.no_file_system = 1;
	expect_return(EFI_UNSUPPORTED);
	expect_console("network boot");
	fake_reset();
	fake.options.no_device = 1;
	expect_return(EFI_UNSUPPORTED);
	expect_console("network boot");
}

/* --- waiting for a reader ---------------------------------------------------------------------------------------------------- */

static void test_error_waits_for_a_reader(void **state)
{
	(void)state;
	fake.options.load_options = NULL;
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	assert_int_equal(fake.stalled_microseconds, 5000000);
	fake_reset();
	fake.options.load_options = NULL;
	fake.options.key_pressed = 3;
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	assert_int_equal(fake.stalled_microseconds, 200000);
	fake_reset();
	fake.options.no_keyboard = 1;
	fake.options.load_options = NULL;
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	assert_int_equal(fake.stalled_microseconds, 0);
	fake_reset();
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	assert_int_equal(fake.stalled_microseconds, 0); /* nowait */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_L1_impossible_system_tables, reset),
		cmocka_unit_test_setup(test_H73_no_console, reset),
		cmocka_unit_test_setup(test_vendor_strings, reset),
		cmocka_unit_test_setup(test_no_clock, reset),
		cmocka_unit_test_setup(test_secure_boot_is_refused, reset),
		cmocka_unit_test_setup(test_secure_boot_state_cannot_be_read, reset),
		cmocka_unit_test_setup(test_unsupported_processor, reset),
		cmocka_unit_test_setup(test_firmware_misdescribes_the_image, reset),
		cmocka_unit_test_setup(test_network_boot, reset),
		cmocka_unit_test_setup(test_error_waits_for_a_reader, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
