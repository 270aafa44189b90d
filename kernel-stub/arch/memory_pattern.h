/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pattern for all of memory: the word at an address is address ^ salt.  Written past the caches and with the widest accesses that
 * need no state but what lib/handoff.h promises, because there may be a terabyte of it.
 */
#ifndef KERNEL_ARCH_MEMORY_PATTERN_H
#define KERNEL_ARCH_MEMORY_PATTERN_H

#include <stdint.h>

enum { PATTERN_BYTES = 128 }; /* start and end are multiples of it */

/* Writes [start, end). */
void pattern_write(uint64_t start, uint64_t end, uint64_t salt);
/* Reads [start, end): the first PATTERN_BYTES that are not as written, or end. */
uint64_t pattern_check(uint64_t start, uint64_t end, uint64_t salt);

#endif
