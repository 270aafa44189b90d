/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all pages of the report on the screen share: colours, the pen, cut-off text, the title with the verdict, and the line at
 * the bottom.  All distances follow the font's and the screen's size.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "kernel-stub/picture.h"

enum {
	COLOUR_BACKGROUND = 0x0f1420,
	COLOUR_PANEL = 0x1a2132,
	COLOUR_TEXT = 0xe6e9ef,
	COLOUR_DIM = 0x8d97ab,
	COLOUR_BAR = 0x4f7fd0,
	COLOUR_PASS = 0x2f9e5b,
	COLOUR_FAIL = 0xc8403c,
	COLOUR_CHECKING = 0x5a6a8a,
	COLOUR_WARNING = 0xf0b429,
};
enum { PAGE_TEXT_MAX = 160 }; /* bytes of one line of page_text(), with its NUL */

/* Where things go.  `y` is the pen: it moves down as sections are drawn. */
struct page {
	struct screen screen;
	uint32_t font_width, font_height;
	uint32_t margin, line; /* pixels: at the edges; from one line of text to the next */
	uint32_t y, right;
};

/* Starts a page at the top of the screen and draws nothing.  0 when there is no screen, or one smaller than any display. */
int page_open(struct page *page, const struct screen *screen);
/* Text cut off with an ellipsis where it does not fit into `width` pixels.  Returns the x behind it. */
uint32_t page_text(struct page *page, uint32_t x, uint32_t width, uint32_t rgb, const char *string);
/* A section's title with a remark behind it, underlined; the pen moves below. */
void page_heading(struct page *page, uint32_t x, uint32_t width, const char *title, const char *remark);
/* Clears the screen and draws the title: who handed over, on what, the verdict; the pen moves down by page_title_height(). */
void page_title(struct page *page, const struct kernel *kernel, enum picture_verdict verdict);
uint32_t page_title_height(const struct page *page); /* pixels */
/* The first line of pixels of the bar at the bottom that page_footer() draws. */
uint32_t page_footer_top(const struct page *page);
void page_footer(struct page *page, const char *words);

#endif
