/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32 of the system table and the runtime services table (K47).  A few hundred bytes are summed once a boot, so a table
 * of half bytes is enough.  Pure.
 */
#include "lib/crc32.h"

/* The remainder of each half byte: 0xedb88320 is the polynomial, reflected. */
static const uint32_t remainders[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t crc32(uint32_t crc, const void *data, uint64_t bytes)
{
	const uint8_t *byte = data;

	crc = ~crc;
	for (uint64_t i = 0; i < bytes; i++) {
		crc ^= byte[i];
		crc = (crc >> 4) ^ remainders[crc & 15];
		crc = (crc >> 4) ^ remainders[crc & 15];
	}
	return ~crc;
}
