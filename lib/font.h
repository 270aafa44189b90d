/* SPDX-License-Identifier: BSD-2-Clause */
/* The bitmap font: 8 by 16 pixels, printable ASCII and a few symbols.  Constant data only. */
#ifndef LIB_FONT_H
#define LIB_FONT_H

#include <stdint.h>

enum { FONT_WIDTH = 8, FONT_HEIGHT = 16 };

/* Rows from the top, the highest bit the leftmost pixel (lib/font_spleen.c): FONT_ASCII characters from the blank on, then the symbols. */
enum { FONT_ASCII = 0x7f - 0x20 };
extern const uint8_t font_glyphs[][FONT_HEIGHT];
/* The symbols' code points, in ascending order. */
extern const uint16_t font_symbols[];
extern const uint32_t font_symbol_count;

/* FONT_HEIGHT rows of a character; the replacement character U+FFFD for one that the font does not have. */
const uint8_t *font_rows(uint32_t code_point);

/* Decodes the character at text (NUL-terminated UTF-8) and returns how many bytes it takes, 0 at the end; a byte that is no
   valid UTF-8 counts as U+FFFD (Unicode 15.0 table 3-7: no overlong forms, no surrogates). */
uint32_t font_decode(const char *text, uint32_t *ret_code_point);

#endif
