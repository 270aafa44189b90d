/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel, modules, texts and load options that are missing, too large, cut off or nonsense: each gets its message (L11). */
#include <string.h>
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

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
	fake_add_kernel(&(struct kernel_shape){ .more = UINT64_C(1) << 27 });
	expect_return(EFI_OUT_OF_RESOURCES);
	expect_console("no room for segment 2");
	fake_reset();
	fake_add_kernel(&(struct kernel_shape){ .align = UINT64_C(1) << 30, .link = UINT64_C(0xffffff0000000000) });
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
	fake_add_fault((struct fake_fault){ FAKE_GET_POSITION, 3, FAKE_STATED_BYTES, UINT64_C(5) << 30 });
	expect_return(EFI_OUT_OF_RESOURCES);
	expect_console("/m");
}

/* The file system says a size, and the file ends before it. */
static void test_files_that_have_become_shorter(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "module = /m\n");
	fake_add_text("\\m", "short");
	fake_add_fault((struct fake_fault){ FAKE_GET_POSITION, 3, FAKE_STATED_BYTES, 5000 });
	expect_return(EFI_END_OF_FILE);
	expect_console("/m: the file ends before its stated size of 5000 bytes");
}

/* A driver without an end of files, and one that takes all ones for a position: they are asked for the size. */
static void test_size_without_an_end(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "module = /m\n");
	fake_add_text("\\m", "short");
	fake.options.no_end = 1;
	expect_kernel();
	assert_int_equal(fake.calls[FAKE_GET_INFO], fake.calls[FAKE_OPEN] - 1); /* there is no cmdline.txt */
	assert_int_equal(fake.calls[FAKE_GET_POSITION], 0);
	fake_reset();
	fake_add_fault((struct fake_fault){ FAKE_GET_POSITION, 0, FAKE_STATED_BYTES, UINT64_MAX });
	expect_kernel();
	assert_int_not_equal(fake.calls[FAKE_GET_INFO], 0);
}

/* A boot that makes a call it does not need is a finding. */
static void test_size_with_an_end_is_not_asked_for(void **state)
{
	(void)state;
	expect_kernel();
	assert_int_equal(fake.calls[FAKE_GET_INFO], 0);
}

static void test_size_is_not_stated(void **state)
{
	(void)state;
	fake.options.no_end = 1;
	fake_add_fault((struct fake_fault){ FAKE_GET_INFO, 0, FAKE_NOTHING, 0 });
	expect_return(EFI_DEVICE_ERROR);
	fake_reset();
	fake.options.no_end = 1;
	fake_add_fault((struct fake_fault){ FAKE_GET_INFO, 0, FAKE_NOTHING, 79 });
	expect_return(EFI_DEVICE_ERROR);
}

/* An error passes, but the handles that saw it stay bad: new ones are taken, for the file and for the volume (H40). */
static void test_one_error_is_survived(void **state)
{
	static const struct fake_fault faults[] = {
		{ FAKE_OPEN, 1, FAKE_FAIL, EFI_DEVICE_ERROR }, { FAKE_OPEN, 3, FAKE_FAIL, EFI_MEDIA_CHANGED },
		{ FAKE_GET_INFO, 2, FAKE_FAIL, EFI_DEVICE_ERROR }, { FAKE_GET_INFO, 1, FAKE_NOTHING, 79 },
		{ FAKE_GET_POSITION, 2, FAKE_FAIL, EFI_DEVICE_ERROR }, { FAKE_SET_POSITION, 3, FAKE_FAIL, EFI_DEVICE_ERROR },
		{ FAKE_SET_POSITION, 4, FAKE_FAIL, EFI_DEVICE_ERROR }, { FAKE_READ, 1, FAKE_FAIL, EFI_DEVICE_ERROR },
		{ FAKE_READ, 5, FAKE_FAIL, EFI_VOLUME_CORRUPTED },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		fake_reset();
		fake_add_text("\\baton\\baton.conf", "module = /m\n");
		fake_add_text("\\m", "short");
		fake.options.no_end = faults[i].call == FAKE_GET_INFO;
		fake_add_fault(faults[i]);
		expect_kernel();
		assert_int_not_equal(fake.fired, 0);
		assert_int_equal(fake.calls[FAKE_OPEN_VOLUME], 2);
		assert_non_null(strstr(fake.debug, ", once more"));
	}
}

/* The second try fails as well. */
static void test_two_errors_are_not(void **state)
{
	static const enum fake_call calls[] = { FAKE_OPEN, FAKE_GET_POSITION, FAKE_SET_POSITION, FAKE_READ, FAKE_OPEN_VOLUME };

	(void)state;
	for (uint32_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fake_reset();
		fake_add_fault((struct fake_fault){ FAKE_READ, 2, FAKE_FAIL, EFI_DEVICE_ERROR });
		fake_add_fault((struct fake_fault){ calls[i], calls[i] == FAKE_OPEN_VOLUME ? 2 : 0, FAKE_FAIL, EFI_DEVICE_ERROR });
		expect_return(EFI_DEVICE_ERROR);
		expect_console("(Device Error)");
	}
}

/* A volume that cannot be read does not say that the configuration is absent. */
static void test_unreadable_is_not_absent(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "cmdline = x\n");
	fake_add_fault((struct fake_fault){ FAKE_OPEN, 1, FAKE_FAIL, EFI_DEVICE_ERROR });
	fake_add_fault((struct fake_fault){ FAKE_OPEN, 2, FAKE_FAIL, EFI_NOT_FOUND });
	expect_return(EFI_DEVICE_ERROR);
}

/* Another volume stands there after the error, with another file of that name. */
static void test_file_of_another_size_after_the_error(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_READ, 1, FAKE_FAIL, EFI_MEDIA_CHANGED });
	fake_add_fault((struct fake_fault){ FAKE_GET_POSITION, 2, FAKE_STATED_BYTES, 100000 });
	expect_return(EFI_MEDIA_CHANGED);
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
		"nonsense\n",        "kernel =\n",           "colour = blue\n",     "kernel = \\a\nkernel = \\b\n",
		"verbose = maybe\n", "kernel = \\\xc3\x28\n", "cmdline = a\001b\n",
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_kernel, reset),
		cmocka_unit_test_setup(test_directories, reset),
		cmocka_unit_test_setup(test_truncated_kernels, reset),
		cmocka_unit_test_setup(test_kernel_larger_than_memory, reset),
		cmocka_unit_test_setup(test_text_files_too_large, reset),
		cmocka_unit_test_setup(test_module_of_five_gibibytes, reset),
		cmocka_unit_test_setup(test_files_that_have_become_shorter, reset),
		cmocka_unit_test_setup(test_size_without_an_end, reset),
		cmocka_unit_test_setup(test_size_with_an_end_is_not_asked_for, reset),
		cmocka_unit_test_setup(test_size_is_not_stated, reset),
		cmocka_unit_test_setup(test_one_error_is_survived, reset),
		cmocka_unit_test_setup(test_two_errors_are_not, reset),
		cmocka_unit_test_setup(test_unreadable_is_not_absent, reset),
		cmocka_unit_test_setup(test_file_of_another_size_after_the_error, reset),
		cmocka_unit_test_setup(test_missing_module, reset),
		cmocka_unit_test_setup(test_bad_configurations, reset),
		cmocka_unit_test_setup(test_path_that_is_not_ascii, reset),
		cmocka_unit_test_setup(test_load_options_at_an_odd_address, reset),
		cmocka_unit_test_setup(test_named_configuration_is_missing, reset),
		cmocka_unit_test_setup(test_named_configuration_has_too_long_a_path, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
