/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checksums of baton.conf: right ones boot, with and without the processor's instruction; each wrong byte of each file is
 * refused with file, expected and found, and everything given back (L11); no byte is read twice, and none is left out.
 */
#include <stdio.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/sha256.h"
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

enum { TEXT_BYTES = 4096, KERNEL_BYTES_MAX = 131072, MODULE_BYTES = 9000 };

static char text[TEXT_BYTES];
static uint8_t kernel[KERNEL_BYTES_MAX], module[MODULE_BYTES];
static char cmdline[] = "some words\n";
static uint64_t kernel_bytes, module_bytes;

static void append_crc32c(const char *path, const void *data, uint64_t bytes)
{
	sprintf(text + strlen(text), "crc32c = %08x %s\n", crc32c(0, data, bytes), path);
}

static void append_sha256(const char *path, const void *data, uint64_t bytes)
{
	struct sha256 sha;
	uint8_t digest[SHA256_BYTES];

	sha256_begin(&sha);
	sha256_add(&sha, data, bytes);
	sha256_end(&sha, digest);
	strcat(text, "sha256 = ");
	for (int i = 0; i < SHA256_BYTES; i++)
		sprintf(text + strlen(text), "%02X", digest[i]);
	sprintf(text + strlen(text), "  %s\n", path);
}

/* A first line that covers what stands in text now. */
static void cover(void)
{
	static char covered[TEXT_BYTES + 32];

	sprintf(covered, "crc32c = %08x\n%s", crc32c(0, text, strlen(text)), text);
	strcpy(text, covered);
}

/* A new machine with these files, text as its baton.conf. */
static void prepare(void)
{
	fake_reset();
	fake.options.cpu.crc32c = __builtin_cpu_supports("sse4.2") ? 1 : 0;
	fake_add_file("\\baton\\kernel.elf", kernel, kernel_bytes);
	fake_add_file("\\baton\\cmdline.txt", cmdline, strlen(cmdline));
	fake_add_file("\\one", module, module_bytes);
	fake_add_file("\\none", module, 0);
	fake_add_text("\\baton\\baton.conf", text);
}

/* Good files, and what baton.conf says of them without checksums. */
static int reset(void **state)
{
	(void)state;
	kernel_bytes = kernel_file_bytes();
	memcpy(kernel, kernel_file(NULL), kernel_bytes);
	module_bytes = sizeof(module);
	for (uint32_t i = 0; i < sizeof(module); i++)
		module[i] = (uint8_t)(i * 29 + (i >> 8));
	strcpy(text, "module = \\one\nmodule = \\none\n");
	return 0;
}

static void add_all_checksums(void)
{
	append_crc32c("\\baton\\kernel.elf", kernel, kernel_bytes);
	append_sha256("\\baton\\kernel.elf", kernel, kernel_bytes);
	append_crc32c("\\baton\\cmdline.txt", cmdline, strlen(cmdline));
	append_sha256("/BATON/cmdline.TXT", cmdline, strlen(cmdline));
	append_crc32c("\\one", module, sizeof(module));
	append_sha256("\\one", module, sizeof(module));
	append_crc32c("\\none", module, 0);
	append_sha256("\\none", module, 0);
	cover();
}

/* At any address and of any length, the instruction and the table agree. */
static void test_instruction_and_table_agree(void **state)
{
	struct cpu cpu = { .crc32c = __builtin_cpu_supports("sse4.2") ? 1 : 0 };

	(void)state;
	for (uint32_t start = 0; start < 16; start++)
		for (uint32_t bytes = 0; bytes < 100; bytes++)
			assert_int_equal(cpu_crc32c(&cpu, bytes, module + start, bytes), crc32c(bytes, module + start, bytes));
}

static void test_right_checksums(void **state)
{
	(void)state;
	add_all_checksums();
	prepare();
	expect_kernel();
	assert_string_equal(expect_part(HANDOFF_PART_CMDLINE), "some words");
	prepare();
	fake.options.cpu.crc32c = 0;
	expect_kernel();
}

/* Every byte of every file once: more would be two reads of one byte, less a byte that no checksum has seen. */
static void test_no_byte_is_read_twice(void **state)
{
	(void)state;
	add_all_checksums();
	prepare();
	expect_kernel();
	assert_int_equal(fake.bytes_read, kernel_bytes + sizeof(module) + strlen(cmdline) + strlen(text));
}

