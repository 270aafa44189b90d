/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map: K4-K38, K43 and K44 are found by deriving the normalised map again from the two inputs that stand in the
 * block, the firmware's raw map and the loader's ranges; then the block's own normalised map must be the same, byte for byte.
 * So a kernel does not have to believe the loader's arithmetic.
 *
 * A range that differs is reported under K18 when either side says that the loader owns it, because then its memory may be
 * given away, and under K17 otherwise.  Pure.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"
#include "lib/memory_findings.h"
#include "lib/memory_verify.h"

enum { PROOF_RANGES_MAX = 1024 };

/* K7 for what the loader has already cut off: the block holds whole descriptors only. */
static void check_remainder(const struct handoff_check *check, uint64_t raw_bytes, uint64_t stride)
{
	uint64_t returned = check->exit->returned_bytes;

	if (returned % stride != 0 && raw_bytes == returned - returned % stride)
		rule_report(check->log, RULE_K(7), RULE_REPAIRED, returned, raw_bytes,
			    "the firmware's map size is no multiple of its descriptor size, the rest was cut off");
	else if (raw_bytes != returned)
		rule_report(check->log, RULE_K(2), RULE_FATAL, raw_bytes, returned,
			    "the raw map does not hold all that the firmware returned");
}

static struct memory_normalise_input normaliser_input(const struct handoff_check *check)
{
	uint64_t raw_bytes;
	uint32_t stride;
	const void *raw = handoff_part(check->block, HANDOFF_PART_RAW_MAP, &raw_bytes, &stride);

	return (struct memory_normalise_input){
		.raw = raw,
		.raw_bytes = raw_bytes,
		.descriptor_bytes = stride,
		.descriptor_version = check->exit->descriptor_version,
		.physical_bits = check->cpu->physical_bits,
		.owned = check->owned.ranges,
		.owned_count = check->owned.count,
	};
}

static enum memory_normalise_status derive(struct handoff_check *check)
{
	struct memory_normalise_input input = normaliser_input(check);

	enum memory_normalise_status status =
		memory_findings_normalise(&input, &check->derived, check->work, check->work_bytes, check->log);
	if (status != MEMORY_NORMALISE_BAD_STRIDE)
		check_remainder(check, input.raw_bytes, input.descriptor_bytes);
	if (status != MEMORY_NORMALISE_OK)
		check->derived.count = 0;
	return status;
}

/* Reports the first difference only: everything behind it is shifted. */
static void report_difference(const struct handoff_check *check, const struct handoff_range *ours,
			      const struct handoff_range *theirs)
{
	const struct handoff_range *shown = theirs != NULL ? theirs : ours;
	int owned = (ours != NULL && ours->owner >= HANDOFF_OWNER_KERNEL_TEXT) ||
		    (theirs != NULL && theirs->owner >= HANDOFF_OWNER_KERNEL_TEXT);

	if (owned)
		rule_report(check->log, RULE_K(18), RULE_FATAL, shown->start_phys, shown->end_phys,
			    "the normalised map does not say of the loader's memory what the loader's list says");
	else
		rule_report(check->log, RULE_K(17), RULE_FATAL, shown->start_phys, shown->end_phys,
			    "the normalised map is not what follows from the firmware's map: trust neither");
}

static void compare(const struct handoff_check *check)
{
	uint64_t count = handoff_count(check->block, HANDOFF_PART_MEMORY);
	uint64_t longest = count > check->derived.count ? count : check->derived.count;
	uint32_t step;
	const uint8_t *at = handoff_part(check->block, HANDOFF_PART_MEMORY, NULL, &step);

	rule_checked(check->log);
	for (uint64_t i = 0; i < longest; i++, at += step) {
		const struct handoff_range *ours = i < check->derived.count ? &check->derived.ranges[i] : NULL;
		const struct handoff_range *theirs = i < count ? (const struct handoff_range *)at : NULL;

		if (ours == NULL || theirs == NULL || memcmp(ours, theirs, sizeof(*ours)) != 0) {
			report_difference(check, ours, theirs);
			return;
		}
	}
}

/*
 * The same claim by other means: memory_verify() shares no step with the normaliser, so that a mistake which loader and
 * checker would make alike is seen.  Its time is quadratic, so it is left out for maps that no firmware has.
 */
static void prove(const struct handoff_check *check)
{
	struct memory_normalise_input input = normaliser_input(check);
	uint64_t count = handoff_count(check->block, HANDOFF_PART_MEMORY), address = 0;
	uint32_t step;
	const void *ranges = handoff_part(check->block, HANDOFF_PART_MEMORY, NULL, &step);

	if (input.raw_bytes / input.descriptor_bytes + input.owned_count > PROOF_RANGES_MAX || count > 2 * PROOF_RANGES_MAX ||
	    step != sizeof(struct handoff_range))
		return;
	rule_checked(check->log);
	enum memory_verify_status status = memory_verify(&input, ranges, count, &address);
	if (status != MEMORY_VERIFY_OK)
		rule_report(check->log, RULE_K(17), RULE_FATAL, address, 0, memory_verify_status_name(status));
}

/* K8: what may be used at once must be enough to begin with. */
static void check_usable(const struct handoff_check *check)
{
	uint64_t minimum = check->input->kernel_minimum_bytes, bytes = 0;

	if (minimum == 0)
		minimum = HANDOFF_PAGE_BYTES;
	for (uint64_t i = 0; i < check->derived.count; i++) {
		const struct handoff_range *range = &check->derived.ranges[i];

		if (range->type == HANDOFF_MEMORY_USABLE && range->lifetime == HANDOFF_LIFETIME_FREE)
			bytes += range->end_phys - range->start_phys;
	}
	if (bytes < minimum)
		rule_report(check->log, RULE_K(8), RULE_FATAL, bytes, minimum,
			    "less usable memory than the kernel needs to start");
}

int handoff_check_memory(struct handoff_check *check)
{
	if (check->owned.count == 0)
		return 1; /* K18 was reported where the ranges were read; without them no map can be derived */

	enum memory_normalise_status status = derive(check);
	if (status == MEMORY_NORMALISE_BAD_STRIDE)
		return 0;
	if (status != MEMORY_NORMALISE_OK) {
		rule_report(check->log, RULE_K(17), RULE_FATAL, (uint64_t)status, 0, memory_normalise_status_name(status));
		return 1;
	}
	compare(check);
	prove(check);
	check_usable(check);
	return 1;
}
