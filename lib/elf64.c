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

/*@ assigns \nothing;
    ensures \result % PAGE == 0 && \result <= address < \result + PAGE; */
static uint64_t page_down(uint64_t address)
{
	return address / PAGE * PAGE;
}

/*@ requires address <= LAST_PAGE;
    assigns \nothing;
    ensures \result % PAGE == 0 && \result - PAGE < address <= \result <= LAST_PAGE; */
static uint64_t page_up(uint64_t address)
{
	return page_down(address + (PAGE - 1));
}

/*@ requires \valid_read(header + (0 .. ELF64_HEADER_BYTES - 1));
    assigns \nothing; */
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

enum elf64_status elf64_headers(const uint8_t *header, uint64_t header_bytes, uint64_t file_bytes,
				uint64_t *ret_headers_offset, uint64_t *ret_headers_bytes)
{
	uint64_t offset, count;
	enum elf64_status status;

	if (header_bytes < ELF64_HEADER_BYTES || file_bytes < ELF64_HEADER_BYTES)
		return ELF64_TOO_SHORT;
	status = check_identity(header);
	if (status != ELF64_OK)
		return status;
	offset = le_read64(header + ELF64_E_PHOFF);
	count = le_read16(header + ELF64_E_PHNUM);
	if (le_read16(header + ELF64_E_EHSIZE) != ELF64_HEADER_BYTES ||
	    (count > 0 && le_read16(header + ELF64_E_PHENTSIZE) != ELF64_PROGRAM_HEADER_BYTES))
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

/*@ requires \valid_read(from + (0 .. ELF64_PROGRAM_HEADER_BYTES - 1));
    assigns \nothing; */
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
/*@ assigns \nothing;
    ensures \result != 0 ==> elf64_canonical(virt, virt + bytes); */
static int is_canonical(uint64_t virt, uint64_t bytes)
{
	if (virt > LAST_PAGE || bytes > LAST_PAGE - virt)
		return 0;
	return virt >= HIGH_HALF || (virt < LOW_HALF_END && bytes <= LOW_HALF_END - virt);
}

/*@ requires \valid_read(header);
    assigns \nothing;
    ensures \result != 0 ==> header->align <= ELF64_ALIGN_MAX; */
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
/*@ predicate good_header{L}(struct program_header *h, integer file_bytes) =
      (h->file_bytes > 0 ==> h->offset + h->file_bytes <= file_bytes) &&
      h->file_bytes <= h->memory_bytes && elf64_canonical(h->virt, h->virt + h->memory_bytes) &&
      h->align <= ELF64_ALIGN_MAX && ((h->flags & ELF64_PF_W) == 0 || (h->flags & ELF64_PF_X) == 0); */
/*@ requires \valid_read(header);
    assigns \nothing;
    ensures \result == ELF64_OK ==> good_header(header, file_bytes); */
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
/*@ requires \valid_read(before) && \valid_read(segment);
    requires before->virt + before->memory_bytes <= before->page_virt + before->page_bytes <= UINT64_MAX;
    assigns \nothing;
    ensures \result == ELF64_OK ==> before->page_virt + before->page_bytes <= segment->page_virt; */
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

/*@ requires \valid_read(header) && \valid(ret_segment) && \separated(header, ret_segment);
    requires header->memory_bytes > 0 && good_header(header, UINT64_MAX);
    assigns *ret_segment;
    ensures elf64_good_segment(ret_segment);
    ensures (ret_segment->permissions & ELF64_PF_X) == 0 || (ret_segment->permissions & ELF64_PF_W) == 0;
    ensures ret_segment->file_offset == (header->file_bytes > 0 ? header->offset : 0) &&
      ret_segment->file_bytes == header->file_bytes; */
static void make_segment(const struct program_header *header, struct elf64_segment *ret_segment)
{
	uint64_t page_virt = page_down(header->virt);

	*ret_segment = (struct elf64_segment){
		.file_offset = header->file_bytes > 0 ? header->offset : 0,
		.file_bytes = header->file_bytes,
		.virt = header->virt,
		.memory_bytes = header->memory_bytes,
		.page_virt = page_virt,
		.page_bytes = page_up(header->virt + header->memory_bytes) - page_virt,
		.align = header->align > PAGE ? header->align : PAGE,
		.permissions = header->flags & (ELF64_PF_R | ELF64_PF_W | ELF64_PF_X),
	};
}

/*@ requires \valid(plan) && \valid_read(header) && \separated(plan, header);
    requires header->memory_bytes > 0 || header->file_bytes > 0;
    requires elf64_good_segments(plan) && elf64_from_file(plan, file_bytes) && elf64_w_xor_x(plan);
    assigns plan->segment_count, plan->segments[0 .. ELF64_SEGMENTS_MAX - 1];
    ensures \result == ELF64_OK ==> elf64_good_segments(plan);
    ensures \result == ELF64_OK ==> elf64_from_file(plan, file_bytes);
    ensures \result == ELF64_OK ==> elf64_w_xor_x(plan); */
static enum elf64_status add_segment(struct elf64_plan *plan, const struct program_header *header, uint64_t file_bytes)
{
	struct elf64_segment *segment = &plan->segments[plan->segment_count];
	enum elf64_status status;

	if (plan->segment_count == ELF64_SEGMENTS_MAX)
		return ELF64_TOO_MANY_SEGMENTS;
	status = check_segment(header, file_bytes);
	if (status != ELF64_OK)
		return status;
	make_segment(header, segment);
	if (plan->segment_count > 0) {
		status = check_neighbours(segment - 1, segment);
		if (status != ELF64_OK)
			return status;
	}
	/*@ assert \forall integer i; 0 <= i <= plan->segment_count ==> elf64_good_segment(&plan->segments[i]); */
	/*@ assert \forall integer i; 0 <= i < plan->segment_count ==>
	      plan->segments[i].page_virt + plan->segments[i].page_bytes <= segment->page_virt; */
	/*@ assert \forall integer i, j; 0 <= i < j <= plan->segment_count ==>
	      plan->segments[i].page_virt + plan->segments[i].page_bytes <= plan->segments[j].page_virt; */
	/*@ assert \forall integer i; 0 <= i <= plan->segment_count ==>
	      (plan->segments[i].permissions & 1) == 0 || (plan->segments[i].permissions & 2) == 0; */
	plan->segment_count++;
	return ELF64_OK;
}

/*@ requires \valid(plan) && \valid_read(header) && \separated(plan, header);
    requires elf64_good_segments(plan) && elf64_from_file(plan, file_bytes) && elf64_w_xor_x(plan);
    assigns plan->segment_count, plan->segments[0 .. ELF64_SEGMENTS_MAX - 1], plan->dynamic_virt, plan->dynamic_bytes;
    ensures \result == ELF64_OK ==> elf64_good_segments(plan);
    ensures \result == ELF64_OK ==> elf64_from_file(plan, file_bytes);
    ensures \result == ELF64_OK ==> elf64_w_xor_x(plan); */
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
		plan->dynamic_virt = header->file_bytes > 0 ? header->virt : 0;
		plan->dynamic_bytes = header->file_bytes;
		return ELF64_OK;
	default:
		return ELF64_OK;
	}
}

