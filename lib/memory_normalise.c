/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The normaliser: one sweep over the address space from low to high.  The descriptors, as ranges sorted by start, enter a
 * heap whose top is the one that wins (K17); ranges that have ended leave it when they reach the top.  Between two
 * boundaries nothing changes, so that each stretch is decided once.  Runs in the loader after ExitBootServices, in the kernel
 * and on the host: pure, no allocation, no recursion, O(n log n), and every input is hostile.
 */
#include "lib/memory_normalise.h"
#include "lib/memory_claim.h"
#include "lib/uefi_memory.h"

#define PAGE HANDOFF_PAGE_BYTES
#define ONE_MIB UINT64_C(0x100000)
#define NO_BOUNDARY UINT64_MAX

struct sweep {
	struct memory_claim *claims; /* sorted by start */
	uint64_t claim_count;
	uint64_t next_claim;  /* the first one not yet in the heap */
	struct memory_claim_heap heap;
	const struct handoff_range *owned;
	uint64_t owned_count;
	uint64_t next_owned;  /* the first one that ends above the position */
	struct handoff_range last; /* decided, and not yet in out: grows with each stretch of its kind; type 0 = none */
	struct memory_map *out;
	struct rule_log *log;
};

/* Makes the claims; returns how many descriptors are impossible (K13). */
static uint64_t read_claims(const struct memory_normalise_input *input, uint64_t count, struct sweep *sweep)
{
	uint64_t i, impossible = 0;

	for (i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor;
		struct handoff_range range;
		uint32_t notes;

		memory_normalise_read(input, i, &descriptor);
		if (memory_range_of(&descriptor, input->physical_bits, &range, &notes))
			sweep->claims[sweep->claim_count++] =
				(struct memory_claim){range.start_phys, range.end_phys, range.attributes, range.type,
						      memory_range_rank(range.type)};
		impossible += (uint64_t)memory_range_impossible(notes);
	}
	return impossible;
}

/* --- the sweep -------------------------------------------------------------------------------------------------------------- */

/* K16, K17: a claim that begins while another is in force. */
static void report_overlap(const struct sweep *sweep, const struct memory_claim *claim)
{
	const struct memory_claim *top = memory_claim_top(&sweep->heap);
	uint64_t end = claim->end < top->end ? claim->end : top->end;

	if (claim->type == top->type && claim->attributes == top->attributes)
		rule_report(sweep->log, RULE_K(16), RULE_REPAIRED, claim->start, end,
			    "descriptors of the same type overlap, merged");
	else
		rule_report(sweep->log, RULE_K(17), RULE_REPAIRED, claim->start, end,
			    "descriptors of different types or attributes overlap, the most restrictive wins");
}

/* Brings heap and owned range up to the position. */
static void advance(struct sweep *sweep, uint64_t position)
{
	while (sweep->heap.count > 0 && memory_claim_top(&sweep->heap)->end <= position)
		memory_claim_pop(&sweep->heap);
	while (sweep->next_claim < sweep->claim_count && sweep->claims[sweep->next_claim].start <= position) {
		if (sweep->heap.count > 0)
			report_overlap(sweep, &sweep->claims[sweep->next_claim]);
		memory_claim_push(&sweep->heap, sweep->next_claim++);
	}
	while (sweep->next_owned < sweep->owned_count && sweep->owned[sweep->next_owned].end_phys <= position)
		sweep->next_owned++;
}

static void lower(uint64_t *boundary, uint64_t position, uint64_t candidate)
{
	if (candidate > position && candidate < *boundary)
		*boundary = candidate;
}

/* The next address at which the winner, the owner or the rules for low memory may change. */
static uint64_t next_boundary(const struct sweep *sweep, uint64_t position)
{
	uint64_t boundary = NO_BOUNDARY;

	if (sweep->heap.count > 0)
		lower(&boundary, position, memory_claim_top(&sweep->heap)->end);
	if (sweep->next_claim < sweep->claim_count)
		lower(&boundary, position, sweep->claims[sweep->next_claim].start);
	if (sweep->next_owned < sweep->owned_count) {
		lower(&boundary, position, sweep->owned[sweep->next_owned].start_phys);
		lower(&boundary, position, sweep->owned[sweep->next_owned].end_phys);
	}
	if (boundary != NO_BOUNDARY) {
		lower(&boundary, position, PAGE);
		lower(&boundary, position, ONE_MIB);
	}
	return boundary;
}

