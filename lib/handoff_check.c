/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checker: the order of its topics, and the frame of the block (K1-K3).  The first thing a kernel does with a block, and
 * what `baton handoff check` does with a dump.  Pure; every byte of the block is hostile until its rule has passed.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"
#include "lib/memory_normalise.h"
#include "lib/uefi_memory.h"

/* How the scratch memory is divided; all parts are multiples of 8 bytes. */
struct scratch_plan {
	uint64_t owned_bytes;
	uint64_t work_bytes;
	uint64_t derived_bytes;
};

static struct scratch_plan plan_scratch(const struct handoff_header *block)
{
	/* Counts are of things that stand in the block: no product comes near 64 bits. */
	uint64_t owned = handoff_count(block, HANDOFF_PART_OWNED);
	uint64_t descriptors = 0, raw_bytes;
	uint32_t stride;

	handoff_part(block, HANDOFF_PART_RAW_MAP, &raw_bytes, &stride);
	if (stride >= UEFI_DESCRIPTOR_BYTES_MIN)
		descriptors = raw_bytes / stride;
	return (struct scratch_plan){
		.owned_bytes = owned * sizeof(struct handoff_range),
		.work_bytes = (memory_normalise_work_bytes(descriptors, owned) + 7) & ~UINT64_C(7),
		.derived_bytes = (2 * (descriptors + owned) + 1) * sizeof(struct handoff_range),
	};
}

uint64_t handoff_check_scratch_bytes(const void *block, uint64_t block_bytes)
{
	if (handoff_block_check(block, block_bytes) != HANDOFF_BLOCK_OK)
		return 0;
	struct scratch_plan plan = plan_scratch(block);
	return plan.owned_bytes + plan.work_bytes + plan.derived_bytes;
}

int handoff_check_inside(const struct handoff_range *range, uint64_t start, uint64_t bytes)
{
	return range != NULL && bytes > 0 && start >= range->start_phys && start < range->end_phys &&
	       bytes <= range->end_phys - start;
}

uint32_t handoff_check_type(const struct handoff_check *check, uint64_t phys)
{
	const struct handoff_range *range = memory_map_find(&check->derived, phys);

	return range == NULL ? 0 : range->type;
}

int handoff_check_read(const struct handoff_check *check, uint64_t phys, void *to, uint64_t bytes)
{
	const struct handoff_live *live = check->input->live;

	if (live == NULL || live->read_phys == NULL || bytes > UINT64_MAX - phys)
		return -1;
	return live->read_phys(live->context, phys, to, bytes);
}

/* K1.  A block without its raw map is K2's. */
static int check_block(const struct handoff_check_input *input, struct rule_log *log)
{
	enum handoff_block_status status = handoff_block_check(input->block, input->block_bytes);
	const struct handoff_header *block = input->block;

	rule_checked(log);
	if (status == HANDOFF_BLOCK_PART_MISSING && handoff_part(block, HANDOFF_PART_RAW_MAP, NULL, NULL) == NULL)
		rule_report(log, RULE_K(2), RULE_FATAL, 0, 0, "the block has no raw memory map");
	else if (status != HANDOFF_BLOCK_OK)
		rule_report(log, RULE_K(1), RULE_FATAL, (uint64_t)status, 0, handoff_block_status_name(status));
	if (status != HANDOFF_BLOCK_OK)
		return 0;

	const struct handoff_cpu *cpu = handoff_part(block, HANDOFF_PART_CPU, NULL, NULL);
	if (cpu->architecture != HANDOFF_ARCHITECTURE_X86_64) {
		rule_report(log, RULE_K(1), RULE_FATAL, cpu->architecture, HANDOFF_ARCHITECTURE_X86_64,
			    "the block is of another architecture");
		return 0;
	}
	return 1;
}

/* Copies the loader's ranges, whose entries may be longer in a later minor version. */
static void copy_owned(struct handoff_check *check)
{
	uint64_t bytes, end = 0;
	uint32_t step;
	const uint8_t *from = handoff_part(check->block, HANDOFF_PART_OWNED, &bytes, &step);

	for (uint64_t at = 0; at < bytes; at += step, check->owned.count++) {
		struct handoff_range *range = &check->owned.ranges[check->owned.count];

		memcpy(range, from + at, sizeof(*range));
		if ((range->start_phys | range->end_phys) % HANDOFF_PAGE_BYTES != 0 || range->start_phys < end ||
		    range->end_phys <= range->start_phys) {
			rule_report(check->log, RULE_K(18), RULE_FATAL, range->start_phys, range->end_phys,
				    "the loader's own ranges are not page-aligned, sorted and disjoint");
			check->owned.count = 0;
			return;
		}
		end = range->end_phys;
	}
}

