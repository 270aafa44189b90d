/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A document on a text console (UEFI 2.10 §12.3, §12.4): its lines in a window, the last line of the screen says where one is.
 * RULES: only before exit; the console is any size from 80x25 up or unknown, and may be a serial terminal: no colours, no
 * cursor games beyond "home", lines of at most 79 characters, so that none is broken.
 */
#include "lib/format.h"
#include "lib/pager.h"
#include "loader/boot.h"
#include "loader/memmap/console.h"

enum { ROWS_DEFAULT = 25, BLANKS = MEMORY_VIEW_LINE_MAX - 1 };

static uint64_t window_height(const struct boot *boot)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *console = boot->console;
	UINTN columns = 0, rows = 0;

	if (console->Mode == NULL || console->Mode->Mode < 0 ||
	    EFI_ERROR(console->QueryMode(console, (UINTN)console->Mode->Mode, &columns, &rows)) || rows < 3)
		rows = ROWS_DEFAULT;
	return rows - 1;
}

/* A line filled up with blanks, so that it covers what stood there. */
static void put_line(const struct boot *boot, const char *line, int is_last)
{
	CHAR16 wide[BLANKS + 3];
	uint32_t count = 0;

	for (; count < BLANKS && *line != '\0'; line++)
		wide[count++] = (unsigned char)*line < 0x80 ? (CHAR16)*line : L'?';
	while (count < BLANKS)
		wide[count++] = L' ';
	/* A line end on the last row would scroll. */
	if (!is_last) {
		wide[count++] = L'\r';
		wide[count++] = L'\n';
	}
	wide[count] = 0;
	boot->console->OutputString(boot->console, wide);
}

static void draw(const struct boot *boot, const struct document *document, const struct pager *pager, const char *help)
{
	char status[MEMORY_VIEW_LINE_MAX];
	uint64_t end = pager_end(pager);

	boot->console->SetCursorPosition(boot->console, 0, 0);
	for (uint64_t i = pager->top; i < pager->top + pager->height; i++)
		put_line(boot, i < end ? document->lines[i] : "", 0);
	format(status, sizeof(status), "-- %lu-%lu of %lu%s -- %s", (unsigned long)(end > 0 ? pager->top + 1 : 0), (unsigned long)end,
	       (unsigned long)document->count, document->lost > 0 ? ", the rest found no memory" : "", help);
	put_line(boot, status, 1);
}

/* 1 when the key moves in the text. */
static int moves(const EFI_INPUT_KEY *key, enum pager_key *ret_move)
{
	switch (key->ScanCode) {
	case SCAN_UP:
		*ret_move = PAGER_LINE_UP;
		return 1;
	case SCAN_DOWN:
		*ret_move = PAGER_LINE_DOWN;
		return 1;
	case SCAN_PAGE_UP:
		*ret_move = PAGER_PAGE_UP;
		return 1;
	case SCAN_PAGE_DOWN:
		*ret_move = PAGER_PAGE_DOWN;
		return 1;
	case SCAN_HOME:
		*ret_move = PAGER_HOME;
		return 1;
	case SCAN_END:
		*ret_move = PAGER_END;
		return 1;
	default:
		/* Serial terminals differ in the keys that they can send; a blank they all have. */
		*ret_move = PAGER_PAGE_DOWN;
		return key->UnicodeChar == L' ';
	}
}

static EFI_STATUS wait_for_key(const struct boot *boot, EFI_INPUT_KEY *ret_key)
{
	SIMPLE_INPUT_INTERFACE *keyboard = boot->system->ConIn;
	EFI_STATUS status;
	UINTN index;

	/* The event may be signalled for a key that is none by itself (shift): then there is no stroke to read. */
	do {
		status = boot->services->WaitForEvent(1, &keyboard->WaitForKey, &index);
		if (!EFI_ERROR(status))
			status = keyboard->ReadKeyStroke(keyboard, ret_key);
	} while (status == EFI_NOT_READY);
	return status;
}

int console_can_show(const struct boot *boot)
{
	return boot->console != NULL && boot->console->SetCursorPosition != NULL && boot->system->ConIn != NULL;
}

/* The key as one of the letters; 0 for any other key. */
static char letter_of(const EFI_INPUT_KEY *key, const char *letters)
{
	for (; *letters != '\0'; letters++)
		if (key->UnicodeChar == (CHAR16)*letters || key->UnicodeChar == (CHAR16)(*letters - 'a' + 'A'))
			return *letters;
	return '\0';
}

char console_show(struct boot *boot, const struct document *document, const char *help, const char *letters)
{
	EFI_INPUT_KEY key = { 0, 0 };
	enum pager_key move;
	struct pager pager;
	char letter = '\0';

	pager_begin(&pager, document->count, window_height(boot));
	boot->console->ClearScreen(boot->console);
	draw(boot, document, &pager, help);
	while (letter == '\0') {
		if (EFI_ERROR(wait_for_key(boot, &key)) || key.ScanCode == SCAN_ESC)
			return 'q';
		if (moves(&key, &move) && pager_move(&pager, move))
			draw(boot, document, &pager, help);
		letter = letter_of(&key, letters);
	}
	return letter;
}

void console_leave(struct boot *boot)
{
	boot->console->ClearScreen(boot->console);
}