/* K33: `range` is page zero. */
static void reserve_page_zero(struct handoff_range *range, struct rule_log *log)
{
	range->type = HANDOFF_MEMORY_RESERVED;
	memory_range_default(range);
	rule_report(log, RULE_K(33), RULE_REPAIRED, range->start_phys, range->end_phys,
		    "page zero described as memory to use, reserved");
}

/* K18, K19: `range` is what the descriptors say, type 0 where there is none. */
static void apply_owner(struct handoff_range *range, const struct handoff_range *owned, struct rule_log *log)
{
	uint64_t start = range->start_phys, end = range->end_phys;

	if (range->type == HANDOFF_MEMORY_RUNTIME_DATA && owned->owner == HANDOFF_OWNER_BOOT_RECORD) {
		range->owner = owned->owner;
		range->index = owned->index;
		return;
	}
	if (range->type != 0 && !memory_range_is_pool(range->type)) {
		rule_report(log, RULE_K(18), RULE_FATAL, start, end, "memory of the loader that its descriptor says is another's");
		return;
	}
	if (range->type == 0)
		rule_report(log, RULE_K(18), RULE_FATAL, start, end, "memory of the loader that no descriptor covers");
	else if (range->type != HANDOFF_MEMORY_LOADER)
		rule_report(log, RULE_K(19), RULE_REPAIRED, start, end,
			    "memory of the loader described as free or boot services memory, kept");
	range->type = HANDOFF_MEMORY_LOADER;
	range->owner = owned->owner;
	range->lifetime = owned->lifetime;
	range->index = owned->index;
}

static enum memory_map_status flush(struct sweep *sweep)
{
	return sweep->last.type == 0 ? MEMORY_MAP_OK : memory_map_set(sweep->out, sweep->last);
}

/* Much of a map is neighbours of one kind: they are one range before the database sees them. */
static enum memory_map_status put(struct sweep *sweep, const struct handoff_range *range)
{
	struct handoff_range *last = &sweep->last;
	enum memory_map_status status;

	if (last->end_phys == range->start_phys && last->type == range->type && last->attributes == range->attributes &&
	    last->owner == range->owner && last->lifetime == range->lifetime && last->index == range->index) {
		last->end_phys = range->end_phys;
		return MEMORY_MAP_OK;
	}
	status = flush(sweep);
	*last = *range;
	return status;
}

/* Decides [start, end), within which nothing changes, and appends it. */
static enum memory_map_status decide(struct sweep *sweep, uint64_t start, uint64_t end)
{
	const struct handoff_range *owned = NULL;
	struct handoff_range range = {.start_phys = start, .end_phys = end};

	if (sweep->next_owned < sweep->owned_count && sweep->owned[sweep->next_owned].start_phys <= start)
		owned = &sweep->owned[sweep->next_owned];
	if (sweep->heap.count == 0 && !owned)
		return MEMORY_MAP_OK;
	if (sweep->heap.count > 0) {
		range.type = memory_claim_top(&sweep->heap)->type;
		range.attributes = memory_claim_top(&sweep->heap)->attributes;
		memory_range_default(&range);
	}
	if (owned)
		apply_owner(&range, owned, sweep->log);
	if (start == 0 && memory_range_is_pool(range.type)) {
		range.index = 0;
		reserve_page_zero(&range, sweep->log);
	}
	if (range.type == HANDOFF_MEMORY_BOOT_SERVICES && start < ONE_MIB)
		range.lifetime = HANDOFF_LIFETIME_NEVER;
	return put(sweep, &range);
}

static enum memory_normalise_status run(struct sweep *sweep)
{
	uint64_t position = 0, boundary;

	for (;; position = boundary) {
		advance(sweep, position);
		boundary = next_boundary(sweep, position);
		if (boundary == NO_BOUNDARY)
			return flush(sweep) == MEMORY_MAP_OK ? MEMORY_NORMALISE_OK : MEMORY_NORMALISE_OUT_SMALL;
		if (decide(sweep, position, boundary) != MEMORY_MAP_OK)
			return MEMORY_NORMALISE_OUT_SMALL;
	}
}