/*@ requires \valid_read(plan) && elf64_good_segments(plan);
    assigns \nothing;
    ensures PAGE <= \result <= ELF64_ALIGN_MAX; */
static uint64_t largest_align(const struct elf64_plan *plan)
{
	uint64_t align = PAGE;

	/*@ loop invariant 0 <= i <= plan->segment_count && PAGE <= align <= ELF64_ALIGN_MAX;
	    loop assigns i, align;
	    loop variant plan->segment_count - i; */
	for (uint32_t i = 0; i < plan->segment_count; i++)
		if (plan->segments[i].align > align)
			align = plan->segments[i].align;
	return align;
}

/*@ predicate same_file_bytes{K, L}(struct elf64_plan *p) = (elf64_w_xor_x{K}(p) ==> elf64_w_xor_x{L}(p)) &&
      \forall integer n; elf64_from_file{K}(p, n) ==> elf64_from_file{L}(p, n); */
/*@ predicate placed{L}(struct elf64_plan *p) = p->bias % PAGE == 0 &&
      elf64_good_window(p, p->base_virt + p->bias, p->end_virt + p->bias) && elf64_in_window(p, p->base_virt, p->end_virt); */

/* Sets base_virt, end_virt and bias. */
/*@ requires \valid(plan) && elf64_good_segments(plan) && plan->segment_count > 0 && plan->bias == 0;
    assigns plan->base_virt, plan->end_virt, plan->bias;
    ensures elf64_good_segments(plan);
    ensures same_file_bytes{Pre, Post}(plan);
    ensures \result == ELF64_OK ==> placed(plan); */
