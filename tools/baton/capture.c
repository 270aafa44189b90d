/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Getting the handoff block off a machine: what came over the serial line, was pasted into a bug report or saved,
 * becomes bytes again.  Rules here: nothing damaged passes as whole; a damaged dump is reported by line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/dump.h"
#include "lib/le.h"
#include "tools/baton/capture.h"
#include "tools/baton/file.h"

struct collector {
	struct dump_reader reader; /* the dump being read */
	uint8_t *complete;         /* the last complete one */
	uint64_t complete_bytes;   /* 0: none */
	uint64_t line;            /* number of the last one taken */
	uint64_t lines;           /* of dumps */
	int unfinished;           /* the dump being read has not ended */
	enum dump_status problem; /* the first one of the dump being read */
	uint64_t problem_line;
	uint64_t problem_bytes;   /* understood before it */
};

static void take_line(struct collector *collector, const char *text, uint64_t bytes)
{
	enum dump_status status = dump_read(&collector->reader, text, bytes);

	collector->line++;
	if (status == DUMP_OTHER)
		return;
	collector->lines++;
	collector->unfinished = status != DUMP_COMPLETE;
	if (status == DUMP_OK) {
		/* The first line of a dump. */
		if (collector->reader.bytes <= DUMP_LINE_BYTES)
			collector->problem = DUMP_OK;
	} else if (status == DUMP_COMPLETE) {
		memcpy(collector->complete, collector->reader.data, collector->reader.bytes);
		collector->complete_bytes = collector->reader.bytes;
	} else if (collector->problem == DUMP_OK) {
		collector->problem = status;
		collector->problem_line = collector->line;
		collector->problem_bytes = collector->reader.bytes;
	}
}

static void take_lines(struct collector *collector, const struct file *file)
{
	const char *text = (const char *)file->bytes, *end = text + file->count;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *next = newline ? newline + 1 : end;

		take_line(collector, text, (uint64_t)(next - text));
		text = next;
	}
}

/* Says why a file is no block, or why only an older part of what it holds is taken. */
static void complain(const struct file *file, const struct collector *collector)
{
	if (collector->lines == 0)
		fprintf(stderr, "baton: %s: neither a handoff block nor a capture with lines \"baton: dump ...\"\n",
			file->name);
	else if (collector->problem != DUMP_OK)
		fprintf(stderr, "baton: %s: line %lu: %s; %lu bytes were understood before it\n", file->name,
			collector->problem_line, dump_status_name(collector->problem), collector->problem_bytes);
	else if (collector->unfinished)
		fprintf(stderr, "baton: %s: the dump has no end; %lu bytes were understood up to line %lu\n",
			file->name, collector->reader.bytes, collector->line);
	else if (collector->complete_bytes == 0)
		fprintf(stderr, "baton: %s: the dump is empty\n", file->name);
	if (collector->unfinished && collector->complete_bytes > 0)
		fprintf(stderr, "baton: %s: taking the last complete dump instead\n", file->name);
}

static int collect(const struct file *file, struct capture *ret_capture)
{
	/* A dump is longer as text than as bytes. */
	struct collector collector = {.reader = {malloc(file->count + 1), file->count, 0},
				      .complete = malloc(file->count + 1)};
	int good = 0;

	if (collector.reader.data && collector.complete) {
		take_lines(&collector, file);
		complain(file, &collector);
		good = collector.complete_bytes > 0;
	}
	free(collector.reader.data);
	if (!good) {
		free(collector.complete);
		return -1;
	}
	*ret_capture = (struct capture){file->name, (void *)collector.complete, collector.complete_bytes};
	return 0;
}

int capture_take(struct file *file, struct capture *ret_capture)
{
	int result;

	if (file->count >= sizeof(uint64_t) && le_read64(file->bytes) == HANDOFF_MAGIC) {
		*ret_capture = (struct capture){file->name, (void *)file->bytes, file->count};
		*file = (struct file){0};
		return 0;
	}
	result = collect(file, ret_capture);
	file_free(file);
	return result;
}

int capture_read(const char *path, struct capture *ret_capture)
{
	struct file file;

	return file_read(path, &file) < 0 ? -1 : capture_take(&file, ret_capture);
}

void capture_free(struct capture *capture)
{
	free(capture->block);
	*capture = (struct capture){0};
}
