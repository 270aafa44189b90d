/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page allocator: lib/memory_map.h over a copy of the normalised map, kept in memory taken from that map itself.  It
 * gives out what the handoff calls free at once (HANDOFF_LIFETIME_FREE), through the identity map.
 */
#ifndef KERNEL_PAGES_H
#define KERNEL_PAGES_H

#include <stdint.h>
#include "lib/memory_map.h"

/* Owners of the kernel's own, beyond those of the handoff. */
enum pages_owner { PAGES_OWNER_MAP = 0x1000, PAGES_OWNER_SCRATCH, PAGES_OWNER_PROOF, PAGES_OWNER_RUNTIME };

/* Copies the block's normalised map.  0, or -1 when no free range is large enough to hold the copy or the map is damaged. */
int pages_begin(struct memory_map *map, const struct handoff_header *block);
/* Takes pages for `bytes` bytes; below_phys limits their physical address, 0 = anywhere.  NULL when there are none. */
void *pages_take(struct memory_map *map, uint64_t bytes, uint64_t below_phys, enum pages_owner owner);
/* Gives back what pages_take() gave.  0, or -1 when it was not the owner's. */
int pages_give_back(struct memory_map *map, void *pages, uint64_t bytes, enum pages_owner owner);
/* Bytes that an owner holds. */
uint64_t pages_held(const struct memory_map *map, enum pages_owner owner);
/* Bytes of usable RAM that are free at once. */
uint64_t pages_free(const struct memory_map *map);

/* Takes every free page, the largest chunks first, also below 1 MiB.  Returns the bytes taken. */
uint64_t pages_take_all(struct memory_map *map, enum pages_owner owner);
/* Gives back everything that an owner holds. */
void pages_give_back_all(struct memory_map *map, enum pages_owner owner);

#endif
