/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the kernel stub's page allocator and of its proof of memory (kernel-stub/pages.c, memory_proof.c, owned.c):
 * "physical" memory is a mapping of this process, and one page can be made to appear at two addresses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/memory_proof.h"
#include "kernel-stub/pages.h"
#include "kernel-stub/print.h"
#include "lib/handoff_block.h"

enum { PAGE = 4096, RAM_PAGES = 64 };

/* --- the parts of the stub that belong to the machine ------------------------------------------------------------------- */

static uint64_t faults_at; /* touching a chunk that holds this address is an exception; 0 = never */
static char *changed_meanwhile; /* a byte in which somebody else sets bits while memory is being proven; NULL = none */
static int bits_set;

int traps_try(void (*work)(void *context), void *context, struct trap_caught *ret_caught)
{
	if (faults_at) {
		if (ret_caught)
			*ret_caught = (struct trap_caught){.vector = 14, .address_virt = faults_at};
		return -1;
	}
	work(context);
	return 0;
}

uint64_t machine_time(void)
{
	static uint64_t time = 12345;

	if (changed_meanwhile)
		*changed_meanwhile |= (char)bits_set;
	return time += 1000;
}

void print(const char *text, ...)
{
	(void)text;
}

/* --- a block with one part: the normalised map ---------------------------------------------------------------------------- */

struct fixture {
	char *ram; /* RAM_PAGES pages at an address that is their physical one */
	struct handoff_range ranges[8];
	uint64_t count;
	uint64_t block[512];
	struct memory_map map;
	struct rule_log log;
};

static uint64_t phys(const struct fixture *f, unsigned page)
{
	return (uintptr_t)f->ram + (uint64_t)page * PAGE;
}

static void add(struct fixture *f, unsigned first, unsigned end, uint32_t type, uint32_t owner, uint32_t lifetime)
{
	f->ranges[f->count++] = (struct handoff_range){
		.start_phys = phys(f, first), .end_phys = phys(f, end), .type = type, .owner = owner, .lifetime = lifetime,
		.attributes = 15 + f->count};
}

/* Free, the kernel's text, free (left by the loader), reserved, free. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->ram = mmap(NULL, RAM_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	add(f, 0, 20, HANDOFF_MEMORY_USABLE, HANDOFF_OWNER_NONE, HANDOFF_LIFETIME_FREE);
	add(f, 20, 24, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_KERNEL_TEXT, HANDOFF_LIFETIME_NEVER);
	add(f, 24, 30, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_NONE, HANDOFF_LIFETIME_FREE);
	add(f, 30, 31, HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER);
	add(f, 31, RAM_PAGES, HANDOFF_MEMORY_USABLE, HANDOFF_OWNER_NONE, HANDOFF_LIFETIME_FREE);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	faults_at = 0;
	changed_meanwhile = NULL;
	munmap(f->ram, RAM_PAGES * PAGE);
	free(f);
	return 0;
}

static const struct handoff_header *block(struct fixture *f)
{
	struct handoff_builder builder;

	memset(f->block, 0, sizeof f->block);
	handoff_block_begin(&builder, f->block, sizeof f->block, 0x200000);
	assert_non_null(handoff_block_add(&builder, HANDOFF_PART_MEMORY, sizeof f->ranges[0], f->ranges,
					  f->count * sizeof f->ranges[0]));
	assert_int_equal(handoff_block_seal(&builder), 0);
	return builder.header;
}

static void begin(struct fixture *f)
{
	assert_int_equal(pages_begin(&f->map, block(f)), 0);
}

/* --- the allocator -------------------------------------------------------------------------------------------------------- */

static void test_the_copy_lies_in_free_memory_that_it_takes(void **state)
{
	struct fixture *f = *state;

	begin(f);
	/* (2 * 5 + 64) ranges of 40 bytes: one page, the last one. */
	assert_ptr_equal(f->map.ranges, f->ram + (RAM_PAGES - 1) * PAGE);
	assert_int_equal(pages_held(&f->map, PAGES_OWNER_MAP), PAGE);
	assert_int_equal(pages_free(&f->map), (RAM_PAGES - 1 - 4 - 1) * PAGE);
	assert_true(memory_map_valid(&f->map));
}

