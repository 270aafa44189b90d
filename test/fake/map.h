/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map of the fake machine: a struct memory_map whose `type` is the UEFI memory type, `owner` says whether the loader
 * holds the pages, `lifetime` whether there is real memory behind the addresses, and `index` keeps neighbouring allocations
 * apart.  Private to map.c and memory.c.
 */
#ifndef TEST_FAKE_MAP_H
#define TEST_FAKE_MAP_H

#include <stdint.h>

enum { OWNER_FIRMWARE = 0, OWNER_LOADER = 1, BACKED = 0, UNBACKED = 1 };

/* The attributes follow from the type. */
void fake_map_set(uint64_t start, uint64_t end, uint32_t type, uint32_t owner, uint32_t backing);
/* Adds single pages of boot services data far up. */
void fake_map_grow(uint64_t count);
/* 1 when there is memory of the host behind the range that begins here. */
int fake_map_is_backed(uint64_t start);
/* Lets the memory be touched, filled with garbage; or not any more. */
void fake_map_open(uint64_t start, uint64_t bytes);
void fake_map_close(uint64_t start, uint64_t bytes);

/* memory.c */
void fake_pools_reset(void);
uint64_t fake_pool_generation(void);

#endif
