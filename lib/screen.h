/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text and rectangles on a linear framebuffer of 32 bits per pixel, any channel order.  Pure: writes only inside
 * [pixels, pixels + bytes) of the screen.  Bitmap font Spleen 8x16 (BSD-2-Clause), scaled by whole numbers.
 */
#ifndef LIB_SCREEN_H
#define LIB_SCREEN_H

#include <stdint.h>
#include "lib/handoff.h"

struct screen {
	volatile uint32_t *pixels; /* where the framebuffer is mapped; NULL: every call does nothing */
	uint32_t width, height;    /* pixels */
	uint32_t pitch_bytes;
	uint32_t scale;            /* of the font, 1.. */
	uint32_t red_mask, green_mask, blue_mask;
	uint32_t left, top;        /* area for text, in pixels */
	uint32_t right, bottom;
	uint32_t x, y;             /* cursor, in pixels */
	uint32_t foreground, background; /* 0xRRGGBB */
};

/* Takes over a framebuffer mapped at pixels.  Returns 0; -1 when the description is impossible (K39) and pixels was set to NULL. */
int screen_init(struct screen *screen, const struct handoff_framebuffer *framebuffer, void *pixels);
void screen_clear(struct screen *screen, uint32_t rgb);
/* Clipped to the screen. */
void screen_rectangle(struct screen *screen, uint32_t x, uint32_t y, uint32_t width, uint32_t height, uint32_t rgb);
/* UTF-8 text at the cursor in the text area; '\n' starts a line; wraps at the right edge; scrolls never: at the bottom it
   stops drawing and returns -1, else 0. */
int screen_write(struct screen *screen, const char *text);
/* The same; a word that does not fit into the rest of its line begins the next one.  Words are apart by blanks and '\n'. */
int screen_write_words(struct screen *screen, const char *text);
/* One line of text at a pixel position, clipped; returns the x behind it. */
uint32_t screen_text_at(struct screen *screen, uint32_t x, uint32_t y, uint32_t rgb, const char *text);
uint32_t screen_font_width(const struct screen *screen);  /* pixels, scaled */
uint32_t screen_font_height(const struct screen *screen);

#endif
