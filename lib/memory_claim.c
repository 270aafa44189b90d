/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorting claims and keeping the winner at hand.  Heap sort and a binary heap: no recursion, no memory of their own, and
 * no input that makes them slow, which matters because firmware (or whoever forged a block) chooses the input.
 */
#include "lib/memory_claim.h"

static int starts_before(const struct memory_claim *a, const struct memory_claim *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	if (a->rank != b->rank)
		return a->rank < b->rank;
	if (a->attributes != b->attributes)
		return a->attributes < b->attributes;
	return a->end < b->end;
}

/* Claims of equal rank and attributes say the same, so that it does not matter which of them wins. */
static int wins_over(const struct memory_claim *a, const struct memory_claim *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->attributes < b->attributes;
}

/* Restores the order of a heap with the last in order on top, in which only `root` may be out of place. */
static void sift_down(struct memory_claim *claims, uint64_t root, uint64_t count)
{
	struct memory_claim moving = claims[root];

	while (root < count / 2) {
		uint64_t child = 2 * root + 1;

		if (child + 1 < count && starts_before(&claims[child], &claims[child + 1]))
			child++;
		if (!starts_before(&moving, &claims[child]))
			break;
		claims[root] = claims[child];
		root = child;
	}
	claims[root] = moving;
}

void memory_claim_sort(struct memory_claim *claims, uint64_t count)
{
	uint64_t i;

	for (i = 1; i < count && !starts_before(&claims[i], &claims[i - 1]); i++)
		;
	if (i >= count)
		return; /* much firmware sorts its map */
	for (i = count / 2; i > 0; i--)
		sift_down(claims, i - 1, count);
	for (i = count - 1; i > 0; i--) {
		struct memory_claim last = claims[0];

		claims[0] = claims[i];
		claims[i] = last;
		sift_down(claims, 0, i);
	}
}

static const struct memory_claim *at(const struct memory_claim_heap *heap, uint64_t place)
{
	return &heap->claims[heap->indices[place]];
}

const struct memory_claim *memory_claim_top(const struct memory_claim_heap *heap)
{
	return at(heap, 0);
}

void memory_claim_push(struct memory_claim_heap *heap, uint64_t index)
{
	uint64_t place = heap->count++;

	while (place > 0 && wins_over(&heap->claims[index], at(heap, (place - 1) / 2))) {
		heap->indices[place] = heap->indices[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	heap->indices[place] = index;
}

void memory_claim_pop(struct memory_claim_heap *heap)
{
	uint64_t count = --heap->count, place = 0;
	uint64_t moving = heap->indices[count];

	while (place < count / 2) {
		uint64_t child = 2 * place + 1;

		if (child + 1 < count && wins_over(at(heap, child + 1), at(heap, child)))
			child++;
		if (!wins_over(at(heap, child), &heap->claims[moving]))
			break;
		heap->indices[place] = heap->indices[child];
		place = child;
	}
	heap->indices[place] = moving;
}
