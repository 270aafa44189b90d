/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coded stop on the screen: what happened, at which stage, with which figures, and the line for programs below.  RULE:
 * draws only inside the framebuffer (lib/screen.c), under whatever page tables are in force.
 */
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/screen.h"
#include "loader/after/stop_screen.h"

enum { TEXT_BYTES = 128, LARGE_WIDTH = 1000, BACKGROUND = 0x6b1414, BRIGHT = 0xffffff, SOFT = 0xe8c0c0 };

static void write_details(struct screen *screen, enum stop_code code, const struct stop_detail *detail)
{
	const uint64_t values[4] = { detail->a, detail->b, detail->c, detail->d };

	for (uint32_t i = 0; i < 4; i++) {
		const char *name = stop_detail_name(code, i);
		char text[TEXT_BYTES];

		if (name == 0)
			continue;
		format(text, sizeof(text), "  %-12s 0x%lx %s\n", name, (unsigned long)values[i],
		       code == STOP_EXCEPTION && i == 0 ? stop_exception_name(values[i]) : "");
		screen_write(screen, text);
	}
}

int stop_screen_show(const struct handoff_framebuffer *framebuffer, enum stop_code code, uint32_t stage,
		     const struct stop_detail *detail, const char *line)
{
	struct screen screen;
	char text[TEXT_BYTES];
	uint32_t margin;

	if (framebuffer->width == 0 || screen_init(&screen, framebuffer, (void *)framebuffer->base_phys) != 0)
		return 0;
	if (screen.width >= LARGE_WIDTH)
		screen.scale *= 2;
	screen_clear(&screen, BACKGROUND);
	screen.background = BACKGROUND;
	margin = 2 * screen_font_width(&screen);
	screen.left = screen.x = margin;
	screen.top = screen.y = margin;
	screen.right = screen.width - margin;

	screen.foreground = BRIGHT;
	format(text, sizeof(text), "Baton stopped: code %u, stage %u (%s)\n\n", code, stage, handoff_stage_name(stage));
	screen_write(&screen, text);
	screen_write(&screen, stop_reason(code));
	screen_write(&screen, "\n\n");
	write_details(&screen, code, detail);
	screen.foreground = SOFT;
	screen_write(&screen, "\nThe machine resets in ten seconds. For a report:\n\n");
	screen_write(&screen, line);
	return 1;
}
