/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel that knows how it was linked, built several times (tools/make/kernels.mk): low, high, position-independent, with large
 * alignments, with a large .bss.  It compares what it is with what it was made to be, and with what the block says.
 */
#include "lib/handoff_block.h"
#include "test/kernels/test_kernel.h"

/* Where the first segment must be, how segments are aligned, how large .bss is: given by the Makefile. */
static const uint64_t base = LAYOUT_BASE, alignment = LAYOUT_ALIGN;
enum { BSS_BYTES = LAYOUT_BSS_BYTES };

void _start(const struct handoff_header *block, uint64_t magic);

/* Volatile, so that memory is looked at and not what the compiler knows. */
static volatile uint64_t initialised = UINT64_C(0x0123456789abcdef);
static const volatile uint64_t constant = UINT64_C(0xfedcba9876543210);
static volatile uint8_t zeroed[BSS_BYTES];
/* Addresses in data: relocated when the kernel is position-independent. */
static const volatile void *volatile const pointers[] = {&initialised, &constant, zeroed + BSS_BYTES - 1};

static const char *check_content(void)
{
	if (initialised != UINT64_C(0x0123456789abcdef))
		return "initialised data is not what the file holds";
	if (constant != UINT64_C(0xfedcba9876543210))
		return "constants are not what the file holds";
	if (pointers[0] != &initialised || pointers[1] != &constant || pointers[2] != zeroed + BSS_BYTES - 1)
		return "an address in data does not point to its object";
	for (uint64_t i = 0; i < BSS_BYTES; i++)
		if (zeroed[i] != 0)
			return ".bss is not zero";
	for (uint64_t i = 0; i < BSS_BYTES; i += HANDOFF_PAGE_BYTES)
		zeroed[i] = (uint8_t)(1 + i / HANDOFF_PAGE_BYTES);
	for (uint64_t i = 0; i < BSS_BYTES; i += HANDOFF_PAGE_BYTES)
		if (zeroed[i] != (uint8_t)(1 + i / HANDOFF_PAGE_BYTES))
			return ".bss does not keep what is written";
	return 0;
}

/* The segment that holds an address of the kernel. */
static const struct handoff_segment *segment_of(const struct handoff_header *block, uint64_t virt)
{
	const struct handoff_segment *segment;

	for (uint64_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)); i++)
		if (virt >= segment->virt && virt - segment->virt < segment->bytes)
			return segment;
	return 0;
}

static const char *check_segments(const struct handoff_header *block)
{
	const struct handoff_segment *segment;

	for (uint64_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)); i++)
		if ((segment->virt - segment->phys) % alignment != 0)
			return "a segment's physical address is not aligned as its link address is";
	segment = segment_of(block, (uintptr_t)_start);
	if (!segment || segment->permissions != (HANDOFF_SEGMENT_READ | HANDOFF_SEGMENT_EXECUTE))
		return "the code is in no segment, or in one with other permissions";
	segment = segment_of(block, (uintptr_t)&initialised);
	if (!segment || segment->permissions != (HANDOFF_SEGMENT_READ | HANDOFF_SEGMENT_WRITE))
		return "the data is in no segment, or in one with other permissions";
	segment = segment_of(block, (uintptr_t)&constant);
	if (!segment || segment->permissions & HANDOFF_SEGMENT_EXECUTE)
		return "the constants are in no segment, or can be executed";
	return 0;
}

/* What is written at the link address is there at the physical one. */
static const char *check_alias(const struct handoff_header *block, const struct handoff_kernel *kernel)
{
	const struct handoff_segment *segment = segment_of(block, (uintptr_t)&initialised);
	uint64_t phys = segment->phys + ((uintptr_t)&initialised - segment->virt);

	/* A kernel linked low hides the identity map where it stands. */
	if (phys >= kernel->base_virt && phys < kernel->end_virt)
		return 0;
	initialised = phys;
	return *(const volatile uint64_t *)(uintptr_t)phys == phys ? 0 : "the block's physical address is not where the data is";
}

const char *test_kernel(const struct handoff_header *block, const char *cmdline)
{
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, 0, 0);
	const char *wrong = check_content();

	(void)cmdline;
	if (!wrong && kernel->base_virt != base)
		wrong = "the kernel is not where it was linked to be";
	if (!wrong && kernel->entry_virt != (uintptr_t)_start)
		wrong = "the entry point is not the one of the block";
	if (!wrong)
		wrong = check_segments(block);
	return wrong ? wrong : check_alias(block, kernel);
}