static void test_no_room_for_the_copy(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < f->count; i++)
		f->ranges[i].lifetime = HANDOFF_LIFETIME_NEVER;
	assert_int_equal(pages_begin(&f->map, block(f)), -1);
}

static void test_memory_below_1_mib_is_not_taken_for_the_copy(void **state)
{
	struct fixture *f = *state;

	f->ranges[0] = (struct handoff_range){.start_phys = 0x1000, .end_phys = 0xa0000, .type = HANDOFF_MEMORY_USABLE,
					      .lifetime = HANDOFF_LIFETIME_FREE};
	f->count = 1;
	assert_int_equal(pages_begin(&f->map, block(f)), -1);
}

static void test_what_is_taken_is_not_given_twice(void **state)
{
	struct fixture *f = *state;
	char *pages[RAM_PAGES], *page;
	unsigned count = 0;

	begin(f);
	while ((page = pages_take(&f->map, 1, 0, PAGES_OWNER_SCRATCH))) {
		assert_true(page >= f->ram && page < f->ram + RAM_PAGES * PAGE);
		for (unsigned i = 0; i < count; i++)
			assert_ptr_not_equal(pages[i], page);
		pages[count++] = page;
	}
	assert_int_equal(count, RAM_PAGES - 1 - 4 - 1);
	assert_int_equal(pages_free(&f->map), 0);
}

static void test_take_below(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_ptr_equal(pages_take(&f->map, PAGE, phys(f, 10), PAGES_OWNER_SCRATCH), f->ram + 9 * PAGE);
	assert_null(pages_take(&f->map, PAGE, phys(f, 0), PAGES_OWNER_SCRATCH));
}

static void test_give_back_restores_the_map(void **state)
{
	struct fixture *f = *state;
	uint64_t free_before, count_before;
	void *pages;

	begin(f);
	free_before = pages_free(&f->map);
	count_before = f->map.count;
	pages = pages_take(&f->map, 3 * PAGE - 1, 0, PAGES_OWNER_SCRATCH);
	assert_int_equal(pages_held(&f->map, PAGES_OWNER_SCRATCH), 3 * PAGE);
	assert_int_equal(pages_give_back(&f->map, pages, 3 * PAGE - 1, PAGES_OWNER_RUNTIME), -1);
	assert_int_equal(pages_give_back(&f->map, pages, 3 * PAGE - 1, PAGES_OWNER_SCRATCH), 0);
	assert_int_equal(pages_free(&f->map), free_before);
	assert_int_equal(f->map.count, count_before);
}

static void test_take_all_and_give_back_all(void **state)
{
	struct fixture *f = *state;
	uint64_t free_before;

	begin(f);
	pages_take(&f->map, PAGE, phys(f, 7), PAGES_OWNER_SCRATCH);
	free_before = pages_free(&f->map);
	assert_int_equal(pages_take_all(&f->map, PAGES_OWNER_PROOF), free_before);
	assert_int_equal(pages_free(&f->map), 0);
	assert_int_equal(pages_held(&f->map, PAGES_OWNER_PROOF), free_before);
	pages_give_back_all(&f->map, PAGES_OWNER_PROOF);
	assert_int_equal(pages_free(&f->map), free_before);
	assert_int_equal(pages_held(&f->map, PAGES_OWNER_SCRATCH), PAGE);
}

/* --- the proof -------------------------------------------------------------------------------------------------------------- */

static uint64_t progress_calls, progress_bytes;

static void note_progress(void *context, const struct memory_progress *progress)
{
	assert_ptr_equal(context, &progress_calls);
	assert_true(progress->done_bytes <= progress->total_bytes);
	progress_calls++;
	progress_bytes = progress->done_bytes;
}

static const struct memory_proof_request full = {MEMORY_CHECK_FULL, 0, 0};
static const struct memory_proof_request quick = {MEMORY_CHECK_QUICK, note_progress, &progress_calls};
static const struct memory_proof_request off = {MEMORY_CHECK_OFF, note_progress, &progress_calls};

