/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a document on the firmware's console, with keys to scroll. */
#ifndef LOADER_MEMMAP_CONSOLE_H
#define LOADER_MEMMAP_CONSOLE_H

#include <efi.h>
#include "loader/memmap/document.h"

struct boot;

/* 1 when there are a screen and a keyboard to read a document with. */
int console_can_show(const struct boot *boot);
/*
 * Shows the document from its beginning: arrow keys, page up and down, space, home and end move in it.  Returns when one of
 * the lower-case letters in `letters` is pressed: that letter; 'q' for escape, and when the console fails.  `help` says on the
 * screen which keys there are.
 */
char console_show(struct boot *boot, const struct document *document, const char *help, const char *letters);
/* Clears the screen, as it was given to us. */
void console_leave(struct boot *boot);

#endif
