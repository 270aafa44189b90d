/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coded stop on the screen: in words, and as a QR code beside them, or below them where the screen is higher than wide.  As large
 * as both can be at the same time.  RULE: draws only inside the framebuffer (lib/screen.c), under whatever page tables are in force.
 */
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/qr.h"
#include "lib/screen.h"
#include "loader/after/stop_screen.h"

enum {
	TEXT_BYTES = 128,
	COLUMNS = 42,         /* two registers side by side */
	ROWS_EXCEPTION = 23,
	ROWS_OTHER = 16,
	ROWS_BELOW_CODE = 4,  /* a gap, and the short form */
	GROUP = 5,            /* characters of the short form with their hyphen */
	SCALE_MAX = 16,
	MODULE_MIN = 3,       /* pixels that a camera and zbar need */
	TITLE_SCALE = 2,
	BACKGROUND = 0x5c1620,
	BRIGHT = 0xffffff,
	SOFT = 0xf0c8c4,
};

/* Where things stand, in pixels. */
struct layout {
	uint32_t scale;          /* of the font */
	uint32_t margin;
	uint32_t module;         /* side of a module of the code; 0: there is no room for it */
	uint32_t code_x, code_y; /* of the light square around the code */
	uint32_t code_side;
};

static uint32_t less(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* At one size of text; returns 1 when that is a good one: all text fits, and the code's modules are half as large again as the pixels of
   letters. */
static int try_layout(struct layout *layout, const struct screen *screen, uint32_t scale, uint32_t modules, uint32_t rows)
{
	uint32_t margin = 2 * 8 * scale, text_width = COLUMNS * 8 * scale, text_height = rows * 16 * scale;
	uint32_t wide = less(screen->width, 2 * margin), high = less(screen->height, 2 * margin);
	uint32_t below = ROWS_BELOW_CODE * 16 * scale;
	int portrait = screen->height > screen->width, fits = wide >= text_width && high >= text_height;

	if (portrait)
		layout->module = smaller(wide, less(high, text_height + margin + below)) / modules;
	else
		layout->module = smaller(less(wide, text_width + margin), less(high, below)) / modules;
	layout->scale = scale;
	layout->margin = margin;
	layout->code_side = modules * layout->module;
	layout->code_x = portrait ? margin : less(screen->width, margin + layout->code_side);
	layout->code_y = portrait ? text_height + 2 * margin : margin;
	return fits && 2 * layout->module >= 3 * scale && layout->module >= MODULE_MIN;
}

static void choose_layout(struct layout *layout, const struct screen *screen, uint32_t modules, uint32_t rows)
{
	uint32_t scale = SCALE_MAX;

	while (!try_layout(layout, screen, scale, modules, rows) && scale > 1)
		scale--;
}

static void draw_code(struct screen *screen, const struct layout *layout, const struct qr *qr)
{
	uint32_t module = layout->module, left = layout->code_x + QR_QUIET * module, top = layout->code_y + QR_QUIET * module;

	screen_rectangle(screen, layout->code_x, layout->code_y, layout->code_side, layout->code_side, 0xffffff);
	for (uint32_t y = 0; y < qr->side; y++)
		for (uint32_t x = 0; x < qr->side; x++)
			if (qr_dark(qr, x, y))
				screen_rectangle(screen, left + x * module, top + y * module, module, module, 0);
}

/* Below the code, in whole groups; without a code, where the text ends. */
static void draw_short_form(struct screen *screen, const struct layout *layout, const char *form)
{
	uint32_t cell = screen_font_width(screen), groups;
	char row[TEXT_BYTES];

	if (layout->module > 0) {
		screen->left = layout->code_x;
		screen->right = layout->code_x + layout->code_side;
		screen->y = layout->code_y + layout->code_side + screen_font_height(screen);
	}
	screen->bottom = screen->height;
	screen->x = screen->left;
	groups = less(screen->right, screen->left) / cell / GROUP;
	for (uint32_t step = (groups ? groups : 1) * GROUP; *form != '\0';) {
		int length = format(row, sizeof(row), "%.*s", (int)step, form);

		screen_write(screen, row);
		screen_write(screen, "\n");
		form += length;
	}
}

static void write_title(struct screen *screen, const struct layout *layout)
{
	screen->scale *= TITLE_SCALE;
	screen_write(screen, "Baton stopped\n");
	screen->scale = layout->scale;
	screen->y += screen_font_height(screen) / 2;
}

static void write_exception(struct screen *screen, const struct stop_report *report)
{
	const struct stop_exception *exception = report->exception;
	char text[TEXT_BYTES], meaning[STOP_ERROR_BYTES];

	stop_error_text(meaning, exception->vector, exception->error);
	format(text, sizeof(text), "Exception %lu, %s%s%s\n", (unsigned long)exception->vector,
	       stop_exception_name(exception->vector), *meaning ? ": " : "", meaning);
	screen_write_words(screen, text);
	format(text, sizeof(text), "at %s\n\n", report->place);
	screen_write_words(screen, text);
	screen->foreground = SOFT;
	for (uint32_t i = 0; i < exception->count; i++) {
		format(text, sizeof(text), "%.*s %016lx%s", STOP_REGISTER_NAME, exception->names + STOP_REGISTER_NAME * i,
		       (unsigned long)exception->registers[i], i % 2 && i + 1 < exception->count ? "\n" : "  ");
		screen_write(screen, text);
	}
	screen_write(screen, "\n\n");
}

static void write_reason(struct screen *screen, const struct stop_report *report)
{
	const struct stop_form *form = &report->form;
	char text[TEXT_BYTES];

	format(text, sizeof(text), "%s\n\n", stop_reason((enum stop_code)form->code));
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	screen_write_words(screen, text);
	screen->foreground = SOFT;
	for (uint32_t i = 0; i < 4; i++) {
		const char *name = stop_detail_name((enum stop_code)form->code, i);

		if (name == 0)
			continue;
		format(text, sizeof(text), "%-12s 0x%lx\n", name, (unsigned long)form->detail[i]);
		screen_write(screen, text);
	}
	screen_write(screen, "\n");
}

static void write_text(struct screen *screen, const struct layout *layout, const struct stop_report *report, uint32_t seconds)
{
	const struct stop_form *form = &report->form;
	char text[TEXT_BYTES];

	screen->scale = layout->scale;
	screen->left = screen->x = layout->margin;
	screen->top = screen->y = layout->margin;
	screen->right = smaller(less(screen->width, layout->margin), layout->margin + COLUMNS * screen_font_width(screen));
	screen->foreground = BRIGHT;
	write_title(screen, layout);
	if (report->exception != 0)
		write_exception(screen, report);
	else
		write_reason(screen, report);
	format(text, sizeof(text), "Code %u, stage %u (%s), exit attempts %u.\nThe machine resets in %u seconds. For a report "
	       "photograph this screen%s", form->code, form->stage, handoff_stage_name(form->stage), form->attempts, seconds,
	       layout->module > 0 ? "." : ", or note:\n");
	screen_write_words(screen, text);
	screen->foreground = BRIGHT;
}

int stop_screen_show(const struct handoff_framebuffer *framebuffer, const struct stop_report *report, uint32_t seconds)
{
	static struct qr qr; /* too large for an exception's stack */
	char text[STOP_CODE_BYTES];
	struct screen screen;
	struct layout layout;

	if (framebuffer->width == 0 || screen_init(&screen, framebuffer, (void *)framebuffer->base_phys) != 0)
		return 0;
	stop_report_code(text, report);
	qr_encode(&qr, text);
	choose_layout(&layout, &screen, qr.side + 2 * QR_QUIET, report->exception != 0 ? ROWS_EXCEPTION : ROWS_OTHER);
	screen_clear(&screen, BACKGROUND);
	write_text(&screen, &layout, report, seconds);
	draw_code(&screen, &layout, &qr);
	draw_short_form(&screen, &layout, report->short_form);
	return 1;
}
