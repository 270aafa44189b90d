/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K18, the loader's half: every place that the block announces (kernel, stack, page tables, modules, ...) lies in a range that
 * the loader owns under that name.  The firmware's half, whether anybody else claims those ranges, is the normaliser's.
 * Needs no machine: a dump shows it.  Pure.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/handoff_block.h"

/* One announced place: in one range of that owner and index, or a fatal K18. */
static void check_place(const struct handoff_check *check, uint64_t start, uint64_t bytes, uint32_t owner, uint32_t index,
			const char *text)
{
	const struct handoff_range *range = memory_map_find(&check->owned, start);

	rule_checked(check->log);
	if (handoff_check_inside(range, start, bytes) && range->owner == owner && range->index == index)
		return;
	rule_report(check->log, RULE_K(18), RULE_FATAL, start, start + bytes, text);
}

static uint32_t segment_owner(const struct handoff_segment *segment)
{
	if (segment->permissions & HANDOFF_SEGMENT_EXECUTE)
		return HANDOFF_OWNER_KERNEL_TEXT;
	return segment->permissions & HANDOFF_SEGMENT_WRITE ? HANDOFF_OWNER_KERNEL_DATA : HANDOFF_OWNER_KERNEL_RODATA;
}

/* 1 when a segment is a possible one that begins at or above `from_virt`. */
static int segment_sound(const struct handoff_segment *segment, uint64_t from_virt)
{
	const uint32_t known = HANDOFF_SEGMENT_READ | HANDOFF_SEGMENT_WRITE | HANDOFF_SEGMENT_EXECUTE;

	if ((segment->virt | segment->phys | segment->bytes) % HANDOFF_PAGE_BYTES != 0 || segment->bytes == 0)
		return 0;
	if (segment->virt < from_virt || segment->bytes - 1 > UINT64_MAX - segment->virt)
		return 0;
	return segment->file_bytes <= segment->bytes && (segment->permissions & ~known) == 0 &&
	       (segment->permissions & HANDOFF_SEGMENT_READ) != 0;
}

/* The segments in ascending order, from base_virt to end_virt, the entry point in one that is executable. */
static void check_segments(struct handoff_check *check)
{
	const struct handoff_kernel *kernel = check->kernel;
	uint64_t count = handoff_count(check->block, HANDOFF_PART_SEGMENTS), end = 0;
	uint32_t entry_found = 0;

	rule_checked(check->log);
	for (uint32_t i = 0; i < count; i++) {
		const struct handoff_segment *segment = handoff_element(check->block, HANDOFF_PART_SEGMENTS, i);

		if (!segment_sound(segment, end) || (i == 0 && segment->virt != kernel->base_virt)) {
			rule_report(check->log, RULE_K(18), RULE_FATAL, segment->virt, segment->bytes,
				    "a kernel segment is misaligned, empty, out of order or of unknown permissions");
			return;
		}
		/* A kernel that ends with the address space has end 0: only the last segment can. */
		end = segment->virt + segment->bytes;
		if (end == 0 && i + 1 < count)
			end = UINT64_MAX;
		if (segment->permissions & HANDOFF_SEGMENT_EXECUTE)
			entry_found |= kernel->entry_virt - segment->virt < segment->bytes;
		check_place(check, segment->phys, segment->bytes, segment_owner(segment), i,
			    "a kernel segment is not in a range of its own: its memory may be given to somebody else");
	}
	check->segments_sound = 1;
	if (end != kernel->end_virt)
		rule_report(check->log, RULE_K(18), RULE_FATAL, kernel->end_virt, end,
			    "the kernel's segments do not end where the kernel is said to end");
	if (!entry_found)
		rule_report(check->log, RULE_K(18), RULE_FATAL, kernel->entry_virt, 0,
			    "the entry point is in no executable segment of the kernel");
}

static void check_modules(const struct handoff_check *check)
{
	uint64_t count = handoff_count(check->block, HANDOFF_PART_MODULES);

	for (uint32_t i = 0; i < count; i++) {
		const struct handoff_module *module = handoff_element(check->block, HANDOFF_PART_MODULES, i);

		if (module->bytes == 0 && module->phys == 0)
			continue;
		if (module->phys % HANDOFF_PAGE_BYTES != 0)
			rule_report(check->log, RULE_K(18), RULE_FATAL, module->phys, 0, "a module does not start on a page");
		check_place(check, module->phys, module->bytes, HANDOFF_OWNER_MODULE, i,
			    "a module is not in a range of its own: its content may be lost");
	}
}

/* The stack with its guard page, identity-mapped and of whole pages. */
static void check_stack(const struct handoff_check *check)
{
	const struct handoff_kernel *kernel = check->kernel;
	uint64_t start = kernel->stack_phys, bytes = kernel->stack_bytes;

	rule_checked(check->log);
	if ((start | bytes) % HANDOFF_PAGE_BYTES != 0 || start < HANDOFF_PAGE_BYTES || kernel->stack_virt != start ||
	    bytes > UINT64_MAX - start) {
		rule_report(check->log, RULE_K(18), RULE_FATAL, start, bytes, "the stack is misaligned or not identity-mapped");
		return;
	}
	check_place(check, start - HANDOFF_PAGE_BYTES, bytes + HANDOFF_PAGE_BYTES, HANDOFF_OWNER_STACK, 0,
		    "the stack and its guard page are not in a range of their own");
}

void handoff_check_places(struct handoff_check *check)
{
	const struct handoff_kernel *kernel = check->kernel;
	const struct handoff_loader *loader = check->loader;

	if (check->owned.count == 0)
		return; /* reported where the ranges were read */
	check_segments(check);
	check_modules(check);
	check_stack(check);
	check_place(check, kernel->page_tables_phys, kernel->page_tables_bytes, HANDOFF_OWNER_PAGE_TABLES, 0,
		    "the page tables are not in a range of their own");
	check_place(check, loader->image_phys, loader->image_bytes, HANDOFF_OWNER_LOADER_IMAGE, 0,
		    "the loader's image, with the exception handlers, is not in a range of its own");
	check_place(check, loader->boot_record_phys, sizeof(struct handoff_boot_record), HANDOFF_OWNER_BOOT_RECORD, 0,
		    "the boot record is not in a range of its own");
}
