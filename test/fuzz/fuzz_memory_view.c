/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw maps from anywhere as text: the first byte is the stride, the rest the map.  No line may be too long for its screen. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/memory_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void judge(void *context, const char *line)
{
	uint64_t *lines = context;

	if (strlen(line) >= MEMORY_VIEW_LINE_MAX)
		abort();
	++*lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct memory_view view = {.raw = data + 1, .raw_bytes = bytes > 0 ? bytes - 1 : 0, .descriptor_bytes = bytes > 0 ? data[0] : 0};
	uint64_t lines = 0, count = memory_view_count(&view), covered[MEMORY_VIEW_TYPES], start = 0;
	const struct memory_view_sink sink = {judge, &lines};
	char line[MEMORY_VIEW_FILE_LINE_MAX];

	memory_view_rows(&view, &sink);
	if (lines != count + 1)
		abort();
	memory_view_summary(&view, &sink);
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(&view, i);

		memory_view_file_row(line, i, &descriptor);
		start = descriptor.physical_start;
	}
	memory_view_overlap(&view, start, UINT64_MAX, covered);
	/* What may be read from there on is described from there on. */
	if (memory_view_readable(&view, start) > UINT64_MAX - start)
		abort();
	return 0;
}
