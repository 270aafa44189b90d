/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plan for loading an ELF64 kernel, made from its headers and checked before a byte is copied (System V gABI chapters 4
 * and 5, x86-64 psABI).  Pure: the caller reads, allocates and copies.
 */
#ifndef LIB_ELF64_H
#define LIB_ELF64_H

#include <stdint.h>

enum {
	ELF64_HEADER_BYTES = 64,
	ELF64_PROGRAM_HEADER_BYTES = 56,
	ELF64_SEGMENTS_MAX = 16,          /* PT_LOAD segments */
	ELF64_PROGRAM_HEADERS_MAX = 128,
};
#define ELF64_ALIGN_MAX (UINT64_C(1) << 30)
#define ELF64_SPAN_MAX (UINT64_C(1) << 40) /* no kernel is larger in virtual memory */
#define ELF64_PIE_BASE UINT64_C(0xffffffff80000000) /* where a position-independent kernel linked low is put */

/*
 * One code per check.  The order is that of the checks, where program headers are checked one after the other.
 * elf64_status_name() and elf64_status_help() say what is wrong and how to mend it.
 */
enum elf64_status {
	ELF64_OK = 0,
	/* The header: */
	ELF64_TOO_SHORT,            /* file smaller than an ELF header */
	ELF64_BAD_MAGIC,
	ELF64_NOT_64_BIT,
	ELF64_NOT_LITTLE_ENDIAN,
	ELF64_BAD_VERSION,
	ELF64_WRONG_MACHINE,        /* not EM_X86_64 */
	ELF64_NOT_EXECUTABLE,       /* neither ET_EXEC nor ET_DYN: ET_REL, ET_CORE */
	ELF64_BAD_HEADER_SIZE,      /* e_ehsize or e_phentsize */
	ELF64_NO_PROGRAM_HEADERS,
	ELF64_TOO_MANY_PROGRAM_HEADERS, /* > ELF64_PROGRAM_HEADERS_MAX, PN_XNUM included */
	ELF64_HEADERS_OUTSIDE_FILE,
	/* Each program header; elf64_plan.failed_index says which: */
	ELF64_INTERPRETER,          /* PT_INTERP or DT_NEEDED: dynamically linked */
	ELF64_TLS,                  /* PT_TLS */
	ELF64_TOO_MANY_SEGMENTS,    /* > ELF64_SEGMENTS_MAX */
	ELF64_SEGMENT_OUTSIDE_FILE,
	ELF64_SEGMENT_FILE_LARGER,  /* p_filesz > p_memsz */
	ELF64_SEGMENT_WRAPS,        /* p_vaddr + p_memsz wraps, is not canonical, or touches the last page */
	ELF64_SEGMENT_BAD_ALIGN,    /* p_align no power of two, > 1 GiB, or p_vaddr and p_offset differ modulo it */
	ELF64_SEGMENT_WX,           /* writable and executable */
	ELF64_SEGMENT_NOT_READABLE, /* PF_R missing */
	ELF64_SEGMENTS_UNSORTED,    /* PT_LOAD must be ascending by p_vaddr (gABI) */
	ELF64_SEGMENTS_OVERLAP,
	ELF64_SEGMENTS_SHARE_PAGE,  /* two segments in one 4 KiB page */
	/* The whole: */
	ELF64_NO_SEGMENTS,          /* no PT_LOAD with p_memsz > 0 */
	ELF64_SPAN_TOO_LARGE,       /* > ELF64_SPAN_MAX, or does not fit above ELF64_PIE_BASE */
	ELF64_PAGE_ZERO,            /* a segment at virtual page 0 of an ET_EXEC kernel */
	ELF64_ENTRY_OUTSIDE_TEXT,   /* not among the file's bytes of an executable segment */
	ELF64_BAD_DYNAMIC,          /* PT_DYNAMIC outside the segments' file bytes, or its tables inconsistent */
	/* Each relocation; elf64_plan.failed_index says which: */
	ELF64_UNKNOWN_RELOCATION,   /* anything but R_X86_64_RELATIVE (R_X86_64_NONE is ignored) */
	ELF64_RELOCATION_OUTSIDE,   /* target outside a writable segment */
	ELF64_STATUS_COUNT,
};

