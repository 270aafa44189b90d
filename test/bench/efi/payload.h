/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes that every loader of the benchmark has to load (payload.py): each piece of 64 KiB starts with its own number. */
#ifndef TEST_BENCH_EFI_PAYLOAD_H
#define TEST_BENCH_EFI_PAYLOAD_H

#include <stdint.h>
#include "test/bench/efi/stamp.h"

enum { PAYLOAD_PIECE_BYTES = 64 << 10 };

/* Says how many pieces are where they belong. */
static inline void payload_check(const void *payload, uint64_t bytes)
{
	uint64_t good = 0;

	for (uint64_t at = 0; at < bytes; at += PAYLOAD_PIECE_BYTES)
		good += *(const uint64_t *)((const uint8_t *)payload + at) == at / PAYLOAD_PIECE_BYTES + 1;
	stamp("pieces", good);
}

#endif
