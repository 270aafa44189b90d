/* SPDX-License-Identifier: BSD-2-Clause */
/* A growing list of lines.  RULE: without memory lines are counted, not printed: whoever shows the document says so. */
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "loader/memmap/document.h"

enum { FIRST_LINES = 256 };

void document_begin(struct document *document, EFI_BOOT_SERVICES *services)
{
	*document = (struct document){ .services = services };
}

static int grow(struct document *document)
{
	uint64_t capacity = document->capacity ? 2 * document->capacity : FIRST_LINES;
	void *lines = NULL;

	if (EFI_ERROR(document->services->AllocatePool(EfiLoaderData, capacity * sizeof(*document->lines), &lines)) ||
	    lines == NULL)
		return 0;
	if (document->count > 0)
		memcpy(lines, document->lines, document->count * sizeof(*document->lines));
	if (document->lines != NULL)
		document->services->FreePool(document->lines);
	document->lines = lines;
	document->capacity = capacity;
	return 1;
}

void document_line(void *context, const char *line)
{
	struct document *document = context;

	if (document->count == document->capacity && !grow(document)) {
		document->lost++;
		return;
	}
	format(document->lines[document->count++], MEMORY_VIEW_LINE_MAX, "%s", line);
}

void document_free(struct document *document)
{
	if (document->lines != NULL)
		document->services->FreePool(document->lines);
	document_begin(document, document->services);
}
