/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All importers on hostile text.  Whatever is understood, printed in the corpus format, must read back the same.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/memory_import.h"

enum { DESCRIPTORS_MAX = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void print_corpus(FILE *to, const struct memory_import *import)
{
	uint64_t i;

	for (i = 0; i < import->count; i++)
		fprintf(to, "%" PRIu64 " %" PRIu32 " 0x%" PRIx64 " %" PRIu64 " 0x%" PRIx64 "\n", i, import->descriptors[i].type,
			import->descriptors[i].physical_start, import->descriptors[i].number_of_pages,
			import->descriptors[i].attribute);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct handoff_raw_descriptor first[DESCRIPTORS_MAX], second[DESCRIPTORS_MAX];
	struct memory_import import = {.descriptors = first, .capacity = DESCRIPTORS_MAX};
	struct memory_import back = {.descriptors = second, .capacity = DESCRIPTORS_MAX};
	enum memory_import_status status = memory_import_text(&import, data, bytes);
	char *text = NULL;
	size_t text_bytes;
	FILE *to;
	uint64_t i;

	if (import.count > memory_import_lines(data, bytes))
		abort();
	if (status == MEMORY_IMPORT_UNKNOWN && import.count != 0)
		abort();
	to = open_memstream(&text, &text_bytes);
	print_corpus(to, &import);
	fclose(to);
	if (import.count > 0) {
		if (memory_import_text(&back, text, text_bytes) != MEMORY_IMPORT_OK || back.count != import.count ||
		    back.form != MEMORY_IMPORT_CORPUS || back.problem_count != 0)
			abort();
		for (i = 0; i < import.count; i++) {
			first[i].virtual_start = 0; /* FreeBSD prints it, the corpus does not */
			if (memcmp(&first[i], &second[i], sizeof(first[i])) != 0)
				abort();
		}
	}
	free(text);
	return 0;
}
