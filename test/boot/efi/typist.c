/* SPDX-License-Identifier: BSD-2-Clause */
/* See typist.h.  Works by replacing the keyboard in the system table and the function that waits for it. */
#include "test/boot/efi/typist.h"

static struct {
	EFI_SYSTEM_TABLE *table;
	SIMPLE_INPUT_INTERFACE *genuine_keyboard;
	SIMPLE_TEXT_OUTPUT_INTERFACE *genuine_console;
	EFI_WAIT_FOR_EVENT genuine_wait;
	SIMPLE_INPUT_INTERFACE keyboard;
	const CHAR16 *keys; /* what is left to press */
} typist;

static int is_key(CHAR16 key)
{
	return key != 0 && key != L' ';
}

static EFI_INPUT_KEY stroke_of(CHAR16 key)
{
	EFI_INPUT_KEY stroke = { SCAN_NULL, 0 };

	switch (key) {
	case L'U':
		stroke.ScanCode = SCAN_UP;
		break;
	case L'D':
		stroke.ScanCode = SCAN_DOWN;
		break;
	case L'P':
		stroke.ScanCode = SCAN_PAGE_UP;
		break;
	case L'N':
		stroke.ScanCode = SCAN_PAGE_DOWN;
		break;
	case L'H':
		stroke.ScanCode = SCAN_HOME;
		break;
	case L'E':
		stroke.ScanCode = SCAN_END;
		break;
	case L'X':
		stroke.ScanCode = SCAN_ESC;
		break;
	case L'S':
		stroke.UnicodeChar = L' ';
		break;
	default:
		stroke.UnicodeChar = key;
	}
	return stroke;
}

static EFI_STATUS EFIAPI read_key_stroke(SIMPLE_INPUT_INTERFACE *self, EFI_INPUT_KEY *key)
{
	(void)self;
	if (!is_key(*typist.keys))
		return EFI_NOT_READY;
	*key = stroke_of(*typist.keys++);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI wait_for_event(UINTN count, EFI_EVENT *events, UINTN *index)
{
	if (count != 1 || events[0] != typist.keyboard.WaitForKey || !is_key(*typist.keys))
		return typist.genuine_wait(count, events, index);
	*index = 0;
	return EFI_SUCCESS;
}

/* What stands behind the word in the options; NULL when it is not there. */
static const CHAR16 *behind(const CHAR16 *options, const char *word)
{
	for (; *options != 0; options++) {
		UINTN i = 0;

		while (word[i] != '\0' && options[i] == (CHAR16)word[i])
			i++;
		if (word[i] == '\0')
			return options + i;
	}
	return NULL;
}

void typist_start(EFI_SYSTEM_TABLE *table, const CHAR16 *options)
{
	typist.table = table;
	typist.genuine_keyboard = table->ConIn;
	typist.genuine_console = table->ConOut;
	typist.genuine_wait = table->BootServices->WaitForEvent;
	typist.keyboard = *table->ConIn;
	typist.keyboard.ReadKeyStroke = read_key_stroke;
	typist.keys = behind(options, "keys=");
	if (typist.keys != NULL) {
		table->ConIn = &typist.keyboard;
		table->BootServices->WaitForEvent = wait_for_event;
	}
	if (behind(options, "noconsole") != NULL)
		table->ConOut = NULL;
}

void typist_end(void)
{
	typist.table->ConIn = typist.genuine_keyboard;
	typist.table->ConOut = typist.genuine_console;
	typist.table->BootServices->WaitForEvent = typist.genuine_wait;
}
