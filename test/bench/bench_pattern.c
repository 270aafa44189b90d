/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast the kernel stub's check of memory is on this processor, beside a plain memset() and a loop that compares words: its
 * own assembly, over memory far larger than any cache.  Real time, because an emulated processor shows the emulator's.
 *   bench_pattern MIB RUNS
 * prints one table row for each way: gigabytes in a second written and read, median of the runs; the ways take turns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "kernel-stub/arch/memory_pattern.h"

enum { RUNS_MAX = 99, PLAIN = 0x5a };

struct way {
	const char *name;
	void (*write)(uint64_t start, uint64_t end);
	int (*check)(uint64_t start, uint64_t end); /* 1: all is as it was written */
	double written[RUNS_MAX], read[RUNS_MAX];   /* gigabytes in a second */
};

static const uint64_t salt = UINT64_C(0x9e3779b97f4a7c15);

static void write_pattern(uint64_t start, uint64_t end)
{
	pattern_write(start, end, salt);
}

static int check_pattern(uint64_t start, uint64_t end)
{
	return pattern_check(start, end, salt) == end;
}

static void write_plain(uint64_t start, uint64_t end)
{
	memset((void *)(uintptr_t)start, PLAIN, end - start);
}

static int check_plain(uint64_t start, uint64_t end)
{
	uint64_t wrong = 0;

	for (const uint64_t *word = (const uint64_t *)(uintptr_t)start; (uint64_t)(uintptr_t)word < end; word++)
		wrong |= *word ^ PLAIN * UINT64_C(0x0101010101010101);
	return wrong == 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int run(struct way *way, int index, uint64_t start, uint64_t end)
{
	double began = now(), between;
	int right;

	way->write(start, end);
	between = now();
	way->written[index] = (double)(end - start) / (between - began);
	right = way->check(start, end);
	way->read[index] = (double)(end - start) / (now() - between);
	return right;
}

static int by_size(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

static double median(double figures[], int count)
{
	qsort(figures, (size_t)count, sizeof(*figures), by_size);
	return figures[count / 2];
}

int main(int argc, char **argv)
{
	static struct way ways[] = {
		{.name = "the kernel stub's check of memory", .write = write_pattern, .check = check_pattern},
		{.name = "a plain memset and compare", .write = write_plain, .check = check_plain},
	};
	size_t bytes = argc == 3 ? strtoul(argv[1], 0, 10) << 20 : 0;
	int runs = argc == 3 ? atoi(argv[2]) : 0;
	void *memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	uint64_t start = (uint64_t)(uintptr_t)memory;

	if (bytes == 0 || runs < 1 || runs > RUNS_MAX || memory == MAP_FAILED) {
		fprintf(stderr, "usage: bench_pattern MIB RUNS, with as many MiB free and at most %d runs\n", RUNS_MAX);
		return 2;
	}
	for (int i = 0; i < runs; i++) {
		for (size_t k = 0; k < 2; k++) {
			if (!run(&ways[k], i, start, start + bytes)) {
				fprintf(stderr, "bench_pattern: memory does not hold what %s wrote\n", ways[k].name);
				return 1;
			}
		}
	}
	printf("%-34s %12s %12s\n", "gigabytes in a second", "written", "read");
	for (size_t k = 0; k < 2; k++)
		printf("%-34s %12.1f %12.1f\n", ways[k].name, median(ways[k].written, runs), median(ways[k].read, runs));
	return 0;
}
