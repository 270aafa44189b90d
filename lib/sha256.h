/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 (FIPS 180-4 §6.2), piece by piece: for files whose checksum must also stand against somebody who changes them on
 * purpose.  Where only a failing disk is feared, CRC-32C is some forty times as fast.
 */
#ifndef LIB_SHA256_H
#define LIB_SHA256_H

#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK_BYTES = 64 };

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;                    /* added so far; FIPS 180-4 ends at 2^61 - 1 */
	uint8_t block[SHA256_BLOCK_BYTES]; /* the last bytes % 64 of them, not yet in the state */
};

void sha256_begin(struct sha256 *sha);
/* Any number of pieces of any length, in the order of the message; data may be NULL when bytes is 0. */
void sha256_add(struct sha256 *sha, const void *data, uint64_t bytes);
/* The digest; sha256_begin() must follow before the next message. */
void sha256_end(struct sha256 *sha, uint8_t ret_digest[SHA256_BYTES]);

#endif
