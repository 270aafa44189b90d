/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The picture's kinds, colours, legend and totals.  Colours of ranges are of middle lightness and stand on light and dark
 * ground alike; neighbours in meaning differ in lightness too, for those who cannot tell the hues apart.
 */
#include "lib/format.h"
#include "tools/baton/map_plot.h"

static const struct {
	const char *name;
	const char *colour;
	int is_important;
} kinds[PLOT_KIND_COUNT] = {
	[PLOT_USABLE] = {"usable at once", "#4fae62", 0},
	[PLOT_BOOT_SERVICES] = {"boot services, usable later", "#a6d96a", 0},
	[PLOT_OTHER_LOADER] = {"loaders, usable later", "#e6c229", 1},
	[PLOT_ACPI_TABLES] = {"ACPI tables, usable later", "#35b8c0", 1},
	[PLOT_KERNEL_TEXT] = {"kernel text", "#d7263d", 1},
	[PLOT_KERNEL_RODATA] = {"kernel rodata", "#f0697a", 1},
	[PLOT_KERNEL_DATA] = {"kernel data", "#f79d84", 1},
	[PLOT_STACK] = {"stack", "#ff9f1c", 1},
	[PLOT_PAGE_TABLES] = {"page tables, GDT, TSS", "#c77dff", 1},
	[PLOT_BLOCK] = {"handoff block", "#ffd166", 1},
	[PLOT_MODULE] = {"modules", "#e07be0", 1},
	[PLOT_LOADER_IMAGE] = {"loader image", "#c9a227", 1},
	[PLOT_RUNTIME] = {"runtime services", "#8360c3", 1},
	[PLOT_BOOT_RECORD] = {"boot record", "#5e2ca5", 1},
	[PLOT_ACPI_NVS] = {"ACPI NVS", "#2f7ed8", 1},
	[PLOT_KEPT_LOW] = {"boot services below 1 MiB, kept", "#7d9950", 0},
	[PLOT_UNUSABLE] = {"unusable, with errors", "#111111", 1},
	[PLOT_SPECIAL] = {"special purpose", "#1b998b", 1},
	[PLOT_PERSISTENT] = {"persistent", "#3d5a80", 1},
	[PLOT_UNACCEPTED] = {"unaccepted", "#b08968", 1},
	[PLOT_RESERVED] = {"reserved", "#8a8f98", 0},
	[PLOT_DEVICE] = {"devices", "#a05a2c", 0},
};

const char *plot_kind_name(enum plot_kind kind)
{
	return kinds[kind].name;
}

int plot_kind_is_important(enum plot_kind kind)
{
	return kinds[kind].is_important;
}

static enum plot_kind kind_of_owner(uint32_t owner)
{
	switch (owner) {
	case HANDOFF_OWNER_KERNEL_TEXT:
		return PLOT_KERNEL_TEXT;
	case HANDOFF_OWNER_KERNEL_RODATA:
		return PLOT_KERNEL_RODATA;
	case HANDOFF_OWNER_KERNEL_DATA:
		return PLOT_KERNEL_DATA;
	case HANDOFF_OWNER_STACK:
		return PLOT_STACK;
	case HANDOFF_OWNER_PAGE_TABLES:
	case HANDOFF_OWNER_TABLES:
		return PLOT_PAGE_TABLES;
	case HANDOFF_OWNER_BLOCK:
		return PLOT_BLOCK;
	case HANDOFF_OWNER_MODULE:
		return PLOT_MODULE;
	case HANDOFF_OWNER_LOADER_IMAGE:
		return PLOT_LOADER_IMAGE;
	default:
		return PLOT_OTHER_LOADER;
	}
}

