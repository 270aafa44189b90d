/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of bytes as text lines that survive a serial line, a terminal and a bug report: each line carries its offset and a
 * checksum, the last one the size and the checksum of the whole.
 *   baton: dump 00000040 <up to 64 hexadecimal digits> crc=XXXXXXXX
 *   baton: dump end bytes=N crc=XXXXXXXX
 * Checksums are CRC-32C; that of a line covers its offset as 8 little-endian bytes, then its bytes.
 */
#ifndef LIB_DUMP_H
#define LIB_DUMP_H

#include <stdint.h>

enum { DUMP_LINE_BYTES = 32, DUMP_TEXT_MAX = 128 };

/*
 * Writes the line for data[offset...] into text (no newline); returns the offset of the next line.  Start with 0 and go on
 * while the offset is less than bytes; nothing is written (an empty text) when it is not.
 */
uint64_t dump_line(char text[DUMP_TEXT_MAX], const void *data, uint64_t bytes, uint64_t offset);
/* Writes the end line. */
void dump_end(char text[DUMP_TEXT_MAX], const void *data, uint64_t bytes);

enum dump_status {
	DUMP_OK = 0,        /* line understood */
	DUMP_COMPLETE,      /* end line, size and checksum agree */
	DUMP_OTHER,         /* not a dump line */
	DUMP_BAD_LINE,      /* damaged: syntax or line checksum */
	DUMP_GAP,           /* an earlier line is missing, or this one comes again */
	DUMP_TOO_LARGE,     /* more bytes than the buffer holds */
	DUMP_BAD_END,       /* size or checksum of the whole disagree */
};

/* Collects lines again.  data holds capacity bytes; bytes counts what has arrived. */
struct dump_reader {
	uint8_t *data;
	uint64_t capacity;
	uint64_t bytes;
};
/*
 * One line of text, with or without line end and with anything before "baton: dump" (time stamps).  A line of offset 0
 * starts anew: a capture may hold several boots.  Nothing is taken from a line that is not OK.
 */
enum dump_status dump_read(struct dump_reader *reader, const char *line, uint64_t line_bytes);

const char *dump_status_name(enum dump_status status);

#endif
