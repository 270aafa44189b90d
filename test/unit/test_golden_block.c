/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The golden blocks: the bytes of a whole block of each minor version, committed.  A kernel built against that handoff.h reads
 * exactly these, so they may never change.  The newest one is also made again; when a later minor version adds a file, run this
 * test with GOLDEN_UPDATE=1 to write it, and review it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/block_fixture.h"

static struct block_fixture fixture;
static uint8_t golden[FIXTURE_BLOCK_BYTES] __attribute__((aligned(4096)));

/* In the order of their versions. */
static const struct golden {
	const char *path;
	uint32_t minor, parts;
} files[] = {
	{ "test/golden/block-v1.bin", 0, 17 },
	{ "test/golden/block-v1.1.bin", 1, 18 },
};
enum { FILES = sizeof(files) / sizeof(files[0]) };
static const struct golden *const newest = &files[FILES - 1];

static uint64_t read_golden(const struct golden *which)
{
	FILE *file = fopen(which->path, "rb");

	if (file == NULL)
		fail_msg("%s is missing: run the tests from the top of the tree", which->path);
	uint64_t bytes = fread(golden, 1, sizeof(golden), file);
	fclose(file);
	return bytes;
}

static void build(void)
{
	block_fixture_begin(&fixture);
	block_fixture_build(&fixture);
}

static void update_if_asked(void)
{
	if (getenv("GOLDEN_UPDATE") == NULL)
		return;
	FILE *file = fopen(newest->path, "wb");
	assert_non_null(file);
	uint64_t bytes = block_fixture_header(&fixture)->total_bytes;
	assert_int_equal(fwrite(fixture.block, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
}

static void the_same_inputs_give_the_golden_bytes(void **state)
{
	(void)state;
	build();
	update_if_asked();
	uint64_t bytes = read_golden(newest);
	assert_int_equal(newest->minor, HANDOFF_VERSION_MINOR);
	assert_int_equal(bytes, block_fixture_header(&fixture)->total_bytes);
	assert_memory_equal(fixture.block, golden, bytes);
}

static void the_checker_passes_the_golden_blocks(void **state)
{
	(void)state;
	build(); /* scratch memory */
	for (uint32_t i = 0; i < FILES; i++) {
		struct rule_log log = { 0 };
		const struct handoff_check_input input = {
			.block = golden, .block_bytes = read_golden(&files[i]),
			.scratch = fixture.scratch, .scratch_bytes = sizeof(fixture.scratch),
		};

		assert_int_equal(handoff_check(&input, &log), 1);
		assert_int_equal(log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING], 0);
	}
}

/* What a kernel reads, by hand, with no help of lib/: magic, directory, part, field. */
static uint64_t number(uint64_t offset, int bytes)
{
	uint64_t value = 0;

	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | golden[offset + (uint64_t)i];
	return value;
}

static uint64_t part_offset(uint32_t type)
{
	for (uint64_t i = 0; i < number(44, 4); i++) {
		uint64_t entry = number(12, 4) + i * number(48, 4);

		if (number(entry, 4) == type)
			return number(entry + 8, 8);
	}
	fail_msg("no part %u", type);
	return 0;
}

static void v1_0_is_read(const struct golden *which)
{
	read_golden(which);
	assert_memory_equal(golden, "BatonHnd", 8);
	assert_int_equal(number(8, 2), 1);               /* version 1... */
	assert_int_equal(number(10, 2), which->minor);
	assert_int_equal(number(44, 4), which->parts);   /* every part there is */
	assert_int_equal(number(part_offset(6) + 64, 8), UINT64_C(0x0007050100070406));  /* CPU: PAT */
	assert_int_equal(number(part_offset(7), 8), UINT64_C(0xffffffff80000040));       /* KERNEL: entry_virt */
	assert_int_equal(number(part_offset(8) + 80 + 32, 4), 6);                        /* third segment: read, write */
	assert_int_equal(number(part_offset(11) + 16, 4), 1024);                         /* FRAMEBUFFER: width */
	assert_int_equal(number(part_offset(12) + 16, 8), 0x7f000000);                   /* FIRMWARE: rsdp_phys */
	assert_int_equal(number(part_offset(5) + 48 + 24, 8), 0);                        /* second attempt: success */
	assert_string_equal((const char *)golden + part_offset(9), "exit=qemu");         /* CMDLINE */
	assert_string_equal((const char *)golden + number(part_offset(15), 8), "Baton 0.1.0"); /* LOADER: version */
	uint64_t memory = part_offset(2);
	assert_int_equal(number(memory, 8), 0);          /* MEMORY: page zero... */
	assert_int_equal(number(memory + 8, 8), 4096);
	assert_int_equal(number(memory + 24, 4), 6);     /* ...is reserved */
}

static void bytes_mean_what_the_header_of_1_0_says(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < FILES; i++)
		v1_0_is_read(&files[i]);
}

static void bytes_mean_what_the_header_of_1_1_says(void **state)
{
	(void)state;
	read_golden(&files[1]);
	uint64_t last_boot = part_offset(18);
	assert_int_equal(number(last_boot, 4), 3);              /* stopped... */
	assert_int_equal(number(last_boot + 4, 4), 12);         /* ...at the jump... */
	assert_int_equal(number(last_boot + 8, 4), 9);          /* ...by an exception: */
	assert_int_equal(number(last_boot + 12, 4), 3);         /* after three attempts, */
	assert_int_equal(number(last_boot + 16, 8), 14);        /* a page fault, */
	assert_int_equal(number(last_boot + 40, 8), 0xdeadbeef); /* CR2 */
	assert_int_equal(number(last_boot + 64, 8), 0x103109040); /* set_variable_phys */
	assert_memory_equal(golden + last_boot + 72, "\x6c\x2e\x9a\x5d\x41\xb7\x4f\x4c\x9e\x0b\x3d\x52\xa8\x71\xc6\xe4", 16);
	assert_memory_equal(golden + last_boot + 88, u"BatonBlackBox", 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_inputs_give_the_golden_bytes),
		cmocka_unit_test(the_checker_passes_the_golden_blocks),
		cmocka_unit_test(bytes_mean_what_the_header_of_1_0_says),
		cmocka_unit_test(bytes_mean_what_the_header_of_1_1_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