static enum elf64_status place(struct elf64_plan *plan, int position_independent)
{
	const struct elf64_segment *last = &plan->segments[plan->segment_count - 1];
	uint64_t align = largest_align(plan), span, above;

	plan->base_virt = plan->segments[0].page_virt;
	plan->end_virt = last->page_virt + last->page_bytes;
	/*@ assert each: \forall integer i; 0 <= i < plan->segment_count ==> elf64_good_segment(&plan->segments[i]); */
	/*@ assert all: elf64_good_segments(plan); */
	/*@ assert window: plan->base_virt % PAGE == 0 && elf64_in_window(plan, plan->base_virt, plan->end_virt); */
	span = plan->end_virt - plan->base_virt;
	if (span > ELF64_SPAN_MAX)
		return ELF64_SPAN_TOO_LARGE;
	if (!position_independent || plan->base_virt >= LOW_HALF_END)
		return plan->base_virt > 0 ? ELF64_OK : ELF64_PAGE_ZERO;
	/* A bias that is a multiple of every alignment keeps the addresses congruent.  The base is aligned to 2 GiB. */
	above = page_down(plan->base_virt % align);
	if (span > LAST_PAGE - ELF64_PIE_BASE - above)
		return ELF64_SPAN_TOO_LARGE;
	/*@ assert (plan->base_virt - above) % PAGE == 0; */
	plan->bias = ELF64_PIE_BASE - (plan->base_virt - above);
	/*@ assert plan->bias % PAGE == 0; */
	/*@ assert each_still: \forall integer i; 0 <= i < plan->segment_count ==> elf64_good_segment(&plan->segments[i]); */
	/*@ assert all_still: elf64_good_segments(plan); */
	/*@ assert window_still: elf64_in_window(plan, plan->base_virt, plan->end_virt); */
	return ELF64_OK;
}

/* The segment from whose file bytes [virt, virt + bytes) comes, or segment_count. */
/*@ requires \valid_read(plan) && plan->segment_count <= ELF64_SEGMENTS_MAX && bytes > 0;
    assigns \nothing;
    ensures \result < plan->segment_count ==> elf64_file_holds(&plan->segments[\result], virt, bytes);
    ensures \result <= plan->segment_count; */
static uint32_t find_in_file(const struct elf64_plan *plan, uint64_t virt, uint64_t bytes)
{
	uint32_t i;

	/*@ loop invariant 0 <= i <= plan->segment_count;
	    loop assigns i;
	    loop variant plan->segment_count - i; */
	for (i = 0; i < plan->segment_count; i++) {
		const struct elf64_segment *segment = &plan->segments[i];

		if (virt >= segment->virt && virt - segment->virt < segment->file_bytes &&
		    bytes <= segment->file_bytes - (virt - segment->virt))
			break;
	}
	return i;
}

/*@ requires \valid_read(plan) && plan->segment_count <= ELF64_SEGMENTS_MAX;
    assigns \nothing;
    ensures \result == ELF64_OK ==> elf64_good_entry(plan); */
static enum elf64_status check_entry(const struct elf64_plan *plan)
{
	uint32_t i = find_in_file(plan, plan->entry_virt, 1);

	if (i == plan->segment_count || !(plan->segments[i].permissions & ELF64_PF_X))
		return ELF64_ENTRY_OUTSIDE_TEXT;
	return ELF64_OK;
}

/*@ predicate moved{K, L}(struct elf64_segment *s, integer by) =
      \at(s->virt, L) == \at(s->virt, K) + by && \at(s->page_virt, L) == \at(s->page_virt, K) + by &&
      \at(s->file_offset, L) == \at(s->file_offset, K) && \at(s->file_bytes, L) == \at(s->file_bytes, K) &&
      \at(s->memory_bytes, L) == \at(s->memory_bytes, K) && \at(s->page_bytes, L) == \at(s->page_bytes, K) &&
      \at(s->align, L) == \at(s->align, K) && \at(s->permissions, L) == \at(s->permissions, K); */

/*@ requires count <= ELF64_SEGMENTS_MAX && \valid(segments + (0 .. count - 1));
    requires \forall integer i; 0 <= i < count ==> segments[i].page_virt <= segments[i].virt <= UINT64_MAX - bias;
    assigns segments[0 .. count - 1];
    ensures \forall integer i; 0 <= i < count ==> moved{Pre, Post}(&segments[i], bias); */
