/* SPDX-License-Identifier: BSD-2-Clause */
/* Dumps: what is written is read back; no damage passes unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/dump.h"

enum { BYTES = 100, LINES = 5 }; /* four lines of bytes and the end */

struct dump {
	uint8_t data[BYTES];
	char lines[LINES][DUMP_TEXT_MAX];
};

static void make_dump(struct dump *dump)
{
	uint64_t offset = 0;
	int line = 0;

	for (int i = 0; i < BYTES; i++)
		dump->data[i] = (uint8_t)(i * 7 + 3);
	for (; offset < BYTES; line++)
		offset = dump_line(dump->lines[line], dump->data, BYTES, offset);
	assert_int_equal(offset, BYTES);
	assert_int_equal(line, LINES - 1);
	dump_end(dump->lines[line], dump->data, BYTES);
}

static enum dump_status read_text(struct dump_reader *reader, const char *text)
{
	/* A copy without NUL: reading behind it would be seen. */
	size_t bytes = strlen(text);
	char *copy = malloc(bytes ? bytes : 1);
	enum dump_status status;

	memcpy(copy, text, bytes);
	status = dump_read(reader, copy, bytes);
	free(copy);
	return status;
}

static void lines_look_as_documented(void **state)
{
	const uint8_t data[34] = {0xde, 0xad, [31] = 1, 0xbe, 0xef};
	char text[DUMP_TEXT_MAX];

	(void)state;
	assert_int_equal(dump_line(text, data, 34, 0), 32);
	assert_int_equal(strlen(text), 98);
	assert_memory_equal(text, "baton: dump 00000000 dead0000", 29);
	assert_int_equal(dump_line(text, data, 34, 32), 34);
	assert_memory_equal(text, "baton: dump 00000020 beef crc=", 30);
	assert_int_equal(strlen(text), 38);
	assert_int_equal(dump_line(text, data, 34, 34), 34);
	assert_string_equal(text, "");
	dump_end(text, "123456789", 9);
	assert_string_equal(text, "baton: dump end bytes=9 crc=e3069283");
}

static void what_is_written_is_read_back(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];
	struct dump_reader reader = {data, BYTES, 0};

	(void)state;
	make_dump(&dump);
	for (int i = 0; i < LINES - 1; i++)
		assert_int_equal(read_text(&reader, dump.lines[i]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[LINES - 1]), DUMP_COMPLETE);
	assert_int_equal(reader.bytes, BYTES);
	assert_memory_equal(data, dump.data, BYTES);
}

static void an_empty_dump_is_complete(void **state)
{
	struct dump_reader reader = {0};
	char text[DUMP_TEXT_MAX];

	(void)state;
	dump_end(text, NULL, 0);
	assert_int_equal(read_text(&reader, text), DUMP_COMPLETE);
}

static void surroundings_and_other_lines_do_not_matter(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];
	struct dump_reader reader = {data, BYTES, 0};
	char text[2 * DUMP_TEXT_MAX];

	(void)state;
	make_dump(&dump);
	for (int i = 0; i < LINES; i++) {
		snprintf(text, sizeof(text), "[%5d.000000] host: %s \r\n", i, dump.lines[i]);
		assert_int_equal(read_text(&reader, text), i < LINES - 1 ? DUMP_OK : DUMP_COMPLETE);
		assert_int_equal(read_text(&reader, ""), DUMP_OTHER);
		assert_int_equal(read_text(&reader, "baton: verdict pass"), DUMP_OTHER);
		assert_int_equal(read_text(&reader, "baton: dump"), DUMP_OTHER);
	}
	assert_memory_equal(data, dump.data, BYTES);
}

static void to_upper(char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (text[i] >= 'a' && text[i] <= 'f')
			text[i] = (char)(text[i] - 'a' + 'A');
}

