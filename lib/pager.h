/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A window on a long text: which lines are seen, how a key moves it, which page that is; and a text that comes in pieces, cut
 * into the rows of such a window.  Pure: no screen, no keyboard, no clock; the text may be any bytes.
 */
#ifndef LIB_PAGER_H
#define LIB_PAGER_H

#include <stdint.h>

enum pager_key {
	PAGER_LINE_UP,
	PAGER_LINE_DOWN,
	PAGER_PAGE_UP,   /* one line of the last page stays in sight */
	PAGER_PAGE_DOWN,
	PAGER_HOME,
	PAGER_END,
};

struct pager {
	uint64_t count;  /* lines of the text */
	uint64_t top;    /* the first line in sight */
	uint64_t height; /* lines that the window has, >= 1 */
};

/* Starts at the first line. */
void pager_begin(struct pager *pager, uint64_t count, uint64_t height);
/* Moves as far as the text goes; returns 1 when another part is in sight now. */
int pager_move(struct pager *pager, enum pager_key key);
/* One past the last line in sight. */
uint64_t pager_end(const struct pager *pager);
/* How often PAGER_PAGE_DOWN finds another part, and one: the pages of the text, >= 1. */
uint64_t pager_pages(const struct pager *pager);
/* The page in sight, 1 to pager_pages(). */
uint64_t pager_page(const struct pager *pager);

enum { PAGER_COLUMNS_MIN = 16, PAGER_COLUMNS_MAX = 160, PAGER_ROW_BYTES = 4 * PAGER_COLUMNS_MAX + 1 };

/* UTF-8 text on its way into rows.  A line that is too long goes on in the next row, indented, from a blank where there is one. */
struct pager_rows {
	uint32_t columns; /* characters of a row */
	uint64_t count;   /* rows given out so far */
	void (*each)(void *context, uint64_t index, const char *row); /* row: valid during the call, at most `columns` characters */
	void *context;
	uint32_t bytes, characters;           /* of the row that is being filled */
	uint32_t word_bytes, word_characters; /* what stands before its last word */
	char row[PAGER_ROW_BYTES];
};

/* columns is taken to the nearest in PAGER_COLUMNS_MIN to PAGER_COLUMNS_MAX. */
void pager_rows_begin(struct pager_rows *rows, uint32_t columns, void (*each)(void *context, uint64_t index, const char *row),
		      void *context);
/* Any part of the text; a row is given out when its line ends or has no room left. */
void pager_rows_add(struct pager_rows *rows, const char *text);
/* Gives out a last line that has no '\n'. */
void pager_rows_end(struct pager_rows *rows);

#endif
