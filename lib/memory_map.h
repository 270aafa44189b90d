/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory database: sorted, non-overlapping, page-aligned ranges of physical memory in a fixed buffer that the caller
 * gives.  The same structure is the loader's normalised map, the kernel stub's page allocator, the fake firmware of the
 * host tests and the host tool's model.  No allocation, no recursion, no globals.  After the slim memory manager interface
 * init / set / alloc / key that UEFI kernels use.
 */
#ifndef LIB_MEMORY_MAP_H
#define LIB_MEMORY_MAP_H

#include <stdint.h>
#include "lib/handoff.h"

enum memory_map_status {
	MEMORY_MAP_OK = 0,
	MEMORY_MAP_FULL,      /* the buffer has no room for another range; the map is unchanged */
	MEMORY_MAP_BAD_RANGE, /* start >= end, or not page-aligned */
	MEMORY_MAP_NOT_FOUND, /* no range satisfies the request */
	MEMORY_MAP_BAD_BUFFER, /* NULL, misaligned, or smaller than one range */
	MEMORY_MAP_BAD_REQUEST, /* zero pages, alignment no power of two, flags unknown */
};

/* Addresses are 64-bit, ends are exclusive: the last page of the address space cannot be described. */
struct memory_map {
	struct handoff_range *ranges; /* count entries are in use; owned by the caller */
	uint64_t count;
	uint64_t capacity;            /* entries that fit */
	uint64_t key;                 /* generation: changes with every alteration of the ranges, and only then */
};

/* Uses `bytes` bytes at buffer (8-byte aligned).  The caller records the buffer itself as used memory with a set(). */
enum memory_map_status memory_map_init(struct memory_map *map, void *buffer, uint64_t bytes);

/*
 * Makes [range.start_phys, range.end_phys) be of range's type, attributes, owner, lifetime and index, whatever it was
 * before: splits what it cuts, merges with equal neighbours.  O(log n) to find the place and O(ranges moved) to insert;
 * appending in ascending order is O(1) amortised.  On FULL or BAD_RANGE nothing has changed.
 */
enum memory_map_status memory_map_set(struct memory_map *map, struct handoff_range range);

/* Takes [start, end) out of the map: nothing is known about it afterwards. */
enum memory_map_status memory_map_remove(struct memory_map *map, uint64_t start_phys, uint64_t end_phys);

/* The range that holds address, or NULL. */
const struct handoff_range *memory_map_find(const struct memory_map *map, uint64_t address_phys);

enum memory_map_policy {
	MEMORY_MAP_ANY,      /* anywhere at or above 1 MiB */
	MEMORY_MAP_AT_MOST,  /* last byte of the allocation <= request.address_phys */
	MEMORY_MAP_EXACTLY,  /* first byte = request.address_phys */
};

struct memory_map_request {
	enum memory_map_policy policy;
	uint32_t from_type;      /* allocate from ranges of this type... */
	uint32_t from_lifetime;  /* ...and lifetime */
	uint32_t bottom_up;      /* 0: highest address that fits; 1: lowest */
	uint32_t below_1m;       /* 1: addresses below 1 MiB may be used; page 0 never is */
	uint64_t pages;          /* 4 KiB each, > 0 */
	uint64_t alignment;      /* power of two in bytes; 0 = one page */
	uint64_t address_phys;   /* see policy */
};

/* Finds a place without taking it.  ret_start_phys is untouched on failure. */
enum memory_map_status memory_map_place(const struct memory_map *map, const struct memory_map_request *request,
					uint64_t *ret_start_phys);

/* Finds a place and sets it to `as` (whose addresses are ignored).  The old type and lifetime come back with free(). */
enum memory_map_status memory_map_alloc(struct memory_map *map, const struct memory_map_request *request,
					struct handoff_range as, uint64_t *ret_start_phys);

/* Sets the pages of an allocation to `back` (whose addresses are ignored); every page must lie in ranges of owner `owner`. */
enum memory_map_status memory_map_free(struct memory_map *map, uint64_t start_phys, uint64_t pages, uint32_t owner,
				       struct handoff_range back);

/* Bytes in ranges of a type (0 = all types). */
uint64_t memory_map_bytes(const struct memory_map *map, uint32_t type);

/* 1 when sorted, disjoint, aligned, merged and within capacity: what every operation keeps. */
int memory_map_valid(const struct memory_map *map);

const char *memory_map_status_name(enum memory_map_status status);

#endif