static void digits_may_be_upper_case(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];
	struct dump_reader reader = {data, BYTES, 0};

	(void)state;
	make_dump(&dump);
	for (int i = 0; i < LINES; i++) {
		char *crc = strstr(dump.lines[i], " crc=");

		to_upper(crc + 5, 8);
		if (i < LINES - 1) /* behind "baton: dump 00000000 " */
			to_upper(dump.lines[i] + 21, (size_t)(crc - dump.lines[i]) - 21);
		assert_int_equal(read_text(&reader, dump.lines[i]), i < LINES - 1 ? DUMP_OK : DUMP_COMPLETE);
	}
	assert_memory_equal(data, dump.data, BYTES);
}

static void a_buffer_of_the_exact_size_will_do(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];
	struct dump_reader reader = {data, 32, 0};

	(void)state;
	make_dump(&dump);
	assert_int_equal(read_text(&reader, dump.lines[0]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[1]), DUMP_TOO_LARGE);
}

static void a_second_boot_starts_anew(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];
	struct dump_reader reader = {data, BYTES, 0};

	(void)state;
	make_dump(&dump);
	assert_int_equal(read_text(&reader, dump.lines[0]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[1]), DUMP_OK);
	for (int i = 0; i < LINES; i++)
		assert_int_equal(read_text(&reader, dump.lines[i]), i < LINES - 1 ? DUMP_OK : DUMP_COMPLETE);
}

static void missing_and_doubled_lines_are_found(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];
	struct dump_reader reader = {data, BYTES, 0};

	(void)state;
	make_dump(&dump);
	assert_int_equal(read_text(&reader, dump.lines[1]), DUMP_GAP);
	assert_int_equal(read_text(&reader, dump.lines[0]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[2]), DUMP_GAP);
	assert_int_equal(read_text(&reader, dump.lines[1]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[1]), DUMP_GAP);
	assert_int_equal(reader.bytes, 64);
	assert_int_equal(read_text(&reader, dump.lines[4]), DUMP_BAD_END);
	assert_int_equal(read_text(&reader, dump.lines[2]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[4]), DUMP_BAD_END);
	assert_int_equal(read_text(&reader, dump.lines[3]), DUMP_OK);
	data[50] ^= 1;
	assert_int_equal(read_text(&reader, dump.lines[4]), DUMP_BAD_END);
}

static void more_than_the_buffer_holds_is_refused(void **state)
{
	struct dump dump;
	uint8_t data[BYTES - 1];
	struct dump_reader reader = {data, sizeof(data), 0};

	(void)state;
	make_dump(&dump);
	for (int i = 0; i < 3; i++)
		assert_int_equal(read_text(&reader, dump.lines[i]), DUMP_OK);
	assert_int_equal(read_text(&reader, dump.lines[3]), DUMP_TOO_LARGE);
	reader = (struct dump_reader){data, 31, 0};
	assert_int_equal(read_text(&reader, dump.lines[0]), DUMP_TOO_LARGE);
	assert_int_equal(reader.bytes, 0);
}

/* Any one character of a line replaced by any other: never taken for a good line with other bytes. */
static void any_damaged_character_is_found(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];

	(void)state;
	make_dump(&dump);
	for (int i = 0; i < LINES; i += LINES - 2) {
		for (size_t at = 0; at < strlen(dump.lines[i]); at++) {
			for (int c = 1; c < 256; c++) {
				struct dump_reader reader = {data, BYTES, i == 0 ? 0 : 96};
				char text[DUMP_TEXT_MAX];
				enum dump_status status;

				strcpy(text, dump.lines[i]);
				text[at] = (char)c;
				status = read_text(&reader, text);
				if (status == DUMP_OK)
					assert_memory_equal(data + (i == 0 ? 0 : 96), dump.data + (i == 0 ? 0 : 96),
							    i == 0 ? 32 : 4);
				else
					assert_int_equal(reader.bytes, i == 0 ? 0 : 96);
			}
		}
	}
}

/* A line whose checksum begins with zeros: without its last digits it must not pass as a smaller number. */
static void short_checksums_are_not_numbers(void **state)
{
	uint8_t data[4], taken[4];
	struct dump_reader reader = {taken, sizeof(taken), 0};
	char text[DUMP_TEXT_MAX], *crc = NULL;

	(void)state;
	for (uint32_t i = 0; i < 100000 && !crc; i++) {
		memcpy(data, &i, sizeof(data));
		dump_line(text, data, sizeof(data), 0);
		crc = strstr(text, " crc=000");
	}
	assert_non_null(crc);
	memmove(crc + 5, crc + 8, 6);
	strcat(text, "   ");
	assert_int_equal(read_text(&reader, text), DUMP_BAD_LINE);
}

