/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware, files and machines of all kinds: what is missing costs a field of the handoff, what is wrong gives a message
 * that says so (L1, L5, L21, L22, K40; cases H55, H73).
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
	assert_true(((const struct handoff_firmware *)expect_part(HANDOFF_PART_FIRMWARE))->flags & HANDOFF_FIRMWARE_NO_CONSOLE);
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
	assert_int_equal(((const struct handoff_firmware *)expect_part(HANDOFF_PART_FIRMWARE))->vendor_offset, 0);
	fake_reset();
	fake.tamper = strange_vendor;
	expect_kernel();
	vendor = handoff_string(fake.block, ((const struct handoff_firmware *)expect_part(HANDOFF_PART_FIRMWARE))->vendor_offset);
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
	assert_int_equal(((const struct handoff_loader *)expect_part(HANDOFF_PART_LOADER))->wall_clock, 0);
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

static void test_firmware_misdescribes_the_image(void **state)
{
	static void (*const ways[])(EFI_SYSTEM_TABLE *, EFI_LOADED_IMAGE *) = { image_without_pages, image_elsewhere, image_wraps };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
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

/* --- files ------------------------------------------------------------------------------------------------------------------ */

static void test_no_kernel(void **state)
{
	(void)state;
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	expect_console("\\baton\\kernel.elf");
}

static void test_directories(void **state)
{
	static const char *const paths[] = { "\\baton\\kernel.elf", "\\baton\\baton.conf", "\\baton\\cmdline.txt" };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		fake_add_text(paths[i], "");
		for (uint32_t j = 0; j < FAKE_FILES_MAX; j++)
			if (fake.files[j].path == paths[i])
				fake.files[j].directory = 1;
		expect_return(EFI_INVALID_PARAMETER);
		expect_console(paths[i]);
		expect_console("directory");
	}
}

static void expect_short_kernel(uint64_t bytes)
{
	fake_reset();
	fake_add_file("\\baton\\kernel.elf", kernel_file(NULL), bytes);
	expect_return(EFI_LOAD_ERROR);
}

static void test_truncated_kernels(void **state)
{
	(void)state;
	for (uint64_t bytes = 0; bytes < 300; bytes++)
		expect_short_kernel(bytes);
	for (uint64_t bytes = 300; bytes < 0x5123; bytes += 511)
		expect_short_kernel(bytes);
	expect_short_kernel(0x5122);
}

/* L21, H40: a kernel that is larger than memory, or than anything. */
static void test_kernel_larger_than_memory(void **state)
{
	(void)state;
	fake_add_file("\\baton\\kernel.elf", kernel_file(&(struct kernel_shape){ .more = UINT64_C(1) << 27 }), kernel_file_bytes());
	expect_return(EFI_OUT_OF_RESOURCES);
	expect_console("no room for segment 2");
	fake_reset();
	fake_add_file("\\baton\\kernel.elf", kernel_file(&(struct kernel_shape){ .align = UINT64_C(1) << 30, .link = UINT64_C(0xffffff0000000000) }),
		      kernel_file_bytes());
	expect_return(EFI_OUT_OF_RESOURCES);
}

static void test_text_files_too_large(void **state)
{
	static char text[(1 << 20) + 2];

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	fake_add_file("\\baton\\cmdline.txt", text, 65537);
	expect_return(EFI_BAD_BUFFER_SIZE);
	fake_reset();
	fake_add_file("\\baton\\cmdline.txt", text, 65536);
	expect_kernel();
	fake_reset();
	memset(text, '\n', sizeof(text) - 1);
	fake_add_file("\\baton\\baton.conf", text, (1 << 20) + 1);
	expect_return(EFI_BAD_BUFFER_SIZE);
	fake_reset();
	fake_add_file("\\baton\\baton.conf", text, 1 << 20);
	expect_kernel();
}

