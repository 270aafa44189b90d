/* SPDX-License-Identifier: BSD-2-Clause */
/* Checksums of the memory that belongs to somebody and must not change while the kernel uses what is free. */
#ifndef KERNEL_OWNED_H
#define KERNEL_OWNED_H

#include <stdint.h>
#include "lib/memory_map.h"
#include "lib/rules.h"

struct owned_sum {
	struct handoff_range range;
	uint32_t crc32c;
	uint32_t readable;
};

struct owned_sums {
	struct owned_sum *sums;
	uint64_t bytes;
	uint32_t count;
	uint32_t capacity;
};

/* Takes memory for the sums from the allocator.  0, or -1 when there is none. */
int owned_sums_begin(struct owned_sums *sums, struct memory_map *map, const struct handoff_header *block);
/* Sums up every range that must stay as it is: all but the kernel's own data and stack, and what is the firmware's. */
void owned_sums_take(struct owned_sums *sums, const struct handoff_header *block, struct rule_log *log);
/* Reports each range that differs: K18. */
void owned_sums_compare(const struct owned_sums *before, const struct owned_sums *after, struct rule_log *log);

#endif
