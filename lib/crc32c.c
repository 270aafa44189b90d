/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32C over the handoff block and its dumps: detects a block that was damaged between the loader and its reader (K2).
 * Rules here: pure, no table is made at run time.  A checksum is linear over XOR, so that each entry of the table is the
 * XOR of the entries for its single bits, and the compiler works the table out from eight constants.
 */
#include "lib/crc32c.h"

/* The remainder of a byte with one bit set: 0x82f63b78 is the polynomial, each further one is one division step on. */
#define BIT(n, bit, remainder) (((n) & (bit)) ? UINT32_C(remainder) : 0u)
#define ENTRY(n)                                                                                                       \
	(BIT(n, 0x80, 0x82f63b78) ^ BIT(n, 0x40, 0x417b1dbc) ^ BIT(n, 0x20, 0x20bd8ede) ^ BIT(n, 0x10, 0x105ec76f) ^   \
	 BIT(n, 0x08, 0x8ad958cf) ^ BIT(n, 0x04, 0xc79a971f) ^ BIT(n, 0x02, 0xe13b70f7) ^ BIT(n, 0x01, 0xf26b8303))
#define ENTRIES_4(n) ENTRY(n), ENTRY((n) + 1), ENTRY((n) + 2), ENTRY((n) + 3)
#define ENTRIES_16(n) ENTRIES_4(n), ENTRIES_4((n) + 4), ENTRIES_4((n) + 8), ENTRIES_4((n) + 12)
#define ENTRIES_64(n) ENTRIES_16(n), ENTRIES_16((n) + 16), ENTRIES_16((n) + 32), ENTRIES_16((n) + 48)

static const uint32_t remainders[256] = {ENTRIES_64(0), ENTRIES_64(64), ENTRIES_64(128), ENTRIES_64(192)};

uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes)
{
	const uint8_t *byte = data;

	crc = ~crc;
	for (uint64_t i = 0; i < bytes; i++)
		crc = (crc >> 8) ^ remainders[(crc ^ byte[i]) & 0xff];
	return ~crc;
}
