/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Normalises maps of a given size as often as asked and prints the nanoseconds that one call took.  test/bench/memory runs it
 * for several sizes and under callgrind.
 *   bench_memory COUNT sorted|shuffled|nested REPEAT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/memory_normalise.h"

enum { OWNED = 16 };

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Neighbours of changing types with a gap now and then, as firmware writes them. */
static void fill(struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	static const uint32_t types[] = {7, 4, 7, 3, 7, 2, 0, 10, 9, 6, 5, 4, 7, 1};
	uint64_t at = 0x100000;

	for (uint64_t i = 0; i < count; i++) {
		uint32_t type = types[i % (sizeof(types) / sizeof(types[0]))];

		descriptors[i] = (struct handoff_raw_descriptor){.type = type, .physical_start = at, .number_of_pages = 1 + i % 16,
								 .attribute = type == 5 || type == 6 ? 0x800000000000000f : 0xf};
		at += (descriptors[i].number_of_pages + (i % 10 == 0)) * 4096;
	}
}

/* Each inside the one before: all are in force in the middle. */
static void nest(struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		descriptors[i] = (struct handoff_raw_descriptor){.type = i % 2 ? 7 : 0, .physical_start = 0x100000 + i * 4096,
								 .number_of_pages = 2 * (count - i), .attribute = 0xf | i << 44};
}

static void shuffle(struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	uint64_t random = 1;

	for (uint64_t i = count - 1; i > 0; i--) {
		uint64_t j = next_random(&random) % (i + 1);
		struct handoff_raw_descriptor swap = descriptors[i];

		descriptors[i] = descriptors[j];
		descriptors[j] = swap;
	}
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The best of all calls: what the others took more was not ours. */
static uint64_t measure(const struct memory_normalise_input *input, uint64_t count, uint64_t repeat)
{
	uint64_t out_bytes = (2 * (count + OWNED) + 1) * sizeof(struct handoff_range), best = UINT64_MAX;
	uint64_t work_bytes = memory_normalise_work_bytes(count, OWNED);
	void *out = calloc(1, out_bytes), *work = calloc(1, work_bytes);
	struct memory_map map;

	for (uint64_t i = 0; i < repeat; i++) {
		struct rule_log log = {0};
		uint64_t start;

		memory_map_init(&map, out, out_bytes);
		start = now();
		if (memory_normalise(input, &map, work, work_bytes, &log) != MEMORY_NORMALISE_OK)
			exit(1);
		start = now() - start;
		best = start < best ? start : best;
	}
	free(out);
	free(work);
	return best;
}

int main(int argc, char **argv)
{
	struct handoff_range owned[OWNED];
	struct handoff_raw_descriptor *descriptors;
	uint64_t count, repeat;

	if (argc != 4)
		return 2;
	count = strtoull(argv[1], NULL, 0);
	repeat = strtoull(argv[3], NULL, 0);
	descriptors = calloc(count, sizeof(*descriptors));
	fill(descriptors, count);
	if (strcmp(argv[2], "shuffled") == 0)
		shuffle(descriptors, count);
	if (strcmp(argv[2], "nested") == 0)
		nest(descriptors, count);
	for (uint64_t i = 0; i < OWNED; i++)
		owned[i] = (struct handoff_range){.start_phys = 0x100000 + i * 0x3000, .end_phys = 0x102000 + i * 0x3000, .owner = 19};
	struct memory_normalise_input input = {.raw = descriptors, .raw_bytes = count * sizeof(*descriptors),
					       .descriptor_bytes = sizeof(*descriptors), .descriptor_version = 1,
					       .owned = owned, .owned_count = OWNED};
	printf("%lu\n", (unsigned long)measure(&input, count, repeat));
	free(descriptors);
	return 0;
}
