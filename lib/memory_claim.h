/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Claims: what single descriptors say about a stretch of memory, sorted by where they begin, and the heap of those in force
 * at one address with the one that wins (K17) on top.  The normaliser's two data structures, in memory of its caller.
 */
#ifndef LIB_MEMORY_CLAIM_H
#define LIB_MEMORY_CLAIM_H

#include <stdint.h>

struct memory_claim {
	uint64_t start, end; /* physical, page-aligned, end exclusive */
	uint64_t attributes;
	uint32_t type;       /* HANDOFF_MEMORY_... */
	uint32_t rank;       /* memory_range_rank(type): the lower wins, then the lower attributes */
};

struct memory_claim_heap {
	const struct memory_claim *claims;
	uint64_t *indices; /* of claims; room for all of them */
	uint64_t count;
};

/* By start, then by rank, attributes and end: the same for every order of the same claims.  O(n log n), O(n) when sorted. */
void memory_claim_sort(struct memory_claim *claims, uint64_t count);

/* The one that wins.  count must not be 0. */
const struct memory_claim *memory_claim_top(const struct memory_claim_heap *heap);
/* Adds claims[index]; O(log n). */
void memory_claim_push(struct memory_claim_heap *heap, uint64_t index);
/* Takes the top away; O(log n).  count must not be 0. */
void memory_claim_pop(struct memory_claim_heap *heap);

#endif