enum plot_kind plot_kind(const struct handoff_range *range)
{
	switch (range->type) {
	case HANDOFF_MEMORY_USABLE:
		return PLOT_USABLE;
	case HANDOFF_MEMORY_LOADER:
		return range->lifetime == HANDOFF_LIFETIME_FREE ? PLOT_USABLE : kind_of_owner(range->owner);
	case HANDOFF_MEMORY_BOOT_SERVICES:
		return range->lifetime == HANDOFF_LIFETIME_NEVER ? PLOT_KEPT_LOW : PLOT_BOOT_SERVICES;
	case HANDOFF_MEMORY_ACPI_RECLAIM:
		return PLOT_ACPI_TABLES;
	case HANDOFF_MEMORY_ACPI_NVS:
		return PLOT_ACPI_NVS;
	case HANDOFF_MEMORY_MMIO:
	case HANDOFF_MEMORY_MMIO_PORT:
		return PLOT_DEVICE;
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
		return range->owner == HANDOFF_OWNER_BOOT_RECORD ? PLOT_BOOT_RECORD : PLOT_RUNTIME;
	case HANDOFF_MEMORY_UNUSABLE:
		return PLOT_UNUSABLE;
	case HANDOFF_MEMORY_PERSISTENT:
		return PLOT_PERSISTENT;
	case HANDOFF_MEMORY_UNACCEPTED:
		return PLOT_UNACCEPTED;
	case HANDOFF_MEMORY_SPECIAL_PURPOSE:
		return PLOT_SPECIAL;
	default:
		return PLOT_RESERVED;
	}
}

/* --- style ------------------------------------------------------------------------------------------------------------------ */

static void ground(FILE *to, int is_dark)
{
	fprintf(to, ".ground{fill:%s}.ink{fill:%s}.faint{fill:%s}.line{stroke:%s}.frame{stroke:%s}.hole{fill:%s}.lens{fill:%s}\n",
		is_dark ? "#16181d" : "#ffffff", is_dark ? "#e8eaed" : "#1d2127", is_dark ? "#9aa3af" : "#5f6873",
		is_dark ? "#3a414c" : "#c9d0d8", is_dark ? "#4a525e" : "#aab3bd", is_dark ? "#22262e" : "#eef1f4",
		is_dark ? "#2b313b" : "#e3e8ee");
}

void plot_style(FILE *to, enum map_theme theme)
{
	fputs("<style>\n"
	      "text{font-family:Inter,\"DejaVu Sans\",Helvetica,Arial,sans-serif;font-size:13px}\n"
	      ".title{font-size:20px;font-weight:600}.head{font-size:14px;font-weight:600}\n"
	      ".mono{font-family:\"DejaVu Sans Mono\",Menlo,Consolas,monospace;font-size:11px}\n"
	      ".line{stroke-width:1;fill:none}.frame{stroke-width:1;fill:none}\n",
	      to);
	ground(to, theme == MAP_THEME_DARK);
	if (theme == MAP_THEME_AUTO) {
		fputs("@media (prefers-color-scheme:dark){\n", to);
		ground(to, 1);
		fputs("}\n", to);
	}
	for (int kind = 0; kind < PLOT_KIND_COUNT; kind++)
		fprintf(to, ".k%d{fill:%s}\n", kind, kinds[kind].colour);
	fputs(".k16{stroke:#d7263d;stroke-width:1}\n</style>\n", to); /* unusable: black needs an edge on dark ground */
}

void plot_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			fputs("&amp;", to);
		else if (c == '<')
			fputs("&lt;", to);
		else if (c == '>')
			fputs("&gt;", to);
		else
			fputc(c >= ' ' && c < 0x7f ? c : '?', to);
	}
}

/* --- totals ----------------------------------------------------------------------------------------------------------------- */

static const enum plot_kind kind_of_class[MEMORY_MEANING_CLASS_COUNT] = {
	[MEMORY_MEANING_FREE] = PLOT_USABLE,
	[MEMORY_MEANING_RECLAIMABLE] = PLOT_BOOT_SERVICES,
	[MEMORY_MEANING_KEPT] = PLOT_KERNEL_TEXT,
	[MEMORY_MEANING_RUNTIME] = PLOT_RUNTIME,
	[MEMORY_MEANING_LOST] = PLOT_ACPI_NVS,
	[MEMORY_MEANING_RESERVED] = PLOT_RESERVED,
	[MEMORY_MEANING_DEVICE] = PLOT_DEVICE,
	[MEMORY_MEANING_OTHER] = PLOT_PERSISTENT,
};

