/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a kernel file: planned, checked against what a plan promises, loaded into memory of exactly the planned
 * size and relocated, so that the sanitizers see every byte touched outside it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/elf64.h"
#include "lib/handoff.h"

enum { LOADED_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void require_segment(const struct elf64_plan *plan, const struct elf64_segment *segment, uint64_t file_bytes)
{
	uint64_t end = segment->virt + segment->memory_bytes, page_end = segment->page_virt + segment->page_bytes;

	require(segment->file_bytes <= segment->memory_bytes);
	require(segment->memory_bytes > 0 && segment->page_bytes >= segment->memory_bytes);
	require(segment->file_offset <= file_bytes && segment->file_bytes <= file_bytes - segment->file_offset);
	require(segment->page_virt % 4096 == 0 && segment->page_bytes % 4096 == 0 && page_end > segment->page_virt);
	require(segment->page_virt <= segment->virt && segment->virt - segment->page_virt < 4096);
	require(end > segment->virt && end <= page_end && page_end - end < 4096);
	require(plan->base_virt <= segment->page_virt && page_end <= plan->end_virt);
	/* In one half of the canonical addresses. */
	require(page_end <= UINT64_C(1) << 47 || segment->page_virt >= 0 - (UINT64_C(1) << 47));
	require(segment->align >= 4096 && segment->align <= ELF64_ALIGN_MAX &&
		(segment->align & (segment->align - 1)) == 0);
	require(plan->bias % segment->align == 0);
	require((segment->permissions & HANDOFF_SEGMENT_READ) != 0);
	require((segment->permissions & (HANDOFF_SEGMENT_WRITE | HANDOFF_SEGMENT_EXECUTE)) !=
		(HANDOFF_SEGMENT_WRITE | HANDOFF_SEGMENT_EXECUTE));
}

static uint64_t require_plan(const struct elf64_plan *plan, uint64_t file_bytes)
{
	uint64_t pages = 0;
	int entry_found = 0;

	require(plan->segment_count > 0 && plan->segment_count <= ELF64_SEGMENTS_MAX);
	require(plan->base_virt > 0 && plan->end_virt - plan->base_virt <= ELF64_SPAN_MAX);
	for (uint32_t i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];

		require_segment(plan, segment, file_bytes);
		if (i > 0)
			require(plan->segments[i - 1].page_virt + plan->segments[i - 1].page_bytes <=
				segment->page_virt);
		entry_found |= (segment->permissions & HANDOFF_SEGMENT_EXECUTE) && plan->entry_virt >= segment->virt &&
			       plan->entry_virt - segment->virt < segment->file_bytes;
		pages += segment->page_bytes;
	}
	require(entry_found);
	return pages;
}

static void load_and_relocate(struct elf64_plan *plan, const uint8_t *file)
{
	uint8_t *memory[ELF64_SEGMENTS_MAX];
	enum elf64_status status;

	for (uint32_t i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];

		memory[i] = calloc(1, segment->page_bytes);
		memcpy(memory[i] + (segment->virt - segment->page_virt), file + segment->file_offset, segment->file_bytes);
	}
	status = elf64_relocate(plan, memory);
	require(status == ELF64_OK || status == ELF64_INTERPRETER || status == ELF64_BAD_DYNAMIC ||
		status == ELF64_UNKNOWN_RELOCATION || status == ELF64_RELOCATION_OUTSIDE);
	for (uint32_t i = 0; i < plan->segment_count; i++)
		free(memory[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint64_t offset, headers_bytes;
	struct elf64_plan plan;
	enum elf64_status status = elf64_headers(data, bytes, bytes, &offset, &headers_bytes);

	if (status == ELF64_OK) {
		require(offset <= bytes && headers_bytes <= bytes - offset);
		status = elf64_plan(data, data + offset, headers_bytes, bytes, &plan);
	}
	require((uint32_t)status < ELF64_STATUS_COUNT);
	if (status == ELF64_OK && require_plan(&plan, bytes) <= LOADED_BYTES_MAX)
		load_and_relocate(&plan, data);
	return 0;
}
