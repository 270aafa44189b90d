/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report on the screen, from top to bottom: title and verdict, physical memory to scale with its legend, what is wrong, machine
 * and boot side by side, notes in what is left.  All distances follow the font's and the screen's size; what a small screen
 * has no room for is at the bottom and matters least.
 */
#include "kernel-stub/picture.h"
#include "kernel-stub/page.h"
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "lib/memory_picture.h"
#include "lib/report.h"

enum { LINE_MAX = PAGE_TEXT_MAX, PIXELS_PER_ROW = 100, ROW_HEIGHT = 50, FINDINGS_MAX = 8, STAGE_NAME = 14, STAGE_TIME = 15 };

static const uint32_t kind_colours[MEMORY_PICTURE_KIND_COUNT] = {
	[MEMORY_PICTURE_HOLE] = 0x232b3d,
	[MEMORY_PICTURE_DEVICE] = 0xa8504a,
	[MEMORY_PICTURE_RESERVED] = 0x77808f,
	[MEMORY_PICTURE_USABLE] = 0x2f8f5b,
	[MEMORY_PICTURE_BOOT_SERVICES] = 0x2b6f86,
	[MEMORY_PICTURE_ACPI] = 0x6f9ceb,
	[MEMORY_PICTURE_RUNTIME] = 0x9a6fe0,
	[MEMORY_PICTURE_LOADER] = 0xf08a4b,
	[MEMORY_PICTURE_MODULE] = 0xe06fb0,
	[MEMORY_PICTURE_KERNEL] = 0xffd75e,
};

/* --- memory --------------------------------------------------------------------------------------------------------------- */

static void memory_row(struct page *page, const struct memory_picture *picture, uint32_t row, uint32_t left, uint32_t height,
		       const struct handoff_range *ranges, uint64_t count)
{
	uint8_t cells[MEMORY_PICTURE_CELLS_MAX];
	uint32_t cell_width = 3 * page->screen.scale, cell_count = (page->right - left) / cell_width;
	uint64_t start = picture->row_bytes * row, shown = picture->top_phys - start;

	if (cell_count > MEMORY_PICTURE_CELLS_MAX)
		cell_count = MEMORY_PICTURE_CELLS_MAX;
	memory_picture_row(picture, row, ranges, count, cells, cell_count);
	/* Nothing is drawn beyond the top of memory. */
	if (shown < picture->row_bytes)
		cell_count = (uint32_t)((shown >> 12) * cell_count / (picture->row_bytes >> 12)) + 1;
	for (uint32_t first = 0, end; first < cell_count; first = end) {
		for (end = first + 1; end < cell_count && cells[end] == cells[first]; end++)
			;
		screen_rectangle(&page->screen, left + first * cell_width, page->y, (end - first) * cell_width, height,
				 kind_colours[cells[first]]);
	}
}

static void legend(struct page *page, const struct handoff_range *ranges, uint64_t count)
{
	uint64_t bytes[MEMORY_PICTURE_KIND_COUNT];
	uint32_t x = page->margin, chip = page->font_height * 3 / 4;
	char line[LINE_MAX], size[16];

	memory_picture_bytes(ranges, count, bytes);
	for (int kind = MEMORY_PICTURE_KIND_COUNT - 1; kind > MEMORY_PICTURE_HOLE; kind--) {
		uint32_t width = (uint32_t)format(line, sizeof line, "%s %s", memory_picture_name((enum memory_picture_kind)kind),
						  format_bytes(size, bytes[kind])) * page->font_width;

		if (bytes[kind] == 0)
			continue;
		if (x + chip + page->font_width + width > page->right) {
			x = page->margin;
			page->y += page->line;
		}
		screen_rectangle(&page->screen, x, page->y + (page->font_height - chip) / 2, chip, chip, kind_colours[kind]);
		x += chip + page->font_width;
		screen_text_at(&page->screen, x, page->y, COLOUR_TEXT, line);
		x += width + 2 * page->font_width;
	}
	page->y += page->line + page->font_height / 2;
}

static void memory(struct page *page, const struct handoff_header *block)
{
	const struct handoff_range *ranges = handoff_part(block, HANDOFF_PART_MEMORY, 0, 0);
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);
	uint32_t left = page->margin + 9 * page->font_width, height = page->screen.height / ROW_HEIGHT, rows_max;
	struct memory_picture picture;
	char line[LINE_MAX], total[16], each[16];

	if (height < page->font_height)
		height = page->font_height;
	rows_max = page->screen.height / (PIXELS_PER_ROW * page->screen.scale);
	memory_picture_plan(&picture, ranges, count, rows_max ? rows_max : 1);
	format(line, sizeof line, "%s to scale, %s a row, every owned page is visible", format_bytes(total, picture.top_phys),
	       format_bytes(each, picture.row_bytes));
	page_heading(page, page->margin, page->right - page->margin, "Physical memory", line);
	for (uint32_t row = 0; row < picture.rows; row++) {
		memory_row(page, &picture, row, left, height, ranges, count);
		page->y += (height - page->font_height) / 2;
		page_text(page, page->margin, 8 * page->font_width, COLOUR_DIM, format_bytes(line, picture.row_bytes * row));
		page->y -= (height - page->font_height) / 2;
		page->y += height + page->font_height / 4;
	}
	page->y += page->font_height / 4;
	legend(page, ranges, count);
}

