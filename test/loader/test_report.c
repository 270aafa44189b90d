/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report on the fake firmware: what it holds, what it is called, that no file but the loader's own is ever touched, and that
 * no failure of the volume costs the boot, a file that is half there, or anything else that is left behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/last_boot.h"
#include "lib/memory_import.h"
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

#define REPORT "\\baton\\report-20240229-133456-unknown.txt"
#define LAST_BOOT "\\baton\\last-boot.txt"

static uint8_t module[5000];

static int reset(void **state)
{
	(void)state;
	fake_reset();
	fake.options.may_write_files = fake.options.may_write_variables = fake.options.notices = 1;
	fake_add_text("\\baton\\baton.conf", "report = yes\nblackbox = yes\nmodule = \\initrd the first one\n");
	fake_add_text("\\baton\\cmdline.txt", "some words");
	fake_add_file("\\initrd", module, sizeof(module));
	fake_add_text(FAKE_APPLICATION, "what the firmware loads");
	return 0;
}

static const char *text_of(const char *path)
{
	static char text[1 << 20];
	const struct fake_file *file = fake_find_file(path);

	if (file == NULL)
		fail_msg("there is no %s", path);
	assert_true(file->bytes < sizeof(text));
	memcpy(text, file->data, file->bytes);
	text[file->bytes] = '\0';
	assert_int_equal(strlen(text), file->bytes);
	return text;
}

static void expect_text(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("not in the text: %s\n%s", words, text);
}

static void test_without_the_line_nothing_is_written(void **state)
{
	(void)state;
	fake.options.may_write_files = 0; /* any open for writing ends the run */
	fake_add_text("\\baton\\baton.conf", "report = no\n");
	expect_kernel();
	assert_null(fake_find_file(REPORT));
	assert_null(fake_find_file(LAST_BOOT));
	assert_int_equal(fake.calls[FAKE_WRITE] + fake.calls[FAKE_FLUSH] + fake.calls[FAKE_DELETE], 0);
}

