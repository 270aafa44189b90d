/* SPDX-License-Identifier: BSD-2-Clause */
/* The short form of a coded stop: what is written reads back the same, and no slip of the finger passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/stop_form.h"
#include "lib/stop_text.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const struct stop_form page_fault = {
	.code = STOP_EXCEPTION, .stage = 12, .attempts = 1, .place = STOP_PLACE_KERNEL, .detail = { 14, 2, 0x1234, 0xdead000 },
};

static void assert_reads_back(const struct stop_form *form)
{
	struct stop_form read;
	char text[STOP_FORM_TEXT];

	memset(text, '!', sizeof(text));
	stop_form_write(text, form);
	assert_true(strlen(text) < STOP_FORM_TEXT);
	assert_int_equal(stop_form_read(text, &read), STOP_FORM_OK);
	assert_memory_equal(&read, form, sizeof(read));
}

/* Kept for ever: an old photograph must read in a new tool. */
static void test_the_form_is_this_one(void **state)
{
	char text[STOP_FORM_TEXT];

	(void)state;
	stop_form_write(text, &page_fault);
	assert_string_equal(text, "244M-R3G2-G8T1-5100-T3N0-T63C-SX");
}

static void test_values_of_every_size_read_back(void **state)
{
	static const uint64_t ends[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, UINT64_C(0x8000000000000000), UINT64_C(0x8000000000000015),
					 UINT64_C(0x80000000ffffffff), UINT64_C(0xc000000000000000), UINT64_C(0xffffffff80000000),
					 UINT64_C(0xffffff7f12345678), UINT64_MAX - 1, UINT64_MAX, UINT64_C(0x0123456789abcdef),
					 UINT64_C(0xfedcba9876543210), UINT64_C(0xff00000000000000), UINT64_C(0x00ff000000000000) };
	struct stop_form form = page_fault;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		for (size_t which = 0; which < 4; which++) {
			form = page_fault;
			form.detail[which] = ends[i];
			assert_reads_back(&form);
			memset(form.detail, 0, sizeof(form.detail));
			form.detail[which] = ends[i];
			assert_reads_back(&form);
		}
	for (uint32_t bit = 0; bit < 64; bit++) {
		form.detail[0] = UINT64_C(1) << bit;
		form.detail[1] = ~form.detail[0];
		form.detail[2] = form.detail[0] - 1;
		form.detail[3] = ~form.detail[2];
		assert_reads_back(&form);
	}
}

static void test_small_fields_read_back_or_are_cut(void **state)
{
	struct stop_form form = { .code = 1 }, read;
	char text[STOP_FORM_TEXT];

	(void)state;
	for (form.code = 0; form.code < 256; form.code++)
		assert_reads_back(&form);
	form.code = 1;
	for (form.stage = 0; form.stage < 32; form.stage++)
		assert_reads_back(&form);
	form.stage = 0;
	for (form.attempts = 0; form.attempts < 16; form.attempts++)
		assert_reads_back(&form);
	form.stage = 0x100;
	form.attempts = 99;
	stop_form_write(text, &form);
	assert_int_equal(stop_form_read(text, &read), STOP_FORM_OK);
	assert_int_equal(read.stage, 31);
	assert_int_equal(read.attempts, 15);
}

static void test_it_is_short(void **state)
{
	struct stop_form form = { .code = STOP_EXIT_ATTEMPTS, .stage = 8, .attempts = 8, .detail = { 8, UINT64_C(0x8000000000000002) } };
	char text[STOP_FORM_TEXT];

	(void)state;
	stop_form_write(text, &form);
	assert_true(strlen(text) <= 20);
	stop_form_write(text, &page_fault);
	assert_true(strlen(text) <= 34);
	for (int i = 0; i < 4; i++)
		form.detail[i] = UINT64_C(0x123456789abcdef0);
	stop_form_write(text, &form);
	assert_true(strlen(text) < STOP_FORM_TEXT - 1);
}

/* Lower case, blanks, no hyphens, letters that look like digits. */
static void test_a_person_types_it(void **state)
{
	struct stop_form read;
	char text[STOP_FORM_TEXT], typed[3 * STOP_FORM_TEXT];
	size_t length = 0;

	(void)state;
	stop_form_write(text, &page_fault);
	for (size_t i = 0; text[i]; i++) {
		if (text[i] == '-')
			continue;
		typed[length++] = text[i] == '0' ? 'o' : text[i] == '1' ? (i % 2 ? 'l' : 'I') :
				  text[i] >= 'A' ? (char)(text[i] + 'a' - 'A') : text[i];
		if (i % 3 == 0)
			typed[length++] = ' ';
	}
	typed[length] = '\0';
	assert_int_equal(stop_form_read(typed, &read), STOP_FORM_OK);
	assert_memory_equal(&read, &page_fault, sizeof(read));
}