/* --- the whole -------------------------------------------------------------------------------------------------------------- */

static int owned_is_sorted(const struct memory_normalise_input *input)
{
	uint64_t i, end = 0;

	for (i = 0; i < input->owned_count; i++) {
		const struct handoff_range *range = &input->owned[i];

		if ((range->start_phys | range->end_phys) & (PAGE - 1))
			return 0;
		if (range->start_phys < end || range->start_phys >= range->end_phys)
			return 0;
		end = range->end_phys;
	}
	return 1;
}

uint64_t memory_normalise_work_bytes(uint64_t descriptor_count, uint64_t owned_count)
{
	const uint64_t each = sizeof(struct memory_claim) + sizeof(uint64_t);

	(void)owned_count; /* read in place */
	return descriptor_count <= UINT64_MAX / each ? descriptor_count * each : UINT64_MAX;
}

/* What must hold before anything is read. */
static enum memory_normalise_status check_input(const struct memory_normalise_input *input, const void *work,
						uint64_t work_bytes, struct rule_log *log)
{
	uint64_t stride = input->descriptor_bytes, count;

	if (stride < UEFI_DESCRIPTOR_BYTES_MIN || stride > UEFI_DESCRIPTOR_BYTES_MAX || stride % 8 != 0) {
		rule_checked(log);
		rule_report(log, RULE_K(4), RULE_FATAL, stride, 0, "impossible descriptor size");
		return MEMORY_NORMALISE_BAD_STRIDE;
	}
	count = input->raw_bytes / stride;
	if (count == 0) {
		rule_checked(log);
		rule_report(log, RULE_K(8), RULE_FATAL, 0, 0, "the memory map has no descriptor");
		return MEMORY_NORMALISE_EMPTY;
	}
	if (!owned_is_sorted(input))
		return MEMORY_NORMALISE_OWNED_UNSORTED;
	if (!work || (uintptr_t)work % _Alignof(struct memory_claim) != 0 ||
	    work_bytes < memory_normalise_work_bytes(count, input->owned_count))
		return MEMORY_NORMALISE_WORK_SMALL;
	return MEMORY_NORMALISE_OK;
}

enum memory_normalise_status memory_normalise(const struct memory_normalise_input *input, struct memory_map *out,
					      void *work, uint64_t work_bytes, struct rule_log *log)
{
	enum memory_normalise_status status = check_input(input, work, work_bytes, log);
	struct sweep sweep = {.claims = work, .owned = input->owned, .owned_count = input->owned_count, .out = out, .log = log};
	uint64_t count, impossible;

	if (status != MEMORY_NORMALISE_OK)
		return status;
	count = input->raw_bytes / input->descriptor_bytes;
	sweep.heap = (struct memory_claim_heap){.claims = work, .indices = (uint64_t *)(sweep.claims + count)};
	impossible = read_claims(input, count, &sweep);
	/* K13: no firmware writes so many impossible descriptors, but who steps by the wrong stride reads them. */
	if (impossible > count / 4) {
		rule_report(log, RULE_K(13), RULE_FATAL, impossible, count,
			    "this many of so many descriptors are impossible: read with a wrong stride, or overwritten");
		return MEMORY_NORMALISE_STRIDE_ERROR;
	}
	memory_claim_sort(sweep.claims, sweep.claim_count);
	out->count = 0;
	out->key++;
	return run(&sweep);
}

const char *memory_normalise_status_name(enum memory_normalise_status status)
{
	switch (status) {
	case MEMORY_NORMALISE_OK:
		return "ok";
	case MEMORY_NORMALISE_BAD_STRIDE:
		return "impossible descriptor size";
	case MEMORY_NORMALISE_EMPTY:
		return "no descriptor";
	case MEMORY_NORMALISE_STRIDE_ERROR:
		return "too many impossible descriptors";
	case MEMORY_NORMALISE_OWNED_UNSORTED:
		return "owned ranges not sorted, disjoint and page-aligned";
	case MEMORY_NORMALISE_WORK_SMALL:
		return "work area too small or misaligned";
	case MEMORY_NORMALISE_OUT_SMALL:
		return "output buffer too small";
	}
	return "unknown";
}
