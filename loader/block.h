/* SPDX-License-Identifier: BSD-2-Clause */
/* The handoff block before exit: memory for everything that will be in it, and the parts that are known already. */
#ifndef LOADER_BLOCK_H
#define LOADER_BLOCK_H

#include <efi.h>

struct boot;

/* Allocates stack, descriptor tables, block and work memory, the latter two sized for the memory map (L27, L28). */
EFI_STATUS block_allocate(struct boot *boot);
/* Writes the parts known before exit, reserves the others, the raw map's buffer last.  Nothing may be allocated afterwards
   but page tables. */
EFI_STATUS block_fill(struct boot *boot);
/* Writes what has become known since: owned ranges, whose number it returns, page tables, what the firmware can do. */
uint64_t block_update(struct boot *boot);
/* The same and the log, cut to their sizes, after the last allocation.  The last step before exit. */
void block_finish(struct boot *boot);

#endif
