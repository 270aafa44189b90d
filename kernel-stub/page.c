/* SPDX-License-Identifier: BSD-2-Clause */
/* One page of the report on the screen: its measures, its text, its title and the bar at its bottom. */
#include "kernel-stub/page.h"
#include "lib/format.h"
#include "lib/handoff_block.h"

enum { TITLE_SCALE = 2 };

int page_open(struct page *page, const struct screen *screen)
{
	*page = (struct page){.screen = *screen};
	if (!screen->pixels)
		return 0;
	page->font_width = screen_font_width(screen);
	page->font_height = screen_font_height(screen);
	page->line = page->font_height + 2 * screen->scale;
	page->margin = 2 * page->font_width;
	page->right = screen->width > page->margin ? screen->width - page->margin : screen->width;
	page->y = page->font_height;
	return screen->width >= 40 * page->font_width && screen->height >= 4 * page->line;
}

uint32_t page_text(struct page *page, uint32_t x, uint32_t width, uint32_t rgb, const char *string)
{
	char cut[PAGE_TEXT_MAX];
	uint32_t room = width / page->font_width, length;

	if (page->y + page->font_height > page->screen.height)
		return x;
	if (room >= PAGE_TEXT_MAX - 3)
		room = PAGE_TEXT_MAX - 4;
	length = (uint32_t)format(cut, sizeof cut, "%.*s", (int)room, string);
	if (length > 0 && length == room && string[room] != '\0')
		format(cut + room - 1, 4, "%s", "…");
	return screen_text_at(&page->screen, x, page->y, rgb, cut);
}

void page_heading(struct page *page, uint32_t x, uint32_t width, const char *title, const char *remark)
{
	uint32_t behind = page_text(page, x, width, COLOUR_TEXT, title) + page->font_width;

	if (behind < x + width)
		page_text(page, behind, x + width - behind, COLOUR_DIM, remark);
	screen_rectangle(&page->screen, x, page->y + page->font_height + 1, width, page->screen.scale, COLOUR_PANEL);
	page->y += page->line + page->font_height / 4;
}

/* One word in large letters; returns the x behind it. */
static uint32_t large(struct page *page, uint32_t x, uint32_t y, uint32_t rgb, const char *word)
{
	page->screen.scale *= TITLE_SCALE;
	x = screen_text_at(&page->screen, x, y, rgb, word);
	page->screen.scale /= TITLE_SCALE;
	return x;
}

static void verdict_box(struct page *page, enum picture_verdict verdict, uint32_t left, uint32_t height)
{
	static const uint32_t colours[] = {COLOUR_CHECKING, COLOUR_PASS, COLOUR_FAIL};
	static const char *const words[] = {"CHECKING", "PASS", "FAIL"};
	uint32_t width = page->right - left, length = 0;

	while (words[verdict][length])
		length++;
	screen_rectangle(&page->screen, left, page->y, width, height, colours[verdict]);
	large(page, left + (width - length * TITLE_SCALE * page->font_width) / 2,
	      page->y + (height - TITLE_SCALE * page->font_height) / 2, 0xffffff, words[verdict]);
}

/* "Baton 0.1.0" as the loader calls itself. */
static const char *loader_name(const struct kernel *kernel)
{
	const struct handoff_loader *loader;

	if (!kernel->block_sound)
		return "Baton";
	loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	return handoff_string(kernel->block, loader->version_offset);
}

static void title_lines(struct page *page, uint32_t x, uint32_t width, const struct kernel *kernel, enum picture_verdict verdict)
{
	const struct rule_log *log = &kernel->findings.log;
	char line[PAGE_TEXT_MAX];

	format(line, sizeof line, "no handoff block that can be read");
	if (kernel->block_sound) {
		const struct handoff_firmware *firmware = handoff_part(kernel->block, HANDOFF_PART_FIRMWARE, 0, 0);

		format(line, sizeof line, "handoff %u.%u on %s", (unsigned)kernel->block->version_major,
		       (unsigned)kernel->block->version_minor, handoff_string(kernel->block, firmware->vendor_offset));
	}
	page_text(page, x, width, COLOUR_TEXT, line);
	page->y += page->line;
	format(line, sizeof line, "%u checks, %u fatal, %u repaired, %u warnings", (unsigned)log->checks,
	       (unsigned)log->counts[RULE_FATAL], (unsigned)log->counts[RULE_REPAIRED], (unsigned)log->counts[RULE_WARNING]);
	page_text(page, x, width, COLOUR_DIM, verdict == PICTURE_CHECKING ? "checking what was handed over ..." : line);
}

static uint32_t verdict_height(const struct page *page)
{
	return TITLE_SCALE * page->font_height + page->font_height / 2;
}

uint32_t page_title_height(const struct page *page)
{
	return verdict_height(page) + page->font_height;
}

void page_title(struct page *page, const struct kernel *kernel, enum picture_verdict verdict)
{
	uint32_t top = page->y;
	uint32_t box = page->right - 9 * TITLE_SCALE * page->font_width, x;

	screen_clear(&page->screen, COLOUR_BACKGROUND);
	verdict_box(page, verdict, box, verdict_height(page));
	x = large(page, page->margin, page->y + page->font_height / 4, COLOUR_TEXT, loader_name(kernel)) + 2 * page->font_width;
	page->y += page->font_height / 4;
	if (x + page->margin < box)
		title_lines(page, x, box - page->margin - x, kernel, verdict);
	page->y = top + page_title_height(page);
}

uint32_t page_footer_top(const struct page *page)
{
	return page->screen.height - page->line - page->font_height / 2;
}

void page_footer(struct page *page, const char *words)
{
	uint32_t top = page_footer_top(page), width = page->right - page->margin;

	screen_rectangle(&page->screen, 0, top, page->screen.width, page->screen.height - top, COLOUR_PANEL);
	page->y = top + page->font_height / 4;
	page_text(page, page->margin, width, COLOUR_TEXT, words);
}
