/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text to the channels, or elsewhere for a while; format() of lib/format.h says what the format string may hold. */
#ifndef KERNEL_PRINT_H
#define KERNEL_PRINT_H

enum { PRINT_MAX = 512 }; /* bytes of one call; more is cut off */

void print(const char *text, ...) __attribute__((format(printf, 1, 2)));
/* From now on text goes to write(context, text) instead of the channels; write = NULL: to the channels again. */
void print_to(void (*write)(void *context, const char *text), void *context);

#endif