static void test_what_the_report_says(void **state)
{
	(void)state;
	expect_kernel();
	const char *text = text_of(REPORT);
	static const char *const words[] = {
		"# machine: unknown\n", "# firmware: UEFI 2.1 by Fake Firmware, revision 0x12345; BIOS unknown\n",
		"# source: the report of Baton 0.1.0, 2024-02-29 13:34:56\n", "# last boot: no record of the last boot\n",
		"# processor: Fake Processor; 39 address bits, 4 paging levels, NX, 1 GiB pages, ", "# Secure Boot: off\n",
		"# stage 1: entry ", "# stage 7: page tables ", "# kernel: ", " bytes, entry 0x", "# log: kernel: \\baton\\kernel.elf\n", "# segment 0: 0xffffffff80000000 at 0x",
		"# command line: some words\n", "# module 0: the first one at 0x", ", 5000 bytes\n", ", handoff block 0\n",
		"# log: segment 0: virtual ", "# framebuffer: 800x600 at 0x30000000, 3200 bytes a line, ",
		"# modes: 4, current 0\n", "# mode 1: 1024x768, no framebuffer, ", "# mode 2: 640x480, masks, 704 pixels a line\n",
		"# disks: 3\n", "# disk 0: whole, removable, 512-byte blocks, 100000 blocks, path, PCI\n",
		"# disk 1: partition, removable, 512-byte blocks, 90000 blocks, the boot volume, path 2.1 4.1, PCI\n",
		"runtime services can be called after exit\n",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		expect_text(text, words[i]);
	assert_null(strstr(text, "# cut"));
	assert_null(strstr(text, "# disk 2"));
	assert_non_null(strstr(expect_part(HANDOFF_PART_LOG), "report: " REPORT "\n"));
}

/* CPUID states the rate of few processors: no number stands for one that is not known. */
static void test_the_rate_of_the_clock(void **state)
{
	(void)state;
	fake.options.cpu.tsc_hz = 2345678901;
	expect_kernel();
	expect_text(text_of(REPORT), ", time stamp counter 2345678901 Hz\n# registers");
}

static void test_a_clock_of_unknown_rate(void **state)
{
	(void)state;
	fake.options.cpu.tsc_hz = 0;
	expect_kernel();
	expect_text(text_of(REPORT), ", time stamp counter unknown\n# registers");
}

/* `baton map` reads the report as it is. */
static void test_the_map_in_it_reads_back(void **state)
{
	static struct handoff_raw_descriptor descriptors[512];
	struct memory_import import = { .descriptors = descriptors, .capacity = 512 };
	uint64_t runtime = 0;

	(void)state;
	expect_kernel();
	const char *text = text_of(REPORT);
	assert_int_equal(memory_import_text(&import, text, strlen(text)), MEMORY_IMPORT_OK);
	assert_int_equal(import.form, MEMORY_IMPORT_CORPUS);
	assert_int_equal(import.problem_count, 0);
	assert_true(import.count > 10);
	for (uint64_t i = 0; i < import.count; i++)
		runtime += descriptors[i].type == 6 ? descriptors[i].number_of_pages : 0;
	assert_true(runtime > 2); /* the firmware's and the boot record */
}

static void test_last_boot_is_rewritten_in_its_place(void **state)
{
	struct handoff_last_boot stopped = { .state = HANDOFF_LAST_BOOT_STOPPED, .stage = 12, .code = STOP_EXCEPTION, .attempts = 1,
					     .detail = { 14, 0, 0x1234, 0x5678 } };

	(void)state;
	expect_kernel();
	assert_int_equal(fake_find_file(LAST_BOOT)->bytes, 1024);
	expect_text(text_of(LAST_BOOT), "no record of the last boot\nthis boot: 2024-02-29 13:34:56 on unknown, about to leave");

	reset(NULL);
	struct fake_file *old = fake_write_file(LAST_BOOT, 0);
	old->data = memset(malloc(1024), 'x', 1024);
	old->bytes = 1024;
	fake.variable = (struct fake_variable){ .present = 1, .attributes = LAST_BOOT_ATTRIBUTES, .bytes = LAST_BOOT_BYTES };
	last_boot_encode(&stopped, fake.variable.data);
	expect_kernel();
	assert_int_equal(fake_find_file(LAST_BOOT)->bytes, 1024);
	assert_null(strstr(text_of(LAST_BOOT), "xx")); /* of the old one */
	expect_text(text_of(LAST_BOOT), "the last boot stopped at stage 12 (jump): ");
	expect_text(text_of(REPORT), "# last boot: the last boot stopped at stage 12 (jump): ");
}

/* A driver that never comes back ends in a reset; a large file gets the time that it may take. */
static void test_L2_files_are_watched(void **state)
{
	static uint8_t large[8 << 20];

	(void)state;
	fake_add_file("\\initrd", large, sizeof(large));
	expect_kernel();
	assert_true(fake.calls[FAKE_OPEN] > 5 && fake.calls[FAKE_READ] > 3 && fake.calls[FAKE_WRITE] == 2);
	assert_int_equal(fake.unwatched_accesses, 0);
	/* A firmware that has no watchdog is no reason not to boot. */
	reset(NULL);
	fake_add_fault((struct fake_fault){ FAKE_WATCHDOG, 0, FAKE_FAIL, EFI_UNSUPPORTED });
	expect_kernel();
}

static void test_no_report_is_overwritten(void **state)
{
	(void)state;
	fake_add_text(REPORT, "of the same second");
	fake_add_text("\\baton\\report-20240229-133456-unknown-2.txt", "and another");
	expect_kernel();
	assert_string_equal(text_of(REPORT), "of the same second");
	expect_text(text_of("\\baton\\report-20240229-133456-unknown-3.txt"), "# machine: unknown");
}

static void no_clock(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->GetTime = NULL;
}

static void test_a_machine_without_a_clock(void **state)
{
	(void)state;
	fake.tamper = no_clock;
	expect_kernel();
	expect_text(text_of("\\baton\\report-undated-unknown.txt"), "# source: the report of Baton 0.1.0, unknown\n");
}

static void test_a_volume_that_refuses_is_no_error(void **state)
{
	static const struct {
		enum fake_call call;
		uint32_t at;
		EFI_STATUS status;
		const char *says;
	} cases[] = {
		{ FAKE_WRITE, 0, EFI_VOLUME_FULL, "baton: report not written: Volume Full; the boot goes on\r\n" },
		{ FAKE_WRITE, 0, EFI_WRITE_PROTECTED, "baton: last-boot.txt not written: Write Protected; the boot goes on\r\n" },
		{ FAKE_WRITE, 2, EFI_DEVICE_ERROR, "baton: report not written: Device Error; the boot goes on\r\n" },
		{ FAKE_FLUSH, 1, EFI_VOLUME_CORRUPTED, "baton: last-boot.txt not written: Volume Corrupted; the boot goes on\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset(NULL);
		fake_add_fault((struct fake_fault){ cases[i].call, cases[i].at, FAKE_FAIL, cases[i].status });
		expect_kernel();
		expect_console(cases[i].says);
	}
}

/* It ends with a whole line of the map. */
static void expect_whole_map(const char *text)
{
	const char *last = text + strlen(text);
	unsigned long fields[5];

	assert_true(last - text > 2 && last[-1] == '\n');
	for (last -= 2; last[-1] != '\n';)
		last--;
	if (sscanf(last, "%lu %lu 0x%lx %lu 0x%lx\n", &fields[0], &fields[1], &fields[2], &fields[3], &fields[4]) != 5)
		fail_msg("the last line is cut: %s", last);
}

/* What is on the volume is whole, and nothing of it is anybody else's. */
static void expect_whole_files(void)
{
	for (uint32_t i = 0; i < FAKE_FILES_MAX; i++) {
		const struct fake_file *file = &fake.files[i];

		if (file->path == NULL || !file->written || file->directory)
			continue;
		/* A file whose deletion failed, too, cannot be helped. */
		if (fake.calls[FAKE_DELETE] > 0)
			continue;
		if (strcmp(file->path, LAST_BOOT) == 0)
			assert_int_equal(file->bytes, 1024);
		else
			expect_whole_map(text_of(file->path));
	}
}

static const struct way {
	enum fake_call call;
	enum fake_effect effect;
	uint64_t value;
	uint32_t must_boot; /* whichever call it strikes */
} ways[] = {
	{ FAKE_OPEN, FAKE_FAIL, EFI_WRITE_PROTECTED, 0 }, { FAKE_OPEN, FAKE_FAIL, EFI_NOT_FOUND, 0 }, { FAKE_OPEN, FAKE_NULL, 0, 0 },
	{ FAKE_WRITE, FAKE_FAIL, EFI_VOLUME_FULL, 1 }, { FAKE_WRITE, FAKE_FAIL, EFI_DEVICE_ERROR, 1 },
	{ FAKE_WRITE, FAKE_SHORT, 0, 1 }, { FAKE_FLUSH, FAKE_FAIL, EFI_DEVICE_ERROR, 1 },
	{ FAKE_DELETE, FAKE_FAIL, EFI_DEVICE_ERROR, 1 }, { FAKE_LOCATE_HANDLES, FAKE_FAIL, EFI_NOT_FOUND, 1 },
	{ FAKE_HANDLE_PROTOCOL, FAKE_FAIL, EFI_UNSUPPORTED, 0 }, { FAKE_HANDLE_PROTOCOL, FAKE_NULL, 0, 0 },
	{ FAKE_ALLOCATE_POOL, FAKE_FAIL, EFI_OUT_OF_RESOURCES, 0 }, { FAKE_ALLOCATE_POOL, FAKE_NULL, 0, 0 },
	{ FAKE_GET_MEMORY_MAP, FAKE_FAIL, EFI_DEVICE_ERROR, 0 }, { FAKE_QUERY_MODE, FAKE_FAIL, EFI_DEVICE_ERROR, 1 },
	{ FAKE_GET_TIME, FAKE_FAIL, EFI_DEVICE_ERROR, 1 }, { FAKE_GET_VARIABLE, FAKE_FAIL, EFI_DEVICE_ERROR, 0 },
	{ FAKE_LOAD_IMAGE, FAKE_FAIL, EFI_UNSUPPORTED, 1 }, { FAKE_LOAD_IMAGE, FAKE_FAIL, EFI_SECURITY_VIOLATION, 1 },
	{ FAKE_LOAD_IMAGE, FAKE_NULL, 0, 1 }, { FAKE_START_IMAGE, FAKE_FAIL, EFI_UNSUPPORTED, 1 },
	{ FAKE_SET_VARIABLE, FAKE_FAIL, EFI_OUT_OF_RESOURCES, 1 }, { FAKE_QUERY_VARIABLE_INFO, FAKE_FAIL, EFI_DEVICE_ERROR, 1 },
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void strike(uint32_t way, uint32_t at)
{
	fake_add_fault((struct fake_fault){ ways[way].call, at, ways[way].effect, ways[way].value });
}

static void expect_either(void)
{
	fake_boot();
	if (fake.end == FAKE_KERNEL)
		expect_kernel_now();
	else
		expect_return_now();
	expect_whole_files();
}

/* H40: every call that writing makes fails once, and everywhere it goes on or back with nothing left. */
static void test_H40_every_single_fault(void **state)
{
	uint32_t runs = 0, booted = 0;

	(void)state;
	for (uint32_t way = 0; way < WAYS; way++)
		for (uint32_t at = 1;; at++) {
			reset(NULL);
			if (ways[way].call == FAKE_DELETE) /* only a failed write deletes */
				fake_add_fault((struct fake_fault){ FAKE_WRITE, 0, FAKE_FAIL, EFI_VOLUME_FULL });
			strike(way, at);
			expect_either();
			if (fake.calls[ways[way].call] < at)
				break;
			if (ways[way].must_boot)
				assert_int_equal(fake.end, FAKE_KERNEL);
			runs++;
			booted += fake.end == FAKE_KERNEL;
		}
	print_message("%u runs with one fault, %u booted\n", runs, booted);
	assert_true(runs > 60 && booted > 40 && booted < runs);
}

static void test_H40_every_pair(void **state)
{
	uint32_t runs = 0;

	(void)state;
	for (uint32_t first = 0; first < WAYS; first++)
		for (uint32_t at = 1, struck = 1; struck; at++)
			for (uint32_t second = first; second < WAYS; second++)
				for (uint32_t then = second == first ? at + 1 : 1;; then++) {
					reset(NULL);
					strike(first, at);
					strike(second, then);
					expect_either();
					runs++;
					struck = fake.calls[ways[first].call] >= at;
					if (fake.calls[ways[second].call] < then)
						break;
				}
	print_message("%u runs with two faults\n", runs);
}

/* A log that is full and a map of 2,000 descriptors: nothing of the map is cut. */
static void test_a_large_machine(void **state)
{
	static struct handoff_raw_descriptor descriptors[4096];
	struct memory_import import = { .descriptors = descriptors, .capacity = 4096 };

	(void)state;
	fake.options.descriptors = 2000;
	fake.options.dense = 1;
	expect_kernel();
	const char *text = text_of(REPORT);
	assert_int_equal(memory_import_text(&import, text, strlen(text)), MEMORY_IMPORT_OK);
	assert_true(import.count > 2000);
	assert_null(strstr(text, "# cut"));
}

/* Nobody has verified the configuration: it is not read at all, and nothing is written. */
static void test_not_under_secure_boot(void **state)
{
	(void)state;
	fake.options.secure_boot = 1;
	fake.options.may_write_files = fake.options.may_write_variables = 0;
	expect_return(EFI_SECURITY_VIOLATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_without_the_line_nothing_is_written, reset),
		cmocka_unit_test_setup(test_what_the_report_says, reset),
		cmocka_unit_test_setup(test_the_rate_of_the_clock, reset),
		cmocka_unit_test_setup(test_a_clock_of_unknown_rate, reset),
		cmocka_unit_test_setup(test_the_map_in_it_reads_back, reset),
		cmocka_unit_test_setup(test_last_boot_is_rewritten_in_its_place, reset),
		cmocka_unit_test_setup(test_L2_files_are_watched, reset),
		cmocka_unit_test_setup(test_no_report_is_overwritten, reset),
		cmocka_unit_test_setup(test_a_machine_without_a_clock, reset),
		cmocka_unit_test_setup(test_a_volume_that_refuses_is_no_error, reset),
		cmocka_unit_test_setup(test_H40_every_single_fault, reset),
		cmocka_unit_test_setup(test_H40_every_pair, reset),
		cmocka_unit_test_setup(test_a_large_machine, reset),
		cmocka_unit_test_setup(test_not_under_secure_boot, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
