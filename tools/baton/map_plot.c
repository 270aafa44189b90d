/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton map plot`: physical memory to scale, as SVG.  A machine's address space spans from single pages to terabytes, so
 * it is drawn as strips, each to one scale: the first MiB, RAM below 4 GiB, devices below 4 GiB, RAM above, the rest.  Where
 * many ranges are too narrow to tell apart a lens shows that part of the strip larger.
 */
#include <stdlib.h>
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "tools/baton/baton.h"
#include "tools/baton/file.h"
#include "tools/baton/map_plot.h"

#define ONE_MIB UINT64_C(0x100000)
#define FOUR_GIB UINT64_C(0x100000000)

enum {
	STRIP_HEIGHT = 40,
	FUNNEL_HEIGHT = 50,    /* from a strip to the lens below it */
	LENS_DEPTH = 2,        /* a lens on a lens, and no more */
	LENS_WEIGHT_MIN = 6,   /* ranges too narrow to see, important ones threefold, that are worth a lens */
	LENS_PART = 12,        /* a lens looks at this part of the strip, at most */
	TICKS_MAX = 8,
};
#define NARROW 3.0 /* pixels; important ranges are never drawn narrower */

struct strip {
	const struct map_source *source;
	const char *title;
	uint64_t start, end;
	int depth; /* lenses above it */
};

static double x_of(const struct strip *strip, uint64_t address)
{
	return PLOT_MARGIN + (double)(address - strip->start) / (double)(strip->end - strip->start) * PLOT_INNER;
}

/* The part of a range in a strip; returns 0 when there is none. */
static int clip(const struct strip *strip, const struct handoff_range *range, uint64_t *ret_start, uint64_t *ret_end)
{
	*ret_start = range->start_phys > strip->start ? range->start_phys : strip->start;
	*ret_end = range->end_phys < strip->end ? range->end_phys : strip->end;
	return *ret_start < *ret_end;
}

static double width_of(const struct strip *strip, uint64_t start, uint64_t end)
{
	return x_of(strip, end) - x_of(strip, start);
}

/* --- one strip -------------------------------------------------------------------------------------------------------------- */

static void draw_range(FILE *to, const struct strip *strip, const struct handoff_range *range, double y)
{
	uint64_t start, end;
	enum plot_kind kind = plot_kind(range);
	double left, width;
	char size[16];

	if (!clip(strip, range, &start, &end))
		return;
	left = x_of(strip, start);
	width = width_of(strip, start, end);
	if (width < NARROW && plot_kind_is_important(kind)) {
		left -= (NARROW - width) / 2;
		width = NARROW;
	}
	fprintf(to, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" class=\"k%d\"><title>0x%lx - 0x%lx, %s: ", left, y,
		width < 0.4 ? 0.4 : width, STRIP_HEIGHT, kind, range->start_phys, range->end_phys - 1,
		format_bytes(size, range->end_phys - range->start_phys));
	plot_text(to, handoff_memory_name(range->type));
	if (strip->source->has_owners)
		fprintf(to, " (%s)", handoff_owner_name(range->owner));
	fprintf(to, ", %s</title></rect>\n", memory_meaning_of(range));
}

/* Wide and unimportant ones first, so that what is small and important lies on top. */
static void draw_ranges(FILE *to, const struct strip *strip, double y)
{
	for (int important = 0; important <= 1; important++)
		for (uint64_t i = 0; i < strip->source->map.count; i++)
			if (plot_kind_is_important(plot_kind(&strip->source->map.ranges[i])) == important)
				draw_range(to, strip, &strip->source->map.ranges[i], y);
}

/* Exact, as multiples of a power of two are: "640 KiB", "2.25 GiB"; in lenses hexadecimal. */
static void tick_label(char text[32], const struct strip *strip, uint64_t at, uint64_t step)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	int unit = 0;

	if (strip->depth > 0) {
		snprintf(text, 32, "0x%lx", at);
		return;
	}
	/* The largest unit of which the step is a quarter at least: two decimals are exact. */
	while (unit < 4 && step * 4 >= UINT64_C(1024) << (10 * (unit + 1)))
		unit++;
	if (at == 0)
		snprintf(text, 32, "0");
	else
		snprintf(text, 32, "%.*f %s", at % (UINT64_C(1024) << (10 * unit)) ? 2 : 0,
			 (double)at / (double)(UINT64_C(1024) << (10 * unit)), units[unit]);
}

/* Ticks at multiples of a power of two, at most TICKS_MAX of them. */
static void draw_ticks(FILE *to, const struct strip *strip, double y)
{
	uint64_t step = 4096;
	char label[32];

	while ((strip->end - strip->start) / step > TICKS_MAX)
		step *= 2;
	for (uint64_t at = (strip->start + step - 1) / step * step; at < strip->end; at += step) {
		double x = x_of(strip, at);

		tick_label(label, strip, at, step);
		fprintf(to, "<path d=\"M%.2f %.1fv5\" class=\"line\"/>", x, y);
		if (x < PLOT_MARGIN + PLOT_INNER - 40)
			fprintf(to, "<text x=\"%.2f\" y=\"%.1f\" class=\"faint mono\" text-anchor=\"%s\">%s</text>\n", x, y + 17,
				x < PLOT_MARGIN + 30 ? "start" : "middle", label);
		if (at > UINT64_MAX - step)
			break;
	}
}

/* --- the lens ----------------------------------------------------------------------------------------------------------------- */

/* How much a range calls for a lens: not at all when it can be seen. */
static uint64_t weight_of(const struct strip *strip, const struct handoff_range *range)
{
	uint64_t start, end;

	if (!clip(strip, range, &start, &end) || width_of(strip, start, end) >= NARROW)
		return 0;
	return plot_kind_is_important(plot_kind(range)) ? 3 : 1;
}

/* The window of at most `bytes` bytes that weighs most, trimmed to what is narrow; returns its weight. */
static uint64_t find_window(const struct strip *strip, uint64_t bytes, uint64_t *ret_start, uint64_t *ret_end)
{
	const struct handoff_range *ranges = strip->source->map.ranges;
	uint64_t count = strip->source->map.count, best = 0, weight = 0, first = 0;
	uint64_t first_start, last_start, end;

	for (uint64_t last = 0; last < count; last++) {
		if (weight_of(strip, &ranges[last]) == 0)
			continue;
		clip(strip, &ranges[last], &last_start, &end);
		weight += weight_of(strip, &ranges[last]);
		/* A narrow range is smaller than the window, so that this ends at `last` if not before. */
		while (weight_of(strip, &ranges[first]) == 0 || (clip(strip, &ranges[first], &first_start, &end) &&
								 last_start - first_start > bytes))
			weight -= weight_of(strip, &ranges[first++]);
		if (weight <= best)
			continue;
		best = weight;
		clip(strip, &ranges[last], &last_start, &end);
		*ret_start = first_start;
		*ret_end = end;
	}
	return best;
}

/* Finds the part of a strip that is worth a lens; returns 0 when none is. */
static int find_lens(const struct strip *parent, struct strip *ret_lens)
{
	struct strip lens = {.source = parent->source, .depth = parent->depth + 1};
	uint64_t part = (parent->end - parent->start) / LENS_PART, margin;

	if (parent->depth == LENS_DEPTH || find_window(parent, part, &lens.start, &lens.end) < LENS_WEIGHT_MIN)
		return 0;
	margin = ((lens.end - lens.start) / 50 / HANDOFF_PAGE_BYTES + 1) * HANDOFF_PAGE_BYTES;
	lens.start = lens.start - parent->start > margin ? lens.start - margin : parent->start;
	lens.end = parent->end - lens.end > margin ? lens.end + margin : parent->end;
	*ret_lens = lens;
	return 1;
}

/* The funnel from the part of the strip above to the lens below. */
static void draw_funnel(FILE *to, const struct strip *parent, const struct strip *lens, double top)
{
	fprintf(to, "<path d=\"M%.2f %.1fL%.2f %.1fL%d %.1fH%dZ\" class=\"lens\"/>\n", x_of(parent, lens->start), top,
		x_of(parent, lens->end), top, PLOT_MARGIN + PLOT_INNER, top + FUNNEL_HEIGHT, PLOT_MARGIN);
}

static double draw_one(FILE *to, const struct strip *strip, const struct strip *lens, double y)
{
	char size[16];

	if (strip->title)
		fprintf(to, "<text x=\"%d\" y=\"%.1f\" class=\"ink head\">%s</text>", PLOT_MARGIN, y, strip->title);
	fprintf(to, "<text x=\"%d\" y=\"%.1f\" class=\"faint mono\" text-anchor=\"end\">0x%lx - 0x%lx, %s</text>\n",
		PLOT_MARGIN + PLOT_INNER, y, strip->start, strip->end - 1, format_bytes(size, strip->end - strip->start));
	y += 8;
	if (lens)
		draw_funnel(to, strip, lens, y + STRIP_HEIGHT);
	fprintf(to, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" class=\"hole\"/>\n", PLOT_MARGIN, y, PLOT_INNER, STRIP_HEIGHT);
	draw_ranges(to, strip, y);
	fprintf(to, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" class=\"frame\"/>\n", PLOT_MARGIN, y, PLOT_INNER, STRIP_HEIGHT);
	draw_ticks(to, strip, y + STRIP_HEIGHT);
	return y + STRIP_HEIGHT;
}

/* A strip and the lenses below it; returns the y below all of them. */
static double draw_strip(FILE *to, struct strip strip, double y)
{
	struct strip lens;

	while (find_lens(&strip, &lens)) {
		y = draw_one(to, &strip, &lens, y) + FUNNEL_HEIGHT - 8;
		strip = lens;
	}
	return draw_one(to, &strip, NULL, y) + 24;
}

/* --- the strips of a machine ---------------------------------------------------------------------------------------------- */

/* The extent of the ranges that begin in [low, high), all or RAM only; start stays at high when there are none. */
static struct strip extent(const struct map_source *source, uint64_t low, uint64_t high, int only_ram)
{
	struct strip strip = {.source = source, .start = high, .end = low};

	for (uint64_t i = 0; i < source->map.count; i++) {
		const struct handoff_range *range = &source->map.ranges[i];
		enum memory_meaning_class class = memory_meaning_class(range);

		if (range->end_phys <= low || range->start_phys >= high)
			continue;
		if (only_ram && (class == MEMORY_MEANING_DEVICE || class == MEMORY_MEANING_RESERVED))
			continue;
		if (strip.start == high)
			strip.start = range->start_phys > low ? range->start_phys : low;
		strip.end = range->end_phys < high ? range->end_phys : high;
	}
	return strip;
}

static double draw_part(FILE *to, struct strip strip, const char *title, double y)
{
	strip.title = title;
	return strip.start < strip.end ? draw_strip(to, strip, y + 30) : y;
}

static double draw_strips(FILE *to, const struct map_source *source, double y)
{
	struct strip first = extent(source, 0, ONE_MIB, 0), low = extent(source, ONE_MIB, FOUR_GIB, 1);
	struct strip high = extent(source, FOUR_GIB, UINT64_MAX, 1);
	uint64_t low_end = low.start < low.end ? low.end : ONE_MIB, high_end = high.start < high.end ? high.end : FOUR_GIB;

	if (first.start < first.end) {
		first.start = 0;
		first.end = ONE_MIB;
	}
	y = draw_part(to, first, "The first MiB", y);
	y = draw_part(to, low, "RAM below 4 GiB", y);
	y = draw_part(to, extent(source, low_end, FOUR_GIB, 0), "Above it, below 4 GiB", y);
	y = draw_part(to, high, "RAM above 4 GiB", y);
	return draw_part(to, extent(source, high_end, UINT64_MAX, 0), "Above all RAM", y);
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/' && path[1] != '\0')
			name = path + 1;
	return name;
}

/* Everything but the outermost element, whose height is known only at the end. */
static double draw(FILE *to, const struct map_source *source)
{
	double y = 44;

	fprintf(to, "<text x=\"%d\" y=\"%.1f\" class=\"ink title\">", PLOT_MARGIN, y);
	plot_text(to, base_name(source->name));
	fprintf(to, "</text>\n<text x=\"%d\" y=\"%.1f\" class=\"faint\" text-anchor=\"end\">%lu descriptors, %lu ranges, %s</text>\n",
		PLOT_MARGIN + PLOT_INNER, y, map_source_count(source), source->map.count, source->form);
	y = plot_totals(to, source, y + 16);
	y = draw_strips(to, source, y + 10);
	return plot_legend(to, source, y + 16) + 16;
}

static int write_svg(const struct map_source *source, const struct map_options *options)
{
	char *body = NULL, *svg = NULL;
	size_t body_bytes, svg_bytes;
	FILE *to = open_memstream(&body, &body_bytes);
	double height = draw(to, source);
	int result;

	fclose(to);
	to = open_memstream(&svg, &svg_bytes);
	fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\" role=\"img\">\n<title>",
		PLOT_WIDTH, height, PLOT_WIDTH, height);
	fputs("Physical memory of ", to);
	plot_text(to, base_name(source->name));
	fputs("</title>\n", to);
	plot_style(to, options->theme);
	fprintf(to, "<rect width=\"%d\" height=\"%.0f\" class=\"ground\"/>\n", PLOT_WIDTH, height);
	fwrite(body, 1, body_bytes, to);
	fputs("</svg>\n", to);
	fclose(to);
	result = file_write(options->output ? options->output : "-", svg, svg_bytes);
	free(body);
	free(svg);
	return result;
}

int map_plot(const struct map_options *options)
{
	struct map_source source;
	int code = BATON_UNUSABLE;

	if (map_source_read(options->files[0], options, &source) < 0)
		return BATON_UNUSABLE;
	if (map_source_normalise(&source) == 0) {
		map_source_complain(&source);
		if (source.status != MEMORY_NORMALISE_OK)
			fprintf(stderr, "baton: %s: %s\n", source.name, memory_normalise_status_name(source.status));
		else if (write_svg(&source, options) == 0)
			code = BATON_FINE;
		if (source.log.counts[RULE_FATAL] && code == BATON_FINE)
			code = BATON_FINDING;
	}
	map_source_free(&source);
	return code;
}
