/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text and rectangles on a linear framebuffer.  The firmware's description is checked once (K39); after that every store is
 * clipped to width x height, which lies inside the framebuffer.
 */
#include "lib/screen.h"
#include "lib/font.h"

enum { SCREEN_SIDE_MAX = 1 << 16 }; /* no display is wider; keeps all products below in 64 bits */
enum { SCALE_EVERY = 1200 };        /* lines of a display from which text is doubled, tripled ... */

/* A mask of 5 to 10 adjacent bits. */
static int mask_sane(uint32_t mask)
{
	uint32_t bits;

	if (mask == 0)
		return 0;
	bits = mask >> __builtin_ctz(mask);
	return bits >= 0x1f && bits <= 0x3ff && (bits & (bits + 1)) == 0;
}

static int description_sane(const struct handoff_framebuffer *framebuffer)
{
	uint32_t red = framebuffer->red_mask, green = framebuffer->green_mask, blue = framebuffer->blue_mask;

	if (framebuffer->width == 0 || framebuffer->height == 0 || framebuffer->width > SCREEN_SIDE_MAX ||
	    framebuffer->height > SCREEN_SIDE_MAX)
		return 0;
	if (framebuffer->bits_per_pixel != 32 || framebuffer->pitch_bytes % 4 != 0 ||
	    framebuffer->pitch_bytes / 4 < framebuffer->width)
		return 0;
	if ((uint64_t)framebuffer->height * framebuffer->pitch_bytes > framebuffer->bytes)
		return 0;
	return mask_sane(red) && mask_sane(green) && mask_sane(blue) && !(red & green) && !(green & blue) && !(blue & red);
}

int screen_init(struct screen *screen, const struct handoff_framebuffer *framebuffer, void *pixels)
{
	uint32_t shorter;

	*screen = (struct screen){.scale = 1, .foreground = 0xffffff};
	if (!framebuffer || !pixels || (uintptr_t)pixels % 4 != 0 || !description_sane(framebuffer))
		return -1;
	shorter = framebuffer->width < framebuffer->height ? framebuffer->width : framebuffer->height;
	screen->pixels = pixels;
	screen->width = screen->right = framebuffer->width;
	screen->height = screen->bottom = framebuffer->height;
	screen->pitch_bytes = framebuffer->pitch_bytes;
	screen->scale = 1 + shorter / SCALE_EVERY;
	screen->red_mask = framebuffer->red_mask;
	screen->green_mask = framebuffer->green_mask;
	screen->blue_mask = framebuffer->blue_mask;
	return 0;
}

/* An 8-bit channel, spread over the bits of its mask. */
static uint32_t channel(uint32_t value, uint32_t mask)
{
	uint32_t shift = (uint32_t)__builtin_ctz(mask);
	uint32_t top = mask >> shift;

	return (value * top + 127) / 255 << shift;
}

static uint32_t pixel_of(const struct screen *screen, uint32_t rgb)
{
	return channel(rgb >> 16 & 0xff, screen->red_mask) | channel(rgb >> 8 & 0xff, screen->green_mask) |
	       channel(rgb & 0xff, screen->blue_mask);
}

void screen_rectangle(struct screen *screen, uint32_t x, uint32_t y, uint32_t width, uint32_t height, uint32_t rgb)
{
	uint32_t pixel;

	if (!screen->pixels || x >= screen->width || y >= screen->height)
		return;
	if (width > screen->width - x)
		width = screen->width - x;
	if (height > screen->height - y)
		height = screen->height - y;
	pixel = pixel_of(screen, rgb);
	for (uint32_t row = y; row < y + height; row++) {
		volatile uint32_t *line = screen->pixels + (uint64_t)row * (screen->pitch_bytes / 4) + x;

		for (uint32_t i = 0; i < width; i++)
			line[i] = pixel;
	}
}