/* Takes the block apart; returns 0 when the caller's scratch memory is too small. */
static int open_block(struct handoff_check *check)
{
	const struct handoff_check_input *input = check->input;
	struct scratch_plan plan = plan_scratch(input->block);
	uint8_t *scratch = input->scratch;

	if (scratch == NULL || (uintptr_t)scratch % 8 != 0 ||
	    input->scratch_bytes < plan.owned_bytes + plan.work_bytes + plan.derived_bytes)
		return 0;
	check->block = input->block;
	check->exit = handoff_part(check->block, HANDOFF_PART_EXIT, NULL, NULL);
	check->cpu = handoff_part(check->block, HANDOFF_PART_CPU, NULL, NULL);
	check->kernel = handoff_part(check->block, HANDOFF_PART_KERNEL, NULL, NULL);
	check->firmware = handoff_part(check->block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	check->loader = handoff_part(check->block, HANDOFF_PART_LOADER, NULL, NULL);
	memory_map_init(&check->owned, scratch, plan.owned_bytes);
	check->work = scratch + plan.owned_bytes;
	check->work_bytes = plan.work_bytes;
	memory_map_init(&check->derived, scratch + plan.owned_bytes + plan.work_bytes, plan.derived_bytes);
	copy_owned(check);
	return 1;
}

/* K2: the map buffer is where and as large as the block says, inside the block's own memory. */
static void check_map_buffer(const struct handoff_check *check)
{
	const struct handoff_header *block = check->block;
	const struct handoff_exit *exit = check->exit;
	const uint8_t *raw = handoff_part(block, HANDOFF_PART_RAW_MAP, NULL, NULL);
	const struct handoff_range *owner = memory_map_find(&check->owned, block->block_phys);

	rule_checked(check->log);
	if (exit->map_offset != (uint64_t)(raw - (const uint8_t *)block))
		rule_report(check->log, RULE_K(2), RULE_FATAL, exit->map_offset, (uint64_t)(raw - (const uint8_t *)block),
			    "the raw map is not where the map buffer was");
	if (exit->returned_bytes > exit->capacity_bytes)
		rule_report(check->log, RULE_K(2), RULE_FATAL, exit->returned_bytes, exit->capacity_bytes,
			    "the memory map is larger than its buffer");
	if (exit->map_offset > block->capacity_bytes || exit->capacity_bytes > block->capacity_bytes - exit->map_offset)
		rule_report(check->log, RULE_K(2), RULE_FATAL, exit->map_offset, exit->capacity_bytes,
			    "the map buffer reaches out of the block");
	if (!handoff_check_inside(owner, block->block_phys, block->capacity_bytes) || owner->owner != HANDOFF_OWNER_BLOCK)
		rule_report(check->log, RULE_K(2), RULE_FATAL, block->block_phys, block->block_phys + block->capacity_bytes,
			    "the block and its map buffer are not in one range that the loader owns for them");
}

/* K2: the map belongs to the attempt that succeeded (L32): size, stride and version are of the same call. */
static void check_attempts(const struct handoff_check *check)
{
	const struct handoff_exit *exit = check->exit;
	uint64_t count = handoff_count(check->block, HANDOFF_PART_ATTEMPTS);
	const struct handoff_attempt *last = handoff_element(check->block, HANDOFF_PART_ATTEMPTS, count - 1);
	uint32_t stride;

	handoff_part(check->block, HANDOFF_PART_RAW_MAP, NULL, &stride);
	rule_checked(check->log);
	if (exit->attempts != count)
		rule_report(check->log, RULE_K(2), RULE_FATAL, exit->attempts, count,
			    "not every attempt to leave boot services is recorded");
	if (last->status != 0)
		rule_report(check->log, RULE_K(2), RULE_FATAL, last->status, 0,
			    "the last attempt to leave boot services failed: the firmware still runs");
	if (last->map_bytes != exit->returned_bytes || last->descriptor_bytes != stride ||
	    last->descriptor_version != exit->descriptor_version)
		rule_report(check->log, RULE_K(2), RULE_FATAL, last->map_bytes, exit->returned_bytes,
			    "the raw map is not of the attempt that succeeded");
}

/* K3: any descriptor over the map buffer that is not LoaderData.  The loader's list of ranges decides, not the firmware. */
static void check_map_descriptor(const struct handoff_check *check)
{
	uint64_t start = check->block->block_phys, end = start + check->block->capacity_bytes;
	uint64_t bytes;
	uint32_t stride;
	const uint8_t *raw = handoff_part(check->block, HANDOFF_PART_RAW_MAP, &bytes, &stride);

	if (stride < UEFI_DESCRIPTOR_BYTES_MIN || stride > UEFI_DESCRIPTOR_BYTES_MAX || stride % 8 != 0)
		return; /* K4 says why */
	rule_checked(check->log);
	for (uint64_t i = 0; i < bytes / stride; i++) {
		struct handoff_raw_descriptor descriptor;

		memcpy(&descriptor, raw + i * stride, sizeof(descriptor));
		uint64_t pages = descriptor.number_of_pages, first = descriptor.physical_start;
		if (pages == 0 || pages > (UINT64_MAX - first) / UEFI_PAGE_BYTES)
			continue; /* K10, K11 */
		if (descriptor.type != UEFI_LOADER_DATA && first < end && first + pages * UEFI_PAGE_BYTES > start) {
			rule_report(check->log, RULE_K(3), RULE_REPAIRED, first, first + pages * UEFI_PAGE_BYTES,
				    "the firmware does not call the block loader data; it is the block's all the same");
			return;
		}
	}
}

int handoff_check_frame(struct handoff_check *check)
{
	if (!check_block(check->input, check->log))
		return 0;
	if (!open_block(check)) {
		rule_report(check->log, RULE_K(17), RULE_FATAL, check->input->scratch_bytes,
			    handoff_check_scratch_bytes(check->input->block, check->input->block_bytes),
			    "the scratch memory given to the checker is too small to derive the map again");
		return 0;
	}
	check_map_buffer(check);
	check_attempts(check);
	check_map_descriptor(check);
	return 1;
}

int handoff_check(const struct handoff_check_input *input, struct rule_log *log)
{
	struct rule_log unheard = { 0 };
	struct handoff_check check = { .input = input, .log = log != NULL ? log : &unheard };
	uint32_t fatal_before = check.log->counts[RULE_FATAL];

	if (!handoff_check_frame(&check))
		return 0;
	handoff_check_places(&check);
	if (!handoff_check_memory(&check))
		return 0;
	handoff_check_framebuffer(&check);
	handoff_check_firmware(&check);
	handoff_check_tables(&check);
	handoff_check_runtime(&check);
	handoff_check_machine(&check);
	handoff_check_paging(&check);
	return check.log->counts[RULE_FATAL] == fatal_before;
}
