/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names by number.  A list is one string, "first\0second\0third", in the order of its numbers from 0 and empty where one is not used:
 * an array of pointers would cost the loader's image eight bytes and a relocation for each name.
 */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include <stdint.h>

/* The name of this number in a list of `bytes` bytes, its last NUL included; "unknown" where there is none. */
const char *words_nth(const char *list, uint64_t bytes, uint64_t number);

#endif
