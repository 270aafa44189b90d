/* SPDX-License-Identifier: BSD-2-Clause */
/* `baton map convert`: the descriptors of any input in the corpus format of test/maps, or as binary descriptors of 48 bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/memory_view.h"
#include "tools/baton/baton.h"
#include "tools/baton/file.h"
#include "tools/baton/map.h"

enum { BINARY_STRIDE = 48 }; /* what most firmware uses */

static void print_corpus(FILE *to, const struct map_source *source)
{
	fprintf(to, "# machine: \n# source: %s\n# form: %s\n# status: %s\n", source->name, source->form,
		source->problem_count ? "truncated" : "complete");
	for (uint64_t i = 0; i < source->problem_count; i++)
		fprintf(to, "# odd: line %lu: %s\n", source->problems[i].line, source->problems[i].text);
	for (uint64_t i = 0; i < map_source_count(source); i++) {
		struct handoff_raw_descriptor descriptor = map_source_descriptor(source, i);
		char line[MEMORY_VIEW_FILE_LINE_MAX];

		memory_view_file_row(line, i, &descriptor);
		fprintf(to, "%s\n", line);
	}
}

static void print_binary(FILE *to, const struct map_source *source)
{
	for (uint64_t i = 0; i < map_source_count(source); i++) {
		struct handoff_raw_descriptor descriptor = map_source_descriptor(source, i);
		uint8_t bytes[BINARY_STRIDE] = {0};

		memcpy(bytes, &descriptor, sizeof(descriptor));
		fwrite(bytes, 1, sizeof(bytes), to);
	}
}

int map_convert(const struct map_options *options)
{
	struct map_source source;
	char *bytes = NULL;
	size_t count;
	FILE *to;
	int result;

	if (map_source_read(options->files[0], options, &source) < 0)
		return BATON_UNUSABLE;
	to = open_memstream(&bytes, &count);
	if (options->to_raw)
		print_binary(to, &source);
	else
		print_corpus(to, &source);
	fclose(to);
	map_source_complain(&source);
	result = file_write(options->output ? options->output : "-", bytes, count);
	free(bytes);
	map_source_free(&source);
	return result < 0 ? BATON_UNUSABLE : BATON_FINE;
}
