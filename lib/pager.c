/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The window never shows less than it could: its last line is a line of the text, unless the text is shorter.  Rows are broken
 * between characters, never within one.
 */
#include "lib/pager.h"
#include "lib/freestanding/memory.h"

enum { INDENT = 4, CHARACTER_BYTES_MAX = 4 };

static uint64_t last_top(const struct pager *pager)
{
	return pager->count > pager->height ? pager->count - pager->height : 0;
}

/* One line of the last page stays in sight. */
static uint64_t page_step(const struct pager *pager)
{
	return pager->height > 1 ? pager->height - 1 : 1;
}

/* The page whose first line is `top`. */
static uint64_t page_at(const struct pager *pager, uint64_t top)
{
	uint64_t step = page_step(pager);

	return 1 + top / step + (top % step != 0);
}

void pager_begin(struct pager *pager, uint64_t count, uint64_t height)
{
	*pager = (struct pager){.count = count, .height = height > 0 ? height : 1};
}

int pager_move(struct pager *pager, enum pager_key key)
{
	uint64_t before = pager->top, last = last_top(pager);
	uint64_t page = page_step(pager);

	switch (key) {
	case PAGER_LINE_UP:
		pager->top -= pager->top > 0;
		break;
	case PAGER_LINE_DOWN:
		pager->top += pager->top < last;
		break;
	case PAGER_PAGE_UP:
		pager->top -= pager->top < page ? pager->top : page;
		break;
	case PAGER_PAGE_DOWN:
		pager->top += last - pager->top < page ? last - pager->top : page;
		break;
	case PAGER_HOME:
		pager->top = 0;
		break;
	case PAGER_END:
		pager->top = last;
		break;
	}
	return pager->top != before;
}

uint64_t pager_end(const struct pager *pager)
{
	return pager->count - pager->top < pager->height ? pager->count : pager->top + pager->height;
}

uint64_t pager_pages(const struct pager *pager)
{
	return page_at(pager, last_top(pager));
}

uint64_t pager_page(const struct pager *pager)
{
	return page_at(pager, pager->top);
}

/* --- text into rows ------------------------------------------------------------------------------------------------------- */

void pager_rows_begin(struct pager_rows *rows, uint32_t columns, void (*each)(void *context, uint64_t index, const char *row),
		      void *context)
{
	if (columns < PAGER_COLUMNS_MIN)
		columns = PAGER_COLUMNS_MIN;
	if (columns > PAGER_COLUMNS_MAX)
		columns = PAGER_COLUMNS_MAX;
	*rows = (struct pager_rows){.columns = columns, .each = each, .context = context};
}

static void start_row(struct pager_rows *rows, uint32_t bytes, uint32_t characters)
{
	rows->bytes = bytes;
	rows->characters = characters;
	rows->word_bytes = rows->word_characters = 0;
}

/* Gives out the first `bytes` bytes of the row; what stands behind them is untouched. */
static void give_out(struct pager_rows *rows, uint32_t bytes)
{
	char behind = rows->row[bytes];

	rows->row[bytes] = '\0';
	rows->each(rows->context, rows->count++, rows->row);
	rows->row[bytes] = behind;
}

/* The row is full: its last word goes to the next one, unless that would leave it half empty. */
static void break_row(struct pager_rows *rows, int at_word)
{
	int keep_word = at_word && rows->word_characters > rows->columns / 2;
	uint32_t cut = keep_word ? rows->word_bytes : rows->bytes, rest = rows->bytes - cut;
	uint32_t rest_characters = keep_word ? rows->characters - rows->word_characters : 0;

	give_out(rows, cut);
	/* More than half of the row stands before a word that moves: there is room for the indent. */
	memmove(rows->row + INDENT, rows->row + cut, rest);
	memset(rows->row, ' ', INDENT);
	start_row(rows, INDENT + rest, INDENT + rest_characters);
}

/* The first byte of a character. */
static void add_character(struct pager_rows *rows, char c)
{
	int is_full = rows->characters >= rows->columns || rows->bytes > PAGER_ROW_BYTES - 1 - CHARACTER_BYTES_MAX;

	if (is_full) {
		break_row(rows, c != ' ');
		if (c == ' ')
			return;
	}
	rows->row[rows->bytes++] = c;
	rows->characters++;
	if (c == ' ') {
		rows->word_bytes = rows->bytes;
		rows->word_characters = rows->characters;
	}
}

void pager_rows_add(struct pager_rows *rows, const char *text)
{
	for (; *text != '\0'; text++) {
		int continues = ((unsigned char)*text & 0xc0) == 0x80;

		if (*text == '\n') {
			give_out(rows, rows->bytes);
			start_row(rows, 0, 0);
		} else if (!continues) {
			add_character(rows, *text);
		} else if (rows->bytes < PAGER_ROW_BYTES - 1) { /* more of them than any character has are dropped */
			rows->row[rows->bytes++] = *text;
		}
	}
}

void pager_rows_end(struct pager_rows *rows)
{
	if (rows->bytes > 0)
		give_out(rows, rows->bytes);
	start_row(rows, 0, 0);
}
