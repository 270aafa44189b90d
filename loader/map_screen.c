/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map on the loader's screen.  RULES: without the key this costs the looks at the keyboard that find nothing, no
 * memory and no output; all that was taken is given back before the boot goes on.
 */
#include "loader/boot.h"
#include "loader/console.h"
#include "loader/log.h"
#include "loader/map_read.h"
#include "loader/map_screen.h"

/* Keys that were pressed before; a key that is held down repeats. */
enum { STROKES_MAX = 32 };

static int asked(struct boot *boot)
{
	SIMPLE_INPUT_INTERFACE *keyboard = boot->system->ConIn;
	EFI_INPUT_KEY key = { 0, 0 };

	if (!console_can_show(boot))
		return 0;
	for (uint32_t i = 0; i < STROKES_MAX && keyboard->ReadKeyStroke(keyboard, &key) == EFI_SUCCESS; i++)
		if (key.UnicodeChar == L'm' || key.UnicodeChar == L'M')
			return 1;
	return 0;
}

void map_screen_if_asked(struct boot *boot)
{
	struct map_snapshot snapshot = { 0 };
	struct document document;
	const struct memory_view_sink sink = { document_line, &document };

	EFI_STATUS status;

	if (!asked(boot))
		return;
	status = map_snapshot_take(boot, &snapshot);
	if (EFI_ERROR(status)) {
		log_error(boot, status, "the memory map cannot be read, so it is not shown");
		return;
	}
	document_begin(&document, boot->services);
	memory_view_rows(&snapshot.view, &sink);
	document_line(&document, "");
	memory_view_summary(&snapshot.view, &sink);
	console_show(boot, &document, "arrows, page up/down, home, end; q: boot", "q");
	console_leave(boot);
	document_free(&document);
	map_snapshot_free(boot, &snapshot);
}
