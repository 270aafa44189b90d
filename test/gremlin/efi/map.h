/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GetMemoryMap as the loader sees it: the firmware's map, cut into more descriptors, disturbed (map_content.h), and returned in
 * the wrong way where the case wants that.  Words; `at=N`: only from the N-th exit attempt on (0 = from the start):
 *   pieces=a,b,...   so many descriptors more, before the first exit attempt, after it, and so on; the last one holds on
 *   grow=N           N descriptors more for each AllocatePages of the loader
 *   probe=...        how a size probe is answered: zero-stride, garbage-stride, invalid (wants a buffer), success, huge,
 *                    huge-small, unbounded
 *   need=N           N bytes more of capacity are asked for than are used
 *   stride=a,b       descriptor size, by attempt; bytes behind the known fields are garbage.  say-stride=N: what is said of it
 *   version=N, odd=N (bytes added to the size), key=zero|const|max|down|wrap
 *   small=once|always  BUFFER_TOO_SMALL though the map fits;  empty=1  no descriptor;  over=1  a size above the capacity
 *   past=1  one descriptor behind the map is read;  fill=1  all the capacity is overwritten;  clobber=1  so is the guard
 */
#ifndef TEST_GREMLIN_EFI_MAP_H
#define TEST_GREMLIN_EFI_MAP_H

#include <efi.h>
#include <stdint.h>

enum { MAP_ENTRIES = 24576 };

/* A map in the gremlin's own memory. */
struct map {
	EFI_MEMORY_DESCRIPTOR *entries; /* MAP_ENTRIES of them, 40 bytes each */
	uint64_t count;
};

void map_begin(const char *words);
/* An exit attempt has been made with this key: 1 when it is the one of the last map. */
int map_attempt(uint64_t key);
/* The firmware's own key of the last map. */
uint64_t map_genuine_key(void);
/* 1 when GetMemoryMap was ever given less than the full capacity of the exit loop (L29). */
int map_capacity_shrunk(void);
/* Reads the firmware's map as it is. */
struct map map_read(void);
/* The lowest free memory of so many pages at or above an address; 0 without. */
uint64_t map_free_above(uint64_t address, uint64_t pages);
/* Makes a descriptor of its own of part of entry `at`; returns its index, or the entry itself when there is no room. */
uint64_t map_carve(struct map *map, uint64_t at, uint64_t page, uint64_t pages);
/* The entry of this type with the most pages. */
uint64_t map_largest(const struct map *map, uint32_t type);

#endif
