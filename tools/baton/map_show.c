/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton map show`: the table for people.  A row for each range with what it is for an operating system, faint rows for
 * gaps, then where all the memory goes; --raw shows the descriptors as they came.
 */
#include <stdio.h>
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/memory_view.h"
#include "tools/baton/baton.h"
#include "tools/baton/map.h"
#include "tools/baton/terminal.h"

/* --- for people --------------------------------------------------------------------------------------------------------- */

static void print_row(const struct map_source *source, const struct handoff_range *range)
{
	char size[16], attributes[MEMORY_VIEW_ATTRIBUTES_MAX];
	enum memory_meaning_class class = memory_meaning_class(range);
	int is_free = class == MEMORY_MEANING_FREE || class == MEMORY_MEANING_RECLAIMABLE;

	printf("%016lx - %016lx %9s  %s%-15s%s ", range->start_phys, range->end_phys - 1,
	       format_bytes(size, range->end_phys - range->start_phys), is_free ? terminal_style(TERMINAL_GREEN) : "",
	       handoff_memory_name(range->type), is_free ? terminal_style(TERMINAL_PLAIN) : "");
	if (source->has_owners)
		printf("%-16s ", handoff_owner_name(range->owner));
	printf("%-20s  %s\n", memory_view_attributes(attributes, range->attributes), memory_meaning_of(range));
}

static void print_gap(uint64_t start, uint64_t end)
{
	char size[16];

	printf("%s%016lx - %016lx %9s  not described%s\n", terminal_style(TERMINAL_FAINT), start, end - 1,
	       format_bytes(size, end - start), terminal_style(TERMINAL_PLAIN));
}

static void print_ranges(const struct map_source *source)
{
	const struct handoff_range *ranges = source->map.ranges;

	printf("%s%-16s   %-16s %9s  %-15s ", terminal_style(TERMINAL_BOLD), "first byte", "last byte", "size", "type");
	if (source->has_owners)
		printf("%-16s ", "owner");
	printf("%-20s  %s%s\n", "attributes", "for an operating system", terminal_style(TERMINAL_PLAIN));
	for (uint64_t i = 0; i < source->map.count; i++) {
		if (i > 0 && ranges[i - 1].end_phys != ranges[i].start_phys)
			print_gap(ranges[i - 1].end_phys, ranges[i].start_phys);
		print_row(source, &ranges[i]);
	}
}

static void print_total(const char *name, uint64_t bytes, uint64_t count, const char *what)
{
	char size[16];

	if (count > 0)
		printf("  %-24s %9s in %lu %s%s\n", name, format_bytes(size, bytes), count, what, count == 1 ? "" : "s");
}

static void print_totals(const struct map_source *source)
{
	struct memory_meaning_totals totals;

	memory_meaning_sum(source->map.ranges, source->map.count, &totals);
	printf("\n");
	for (int class = 0; class < MEMORY_MEANING_CLASS_COUNT; class++) {
		print_total(memory_meaning_class_name((enum memory_meaning_class)class), totals.bytes[class], totals.ranges[class], "range");
		if (class == MEMORY_MEANING_RECLAIMABLE)
			print_total("usable in all", totals.bytes[MEMORY_MEANING_FREE] + totals.bytes[MEMORY_MEANING_RECLAIMABLE],
				    totals.ranges[MEMORY_MEANING_FREE] + totals.ranges[MEMORY_MEANING_RECLAIMABLE], "range");
	}
	print_total("not described", totals.gap_bytes, totals.gaps, "gap");
}

static void print_line(void *context, const char *line)
{
	(void)context;
	puts(line);
}

static void print_descriptors(const struct map_source *source)
{
	struct memory_view view = {.raw = source->input.raw, .raw_bytes = source->input.raw_bytes,
				   .descriptor_bytes = source->input.descriptor_bytes,
				   .descriptor_version = source->input.descriptor_version};
	struct memory_view_sink sink = {.line = print_line};

	memory_view_rows(&view, &sink);
	printf("\n");
	memory_view_summary(&view, &sink);
}

static void print_source(const struct map_source *source, const struct map_options *options)
{
	printf("%s: %lu descriptors of %lu bytes, %s\n", source->name, map_source_count(source), source->input.descriptor_bytes,
	       source->form);
	if (options->raw) {
		print_descriptors(source);
	} else if (source->status != MEMORY_NORMALISE_OK) {
		fprintf(stderr, "baton: %s: %s\n", source->name, memory_normalise_status_name(source->status));
	} else {
		print_ranges(source);
		print_totals(source);
	}
}

/* --- for programs --------------------------------------------------------------------------------------------------------- */

static void json_descriptors(struct json *json, const struct map_source *source)
{
	json_begin(json, "raw", '[');
	for (uint64_t i = 0; i < map_source_count(source); i++) {
		struct handoff_raw_descriptor descriptor = map_source_descriptor(source, i);

		json_begin(json, NULL, '{');
		json_number(json, "type", descriptor.type);
		json_text(json, "name", memory_range_uefi_name(descriptor.type));
		json_address(json, "start", descriptor.physical_start);
		json_address(json, "pages", descriptor.number_of_pages);
		json_address(json, "attributes", descriptor.attribute);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void json_totals(struct json *json, const struct map_source *source)
{
	struct memory_meaning_totals totals;

	memory_meaning_sum(source->map.ranges, source->map.count, &totals);
	json_begin(json, "totals", '{');
	for (int class = 0; class < MEMORY_MEANING_CLASS_COUNT; class++)
		json_number(json, memory_meaning_class_name((enum memory_meaning_class)class), totals.bytes[class]);
	json_number(json, "not described", totals.gap_bytes);
	json_address(json, "end of RAM", totals.ram_end_phys);
	json_end(json, '}');
}

static void json_source(struct json *json, const struct map_source *source, const struct map_options *options)
{
	map_json_begin(json, NULL, source);
	json_text(json, "status", memory_normalise_status_name(source->status));
	if (options->raw)
		json_descriptors(json, source);
	map_json_ranges(json, source);
	json_totals(json, source);
	json_end(json, '}');
}

int map_show(const struct map_options *options)
{
	struct json json = {0};
	int code = BATON_FINE;

	if (options->json) {
		json_begin(&json, NULL, '{');
		json_begin(&json, "maps", '[');
	}
	for (int i = 0; i < options->file_count; i++) {
		struct map_source source;

		if (map_source_read(options->files[i], options, &source) < 0) {
			code = BATON_UNUSABLE;
			continue;
		}
		if (map_source_normalise(&source) < 0)
			code = BATON_UNUSABLE;
		else if (options->json)
			json_source(&json, &source, options);
		else
			print_source(&source, options);
		map_source_complain(&source);
		if (source.log.counts[RULE_FATAL] && code == BATON_FINE)
			code = BATON_FINDING;
		if (!options->json && i + 1 < options->file_count)
			printf("\n");
		map_source_free(&source);
	}
	if (options->json) {
		json_end(&json, ']');
		json_end(&json, '}');
	}
	return code;
}
