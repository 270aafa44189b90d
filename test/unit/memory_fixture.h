/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the memory database share: raw maps made of descriptors at any stride, a collector of findings, and a
 * call of the normaliser with buffers of exactly the promised sizes, so that the sanitizer sees one byte too many.
 */
#ifndef TEST_UNIT_MEMORY_FIXTURE_H
#define TEST_UNIT_MEMORY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/memory_findings.h"
#include "lib/uefi_memory.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)
#define WB UEFI_MEMORY_WB
#define RT UEFI_MEMORY_RUNTIME
/* What most firmware writes on RAM. */
#define RAM (UEFI_MEMORY_UC | UEFI_MEMORY_WC | UEFI_MEMORY_WT | UEFI_MEMORY_WB)

/* A small reproducible source of random numbers (xorshift64*). */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return random_next(state) % limit;
}

static inline struct handoff_raw_descriptor descriptor(uint32_t type, uint64_t start, uint64_t pages, uint64_t attribute)
{
	return (struct handoff_raw_descriptor){
		.type = type, .physical_start = start, .number_of_pages = pages, .attribute = attribute};
}

/* Findings seen, by rule; the first of each rule is kept. */
struct seen {
	uint32_t count[RULE_NUMBER_END];
	struct finding first[RULE_NUMBER_END];
};

static inline void seen_report(void *context, const struct finding *finding)
{
	struct seen *seen = context;

	assert_true(finding->rule < RULE_NUMBER_END);
	assert_non_null(finding->text);
	if (seen->count[finding->rule]++ == 0)
		seen->first[finding->rule] = *finding;
}

/* One normalisation: what goes in and what comes out. */
struct run {
	struct memory_normalise_input input;
	struct memory_map map;
	struct seen seen;
	struct rule_log log;
	enum memory_normalise_status status;
	void *raw, *work, *out;
};

/* Lays descriptors out at a stride; the tail of each and its padding are garbage (K32). */
static inline void *make_raw(const struct handoff_raw_descriptor *descriptors, uint64_t count, uint64_t stride)
{
	uint8_t *raw = malloc(count * stride + 1);
	uint64_t i;

	assert_non_null(raw);
	memset(raw, 0xa5, count * stride + 1);
	for (i = 0; i < count; i++) {
		memcpy(raw + i * stride, &descriptors[i], sizeof(*descriptors));
		memset(raw + i * stride + 4, 0xc3, 4);
	}
	return raw;
}

static inline void run_prepare(struct run *run, const struct handoff_raw_descriptor *descriptors, uint64_t count, uint64_t stride)
{
	memset(run, 0, sizeof(*run));
	run->raw = make_raw(descriptors, count, stride);
	run->input = (struct memory_normalise_input){.raw = run->raw, .raw_bytes = count * stride, .descriptor_bytes = stride,
						     .descriptor_version = 1, .physical_bits = 46};
	run->log = (struct rule_log){.report = seen_report, .context = &run->seen};
}

static inline void run_now(struct run *run)
{
	uint64_t count = run->input.descriptor_bytes ? run->input.raw_bytes / run->input.descriptor_bytes : 0;
	uint64_t ranges = 2 * (count + run->input.owned_count) + 1;
	uint64_t work_bytes = memory_normalise_work_bytes(count, run->input.owned_count);

	run->out = malloc(ranges * sizeof(struct handoff_range));
	run->work = malloc(work_bytes ? work_bytes : 1);
	assert_int_equal(memory_map_init(&run->map, run->out, ranges * sizeof(struct handoff_range)), MEMORY_MAP_OK);
	run->status = memory_findings_normalise(&run->input, &run->map, run->work, work_bytes, &run->log);
	if (run->status == MEMORY_NORMALISE_OK)
		assert_true(memory_map_valid(&run->map));
}

static inline void run_free(struct run *run)
{
	free(run->raw);
	free(run->work);
	free(run->out);
}

/* The usual case: one call from descriptors to a map. */
static inline void run_descriptors(struct run *run, const struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	run_prepare(run, descriptors, count, 48);
	run_now(run);
}

static inline void expect_range(const struct run *run, uint64_t index, uint64_t start, uint64_t end, uint32_t type,
				uint32_t owner, uint32_t lifetime)
{
	const struct handoff_range *range = &run->map.ranges[index];

	assert_true(index < run->map.count);
	assert_int_equal(range->start_phys, start);
	assert_int_equal(range->end_phys, end);
	assert_int_equal(range->type, type);
	assert_int_equal(range->owner, owner);
	assert_int_equal(range->lifetime, lifetime);
}

static inline void expect_finding(const struct run *run, uint32_t rule, enum rule_severity severity, uint64_t start, uint64_t end)
{
	assert_int_not_equal(run->seen.count[rule], 0);
	assert_int_equal(run->seen.first[rule].severity, severity);
	assert_int_equal(run->seen.first[rule].start, start);
	assert_int_equal(run->seen.first[rule].end, end);
}

#endif
