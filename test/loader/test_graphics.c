/* SPDX-License-Identifier: BSD-2-Clause */
/* L22, K39, H73: which mode is chosen, how its framebuffer is described, and that a boot never fails for want of a screen. */
#include <string.h>
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

/* The modes of fake.c. */
enum { BGR_800 = 0, BLT_ONLY = 1, MASKS_640 = 2, RGB_320 = 3 };

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static const struct handoff_framebuffer *expect_framebuffer(uint32_t width, uint32_t height)
{
	const struct handoff_framebuffer *framebuffer;

	expect_kernel();
	framebuffer = expect_part(HANDOFF_PART_FRAMEBUFFER);
	assert_int_equal(framebuffer->width, width);
	assert_int_equal(framebuffer->height, height);
	assert_int_equal(framebuffer->bits_per_pixel, 32);
	assert_int_equal(framebuffer->base_phys, fake.options.framebuffer_phys);
	assert_int_equal(framebuffer->bytes, fake.options.framebuffer_bytes);
	return framebuffer;
}

static void expect_none(void)
{
	assert_null(handoff_part(expect_kernel(), HANDOFF_PART_FRAMEBUFFER, NULL, NULL));
}

static void test_mode_in_force_is_kept(void **state)
{
	const struct handoff_framebuffer *framebuffer;

	(void)state;
	framebuffer = expect_framebuffer(800, 600);
	assert_int_equal(framebuffer->pitch_bytes, 3200);
	assert_int_equal(framebuffer->red_mask, 0xff0000);
	assert_int_equal(framebuffer->green_mask, 0x00ff00);
	assert_int_equal(framebuffer->blue_mask, 0x0000ff);
	assert_int_equal(framebuffer->reserved_mask, 0xff000000);
	assert_int_equal(fake.calls[FAKE_QUERY_MODE], 0);
	assert_int_equal(fake.calls[FAKE_SET_MODE], 0);
}

static void test_protocol_of_no_console(void **state)
{
	(void)state;
	fake.options.graphics = FAKE_GRAPHICS_LOCATE;
	expect_framebuffer(800, 600);
}

static void test_H73_no_graphics(void **state)
{
	(void)state;
	fake.options.graphics = FAKE_GRAPHICS_NONE;
	expect_none();
}

static void test_wanted_resolution(void **state)
{
	const struct handoff_framebuffer *framebuffer;

	(void)state;
	fake_add_text("\\baton\\baton.conf", "resolution = 640x480\n");
	framebuffer = expect_framebuffer(640, 480);
	assert_int_equal(framebuffer->pitch_bytes, 704 * 4);
	assert_int_equal(framebuffer->red_mask, 0xff0000);
	assert_int_equal(framebuffer->reserved_mask, 0xff000000);
	assert_int_equal(fake.calls[FAKE_SET_MODE], 1);
	fake_reset();
	fake_add_text("\\baton\\baton.conf", "resolution = 320x200\n");
	framebuffer = expect_framebuffer(320, 200);
	assert_int_equal(framebuffer->red_mask, 0x0000ff);
	assert_int_equal(framebuffer->blue_mask, 0xff0000);
}

static void test_wanted_resolution_is_not_there(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "resolution = 1920x1080\n");
	expect_framebuffer(800, 600);
	assert_int_equal(fake.calls[FAKE_SET_MODE], 0);
	fake_reset();
	fake_add_text("\\baton\\baton.conf", "resolution = 1024x768\n"); /* PixelBltOnly */
	expect_framebuffer(800, 600);
}

static void test_mode_that_cannot_be_drawn_on_is_left(void **state)
{
	(void)state;
	fake.options.mode = BLT_ONLY;
	expect_framebuffer(800, 600);
	fake_reset();
	fake.options.mode = RGB_320; /* too small to read */
	expect_framebuffer(800, 600);
}

/* Masks that leave the top byte out: pixels of two or three bytes, which nobody here can draw (UEFI 2.10 §12.9.2). */
static void test_K39_narrow_pixels_are_no_framebuffer(void **state)
{
	static const EFI_PIXEL_BITMASK narrow[] = { { 0xf800, 0x7e0, 0x1f, 0 }, { 0x7c00, 0x3e0, 0x1f, 0x8000 }, { 0xff0000, 0xff00, 0xff, 0 } };
	static const EFI_PIXEL_BITMASK wide[] = { { 0x3ff00000, 0xffc00, 0x3ff, 0 }, { 0xff, 0xff00, 0xff0000, 0x80000000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++) {
		fake_reset();
		fake.options.mode = MASKS_640;
		fake.options.mode_count = MASKS_640 + 1;
		fake.options.modes[BGR_800].PixelFormat = PixelBltOnly;
		fake.options.modes[MASKS_640].PixelInformation = narrow[i];
		expect_none();
	}
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		fake_reset();
		fake.options.mode = MASKS_640;
		fake.options.modes[MASKS_640].PixelInformation = wide[i];
		assert_int_equal(expect_framebuffer(640, 480)->red_mask, wide[i].RedMask);
	}
}

