/* SPDX-License-Identifier: BSD-2-Clause */
/* \baton\baton.conf and command line words: what is documented is understood, everything else is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/config.h"

/* Items of a text in one string: "kernel=/k module=/m|/m resolution=1x2 ...", then the status that ended it and the line. */
static void describe(const char *text, size_t bytes, char out[4096])
{
	char *copy = malloc(bytes ? bytes : 1); /* without NUL: reading behind it would be seen */
	struct config_reader reader;
	struct config_item item;
	enum config_status status;
	size_t length = 0;

	memcpy(copy, text, bytes);
	config_begin(&reader, copy, bytes);
	while ((status = config_next(&reader, &item)) == CONFIG_OK) {
		length += (size_t)sprintf(out + length, "%s=%.*s", config_key_name(item.key), (int)item.value_bytes, item.value);
		if (item.name)
			length += (size_t)sprintf(out + length, "|%.*s", (int)item.name_bytes, item.name);
		if (item.key == CONFIG_RESOLUTION)
			length += (size_t)sprintf(out + length, "|%ux%u", item.width, item.height);
		for (uint32_t i = 0; i < config_digest_bytes(item.key); i++)
			length += (size_t)sprintf(out + length, "%s%02x", i == 0 ? "|" : "", item.digest[i]);
		if (item.key == CONFIG_VERBOSE || item.key == CONFIG_REPORT || item.key == CONFIG_BLACKBOX)
			length += (size_t)sprintf(out + length, "|%u", item.yes);
		out[length++] = ';';
	}
	sprintf(out + length, "%d@%u", (int)status, reader.line);
	/* After the end or an error there is nothing more. */
	assert_int_equal(config_next(&reader, &item), CONFIG_END);
	free(copy);
}

