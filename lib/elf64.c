/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Planning where a kernel goes: the loader reads two small pieces of the file, this file checks them and says which bytes
 * belong where; only then is memory allocated and anything copied.
 * Rules here: pure; a header is hostile until checked; every sum is checked before it is made; addresses must be canonical
 * for 4-level paging, so that a plan is good for both depths.
 */
#include "lib/elf64.h"
#include "lib/elf64_format.h"
#include "lib/handoff.h"
#include "lib/le.h"

_Static_assert((int)ELF64_PF_X == (int)HANDOFF_SEGMENT_EXECUTE && (int)ELF64_PF_W == (int)HANDOFF_SEGMENT_WRITE &&
		       (int)ELF64_PF_R == (int)HANDOFF_SEGMENT_READ,
	       "the block promises ELF's permission bits");

#define PAGE UINT64_C(4096)
#define LOW_HALF_END UINT64_C(0x0000800000000000)
#define HIGH_HALF UINT64_C(0xffff800000000000)
#define LAST_PAGE UINT64_C(0xfffffffffffff000)

/* A program header's fields in their order. */
struct program_header {
	uint32_t type, flags;
	uint64_t offset, virt, file_bytes, memory_bytes, align;
};

static enum elf64_status check_identity(const uint8_t *header)
{
	if (header[0] != 0x7f || header[1] != 'E' || header[2] != 'L' || header[3] != 'F')
		return ELF64_BAD_MAGIC;
	if (header[ELF64_E_CLASS] != ELF64_CLASS_64)
		return ELF64_NOT_64_BIT;
	if (header[ELF64_E_DATA] != ELF64_DATA_LITTLE)
		return ELF64_NOT_LITTLE_ENDIAN;
	if (header[ELF64_E_IDENT_VERSION] != ELF64_VERSION_CURRENT ||
	    le_read32(header + ELF64_E_VERSION) != ELF64_VERSION_CURRENT)
		return ELF64_BAD_VERSION;
	if (le_read16(header + ELF64_E_MACHINE) != ELF64_MACHINE_X86_64)
		return ELF64_WRONG_MACHINE;
	if (le_read16(header + ELF64_E_TYPE) != ELF64_TYPE_EXEC && le_read16(header + ELF64_E_TYPE) != ELF64_TYPE_DYN)
		return ELF64_NOT_EXECUTABLE;
	return ELF64_OK;
}

enum elf64_status elf64_headers(const void *header, uint64_t header_bytes, uint64_t file_bytes,
				uint64_t *ret_headers_offset, uint64_t *ret_headers_bytes)
{
	const uint8_t *elf = header;
	uint64_t offset, count;
	enum elf64_status status;

	if (header_bytes < ELF64_HEADER_BYTES || file_bytes < ELF64_HEADER_BYTES)
		return ELF64_TOO_SHORT;
	status = check_identity(elf);
	if (status != ELF64_OK)
		return status;
	offset = le_read64(elf + ELF64_E_PHOFF);
	count = le_read16(elf + ELF64_E_PHNUM);
	if (le_read16(elf + ELF64_E_EHSIZE) != ELF64_HEADER_BYTES ||
	    (count > 0 && le_read16(elf + ELF64_E_PHENTSIZE) != ELF64_PROGRAM_HEADER_BYTES))
		return ELF64_BAD_HEADER_SIZE;
	if (count == 0)
		return ELF64_NO_PROGRAM_HEADERS;
	if (count > ELF64_PROGRAM_HEADERS_MAX)
		return ELF64_TOO_MANY_PROGRAM_HEADERS;
	if (offset > file_bytes || count * ELF64_PROGRAM_HEADER_BYTES > file_bytes - offset)
		return ELF64_HEADERS_OUTSIDE_FILE;
	*ret_headers_offset = offset;
	*ret_headers_bytes = count * ELF64_PROGRAM_HEADER_BYTES;
	return ELF64_OK;
}

static struct program_header read_program_header(const uint8_t *from)
{
	return (struct program_header){
		.type = le_read32(from + ELF64_P_TYPE),
		.flags = le_read32(from + ELF64_P_FLAGS),
		.offset = le_read64(from + ELF64_P_OFFSET),
		.virt = le_read64(from + ELF64_P_VADDR),
		.file_bytes = le_read64(from + ELF64_P_FILESZ),
		.memory_bytes = le_read64(from + ELF64_P_MEMSZ),
		.align = le_read64(from + ELF64_P_ALIGN),
	};
}

