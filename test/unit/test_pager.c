/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/pager.c: the window on a text, its pages, and the text's way into rows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/pager.h"

static void test_a_short_text_does_not_move(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, 5, 24);
	for (int key = PAGER_LINE_UP; key <= PAGER_END; key++) {
		assert_int_equal(pager_move(&pager, (enum pager_key)key), 0);
		assert_int_equal(pager.top, 0);
		assert_int_equal(pager_end(&pager), 5);
	}
}

static void test_lines(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, 12, 10);
	assert_int_equal(pager_move(&pager, PAGER_LINE_UP), 0);
	assert_int_equal(pager_move(&pager, PAGER_LINE_DOWN), 1);
	assert_int_equal(pager.top, 1);
	assert_int_equal(pager_end(&pager), 11);
	assert_int_equal(pager_move(&pager, PAGER_LINE_DOWN), 1);
	assert_int_equal(pager_move(&pager, PAGER_LINE_DOWN), 0);
	assert_int_equal(pager_end(&pager), 12);
	assert_int_equal(pager_move(&pager, PAGER_LINE_UP), 1);
	assert_int_equal(pager.top, 1);
}

static void test_pages_overlap_by_a_line(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, 25, 10);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_DOWN), 1);
	assert_int_equal(pager.top, 9);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_DOWN), 1);
	assert_int_equal(pager.top, 15);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_DOWN), 0);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_UP), 1);
	assert_int_equal(pager.top, 6);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_UP), 1);
	assert_int_equal(pager.top, 0);
}

static void test_ends(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, 100, 10);
	assert_int_equal(pager_move(&pager, PAGER_END), 1);
	assert_int_equal(pager.top, 90);
	assert_int_equal(pager_move(&pager, PAGER_END), 0);
	assert_int_equal(pager_move(&pager, PAGER_HOME), 1);
	assert_int_equal(pager.top, 0);
}

static void test_a_window_without_height_shows_a_line(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, 3, 0);
	assert_int_equal(pager_end(&pager), 1);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_DOWN), 1);
	assert_int_equal(pager.top, 1);
	assert_int_equal(pager_move(&pager, PAGER_END), 1);
	assert_int_equal(pager_end(&pager), 3);
	assert_int_equal(pager_move(&pager, PAGER_PAGE_UP), 1);
	assert_int_equal(pager.top, 1);
}

static void test_no_text(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, 0, 10);
	assert_int_equal(pager_end(&pager), 0);
	assert_int_equal(pager_move(&pager, PAGER_END), 0);
}

/* Each page is another one, the last is numbered like the count, and no line is on none. */
static void test_pages_are_numbered_to_the_last(void **state)
{
	(void)state;
	for (uint64_t height = 1; height < 12; height++) {
		for (uint64_t count = 0; count < 60; count++) {
			uint64_t number = 1, seen;
			struct pager pager;

			pager_begin(&pager, count, height);
			assert_int_equal(pager_page(&pager), 1);
			for (seen = pager_end(&pager); pager_move(&pager, PAGER_PAGE_DOWN); seen = pager_end(&pager)) {
				assert_int_equal(pager_page(&pager), ++number);
				assert_true(pager.top <= seen);
			}
			assert_int_equal(pager_pages(&pager), number);
			assert_int_equal(seen, count);
		}
	}
}

static void test_pages_of_the_longest_text(void **state)
{
	struct pager pager;

	(void)state;
	pager_begin(&pager, UINT64_MAX, 1);
	assert_int_equal(pager_pages(&pager), UINT64_MAX);
	pager_begin(&pager, UINT64_MAX, UINT64_MAX);
	assert_int_equal(pager_pages(&pager), 1);
}

/* --- text into rows --- */

/* What was given out, each row between bars. */
struct seen {
	char text[1 << 14];
	uint64_t rows;
};

static void see(void *context, uint64_t index, const char *row)
{
	struct seen *seen = context;

	assert_int_equal(index, seen->rows++);
	assert_true(strlen(seen->text) + strlen(row) + 2 < sizeof seen->text);
	strcat(strcat(seen->text, row), "|");
}

