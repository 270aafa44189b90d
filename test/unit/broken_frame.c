/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks that a faulty loader would make: frame, map buffer, attempts, announced places (K1-K4, K7, K8, K18). */
#include <stddef.h>
#include "test/unit/broken_blocks.h"

#define PAGE UINT64_C(4096)

/* Changes a field of a part of the finished block. */
#define PART(f, type, name) ((struct name *)block_fixture_part(f, type))
#define EXIT(f) PART(f, HANDOFF_PART_EXIT, handoff_exit)
#define KERNEL(f) PART(f, HANDOFF_PART_KERNEL, handoff_kernel)
#define LOADER(f) PART(f, HANDOFF_PART_LOADER, handoff_loader)
#define SEGMENTS(f) PART(f, HANDOFF_PART_SEGMENTS, handoff_segment)
#define ATTEMPTS(f) PART(f, HANDOFF_PART_ATTEMPTS, handoff_attempt)
#define MODULES(f) PART(f, HANDOFF_PART_MODULES, handoff_module)
#define MEMORY(f) PART(f, HANDOFF_PART_MEMORY, handoff_range)
#define OWNED(f) PART(f, HANDOFF_PART_OWNED, handoff_range)

static void magic(struct block_fixture *f) { block_fixture_header(f)->magic++; }
static void flipped_byte(struct block_fixture *f) { *(char *)block_fixture_part(f, HANDOFF_PART_LOG) ^= 1; }
static void architecture(struct block_fixture *f) { PART(f, HANDOFF_PART_CPU, handoff_cpu)->architecture = 2; }
static void no_exit(struct block_fixture *f) { block_fixture_entry(f, HANDOFF_PART_EXIT)->type = 77; }
static void no_raw_map(struct block_fixture *f) { block_fixture_entry(f, HANDOFF_PART_RAW_MAP)->type = 77; }
static void map_moved(struct block_fixture *f) { EXIT(f)->map_offset += 8; }
static void buffer_small(struct block_fixture *f) { EXIT(f)->capacity_bytes = EXIT(f)->returned_bytes - 8; }
static void buffer_outside(struct block_fixture *f) { EXIT(f)->capacity_bytes = FIXTURE_BLOCK_BYTES; }
static void map_far_outside(struct block_fixture *f) { EXIT(f)->map_offset = UINT64_MAX - 7; }
static void block_short(struct block_fixture *f)
{
	block_fixture_owned(f, FIXTURE_BLOCK_PHYS)->end_phys -= PAGE;
	block_fixture_descriptor(f, FIXTURE_FREE_PHYS)->physical_start = FIXTURE_FREE_PHYS; /* the descriptors stay */
}
static void block_owner(struct block_fixture *f) { block_fixture_owned(f, FIXTURE_BLOCK_PHYS)->owner = HANDOFF_OWNER_TABLES; }
static void map_cut(struct block_fixture *f)
{
	EXIT(f)->returned_bytes += 48;
	ATTEMPTS(f)[1].map_bytes += 48;
}
static void attempts_lost(struct block_fixture *f) { EXIT(f)->attempts = 3; }
static void attempt_failed(struct block_fixture *f) { ATTEMPTS(f)[1].status = UINT64_C(0x8000000000000002); }
static void attempt_size(struct block_fixture *f) { ATTEMPTS(f)[1].map_bytes -= 48; }
static void attempt_stride(struct block_fixture *f) { ATTEMPTS(f)[1].descriptor_bytes = 40; }
static void attempt_version(struct block_fixture *f) { ATTEMPTS(f)[1].descriptor_version = 7; }
static void loader_code(struct block_fixture *f) { block_fixture_descriptor(f, FIXTURE_BLOCK_PHYS)->type = 1; }

