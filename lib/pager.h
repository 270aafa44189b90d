/* SPDX-License-Identifier: BSD-2-Clause */
/* A window on a long text: which lines are seen, and how a key moves it.  Pure: no text, no screen, no keyboard. */
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

#endif