/* Reserved memory far above all RAM is a hole of the address space, not memory: only what lies below counts. */
static struct memory_meaning_totals sum_memory(const struct map_source *source)
{
	struct memory_meaning_totals totals, all;
	uint64_t count = 0;

	memory_meaning_sum(source->map.ranges, source->map.count, &all);
	while (count < source->map.count && source->map.ranges[count].start_phys < all.ram_end_phys)
		count++;
	memory_meaning_sum(source->map.ranges, count, &totals);
	totals.bytes[MEMORY_MEANING_DEVICE] = 0;
	return totals;
}

double plot_totals(FILE *to, const struct map_source *source, double y)
{
	struct memory_meaning_totals totals = sum_memory(source);
	uint64_t sum = 0;
	double x = PLOT_MARGIN;
	char size[16];

	for (int class = 0; class < MEMORY_MEANING_CLASS_COUNT; class++)
		sum += totals.bytes[class];
	fprintf(to, "<text x=\"%d\" y=\"%.1f\" class=\"ink head\">Where %s of memory go</text>\n", PLOT_MARGIN, y + 14,
		format_bytes(size, sum));
	y += 24;
	for (int class = 0; class < MEMORY_MEANING_CLASS_COUNT && sum > 0; class++) {
		double width = (double)totals.bytes[class] / (double)sum * PLOT_INNER;
		const char *name = memory_meaning_class_name((enum memory_meaning_class)class);

		if (totals.bytes[class] == 0)
			continue;
		fprintf(to, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"22\" class=\"k%d\"><title>%s: %s</title></rect>\n", x, y,
			width < 1 ? 1 : width, kind_of_class[class], name, format_bytes(size, totals.bytes[class]));
		if (width > 130)
			fprintf(to, "<text x=\"%.2f\" y=\"%.1f\" fill=\"#10140f\">%s %s</text>\n", x + 8, y + 16, name, size);
		x += width;
	}
	return y + 22;
}

/* --- legend ----------------------------------------------------------------------------------------------------------------- */

enum { LEGEND_COLUMNS = 3, LEGEND_ROW = 22 };

static void legend_entry(FILE *to, int place, double y, const char *class, const char *name, uint64_t bytes, uint64_t ranges)
{
	double left = PLOT_MARGIN + place % LEGEND_COLUMNS * (PLOT_INNER / (double)LEGEND_COLUMNS);
	double top = y + place / LEGEND_COLUMNS * LEGEND_ROW;
	char size[16];

	fprintf(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"14\" rx=\"2\" class=\"%s\"/>", left, top, class);
	fprintf(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"ink\">%s</text>", left + 22, top + 12, name);
	fprintf(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"faint\" text-anchor=\"end\">%s in %lu</text>\n",
		left + PLOT_INNER / (double)LEGEND_COLUMNS - 16, top + 12, format_bytes(size, bytes), ranges);
}

double plot_legend(FILE *to, const struct map_source *source, double y)
{
	uint64_t bytes[PLOT_KIND_COUNT] = {0}, ranges[PLOT_KIND_COUNT] = {0};
	struct memory_meaning_totals totals;
	char class[8];
	int place = 0;

	for (uint64_t i = 0; i < source->map.count; i++) {
		enum plot_kind kind = plot_kind(&source->map.ranges[i]);

		bytes[kind] += source->map.ranges[i].end_phys - source->map.ranges[i].start_phys;
		ranges[kind]++;
	}
	for (int kind = 0; kind < PLOT_KIND_COUNT; kind++) {
		snprintf(class, sizeof(class), "k%d", kind);
		if (ranges[kind])
			legend_entry(to, place++, y, class, kinds[kind].name, bytes[kind], ranges[kind]);
	}
	memory_meaning_sum(source->map.ranges, source->map.count, &totals);
	if (totals.gaps)
		legend_entry(to, place++, y, "hole frame", "not described", totals.gap_bytes, totals.gaps);
	return y + (place + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LEGEND_ROW;
}
