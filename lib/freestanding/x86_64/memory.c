/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy, memmove, memset and memcmp for worlds without a C library.  REP MOVS/STOS is what current processors do fastest
 * without vector registers (Intel optimisation manual, "enhanced REP MOVSB"), and the loader may not use those after exit;
 * eight bytes at a time where that matters to processors and emulators without the enhancement.
 */
#include <stdint.h>
#include "lib/freestanding/memory.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *end = to;
	size_t words = bytes / 8;

	bytes %= 8;
	__asm__ volatile("rep movsq" : "+D"(end), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	unsigned char *target = to;
	const unsigned char *source = from;

	if ((uintptr_t)target - (uintptr_t)source >= bytes)
		return memcpy(to, from, bytes);
	while (bytes-- > 0)
		target[bytes] = source[bytes];
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	uint64_t pattern = (unsigned char)value * UINT64_C(0x0101010101010101);
	void *end = to;
	size_t words = bytes / 8;

	bytes %= 8;
	__asm__ volatile("rep stosq" : "+D"(end), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(end), "+c"(bytes) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
	const unsigned char *a = left, *b = right;

	for (size_t i = 0; i < bytes; i++)
		if (a[i] != b[i])
			return a[i] - b[i];
	return 0;
}
