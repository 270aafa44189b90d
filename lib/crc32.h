/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32 as UEFI tables carry it (UEFI 2.10 §4.2: the polynomial of IEEE 802.3, 0x04C11DB7 reflected, as in zlib).  The
 * block itself uses CRC-32C, see lib/crc32c.h.
 */
#ifndef LIB_CRC32_H
#define LIB_CRC32_H

#include <stdint.h>

/* Continues a checksum: crc32(0, ...) starts one; crc32(crc32(0, a), b) is the checksum of a followed by b. */
uint32_t crc32(uint32_t crc, const void *data, uint64_t bytes);

#endif
