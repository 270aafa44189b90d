/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading \baton\baton.conf and the words of a command line: early in the boot, before anything is loaded.
 * Rules here: pure; one pass, no recursion, no expansion of anything; the text is hostile even where Secure Boot is on;
 * a file that is not understood in full is not used at all.
 */
#include "lib/config.h"
#include "lib/freestanding/memory.h"
#include "lib/utf8.h"
#include "lib/words.h"

/* A piece of the text. */
struct span {
	const char *text;
	uint64_t bytes;
};

static const char key_names[CONFIG_KEY_COUNT][sizeof("cmdline-file")] = {
	[CONFIG_KERNEL] = "kernel", [CONFIG_CMDLINE] = "cmdline",       [CONFIG_CMDLINE_FILE] = "cmdline-file",
	[CONFIG_MODULE] = "module", [CONFIG_RESOLUTION] = "resolution", [CONFIG_VERBOSE] = "verbose",
	[CONFIG_CRC32C] = "crc32c", [CONFIG_SHA256] = "sha256",
	[CONFIG_REPORT] = "report", [CONFIG_BLACKBOX] = "blackbox",
};

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ASCII only, as FAT's short names and the firmware's English collation have it. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct span trim(struct span span)
{
	for (; span.bytes > 0 && is_blank(span.text[0]); span.bytes--)
		span.text++;
	while (span.bytes > 0 && is_blank(span.text[span.bytes - 1]))
		span.bytes--;
	return span;
}

static int is_word(struct span span, const char *word)
{
	uint64_t i = 0;

	while (i < span.bytes && word[i] && span.text[i] == word[i])
		i++;
	return i == span.bytes && !word[i];
}

static enum config_status check_text(struct span line)
{
	while (line.bytes > 0) {
		uint64_t bytes = utf8_bytes(line.text, line.bytes);

		if (bytes == 0)
			return CONFIG_BAD_UTF8;
		if (((uint8_t)line.text[0] < ' ' && line.text[0] != '\t') || line.text[0] == 0x7f)
			return CONFIG_CONTROL_CHARACTER;
		line.text += bytes;
		line.bytes -= bytes;
	}
	return CONFIG_OK;
}

/* The next line without its end.  LINE_TOO_LONG and END leave ret_line alone. */
static enum config_status read_line(struct config_reader *reader, struct span *ret_line)
{
	const char *text = reader->text + reader->offset;
	uint64_t left = reader->bytes - reader->offset, bytes = 0;

	if (left == 0)
		return CONFIG_END;
	reader->line++;
	while (bytes < left && text[bytes] != '\n')
		if (++bytes > CONFIG_LINE_MAX + 1) /* one more for a CR */
			return CONFIG_LINE_TOO_LONG;
	reader->offset += bytes < left ? bytes + 1 : bytes;
	if (bytes > 0 && bytes < left && text[bytes - 1] == '\r')
		bytes--;
	if (bytes > CONFIG_LINE_MAX)
		return CONFIG_LINE_TOO_LONG;
	*ret_line = (struct span){text, bytes};
	return check_text(*ret_line);
}

static enum config_status find_key(struct config_reader *reader, struct span name, enum config_key *ret_key)
{
	uint32_t key = 0;

	while (key < CONFIG_KEY_COUNT && !is_word(name, key_names[key]))
		key++;
	if (key == CONFIG_KEY_COUNT)
		return CONFIG_UNKNOWN_KEY;
	if (key != CONFIG_MODULE && config_digest_bytes((enum config_key)key) == 0 && (reader->seen & UINT32_C(1) << key))
		return CONFIG_TWICE;
	reader->seen |= UINT32_C(1) << key;
	*ret_key = (enum config_key)key;
	return CONFIG_OK;
}

static enum config_status read_path(struct span value, struct config_item *item)
{
	struct span path = value, name;

	if (item->key == CONFIG_MODULE)
		for (path.bytes = 0; path.bytes < value.bytes && !is_blank(value.text[path.bytes]);)
			path.bytes++;
	name = trim((struct span){value.text + path.bytes, value.bytes - path.bytes});
	if (item->key == CONFIG_MODULE && name.bytes == 0)
		name = path;
	if (path.bytes >= CONFIG_PATH_MAX || name.bytes >= CONFIG_PATH_MAX)
		return CONFIG_PATH_TOO_LONG;
	item->value_bytes = (uint32_t)path.bytes;
	item->name = name.bytes > 0 ? name.text : NULL;
	item->name_bytes = (uint32_t)name.bytes;
	return CONFIG_OK;
}

/* Takes a number from 1 to 65535 off the front of the span; 0 when there is none. */
static uint32_t take_number(struct span *span)
{
	uint32_t number = 0;

	for (; span->bytes > 0 && span->text[0] >= '0' && span->text[0] <= '9'; span->bytes--) {
		number = number * 10 + (uint32_t)(span->text[0] - '0');
		if (number > UINT16_MAX)
			return 0;
		span->text++;
	}
	return number;
}

static enum config_status read_resolution(struct span value, struct config_item *item)
{
	item->width = take_number(&value);
	if (value.bytes == 0 || value.text[0] != 'x')
		return CONFIG_BAD_VALUE;
	value.text++;
	value.bytes--;
	item->height = take_number(&value);
	return item->width > 0 && item->height > 0 && value.bytes == 0 ? CONFIG_OK : CONFIG_BAD_VALUE;
}

/* The value of a hexadecimal digit, 16 for any other character. */
static uint32_t hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	c = lower(c);
	return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : 16;
}

/* Digits, and behind them a path or nothing. */
static enum config_status read_checksum(struct span value, struct config_item *item)
{
	uint32_t digits = 2 * config_digest_bytes(item->key);
	struct span path;

