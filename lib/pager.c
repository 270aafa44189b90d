/* SPDX-License-Identifier: BSD-2-Clause */
/* The window never shows less than it could: its last line is a line of the text, unless the text is shorter. */
#include "lib/pager.h"

static uint64_t last_top(const struct pager *pager)
{
	return pager->count > pager->height ? pager->count - pager->height : 0;
}

void pager_begin(struct pager *pager, uint64_t count, uint64_t height)
{
	*pager = (struct pager){.count = count, .height = height > 0 ? height : 1};
}

int pager_move(struct pager *pager, enum pager_key key)
{
	uint64_t before = pager->top, last = last_top(pager);
	uint64_t page = pager->height > 1 ? pager->height - 1 : 1;

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
