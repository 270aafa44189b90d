/* SPDX-License-Identifier: BSD-2-Clause */
/* Proves the memory map true by using all of it. */
#include "kernel-stub/memory_proof.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/owned.h"
#include "kernel-stub/pages.h"
#include "kernel-stub/print.h"
#include "lib/format.h"

#define CHUNK_BYTES (UINT64_C(64) << 20)      /* work between two looks at the progress */
#define PROGRESS_BYTES (UINT64_C(1) << 30)    /* a line for each of these */
enum { WORDS_PER_PAGE = 512 };

/* One pass over all pages taken. */
struct pass {
	const char *name;
	uint64_t salt;
	uint64_t total_bytes;
	uint64_t done_bytes;
	uint64_t bad_phys, bad_value; /* the first word that is wrong; bad_phys is 0 when none is */
	uint64_t start, end;          /* the chunk in work */
};

/* The word at address is address ^ salt; the salt differs from boot to boot, so that no pattern of the last one passes. */
static void write_chunk(void *context)
{
	const struct pass *pass = context;

	for (uint64_t page = pass->start; page < pass->end; page += HANDOFF_PAGE_BYTES) {
		uint64_t *words = (uint64_t *)(uintptr_t)page;
		uint64_t first = page ^ pass->salt;

		for (unsigned i = 0; i < WORDS_PER_PAGE; i += 4) {
			words[i] = first ^ 8 * i;
			words[i + 1] = first ^ 8 * (i + 1);
			words[i + 2] = first ^ 8 * (i + 2);
			words[i + 3] = first ^ 8 * (i + 3);
		}
	}
}

static void find_bad_word(struct pass *pass, uint64_t page)
{
	const uint64_t *words = (const uint64_t *)(uintptr_t)page;

	for (unsigned i = 0; i < WORDS_PER_PAGE && !pass->bad_phys; i++) {
		if (words[i] == ((page ^ pass->salt) ^ 8 * i))
			continue;
		pass->bad_phys = page + 8 * i;
		pass->bad_value = words[i];
	}
}

static void read_chunk(void *context)
{
	struct pass *pass = context;

	for (uint64_t page = pass->start; page < pass->end && !pass->bad_phys; page += HANDOFF_PAGE_BYTES) {
		const uint64_t *words = (const uint64_t *)(uintptr_t)page;
		uint64_t first = page ^ pass->salt, wrong = 0;

		for (unsigned i = 0; i < WORDS_PER_PAGE; i += 4) {
			wrong |= words[i] ^ first ^ 8 * i;
			wrong |= words[i + 1] ^ first ^ 8 * (i + 1);
			wrong |= words[i + 2] ^ first ^ 8 * (i + 2);
			wrong |= words[i + 3] ^ first ^ 8 * (i + 3);
		}
		if (wrong)
			find_bad_word(pass, page);
	}
}

static void progress(const struct pass *pass, uint64_t before)
{
	char done[16], total[16];

	if (pass->total_bytes <= PROGRESS_BYTES || before / PROGRESS_BYTES == pass->done_bytes / PROGRESS_BYTES)
		return;
	print("  %s %s of %s\n", pass->name, format_bytes(done, pass->done_bytes), format_bytes(total, pass->total_bytes));
}

/* One chunk; 0 when it went through. */
static int run_chunk(struct pass *pass, void (*work)(void *pass), struct rule_log *log)
{
	struct trap_caught caught;

	if (traps_try(work, pass, &caught) != 0)
		rule_report(log, RULE_M(6), RULE_FATAL, caught.address_virt, caught.vector,
			    "free memory cannot be used: touching this address caused this exception");
	else if (pass->bad_phys)
		rule_report(log, RULE_M(6), RULE_FATAL, pass->bad_phys, pass->bad_value,
			    "free memory does not keep what is written: at this address stands this");
	else
		return 0;
	return -1;
}

/* One pass over everything that PAGES_OWNER_PROOF holds; 0 when it went through. */
static int run(struct pass *pass, void (*work)(void *pass), const struct memory_map *map, struct rule_log *log)
{
	for (uint64_t i = 0; i < map->count; i++) {
		const struct handoff_range *range = &map->ranges[i];

		if (range->owner != PAGES_OWNER_PROOF)
			continue;
		for (pass->start = range->start_phys; pass->start < range->end_phys; pass->start = pass->end) {
			uint64_t left = range->end_phys - pass->start, before = pass->done_bytes;

			pass->end = pass->start + (left < CHUNK_BYTES ? left : CHUNK_BYTES);
			if (run_chunk(pass, work, log) != 0)
				return -1;
			pass->done_bytes += pass->end - pass->start;
			progress(pass, before);
		}
	}
	return 0;
}

static void write_and_read(struct memory_map *map, uint64_t bytes, struct rule_log *log, struct memory_proof *proof)
{
	uint64_t start = machine_time();
	struct pass write = {.name = "wrote", .salt = start * UINT64_C(0x9e3779b97f4a7c15), .total_bytes = bytes};
	struct pass read = {.name = "read back", .salt = write.salt, .total_bytes = bytes};

	rule_checked(log);
	if (run(&write, write_chunk, map, log) != 0 || run(&read, read_chunk, map, log) != 0)
		return;
	proof->tested_bytes = read.done_bytes;
	proof->cycles = machine_time() - start;
}

void memory_proof(struct memory_map *map, const struct handoff_header *block, struct rule_log *log,
		  struct memory_proof *ret_proof)
{
	struct owned_sums before, after;
	uint64_t bytes;

	*ret_proof = (struct memory_proof){0};
	if (owned_sums_begin(&before, map, block) != 0 || owned_sums_begin(&after, map, block) != 0) {
		rule_report(log, RULE_K(8), RULE_FATAL, pages_free(map), 0, "no memory for the checksums of what is owned");
		return;
	}
	owned_sums_take(&before, block, log);
	bytes = pages_take_all(map, PAGES_OWNER_PROOF);
	rule_checked(log);
	if (pages_free(map) != 0)
		rule_report(log, RULE_K(8), RULE_FATAL, pages_free(map), 0, "free pages that the allocator cannot give out");
	write_and_read(map, bytes, log, ret_proof);
	owned_sums_take(&after, block, log);
	owned_sums_compare(&before, &after, log);
	pages_give_back_all(map, PAGES_OWNER_PROOF);
	ret_proof->owned_ranges = before.count;
	ret_proof->owned_bytes = before.bytes;
}
