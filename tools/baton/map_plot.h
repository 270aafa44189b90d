/* SPDX-License-Identifier: BSD-2-Clause */
/* The picture of `baton map plot`: what its two halves share, the kinds with their colours and the strips with their ranges. */
#ifndef BATON_MAP_PLOT_H
#define BATON_MAP_PLOT_H

#include <stdio.h>
#include "tools/baton/map.h"

enum { PLOT_WIDTH = 1200, PLOT_MARGIN = 32, PLOT_INNER = PLOT_WIDTH - 2 * PLOT_MARGIN };

/* What a range is drawn as; in the order of the legend. */
enum plot_kind {
	PLOT_USABLE, PLOT_BOOT_SERVICES, PLOT_OTHER_LOADER, PLOT_ACPI_TABLES,
	PLOT_KERNEL_TEXT, PLOT_KERNEL_RODATA, PLOT_KERNEL_DATA, PLOT_STACK, PLOT_PAGE_TABLES, PLOT_BLOCK, PLOT_MODULE, PLOT_LOADER_IMAGE,
	PLOT_RUNTIME, PLOT_BOOT_RECORD, PLOT_ACPI_NVS, PLOT_KEPT_LOW, PLOT_UNUSABLE, PLOT_SPECIAL, PLOT_PERSISTENT, PLOT_UNACCEPTED,
	PLOT_RESERVED, PLOT_DEVICE,
	PLOT_KIND_COUNT,
};

enum plot_kind plot_kind(const struct handoff_range *range);
const char *plot_kind_name(enum plot_kind kind);
/* Must be seen even when it is much smaller than a pixel. */
int plot_kind_is_important(enum plot_kind kind);

/* The style sheet, with the colours of all kinds for one theme or for both. */
void plot_style(FILE *to, enum map_theme theme);
/* The legend and totals from y on; returns the y below it. */
double plot_legend(FILE *to, const struct map_source *source, double y);
/* The bar that divides all memory by what becomes of it; returns the y below it. */
double plot_totals(FILE *to, const struct map_source *source, double y);
/* Text as XML character data. */
void plot_text(FILE *to, const char *text);

#endif
