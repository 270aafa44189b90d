/* SPDX-License-Identifier: BSD-2-Clause */
/* Pool memory: for what must be given back before the final map is taken (L21). */
#ifndef LOADER_POOL_H
#define LOADER_POOL_H

#include <stdint.h>

struct boot;

/* The caller's until pool_free(); NULL: there is none, and that has been reported with `what` as what it was for. */
void *pool_allocate(struct boot *boot, uint64_t bytes, const char *what);
/* memory may be NULL. */
void pool_free(struct boot *boot, void *memory);

#endif
