/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32C over the handoff block and its dumps: detects a block that was damaged between the loader and its reader (K2).
 * Rules here: pure, no table is made at run time.  A table of half bytes: who has much to sum has the processor's instruction
 * (loader/arch/x86_64/cpu_crc32c.c), as every x86-64 since 2008 has.
 */
#include "lib/crc32c.h"

/* The remainder of each half byte: 0x82f63b78 is the polynomial, reflected. */
static const uint32_t remainders[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
	0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes)
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
