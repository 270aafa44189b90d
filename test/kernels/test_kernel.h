/* SPDX-License-Identifier: BSD-2-Clause */
/* What a small test kernel is: one function with an opinion; start.c does the rest. */
#ifndef TEST_KERNEL_H
#define TEST_KERNEL_H

#include "lib/handoff.h"

/* Returns NULL when everything is as it must be, else what is not.  cmdline is never NULL. */
const char *test_kernel(const struct handoff_header *block, const char *cmdline);

#endif
