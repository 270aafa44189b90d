/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading one line of a text map: a place that moves over the bytes and never beyond them, numbers, and the words by which
 * the various programs name memory types and attributes.  Used by the importers only.
 */
#ifndef LIB_MEMORY_IMPORT_SCAN_H
#define LIB_MEMORY_IMPORT_SCAN_H

#include <stdint.h>
#include "lib/handoff.h"

struct memory_import_scan {
	const char *at, *end;
};

/* A hexadecimal number as wide as logs print sums that overflow. */
struct memory_import_number {
	uint64_t low, high;
	uint32_t digits;
};

/* What one line is to one form. */
enum memory_import_line {
	MEMORY_IMPORT_OTHER,      /* not a line of this form */
	MEMORY_IMPORT_DESCRIPTOR, /* understood */
	MEMORY_IMPORT_DISAGREES,  /* understood, but its end and its number of pages disagree */
	MEMORY_IMPORT_DAMAGED,    /* a line of this form that cannot be read */
};

#define MEMORY_IMPORT_NO_INDEX UINT64_MAX

/* What a line said.  index is MEMORY_IMPORT_NO_INDEX where the form has none. */
struct memory_import_entry {
	struct handoff_raw_descriptor descriptor;
	uint64_t index;
};

void memory_import_scan_blanks(struct memory_import_scan *scan);
/* Takes the text if it comes next; returns 1 if so.  Case of ASCII letters is ignored. */
int memory_import_scan_text(struct memory_import_scan *scan, const char *text);
/* Moves behind the first place where the text stands; returns 0 and stays when it is nowhere. */
int memory_import_scan_find(struct memory_import_scan *scan, const char *text);
/* Up to 32 hexadecimal digits with or without 0x; returns 0 and stays when there is none or there are more. */
int memory_import_scan_hex(struct memory_import_scan *scan, struct memory_import_number *ret_number);
/* The same, of at most 64 bits. */
int memory_import_scan_hex64(struct memory_import_scan *scan, uint64_t *ret_value);
int memory_import_scan_decimal(struct memory_import_scan *scan, uint64_t *ret_value);
/* Everything up to a blank or one of the characters of `ends`; returns 0 when that is nothing. */
int memory_import_scan_word(struct memory_import_scan *scan, const char *ends, struct memory_import_scan *ret_word);
/* Only blanks are left. */
int memory_import_scan_ended(struct memory_import_scan scan);

/* start-end in hexadecimal, blanks around the dash allowed. */
int memory_import_scan_range(struct memory_import_scan *scan, struct memory_import_number *ret_start,
			     struct memory_import_number *ret_end);
/* The number of pages from start to end; sets *ret_pages and returns 1 when they are whole pages and in order. */
int memory_import_pages(struct memory_import_number start, struct memory_import_number end, int end_is_inclusive,
			uint64_t *ret_pages);

/* The UEFI type that a name stands for ("Boot Data", "BS_data", "BS-data", "BootServicesData", ...); returns 0 if none. */
int memory_import_type(struct memory_import_scan name, uint32_t *ret_type);
/* The attribute bit that a word stands for ("WB", "RUN", "RT", "RUNTIME", ...), 0 if none. */
uint64_t memory_import_attribute(struct memory_import_scan word);
/* Attribute words up to the end of the line; returns 0 at an unknown one. */
int memory_import_attributes(struct memory_import_scan scan, uint64_t *ret_attributes);

/* The forms: each looks at one line. */
enum memory_import_line memory_import_corpus(struct memory_import_scan line, struct memory_import_entry *ret_entry);
enum memory_import_line memory_import_linux(struct memory_import_scan line, struct memory_import_entry *ret_entry);
enum memory_import_line memory_import_xen(struct memory_import_scan line, struct memory_import_entry *ret_entry);
enum memory_import_line memory_import_shell(struct memory_import_scan line, struct memory_import_entry *ret_entry);
enum memory_import_line memory_import_grub(struct memory_import_scan line, struct memory_import_entry *ret_entry);
enum memory_import_line memory_import_freebsd(struct memory_import_scan line, struct memory_import_entry *ret_entry);
enum memory_import_line memory_import_e820(struct memory_import_scan line, struct memory_import_entry *ret_entry);

#endif