static void stride(struct block_fixture *f, uint32_t bytes)
{
	block_fixture_entry(f, HANDOFF_PART_RAW_MAP)->entry_bytes = bytes;
	ATTEMPTS(f)[1].descriptor_bytes = bytes;
}
static void stride_short(struct block_fixture *f) { stride(f, 32); }
static void stride_odd(struct block_fixture *f) { stride(f, 52); }
static void stride_long(struct block_fixture *f) { stride(f, 4104); }
static void no_descriptor(struct block_fixture *f)
{
	stride(f, 4096);
	EXIT(f)->returned_bytes = block_fixture_entry(f, HANDOFF_PART_RAW_MAP)->bytes;
}
static void remainder_returned(struct block_fixture *f) { f->raw_extra_bytes = 8; }
static void remainder_kept(struct block_fixture *f)
{
	block_fixture_entry(f, HANDOFF_PART_RAW_MAP)->bytes -= 8; /* the last descriptor is a rest now */
	EXIT(f)->returned_bytes -= 8;
	ATTEMPTS(f)[1].map_bytes -= 8;
}
static void kernel_wants_more(struct block_fixture *f) { f->input.kernel_minimum_bytes = UINT64_C(1) << 30; }
static void small_scratch(struct block_fixture *f)
{
	f->input.scratch_bytes = handoff_check_scratch_bytes(f->block, sizeof(f->block)) - 1;
}
static void no_scratch(struct block_fixture *f) { f->input.scratch = NULL; }
static void odd_scratch(struct block_fixture *f) { f->input.scratch = (uint8_t *)f->scratch + 4; }

static void memory_type(struct block_fixture *f) { MEMORY(f)[0].type = HANDOFF_MEMORY_USABLE; }
static void memory_attributes(struct block_fixture *f) { MEMORY(f)[1].attributes ^= 1; }
static void memory_short(struct block_fixture *f)
{
	block_fixture_entry(f, HANDOFF_PART_MEMORY)->bytes -= sizeof(struct handoff_range);
}
static struct handoff_range *memory_at(struct block_fixture *f, uint64_t phys)
{
	struct handoff_range *range = MEMORY(f);

	while (range->end_phys <= phys)
		range++;
	return range;
}
static void memory_owner(struct block_fixture *f) { memory_at(f, FIXTURE_DATA_PHYS)->owner = HANDOFF_OWNER_NONE; }
static void memory_text(struct block_fixture *f) { memory_at(f, FIXTURE_TEXT_PHYS)->index = 5; }
static void memory_lifetime(struct block_fixture *f) { memory_at(f, FIXTURE_TABLES_PHYS)->lifetime = HANDOFF_LIFETIME_FREE; }