/* The rows of a text that comes in pieces of `piece` bytes. */
static const char *rows_of(const char *text, uint32_t columns, size_t piece)
{
	static struct seen seen;
	struct pager_rows rows;
	char part[64];

	seen = (struct seen){.rows = 0};
	pager_rows_begin(&rows, columns, see, &seen);
	for (size_t at = 0, length = strlen(text); at < length; at += piece) {
		size_t bytes = length - at < piece ? length - at : piece;

		memcpy(part, text + at, bytes);
		part[bytes] = '\0';
		pager_rows_add(&rows, part);
	}
	pager_rows_end(&rows);
	assert_int_equal(rows.count, seen.rows);
	return seen.text;
}

static void test_rows(void **state)
{
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{"", ""},
		{"\n", "|"},
		{"a\n\nb", "a||b|"},
		{"a\nb\n", "a|b|"},
		{"0123456789abcdef\n", "0123456789abcdef|"},
		{"0123456789abcdefg", "0123456789abcdef|    g|"},
		{"0123456789abcdef g", "0123456789abcdef|    g|"},
		{"0123456789abcdef\ng", "0123456789abcdef|g|"},
		/* A word moves, unless more than half of the row went with it. */
		{"one two three four five", "one two three |    four five|"},
		{"one two threefourfivesix", "one two threefou|    rfivesix|"},
		{"0123456 89abcdefg", "0123456 89abcdef|    g|"},
		{"01234567 9abcdefg", "01234567 |    9abcdefg|"},
		{"0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abcdef|    ghijklmnopqr|    stuvwxyz|"},
		/* Characters are counted, not bytes. */
		{"…………………………………………\n", "…………………………………………|"},
		{"𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞x", "𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞|    x|"},
		{"𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞 abcdefgh", "𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞 |    abcdefgh|"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 60; piece += 7)
			assert_string_equal(rows_of(cases[i].text, PAGER_COLUMNS_MIN, piece), cases[i].rows);
}

static void test_columns_are_kept_in_their_limits(void **state)
{
	char line[PAGER_COLUMNS_MAX + 2];

	(void)state;
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	assert_int_equal(strcspn(rows_of(line, 0, 16), "|"), PAGER_COLUMNS_MIN);
	assert_int_equal(strcspn(rows_of(line, UINT32_MAX, 16), "|"), PAGER_COLUMNS_MAX);
}

/* Bytes of every kind in pieces of every size: rows stay in their bounds, and each of them ends. */
static void check_row(void *context, uint64_t index, const char *row)
{
	const struct pager_rows *rows = context;
	uint32_t characters = 0;

	assert_int_equal(index + 1, rows->count);
	assert_true(strlen(row) < PAGER_ROW_BYTES);
	for (const char *at = row; *at; at++)
		characters += ((unsigned char)*at & 0xc0) != 0x80;
	assert_true(characters <= rows->columns);
}

static void test_any_bytes(void **state)
{
	static const char bytes[] = "\xbf\x80 \xf0z\n\xff\xe2";
	uint32_t seed = 1;

	(void)state;
	for (unsigned run = 0; run < 200; run++) {
		struct pager_rows rows;

		pager_rows_begin(&rows, run, check_row, &rows);
		for (unsigned i = 0; i < 3000; i++) {
			char piece[2] = {0};

			seed = seed * 1664525 + 1013904223;
			/* Mostly bytes that continue a character which never began. */
			piece[0] = bytes[(seed >> 24) % 7 ? seed >> 31 : (seed >> 16) % (sizeof bytes - 1)];
			pager_rows_add(&rows, piece);
		}
		pager_rows_end(&rows);
		assert_true(rows.count > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_short_text_does_not_move),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pages_overlap_by_a_line),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_a_window_without_height_shows_a_line),
		cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_pages_are_numbered_to_the_last),
		cmocka_unit_test(test_pages_of_the_longest_text),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_columns_are_kept_in_their_limits),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
