/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/screen.c: every pixel of a small framebuffer is looked at, and the bytes around it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/font.h"
#include "lib/screen.h"

enum { WIDTH = 40, HEIGHT = 36, PITCH_PIXELS = 48, GUARD = 64 };
#define UNTOUCHED 0xdeadbeefu

struct fixture {
	struct screen screen;
	uint32_t memory[GUARD + PITCH_PIXELS * HEIGHT + GUARD];
};

static struct handoff_framebuffer description(void)
{
	return (struct handoff_framebuffer){
		.base_phys = 0x80000000, .bytes = PITCH_PIXELS * HEIGHT * 4, .width = WIDTH, .height = HEIGHT,
		.pitch_bytes = PITCH_PIXELS * 4, .bits_per_pixel = 32, .red_mask = 0xff0000, .green_mask = 0xff00,
		.blue_mask = 0xff, .reserved_mask = 0xff000000,
	};
}

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	struct handoff_framebuffer framebuffer = description();

	for (size_t i = 0; i < sizeof f->memory / 4; i++)
		f->memory[i] = UNTOUCHED;
	assert_int_equal(screen_init(&f->screen, &framebuffer, f->memory + GUARD), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static uint32_t at(const struct fixture *f, uint32_t x, uint32_t y)
{
	return f->memory[GUARD + y * PITCH_PIXELS + x];
}

/* Nothing outside width x height was written: not the guards, not the rest of each line. */
static void assert_outside_untouched(const struct fixture *f)
{
	for (size_t i = 0; i < sizeof f->memory / 4; i++) {
		size_t pixel = i - GUARD;

		if (i >= GUARD && pixel < PITCH_PIXELS * HEIGHT && pixel % PITCH_PIXELS < WIDTH)
			continue;
		assert_int_equal(f->memory[i], UNTOUCHED);
	}
}

/* The pixels of one character cell agree with the font. */
static void assert_glyph(const struct fixture *f, uint32_t x, uint32_t y, uint32_t scale, uint32_t code_point, uint32_t ink)
{
	const uint8_t *rows = font_rows(code_point);

	for (uint32_t row = 0; row < FONT_HEIGHT * scale; row++)
		for (uint32_t column = 0; column < FONT_WIDTH * scale; column++) {
			int set = rows[row / scale] >> (7 - column / scale) & 1;

			if (x + column < WIDTH && y + row < HEIGHT)
				assert_int_equal(at(f, x + column, y + row) == ink, set);
		}
}

static void test_clear_fills_the_visible_part_only(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0x123456);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++)
			assert_int_equal(at(f, x, y), 0x123456);
	assert_outside_untouched(f);
}

static void test_rectangle_is_clipped(void **state)
{
	struct fixture *f = *state;

	screen_rectangle(&f->screen, 30, 30, 1000, UINT32_MAX, 0xffffff);
	assert_int_equal(at(f, 29, 30), UNTOUCHED);
	assert_int_equal(at(f, 30, 29), UNTOUCHED);
	assert_int_equal(at(f, 30, 30), 0xffffff);
	assert_int_equal(at(f, WIDTH - 1, HEIGHT - 1), 0xffffff);
	screen_rectangle(&f->screen, WIDTH, 0, 1, 1, 0xffffff);
	screen_rectangle(&f->screen, 0, HEIGHT, 1, 1, 0xffffff);
	screen_rectangle(&f->screen, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0xffffff);
	assert_outside_untouched(f);
}

static void test_rectangle_of_no_size_draws_nothing(void **state)
{
	struct fixture *f = *state;

	screen_rectangle(&f->screen, 3, 3, 0, 5, 1);
	screen_rectangle(&f->screen, 3, 3, 5, 0, 1);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++)
			assert_int_equal(at(f, x, y), UNTOUCHED);
}

static void test_colours_follow_the_masks(void **state)
{
	struct fixture *f = *state;
	struct handoff_framebuffer framebuffer = description();

	framebuffer.red_mask = 0xff;
	framebuffer.blue_mask = 0xff0000;
	assert_int_equal(screen_init(&f->screen, &framebuffer, f->memory + GUARD), 0);
	screen_rectangle(&f->screen, 0, 0, 1, 1, 0x102030);
	assert_int_equal(at(f, 0, 0), 0x302010);

	framebuffer = (struct handoff_framebuffer){.bytes = framebuffer.bytes, .width = WIDTH, .height = HEIGHT,
		.pitch_bytes = PITCH_PIXELS * 4, .bits_per_pixel = 32, .red_mask = 0x3ff00000, .green_mask = 0xffc00,
		.blue_mask = 0x3ff};
	assert_int_equal(screen_init(&f->screen, &framebuffer, f->memory + GUARD), 0);
	screen_rectangle(&f->screen, 0, 0, 1, 1, 0xff0080);
	assert_int_equal(at(f, 0, 0), 0x3ff00000 | (0x80 * 0x3ff + 127) / 255);
}

