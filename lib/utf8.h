/* SPDX-License-Identifier: BSD-2-Clause */
/* Well-formed UTF-8 (Unicode 15, table 3-7): no longer forms than needed, no surrogates, nothing beyond U+10FFFF. */
#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stdint.h>

/* Bytes of the sequence at the start of text, of which bytes > 0 are readable; 0 when it is malformed or cut off. */
static inline uint64_t utf8_bytes(const char *text, uint64_t bytes)
{
	uint8_t first = (uint8_t)text[0];
	uint8_t second = bytes > 1 ? (uint8_t)text[1] : 0;
	uint64_t count = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (count > bytes || (first >= 0x80 && first < 0xc2) || first > 0xf4)
		return 0;
	if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
	    (first == 0xf4 && second >= 0x90))
		return 0;
	for (uint64_t i = 1; i < count; i++)
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			return 0;
	return count;
}

#endif
