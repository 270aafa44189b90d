/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of text in pool memory, so that a person can go back and forth in them. */
#ifndef LOADER_MEMMAP_DOCUMENT_H
#define LOADER_MEMMAP_DOCUMENT_H

#include <efi.h>
#include <stdint.h>
#include "lib/memory_view.h"

struct document {
	EFI_BOOT_SERVICES *services;
	char (*lines)[MEMORY_VIEW_LINE_MAX]; /* pool memory */
	uint64_t count;
	uint64_t capacity;
	uint64_t lost;                       /* lines for which there was no memory */
};

void document_begin(struct document *document, EFI_BOOT_SERVICES *services);
/* Adds a line, cut to what a console of 80 columns shows; fits struct memory_view_sink. */
void document_line(void *document, const char *line);
/* Gives the memory back and empties it. */
void document_free(struct document *document);

#endif