/* --- machine and boot ------------------------------------------------------------------------------------------------------ */

/* One line "name  value" of a column. */
static void entry(struct page *page, uint32_t x, uint32_t width, const char *name, const char *value)
{
	uint32_t indent = 11 * page->font_width;

	page_text(page, x, indent, COLOUR_DIM, name);
	page_text(page, x + indent, width - indent, COLOUR_TEXT, value);
	page->y += page->line;
}

static void machine_firmware(struct page *page, uint32_t x, uint32_t width, const struct kernel *kernel)
{
	static const char *const secure_boot[] = {"unknown", "off", "on", "setup mode"};
	const struct handoff_firmware *firmware = handoff_part(kernel->block, HANDOFF_PART_FIRMWARE, 0, 0);
	const struct handoff_exit *exit = handoff_part(kernel->block, HANDOFF_PART_EXIT, 0, 0);
	char line[LINE_MAX];

	format(line, sizeof line, "UEFI %u.%u, Secure Boot %s", (unsigned)(firmware->uefi_revision >> 16),
	       (unsigned)(firmware->uefi_revision & 0xffff) / 10, secure_boot[firmware->secure_boot & 3]);
	entry(page, x, width, "firmware", line);
	format(line, sizeof line, "%s", "called, moved, called again");
	if (kernel->runtime.virtual.state != RUNTIME_WORKS)
		format(line, sizeof line, "calls: %s, move: %s", runtime_state_name(kernel->runtime.physical.state),
		       runtime_state_name(kernel->runtime.moved));
	entry(page, x, width, "runtime", line);
	format(line, sizeof line, "%u attempt%s, %llu descriptors", (unsigned)exit->attempts, exit->attempts == 1 ? "" : "s",
	       (unsigned long long)handoff_count(kernel->block, HANDOFF_PART_RAW_MAP));
	entry(page, x, width, "exit", line);
}

static void machine_kernel(struct page *page, uint32_t x, uint32_t width, const struct kernel *kernel)
{
	const struct handoff_kernel *image = handoff_part(kernel->block, HANDOFF_PART_KERNEL, 0, 0);
	const struct handoff_cpu *cpu = &kernel->live.cpu;
	char line[LINE_MAX], size[16];

	format(line, sizeof line, "%016llx, %llu segments, %llu modules", (unsigned long long)image->entry_virt,
	       (unsigned long long)handoff_count(kernel->block, HANDOFF_PART_SEGMENTS),
	       (unsigned long long)handoff_count(kernel->block, HANDOFF_PART_MODULES));
	entry(page, x, width, "kernel", line);
	format(line, sizeof line, "%u-level paging%s%s, %u address bits", (unsigned)cpu->paging_levels,
	       cpu->flags & HANDOFF_CPU_NX ? ", NX" : "", cpu->flags & HANDOFF_CPU_PAGES_1G ? ", 1 GiB pages" : "",
	       (unsigned)cpu->physical_bits);
	entry(page, x, width, "processor", line);
	format(line, sizeof line, "%ux%u at 0x%llx", (unsigned)page->screen.width, (unsigned)page->screen.height,
	       (unsigned long long)((const struct handoff_framebuffer *)handoff_part(kernel->block, HANDOFF_PART_FRAMEBUFFER, 0, 0))
		       ->base_phys);
	entry(page, x, width, "screen", line);
	if (kernel->proof.tested_bytes) {
		format(line, sizeof line, "%s written and read back", format_bytes(size, kernel->proof.tested_bytes));
		entry(page, x, width, "memory", line);
	}
	entry(page, x, width, "arguments", kernel->cmdline ? kernel->cmdline : "none");
}

/* A stage of the boot, its time, and a bar to the scale of all of them. */
static void boot_stage(struct page *page, uint32_t x, uint32_t width, const struct handoff_stage *stage, uint64_t duration,
		       uint64_t total, uint64_t tsc_hz)
{
	uint32_t bar_left = (STAGE_NAME + STAGE_TIME + 1) * page->font_width, bar;
	char time[32], line[LINE_MAX];

	report_duration(time, duration, tsc_hz);
	format(line, sizeof line, "%*s", STAGE_TIME, time);
	page_text(page, x, STAGE_NAME * page->font_width, COLOUR_DIM, handoff_stage_name(stage->stage));
	page_text(page, x + STAGE_NAME * page->font_width, STAGE_TIME * page->font_width, COLOUR_TEXT, line);
	if (width > bar_left && total >> 12 > 0 && page->y + page->font_height <= page->screen.height) {
		bar = (uint32_t)((duration >> 12) * (width - bar_left) / (total >> 12));
		screen_rectangle(&page->screen, x + bar_left, page->y + page->font_height / 4, bar ? bar : 1,
				 page->font_height / 2, COLOUR_BAR);
	}
	page->y += page->line;
}

