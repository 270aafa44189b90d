/* SPDX-License-Identifier: BSD-2-Clause */
/* format() against the C library's snprintf where both define the result, and on its own where they differ. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/format.h"

/* Both must agree on the text and on its length. */
#define agree(...)                                                                                                     \
	do {                                                                                                           \
		char ours[256], theirs[256];                                                                           \
		int length = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                                            \
		assert_int_equal(format(ours, sizeof(ours), __VA_ARGS__), length);                                     \
		assert_string_equal(ours, theirs);                                                                     \
	} while (0)

static void numbers_as_the_c_library(void **state)
{
	static const long long values[] = {0, 1, -1, 9, 10, -10, 12345, INT_MAX, INT_MIN, UINT_MAX, LLONG_MAX, LLONG_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		long long v = values[i];

		agree("%d|%i|%u|%x|%X", (int)v, (int)v, (unsigned)v, (unsigned)v, (unsigned)v);
		agree("%ld|%lu|%lx|%lX", (long)v, (unsigned long)v, (unsigned long)v, (unsigned long)v);
		agree("%lld|%llu|%llx|%zu|%zx|%zd", v, (unsigned long long)v, (unsigned long long)v, (size_t)v, (size_t)v,
		      (ssize_t)v);
		agree("[%8d][%-8d][%08d]", (int)v, (int)v, (int)v);
		agree("[%30lld][%-30lld][%030lld]", v, v, v);
		agree("[%16lx][%-16lx][%016lX]", (unsigned long)v, (unsigned long)v, (unsigned long)v);
		agree("[%*d][%*d]", 9, (int)v, -9, (int)v);
	}
}

static void text_as_the_c_library(void **state)
{
	(void)state;
	agree("plain");
	agree("%s", "");
	agree("[%s][%8s][%-8s]", "abc", "abc", "abc");
	agree("[%2s][%-2s]", "abc", "abc");
	agree("[%.2s][%.0s][%.9s][%6.2s][%-6.2s]", "abc", "abc", "abc", "abc", "abc");
	agree("[%.*s][%.*s][%.*s][%*.*s]", 2, "abc", 0, "abc", -1, "abc", 5, 1, "abc");
	agree("[%c][%4c][%-4c]%%", 'x', 'y', 'z');
	agree("100%%");
}

static void null_text_and_text_without_nul(void **state)
{
	char text[32];
	const char *volatile none = NULL;
	const char unterminated[3] = {'a', 'b', 'c'};

	(void)state;
	assert_int_equal(format(text, sizeof(text), "%s", none), 6);
	assert_string_equal(text, "(null)");
	assert_int_equal(format(text, sizeof(text), "%.3s|%.*s", unterminated, 2, unterminated), 6);
	assert_string_equal(text, "abc|ab");
}

static void never_writes_outside_the_buffer(void **state)
{
	char text[12];

	(void)state;
	for (size_t bytes = 0; bytes <= sizeof(text); bytes++) {
		memset(text, '#', sizeof(text));
		assert_int_equal(format(text, bytes, "%s-%04x", "abc", 0x12u), 8);
		if (bytes > 0) {
			size_t kept = bytes - 1 < 8 ? bytes - 1 : 8;

			assert_memory_equal(text, "abc-0012", kept);
			assert_int_equal(text[kept], '\0');
		}
		for (size_t i = bytes; i < sizeof(text); i++)
			assert_int_equal(text[i], '#');
	}
	assert_int_equal(format(NULL, 0, "%s", "abc"), 3);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
static void unknown_directives_are_copied(void **state)
{
	char text[32];

	(void)state;
	format(text, sizeof(text), "%q %5.2f", 1);
	assert_string_equal(text, "%q %5.2f");
	format(text, sizeof(text), "end %");
	assert_string_equal(text, "end %");
	format(text, sizeof(text), "end %-08l");
	assert_string_equal(text, "end %-08l");
}
static void absurd_widths_are_limited(void **state)
{
	volatile int width = INT_MIN;
	char text[8];

	(void)state;
	assert_int_equal(format(text, sizeof(text), "%999999999d", 1), 4096);
	assert_string_equal(text, "       ");
	assert_int_equal(format(text, sizeof(text), "%*d", width, 1), 4096);
	assert_string_equal(text, "1      ");
	assert_int_equal(format(text, sizeof(text), "%.99999999999s", "ab"), 2);
	assert_string_equal(text, "ab");
}
#pragma GCC diagnostic pop

static void sizes_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{1, "1 B"},
		{999, "999 B"},
		{1000, "1.0 KiB"},
		{1023, "1.0 KiB"},
		{1024, "1 KiB"},
		{1536, "1.5 KiB"},
		{64 << 10, "64 KiB"},
		{640 << 10, "640 KiB"},
		{(10 << 10) + 51, "10.0 KiB"},
		{(10 << 10) + 52, "10.1 KiB"},
		{(99 << 10) + 972, "99.9 KiB"},
		{(99 << 10) + 973, "100 KiB"},
		{(100 << 10) + 471, "100 KiB"}, /* 100.46: rounded once, not to 100.5 and then to 101 */
		{(100 << 10) + 511, "100 KiB"},
		{(100 << 10) + 512, "101 KiB"},
		{(999 << 10) + 511, "999 KiB"},
		{(999 << 10) + 512, "1.0 MiB"},
		{1 << 20, "1 MiB"},
		{UINT64_C(3) << 29, "1.5 GiB"},
		{UINT64_C(5) << 30, "5 GiB"},
		{UINT64_C(1) << 40, "1 TiB"},
		{UINT64_C(1) << 50, "1 PiB"},
		{UINT64_C(1) << 63, "8 EiB"},
		{UINT64_MAX, "16.0 EiB"},
	};
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(format_bytes(text, cases[i].bytes), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_the_c_library),
		cmocka_unit_test(text_as_the_c_library),
		cmocka_unit_test(null_text_and_text_without_nul),
		cmocka_unit_test(never_writes_outside_the_buffer),
		cmocka_unit_test(unknown_directives_are_copied),
		cmocka_unit_test(absurd_widths_are_limited),
		cmocka_unit_test(sizes_for_people),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
