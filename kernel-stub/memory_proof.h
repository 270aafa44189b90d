/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Proves the memory map true: takes every page that the handoff calls free at once, writes a pattern that depends on the
 * address into all of them, then reads all of them back, and sees that nothing owned by somebody has changed meanwhile.
 * The second pass begins when the first has ended, so that two addresses of one cell of memory show.
 */
#ifndef KERNEL_MEMORY_PROOF_H
#define KERNEL_MEMORY_PROOF_H

#include <stdint.h>
#include "lib/memory_map.h"
#include "lib/rules.h"

struct memory_proof {
	uint64_t tested_bytes; /* read back and found right */
	uint64_t cycles;       /* of the time stamp counter, for both passes */
	uint32_t owned_ranges; /* compared before and after */
	uint32_t reserved0;
	uint64_t owned_bytes;
};

/* Findings: K18 owned memory changed, M6 free memory faults or does not hold what was written, K8 no memory to work in. */
void memory_proof(struct memory_map *map, const struct handoff_header *block, struct rule_log *log,
		  struct memory_proof *ret_proof);

#endif