static void expect_refused(const char *path)
{
	char start[64];

	prepare();
	fake_boot();
	expect_return_now();
	/* A damaged kernel may be refused for what its headers say. */
	assert_true(fake.status == EFI_CRC_ERROR || fake.status == EFI_LOAD_ERROR || fake.status == EFI_OUT_OF_RESOURCES);
	snprintf(start, sizeof(start), "baton: error: %s: ", path);
	expect_console(start);
}

/* One bit of each byte wrong, in turn. */
static void expect_each_byte_matters(const char *path, uint8_t *data, uint64_t bytes, uint64_t step)
{
	for (uint64_t at = 0; at < bytes; at += step) {
		data[at] ^= (uint8_t)(1 << at % 8);
		expect_refused(path);
		data[at] ^= (uint8_t)(1 << at % 8);
	}
}

static void test_each_wrong_byte_is_seen(void **state)
{
	(void)state;
	add_all_checksums();
	prepare();
	expect_each_byte_matters("\\baton\\kernel.elf", kernel, 256, 1);
	expect_each_byte_matters("\\baton\\kernel.elf", kernel, kernel_bytes, 61);
	expect_each_byte_matters("\\one", module, sizeof(module), 61);
	expect_each_byte_matters("\\baton\\cmdline.txt", (uint8_t *)cmdline, strlen(cmdline), 1);
	prepare();
	expect_kernel();
}

static void test_wrong_size_is_seen(void **state)
{
	(void)state;
	add_all_checksums();
	prepare();
	module_bytes--;
	prepare();
	expect_return(EFI_CRC_ERROR);
	module_bytes = 0;
	prepare();
	expect_return(EFI_CRC_ERROR);
	expect_console("\\one: wrong bytes: crc32c expected ");
	expect_console("found 00000000: ");
}

static void test_message_has_file_expected_and_found(void **state)
{
	(void)state;
	strcpy(text, "crc32c = 0123ABcd \\baton\\kernel.elf\n");
	prepare();
	expect_return(EFI_CRC_ERROR);
	sprintf(text, "baton: error: \\baton\\kernel.elf: wrong bytes: crc32c expected 0123abcd, found %08x: ", crc32c(0, kernel, kernel_bytes));
	expect_console(text);
	reset(state);
	text[0] = '\0';
	append_sha256("\\baton\\cmdline.txt", "other words", 11);
	prepare();
	expect_return(EFI_CRC_ERROR);
	expect_console("\\baton\\cmdline.txt: wrong bytes: sha256 expected ");
}

/* Any bit of the configuration: what boots is what was meant.  (A flip may turn the first line into a comment.) */
static void test_configuration_covers_itself(void **state)
{
	static char good[TEXT_BYTES];
	uint32_t booted = 0;

	(void)state;
	strcat(text, "cmdline = other words\n");
	cover();
	strcpy(good, text);
	for (uint32_t bit = 0; bit < 8 * strlen(good); bit++) {
		memcpy(text, good, sizeof(text));
		text[bit / 8] ^= (char)(1 << bit % 8);
		prepare();
		fake_add_file("\\baton\\baton.conf", text, strlen(good));
		fake_boot();
		if (fake.end != FAKE_KERNEL) {
			expect_return_now();
			continue;
		}
		expect_kernel_now();
		assert_string_equal(expect_part(HANDOFF_PART_CMDLINE), "other words");
		assert_true(text + bit / 8 < strchr(text, '\n'));
		booted++;
	}
	assert_true(booted < 16);
	memcpy(text, good, sizeof(text));
	text[strlen(text) - 2] = 'S';
	prepare();
	expect_return(EFI_CRC_ERROR);
	expect_console("\\baton\\baton.conf: wrong bytes: crc32c expected ");
}

static void test_checksums_of_files_that_are_not_read(void **state)
{
	(void)state;
	append_crc32c("\\baton\\kernel.old", kernel, kernel_bytes);
	prepare();
	expect_return(EFI_INVALID_PARAMETER);
	expect_console("\\baton\\baton.conf: crc32c of \\baton\\kernel.old: no such file is read");
	/* The command line stands in the configuration, so its file is not read. */
	reset(state);
	strcat(text, "cmdline = other\n");
	append_sha256("\\baton\\cmdline.txt", cmdline, strlen(cmdline));
	prepare();
	expect_return(EFI_INVALID_PARAMETER);
	expect_console("sha256 of \\baton\\cmdline.txt");
	/* It may be missing, but not when a checksum says that it is wanted. */
	reset(state);
	append_crc32c("\\baton\\cmdline.txt", cmdline, strlen(cmdline));
	prepare();
	fake_remove_file("\\baton\\cmdline.txt");
	expect_return(EFI_INVALID_PARAMETER);
}