static void lost_characters_are_found(void **state)
{
	struct dump dump;
	uint8_t data[BYTES];

	(void)state;
	make_dump(&dump);
	for (size_t at = 0; at < strlen(dump.lines[0]); at++) {
		struct dump_reader reader = {data, BYTES, 0};
		char text[DUMP_TEXT_MAX];

		/* One lost in the middle, then all from there on. */
		snprintf(text, sizeof(text), "%.*s%s", (int)at, dump.lines[0], dump.lines[0] + at + 1);
		if (read_text(&reader, text) == DUMP_OK) /* a digit 0 of the offset says nothing */
			assert_memory_equal(data, dump.data, 32);
		reader.bytes = 0;
		text[at] = '\0';
		assert_int_not_equal(read_text(&reader, text), DUMP_OK);
		assert_int_equal(reader.bytes, 0);
	}
}

static void malformed_lines_are_found(void **state)
{
	static const char *const lines[] = {
		"baton: dump ",
		"baton: dump xyz",
		"baton: dump 0",
		"baton: dump 0 ",
		"baton: dump 0  crc=00000000",
		"baton: dump 00000000 0 crc=00000000",
		"baton: dump 00000000 0g crc=00000000",
		"baton: dump 00000000 00",
		"baton: dump 00000000 00 crc=",
		"baton: dump 00000000 00 crc=123",
		"baton: dump 00000000 00 crc=12345678x",
		"baton: dump end",
		"baton: dump end ",
		"baton: dump end bytes=",
		"baton: dump end bytes=0",
		"baton: dump end bytes= crc=00000000",
		"baton: dump end bytes=0 crc=0000000",
		"baton: dump end bytes=0 crc=000000000",
		"baton: dump end bytes=-1 crc=00000000",
		"baton: dump end bytes=18446744073709551616 crc=00000000",
	};
	struct dump_reader reader = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (read_text(&reader, lines[i]) != DUMP_BAD_LINE)
			fail_msg("taken: \"%s\"", lines[i]);
}

static void a_line_of_too_many_bytes_is_bad(void **state)
{
	uint8_t data[BYTES];
	struct dump_reader reader = {data, BYTES, 0};
	char text[2 * DUMP_TEXT_MAX];
	struct dump dump;

	(void)state;
	make_dump(&dump);
	snprintf(text, sizeof(text), "%.85s00%.100s", dump.lines[0], dump.lines[0] + 85);
	assert_int_equal(read_text(&reader, text), DUMP_BAD_LINE);
}

static void every_status_has_a_name(void **state)
{
	(void)state;
	for (int status = DUMP_OK; status <= DUMP_BAD_END; status++)
		assert_string_not_equal(dump_status_name((enum dump_status)status), "unknown status");
	assert_string_equal(dump_status_name((enum dump_status)(DUMP_BAD_END + 1)), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_look_as_documented),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(an_empty_dump_is_complete),
		cmocka_unit_test(surroundings_and_other_lines_do_not_matter),
		cmocka_unit_test(digits_may_be_upper_case),
		cmocka_unit_test(a_buffer_of_the_exact_size_will_do),
		cmocka_unit_test(a_second_boot_starts_anew),
		cmocka_unit_test(missing_and_doubled_lines_are_found),
		cmocka_unit_test(more_than_the_buffer_holds_is_refused),
		cmocka_unit_test(any_damaged_character_is_found),
		cmocka_unit_test(short_checksums_are_not_numbers),
		cmocka_unit_test(lost_characters_are_found),
		cmocka_unit_test(malformed_lines_are_found),
		cmocka_unit_test(a_line_of_too_many_bytes_is_bad),
		cmocka_unit_test(every_status_has_a_name),
	};

	return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
