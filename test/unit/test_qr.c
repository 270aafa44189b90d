/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QR codes (ISO/IEC 18004) against libqrencode, an encoder written by others: every module of every version must be the same once the
 * mask is, and the mask that is chosen must be one of the lowest penalty, counted here once more.
 */
#include <qrencode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/qr.h"

static const char characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/* Deterministic text of the mode's characters. */
static void make_text(char *text, uint32_t length, uint32_t seed)
{
	for (uint32_t i = 0; i < length; i++) {
		seed = seed * 1664525 + 1013904223;
		text[i] = characters[(seed >> 16) % 45];
	}
	text[length] = '\0';
}

/* The mask that a code says it has, from the copy of the format information beside the upper left finder pattern (§7.9). */
static uint32_t mask_of(const uint8_t *modules, uint32_t side)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < 3; i++)
		bits = bits << 1 | (modules[8 * side + 2 + i] & 1);
	return bits ^ 5; /* bits 12 to 10 of 0x5412 */
}

static QRcode *reference(const char *text)
{
	QRinput *input = QRinput_new2(0, QR_ECLEVEL_M);
	QRcode *code;

	assert_non_null(input);
	assert_int_equal(QRinput_append(input, QR_MODE_AN, (int)strlen(text), (const unsigned char *)text), 0);
	code = QRcode_encodeInput(input);
	assert_non_null(code);
	QRinput_free(input);
	return code;
}

static void expect_the_same_modules(const char *text)
{
	static struct qr qr;
	QRcode *code = reference(text);

	assert_int_equal(qr_encode_masked(&qr, text, mask_of(code->data, (uint32_t)code->width)), 0);
	assert_int_equal(qr.side, code->width);
	for (uint32_t y = 0; y < qr.side; y++)
		for (uint32_t x = 0; x < qr.side; x++)
			if (qr_dark(&qr, x, y) != (code->data[y * qr.side + x] & 1))
				fail_msg("module %u, %u of %ux%u differs for \"%s\"", x, y, qr.side, qr.side, text);
	QRcode_free(code);
}

/* Both ends of each version, odd and even; and what lies between. */
static void test_every_length_is_as_the_reference(void **state)
{
	char text[QR_TEXT_MAX + 1];

	(void)state;
	for (uint32_t length = 1; length <= QR_TEXT_MAX; length++) {
		make_text(text, length, length);
		expect_the_same_modules(text);
	}
}

static void test_many_texts_are_as_the_reference(void **state)
{
	char text[QR_TEXT_MAX + 1];

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		make_text(text, 1 + i * 7919 % QR_TEXT_MAX, 77 * i + 5);
		expect_the_same_modules(text);
	}
}

static void test_every_character_is_encoded(void **state)
{
	char one[3] = { 0 };

	(void)state;
	expect_the_same_modules(characters);
	for (uint32_t i = 0; i < 45; i++) {
		one[0] = characters[i];
		one[1] = i % 2 ? characters[44 - i] : '\0';
		expect_the_same_modules(one);
	}
}

static void test_other_characters_and_long_texts_are_refused(void **state)
{
	static struct qr qr;
	char text[QR_TEXT_MAX + 2];

	(void)state;
	for (int c = 1; c < 256; c++) {
		char one[2] = { (char)c, '\0' };

		if (strchr(characters, c)) {
			assert_int_equal(qr_encode(&qr, one), 0);
			assert_int_equal(qr.side, 21);
		} else {
			assert_int_equal(qr_encode(&qr, one), -1);
			assert_int_equal(qr.side, 0);
			assert_int_equal(qr_encode_masked(&qr, one, 0), -1);
		}
	}
	make_text(text, QR_TEXT_MAX, 1);
	assert_int_equal(qr_encode(&qr, text), 0);
	assert_int_equal(qr.side, QR_SIDE_MAX);
	make_text(text, QR_TEXT_MAX + 1, 1);
	assert_int_equal(qr_encode(&qr, text), -1);
	assert_int_equal(qr_dark(&qr, 0, 0), 0);
}