/* --- kernels whose files are laid out otherwise -------------------------------------------------------------------------------- */

static void write64(uint64_t at, uint64_t value)
{
	memcpy(kernel + at, &value, sizeof(value));
}

static void expect_whole_kernel_read_once(void)
{
	strcpy(text, "cmdline = x\n");
	append_crc32c("\\baton\\kernel.elf", kernel, kernel_bytes);
	prepare();
	expect_kernel();
	assert_int_equal(fake.bytes_read, kernel_bytes + strlen(text));
	expect_each_byte_matters("\\baton\\kernel.elf", kernel, kernel_bytes, 257);
	/* Without a checksum only what is needed is read. */
	text[0] = '\0';
	prepare();
	expect_kernel();
	assert_true(fake.bytes_read < kernel_bytes);
}

/* Debug information and symbols stand behind the segments, and more of it than is read at a time. */
static void test_bytes_behind_the_segments(void **state)
{
	uint64_t more = 90000;

	(void)state;
	memset(kernel + kernel_bytes, 0xdb, more);
	kernel_bytes += more;
	assert_true(kernel_bytes <= sizeof(kernel));
	expect_whole_kernel_read_once();
}

/* Program headers behind all segments, and at the end of the file. */
static void test_program_headers_elsewhere(void **state)
{
	uint64_t places[] = { KERNEL_BYTES_MAX - 20000, KERNEL_BYTES_MAX - 3 * 56 };

	for (uint32_t i = 0; i < 2; i++) {
		reset(state);
		memset(kernel + kernel_bytes, 0x99, KERNEL_BYTES_MAX - kernel_bytes);
		memcpy(kernel + places[i], kernel + 64, 3 * 56);
		memset(kernel + 64, 0x77, 3 * 56);
		write64(32, places[i]);
		kernel_bytes = KERNEL_BYTES_MAX;
		expect_whole_kernel_read_once();
	}
}

/* The boot of a kernel whose segments hold what no other has. */
static void expect_strange_kernel(uint32_t segment, uint64_t offset, uint64_t bytes)
{
	strcpy(text, "cmdline = x\n");
	append_crc32c("\\baton\\kernel.elf", kernel, kernel_bytes);
	prepare();
	fake_boot();
	assert_int_equal(fake.end, FAKE_KERNEL);
	assert_int_equal(fake.bytes_read, kernel_bytes + strlen(text));
	assert_memory_equal((const void *)((const struct handoff_segment *)expect_part(HANDOFF_PART_SEGMENTS))[segment].phys, kernel + offset,
			    bytes);
}

/* The program headers begin within the first bytes that are read and end among the text's. */
static void test_program_headers_across_the_edge(void **state)
{
	(void)state;
	memcpy(kernel + 4096 - 100, kernel + 64, 3 * 56);
	write64(32, 4096 - 100);
	expect_strange_kernel(0, 4096, KERNEL_TEXT_BYTES);
}

/* Two segments made of the same bytes of the file, one of them with the headers. */
static void test_segments_that_share_bytes(void **state)
{
	uint64_t rodata = 64 + 56;

	(void)state;
	write64(rodata + 8, 0);          /* p_offset */
	write64(rodata + 32, 0x1010);    /* p_filesz: headers and the first bytes of the text */
	write64(rodata + 40, 0x1010);    /* p_memsz */
	memset(kernel + kernel_bytes, 0xdb, 100);
	kernel_bytes += 100;
	expect_strange_kernel(1, 0, 0x1010);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_instruction_and_table_agree, reset),
		cmocka_unit_test_setup(test_right_checksums, reset),
		cmocka_unit_test_setup(test_no_byte_is_read_twice, reset),
		cmocka_unit_test_setup(test_each_wrong_byte_is_seen, reset),
		cmocka_unit_test_setup(test_wrong_size_is_seen, reset),
		cmocka_unit_test_setup(test_message_has_file_expected_and_found, reset),
		cmocka_unit_test_setup(test_configuration_covers_itself, reset),
		cmocka_unit_test_setup(test_checksums_of_files_that_are_not_read, reset),
		cmocka_unit_test_setup(test_bytes_behind_the_segments, reset),
		cmocka_unit_test_setup(test_program_headers_elsewhere, reset),
		cmocka_unit_test_setup(test_program_headers_across_the_edge, reset),
		cmocka_unit_test_setup(test_segments_that_share_bytes, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
