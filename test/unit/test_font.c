/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/font.c and the table in lib/font_spleen.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/font.h"

static void test_table_is_sorted(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < font_symbol_count; i++)
		assert_true(font_symbols[i - 1] < font_symbols[i]);
	/* The last one stands for all that the font does not have. */
	assert_int_equal(font_symbols[font_symbol_count - 1], 0xfffd);
	for (uint32_t i = 0; i < font_symbol_count; i++)
		assert_ptr_equal(font_rows(font_symbols[i]), font_glyphs[FONT_ASCII + i]);
}

static void test_every_printable_ascii_character_is_there(void **state)
{
	const uint8_t *replacement = font_rows(0xfffd);

	(void)state;
	assert_non_null(replacement);
	for (uint32_t c = 0x20; c < 0x7f; c++)
		assert_ptr_not_equal(font_rows(c), replacement);
}

static void test_glyphs_look_right(void **state)
{
	static const uint8_t full[16] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	static const uint8_t upper[16] = {255, 255, 255, 255, 255, 255, 255, 255};
	static const uint8_t blank[16];

	(void)state;
	assert_memory_equal(font_rows(0x2588), full, 16);
	assert_memory_equal(font_rows(0x2580), upper, 16);
	assert_memory_equal(font_rows(' '), blank, 16);
	/* An L is a stem at the left and a foot. */
	assert_int_equal(font_rows('L')[4], 0xc0);
	assert_true(font_rows('L')[11] == 0x7e);
}

static void test_unknown_characters_are_replaced(void **state)
{
	(void)state;
	assert_ptr_equal(font_rows(0x4e2d), font_rows(0xfffd));
	assert_ptr_equal(font_rows(0), font_rows(0xfffd));
	assert_ptr_equal(font_rows(UINT32_MAX), font_rows(0xfffd));
}

struct sample {
	const char *text;
	uint32_t length, code_point;
};

static void test_decode(void **state)
{
	static const struct sample samples[] = {
		{"", 0, 0}, {"A", 1, 'A'}, {"\x7f", 1, 0x7f}, {"\xc2\xb0", 2, 0xb0}, {"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800}, {"\xe2\x80\xa6", 3, 0x2026}, {"\xef\xbf\xbd", 3, 0xfffd},
		{"\xf0\x9f\x98\x80", 4, 0x1f600}, {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		/* damaged: one byte at a time */
		{"\x80", 1, 0xfffd}, {"\xbf" "A", 1, 0xfffd}, {"\xc0\x80", 1, 0xfffd}, {"\xc1\xbf", 1, 0xfffd},
		{"\xc2", 1, 0xfffd}, {"\xc2" "A", 1, 0xfffd}, {"\xe0\x9f\xbf", 1, 0xfffd}, {"\xe2\x80", 1, 0xfffd},
		{"\xed\xa0\x80", 1, 0xfffd}, {"\xf0\x8f\xbf\xbf", 1, 0xfffd}, {"\xf4\x90\x80\x80", 1, 0xfffd},
		{"\xf5\x80\x80\x80", 1, 0xfffd}, {"\xff", 1, 0xfffd}, {"\xf0\x9f\x98", 1, 0xfffd},
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		uint32_t code_point = 77;

		assert_int_equal(font_decode(samples[i].text, &code_point), samples[i].length);
		assert_int_equal(code_point, samples[i].code_point);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_sorted),
		cmocka_unit_test(test_every_printable_ascii_character_is_there),
		cmocka_unit_test(test_glyphs_look_right),
		cmocka_unit_test(test_unknown_characters_are_replaced),
		cmocka_unit_test(test_decode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
