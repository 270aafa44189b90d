/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits of the firmware's own page tables, four levels, in place: guard pages, read-only memory, tables without NX. */
#ifndef TEST_GREMLIN_EFI_PAGING_H
#define TEST_GREMLIN_EFI_PAGING_H

#include <stdint.h>

#define PAGING_PRESENT UINT64_C(1)
#define PAGING_WRITABLE UINT64_C(2)
#define PAGING_NX (UINT64_C(1) << 63)

/* Sets and clears bits of each 4 KiB page; larger pages are split first. */
void paging_change(uint64_t start, uint64_t pages, uint64_t set, uint64_t clear);
/* The page's entry as it is; 0 when nothing is mapped. */
uint64_t paging_look(uint64_t address);
/* Clears bits in every entry that maps something, at every level. */
void paging_clear_everywhere(uint64_t clear);
/* A number for what the tables permit, the size of their pages left aside: another one when a page was made writable, say. */
uint64_t paging_permissions(void);
/* Calls `with` for each page that holds tables. */
void paging_each_table(void (*with)(uint64_t table));

#endif
