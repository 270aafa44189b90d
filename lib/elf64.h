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

/* Step 1: the first ELF64_HEADER_BYTES of the file -> where the program headers stand.  Outputs untouched on failure. */
enum elf64_status elf64_headers(const void *header, uint64_t header_bytes, uint64_t file_bytes,
				uint64_t *ret_headers_offset, uint64_t *ret_headers_bytes);

/* Step 2: header and program headers -> the plan.  On failure only ret_plan->failed_index is meaningful. */
enum elf64_status elf64_plan(const void *header, const void *program_headers, uint64_t program_headers_bytes,
			     uint64_t file_bytes, struct elf64_plan *ret_plan);

/*
 * Step 3, after the segments stand in memory: applies the relocations.  memory[i] is where the page_bytes bytes from
 * page_virt of segment i stand.  INTERPRETER, BAD_DYNAMIC, UNKNOWN_RELOCATION or RELOCATION_OUTSIDE on failure; some
 * relocations may have been applied then.
 */
enum elf64_status elf64_relocate(struct elf64_plan *plan, void *const memory[]);

const char *elf64_status_name(enum elf64_status status); /* "segments share a page" */
const char *elf64_status_help(enum elf64_status status); /* what the author of the kernel can do about it */

#endif
