/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton map diff`: what is different between two normalised maps, by range.  Both are walked together from low to high;
 * between two boundaries of either nothing changes, and stretches that changed in the same way are one.
 */
#include <stdio.h>
#include <string.h>
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/memory_view.h"
#include "tools/baton/baton.h"
#include "tools/baton/map.h"
#include "tools/baton/terminal.h"

/* One stretch that differs; type 0 = not described there. */
struct change {
	struct handoff_range old, new;
};

struct walk {
	const struct map_source *old, *new;
	int with_owners; /* both sides know them */
	struct change last;
	int has_last;
	void (*found)(struct walk *walk, const struct change *change);
	struct json *json;
	uint64_t count;
};

static int same_kind(const struct walk *walk, const struct handoff_range *a, const struct handoff_range *b)
{
	return a->type == b->type && a->attributes == b->attributes && a->lifetime == b->lifetime &&
	       (!walk->with_owners || (a->owner == b->owner && a->index == b->index));
}

static void flush(struct walk *walk)
{
	if (!walk->has_last)
		return;
	walk->count++;
	walk->found(walk, &walk->last);
	walk->has_last = 0;
}

static void note(struct walk *walk, struct change change)
{
	if (walk->has_last && walk->last.old.end_phys == change.old.start_phys && same_kind(walk, &walk->last.old, &change.old) &&
	    same_kind(walk, &walk->last.new, &change.new)) {
		walk->last.old.end_phys = change.old.end_phys;
		walk->last.new.end_phys = change.new.end_phys;
		return;
	}
	flush(walk);
	walk->last = change;
	walk->has_last = 1;
}

/* What a map says at an address; lowers *next to where that may change.  *index only grows. */
static struct handoff_range look(const struct memory_map *map, uint64_t address, uint64_t *index, uint64_t *next)
{
	struct handoff_range range = {0};

	while (*index < map->count && map->ranges[*index].end_phys <= address)
		++*index;
	if (*index == map->count)
		return range;
	if (map->ranges[*index].start_phys <= address)
		range = map->ranges[*index];
	uint64_t boundary = range.type ? range.end_phys : map->ranges[*index].start_phys;
	if (boundary < *next)
		*next = boundary;
	return range;
}

static void compare(struct walk *walk)
{
	uint64_t address = 0, old_index = 0, new_index = 0;

	while (address != UINT64_MAX) {
		uint64_t next = UINT64_MAX;
		struct change change;

		change.old = look(&walk->old->map, address, &old_index, &next);
		change.new = look(&walk->new->map, address, &new_index, &next);
		change.old.start_phys = change.new.start_phys = address;
		change.old.end_phys = change.new.end_phys = next;
		if (next != UINT64_MAX && !same_kind(walk, &change.old, &change.new))
			note(walk, change);
		address = next;
	}
	flush(walk);
}

/* --- for people and programs ---------------------------------------------------------------------------------------------- */

/* "usable", "loader (stack)", "not described"; with attributes where only they differ. */
static void describe(char text[160], const struct walk *walk, const struct handoff_range *range, int with_attributes)
{
	char attributes[MEMORY_VIEW_ATTRIBUTES_MAX];
	int used = snprintf(text, 160, "%s", range->type ? handoff_memory_name(range->type) : "not described");

	if (range->type && walk->with_owners && range->owner >= HANDOFF_OWNER_KERNEL_TEXT)
		used += snprintf(text + used, (size_t)(160 - used), " (%s)", handoff_owner_name(range->owner));
	if (range->type && with_attributes)
		snprintf(text + used, (size_t)(160 - used), " [%s]", memory_view_attributes(attributes, range->attributes));
}

static void print_change(struct walk *walk, const struct change *change)
{
	const struct handoff_range *old = &change->old, *new = &change->new;
	int only_attributes = old->type && new->type && old->attributes != new->attributes && old->type == new->type;
	char size[16], was[160], is[160];
	char mark = !old->type ? '+' : !new->type ? '-' : '~';

	describe(was, walk, old, only_attributes);
	describe(is, walk, new, only_attributes);
	printf("%s%c %016lx - %016lx %9s  %s -> %s%s\n",
	       terminal_style(mark == '+' ? TERMINAL_GREEN : mark == '-' ? TERMINAL_RED : TERMINAL_YELLOW), mark, old->start_phys,
	       old->end_phys - 1, format_bytes(size, old->end_phys - old->start_phys), was, is, terminal_style(TERMINAL_PLAIN));
}

static void json_change(struct walk *walk, const struct change *change)
{
	json_begin(walk->json, NULL, '{');
	json_address(walk->json, "start", change->old.start_phys);
	json_address(walk->json, "end", change->old.end_phys);
	if (change->old.type)
		map_json_range(walk->json, "old", &change->old);
	else
		json_text(walk->json, "old", NULL);
	if (change->new.type)
		map_json_range(walk->json, "new", &change->new);
	else
		json_text(walk->json, "new", NULL);
	json_end(walk->json, '}');
}

static void print_totals(const struct walk *walk)
{
	struct memory_meaning_totals old, new;

	memory_meaning_sum(walk->old->map.ranges, walk->old->map.count, &old);
	memory_meaning_sum(walk->new->map.ranges, walk->new->map.count, &new);
	for (int class = 0; class < MEMORY_MEANING_CLASS_COUNT; class++) {
		char was[16], is[16];

		if (old.bytes[class] != new.bytes[class])
			printf("  %-24s %9s -> %s\n", memory_meaning_class_name((enum memory_meaning_class)class),
			       format_bytes(was, old.bytes[class]), format_bytes(is, new.bytes[class]));
	}
}

static void show(struct walk *walk, int as_json)
{
	struct json json = {0};

	if (!as_json) {
		walk->found = print_change;
		compare(walk);
		printf("%s%lu range%s differ%s between %s and %s\n", walk->count ? "\n" : "", walk->count, walk->count == 1 ? "" : "s",
		       walk->count == 1 ? "s" : "", walk->old->name, walk->new->name);
		print_totals(walk);
		return;
	}
	walk->found = json_change;
	walk->json = &json;
	json_begin(&json, NULL, '{');
	map_json_begin(&json, "old", walk->old);
	json_end(&json, '}');
	map_json_begin(&json, "new", walk->new);
	json_end(&json, '}');
	json_begin(&json, "changes", '[');
	compare(walk);
	json_end(&json, ']');
	json_end(&json, '}');
}

/* Returns an exit code; the source is to be freed when that is not BATON_UNUSABLE. */
static int read_side(const char *path, const struct map_options *options, struct map_source *ret_source)
{
	if (map_source_read(path, options, ret_source) < 0)
		return BATON_UNUSABLE;
	if (map_source_normalise(ret_source) < 0) {
		map_source_free(ret_source);
		return BATON_UNUSABLE;
	}
	map_source_complain(ret_source);
	if (ret_source->status != MEMORY_NORMALISE_OK)
		fprintf(stderr, "baton: %s: %s\n", ret_source->name, memory_normalise_status_name(ret_source->status));
	return ret_source->log.counts[RULE_FATAL] ? BATON_FINDING : BATON_FINE;
}

int map_diff(const struct map_options *options)
{
	struct map_source old, new;
	struct walk walk = {.old = &old, .new = &new};
	int old_code, new_code;

	if (strcmp(options->files[0], "-") == 0 && strcmp(options->files[1], "-") == 0)
		return baton_usage("map");
	old_code = read_side(options->files[0], options, &old);
	if (old_code == BATON_UNUSABLE)
		return BATON_UNUSABLE;
	new_code = read_side(options->files[1], options, &new);
	if (new_code == BATON_UNUSABLE) {
		map_source_free(&old);
		return BATON_UNUSABLE;
	}
	walk.with_owners = old.has_owners && new.has_owners;
	show(&walk, options->json);
	map_source_free(&old);
	map_source_free(&new);
	return old_code > new_code ? old_code : new_code;
}
