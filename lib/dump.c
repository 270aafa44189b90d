/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handoff block on its way through a serial line: the kernel stub writes it as checksummed lines, `baton handoff`
 * turns a capture back into bytes.
 * Rules here: pure; a capture is hostile: bytes may be lost, doubled or made up, and no damage may pass unseen.
 */
#include "lib/dump.h"
#include "lib/crc32c.h"
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

static uint32_t line_checksum(uint64_t offset, const uint8_t *data, uint64_t bytes)
{
	uint8_t place[8];

	le_write64(place, offset);
	return crc32c(crc32c(0, place, sizeof(place)), data, bytes);
}

uint64_t dump_line(char text[DUMP_TEXT_MAX], const void *data, uint64_t bytes, uint64_t offset)
{
	const uint8_t *from = (const uint8_t *)data + offset;
	uint64_t count, length;

	text[0] = '\0';
	if (offset >= bytes)
		return bytes;
	count = bytes - offset < DUMP_LINE_BYTES ? bytes - offset : DUMP_LINE_BYTES;
	length = (uint64_t)format(text, DUMP_TEXT_MAX, "baton: dump %08lx ", offset);
	for (uint64_t i = 0; i < count; i++)
		length += (uint64_t)format(text + length, DUMP_TEXT_MAX - length, "%02x", from[i]);
	format(text + length, DUMP_TEXT_MAX - length, " crc=%08x", line_checksum(offset, from, count));
	return offset + count;
}

void dump_end(char text[DUMP_TEXT_MAX], const void *data, uint64_t bytes)
{
	format(text, DUMP_TEXT_MAX, "baton: dump end bytes=%lu crc=%08x", bytes, crc32c(0, data, bytes));
}

/* What is left of a line. */
struct rest {
	const char *text;
	uint64_t bytes;
};

/* Steps over `word` when the rest begins with it. */
static int skip(struct rest *rest, const char *word)
{
	uint64_t i = 0;

	for (; word[i]; i++)
		if (i == rest->bytes || rest->text[i] != word[i])
			return 0;
	rest->text += i;
	rest->bytes -= i;
	return 1;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Reads 1 to `most` digits; 0 when there is none. */
static int read_number(struct rest *rest, uint32_t base, uint32_t most, uint64_t *ret_number)
{
	uint64_t number = 0;
	uint32_t count = 0;

	for (; count < most && rest->bytes > 0; count++) {
		uint32_t value = (uint32_t)digit_value(rest->text[0]);

		if (value >= base)
			break;
		number = number * base + value;
		rest->text++;
		rest->bytes--;
	}
	*ret_number = number;
	return count > 0;
}

/* " crc=XXXXXXXX" and then nothing but the line's end. */
static int read_checksum(struct rest *rest, uint32_t *ret_crc)
{
	uint64_t number, before;

	if (!skip(rest, " crc="))
		return 0;
	before = rest->bytes;
	if (!read_number(rest, 16, 8, &number) || before - rest->bytes != 8)
		return 0;
	*ret_crc = (uint32_t)number;
	for (; rest->bytes > 0; rest->text++, rest->bytes--)
		if (rest->text[0] != ' ' && rest->text[0] != '\r' && rest->text[0] != '\n')
			return 0;
	return 1;
}

/* bytes= has at most 19 digits, which fit. */
static enum dump_status read_end(const struct dump_reader *reader, struct rest rest)
{
	uint64_t bytes;
	uint32_t crc;

	if (!skip(&rest, "bytes=") || !read_number(&rest, 10, 19, &bytes) || !read_checksum(&rest, &crc))
		return DUMP_BAD_LINE;
	if (bytes != reader->bytes || crc != crc32c(0, reader->data, reader->bytes))
		return DUMP_BAD_END;
	return DUMP_COMPLETE;
}

static enum dump_status read_data(struct dump_reader *reader, struct rest rest)
{
	uint8_t data[DUMP_LINE_BYTES];
	uint32_t count = 0, crc;
	uint64_t offset;

	if (!read_number(&rest, 16, 16, &offset) || !skip(&rest, " "))
		return DUMP_BAD_LINE;
	/* Pairs of digits; what is not one ends them and must then be " crc=". */
	for (; count < DUMP_LINE_BYTES && rest.bytes >= 2; count++, rest.text += 2, rest.bytes -= 2) {
		int high = digit_value(rest.text[0]), low = digit_value(rest.text[1]);

		if (high == 16 || low == 16)
			break;
		data[count] = (uint8_t)(16 * high + low);
	}
	if (count == 0 || !read_checksum(&rest, &crc) || crc != line_checksum(offset, data, count))
		return DUMP_BAD_LINE;
	if (offset != 0 && offset != reader->bytes)
		return DUMP_GAP;
	if (count > reader->capacity || offset > reader->capacity - count)
		return DUMP_TOO_LARGE;
	memcpy(reader->data + offset, data, count);
	reader->bytes = offset + count;
	return DUMP_OK;
}

enum dump_status dump_read(struct dump_reader *reader, const char *line, uint64_t line_bytes)
{
	struct rest rest = {line, line_bytes};

	for (; rest.bytes > 0; rest.text++, rest.bytes--) {
		if (!skip(&rest, "baton: dump "))
			continue;
		return skip(&rest, "end ") ? read_end(reader, rest) : read_data(reader, rest);
	}
	return DUMP_OTHER;
}

const char *dump_status_name(enum dump_status status)
{
	switch (status) {
	case DUMP_OK:
		return "line understood";
	case DUMP_COMPLETE:
		return "dump complete";
	case DUMP_OTHER:
		return "not a line of a dump";
	case DUMP_BAD_LINE:
		return "damaged line";
	case DUMP_GAP:
		return "a line before this one is missing";
	case DUMP_TOO_LARGE:
		return "dump too large";
	case DUMP_BAD_END:
		return "dump incomplete or damaged: its end disagrees about size or checksum";
	default:
		return "unknown status";
	}
}
