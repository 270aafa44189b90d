/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a character of the font, and reading characters from UTF-8. */
#include "lib/font.h"

enum { REPLACEMENT = 0xfffd };

/* The place of a symbol among them; of the last one, which is the replacement character, for any other. */
static uint32_t symbol(uint32_t code_point)
{
	uint32_t at = 0;

	while (at < font_symbol_count - 1 && font_symbols[at] != code_point)
		at++;
	return at;
}

const uint8_t *font_rows(uint32_t code_point)
{
	uint32_t ascii = code_point - 0x20;

	return font_glyphs[ascii < FONT_ASCII ? ascii : FONT_ASCII + symbol(code_point)];
}

/* The lead byte says how many bytes follow and which values the first of them may have. */
static uint32_t sequence(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
	*ret_low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	*ret_high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 1;
}

uint32_t font_decode(const char *text, uint32_t *ret_code_point)
{
	const uint8_t *byte = (const uint8_t *)text;
	uint8_t low, high;
	uint32_t length = sequence(byte[0], &low, &high), value;

	if (byte[0] < 0x80) {
		*ret_code_point = byte[0];
		return byte[0] != 0;
	}
	*ret_code_point = REPLACEMENT;
	if (length == 1)
		return 1;
	value = byte[0] & (0x7fu >> length);
	for (uint32_t i = 1; i < length; i++) {
		/* The NUL at the end is never in range: nothing behind it is read. */
		if (byte[i] < low || byte[i] > high)
			return 1;
		value = value << 6 | (byte[i] & 0x3fu);
		low = 0x80;
		high = 0xbf;
	}
	*ret_code_point = value;
	return length;
}