/* Do the bytes, rounded up to whole pages, end before the last page and stay in one canonical half? */
static int is_canonical(uint64_t virt, uint64_t bytes)
{
	if (virt > LAST_PAGE || bytes > LAST_PAGE - virt)
		return 0;
	return virt >= HIGH_HALF || (virt < LOW_HALF_END && bytes <= LOW_HALF_END - virt);
}

static int is_good_align(const struct program_header *header)
{
	/* 0 and 1 both mean that any address will do (gABI). */
	if (header->align == 0)
		return 1;
	if (header->align > ELF64_ALIGN_MAX || (header->align & (header->align - 1)) != 0)
		return 0;
	return header->virt % header->align == header->offset % header->align;
}

/* What can be said about a PT_LOAD segment alone. */
static enum elf64_status check_segment(const struct program_header *header, uint64_t file_bytes)
{
	/* Without bytes in the file the offset says nothing. */
	if (header->file_bytes > 0 && (header->offset > file_bytes || header->file_bytes > file_bytes - header->offset))
		return ELF64_SEGMENT_OUTSIDE_FILE;
	if (header->file_bytes > header->memory_bytes)
		return ELF64_SEGMENT_FILE_LARGER;
	if (!is_canonical(header->virt, header->memory_bytes))
		return ELF64_SEGMENT_WRAPS;
	if (!is_good_align(header))
		return ELF64_SEGMENT_BAD_ALIGN;
	if ((header->flags & ELF64_PF_W) && (header->flags & ELF64_PF_X))
		return ELF64_SEGMENT_WX;
	if (!(header->flags & ELF64_PF_R))
		return ELF64_SEGMENT_NOT_READABLE;
	return ELF64_OK;
}

/* What can be said about it and the one before it.  Ascending addresses make neighbours enough. */
static enum elf64_status check_neighbours(const struct elf64_segment *before, const struct elf64_segment *segment)
{
	if (segment->virt < before->virt)
		return ELF64_SEGMENTS_UNSORTED;
	if (segment->virt < before->virt + before->memory_bytes)
		return ELF64_SEGMENTS_OVERLAP;
	if (segment->page_virt < before->page_virt + before->page_bytes)
		return ELF64_SEGMENTS_SHARE_PAGE;
	return ELF64_OK;
}

static struct elf64_segment make_segment(const struct program_header *header)
{
	uint64_t page_virt = header->virt - header->virt % PAGE;
	uint64_t page_end = (header->virt + header->memory_bytes + (PAGE - 1)) / PAGE * PAGE;

	return (struct elf64_segment){
		.file_offset = header->file_bytes > 0 ? header->offset : 0,
		.file_bytes = header->file_bytes,
		.virt = header->virt,
		.memory_bytes = header->memory_bytes,
		.page_virt = page_virt,
		.page_bytes = page_end - page_virt,
		.align = header->align > PAGE ? header->align : PAGE,
		.permissions = header->flags & (ELF64_PF_R | ELF64_PF_W | ELF64_PF_X),
	};
}

static enum elf64_status add_segment(struct elf64_plan *plan, const struct program_header *header, uint64_t file_bytes)
{
	struct elf64_segment segment;
	enum elf64_status status;

	if (plan->segment_count == ELF64_SEGMENTS_MAX)
		return ELF64_TOO_MANY_SEGMENTS;
	status = check_segment(header, file_bytes);
	if (status != ELF64_OK)
		return status;
	segment = make_segment(header);
	if (plan->segment_count > 0) {
		status = check_neighbours(&plan->segments[plan->segment_count - 1], &segment);
		if (status != ELF64_OK)
			return status;
	}
	plan->segments[plan->segment_count++] = segment;
	return ELF64_OK;
}

static enum elf64_status add_program_header(struct elf64_plan *plan, const struct program_header *header, uint64_t file_bytes)
{
	switch (header->type) {
	case ELF64_PT_LOAD:
		return header->memory_bytes > 0 || header->file_bytes > 0 ? add_segment(plan, header, file_bytes) : ELF64_OK;
	case ELF64_PT_INTERP:
		return ELF64_INTERPRETER;
	case ELF64_PT_TLS:
		return ELF64_TLS;
	case ELF64_PT_DYNAMIC:
		if (plan->dynamic_bytes > 0)
			return ELF64_BAD_DYNAMIC;
		plan->dynamic_virt = header->virt;
		plan->dynamic_bytes = header->file_bytes;
		return ELF64_OK;
	default:
		return ELF64_OK;
	}
}

