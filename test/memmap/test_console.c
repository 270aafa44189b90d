/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a document on a console, played by a small terminal that knows when a line breaks or the screen scrolls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "loader/boot.h"
#include "loader/memmap/console.h"

enum { ROWS = 10, COLUMNS = 80, KEYS_MAX = 16 };

static struct {
	char screen[ROWS][COLUMNS + 1];
	uint32_t row, column;
	uint32_t broken;          /* lines that reached the last column, or a scrolled screen */
	EFI_INPUT_KEY keys[KEYS_MAX];
	uint32_t key_count, next_key;
	uint32_t not_ready;       /* the event is signalled so often without a key */
	UINTN rows;               /* as QueryMode tells */
	uint32_t pools, pools_left;
} terminal;

static SIMPLE_TEXT_OUTPUT_MODE mode;

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *self, CHAR16 *text)
{
	(void)self;
	for (; *text != 0; text++) {
		if (*text == L'\r') {
			terminal.column = 0;
		} else if (*text == L'\n') {
			terminal.broken += ++terminal.row == ROWS;
			terminal.row %= ROWS;
		} else {
			terminal.screen[terminal.row][terminal.column] = (char)*text;
			terminal.broken += ++terminal.column == COLUMNS;
			terminal.column %= COLUMNS;
		}
	}
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI clear(SIMPLE_TEXT_OUTPUT_INTERFACE *self)
{
	(void)self;
	for (uint32_t row = 0; row < ROWS; row++)
		memset(terminal.screen[row], ' ', COLUMNS);
	terminal.row = terminal.column = 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *self, UINTN column, UINTN row)
{
	(void)self;
	terminal.column = (uint32_t)column;
	terminal.row = (uint32_t)row;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI query_mode(SIMPLE_TEXT_OUTPUT_INTERFACE *self, UINTN number, UINTN *columns, UINTN *rows)
{
	(void)self;
	assert_int_equal(number, 0);
	*columns = COLUMNS;
	*rows = terminal.rows;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI wait_for_event(UINTN count, EFI_EVENT *events, UINTN *index)
{
	assert_int_equal(count, 1);
	assert_ptr_equal(events[0], &terminal);
	*index = 0;
	return terminal.next_key < terminal.key_count ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *self, EFI_INPUT_KEY *key)
{
	(void)self;
	if (terminal.not_ready > 0) {
		terminal.not_ready--;
		return EFI_NOT_READY;
	}
	*key = terminal.keys[terminal.next_key++];
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	(void)type;
	if (terminal.pools_left == 0)
		return EFI_OUT_OF_RESOURCES;
	terminal.pools_left--;
	terminal.pools++;
	*buffer = malloc(bytes);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	terminal.pools--;
	free(buffer);
	return EFI_SUCCESS;
}

static SIMPLE_TEXT_OUTPUT_INTERFACE console = {
	.OutputString = output, .ClearScreen = clear, .SetCursorPosition = set_cursor, .QueryMode = query_mode, .Mode = &mode};
static SIMPLE_INPUT_INTERFACE keyboard = {.ReadKeyStroke = read_key, .WaitForKey = &terminal};
static EFI_SYSTEM_TABLE system_table = {.ConIn = &keyboard};
static EFI_BOOT_SERVICES services = {.WaitForEvent = wait_for_event, .AllocatePool = allocate_pool, .FreePool = free_pool};
static struct boot boot = {.system = &system_table, .services = &services, .console = &console};
static struct document document;

static int reset(void **state)
{
	(void)state;
	memset(&terminal, 0, sizeof(terminal));
	terminal.rows = ROWS;
	terminal.pools_left = 100;
	mode = (SIMPLE_TEXT_OUTPUT_MODE){.MaxMode = 1};
	system_table.ConIn = &keyboard;
	boot.console = &console;
	document_begin(&document, &services);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	document_free(&document);
	assert_int_equal(terminal.pools, 0);
	assert_int_equal(terminal.broken, 0);
	return 0;
}

static void write_lines(uint32_t count)
{
	char line[32];

	for (uint32_t i = 1; i <= count; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		document_line(&document, line);
	}
}

static void press(UINT16 scan, CHAR16 letter)
{
	terminal.keys[terminal.key_count++] = (EFI_INPUT_KEY){.ScanCode = scan, .UnicodeChar = letter};
}

/* A row of the screen without the blanks at its end. */
static const char *row(uint32_t number)
{
	static char text[COLUMNS + 1];
	uint32_t end = COLUMNS;

	memcpy(text, terminal.screen[number], COLUMNS);
	while (end > 0 && text[end - 1] == ' ')
		end--;
	text[end] = '\0';
	return text;
}

static void test_a_document_larger_than_the_screen(void **state)
{
	(void)state;
	write_lines(20);
	press(0, L'q');
	assert_int_equal(console_show(&boot, &document, "q quit", "q"), 'q');
	assert_string_equal(row(0), "line 1");
	assert_string_equal(row(8), "line 9");
	assert_string_equal(row(9), "-- 1-9 of 20 -- q quit");
}

static void test_a_short_document_leaves_the_rest_blank(void **state)
{
	(void)state;
	write_lines(2);
	press(0, L'q');
	console_show(&boot, &document, "", "q");
	assert_string_equal(row(1), "line 2");
	assert_string_equal(row(2), "");
	assert_string_equal(row(9), "-- 1-2 of 2 --");
}

static void test_keys_that_move(void **state)
{
	static const struct {
		UINT16 scan;
		CHAR16 letter;
		const char *first;
	} keys[] = {{SCAN_DOWN, 0, "line 2"}, {SCAN_PAGE_DOWN, 0, "line 10"}, {SCAN_UP, 0, "line 9"}, {SCAN_PAGE_UP, 0, "line 1"},
		    {0, L' ', "line 9"}, {SCAN_END, 0, "line 32"}, {SCAN_HOME, 0, "line 1"}, {SCAN_F1, 0, "line 1"}, {0, L'x', "line 1"}};

	/* Each row of the table after those before it. */
	for (uint32_t count = 1; count <= sizeof(keys) / sizeof(keys[0]); count++) {
		reset(state);
		write_lines(40);
		for (uint32_t i = 0; i < count; i++)
			press(keys[i].scan, keys[i].letter);
		press(SCAN_ESC, 0);
		assert_int_equal(console_show(&boot, &document, "", "q"), 'q');
		assert_string_equal(row(0), keys[count - 1].first);
		clean(state);
	}
}

static void test_letters(void **state)
{
	(void)state;
	press(0, L'x');
	press(0, L'T');
	assert_int_equal(console_show(&boot, &document, "", "mt"), 't');
	press(0, 0x141); /* no letter, though its low byte is an A */
	press(0, L'm');
	assert_int_equal(console_show(&boot, &document, "", "amt"), 'm');
}

static void test_an_event_without_a_key(void **state)
{
	(void)state;
	terminal.not_ready = 3;
	press(0, L'm');
	assert_int_equal(console_show(&boot, &document, "", "m"), 'm');
	assert_int_equal(terminal.not_ready, 0);
}

static void test_a_keyboard_that_fails_ends_it(void **state)
{
	(void)state;
	assert_int_equal(console_show(&boot, &document, "", "m"), 'q');
}

static void test_a_screen_of_unknown_size(void **state)
{
	(void)state;
	mode.Mode = -1;
	write_lines(3);
	press(0, L'q');
	/* 25 rows are assumed: more than this terminal has, which scrolls. */
	console_show(&boot, &document, "", "q");
	assert_true(terminal.broken > 0);
	terminal.broken = 0;
}

static void test_where_nothing_can_be_shown(void **state)
{
	(void)state;
	assert_int_equal(console_can_show(&boot), 1);
	system_table.ConIn = NULL;
	assert_int_equal(console_can_show(&boot), 0);
	system_table.ConIn = &keyboard;
	boot.console = NULL;
	assert_int_equal(console_can_show(&boot), 0);
}

static void test_a_long_line_is_cut(void **state)
{
	char line[200];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	document_line(&document, line);
	assert_int_equal(strlen(document.lines[0]), 79);
	press(0, L'q');
	console_show(&boot, &document, line, "q");
	assert_int_equal(strlen(row(0)), 79);
	assert_int_equal(strlen(row(9)), 79);
}

static void test_lines_without_memory_are_counted(void **state)
{
	(void)state;
	terminal.pools_left = 2;
	write_lines(256 + 256 + 7);
	assert_int_equal(document.count, 512);
	assert_int_equal(document.lost, 7);
	assert_string_equal(document.lines[511], "line 512");
	press(0, L'q');
	console_show(&boot, &document, "", "q");
	assert_string_equal(row(9), "-- 1-9 of 512, the rest found no memory --");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_document_larger_than_the_screen, reset, clean),
		cmocka_unit_test_setup_teardown(test_a_short_document_leaves_the_rest_blank, reset, clean),
		cmocka_unit_test_setup_teardown(test_keys_that_move, reset, clean),
		cmocka_unit_test_setup_teardown(test_letters, reset, clean),
		cmocka_unit_test_setup_teardown(test_an_event_without_a_key, reset, clean),
		cmocka_unit_test_setup_teardown(test_a_keyboard_that_fails_ends_it, reset, clean),
		cmocka_unit_test_setup_teardown(test_a_screen_of_unknown_size, reset, clean),
		cmocka_unit_test_setup_teardown(test_where_nothing_can_be_shown, reset, clean),
		cmocka_unit_test_setup_teardown(test_a_long_line_is_cut, reset, clean),
		cmocka_unit_test_setup_teardown(test_lines_without_memory_are_counted, reset, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