static const struct {
	const char *text;
	const char *items;
	enum config_status end;
	uint32_t line;
} cases[] = {
	{"", "", CONFIG_END, 0},
	{"\n", "", CONFIG_END, 1},
	{"\n\r\n  \t\n# text = text\n   # more\n", "", CONFIG_END, 5},
	{"kernel = \\os\\kernel.elf\n", "kernel=\\os\\kernel.elf;", CONFIG_END, 1},
	{"kernel=/k", "kernel=/k;", CONFIG_END, 1},
	{"\xef\xbb\xbfkernel=/k\r\n", "kernel=/k;", CONFIG_END, 1},
	{"\xef\xbb\xbf", "", CONFIG_END, 0},
	{" \tkernel\t =  /with blank/k \t\n", "kernel=/with blank/k;", CONFIG_END, 1},
	{"cmdline = a=b # c\n", "cmdline=a=b # c;", CONFIG_END, 1},
	{"cmdline = \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\n", "cmdline=\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80;", CONFIG_END, 1},
	{"cmdline-file=/c\nkernel=/k\n", "cmdline-file=/c;kernel=/k;", CONFIG_END, 2},
	{"module=/a\nmodule = /b  the  name\t\nmodule=/a\n", "module=/a|/a;module=/b|the  name;module=/a|/a;", CONFIG_END, 3},
	{"resolution=1280x800\n", "resolution=1280x800|1280x800;", CONFIG_END, 1},
	{"resolution=1920x1099\n", "resolution=1920x1099|1920x1099;", CONFIG_END, 1},
	{"resolution=65535x1\n", "resolution=65535x1|65535x1;", CONFIG_END, 1},
	{"verbose=yes\n", "verbose=yes|1;", CONFIG_END, 1},
	{"verbose=no", "verbose=no|0;", CONFIG_END, 1},
	{"crc32c = 1234abCD /k\n", "crc32c=/k|1234abcd;", CONFIG_END, 1},
	{"\ncrc32c=00000000\t\\a  b\ncrc32c=ffffffff /a\ncrc32c=ffffffff /a", "crc32c=\\a  b|00000000;crc32c=/a|ffffffff;crc32c=/a|ffffffff;",
	 CONFIG_END, 4},
	{"sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef /m\n", "sha256=/m|0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef;",
	 CONFIG_END, 1},
	/* The first line may cover what follows. */
	{"crc32c=12345678\nverbose=no\n", "crc32c=|12345678;verbose=no|0;", CONFIG_END, 2},
	{"\xef\xbb\xbf crc32c = 12345678 \r\n", "crc32c=|12345678;", CONFIG_END, 1},
	{"sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "sha256=|0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef;", CONFIG_END, 1},
	{"report = yes\nblackbox=no\n", "report=yes|1;blackbox=no|0;", CONFIG_END, 2},
	{"report=no\nblackbox = yes", "report=no|0;blackbox=yes|1;", CONFIG_END, 2},
	{"report=yes\nreport=yes\n", "report=yes|1;", CONFIG_TWICE, 2},
	{"report=1", "", CONFIG_BAD_VALUE, 1},
	{"blackbox=on", "", CONFIG_BAD_VALUE, 1},
	/* Refused: */
	{"crc32c=12345678\ncrc32c=12345678\n", "crc32c=|12345678;", CONFIG_CHECKSUM_NOT_FIRST, 2},
	{"# comment\ncrc32c=12345678\n", "", CONFIG_CHECKSUM_NOT_FIRST, 2},
	{"\nsha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "", CONFIG_CHECKSUM_NOT_FIRST, 2},
	{"crc32c=1234567\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=123456789\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=1234567 /k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=0x345678 /k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=1234567g /k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=/k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=12345678/k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"crc32c=\n", "", CONFIG_EMPTY_VALUE, 1},
	{"sha256=12345678 /k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0 /k\n", "", CONFIG_BAD_CHECKSUM, 1},
	{"kernel=/k\nkernel\n", "kernel=/k;", CONFIG_NO_EQUALS, 2},
	{"x", "", CONFIG_NO_EQUALS, 1},
	{"kernels=/k", "", CONFIG_UNKNOWN_KEY, 1},
	{"kerne=/k", "", CONFIG_UNKNOWN_KEY, 1},
	{"Kernel=/k", "", CONFIG_UNKNOWN_KEY, 1},
	{"=/k", "", CONFIG_UNKNOWN_KEY, 1},
	{"kernel=/a\ncmdline=x\n\nkernel=/b", "kernel=/a;cmdline=x;", CONFIG_TWICE, 4},
	{"verbose=no\nverbose=no\n", "verbose=no|0;", CONFIG_TWICE, 2},
	{"kernel=", "", CONFIG_EMPTY_VALUE, 1},
	{"cmdline= \t\n", "", CONFIG_EMPTY_VALUE, 1},
	{"module=\n", "", CONFIG_EMPTY_VALUE, 1},
	{"resolution=0x1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1x0", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1x", "", CONFIG_BAD_VALUE, 1},
	{"resolution=x1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1X1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1 x1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1x1x1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=65536x1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=4294967297x1", "", CONFIG_BAD_VALUE, 1},
	{"resolution=1x99999999999999999999", "", CONFIG_BAD_VALUE, 1},
	{"verbose=n", "", CONFIG_BAD_VALUE, 1},
	{"verbose=maybe", "", CONFIG_BAD_VALUE, 1},
	{"verbose=YES", "", CONFIG_BAD_VALUE, 1},
	{"verbose=yess", "", CONFIG_BAD_VALUE, 1},
	{"kernel=/\x01", "", CONFIG_CONTROL_CHARACTER, 1},
	{"kernel=/\x7f", "", CONFIG_CONTROL_CHARACTER, 1},
	{"# \x1b[31m\n", "", CONFIG_CONTROL_CHARACTER, 1},
	{"kernel=/k\r", "", CONFIG_CONTROL_CHARACTER, 1},
	{"kernel=/k\rcmdline=x\n", "", CONFIG_CONTROL_CHARACTER, 1},
	{"\r\r\n", "", CONFIG_CONTROL_CHARACTER, 1},
};

static void every_documented_form_and_every_refusal(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char found[4096], expected[4096];

		describe(cases[i].text, strlen(cases[i].text), found);
		snprintf(expected, sizeof(expected), "%s%d@%u", cases[i].items, (int)cases[i].end, cases[i].line);
		if (strcmp(found, expected) != 0)
			fail_msg("case %zu: \"%s\", not \"%s\"", i, found, expected);
		seen |= 1u << cases[i].end;
	}
	/* LINE_TOO_LONG, PATH_TOO_LONG and BAD_UTF8 have tests of their own. */
	seen |= 1u << CONFIG_OK | 1u << CONFIG_LINE_TOO_LONG | 1u << CONFIG_PATH_TOO_LONG | 1u << CONFIG_BAD_UTF8;
	assert_int_equal(seen, (1u << (CONFIG_CHECKSUM_NOT_FIRST + 1)) - 1);
}

static void nul_is_a_control_character(void **state)
{
	char found[4096];

	(void)state;
	describe("kernel=/k\0x\n", 12, found);
	assert_string_equal(found, "9@1");
	assert_int_equal(CONFIG_CONTROL_CHARACTER, 9);
}

/* `head`, then as many x as make the line `bytes` long, then `tail`. */
static enum config_status status_of(const char *head, size_t bytes, const char *tail, uint32_t *ret_value_bytes)
{
	char text[4096];
	struct config_reader reader;
	struct config_item item = {0};
	enum config_status status;

	memset(text, 'x', sizeof(text));
	memcpy(text, head, strlen(head));
	memcpy(text + bytes, tail, strlen(tail));
	config_begin(&reader, text, bytes + strlen(tail));
	status = config_next(&reader, &item);
	*ret_value_bytes = item.value_bytes;
	return status;
}

static void lines_and_paths_have_limits(void **state)
{
	static const char *const ends[] = {"", "\n", "\r\n"};
	uint32_t bytes;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(status_of("cmdline=", 1024, ends[i], &bytes), CONFIG_OK);
		assert_int_equal(bytes, 1016);
		assert_int_equal(status_of("cmdline=", 1025, ends[i], &bytes), CONFIG_LINE_TOO_LONG);
		assert_int_equal(status_of("cmdline=", 1026, ends[i], &bytes), CONFIG_LINE_TOO_LONG);
		assert_int_equal(status_of("#", 3000, ends[i], &bytes), CONFIG_LINE_TOO_LONG);
		assert_int_equal(status_of("kernel=", 7 + 255, ends[i], &bytes), CONFIG_OK);
		assert_int_equal(bytes, 255);
		assert_int_equal(status_of("kernel=", 7 + 256, ends[i], &bytes), CONFIG_PATH_TOO_LONG);
		assert_int_equal(status_of("cmdline-file=", 13 + 256, ends[i], &bytes), CONFIG_PATH_TOO_LONG);
		assert_int_equal(status_of("module=", 7 + 255, ends[i], &bytes), CONFIG_OK);
		assert_int_equal(status_of("module=", 7 + 256, ends[i], &bytes), CONFIG_PATH_TOO_LONG);
		assert_int_equal(status_of("module=/m ", 10 + 255, ends[i], &bytes), CONFIG_OK);
		assert_int_equal(bytes, 2);
		assert_int_equal(status_of("crc32c=12345678 ", 16 + 255, ends[i], &bytes), CONFIG_OK);
		assert_int_equal(bytes, 255);
		assert_int_equal(status_of("crc32c=12345678 ", 16 + 256, ends[i], &bytes), CONFIG_PATH_TOO_LONG);
		assert_int_equal(status_of("module=/m ", 10 + 256, ends[i], &bytes), CONFIG_PATH_TOO_LONG);
	}
}

/* The definition by ranges of code points. */
static int is_utf8(const uint8_t *s, size_t count)
{
	uint32_t code;

	if (count == 1)
		return s[0] < 0x80;
	for (size_t i = 1; i < count; i++)
		if (s[i] >> 6 != 2)
			return 0;
	if (count == 2)
		return s[0] >> 5 == 6 && (s[0] & 0x1f) >= 2;
	if (count == 3) {
		code = (uint32_t)(s[0] & 0xf) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (uint32_t)(s[2] & 0x3f);
		return s[0] >> 4 == 14 && code >= 0x800 && (code < 0xd800 || code > 0xdfff);
	}
	code = (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 0x3f) << 12 | (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
	return s[0] >> 3 == 30 && code >= 0x10000 && code <= 0x10ffff;
}

static void expect_utf8(const uint8_t *sequence, size_t count)
{
	char text[16] = "cmdline=.";
	struct config_reader reader;
	struct config_item item;

	memcpy(text + 9, sequence, count);
	config_begin(&reader, text, 9 + count);
	assert_int_equal(config_next(&reader, &item), is_utf8(sequence, count) ? CONFIG_OK : CONFIG_BAD_UTF8);
}

/* Every first and second byte, with continuation bytes at the edges of their range. */
static void utf8_is_checked_to_the_letter(void **state)
{
	uint8_t s[4];

	(void)state;
	for (int a = 0x80; a < 256; a++) {
		s[0] = (uint8_t)a;
		expect_utf8(s, 1);
		for (int b = 0x80; b < 0xc1; b++) {
			s[1] = (uint8_t)b;
			for (int c = 0x7f; c < 0xc1; c += 0x40) {
				s[2] = s[3] = (uint8_t)(c < 0x80 ? 0x80 : c);
				if (a >= 0xc0)
					expect_utf8(s, a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4);
				s[2] = s[3] = (uint8_t)c;
				if (a >= 0xe0)
					expect_utf8(s, a < 0xf0 ? 3 : 4);
			}
		}
	}
}

static void item_is_untouched_on_failure(void **state)
{
	struct config_reader reader;
	struct config_item item, before;

	(void)state;
	memset(&item, 0x5a, sizeof(item));
	memcpy(&before, &item, sizeof(item));
	config_begin(&reader, "resolution=7xz", 14);
	assert_int_equal(config_next(&reader, &item), CONFIG_BAD_VALUE);
	assert_memory_equal(&item, &before, sizeof(item));
}

static void expect_option(const char *cmdline, const char *word, const char *value)
{
	uint32_t bytes = 77;
	const char *found = config_option(cmdline, word, &bytes);

	if (!value) {
		assert_null(found);
		assert_int_equal(bytes, 77);
		return;
	}
	assert_non_null(found);
	assert_int_equal(bytes, strlen(value));
	assert_memory_equal(found, value, bytes);
	assert_ptr_equal(config_option(cmdline, word, NULL), found);
}

static void command_line_words_are_found(void **state)
{
	(void)state;
	expect_option(NULL, "exit", NULL);
	expect_option("", "exit", NULL);
	expect_option("  \t ", "exit", NULL);
	expect_option("exit", "exit", "");
	expect_option("exit=", "exit", "");
	expect_option("exit=qemu", "exit", "qemu");
	expect_option(" a\texit=qemu b", "exit", "qemu");
	expect_option("dump exit", "exit", "");
	expect_option("dump exit more", "dump", "");
	expect_option("dump exit more", "more", "");
	expect_option("exits=1 exi=2 xexit=3", "exit", NULL);
	expect_option("a=exit=b", "exit", NULL);
	expect_option("a=b=c", "a", "b=c");
	expect_option("exit=1 exit=2", "exit", "1");
	expect_option("=x", "exit", NULL);
	assert_string_equal(config_option("x exit y", "exit", NULL), "");
}

static void a_first_line_covers_what_follows_its_end(void **state)
{
	const char text[] = "crc32c = 12345678\r\nverbose = yes\n";
	struct config_reader reader;
	struct config_item item;

	(void)state;
	config_begin(&reader, text, strlen(text));
	assert_int_equal(config_next(&reader, &item), CONFIG_OK);
	assert_int_equal(item.value_bytes, 0);
	assert_ptr_equal(reader.text + reader.offset, strchr(text, '\n') + 1);
	assert_int_equal(config_digest_bytes(item.key), 4);
	assert_int_equal(config_digest_bytes(CONFIG_SHA256), 32);
	assert_int_equal(config_digest_bytes(CONFIG_KERNEL), 0);
}

static void paths_are_compared_as_fat_does(void **state)
{
	static const struct {
		const char *a, *b;
		int same;
	} paths[] = {
		{"", "", 1}, {"/a", "\\A", 1}, {"/baton/Kernel.elf", "\\BATON\\KERNEL.ELF", 1},
		{"/a", "/ab", 0}, {"/ab", "/a", 0}, {"/a", "/b", 0}, {"/@", "/`", 0}, {"/[", "/{", 0}, {"a", "", 0}, {"\\a", "|a", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(config_same_path(paths[i].a, strlen(paths[i].a), paths[i].b, strlen(paths[i].b)), paths[i].same);
}

static void names_for_all(void **state)
{
	(void)state;
	for (int status = CONFIG_OK; status <= CONFIG_CHECKSUM_NOT_FIRST; status++)
		assert_string_not_equal(config_status_name((enum config_status)status), "unknown");
	assert_string_equal(config_status_name((enum config_status)(CONFIG_CHECKSUM_NOT_FIRST + 1)), "unknown");
	assert_string_equal(config_key_name(CONFIG_CMDLINE_FILE), "cmdline-file");
	assert_string_equal(config_key_name(CONFIG_KEY_COUNT), "unknown key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_documented_form_and_every_refusal),
		cmocka_unit_test(nul_is_a_control_character),
		cmocka_unit_test(lines_and_paths_have_limits),
		cmocka_unit_test(utf8_is_checked_to_the_letter),
		cmocka_unit_test(item_is_untouched_on_failure),
		cmocka_unit_test(command_line_words_are_found),
		cmocka_unit_test(a_first_line_covers_what_follows_its_end),
		cmocka_unit_test(paths_are_compared_as_fat_does),
		cmocka_unit_test(names_for_all),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