	if (value.bytes < digits || (value.bytes > digits && !is_blank(value.text[digits])))
		return CONFIG_BAD_CHECKSUM;
	for (uint32_t i = 0; i < digits; i++) {
		uint32_t digit = hex_digit(value.text[i]);

		if (digit > 15)
			return CONFIG_BAD_CHECKSUM;
		item->digest[i / 2] = (uint8_t)((item->digest[i / 2] * 16u + digit) & 0xff);
	}
	path = trim((struct span){value.text + digits, value.bytes - digits});
	if (path.bytes >= CONFIG_PATH_MAX)
		return CONFIG_PATH_TOO_LONG;
	item->value = path.text;
	item->value_bytes = (uint32_t)path.bytes;
	return CONFIG_OK;
}

static enum config_status read_value(struct span value, struct config_item *item)
{
	item->value = value.text;
	item->value_bytes = (uint32_t)value.bytes;
	switch (item->key) {
	case CONFIG_KERNEL:
	case CONFIG_CMDLINE_FILE:
	case CONFIG_MODULE:
		return read_path(value, item);
	case CONFIG_RESOLUTION:
		return read_resolution(value, item);
	case CONFIG_VERBOSE:
	case CONFIG_REPORT:
	case CONFIG_BLACKBOX:
		item->yes = is_word(value, "yes") ? 1 : 0;
		return item->yes || is_word(value, "no") ? CONFIG_OK : CONFIG_BAD_VALUE;
	case CONFIG_CRC32C:
	case CONFIG_SHA256:
		return read_checksum(value, item);
	default: /* the command line is any text */
		return CONFIG_OK;
	}
}

static enum config_status read_item(struct config_reader *reader, struct span line, struct config_item *ret_item)
{
	struct config_item item = {0};
	struct span name = line, value;
	enum config_status status;

	for (name.bytes = 0; name.bytes < line.bytes && line.text[name.bytes] != '=';)
		name.bytes++;
	if (name.bytes == line.bytes)
		return CONFIG_NO_EQUALS;
	value = trim((struct span){line.text + name.bytes + 1, line.bytes - name.bytes - 1});
	status = find_key(reader, trim(name), &item.key);
	if (status == CONFIG_OK)
		status = value.bytes > 0 ? read_value(value, &item) : CONFIG_EMPTY_VALUE;
	if (status == CONFIG_OK && item.value_bytes == 0 && reader->line != 1)
		return CONFIG_CHECKSUM_NOT_FIRST;
	if (status == CONFIG_OK)
		*ret_item = item;
	return status;
}

void config_begin(struct config_reader *reader, const void *text, uint64_t bytes)
{
	*reader = (struct config_reader){.text = text, .bytes = bytes};
	/* Windows editors put U+FEFF in front. */
	if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader->offset = 3;
}

enum config_status config_next(struct config_reader *reader, struct config_item *ret_item)
{
	enum config_status status;
	struct span line;

	do {
		status = read_line(reader, &line);
		if (status == CONFIG_OK)
			line = trim(line);
	} while (status == CONFIG_OK && (line.bytes == 0 || line.text[0] == '#'));
	if (status == CONFIG_OK)
		status = read_item(reader, line, ret_item);
	if (status != CONFIG_OK)
		reader->offset = reader->bytes;
	return status;
}

const char *config_option(const char *cmdline, const char *word, uint32_t *ret_bytes)
{
	while (cmdline && *cmdline) {
		struct span name = {cmdline, 0};
		uint32_t bytes = 0;

		while (cmdline[bytes] && !is_blank(cmdline[bytes]))
			bytes++;
		while (name.bytes < bytes && cmdline[name.bytes] != '=')
			name.bytes++;
		if (bytes > 0 && is_word(name, word)) {
			/* A bare word has no "=" and no value behind it. */
			uint32_t value = name.bytes < bytes ? (uint32_t)name.bytes + 1 : bytes;

			if (ret_bytes)
				*ret_bytes = bytes - value;
			return value < bytes ? cmdline + value : "";
		}
		cmdline += bytes;
		while (is_blank(*cmdline))
			cmdline++;
	}
	return NULL;
}

int config_same_path(const char *a, uint64_t a_bytes, const char *b, uint64_t b_bytes)
{
	uint64_t i = 0;

	while (i < a_bytes && i < b_bytes && lower(a[i] == '/' ? '\\' : a[i]) == lower(b[i] == '/' ? '\\' : b[i]))
		i++;
	return i == a_bytes && i == b_bytes;
}

uint32_t config_digest_bytes(enum config_key key)
{
	return key == CONFIG_CRC32C ? 4 : key == CONFIG_SHA256 ? CONFIG_DIGEST_MAX : 0;
}

const char *config_key_name(enum config_key key)
{
	return (uint32_t)key < CONFIG_KEY_COUNT ? key_names[key] : "unknown key";
}

const char *config_status_name(enum config_status status)
{
	/* In the order of enum config_status. */
	static const char names[] = "fine\0"
				     "end of the file\0"
				     "neither empty, nor a comment, nor key = value\0"
				     "unknown key\0"
				     "key for the second time\0"
				     "no value behind the =\0"
				     "line of more than 1024 bytes\0"
				     "path or name of more than 255 bytes\0"
				     "value is neither yes nor no, or not WIDTHxHEIGHT\0"
				     "control character\0"
				     "not UTF-8\0"
				     "not 8 (crc32c) or 64 (sha256) hexadecimal digits\0"
				     "a checksum without a path stands in the first line only";

	return words_nth(names, sizeof(names), (uint32_t)status);
}
