/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of x86-64 page tables (Intel SDM volume 3A section 4.5, figure 4-11): what building and reading share.
 * Private to page_tables.c and page_tables_read.c.
 *
 * A level is counted as the manual's figures stack them: 1 = PT (4 KiB leaves), 2 = PD (2 MiB), 3 = PDPT (1 GiB), 4, 5.
 */
#ifndef LIB_ARCH_X86_64_PAGE_TABLES_ENTRY_H
#define LIB_ARCH_X86_64_PAGE_TABLES_ENTRY_H

#include <stdint.h>

#define ENTRY_PRESENT UINT64_C(1)
#define ENTRY_WRITE UINT64_C(2)
#define ENTRY_USER UINT64_C(4)
#define ENTRY_PWT UINT64_C(8)
#define ENTRY_PCD UINT64_C(0x10)
#define ENTRY_ACCESSED UINT64_C(0x20)
#define ENTRY_DIRTY UINT64_C(0x40)
#define ENTRY_LARGE UINT64_C(0x80)         /* levels 2 and 3 */
#define ENTRY_PAT_SMALL UINT64_C(0x80)     /* the same bit in a 4 KiB leaf */
#define ENTRY_PAT_LARGE UINT64_C(0x1000)   /* in 2 MiB and 1 GiB leaves */
#define ENTRY_NX (UINT64_C(1) << 63)
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)

enum { ENTRIES = 512, LEVEL_LEAF_MAX = 3, PHYSICAL_BITS_MIN = 32, PHYSICAL_BITS_MAX = 52 };
#define PAGE_BYTES UINT64_C(4096)

/* Bytes that one entry of a table of this level stands for. */
static inline uint64_t span(uint32_t level)
{
	return PAGE_BYTES << (9 * (level - 1));
}

static inline uint64_t entry_index(uint64_t virt, uint32_t level)
{
	return (virt >> (12 + 9 * (level - 1))) % ENTRIES;
}

static inline int is_leaf(uint64_t entry, uint32_t level)
{
	return level == 1 || (level <= LEVEL_LEAF_MAX && (entry & ENTRY_LARGE) != 0);
}

static inline int is_table(uint64_t entry, uint32_t level)
{
	return (entry & ENTRY_PRESENT) != 0 && !is_leaf(entry, level);
}

/* Bits 63 down to the sign bit of the depth are equal (SDM volume 1 section 3.3.7.1). */
static inline int is_canonical(uint64_t virt, uint32_t levels)
{
	uint64_t upper = virt >> (12 + 9 * levels - 1);

	return upper == 0 || upper == UINT64_MAX >> (12 + 9 * levels - 1);
}

#endif