static void test_proof_of_good_memory(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;
	uint64_t free_before;

	memset(f->ram + 20 * PAGE, 0x90, 4 * PAGE);
	begin(f);
	free_before = pages_free(&f->map);
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.counts[RULE_FATAL], 0);
	assert_int_equal(proof.owned_ranges, 1);
	assert_int_equal(proof.owned_bytes, 4 * PAGE);
	/* All but what the checksums themselves stand in. */
	assert_int_equal(proof.tested_bytes, free_before - 2 * PAGE);
	assert_int_equal(pages_free(&f->map), free_before - 2 * PAGE);
	for (unsigned i = 0; i < 4 * PAGE; i++)
		assert_int_equal((unsigned char)f->ram[20 * PAGE + i], 0x90);
	/* The largest range was timed once more. */
	assert_true(proof.part_bytes > 0 && proof.part_bytes <= (RAM_PAGES - 31) * PAGE);
	assert_true(proof.part_cycles > 0 && proof.plain_cycles > 0);
	/* Every free page was written, no two alike. */
	for (unsigned page = 0; page < 20; page++)
		for (unsigned other = 0; other < page; other++)
			assert_memory_not_equal(f->ram + page * PAGE, f->ram + other * PAGE, PAGE);
}

/* M6: page 2 is page 9. */
static void test_M6_aliased_memory_is_found(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;
	int file = memfd_create("alias", 0);

	assert_int_equal(ftruncate(file, PAGE), 0);
	assert_ptr_equal(mmap(f->ram + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), f->ram + 2 * PAGE);
	assert_ptr_equal(mmap(f->ram + 9 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), f->ram + 9 * PAGE);
	close(file);
	begin(f);
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_M(6));
	assert_int_equal(proof.tested_bytes, 0);
}

static void test_M6_memory_that_faults_is_found(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;

	begin(f);
	faults_at = phys(f, 3);
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_M(6));
	assert_int_equal(proof.tested_bytes, 0);
}

/* K18: the allocator believes that the kernel's text is free. */
static void test_K18_owned_memory_that_is_given_out_is_found(void **state)
{
	struct fixture *f = *state;
	struct handoff_range range = {.start_phys = phys(f, 23), .end_phys = phys(f, 24), .type = HANDOFF_MEMORY_USABLE,
				      .lifetime = HANDOFF_LIFETIME_FREE};
	struct memory_proof proof;

	begin(f);
	assert_int_equal(memory_map_set(&f->map, range), MEMORY_MAP_OK);
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_K(18));
}

static void test_K18_owned_memory_that_somebody_changes_is_found(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;

	begin(f);
	changed_meanwhile = f->ram + 22 * PAGE + 5;
	bits_set = 0x60;
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_K(18));
	assert_int_equal(f->log.counts[RULE_FATAL], 1);
}

/* The processor sets accessed and dirty bits: no change; any other bit is one. */
static void test_K18_page_tables_may_be_used_but_not_changed(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;

	f->ranges[1].owner = HANDOFF_OWNER_PAGE_TABLES;
	begin(f);
	changed_meanwhile = f->ram + 22 * PAGE + 8;
	bits_set = 0x60;
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(*changed_meanwhile, 0x60);
	assert_int_equal(f->log.counts[RULE_FATAL], 0);

	begin(f);
	bits_set = 0x02;
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_K(18));
}

/* The first bytes of each page, and no others. */
static void test_quick_proof_touches_every_page(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;
	uint64_t free_before;

	memset(f->ram, 0x33, 20 * PAGE);
	begin(f);
	free_before = pages_free(&f->map);
	progress_calls = 0;
	memory_proof(&f->map, block(f), &quick, &f->log, &proof);
	assert_int_equal(f->log.counts[RULE_FATAL], 0);
	assert_int_equal(proof.tested_bytes, (free_before / PAGE - 2) * PATTERN_BYTES);
	assert_int_equal(progress_bytes, proof.tested_bytes);
	assert_true(progress_calls >= 2);
	assert_int_equal(proof.part_bytes, 0);
	for (unsigned page = 4; page < 19; page++) {
		const unsigned char *bytes = (const unsigned char *)f->ram + page * PAGE;

		assert_memory_not_equal(bytes, bytes + PATTERN_BYTES, PATTERN_BYTES);
		for (unsigned i = PATTERN_BYTES; i < PAGE; i++)
			assert_int_equal(bytes[i], 0x33);
	}
}

