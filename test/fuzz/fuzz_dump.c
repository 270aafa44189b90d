/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a serial capture; and any bytes dumped and read back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/dump.h"

enum { CAPACITY = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void read_capture(const uint8_t *data, size_t bytes)
{
	uint8_t *block = malloc(CAPACITY);
	struct dump_reader reader = {block, CAPACITY, 0};

	for (size_t begin = 0; begin < bytes;) {
		const uint8_t *end = memchr(data + begin, '\n', bytes - begin);
		size_t count = end ? (size_t)(end - data) - begin + 1 : bytes - begin;
		uint64_t before = reader.bytes;
		enum dump_status status = dump_read(&reader, (const char *)data + begin, count);

		require(reader.bytes <= CAPACITY);
		require(status == DUMP_OK ? reader.bytes > 0 : reader.bytes == before);
		begin += count;
	}
	free(block);
}

static void write_and_read_back(const uint8_t *data, size_t bytes)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	struct dump_reader reader = {copy, bytes, 0};
	char text[DUMP_TEXT_MAX];

	for (uint64_t offset = 0; offset < bytes;) {
		offset = dump_line(text, data, bytes, offset);
		require(dump_read(&reader, text, strlen(text)) == DUMP_OK);
	}
	dump_end(text, data, bytes);
	require(dump_read(&reader, text, strlen(text)) == DUMP_COMPLETE);
	require(reader.bytes == bytes && memcmp(copy, data, bytes) == 0);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	read_capture(data, bytes);
	write_and_read_back(data, bytes);
	return 0;
}