static uint64_t largest_align(const struct elf64_plan *plan)
{
	uint64_t align = PAGE;

	for (uint32_t i = 0; i < plan->segment_count; i++)
		if (plan->segments[i].align > align)
			align = plan->segments[i].align;
	return align;
}

/* Sets base_virt, end_virt and bias. */
static enum elf64_status place(struct elf64_plan *plan, int position_independent)
{
	const struct elf64_segment *last = &plan->segments[plan->segment_count - 1];
	uint64_t align = largest_align(plan), span;

	plan->base_virt = plan->segments[0].page_virt;
	plan->end_virt = last->page_virt + last->page_bytes;
	span = plan->end_virt - plan->base_virt;
	if (span > ELF64_SPAN_MAX)
		return ELF64_SPAN_TOO_LARGE;
	if (!position_independent || plan->base_virt >= LOW_HALF_END)
		return plan->base_virt > 0 ? ELF64_OK : ELF64_PAGE_ZERO;
	/* A bias that is a multiple of every alignment keeps the addresses congruent.  The base is aligned to 2 GiB. */
	if (span > LAST_PAGE - ELF64_PIE_BASE - plan->base_virt % align)
		return ELF64_SPAN_TOO_LARGE;
	plan->bias = ELF64_PIE_BASE - (plan->base_virt - plan->base_virt % align);
	return ELF64_OK;
}

/* The segment from whose file bytes [virt, virt + bytes) comes, or segment_count. */
static uint32_t find_in_file(const struct elf64_plan *plan, uint64_t virt, uint64_t bytes)
{
	uint32_t i;

	for (i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];

		if (virt >= segment->virt && virt - segment->virt < segment->file_bytes &&
		    bytes <= segment->file_bytes - (virt - segment->virt))
			break;
	}
	return i;
}

static enum elf64_status check_entry(const struct elf64_plan *plan)
{
	uint32_t i = find_in_file(plan, plan->entry_virt, 1);

	if (i == plan->segment_count || !(plan->segments[i].permissions & ELF64_PF_X))
		return ELF64_ENTRY_OUTSIDE_TEXT;
	return ELF64_OK;
}

/* Moves every address of the plan by the bias; unsigned arithmetic wraps to the right place. */
static void move(struct elf64_plan *plan)
{
	plan->entry_virt += plan->bias;
	plan->base_virt += plan->bias;
	plan->end_virt += plan->bias;
	if (plan->dynamic_bytes > 0)
		plan->dynamic_virt += plan->bias;
	for (uint32_t i = 0; i < plan->segment_count; i++) {
		plan->segments[i].virt += plan->bias;
		plan->segments[i].page_virt += plan->bias;
	}
}

/* The checks of the whole, once all program headers have been taken in. */
static enum elf64_status finish(struct elf64_plan *plan, const uint8_t *elf)
{
	enum elf64_status status;

	if (plan->segment_count == 0)
		return ELF64_NO_SEGMENTS;
	status = place(plan, le_read16(elf + ELF64_E_TYPE) == ELF64_TYPE_DYN);
	if (status != ELF64_OK)
		return status;
	plan->entry_virt = le_read64(elf + ELF64_E_ENTRY);
	status = check_entry(plan);
	if (status != ELF64_OK)
		return status;
	if (plan->dynamic_bytes == 0)
		plan->dynamic_virt = 0;
	else if (find_in_file(plan, plan->dynamic_virt, plan->dynamic_bytes) == plan->segment_count)
		return ELF64_BAD_DYNAMIC;
	move(plan);
	return ELF64_OK;
}

enum elf64_status elf64_plan(const void *header, const void *program_headers, uint64_t program_headers_bytes,
			     uint64_t file_bytes, struct elf64_plan *ret_plan)
{
	const uint8_t *from = program_headers;
	uint64_t offset, bytes;
	enum elf64_status status = elf64_headers(header, ELF64_HEADER_BYTES, file_bytes, &offset, &bytes);

	*ret_plan = (struct elf64_plan){0};
	if (status != ELF64_OK)
		return status;
	if (program_headers_bytes < bytes)
		return ELF64_HEADERS_OUTSIDE_FILE;
	for (uint32_t i = 0; i < bytes / ELF64_PROGRAM_HEADER_BYTES; i++) {
		struct program_header next = read_program_header(from + (uint64_t)i * ELF64_PROGRAM_HEADER_BYTES);

		ret_plan->failed_index = i;
		status = add_program_header(ret_plan, &next, file_bytes);
		if (status != ELF64_OK)
			return status;
	}
	ret_plan->failed_index = 0;
	return finish(ret_plan, header);
}