/* Each character replaced by each other one, each pair of neighbours swapped, each character left out or doubled. */
static void test_every_slip_is_noticed(void **state)
{
	struct stop_form read, untouched;
	char text[STOP_FORM_TEXT], wrong[STOP_FORM_TEXT + 1];
	size_t length;

	(void)state;
	memset(&untouched, 0x55, sizeof(untouched));
	read = untouched;
	stop_form_write(text, &page_fault);
	length = strlen(text);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '-')
			continue;
		for (size_t j = 0; j < 32; j++) {
			strcpy(wrong, text);
			wrong[i] = alphabet[j];
			if (alphabet[j] != text[i])
				assert_int_not_equal(stop_form_read(wrong, &read), STOP_FORM_OK);
		}
		for (size_t j = i + 1; j < length && j < i + 3; j++) {
			strcpy(wrong, text);
			wrong[i] = text[j];
			wrong[j] = text[i];
			if (text[i] != text[j] && text[j] != '-')
				assert_int_not_equal(stop_form_read(wrong, &read), STOP_FORM_OK);
		}
		snprintf(wrong, sizeof(wrong), "%.*s%s", (int)i, text, text + i + 1);
		assert_int_not_equal(stop_form_read(wrong, &read), STOP_FORM_OK);
		snprintf(wrong, sizeof(wrong), "%.*s%s", (int)i + 1, text, text + i);
		assert_int_not_equal(stop_form_read(wrong, &read), STOP_FORM_OK);
	}
	assert_memory_equal(&read, &untouched, sizeof(read));
}

static void test_what_is_no_short_form_is_refused(void **state)
{
	struct stop_form read;
	char text[STOP_FORM_TEXT], longer[4 * STOP_FORM_TEXT];

	(void)state;
	stop_form_write(text, &page_fault);
	assert_int_equal(stop_form_read("", &read), STOP_FORM_BAD_LENGTH);
	assert_int_equal(stop_form_read("24GM", &read), STOP_FORM_BAD_LENGTH);
	assert_int_equal(stop_form_read("UUUU-UUUU", &read), STOP_FORM_BAD_CHARACTER);
	assert_int_equal(stop_form_read("24GM_R3G2", &read), STOP_FORM_BAD_CHARACTER);
	snprintf(longer, sizeof(longer), "%s%s%s%s", text, text, text, text);
	assert_int_equal(stop_form_read(longer, &read), STOP_FORM_BAD_LENGTH);
	text[0] = text[0] == '2' ? '3' : '2';
	assert_int_equal(stop_form_read(text, &read), STOP_FORM_BAD_CHECK);
}

/* Written by the rules of base32 and CRC-24 again, so that other contents can be had. */
static void typed_form(char *text, const uint8_t *bytes, uint32_t count)
{
	uint32_t crc = 0xb704ce, bits = 0, length = 0, held = 0;

	for (uint32_t i = 0; i < 8 * count; i++) {
		uint32_t top = crc >> 23 ^ (bytes[i / 8] >> (7 - i % 8) & 1);

		crc = (crc << 1 & 0xffffff) ^ (top & 1 ? 0x864cfb : 0);
		held = held << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
		if (++bits % 5 == 0)
			text[length++] = alphabet[held & 31];
	}
	if (bits % 5)
		text[length++] = alphabet[held << (5 - bits % 5) & 31];
	for (int i = 4; i >= 0; i--)
		text[length++] = alphabet[crc >> 5 * i & 31];
	text[length] = '\0';
}

static void test_other_contents_are_refused(void **state)
{
	static const struct {
		uint8_t bytes[STOP_FORM_BYTES];
		uint32_t count;
		enum stop_form_status status;
	} cases[] = {
		{ { 0x11, 9, 12 }, 3, STOP_FORM_OK },
		{ { 0x21, 9, 12 }, 3, STOP_FORM_BAD_CONTENT },                  /* another form */
		{ { 0x11, 9, 12, 0x82, 1 }, 5, STOP_FORM_BAD_CONTENT },         /* a detail that ends early */
		{ { 0x11, 9, 12, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 13, STOP_FORM_BAD_CONTENT },
		{ { 0x11, 9, 12, 0x81, 1 }, 5, STOP_FORM_BAD_CONTENT },         /* longer than it need be */
		{ { 0x11, 9, 12, 0xc1, 0x80 }, 5, STOP_FORM_BAD_CONTENT },      /* a bit that means nothing */
		{ { 0x11, 9, 12, 1, 2, 3, 4 }, 7, STOP_FORM_OK },
		{ { 0x11, 9, 12, 1, 2, 3, 4, 5 }, 8, STOP_FORM_BAD_CONTENT },   /* five details */
		{ { 0x11, 9, 12, 0x80, 1 }, 5, STOP_FORM_BAD_CONTENT },         /* a zero in two ways */
	};
	struct stop_form read;
	char text[2 * STOP_FORM_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		typed_form(text, cases[i].bytes, cases[i].count);
		assert_int_equal(stop_form_read(text, &read), cases[i].status);
	}
	/* Padding that is not zero. */
	typed_form(text, cases[0].bytes, 3);
	text[4] = alphabet[(uint32_t)(strchr(alphabet, text[4]) - alphabet) | 1];
	assert_int_equal(stop_form_read(text, &read), STOP_FORM_BAD_CHECK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_form_is_this_one),
		cmocka_unit_test(test_values_of_every_size_read_back),
		cmocka_unit_test(test_small_fields_read_back_or_are_cut),
		cmocka_unit_test(test_it_is_short),
		cmocka_unit_test(test_a_person_types_it),
		cmocka_unit_test(test_every_slip_is_noticed),
		cmocka_unit_test(test_what_is_no_short_form_is_refused),
		cmocka_unit_test(test_other_contents_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
