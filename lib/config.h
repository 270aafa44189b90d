/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * \baton\baton.conf: lines of `key = value`; `#` starts a comment line; UTF-8 with or without a byte order mark, LF or
 * CR LF; at most CONFIG_LINE_MAX bytes a line.  Keys, each at most once but `module` and checksums:
 *   kernel = PATH          the kernel, default \baton\kernel.elf
 *   cmdline = TEXT         the command line itself
 *   cmdline-file = PATH    or the file that holds it, default \baton\cmdline.txt (absent is fine)
 *   module = PATH [NAME]   any number; the name defaults to the path; this path holds no blanks
 *   resolution = WxH       wanted graphics mode, in pixels from 1x1 to 65535x65535
 *   verbose = yes|no       print each step on the firmware's console
 *   crc32c = HEX8 PATH     checksum of the whole file PATH, which is a kernel, module or command line file named here or by
 *   sha256 = HEX64 PATH    default: a file that differs is not used, a PATH that is never read is an error; any number
 *   crc32c = HEX8          without PATH, in the first line only: checksum of all bytes of this file behind that line's end
 *   sha256 = HEX64         the same
 *   report = yes|no        write \baton\report-....txt and \baton\last-boot.txt before leaving the firmware; else no disk is written
 *   blackbox = yes|no      keep how the boot ends in an EFI variable, and say at the next start how it did
 * Paths are from the root of the volume, with / or \; with a NUL they fit into CONFIG_PATH_MAX bytes, as do names.
 */
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H

#include <stdint.h>

enum { CONFIG_LINE_MAX = 1024, CONFIG_PATH_MAX = 256, CONFIG_DIGEST_MAX = 32 };

enum config_status {
	CONFIG_OK = 0,
	CONFIG_END,          /* no further line */
	CONFIG_NO_EQUALS,    /* a line that is neither empty, comment nor key = value */
	CONFIG_UNKNOWN_KEY,
	CONFIG_TWICE,        /* a key that may stand once only */
	CONFIG_EMPTY_VALUE,
	CONFIG_LINE_TOO_LONG,
	CONFIG_PATH_TOO_LONG, /* or a module's name */
	CONFIG_BAD_VALUE,    /* not yes or no, not WxH */
	CONFIG_CONTROL_CHARACTER, /* NUL or another control character: not a text file */
	CONFIG_BAD_UTF8,
	CONFIG_BAD_CHECKSUM, /* not as many hexadecimal digits as its kind has */
	CONFIG_CHECKSUM_NOT_FIRST, /* without a path, and not in the first line */
};

enum config_key {
	CONFIG_KERNEL, CONFIG_CMDLINE, CONFIG_CMDLINE_FILE, CONFIG_MODULE, CONFIG_RESOLUTION, CONFIG_VERBOSE,
	CONFIG_CRC32C, CONFIG_SHA256,
	CONFIG_REPORT, CONFIG_BLACKBOX,
	CONFIG_KEY_COUNT,
};

/* Reads one file from front to back; no copy is made, values point into text. */
struct config_reader {
	const char *text;
	uint64_t bytes;
	uint64_t offset;
	uint32_t line;      /* number of the line last read, from 1: for messages */
	uint32_t seen;      /* keys seen, bit 1 << key */
};

struct config_item {
	enum config_key key;
	const char *value;      /* not NUL-terminated, trimmed */
	uint32_t value_bytes;
	const char *name;       /* module: the name, or the path again */
	uint32_t name_bytes;
	uint32_t width, height; /* resolution */
	uint32_t yes;           /* verbose, report, blackbox */
	uint8_t digest[CONFIG_DIGEST_MAX]; /* checksums, in the order of their digits; value: the path, or nothing */
};

void config_begin(struct config_reader *reader, const void *text, uint64_t bytes);
/*
 * The next item; CONFIG_END at the end.  After any other status but CONFIG_OK reading stops: what follows is CONFIG_END.
 * ret_item is written on CONFIG_OK only; fields that do not belong to its key are zero.  After a checksum without a path
 * [text + offset, text + bytes) of the reader is what it covers.
 */
enum config_status config_next(struct config_reader *reader, struct config_item *ret_item);
/*
 * Finds the first `word` or `word=value` in a kernel command line (words separated by blanks): returns the text behind "=",
 * "" for a bare word, NULL when absent or without a command line; *ret_bytes is the length of the value, which has no NUL
 * of its own.  ret_bytes may be NULL.
 */
const char *config_option(const char *cmdline, const char *word, uint32_t *ret_bytes);

/* 1 when FAT takes both for the same path: / is \\, and A is a. */
int config_same_path(const char *a, uint64_t a_bytes, const char *b, uint64_t b_bytes);
/* Bytes of a checksum of this kind: 4 for CONFIG_CRC32C, 32 for CONFIG_SHA256, 0 for any other key. */
uint32_t config_digest_bytes(enum config_key key);

const char *config_status_name(enum config_status status); /* "unknown key" */
const char *config_key_name(enum config_key key);           /* "cmdline-file" */

#endif