static void test_outside_the_code_all_is_light(void **state)
{
	static struct qr qr;

	(void)state;
	assert_int_equal(qr_encode(&qr, "BATON"), 0);
	assert_int_equal(qr_dark(&qr, 0, 0), 1);
	assert_int_equal(qr_dark(&qr, qr.side, 0), 0);
	assert_int_equal(qr_dark(&qr, 0, qr.side), 0);
	assert_int_equal(qr_dark(&qr, UINT32_MAX, UINT32_MAX), 0);
}

/* --- the mask -------------------------------------------------------------------------------------------------------------- */

/* Runs of one colour from (x, y) in direction (dx, dy) over the whole line. */
static unsigned long runs(const struct qr *qr, uint32_t line, int down)
{
	unsigned long sum = 0;

	for (uint32_t start = 0, end; start < qr->side; start = end) {
		int colour = down ? qr_dark(qr, line, start) : qr_dark(qr, start, line);

		for (end = start + 1; end < qr->side && (down ? qr_dark(qr, line, end) : qr_dark(qr, end, line)) == colour;)
			end++;
		if (end - start >= 5)
			sum += 3 + (end - start - 5);
	}
	return sum;
}

static unsigned long finders(const struct qr *qr, uint32_t line, int down)
{
	static const char *const looks[] = { "#.###.#....", "....#.###.#" };
	unsigned long sum = 0;

	for (uint32_t start = 0; start + 11 <= qr->side; start++)
		for (int which = 0; which < 2; which++) {
			uint32_t same = 0;

			for (uint32_t i = 0; i < 11; i++)
				same += (looks[which][i] == '#') ==
					(down ? qr_dark(qr, line, start + i) : qr_dark(qr, start + i, line));
			sum += same == 11 ? 40 : 0;
		}
	return sum;
}

/* Table 11. */
static unsigned long penalty(const struct qr *qr)
{
	unsigned long sum = 0, dark = 0, all = (unsigned long)qr->side * qr->side;

	for (uint32_t line = 0; line < qr->side; line++)
		sum += runs(qr, line, 0) + runs(qr, line, 1) + finders(qr, line, 0) + finders(qr, line, 1);
	for (uint32_t y = 0; y < qr->side; y++)
		for (uint32_t x = 0; x < qr->side; x++) {
			int four = qr_dark(qr, x, y) + qr_dark(qr, x + 1, y) + qr_dark(qr, x, y + 1) + qr_dark(qr, x + 1, y + 1);

			dark += (unsigned long)qr_dark(qr, x, y);
			if (x + 1 < qr->side && y + 1 < qr->side && (four == 0 || four == 4))
				sum += 3;
		}
	/* Per cent off one half, in steps of five. */
	return sum + 10 * ((dark > all / 2.0 ? dark * 100.0 / all - 50 : 50 - dark * 100.0 / all) >= 5 ?
				   (unsigned long)((dark > all / 2.0 ? dark * 100.0 / all - 50 : 50 - dark * 100.0 / all) / 5) :
				   0);
}

static void test_the_mask_has_the_lowest_penalty(void **state)
{
	static struct qr chosen, other;
	char text[QR_TEXT_MAX + 1];
	uint32_t seen = 0;

	(void)state;
	for (uint32_t i = 0; i < 60; i++) {
		make_text(text, 1 + i * 10, 3 * i + 1);
		assert_int_equal(qr_encode(&chosen, text), 0);
		seen |= 1u << mask_of(chosen.modules, chosen.side);
		for (uint32_t mask = 0; mask < QR_MASK_COUNT; mask++) {
			assert_int_equal(qr_encode_masked(&other, text, mask), 0);
			assert_int_equal(mask_of(other.modules, other.side), mask);
			assert_true(penalty(&chosen) <= penalty(&other));
			if (mask == mask_of(chosen.modules, chosen.side))
				assert_memory_equal(&chosen, &other, sizeof(chosen));
		}
	}
	/* Not always the same. */
	assert_true(__builtin_popcount(seen) > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length_is_as_the_reference),
		cmocka_unit_test(test_many_texts_are_as_the_reference),
		cmocka_unit_test(test_every_character_is_encoded),
		cmocka_unit_test(test_other_characters_and_long_texts_are_refused),
		cmocka_unit_test(test_outside_the_code_all_is_light),
		cmocka_unit_test(test_the_mask_has_the_lowest_penalty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
