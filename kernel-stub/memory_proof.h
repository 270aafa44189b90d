/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Proves the memory map true: takes every page that the handoff calls free at once, writes a pattern that depends on the
 * address into all of them, then reads all of them back, and sees that nothing owned by somebody has changed meanwhile.
 * The second pass begins when the first has ended, so that two addresses of one cell of memory show.
 */
#ifndef KERNEL_MEMORY_PROOF_H
#define KERNEL_MEMORY_PROOF_H

#include <stdint.h>
#include "kernel-stub/arch/memory_pattern.h"
#include "lib/memory_map.h"
#include "lib/rules.h"

/* memcheck=... on the command line. */
enum memory_check {
	MEMORY_CHECK_FULL,  /* every byte */
	MEMORY_CHECK_QUICK, /* the first PATTERN_BYTES of every page: finds what is missing or stands for something else */
	MEMORY_CHECK_OFF,   /* nothing is touched; what is owned is still compared */
};

/* How far a pass has come. */
struct memory_progress {
	const char *done_word; /* "wrote", "read back" */
	uint64_t done_bytes, total_bytes;
	uint64_t chunk_bytes;  /* of done_bytes: what is new since the last time */
};

struct memory_proof_request {
	enum memory_check check;
	void (*progress)(void *context, const struct memory_progress *progress); /* after each 64 MiB; may be NULL */
	void *context;
};

struct memory_proof {
	uint64_t tested_bytes; /* read back and found right */
	uint64_t cycles;       /* of the time stamp counter, for both passes */
	/* To judge the time by: a part of memory once more, which every page table and host has at hand by then.  0 unless all is checked. */
	uint64_t part_bytes;
	uint64_t part_cycles;  /* as all of it was checked */
	uint64_t plain_cycles; /* by an ordinary memset() and a loop that compares words */
	uint32_t owned_ranges; /* compared before and after */
	uint32_t reserved0;
	uint64_t owned_bytes;
};

/* Findings: K18 owned memory changed, M6 free memory faults or does not hold what was written, K8 no memory to work in. */
void memory_proof(struct memory_map *map, const struct handoff_header *block, const struct memory_proof_request *request,
		  struct rule_log *log, struct memory_proof *ret_proof);

#endif
