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

/*
 * What `make prove` speaks of (in ACSL, the language of the proof, where integers have no width): a map whose buffer is there,
 * ranges that are whole pages, ascending and disjoint, and ranges that are the same at two moments.
 */
/*@ predicate memory_map_readable{L}(struct memory_map *m) = \valid_read(m) &&
      m->count <= m->capacity <= 0x199999999999999 && \valid_read(m->ranges + (0 .. m->capacity - 1));

    predicate memory_map_writable{L}(struct memory_map *m) = memory_map_readable(m) && \valid(m) &&
      \valid(m->ranges + (0 .. m->capacity - 1)) && \separated(m, m->ranges + (0 .. m->capacity - 1));

    predicate memory_map_in_order{L}(struct handoff_range *r, integer count) =
      (\forall integer i; 0 <= i < count ==>
         r[i].start_phys < r[i].end_phys && r[i].start_phys % 4096 == 0 && r[i].end_phys % 4096 == 0) &&
      (\forall integer i, j; 0 <= i < j < count ==> r[i].end_phys <= r[j].start_phys);

    predicate memory_map_ordered{L}(struct memory_map *m) = m->count <= m->capacity && memory_map_in_order(m->ranges, m->count);

    predicate memory_map_unchanged{A, B}(struct handoff_range *r, integer count) =
      \forall integer i; 0 <= i < count ==>
        \at(r[i].start_phys, A) == \at(r[i].start_phys, B) && \at(r[i].end_phys, A) == \at(r[i].end_phys, B) &&
        \at(r[i].attributes, A) == \at(r[i].attributes, B) && \at(r[i].type, A) == \at(r[i].type, B) &&
        \at(r[i].owner, A) == \at(r[i].owner, B) && \at(r[i].lifetime, A) == \at(r[i].lifetime, B) &&
        \at(r[i].index, A) == \at(r[i].index, B); */

/* Uses `bytes` bytes at buffer (8-byte aligned).  The caller records the buffer itself as used memory with a set(). */
enum memory_map_status memory_map_init(struct memory_map *map, void *buffer, uint64_t bytes);

/*
 * Makes [range.start_phys, range.end_phys) be of range's type, attributes, owner, lifetime and index, whatever it was
 * before: splits what it cuts, merges with equal neighbours.  O(log n) to find the place and O(ranges moved) to insert;
 * appending in ascending order is O(1) amortised.  On FULL or BAD_RANGE nothing has changed.
 */
/*@ requires memory_map_writable(map) && memory_map_ordered(map);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
enum memory_map_status memory_map_set(struct memory_map *map, struct handoff_range range);

/* Takes [start, end) out of the map: nothing is known about it afterwards. */
/*@ requires memory_map_writable(map) && memory_map_ordered(map);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
enum memory_map_status memory_map_remove(struct memory_map *map, uint64_t start_phys, uint64_t end_phys);

/* The range that holds address, or NULL. */
/*@ requires memory_map_readable(map) && memory_map_ordered(map);
    assigns \nothing;
    ensures \result == \null ==> \forall integer i; 0 <= i < map->count ==>
      !(map->ranges[i].start_phys <= address_phys < map->ranges[i].end_phys);
    ensures \result != \null ==> \valid_read(\result) && \result->start_phys <= address_phys < \result->end_phys; */
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

/*@ predicate memory_map_keeps_rules{L}(struct memory_map_request *r, integer start) =
      start % 4096 == 0 && start + r->pages * 4096 <= UINT64_MAX && start >= (r->below_1m != 0 ? 4096 : 0x100000) &&
      (r->alignment >= 4096 ==> start / 4096 % (r->alignment / 4096) == 0) &&
      (r->policy == MEMORY_MAP_AT_MOST ==> start + r->pages * 4096 - 1 <= r->address_phys) &&
      (r->policy == MEMORY_MAP_EXACTLY ==> start == r->address_phys); */

/* Finds a place without taking it.  ret_start_phys is untouched on failure. */
/*@ requires memory_map_readable(map) && memory_map_ordered(map);
    requires \valid_read(request) && \valid(ret_start_phys) && \separated(ret_start_phys, request);
    assigns *ret_start_phys;
    ensures \result == MEMORY_MAP_OK ==> request->pages > 0 && memory_map_keeps_rules(request, *ret_start_phys);
    ensures \result != MEMORY_MAP_OK ==> *ret_start_phys == \old(*ret_start_phys); */
enum memory_map_status memory_map_place(const struct memory_map *map, const struct memory_map_request *request,
					uint64_t *ret_start_phys);

/* Finds a place and sets it to `as` (whose addresses are ignored).  The old type and lifetime come back with free(). */
/*@ requires memory_map_writable(map) && memory_map_ordered(map);
    requires \valid_read(request) && \valid(ret_start_phys);
    requires \separated(ret_start_phys, map, request, map->ranges + (0 .. map->capacity - 1));
    requires \separated(request, map, map->ranges + (0 .. map->capacity - 1));
    assigns *ret_start_phys, map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result == MEMORY_MAP_OK ==> memory_map_keeps_rules(request, *ret_start_phys);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
enum memory_map_status memory_map_alloc(struct memory_map *map, const struct memory_map_request *request,
					struct handoff_range as, uint64_t *ret_start_phys);

/* Sets the pages of an allocation to `back` (whose addresses are ignored); every page must lie in ranges of owner `owner`. */
/*@ requires memory_map_writable(map) && memory_map_ordered(map);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
enum memory_map_status memory_map_free(struct memory_map *map, uint64_t start_phys, uint64_t pages, uint32_t owner,
				       struct handoff_range back);

/* Bytes in ranges of a type (0 = all types). */
/*@ requires memory_map_readable(map) && memory_map_ordered(map);
    assigns \nothing; */
uint64_t memory_map_bytes(const struct memory_map *map, uint32_t type);

/* 1 when sorted, disjoint, aligned, merged and within capacity: what every operation keeps. */
/*@ requires \valid_read(map) && (map->ranges != \null ==> \valid_read(map->ranges + (0 .. map->capacity - 1)));
    assigns \nothing;
    ensures \result != 0 ==> memory_map_ordered(map); */
int memory_map_valid(const struct memory_map *map);

const char *memory_map_status_name(enum memory_map_status status);

#endif