static void test_set_mode_fails(void **state)
{
	(void)state;
	fake.options.mode = BLT_ONLY;
	fake_add_fault((struct fake_fault){ FAKE_SET_MODE, 1, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_framebuffer(640, 480); /* the next one */
	fake_reset();
	fake.options.mode = BLT_ONLY;
	fake_add_fault((struct fake_fault){ FAKE_SET_MODE, 0, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_none();
	fake_reset();
	fake.options.mode = RGB_320;
	fake_add_fault((struct fake_fault){ FAKE_QUERY_MODE, 0, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_framebuffer(320, 200);
}

static void test_H73_only_blt(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < fake.options.mode_count; i++)
		fake.options.modes[i].PixelFormat = PixelBltOnly;
	expect_none();
}

/* K39, E31. */
static void test_impossible_framebuffers(void **state)
{
	static const struct {
		uint64_t base, bytes;
		uint32_t width, height, line;
	} impossible[] = {
		{ 0, FAKE_FRAMEBUFFER_BYTES, 800, 600, 800 },
		{ FAKE_FRAMEBUFFER, 0, 800, 600, 800 },
		{ FAKE_FRAMEBUFFER, 800 * 600 * 4 - 1, 800, 600, 800 },
		{ FAKE_FRAMEBUFFER, FAKE_FRAMEBUFFER_BYTES, 800, 600, 799 },
		{ FAKE_FRAMEBUFFER, FAKE_FRAMEBUFFER_BYTES, 800, 0, 800 },
		{ FAKE_FRAMEBUFFER, FAKE_FRAMEBUFFER_BYTES, 800, 600, UINT32_MAX },
		{ FAKE_FRAMEBUFFER, UINT64_MAX, 800, 600, 800 },
		{ UINT64_MAX - 4095, FAKE_FRAMEBUFFER_BYTES, 800, 600, 800 },
		{ UINT64_C(1) << 39, FAKE_FRAMEBUFFER_BYTES, 800, 600, 800 },       /* beyond the address width */
		{ (UINT64_C(1) << 39) - 4096, FAKE_FRAMEBUFFER_BYTES, 800, 600, 800 }, /* reaches beyond it */
		{ UINT64_MAX - FAKE_FRAMEBUFFER_BYTES - 100, FAKE_FRAMEBUFFER_BYTES, 800, 600, 800 },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
		fake_reset();
		fake.options.framebuffer_phys = impossible[i].base;
		fake.options.framebuffer_bytes = impossible[i].bytes;
		fake.options.modes[BGR_800].HorizontalResolution = impossible[i].width;
		fake.options.modes[BGR_800].VerticalResolution = impossible[i].height;
		fake.options.modes[BGR_800].PixelsPerScanLine = impossible[i].line;
		fake.options.mode_count = 1;
		expect_none();
	}
}

/* H73: a framebuffer at 448 GiB. */
static void test_H73_framebuffer_far_up(void **state)
{
	(void)state;
	fake.options.framebuffer_phys = UINT64_C(448) << 30;
	expect_framebuffer(800, 600);
}

static void test_framebuffer_of_any_alignment(void **state)
{
	(void)state;
	fake.options.framebuffer_phys = FAKE_FRAMEBUFFER + 0x40;
	fake.options.framebuffer_bytes = 800 * 600 * 4;
	expect_framebuffer(800, 600);
}

/* Where a kernel is linked over it, nobody can draw. */
static void test_framebuffer_under_a_low_kernel(void **state)
{
	(void)state;
	fake_add_kernel(&(struct kernel_shape){ .link = FAKE_FRAMEBUFFER + 0x100000 });
	expect_none();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mode_in_force_is_kept, reset),
		cmocka_unit_test_setup(test_protocol_of_no_console, reset),
		cmocka_unit_test_setup(test_H73_no_graphics, reset),
		cmocka_unit_test_setup(test_wanted_resolution, reset),
		cmocka_unit_test_setup(test_wanted_resolution_is_not_there, reset),
		cmocka_unit_test_setup(test_mode_that_cannot_be_drawn_on_is_left, reset),
		cmocka_unit_test_setup(test_K39_narrow_pixels_are_no_framebuffer, reset),
		cmocka_unit_test_setup(test_set_mode_fails, reset),
		cmocka_unit_test_setup(test_H73_only_blt, reset),
		cmocka_unit_test_setup(test_impossible_framebuffers, reset),
		cmocka_unit_test_setup(test_H73_framebuffer_far_up, reset),
		cmocka_unit_test_setup(test_framebuffer_of_any_alignment, reset),
		cmocka_unit_test_setup(test_framebuffer_under_a_low_kernel, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