void screen_clear(struct screen *screen, uint32_t rgb)
{
	screen->background = rgb;
	screen->x = screen->left;
	screen->y = screen->top;
	screen_rectangle(screen, 0, 0, screen->width, screen->height, rgb);
}

uint32_t screen_font_width(const struct screen *screen)
{
	return FONT_WIDTH * screen->scale;
}

uint32_t screen_font_height(const struct screen *screen)
{
	return FONT_HEIGHT * screen->scale;
}

/* Draws the set pixels only, run by run. */
static void draw_glyph(struct screen *screen, uint32_t x, uint32_t y, uint32_t rgb, uint32_t code_point)
{
	const uint8_t *rows = font_rows(code_point);
	uint32_t scale = screen->scale;

	for (uint32_t row = 0; row < FONT_HEIGHT; row++) {
		for (uint32_t left = 0; left < FONT_WIDTH; left++) {
			uint32_t run = 0;

			while (left + run < FONT_WIDTH && rows[row] & 0x80u >> (left + run))
				run++;
			if (run)
				screen_rectangle(screen, x + left * scale, y + row * scale, run * scale, scale, rgb);
			left += run;
		}
	}
}

/* The next line, or below the area for ever. */
static void next_line(struct screen *screen)
{
	screen->x = screen->left;
	if (screen->y < screen->bottom)
		screen->y += screen_font_height(screen);
}

/* As screen_write(), up to `bytes` bytes. */
static int write_some(struct screen *screen, const char *text, uint32_t bytes)
{
	uint32_t width = screen_font_width(screen), height = screen_font_height(screen), code_point, length;

	if (!screen->pixels)
		return 0;
	for (uint32_t done = 0; done < bytes && (length = font_decode(text + done, &code_point)) > 0; done += length) {
		/* Too narrow for one character: nothing could ever be drawn. */
		if (screen->right < screen->left || screen->right - screen->left < width)
			return -1;
		if (code_point == '\n' || screen->x > screen->right - width)
			next_line(screen);
		if (code_point == '\n')
			continue;
		if (screen->bottom < height || screen->y > screen->bottom - height)
			return -1;
		screen_rectangle(screen, screen->x, screen->y, width, height, screen->background);
		draw_glyph(screen, screen->x, screen->y, screen->foreground, code_point);
		screen->x += width;
	}
	return 0;
}

int screen_write(struct screen *screen, const char *text)
{
	return write_some(screen, text, UINT32_MAX);
}

/* Bytes and pixels of the word at text. */
static uint32_t measure_word(const struct screen *screen, const char *text, uint64_t *ret_width)
{
	uint32_t bytes = 0, code_point;

	*ret_width = 0;
	while (text[bytes] != '\0' && text[bytes] != ' ' && text[bytes] != '\n') {
		bytes += font_decode(text + bytes, &code_point);
		*ret_width += screen_font_width(screen);
	}
	return bytes;
}

int screen_write_words(struct screen *screen, const char *text)
{
	int status = 0;

	while (*text != '\0' && status == 0) {
		uint64_t width;
		uint32_t bytes = measure_word(screen, text, &width);

		if (bytes == 0) {
			/* A blank at the end of a line is not carried over to the next. */
			if (*text == '\n' || (uint64_t)screen->x + screen_font_width(screen) <= screen->right)
				status = write_some(screen, text, 1);
			text++;
			continue;
		}
		if (screen->x > screen->left && screen->x + width > screen->right)
			next_line(screen);
		status = write_some(screen, text, bytes);
		text += bytes;
	}
	return status;
}

uint32_t screen_text_at(struct screen *screen, uint32_t x, uint32_t y, uint32_t rgb, const char *text)
{
	uint32_t width = screen_font_width(screen), code_point, length;

	if (!screen->pixels)
		return x;
	for (; (length = font_decode(text, &code_point)) > 0 && x < screen->width; text += length) {
		draw_glyph(screen, x, y, rgb, code_point);
		x += width;
	}
	return x;
}