static void move_each(struct elf64_segment *segments, uint32_t count, uint64_t bias)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer j; 0 <= j < i ==> moved{Pre, Here}(&segments[j], bias);
	    loop invariant \forall integer j; i <= j < count ==> moved{Pre, Here}(&segments[j], 0);
	    loop assigns i, segments[0 .. count - 1];
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		segments[i].virt += bias;
		segments[i].page_virt += bias;
	}
}

/*@ predicate entry_at{L}(struct elf64_plan *p, integer virt) = \exists integer i; 0 <= i < p->segment_count &&
      (p->segments[i].permissions & ELF64_PF_X) != 0 && elf64_file_holds(&p->segments[i], virt, 1);
    predicate dynamic_at{L}(struct elf64_plan *p, integer virt) = p->dynamic_bytes > 0 ==> \exists integer i;
      0 <= i < p->segment_count && elf64_file_holds(&p->segments[i], virt, p->dynamic_bytes); */

/* Moves every segment by the bias. */
/*@ requires \valid(plan) && elf64_good_segments(plan) && placed(plan) && elf64_good_entry(plan) && elf64_good_dynamic(plan);
    assigns plan->segments[0 .. plan->segment_count - 1];
    ensures same_file_bytes{Pre, Post}(plan);
    ensures elf64_good_segments(plan) && elf64_in_window(plan, plan->base_virt + plan->bias, plan->end_virt + plan->bias);
    ensures entry_at(plan, plan->entry_virt + plan->bias) && dynamic_at(plan, plan->dynamic_virt + plan->bias); */
static void move_segments(struct elf64_plan *plan)
{
	/*@ assert \forall integer i; 0 <= i < plan->segment_count ==>
	      plan->segments[i].virt + plan->segments[i].memory_bytes <= plan->end_virt; */
	move_each(plan->segments, plan->segment_count, plan->bias);
	/*@ assert \forall integer i; 0 <= i < plan->segment_count ==> elf64_good_segment(&plan->segments[i]); */
}

/* Moves what is left of the plan. */
/*@ requires \valid(plan) && elf64_good_segments(plan);
    requires elf64_good_window(plan, plan->base_virt + plan->bias, plan->end_virt + plan->bias);
    requires elf64_in_window(plan, plan->base_virt + plan->bias, plan->end_virt + plan->bias);
    requires entry_at(plan, plan->entry_virt + plan->bias) && dynamic_at(plan, plan->dynamic_virt + plan->bias);
    assigns plan->entry_virt, plan->base_virt, plan->end_virt, plan->dynamic_virt;
    ensures same_file_bytes{Pre, Post}(plan);
    ensures elf64_good_segments(plan);
    ensures elf64_good_window(plan, plan->base_virt, plan->end_virt);
    ensures elf64_in_window(plan, plan->base_virt, plan->end_virt);
    ensures elf64_good_entry(plan);
    ensures elf64_good_dynamic(plan); */
static void move_addresses(struct elf64_plan *plan)
{
	plan->entry_virt += plan->bias;
	plan->base_virt += plan->bias;
	plan->end_virt += plan->bias;
	plan->dynamic_virt += plan->dynamic_bytes > 0 ? plan->bias : 0;
	/*@ assert \forall integer i; 0 <= i < plan->segment_count ==> elf64_good_segment(&plan->segments[i]); */
}

/* The checks of the whole, once all program headers have been taken in. */
/*@ requires \valid(plan) && \valid_read(header + (0 .. ELF64_HEADER_BYTES - 1));
    requires \separated(plan, header + (0 .. ELF64_HEADER_BYTES - 1));
    requires elf64_good_segments(plan) && elf64_w_xor_x(plan) && plan->bias == 0;
    assigns plan->base_virt, plan->end_virt, plan->bias;
    ensures \result == ELF64_OK ==> plan->segment_count > 0;
    ensures \result == ELF64_OK ==> elf64_good_segments(plan);
    ensures \result == ELF64_OK ==> placed(plan);
    ensures \result == ELF64_OK ==> elf64_good_entry(plan);
    ensures \result == ELF64_OK ==> elf64_good_dynamic(plan);
    ensures same_file_bytes{Pre, Post}(plan); */
static enum elf64_status check_whole(struct elf64_plan *plan, const uint8_t *header)
{
	enum elf64_status status;