static void boot(struct page *page, uint32_t x, uint32_t width, const struct kernel *kernel)
{
	const struct handoff_loader *loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	const struct handoff_stage *stage, *next, *first = handoff_element(kernel->block, HANDOFF_PART_STAGES, 0);
	uint64_t total = first ? entry_time(kernel->entry) - first->tsc : 0;
	char time[32];

	report_duration(time, total, loader->tsc_hz);
	page_heading(page, x, width, "Boot", time);
	for (uint64_t i = 0; (stage = handoff_element(kernel->block, HANDOFF_PART_STAGES, i)); i++) {
		next = handoff_element(kernel->block, HANDOFF_PART_STAGES, i + 1);
		boot_stage(page, x, width, stage, (next ? next->tsc : entry_time(kernel->entry)) - stage->tsc, total,
			   loader->tsc_hz);
	}
}

static void machine_and_boot(struct page *page, const struct kernel *kernel)
{
	uint32_t gap = 2 * page->font_width, width = (page->right - page->margin - gap) / 2, top = page->y, left_end;

	page_heading(page, page->margin, width, "Machine", "");
	machine_firmware(page, page->margin, width, kernel);
	machine_kernel(page, page->margin, width, kernel);
	left_end = page->y;
	page->y = top;
	boot(page, page->margin + width + gap, width, kernel);
	page->y = (page->y > left_end ? page->y : left_end) + page->font_height / 2;
}

/* --- the boot before --------------------------------------------------------------------------------------------------- */

/* Only what somebody should know: a boot that went well says nothing. */
static void last_boot(struct page *page, const struct handoff_header *block)
{
	const struct handoff_last_boot *last = handoff_part(block, HANDOFF_PART_LAST_BOOT, 0, 0);
	struct screen area = page->screen;
	char line[LAST_BOOT_TEXT_MAX];

	if (!last || last->state == HANDOFF_LAST_BOOT_NONE || last->state == HANDOFF_LAST_BOOT_PASSED)
		return;
	page_heading(page, page->margin, page->right - page->margin, "Black box", "");
	area.left = area.x = page->margin;
	area.right = page->right;
	area.y = page->y;
	area.foreground = COLOUR_WARNING;
	area.background = COLOUR_BACKGROUND;
	screen_write(&area, last_boot_text(line, last));
	page->y = area.y + page->line + page->font_height / 2;
}

/* --- findings ----------------------------------------------------------------------------------------------------------- */

/* The findings from kept[first] to before kept[end], as many as fit. */
static void findings(struct page *page, const char *name, const struct findings *findings, uint32_t first, uint32_t end)
{
	static const uint32_t colours[] = {COLOUR_DIM, COLOUR_WARNING, COLOUR_TEXT, COLOUR_FAIL};
	uint32_t width = page->right - page->margin;
	char line[REPORT_LINE_MAX];

	if (first == end)
		return;
	page_heading(page, page->margin, width, name, "");
	for (uint32_t i = first; i < end; i++) {
		report_finding(line, &findings->kept[i]);
		page_text(page, page->margin, width, colours[findings->kept[i].severity], line);
		page->y += page->line;
	}
	page->y += page->font_height / 2;
}

static void body(struct page *page, const struct kernel *kernel)
{
	const struct findings *found = &kernel->findings;
	uint32_t notes = 0; /* where they begin: the list is sorted by weight */
	uint32_t shown;

	while (notes < found->kept_count && found->kept[notes].severity != RULE_INFORMATION)
		notes++;
	shown = notes < FINDINGS_MAX ? notes : FINDINGS_MAX;
	if (kernel->block_sound)
		last_boot(page, kernel->block);
	findings(page, "Findings", found, 0, shown);
	if (kernel->block_sound)
		machine_and_boot(page, kernel);
	findings(page, "More findings", found, shown, notes);
	findings(page, "Notes", found, notes, found->kept_count);
}

void picture_progress(const struct kernel *kernel, const char *what, uint64_t done, uint64_t total)
{
	struct page page;
	uint32_t width, top;

	if (!page_open(&page, &kernel->screen))
		return;
	width = page.right - page.margin;
	top = page.screen.height - 3 * page.line;
	screen_rectangle(&page.screen, 0, top, page.screen.width, 3 * page.line, COLOUR_PANEL);
	page.y = top + page.line / 2;
	page_text(&page, page.margin, width, COLOUR_TEXT, what);
	page.y += page.line;
	screen_rectangle(&page.screen, page.margin, page.y, width, page.font_height / 2, COLOUR_BACKGROUND);
	if (done <= total && total >> 12 > 0)
		screen_rectangle(&page.screen, page.margin, page.y, (uint32_t)((done >> 12) * width / (total >> 12)),
				 page.font_height / 2, COLOUR_BAR);
}

void picture_draw(const struct kernel *kernel, enum picture_verdict verdict)
{
	struct page page;

	if (!page_open(&page, &kernel->screen))
		return;
	page_title(&page, kernel, verdict);
	if (kernel->block_sound)
		memory(&page, kernel->block);
	body(&page, kernel);
}
