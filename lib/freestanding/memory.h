/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four functions that a freestanding C compiler may call on its own (C11 §4, GCC "Standards").  The loader and the
 * kernel stub link lib/freestanding/memory.c; on the host the C library has them.
 */
#ifndef LIB_FREESTANDING_MEMORY_H
#define LIB_FREESTANDING_MEMORY_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

#endif
