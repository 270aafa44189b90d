/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels to load: small ELF64 files made in memory. */
#ifndef TEST_FAKE_KERNEL_FILE_H
#define TEST_FAKE_KERNEL_FILE_H

#include <stdint.h>

enum { KERNEL_TEXT_BYTES = 0x1800, KERNEL_RODATA_BYTES = 0x10, KERNEL_DATA_BYTES = 0x123, KERNEL_DATA_MEMORY_BYTES = 0x5000 };
#define KERNEL_LINK UINT64_C(0xffffffff80000000)

/* What is special about a kernel; all zero is an ordinary one. */
struct kernel_shape {
	uint64_t link;  /* address of the text segment, 0: KERNEL_LINK */
	uint64_t align; /* p_align of the segments, 0: a page */
	uint64_t head;  /* bytes by which each segment begins behind the start of its page */
	uint64_t more;  /* bytes by which the last segment is larger in memory */
};

/* The file, in a buffer that the next call uses again: three segments (r-x, r--, rw-) in pages of their own.  shape may be NULL. */
const uint8_t *kernel_file(const struct kernel_shape *shape);
uint64_t kernel_file_bytes(void);
/* What stands at an offset of the file's segments: never zero, different in each segment. */
uint8_t kernel_byte(uint32_t segment, uint64_t offset);
/* Link address of a segment's first byte, of the file made last. */
uint64_t kernel_virt(uint32_t segment);

#endif