	if (plan->segment_count == 0)
		return ELF64_NO_SEGMENTS;
	status = place(plan, le_read16(header + ELF64_E_TYPE) == ELF64_TYPE_DYN);
	if (status != ELF64_OK)
		return status;
	status = check_entry(plan);
	if (status != ELF64_OK)
		return status;
	if (plan->dynamic_bytes > 0 &&
	    find_in_file(plan, plan->dynamic_virt, plan->dynamic_bytes) == plan->segment_count)
		return ELF64_BAD_DYNAMIC;
	return ELF64_OK;
}

/*@ requires \valid(plan);
    assigns *plan;
    ensures plan->segment_count == 0 && plan->bias == 0; */
static void begin(struct elf64_plan *plan, uint64_t entry_virt)
{
	plan->entry_virt = entry_virt;
	plan->bias = 0;
	plan->base_virt = 0;
	plan->end_virt = 0;
	plan->dynamic_virt = 0;
	plan->dynamic_bytes = 0;
	plan->segment_count = 0;
	plan->failed_index = 0;
}

/*@ requires \valid_read(from + (0 .. ELF64_PROGRAM_HEADER_BYTES - 1));
    requires \valid(plan) && \separated(plan, from + (0 .. ELF64_PROGRAM_HEADER_BYTES - 1));
    requires elf64_good_segments(plan) && elf64_from_file(plan, file_bytes) && elf64_w_xor_x(plan);
    assigns plan->segment_count, plan->segments[0 .. ELF64_SEGMENTS_MAX - 1], plan->dynamic_virt, plan->dynamic_bytes;
    ensures \result == ELF64_OK ==> elf64_good_segments(plan);
    ensures \result == ELF64_OK ==> elf64_from_file(plan, file_bytes);
    ensures \result == ELF64_OK ==> elf64_w_xor_x(plan); */
static enum elf64_status add_next(struct elf64_plan *plan, const uint8_t *from, uint64_t file_bytes)
{
	struct program_header next = read_program_header(from);

	return add_program_header(plan, &next, file_bytes);
}

/*@ requires count <= ELF64_PROGRAM_HEADERS_MAX && \valid_read(from + (0 .. count * ELF64_PROGRAM_HEADER_BYTES - 1));
    requires \valid(plan) && \separated(plan, from + (0 .. count * ELF64_PROGRAM_HEADER_BYTES - 1));
    requires plan->segment_count == 0 && plan->bias == 0;
    assigns *plan;
    ensures \result == ELF64_OK ==> elf64_good_segments(plan);
    ensures \result == ELF64_OK ==> elf64_from_file(plan, file_bytes);
    ensures \result == ELF64_OK ==> elf64_w_xor_x(plan) && plan->bias == 0; */
static enum elf64_status add_all(struct elf64_plan *plan, const uint8_t *from, uint32_t count, uint64_t file_bytes)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant plan->bias == 0;
	    loop invariant elf64_good_segments(plan);
	    loop invariant elf64_from_file(plan, file_bytes);
	    loop invariant elf64_w_xor_x(plan);
	    loop assigns i, *plan;
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		enum elf64_status status = add_next(plan, from + i * ELF64_PROGRAM_HEADER_BYTES, file_bytes);

		if (status != ELF64_OK) {
			plan->failed_index = i;
			return status;
		}
	}
	return ELF64_OK;
}

enum elf64_status elf64_plan(const uint8_t *header, const uint8_t *program_headers, uint64_t program_headers_bytes,
			     uint64_t file_bytes, struct elf64_plan *ret_plan)
{
	uint64_t offset, bytes;
	enum elf64_status status = elf64_headers(header, ELF64_HEADER_BYTES, file_bytes, &offset, &bytes);

	begin(ret_plan, le_read64(header + ELF64_E_ENTRY));
	if (status != ELF64_OK)
		return status;
	if (program_headers_bytes < bytes)
		return ELF64_HEADERS_OUTSIDE_FILE;
	status = add_all(ret_plan, program_headers, (uint32_t)(bytes / ELF64_PROGRAM_HEADER_BYTES), file_bytes);
	if (status != ELF64_OK)
		return status;
	status = check_whole(ret_plan, header);
	if (status != ELF64_OK)
		return status;
	move_segments(ret_plan);
	move_addresses(ret_plan);
	return ELF64_OK;
}
