/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which physical memory the identity map covers, and how: one rule for the tables built before exit and for what is added
 * after it.
 */
#ifndef LIB_ARCH_X86_64_IDENTITY_MAP_H
#define LIB_ARCH_X86_64_IDENTITY_MAP_H

#include <stdint.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/memory_map.h"

/* Types of the ranges that identity_map_collect() makes. */
enum { IDENTITY_RAM = 1, IDENTITY_MMIO = 2 };

/* Gathers the ranges to be mapped from a raw map; neighbours of one kind become one range.  0, or -1 when buffer is too small. */
int identity_map_collect(struct memory_map *ret_ranges, void *buffer, uint64_t buffer_bytes, const void *raw, uint64_t raw_bytes,
		     uint64_t descriptor_bytes, uint32_t physical_bits);
/* Maps one range, page 0 left out. */
enum page_tables_status identity_map_add(struct page_tables *tables, uint64_t start_phys, uint64_t end_phys, uint32_t type);
/* Maps what `now` has and `before` has not.  On failure *ret_start_phys says where. */
enum page_tables_status identity_map_extend(struct page_tables *tables, const struct memory_map *before,
					const struct memory_map *now, uint64_t *ret_start_phys);

#endif