static void test_write_draws_the_font(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0);
	assert_int_equal(screen_write(&f->screen, "Ag"), 0);
	assert_glyph(f, 0, 0, 1, 'A', 0xffffff);
	assert_glyph(f, 8, 0, 1, 'g', 0xffffff);
	assert_int_equal(f->screen.x, 16);
	assert_outside_untouched(f);
}

static void test_write_wraps_at_the_right_and_stops_at_the_bottom(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0);
	assert_int_equal(screen_write(&f->screen, "12345678"), 0); /* 5 characters a line, 2 lines */
	assert_glyph(f, 0, 16, 1, '6', 0xffffff);
	assert_int_equal(screen_write(&f->screen, "9\n"), 0);
	assert_int_equal(screen_write(&f->screen, "no room"), -1);
	assert_int_equal(at(f, 0, 33), 0);
	assert_outside_untouched(f);
}

static void test_write_stays_in_the_text_area(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0);
	f->screen.left = f->screen.x = 16;
	f->screen.right = 32;
	f->screen.top = f->screen.y = 16;
	screen_write(&f->screen, "###########");
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++)
			if (x < 16 || x >= 32 || y < 16)
				assert_int_equal(at(f, x, y), 0);
	assert_glyph(f, 16, 16, 1, '#', 0xffffff);
	assert_glyph(f, 24, 16, 1, '#', 0xffffff);
}

static void test_write_into_an_area_too_narrow_for_a_character(void **state)
{
	struct fixture *f = *state;

	f->screen.left = 10;
	f->screen.right = 17;
	assert_int_equal(screen_write(&f->screen, "a"), -1);
	f->screen.right = 5;
	assert_int_equal(screen_write(&f->screen, "a"), -1);
	f->screen.right = 40;
	f->screen.bottom = 15;
	assert_int_equal(screen_write(&f->screen, "a"), -1);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++)
			assert_int_equal(at(f, x, y), UNTOUCHED);
}

static void test_write_erases_what_was_there(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0x000040);
	screen_write(&f->screen, "X");
	f->screen.x = 0;
	screen_write(&f->screen, "-");
	assert_glyph(f, 0, 0, 1, '-', 0xffffff);
}

static void test_text_at_is_clipped_and_leaves_the_background(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0x111111);
	assert_int_equal(screen_text_at(&f->screen, 36, 30, 0xff0000, "MM"), 44);
	assert_glyph(f, 36, 30, 1, 'M', 0xff0000);
	assert_int_equal(screen_text_at(&f->screen, 0, 0, 0xff0000, " "), 8);
	assert_int_equal(at(f, 0, 0), 0x111111);
	assert_outside_untouched(f);
}

static void test_scale_doubles_every_pixel(void **state)
{
	struct fixture *f = *state;

	screen_clear(&f->screen, 0);
	f->screen.scale = 2;
	screen_text_at(&f->screen, 0, 0, 0xffffff, "R");
	assert_glyph(f, 0, 0, 2, 'R', 0xffffff);
	assert_int_equal(screen_font_width(&f->screen), 16);
	assert_int_equal(screen_font_height(&f->screen), 32);
}

static void test_large_displays_get_larger_text(void **state)
{
	struct fixture *f = *state;
	struct handoff_framebuffer framebuffer = description();

	framebuffer.width = 3840;
	framebuffer.height = 2160;
	framebuffer.pitch_bytes = 3840 * 4;
	framebuffer.bytes = UINT64_C(3840) * 2160 * 4;
	assert_int_equal(screen_init(&f->screen, &framebuffer, f->memory), 0);
	assert_int_equal(f->screen.scale, 2);
}

