/* SPDX-License-Identifier: BSD-2-Clause */
/* Address 0 as memory that can be lent to a careless firmware: struct bench_zero on a real machine. */
#ifndef LOADER_MEMMAP_ZERO_H
#define LOADER_MEMMAP_ZERO_H

#include <stdint.h>
#include "loader/arch/cpu.h"
#include "loader/memmap/bench.h"

struct zero {
	struct cpu cpu;
	uint8_t *saved;          /* the caller's, capacity_bytes */
	uint64_t capacity_bytes;
	uint64_t saved_bytes;    /* 0: not borrowed */
};

/* cpu is what cpu_probe() found, NULL when it refused: then nothing is ever lent. */
struct bench_zero zero_lender(struct zero *zero, const struct cpu *cpu, void *saved, uint64_t capacity_bytes);

#endif