static void owned_unsorted(struct block_fixture *f)
{
	struct handoff_range first = OWNED(f)[0];

	OWNED(f)[0] = OWNED(f)[1];
	OWNED(f)[1] = first;
}
static void owned_odd(struct block_fixture *f) { OWNED(f)[0].start_phys += 8; }
static void owned_empty(struct block_fixture *f) { OWNED(f)[0].end_phys = OWNED(f)[0].start_phys; }
static void memory_claimed(struct block_fixture *f) { MEMORY(f)[1].owner = HANDOFF_OWNER_MODULE; }
static void memory_more(struct block_fixture *f) { f->owned_count--; }
static void segment_owner(struct block_fixture *f)
{
	block_fixture_owned(f, FIXTURE_DATA_PHYS)->owner = HANDOFF_OWNER_KERNEL_RODATA;
}
static void segment_index(struct block_fixture *f) { block_fixture_owned(f, FIXTURE_DATA_PHYS)->index = 7; }
static void segment_elsewhere(struct block_fixture *f) { SEGMENTS(f)[2].phys = FIXTURE_FREE_PHYS; }
static void segment_too_long(struct block_fixture *f) { SEGMENTS(f)[2].bytes += PAGE; KERNEL(f)->end_virt += PAGE; }
static void segment_order(struct block_fixture *f) { SEGMENTS(f)[1].virt -= PAGE; }
static void segment_odd(struct block_fixture *f) { SEGMENTS(f)[1].virt += 8; }
static void segment_phys_odd(struct block_fixture *f) { SEGMENTS(f)[1].phys += 8; }
static void segment_bytes_odd(struct block_fixture *f) { SEGMENTS(f)[1].bytes -= 8; }
static void segment_empty(struct block_fixture *f) { SEGMENTS(f)[1].bytes = 0; }
static void segment_wraps(struct block_fixture *f) { SEGMENTS(f)[2].virt = 0 - PAGE; }
static void segment_behind_top(struct block_fixture *f)
{
	KERNEL(f)->base_virt = SEGMENTS(f)[0].virt = 0 - SEGMENTS(f)[0].bytes;
}
static void segment_file(struct block_fixture *f) { SEGMENTS(f)[1].file_bytes = 3 * PAGE; }
static void segment_permissions(struct block_fixture *f) { SEGMENTS(f)[1].permissions = 8 | HANDOFF_SEGMENT_READ; }
static void segment_unreadable(struct block_fixture *f) { SEGMENTS(f)[1].permissions = 0; }
static void kernel_base(struct block_fixture *f) { KERNEL(f)->base_virt += PAGE; }
static void kernel_end(struct block_fixture *f) { KERNEL(f)->end_virt += PAGE; }
static void entry_behind_text(struct block_fixture *f) { KERNEL(f)->entry_virt = FIXTURE_KERNEL_VIRT + 0x4000; }
static void entry_in_data(struct block_fixture *f) { KERNEL(f)->entry_virt = FIXTURE_KERNEL_VIRT + 0x6000; }
static void module_elsewhere(struct block_fixture *f) { MODULES(f)->phys = FIXTURE_FREE_PHYS; }
static void module_odd(struct block_fixture *f) { MODULES(f)->phys += 8; }
static void module_long(struct block_fixture *f) { MODULES(f)->bytes = 3 * PAGE; }
static void module_empty(struct block_fixture *f) { MODULES(f)->bytes = 0; } /* but with an address */
static void stack_too_long(struct block_fixture *f) { KERNEL(f)->stack_bytes += PAGE; }
static void stack_odd_size(struct block_fixture *f) { KERNEL(f)->stack_bytes -= 8; }
static void stack_odd(struct block_fixture *f) { KERNEL(f)->stack_phys += 8; }
static void stack_not_identity(struct block_fixture *f) { KERNEL(f)->stack_virt += UINT64_C(1) << 40; }
static void stack_at_zero(struct block_fixture *f) { KERNEL(f)->stack_phys = KERNEL(f)->stack_virt = 0; }
static void stack_without_guard(struct block_fixture *f) { KERNEL(f)->stack_phys -= PAGE; KERNEL(f)->stack_virt -= PAGE; }
static void stack_empty(struct block_fixture *f) { KERNEL(f)->stack_bytes = 0 - FIXTURE_STACK_PHYS; }
static void tables_elsewhere(struct block_fixture *f) { KERNEL(f)->page_tables_bytes += PAGE; }
static void image_long(struct block_fixture *f) { LOADER(f)->image_bytes += 2 * PAGE; }
static void record_elsewhere(struct block_fixture *f) { LOADER(f)->boot_record_phys += PAGE; }

#define K(n) RULE_K(n)
#define M(n) RULE_M(n)