struct elf64_segment {
	uint64_t file_offset;  /* of the first byte to read */
	uint64_t file_bytes;   /* bytes to read to virt; 0 allowed */
	uint64_t virt;         /* link address plus bias of the first byte */
	uint64_t memory_bytes; /* >= file_bytes; the rest is zero */
	uint64_t page_virt;    /* virt rounded down to a page: where the pages begin */
	uint64_t page_bytes;   /* whole pages that hold [virt, virt + memory_bytes) */
	uint64_t align;        /* power of two, >= 4096: physical = virtual modulo this */
	uint32_t permissions;  /* HANDOFF_SEGMENT_READ | WRITE | EXECUTE, = PF_R | PF_W | PF_X */
	uint32_t reserved0;
};

struct elf64_plan {
	uint64_t entry_virt;   /* bias included */
	uint64_t bias;         /* added to link addresses; 0 for ET_EXEC and for ET_DYN linked to the high half */
	uint64_t base_virt;    /* lowest page */
	uint64_t end_virt;     /* one past the highest page */
	uint64_t dynamic_virt; /* bias included; 0: no relocations */
	uint64_t dynamic_bytes;
	uint32_t segment_count;
	uint32_t failed_index; /* program header or relocation a failure is about */
	struct elf64_segment segments[ELF64_SEGMENTS_MAX];
};

/*
 * What `make prove` proves of every plan (in ACSL, the language of the proof, where integers have no width).  A segment's
 * pages are whole, hold its bytes and lie in one canonical half, below the last page:
 */
/*@ predicate elf64_canonical(integer start, integer end) =
      end <= 0xfffffffffffff000 && (start >= 0xffff800000000000 || end <= 0x0000800000000000);

    predicate elf64_good_segment{L}(struct elf64_segment *s) =
      s->file_bytes <= s->memory_bytes && 4096 <= s->align <= ELF64_ALIGN_MAX &&
      s->page_virt % 4096 == 0 && s->page_bytes % 4096 == 0 && 0 < s->page_bytes &&
      s->page_virt <= s->virt < s->page_virt + 4096 &&
      s->virt + s->memory_bytes <= s->page_virt + s->page_bytes < s->virt + s->memory_bytes + 4096 &&
      elf64_canonical(s->page_virt, s->page_virt + s->page_bytes); */
/* Segments ascend, share no page, come from inside the file, and none is both writable and executable: */
/*@ predicate elf64_good_segments{L}(struct elf64_plan *p) =
      p->segment_count <= ELF64_SEGMENTS_MAX &&
      (\forall integer i; 0 <= i < p->segment_count ==> elf64_good_segment(&p->segments[i])) &&
      (\forall integer i, j; 0 <= i < j < p->segment_count ==>
         p->segments[i].page_virt + p->segments[i].page_bytes <= p->segments[j].page_virt);

    predicate elf64_from_file{L}(struct elf64_plan *p, integer file_bytes) =
      \forall integer i; 0 <= i < p->segment_count ==>
         p->segments[i].file_offset + p->segments[i].file_bytes <= file_bytes;

    predicate elf64_w_xor_x{L}(struct elf64_plan *p) =
      \forall integer i; 0 <= i < p->segment_count ==>
         (p->segments[i].permissions & 1) == 0 || (p->segments[i].permissions & 2) == 0; */
/* All lie in the window, which is not larger than it may be and does not hold page 0: */
/*@ predicate elf64_in_window{L}(struct elf64_plan *p, integer start, integer end) =
      \forall integer i; 0 <= i < p->segment_count ==>
         start <= p->segments[i].page_virt && p->segments[i].page_virt + p->segments[i].page_bytes <= end;

    predicate elf64_good_window{L}(struct elf64_plan *p, integer start, integer end) =
      0 < start < end <= start + ELF64_SPAN_MAX && elf64_canonical(start, end); */
