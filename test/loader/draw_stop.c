/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws the screen of a coded stop on a framebuffer of any shape and writes it as a picture (binary PPM) to standard output, for
 * test/tools/test_stop_screen.py:
 *
 *     draw_stop WIDTH HEIGHT PITCH RED GREEN BLUE exception|stop
 *
 * The pitch in pixels, the colours as masks in hexadecimal.  The framebuffer lies above 4 GiB, between pages that fault; what the
 * lines have behind their visible part must stay untouched.  Status 1: it was not, or nothing was drawn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "loader/after/stop_screen.h"

enum { PAGE = 4096, UNTOUCHED = 0x5a };
#define ABOVE_4_GIB ((void *)UINT64_C(0x200000000000))

static const char names[] = "RIPRSPRFLCS CR2CR3RAXRBXRCXRDXRSIRDIRBPR8 R9 R10R11R12R13R14R15";
static uint64_t registers[21];

/* The worst there is: nothing is zero, no number short. */
static const struct stop_exception *exception(void)
{
	static struct stop_exception found = { 14, 0x1f, 0, UINT64_C(0xfedcba9876543210), registers, names, 21 };

	for (uint64_t i = 0; i < 21; i++)
		registers[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	found.instruction_virt = registers[0];
	return &found;
}

static void *framebuffer_memory(uint64_t bytes)
{
	uint64_t pages = (bytes + PAGE - 1) / PAGE;
	uint8_t *area = mmap(ABOVE_4_GIB, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (area == MAP_FAILED || mprotect(area + PAGE, pages * PAGE, PROT_READ | PROT_WRITE) != 0)
		return NULL;
	memset(area + PAGE, UNTOUCHED, bytes);
	/* The end of the pixels is the end of the page: what is drawn behind it faults. */
	return area + PAGE + (pages * PAGE - bytes);
}

static uint32_t channel(uint32_t pixel, uint32_t mask)
{
	return (uint32_t)((uint64_t)(pixel & mask) * 255 / mask);
}

static int write_picture(const struct handoff_framebuffer *f)
{
	printf("P6\n%u %u\n255\n", f->width, f->height);
	for (uint32_t y = 0; y < f->height; y++) {
		const uint32_t *line = (const uint32_t *)(f->base_phys + (uint64_t)y * f->pitch_bytes);

		for (uint32_t x = 0; x < f->width; x++) {
			putchar((int)channel(line[x], f->red_mask));
			putchar((int)channel(line[x], f->green_mask));
			putchar((int)channel(line[x], f->blue_mask));
		}
		for (uint32_t x = f->width; x < f->pitch_bytes / 4; x++)
			if (line[x] != 0x01010101u * UNTOUCHED)
				return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct handoff_framebuffer f = { .bits_per_pixel = 32 };
	struct stop_detail detail = { 8, UINT64_C(0x8000000000000002), 0, 0 };
	struct after after = { .stage = HANDOFF_STAGE_EXIT, .attempt_count = 8 };
	struct stop_report report;
	int is_exception;

	if (argc != 8)
		return 2;
	f.width = (uint32_t)strtoul(argv[1], NULL, 10);
	f.height = (uint32_t)strtoul(argv[2], NULL, 10);
	f.pitch_bytes = 4 * (uint32_t)strtoul(argv[3], NULL, 10);
	f.red_mask = (uint32_t)strtoul(argv[4], NULL, 16);
	f.green_mask = (uint32_t)strtoul(argv[5], NULL, 16);
	f.blue_mask = (uint32_t)strtoul(argv[6], NULL, 16);
	f.bytes = (uint64_t)f.pitch_bytes * f.height;
	f.base_phys = (uint64_t)framebuffer_memory(f.bytes);
	is_exception = strcmp(argv[7], "exception") == 0;
	stop_report_fill(&report, &after, is_exception ? STOP_EXCEPTION : STOP_EXIT_ATTEMPTS, &detail,
			 is_exception ? exception() : NULL);
	if (f.base_phys == 0 || !stop_screen_show(&f, &report, 30))
		return 1;
	return write_picture(&f);
}
