/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected, RFC 3720 appendix B.4). */
#ifndef LIB_CRC32C_H
#define LIB_CRC32C_H

#include <stdint.h>

/* Continues a checksum: crc32c(0, ...) starts one; crc32c(crc32c(0, a), b) is the checksum of a followed by b. */
uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes);

#endif