static void test_module_of_five_gibibytes(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "module = /m\n");
	fake_add_text("\\m", "short");
	fake_add_fault((struct fake_fault){ FAKE_GET_INFO, 3, FAKE_STATED_BYTES, UINT64_C(5) << 30 });
	expect_return(EFI_OUT_OF_RESOURCES);
	expect_console("/m");
}

/* The file system says a size, and the file ends before it. */
static void test_files_that_have_become_shorter(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "module = /m\n");
	fake_add_text("\\m", "short");
	fake_add_fault((struct fake_fault){ FAKE_GET_INFO, 3, FAKE_STATED_BYTES, 5000 });
	expect_return(EFI_END_OF_FILE);
	expect_console("/m: the file ends before its stated size of 5000 bytes");
}

static void test_size_is_not_stated(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_GET_INFO, 1, FAKE_NOTHING, 0 });
	expect_return(EFI_DEVICE_ERROR);
	fake_reset();
	fake_add_fault((struct fake_fault){ FAKE_GET_INFO, 1, FAKE_NOTHING, 79 });
	expect_return(EFI_DEVICE_ERROR);
}

static void test_missing_module(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "module = /not/here\n");
	expect_return(EFI_NOT_FOUND);
	expect_console("/not/here");
}

static void test_bad_configurations(void **state)
{
	static const char *const texts[] = {
		"nonsense\n", "kernel =\n", "colour = blue\n", "kernel = \\a\nkernel = \\b\n", "verbose = maybe\n", "kernel = \\\xc3\x28\n", "cmdline = a\001b\n",
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fake_reset();
		fake_add_text("\\baton\\baton.conf", texts[i]);
		expect_return(EFI_INVALID_PARAMETER);
		expect_console("\\baton\\baton.conf: line ");
	}
}

/* UCS-2 of another alphabet cannot be asked for. */
static void test_path_that_is_not_ascii(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "kernel = \\k\xc3\xa9rnel\n");
	expect_return(EFI_INVALID_PARAMETER);
}

/* --- load options ------------------------------------------------------------------------------------------------------------ */

static void test_load_options_at_an_odd_address(void **state)
{
	(void)state;
	fake.options.load_options = "conf=\\my.conf nowait";
	fake.options.load_options_offset = 1;
	fake_add_text("\\my.conf", "cmdline = mine\n");
	expect_kernel();
	assert_string_equal(expect_part(HANDOFF_PART_CMDLINE), "mine");
}

/* Who names a configuration wants that one, not the defaults. */
static void test_named_configuration_is_missing(void **state)
{
	(void)state;
	fake.options.load_options = "conf=\\not-there.conf nowait";
	expect_return(EFI_NOT_FOUND);
	expect_console("\\not-there.conf");
}

static void test_named_configuration_has_too_long_a_path(void **state)
{
	static char options[400];

	(void)state;
	strcpy(options, "nowait conf=\\");
	memset(options + strlen(options), 'a', 300);
	fake.options.load_options = options;
	expect_return(EFI_INVALID_PARAMETER);
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
		cmocka_unit_test_setup(test_no_kernel, reset),
		cmocka_unit_test_setup(test_directories, reset),
		cmocka_unit_test_setup(test_truncated_kernels, reset),
		cmocka_unit_test_setup(test_kernel_larger_than_memory, reset),
		cmocka_unit_test_setup(test_text_files_too_large, reset),
		cmocka_unit_test_setup(test_module_of_five_gibibytes, reset),
		cmocka_unit_test_setup(test_files_that_have_become_shorter, reset),
		cmocka_unit_test_setup(test_size_is_not_stated, reset),
		cmocka_unit_test_setup(test_missing_module, reset),
		cmocka_unit_test_setup(test_bad_configurations, reset),
		cmocka_unit_test_setup(test_path_that_is_not_ascii, reset),
		cmocka_unit_test_setup(test_load_options_at_an_odd_address, reset),
		cmocka_unit_test_setup(test_named_configuration_is_missing, reset),
		cmocka_unit_test_setup(test_named_configuration_has_too_long_a_path, reset),
		cmocka_unit_test_setup(test_error_waits_for_a_reader, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
