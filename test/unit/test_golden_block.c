/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The golden block: the bytes of a whole v1.0 block, committed.  A kernel built against handoff.h 1.0 reads exactly these, so
 * they may never change; a later minor version adds a file and keeps this one readable.  To make a new one after such a change:
 * run this test with GOLDEN_UPDATE=1 and review the difference.
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

static const char *golden_path(void)
{
	return getenv("GOLDEN_BLOCK") ? getenv("GOLDEN_BLOCK") : "test/golden/block-v1.bin";
}

static uint64_t read_golden(void)
{
	FILE *file = fopen(golden_path(), "rb");

	if (file == NULL)
		fail_msg("%s is missing: run the tests from the top of the tree", golden_path());
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
	FILE *file = fopen(golden_path(), "wb");
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
	uint64_t bytes = read_golden();
	assert_int_equal(bytes, block_fixture_header(&fixture)->total_bytes);
	assert_memory_equal(fixture.block, golden, bytes);
}

static void the_checker_passes_the_golden_block(void **state)
{
	struct rule_log log = { 0 };

	(void)state;
	build(); /* scratch memory */
	const struct handoff_check_input input = {
		.block = golden, .block_bytes = read_golden(), .scratch = fixture.scratch, .scratch_bytes = sizeof(fixture.scratch),
	};
	assert_int_equal(handoff_check(&input, &log), 1);
	assert_int_equal(log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING], 0);
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

static void bytes_mean_what_the_header_says(void **state)
{
	(void)state;
	read_golden();
	assert_memory_equal(golden, "BatonHnd", 8);
	assert_int_equal(number(8, 2), 1);               /* version 1... */
	assert_int_equal(number(10, 2), 0);              /* ...0 */
	assert_int_equal(number(44, 4), 17);             /* every part there is */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_inputs_give_the_golden_bytes),
		cmocka_unit_test(the_checker_passes_the_golden_block),
		cmocka_unit_test(bytes_mean_what_the_header_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
