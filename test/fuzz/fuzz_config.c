/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as \baton\baton.conf: every item lies inside the text and keeps its limits; and as a command line. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* Is [text, text + count) a part of the input without line ends? */
static void require_inside(const uint8_t *data, size_t bytes, const char *text, uint32_t count)
{
	uint64_t offset = (uint64_t)((const uint8_t *)text - data);

	require(offset <= bytes && count <= bytes - offset && count <= CONFIG_LINE_MAX);
	require(memchr(text, '\n', count) == NULL && memchr(text, '\0', count) == NULL);
}

static void require_item(const uint8_t *data, size_t bytes, const struct config_item *item)
{
	require((uint32_t)item->key < CONFIG_KEY_COUNT);
	require(item->value_bytes > 0 || config_digest_bytes(item->key) > 0);
	require_inside(data, bytes, item->value, item->value_bytes);
	if (item->key == CONFIG_MODULE)
		require_inside(data, bytes, item->name, item->name_bytes);
	if (item->key == CONFIG_MODULE || item->key == CONFIG_KERNEL || item->key == CONFIG_CMDLINE_FILE ||
	    config_digest_bytes(item->key) > 0)
		require(item->value_bytes < CONFIG_PATH_MAX && item->name_bytes < CONFIG_PATH_MAX);
	require((item->key == CONFIG_RESOLUTION) == (item->width > 0 && item->height > 0));
	require(item->width <= 65535 && item->height <= 65535 && item->yes <= 1);
}

static void read_config(const uint8_t *data, size_t bytes)
{
	struct config_reader reader;
	struct config_item item;
	enum config_status status;
	uint32_t line = 0, seen[CONFIG_KEY_COUNT] = {0};

	config_begin(&reader, data, bytes);
	while ((status = config_next(&reader, &item)) == CONFIG_OK) {
		require_item(data, bytes, &item);
		require(reader.line > line);
		line = reader.line;
		require(++seen[item.key] == 1 || item.key == CONFIG_MODULE || config_digest_bytes(item.key) > 0);
		require(item.value_bytes > 0 || line == 1);
	}
	require(status >= CONFIG_END && status <= CONFIG_CHECKSUM_NOT_FIRST);
	require(config_next(&reader, &item) == CONFIG_END);
}

static void read_command_line(const uint8_t *data, size_t bytes)
{
	char *cmdline = malloc(bytes + 1);
	uint32_t value_bytes = 0;
	const char *value;

	memcpy(cmdline, data, bytes);
	cmdline[bytes] = '\0';
	value = config_option(cmdline, "exit", &value_bytes);
	if (value && value_bytes > 0)
		require(value > cmdline && value + value_bytes <= cmdline + strlen(cmdline) && value[-1] == '=');
	free(cmdline);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	read_config(data, bytes);
	read_command_line(data, bytes);
	return 0;
}
