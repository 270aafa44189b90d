/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text to the channels; format() of lib/format.h says what the format string may hold. */
#ifndef KERNEL_PRINT_H
#define KERNEL_PRINT_H

enum { PRINT_MAX = 512 }; /* bytes of one call; more is cut off */

void print(const char *text, ...) __attribute__((format(printf, 1, 2)));

#endif
