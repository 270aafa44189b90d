/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of names in one string. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/words.h"

static const char list[] = "zero\0\0two\0three";

static void test_names_and_gaps(void **state)
{
	static const char *const names[] = {"zero", "unknown", "two", "three", "unknown", "unknown"};

	(void)state;
	for (uint64_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(words_nth(list, sizeof(list), i), names[i]);
	assert_string_equal(words_nth(list, sizeof(list), UINT64_MAX), "unknown");
	assert_string_equal(words_nth(list, 0, 0), "unknown");
}

/* The sanitizer watches: nothing behind the list is read. */
static void test_the_end_of_the_list(void **state)
{
	char *exact = malloc(sizeof(list));

	(void)state;
	memcpy(exact, list, sizeof(list));
	assert_string_equal(words_nth(exact, sizeof(list), 3), "three");
	assert_string_equal(words_nth(exact, sizeof(list), 4), "unknown");
	free(exact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_gaps),
		cmocka_unit_test(test_the_end_of_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