static const struct broken entries[] = {
	{ "magic number", K(1), RULE_FATAL, .after = magic },
	{ "a flipped byte", K(1), RULE_FATAL, .after = flipped_byte, .unsealed = 1 },
	{ "another architecture", K(1), RULE_FATAL, .after = architecture },
	{ "no exit telemetry", K(1), RULE_FATAL, .after = no_exit },
	{ "no raw map", K(2), RULE_FATAL, .after = no_raw_map, .says = "no raw" },
	{ "raw map elsewhere", K(2), RULE_FATAL, .after = map_moved, .says = "not where" },
	{ "buffer smaller than the map", K(2), RULE_FATAL, .after = buffer_small, .says = "larger than its buffer" },
	{ "buffer reaches out of the block", K(2), RULE_FATAL, .after = buffer_outside, .says = "reaches out" },
	{ "raw map at the end of the address space", K(2), RULE_FATAL, .after = map_far_outside, .repeated = 1 },
	{ "owned range of the block too short", K(2), RULE_FATAL, .before = block_short, .says = "one range" },
	{ "owned range of the block not the block's", K(2), RULE_FATAL, .before = block_owner, .says = "one range" },
	{ "raw map shorter than returned", K(2), RULE_FATAL, .after = map_cut, .says = "does not hold all" },
	{ "an attempt is not recorded", K(2), RULE_FATAL, .after = attempts_lost, .says = "recorded" },
	{ "the last attempt failed", K(2), RULE_FATAL, .after = attempt_failed, .says = "failed" },
	{ "size of another attempt", K(2), RULE_FATAL, .after = attempt_size, .says = "of the attempt" },
	{ "stride of another attempt", K(2), RULE_FATAL, .after = attempt_stride, .says = "of the attempt" },
	{ "version of another attempt", K(2), RULE_FATAL, .after = attempt_version, .says = "of the attempt" },
	{ "block described as loader code", K(3), RULE_REPAIRED, .before = loader_code },
	{ "descriptor size 32", K(4), RULE_FATAL, .after = stride_short },
	{ "descriptor size 52", K(4), RULE_FATAL, .after = stride_odd },
	{ "descriptor size 4104", K(4), RULE_FATAL, .after = stride_long },
	{ "the firmware returns a rest", K(7), RULE_REPAIRED, .before = remainder_returned, .says = "cut off" },
	{ "the block keeps a rest", K(7), RULE_REPAIRED, .after = remainder_kept, .says = "rest ignored", .also = { K(17) } },
	{ "no descriptor", K(8), RULE_FATAL, .after = no_descriptor, .also = { K(17) } },
	{ "less memory than the kernel needs", K(8), RULE_FATAL, .before = kernel_wants_more, .says = "kernel needs" },
	{ "scratch memory one byte short", K(17), RULE_FATAL, .after = small_scratch, .says = "scratch" },
	{ "no scratch memory", K(17), RULE_FATAL, .after = no_scratch, .says = "scratch" },
	{ "scratch memory misaligned", K(17), RULE_FATAL, .after = odd_scratch, .says = "scratch" },
	{ "normalised map: another type, proven", K(17), RULE_FATAL, .after = memory_type, .says = "wrong type", .repeated = 1 },
	{ "normalised map: another type", K(17), RULE_FATAL, .after = memory_type, .says = "follows from", .repeated = 1 },
	{ "normalised map: other attributes", K(17), RULE_FATAL, .after = memory_attributes,
	  .says = "follows from", .repeated = 1 },
	{ "normalised map: a range less", K(17), RULE_FATAL, .after = memory_short, .says = "follows from", .repeated = 1 },
	{ "normalised map: kernel data given away", K(18), RULE_FATAL, .after = memory_owner,
	  .says = "list says", .also = { K(17) } },
	{ "normalised map: kernel text of another number", K(18), RULE_FATAL, .after = memory_text, .also = { K(17) } },
	{ "normalised map: page tables free at once", K(18), RULE_FATAL, .after = memory_lifetime,
	  .says = "list says", .also = { K(17) } },
	{ "normalised map: free memory kept from the kernel", K(18), RULE_FATAL, .after = memory_claimed,
	  .says = "list says", .also = { K(17) } },
	{ "boot record not owned", K(18), RULE_FATAL, .before = memory_more, .says = "boot record" },
	{ "owned range empty", K(18), RULE_FATAL, .after = owned_empty, .says = "sorted", .also = { K(2), M(5), M(13) } },
	{ "owned ranges unsorted", K(18), RULE_FATAL, .after = owned_unsorted, .says = "sorted", .also = { K(2), M(5), M(13) } },
	{ "owned range misaligned", K(18), RULE_FATAL, .after = owned_odd, .says = "sorted", .also = { K(2), M(5), M(13) } },
	{ "segment under another owner", K(18), RULE_FATAL, .before = segment_owner,
	  .says = "range of its own", .also = { M(6), M(7) } },
	{ "segment under another number", K(18), RULE_FATAL, .before = segment_index, .says = "range of its own" },
	{ "segment outside its range", K(18), RULE_FATAL, .after = segment_elsewhere,
	  .says = "range of its own", .also = { M(6) } },
	{ "segment longer than its range", K(18), RULE_FATAL, .after = segment_too_long,
	  .says = "range of its own", .also = { M(6) } },
	{ "segments out of order", K(18), RULE_FATAL, .after = segment_order, .says = "misaligned" },
	{ "segment misaligned", K(18), RULE_FATAL, .after = segment_odd, .says = "misaligned" },
	{ "segment at an odd physical address", K(18), RULE_FATAL, .after = segment_phys_odd, .says = "misaligned" },
	{ "segment of an odd size", K(18), RULE_FATAL, .after = segment_bytes_odd, .says = "misaligned" },
	{ "segment empty", K(18), RULE_FATAL, .after = segment_empty, .says = "misaligned" },
	{ "segment wraps", K(18), RULE_FATAL, .after = segment_wraps, .says = "misaligned" },
	{ "segment behind the top of the address space", K(18), RULE_FATAL, .after = segment_behind_top, .says = "misaligned" },
	{ "segment with more file than memory", K(18), RULE_FATAL, .after = segment_file, .says = "misaligned" },
	{ "segment of unknown permissions", K(18), RULE_FATAL, .after = segment_permissions, .says = "misaligned" },
	{ "segment that cannot be read", K(18), RULE_FATAL, .after = segment_unreadable, .says = "misaligned" },
	{ "kernel begins elsewhere", K(18), RULE_FATAL, .after = kernel_base, .says = "misaligned" },
	{ "kernel ends elsewhere", K(18), RULE_FATAL, .after = kernel_end, .says = "do not end" },
	{ "entry point behind the text", K(18), RULE_FATAL, .after = entry_behind_text, .says = "entry point" },
	{ "entry point in data", K(18), RULE_FATAL, .after = entry_in_data, .says = "entry point" },
	{ "module outside its range", K(18), RULE_FATAL, .after = module_elsewhere, .says = "module is not" },
	{ "module misaligned", K(18), RULE_FATAL, .after = module_odd, .says = "does not start" },
	{ "module longer than its range", K(18), RULE_FATAL, .after = module_long, .says = "module is not" },
	{ "module empty but somewhere", K(18), RULE_FATAL, .after = module_empty, .says = "module is not" },
	{ "stack longer than its range", K(18), RULE_FATAL, .after = stack_too_long, .dump = 1, .says = "guard" },
	{ "stack of an odd size", K(18), RULE_FATAL, .after = stack_odd_size, .dump = 1, .says = "stack is misaligned" },
	{ "stack misaligned", K(18), RULE_FATAL, .after = stack_odd, .says = "stack is misaligned", .dump = 1 },
	{ "stack not identity-mapped", K(18), RULE_FATAL, .after = stack_not_identity, .says = "stack is misaligned", .dump = 1 },
	{ "stack at page zero", K(18), RULE_FATAL, .after = stack_at_zero, .says = "stack is misaligned", .dump = 1 },
	{ "stack without guard page", K(18), RULE_FATAL, .after = stack_without_guard, .says = "guard", .dump = 1 },
	{ "stack that wraps", K(18), RULE_FATAL, .after = stack_empty, .says = "stack is misaligned", .dump = 1 },
	{ "page tables longer than their range", K(18), RULE_FATAL, .after = tables_elsewhere, .says = "page tables" },
	{ "loader image longer than its range", K(18), RULE_FATAL, .after = image_long, .says = "image" },
	{ "boot record outside its range", K(18), RULE_FATAL, .after = record_elsewhere, .says = "boot record" },
};

BROKEN_TABLE(broken_frame, entries);