/* K39: each impossible description is refused, and nothing is drawn afterwards. */
static void test_K39_impossible_descriptions_are_refused(void **state)
{
	struct fixture *f = *state;
	struct handoff_framebuffer good = description(), bad[16];
	size_t n = 0;

#define BAD(field, value) (bad[n] = good, bad[n++].field = (value))
	BAD(width, 0);
	BAD(height, 0);
	BAD(width, PITCH_PIXELS + 1);
	BAD(width, UINT32_MAX);
	BAD(height, UINT32_MAX);
	BAD(pitch_bytes, PITCH_PIXELS * 4 + 2);
	BAD(pitch_bytes, 0);
	BAD(pitch_bytes, 0xfffffffc);
	BAD(bits_per_pixel, 24);
	BAD(bytes, PITCH_PIXELS * HEIGHT * 4 - 1);
	BAD(red_mask, 0);
	BAD(green_mask, 0xff0000); /* the same as red */
	BAD(blue_mask, 0xf);       /* four bits */
	BAD(blue_mask, 0x1fff);    /* overlaps green, 13 bits */
	BAD(red_mask, 0xf70000);   /* a hole */
#undef BAD
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(screen_init(&f->screen, &bad[i], f->memory + GUARD), -1);
		assert_null(f->screen.pixels);
		screen_clear(&f->screen, 1);
		assert_int_equal(screen_write(&f->screen, "x"), 0);
		assert_int_equal(screen_text_at(&f->screen, 7, 0, 1, "x"), 7);
	}
	assert_int_equal(screen_init(&f->screen, NULL, f->memory), -1);
	assert_int_equal(screen_init(&f->screen, &good, NULL), -1);
	assert_int_equal(screen_init(&f->screen, &good, (char *)f->memory + 2), -1);
	for (size_t i = 0; i < sizeof f->memory / 4; i++)
		assert_int_equal(f->memory[i], UNTOUCHED);
}

/* --- words ------------------------------------------------------------------------------------------------------------ */

/* Writes words into an area of 4 by 2 characters and returns what stands there, a dot for background; line by line. */
static const char *words(struct fixture *f, const char *text, int *ret_status)
{
	static char seen[2 * 4 + 1];

	screen_clear(&f->screen, 0);
	f->screen.right = 4 * FONT_WIDTH;
	f->screen.bottom = 2 * FONT_HEIGHT;
	*ret_status = screen_write_words(&f->screen, text);
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t left = i % 4 * FONT_WIDTH, top = i / 4 * FONT_HEIGHT;

		seen[i] = '?';
		for (char c = ' '; c < '~' && seen[i] == '?'; c++) {
			uint32_t same = 0;

			for (uint32_t pixel = 0; pixel < FONT_WIDTH * FONT_HEIGHT; pixel++)
				same += (at(f, left + pixel % FONT_WIDTH, top + pixel / FONT_WIDTH) != 0) ==
					(font_rows((uint32_t)c)[pixel / FONT_WIDTH] >> (7 - pixel % FONT_WIDTH) & 1);
			seen[i] = same != FONT_WIDTH * FONT_HEIGHT ? '?' : c == ' ' ? '.' : c;
		}
	}
	return seen;
}

static void test_words_are_kept_whole(void **state)
{
	static const struct {
		const char *text, *seen;
		int status;
	} cases[] = {
		{ "ab cd", "ab..cd..", 0 },
		{ "abcd e", "abcde...", 0 },      /* the blank at the end of a line is not carried over */
		{ "abc d", "abc.d...", 0 },
		{ "a b c", "a.b.c...", 0 },
		{ "a b", "a.b.....", 0 },
		{ "a\nb", "a...b...", 0 },
		{ "abcdef", "abcdef..", 0 },      /* longer than a line: cut where it ends */
		{ "a bcdef", "a...bcde", -1 },    /* begins a line of its own, and ends below the area */
		{ "ab cd ef", "ab..cd..", -1 },
		{ "", "........", 0 },
		{ "\n\n", "........", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status;

		assert_string_equal(words(*state, cases[i].text, &status), cases[i].seen);
		assert_int_equal(status, cases[i].status);
		assert_outside_untouched(*state);
	}
}

static void test_words_without_a_screen_are_nothing(void **state)
{
	struct screen none = { .scale = 1, .right = 100, .bottom = 100 };

	(void)state;
	assert_int_equal(screen_write_words(&none, "a word\nand more words than fit into one hundred pixels"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_clear_fills_the_visible_part_only),
		T(test_rectangle_is_clipped),
		T(test_rectangle_of_no_size_draws_nothing),
		T(test_colours_follow_the_masks),
		T(test_write_draws_the_font),
		T(test_write_wraps_at_the_right_and_stops_at_the_bottom),
		T(test_write_stays_in_the_text_area),
		T(test_write_into_an_area_too_narrow_for_a_character),
		T(test_write_erases_what_was_there),
		T(test_text_at_is_clipped_and_leaves_the_background),
		T(test_scale_doubles_every_pixel),
		T(test_large_displays_get_larger_text),
		T(test_words_are_kept_whole),
		T(test_words_without_a_screen_are_nothing),
		T(test_K39_impossible_descriptions_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