/* The entry is code from the file, the dynamic section bytes from the file: */
/*@ predicate elf64_file_holds{L}(struct elf64_segment *s, integer virt, integer bytes) =
      s->virt <= virt < s->virt + s->file_bytes && virt + bytes <= s->virt + s->file_bytes;

    predicate elf64_good_entry{L}(struct elf64_plan *p) =
      \exists integer i; 0 <= i < p->segment_count && (p->segments[i].permissions & 1) != 0 &&
         elf64_file_holds(&p->segments[i], p->entry_virt, 1);

    predicate elf64_good_dynamic{L}(struct elf64_plan *p) =
      p->dynamic_bytes > 0 ==> \exists integer i; 0 <= i < p->segment_count &&
         elf64_file_holds(&p->segments[i], p->dynamic_virt, p->dynamic_bytes); */

/* Step 1: the first ELF64_HEADER_BYTES of the file -> where the program headers stand.  Outputs untouched on failure. */
/*@ requires \valid_read(header + (0 .. header_bytes - 1)) && \valid(ret_headers_offset) && \valid(ret_headers_bytes);
    requires \separated(ret_headers_offset, ret_headers_bytes);
    assigns *ret_headers_offset, *ret_headers_bytes;
    ensures \result == ELF64_OK ==> *ret_headers_offset + *ret_headers_bytes <= file_bytes &&
      0 < *ret_headers_bytes <= ELF64_PROGRAM_HEADERS_MAX * ELF64_PROGRAM_HEADER_BYTES &&
      *ret_headers_bytes % ELF64_PROGRAM_HEADER_BYTES == 0;
    ensures \result != ELF64_OK ==> *ret_headers_offset == \old(*ret_headers_offset) &&
      *ret_headers_bytes == \old(*ret_headers_bytes); */
enum elf64_status elf64_headers(const uint8_t *header, uint64_t header_bytes, uint64_t file_bytes,
				uint64_t *ret_headers_offset, uint64_t *ret_headers_bytes);

/* Step 2: header and program headers -> the plan.  On failure only ret_plan->failed_index is meaningful. */
/*@ requires \valid_read(header + (0 .. ELF64_HEADER_BYTES - 1));
    requires \valid_read(program_headers + (0 .. program_headers_bytes - 1)) && \valid(ret_plan);
    requires \separated(ret_plan, header + (0 .. ELF64_HEADER_BYTES - 1));
    requires \separated(ret_plan, program_headers + (0 .. program_headers_bytes - 1));
    assigns *ret_plan;
    ensures segments: \result == ELF64_OK ==> ret_plan->segment_count > 0 && elf64_good_segments(ret_plan);
    ensures from_file: \result == ELF64_OK ==> elf64_from_file(ret_plan, file_bytes);
    ensures w_xor_x: \result == ELF64_OK ==> elf64_w_xor_x(ret_plan);
    ensures window: \result == ELF64_OK ==> elf64_good_window(ret_plan, ret_plan->base_virt, ret_plan->end_virt) &&
      elf64_in_window(ret_plan, ret_plan->base_virt, ret_plan->end_virt);
    ensures entry: \result == ELF64_OK ==> elf64_good_entry(ret_plan);
    ensures dynamic: \result == ELF64_OK ==> elf64_good_dynamic(ret_plan); */
enum elf64_status elf64_plan(const uint8_t *header, const uint8_t *program_headers, uint64_t program_headers_bytes,
			     uint64_t file_bytes, struct elf64_plan *ret_plan);

/*
 * Step 3, after the segments stand in memory: applies the relocations.  memory[i] is where the page_bytes bytes from
 * page_virt of segment i stand.  INTERPRETER, BAD_DYNAMIC, UNKNOWN_RELOCATION or RELOCATION_OUTSIDE on failure; some
 * relocations may have been applied then.
 */
enum elf64_status elf64_relocate(struct elf64_plan *plan, uint8_t *const memory[]);

const char *elf64_status_name(enum elf64_status status); /* "segments share a page" */
const char *elf64_status_help(enum elf64_status status); /* what the author of the kernel can do about it */

#endif
