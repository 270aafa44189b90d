/* SPDX-License-Identifier: BSD-2-Clause */
/* Proves the memory map true by using all of it. */
#include "kernel-stub/memory_proof.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/owned.h"
#include "kernel-stub/pages.h"
#include "lib/freestanding/memory.h"

#define CHUNK_BYTES (UINT64_C(64) << 20)      /* work between two looks at the progress */
#define PART_BYTES_MAX (UINT64_C(16) << 20)
enum { PLAIN = 0x5a };

/* One pass over all pages taken. */
struct pass {
	const struct memory_proof_request *request;
	struct memory_progress progress;
	uint64_t salt;                /* differs from boot to boot, so that no pattern of the last one passes */
	uint64_t bad_phys, bad_value; /* the first word that is wrong; bad_phys is 0 when none is */
	uint64_t start, end;          /* the chunk in work */
};

/* How much of a page is looked at. */
static uint64_t bytes_of_page(const struct pass *pass)
{
	return pass->request->check == MEMORY_CHECK_QUICK ? PATTERN_BYTES : HANDOFF_PAGE_BYTES;
}

static void write_chunk(void *context)
{
	const struct pass *pass = context;

	if (pass->request->check == MEMORY_CHECK_FULL) {
		pattern_write(pass->start, pass->end, pass->salt);
		return;
	}
	for (uint64_t page = pass->start; page < pass->end; page += HANDOFF_PAGE_BYTES)
		pattern_write(page, page + PATTERN_BYTES, pass->salt);
}

static void find_bad_word(struct pass *pass, uint64_t start)
{
	for (uint64_t at = start; at < start + PATTERN_BYTES && !pass->bad_phys; at += 8) {
		uint64_t word = *(const uint64_t *)(uintptr_t)at;

		if (word == (at ^ pass->salt))
			continue;
		pass->bad_phys = at;
		pass->bad_value = word;
	}
}

static void read_chunk(void *context)
{
	struct pass *pass = context;
	uint64_t step = pass->request->check == MEMORY_CHECK_FULL ? pass->end - pass->start : HANDOFF_PAGE_BYTES;

	for (uint64_t at = pass->start; at < pass->end && !pass->bad_phys; at += step) {
		uint64_t end = step == HANDOFF_PAGE_BYTES ? at + bytes_of_page(pass) : pass->end;
		uint64_t wrong = pattern_check(at, end, pass->salt);

		if (wrong < end)
			find_bad_word(pass, wrong);
	}
}

static void tell_progress(const struct pass *pass)
{
	if (pass->request->progress)
		pass->request->progress(pass->request->context, &pass->progress);
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
			uint64_t left = range->end_phys - pass->start;

			pass->end = pass->start + (left < CHUNK_BYTES ? left : CHUNK_BYTES);
			if (run_chunk(pass, work, log) != 0)
				return -1;
			pass->progress.chunk_bytes = (pass->end - pass->start) / HANDOFF_PAGE_BYTES * bytes_of_page(pass);
			pass->progress.done_bytes += pass->progress.chunk_bytes;
			tell_progress(pass);
		}
	}
	return 0;
}

/* The largest range, or a part of it. */
struct part {
	uint64_t start, bytes;
	uint64_t cycles, plain_cycles;
	uint64_t wrong; /* a result that nobody looks at might not be worked out */
};

static void time_part(void *context)
{
	struct part *part = context;
	const volatile uint64_t *words = (const volatile uint64_t *)(uintptr_t)part->start;
	uint64_t start = machine_time(), middle;

	pattern_write(part->start, part->start + part->bytes, start);
	part->wrong = pattern_check(part->start, part->start + part->bytes, start) - part->bytes;
	middle = machine_time();
	memset((void *)(uintptr_t)part->start, PLAIN, part->bytes);
	for (uint64_t i = 0; i < part->bytes / 8; i++)
		part->wrong |= words[i] ^ PLAIN * UINT64_C(0x0101010101010101);
	part->cycles = middle - start;
	part->plain_cycles = machine_time() - middle;
}

static void compare_with_plain(const struct memory_map *map, struct memory_proof *proof)
{
	struct part part = {.bytes = 0};
	struct trap_caught caught;

	for (uint64_t i = 0; i < map->count; i++) {
		const struct handoff_range *range = &map->ranges[i];
		uint64_t bytes = range->end_phys - range->start_phys;

		if (range->owner == PAGES_OWNER_PROOF && bytes > part.bytes)
			part = (struct part){.start = range->start_phys, .bytes = bytes < PART_BYTES_MAX ? bytes : PART_BYTES_MAX};
	}
	if (part.bytes == 0 || traps_try(time_part, &part, &caught) != 0)
		return;
	proof->part_bytes = part.bytes;
	proof->part_cycles = part.cycles;
	proof->plain_cycles = part.plain_cycles;
}

static void write_and_read(struct memory_map *map, uint64_t bytes, const struct memory_proof_request *request, struct rule_log *log,
			   struct memory_proof *proof)
{
	uint64_t start = machine_time();
	struct pass write = {.request = request, .salt = start * UINT64_C(0x9e3779b97f4a7c15)};
	struct pass read = write;

	write.progress.done_word = "wrote";
	read.progress.done_word = "read back";
	write.progress.total_bytes = read.progress.total_bytes = bytes / HANDOFF_PAGE_BYTES * bytes_of_page(&write);
	rule_checked(log);
	if (run(&write, write_chunk, map, log) != 0 || run(&read, read_chunk, map, log) != 0)
		return;
	proof->tested_bytes = read.progress.done_bytes;
	proof->cycles = machine_time() - start;
	if (request->check == MEMORY_CHECK_FULL)
		compare_with_plain(map, proof);
}

void memory_proof(struct memory_map *map, const struct handoff_header *block, const struct memory_proof_request *request,
		  struct rule_log *log, struct memory_proof *ret_proof)
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
	if (request->check != MEMORY_CHECK_OFF)
		write_and_read(map, bytes, request, log, ret_proof);
	owned_sums_take(&after, block, log);
	owned_sums_compare(&before, &after, log);
	pages_give_back_all(map, PAGES_OWNER_PROOF);
	ret_proof->owned_ranges = before.count;
	ret_proof->owned_bytes = before.bytes;
}
