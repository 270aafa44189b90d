/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing whole files on the host.  Anything that can be read to its end will do: files, pipes, standard
 * input. Rules here: one message to stderr for each failure, with the name and the reason.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/baton/file.h"

/* More than any kernel or dump; keeps /dev/zero from eating the memory. */
#define BYTES_MAX (UINT64_C(1) << 32)

static int complain(const char *name, const char *reason)
{
	fprintf(stderr, "baton: %s: %s\n", name, reason);
	return -1;
}

static int grow(struct file *file, uint64_t *capacity)
{
	uint64_t wanted = *capacity ? 2 * *capacity : 1 << 16;
	uint8_t *bytes = wanted > BYTES_MAX ? NULL : realloc(file->bytes, wanted);

	if (!bytes)
		return complain(file->name, "too large");
	file->bytes = bytes;
	*capacity = wanted;
	return 0;
}

static int read_stream(FILE *stream, struct file *file)
{
	uint64_t capacity = 0;

	for (;;) {
		size_t count;

		if (file->count == capacity && grow(file, &capacity) < 0)
			return -1;
		count = fread(file->bytes + file->count, 1, capacity - file->count, stream);
		if (count == 0)
			return ferror(stream) ? complain(file->name, strerror(errno)) : 0;
		file->count += count;
	}
}

int file_read(const char *path, struct file *ret_file)
{
	int is_stdin = strcmp(path, "-") == 0;
	struct file file = {.name = is_stdin ? "standard input" : path};
	FILE *stream = is_stdin ? stdin : fopen(path, "rb");
	int result;

	if (!stream)
		return complain(path, strerror(errno));
	result = read_stream(stream, &file);
	if (!is_stdin)
		fclose(stream);
	if (result < 0)
		free(file.bytes);
	else
		*ret_file = file;
	return result;
}

int file_write(const char *path, const void *bytes, uint64_t count)
{
	int is_stdout = strcmp(path, "-") == 0;
	FILE *stream = is_stdout ? stdout : fopen(path, "wb");
	int failed;

	if (!stream)
		return complain(path, strerror(errno));
	failed = fwrite(bytes, 1, count, stream) != count;
	/* What the file system could not take may show only now. */
	failed |= is_stdout ? fflush(stream) : fclose(stream);
	return failed ? complain(path, strerror(errno)) : 0;
}

void file_free(struct file *file)
{
	free(file->bytes);
	*file = (struct file){0};
}