static void test_M6_quick_proof_finds_aliased_memory(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;
	int file = memfd_create("alias", 0);

	assert_int_equal(ftruncate(file, PAGE), 0);
	assert_ptr_equal(mmap(f->ram + 12 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), f->ram + 12 * PAGE);
	assert_ptr_equal(mmap(f->ram + 9 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), f->ram + 9 * PAGE);
	close(file);
	begin(f);
	memory_proof(&f->map, block(f), &quick, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_M(6));
	assert_int_equal(proof.tested_bytes, 0);
}

static void test_proof_switched_off_touches_nothing(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;

	memset(f->ram + 4 * PAGE, 0x33, 15 * PAGE);
	begin(f);
	progress_calls = 0;
	memory_proof(&f->map, block(f), &off, &f->log, &proof);
	assert_int_equal(f->log.counts[RULE_FATAL], 0);
	assert_int_equal(proof.tested_bytes, 0);
	assert_int_equal(proof.owned_ranges, 1);
	assert_int_equal(progress_calls, 0);
	for (unsigned i = 4 * PAGE; i < 19 * PAGE; i++)
		assert_int_equal((unsigned char)f->ram[i], 0x33);
}

/* --- the pattern -------------------------------------------------------------------------------------------------------------- */

/* Every word is its address and the salt, nothing behind the end is touched, and each changed bit is found. */
static void test_pattern(void **state)
{
	static uint64_t memory[64] __attribute__((aligned(128)));
	uint64_t start = (uintptr_t)memory, salt = UINT64_C(0x123456789abcdef0);

	(void)state;
	memset(memory, 0xee, sizeof(memory));
	pattern_write(start, start, salt);
	pattern_write(start + 128, start + 384, salt);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(memory[i], i >= 16 && i < 48 ? (start + 8 * i) ^ salt : UINT64_C(0xeeeeeeeeeeeeeeee));
	assert_int_equal(pattern_check(start + 128, start + 384, salt), start + 384);
	assert_int_equal(pattern_check(start, start, salt), start);
	assert_int_equal(pattern_check(start, start + 384, salt), start);
	for (unsigned word = 16; word < 48; word++)
		for (unsigned bit = 0; bit < 64; bit++) {
			memory[word] ^= UINT64_C(1) << bit;
			assert_int_equal(pattern_check(start + 128, start + 384, salt), start + word / 16 * 128);
			memory[word] ^= UINT64_C(1) << bit;
		}
}

static void test_K8_no_memory_for_the_proof(void **state)
{
	struct fixture *f = *state;
	struct memory_proof proof;

	begin(f);
	pages_take_all(&f->map, PAGES_OWNER_SCRATCH);
	memory_proof(&f->map, block(f), &full, &f->log, &proof);
	assert_int_equal(f->log.first_fatal, RULE_K(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_the_copy_lies_in_free_memory_that_it_takes),
		T(test_no_room_for_the_copy),
		T(test_memory_below_1_mib_is_not_taken_for_the_copy),
		T(test_what_is_taken_is_not_given_twice),
		T(test_take_below),
		T(test_give_back_restores_the_map),
		T(test_take_all_and_give_back_all),
		T(test_proof_of_good_memory),
		T(test_M6_aliased_memory_is_found),
		T(test_M6_memory_that_faults_is_found),
		T(test_K18_owned_memory_that_is_given_out_is_found),
		T(test_K18_owned_memory_that_somebody_changes_is_found),
		T(test_K18_page_tables_may_be_used_but_not_changed),
		T(test_quick_proof_touches_every_page),
		T(test_M6_quick_proof_finds_aliased_memory),
		T(test_proof_switched_off_touches_nothing),
		T(test_K8_no_memory_for_the_proof),
		cmocka_unit_test(test_pattern),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
