/* SPDX-License-Identifier: BSD-2-Clause */
/* Text into a caller's buffer: the part of printf that a boot needs.  Pure, no allocation, no floating point. */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>
#include <stdint.h>

/*
 * %s (NULL prints as "(null)"), %c, %d %i %u %x %X with l, ll, z and width, 0 and - flags, .precision for %s, %%; width
 * and precision may be *.  Any other directive is copied as it stands.
 * Always ends with a NUL when bytes > 0.  Returns the length that the whole text has, which may be >= bytes.
 */
int format(char *buffer, uint64_t bytes, const char *text, ...) __attribute__((format(printf, 3, 4)));
int format_va(char *buffer, uint64_t bytes, const char *text, va_list arguments) __attribute__((format(printf, 3, 0)));

/*
 * "512 B", "64 KiB", "1.5 GiB": three digits at most before the unit, at most one decimal; a decimal below 100 says that
 * the number was rounded, an exact number has none.  Returns text.
 */
char *format_bytes(char text[16], uint64_t bytes);

#endif
