/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 over files that baton.conf names with a checksum.  Rules here: pure; plain C in the words of FIPS 180-4, because
 * vector registers are not ours and not every processor has SHA instructions.
 */
#include "lib/sha256.h"
#include "lib/freestanding/memory.h"

/* FIPS 180-4 §4.2.2. */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
	0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
	0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, uint32_t bits)
{
	return word >> bits | word << (32 - bits);
}

static uint32_t read_be32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void write_be32(uint8_t *to, uint32_t value)
{
	for (uint32_t i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i) & 0xff);
}

/* §6.2.2 step 1: sixteen words of the block, each further one from four before it. */
static void schedule(uint32_t words[64], const uint8_t block[SHA256_BLOCK_BYTES])
{
	for (uint32_t t = 0; t < 16; t++)
		words[t] = read_be32(block + 4 * t);
	for (uint32_t t = 16; t < 64; t++) {
		uint32_t w2 = words[t - 2], w15 = words[t - 15];
		uint32_t sigma1 = rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10;
		uint32_t sigma0 = rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3;

		words[t] = sigma1 + words[t - 7] + sigma0 + words[t - 16];
	}
}

/* §6.2.2 steps 2 to 4.  b, c and d are the a of one, two and three rounds ago, f, g and h those of e: nothing is moved about. */
static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK_BYTES])
{
	uint32_t words[64], a[68], e[68];

	schedule(words, block);
	for (uint32_t i = 0; i < 4; i++) {
		a[i] = state[3 - i];
		e[i] = state[7 - i];
	}
	for (uint32_t t = 0; t < 64; t++) {
		uint32_t sum1 = rotate(e[t + 3], 6) ^ rotate(e[t + 3], 11) ^ rotate(e[t + 3], 25);
		uint32_t choice = (e[t + 3] & e[t + 2]) ^ (~e[t + 3] & e[t + 1]);
		uint32_t sum0 = rotate(a[t + 3], 2) ^ rotate(a[t + 3], 13) ^ rotate(a[t + 3], 22);
		uint32_t majority = (a[t + 3] & a[t + 2]) ^ (a[t + 3] & a[t + 1]) ^ (a[t + 2] & a[t + 1]);
		uint32_t t1 = e[t] + sum1 + choice + constants[t] + words[t];

		e[t + 4] = a[t] + t1;
		a[t + 4] = t1 + sum0 + majority;
	}
	for (uint32_t i = 0; i < 4; i++) {
		state[i] += a[67 - i];
		state[4 + i] += e[67 - i];
	}
}

void sha256_begin(struct sha256 *sha)
{
	*sha = (struct sha256){
		.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
	};
}

void sha256_add(struct sha256 *sha, const void *data, uint64_t bytes)
{
	const uint8_t *at = data;

	while (bytes > 0) {
		uint64_t held = sha->bytes % SHA256_BLOCK_BYTES, room = SHA256_BLOCK_BYTES - held;
		uint64_t taken = bytes < room ? bytes : room;

		if (taken == SHA256_BLOCK_BYTES) {
			compress(sha->state, at);
		} else {
			memcpy(sha->block + held, at, taken);
			if (taken == room)
				compress(sha->state, sha->block);
		}
		sha->bytes += taken;
		at += taken;
		bytes -= taken;
	}
}

void sha256_end(struct sha256 *sha, uint8_t ret_digest[SHA256_BYTES])
{
	/* §5.1.1: a one bit, zeroes, and the length in bits in the last eight bytes of a block. */
	uint8_t padding[SHA256_BLOCK_BYTES] = {0x80};
	uint64_t bits = sha->bytes * 8, held = sha->bytes % SHA256_BLOCK_BYTES;
	uint8_t length[8];

	write_be32(length, (uint32_t)(bits >> 32));
	write_be32(length + 4, (uint32_t)(bits & UINT32_MAX));
	sha256_add(sha, padding, held < 56 ? 56 - held : 120 - held);
	sha256_add(sha, length, sizeof(length));
	for (uint32_t i = 0; i < 8; i++)
		write_be32(ret_digest + 4 * i, sha->state[i]);
}
