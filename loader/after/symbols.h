/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of those of the loader's functions that can run after exit, for the report of an exception.  The table is made from the
 * linked image (tools/make-symbols, tools/make/symbols.mk).
 */
#ifndef LOADER_AFTER_SYMBOLS_H
#define LOADER_AFTER_SYMBOLS_H

#include <stdint.h>

/* The function at an offset from the start of the image, and the offset at which it begins; "" where none of them is. */
const char *symbols_find(uint64_t offset, uint64_t *ret_start);

#endif
