/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages of the report.  The text is not kept anywhere: after a fatal finding no free memory can be trusted to hold it.  So
 * the report is told anew for each page, and of its rows those of that page are drawn; the first time none are, they are counted.
 * RULE: no interrupt and no device but the screen and the clock.
 */
#include "kernel-stub/page_turn.h"
#include "kernel-stub/arch/clock.h"
#include "kernel-stub/page.h"
#include "kernel-stub/print.h"
#include "kernel-stub/report_facts.h"
#include "kernel-stub/report_tables.h"
#include "kernel-stub/steps.h"
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/pager.h"

struct turn {
	const struct kernel *kernel;
	enum picture_verdict verdict;
	uint64_t second;    /* counts of the clock */
	struct page page;
	uint32_t top;       /* pixels: where the first row of text stands */
	struct pager pager; /* the rows in sight */
};

static void draw_row(void *context, uint64_t index, const char *row)
{
	struct turn *turn = context;
	struct page *page = &turn->page;

	if (index >= turn->pager.top && index < pager_end(&turn->pager))
		screen_text_at(&page->screen, page->margin, turn->top + (uint32_t)(index - turn->pager.top) * page->line,
			       COLOUR_TEXT, row);
}

static void take_text(void *context, const char *text)
{
	pager_rows_add(context, text);
}

/* Tells the report; rows in sight are drawn.  Returns how many rows there are. */
static uint64_t tell(struct turn *turn)
{
	uint32_t columns = (turn->page.right - turn->page.margin) / turn->page.font_width;
	struct pager_rows rows;

	pager_rows_begin(&rows, columns, draw_row, turn);
	print_to(take_text, &rows);
	report_findings(&turn->kernel->findings);
	print("\nFacts\n");
	report_facts(turn->kernel);
	report_tables(turn->kernel);
	print_to(0, 0);
	pager_rows_end(&rows);
	return rows.count;
}

/* What is on the screen stays for a while; page 1 is the picture. */
static void stay(struct turn *turn, uint64_t number)
{
	char line[PAGE_TEXT_MAX];

	for (uint32_t left = turn->kernel->options.page_seconds; left > 0; left--) {
		format(line, sizeof line, "page %llu of %llu, next in %u s", (unsigned long long)number,
		       (unsigned long long)pager_pages(&turn->pager) + 1, (unsigned)left);
		page_footer(&turn->page, line);
		clock_wait(turn->second);
	}
}

static void show_text(struct turn *turn)
{
	page_open(&turn->page, &turn->kernel->screen);
	page_title(&turn->page, turn->kernel, turn->verdict);
	tell(turn);
	stay(turn, pager_page(&turn->pager) + 1);
}

/* Measures the screen and the text; 0 when there is nothing to show them on. */
static int plan(struct turn *turn)
{
	struct page *page = &turn->page;
	uint32_t bottom;

	if (turn->kernel->options.page_seconds == 0 || !page_open(page, &turn->kernel->screen))
		return 0;
	bottom = page_footer_top(page);
	turn->top = page->y + page_title_height(page);
	if (bottom < turn->top + page->line)
		return 0;
	pager_begin(&turn->pager, 0, 0); /* no row is in sight */
	pager_begin(&turn->pager, tell(turn), (bottom - turn->top) / page->line);
	return 1;
}

/* A screen is only taken over when the block's frame is sound: every part of the report can be told. */
void page_turn(void *kernel)
{
	struct turn turn = {.kernel = kernel};
	const struct handoff_loader *loader;

	if (!plan(&turn))
		return;
	loader = handoff_part(turn.kernel->block, HANDOFF_PART_LOADER, 0, 0);
	turn.verdict = step_passed(turn.kernel) ? PICTURE_PASS : PICTURE_FAIL;
	turn.second = clock_hz(loader->tsc_hz);
	for (;;) {
		stay(&turn, 1);
		do
			show_text(&turn);
		while (pager_move(&turn.pager, PAGER_PAGE_DOWN));
		pager_move(&turn.pager, PAGER_HOME);
		picture_draw(turn.kernel, turn.verdict);
	}
}
