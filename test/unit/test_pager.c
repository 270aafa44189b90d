/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/pager.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_short_text_does_not_move),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pages_overlap_by_a_line),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_a_window_without_height_shows_a_line),
		cmocka_unit_test(test_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
