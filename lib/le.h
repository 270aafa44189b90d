/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Little-endian numbers in files, read and written byte by byte: file formats promise no alignment, and a cast would be
 * undefined behaviour.  The caller has checked that the bytes are there.  Sums of products instead of shifts and ors:
 * the provers behind `make prove` follow them.  gcc makes one load of shifts and ors, but not of these: the loader pays 1 KiB.
 */
#ifndef LIB_LE_H
#define LIB_LE_H

#include <stdint.h>

/*@ requires \valid_read(from + (0 .. 1)); assigns \nothing; */
static inline uint16_t le_read16(const uint8_t *from)
{
	return (uint16_t)(from[0] + 256u * from[1]);
}

/*@ requires \valid_read(from + (0 .. 3)); assigns \nothing; */
static inline uint32_t le_read32(const uint8_t *from)
{
	return le_read16(from) + 65536u * le_read16(from + 2);
}

/*@ requires \valid_read(from + (0 .. 7)); assigns \nothing; */
static inline uint64_t le_read64(const uint8_t *from)
{
	return le_read32(from) + UINT64_C(4294967296) * le_read32(from + 4);
}

/*@ requires \valid(to + (0 .. 1)); assigns to[0 .. 1]; */
static inline void le_write16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value & 0xff);
	to[1] = (uint8_t)(value >> 8);
}

/*@ requires \valid(to + (0 .. 3)); assigns to[0 .. 3]; */
static inline void le_write32(uint8_t *to, uint32_t value)
{
	le_write16(to, (uint16_t)(value & 0xffff));
	le_write16(to + 2, (uint16_t)(value >> 16));
}

/*@ requires \valid(to + (0 .. 7)); assigns to[0 .. 7]; */
static inline void le_write64(uint8_t *to, uint64_t value)
{
	le_write32(to, (uint32_t)(value & UINT32_MAX));
	le_write32(to + 4, (uint32_t)(value >> 32));
}

#endif
