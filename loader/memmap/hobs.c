/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hand-off blocks: what the pre-EFI phase found and used, and what has become of it in the UEFI map.  A difference is
 * nothing wrong: the later phases free and allocate as they like; it tells where memory went.
 */
#include <stdarg.h>
#include "lib/format.h"
#include "lib/hob.h"
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/memmap/hobs.h"

static const EFI_GUID hob_list_guid = { 0x7739f24c, 0x93d7, 0x11d4, { 0x9a, 0x3a, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } };

/* What is counted on the way. */
struct hobs {
	const struct memory_view *map;
	const struct memory_view_sink *sink;
	uint32_t blocks, resources, allocations, pools, unused, freed;
	uint32_t same, differ;          /* allocations that the map has as the same type, and others */
	uint64_t pool_bytes, freed_bytes;
	uint64_t memory_bytes, missing; /* system memory, and what of it the map does not describe */
};

static void say(const struct memory_view_sink *sink, const char *text, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct memory_view_sink *sink, const char *text, ...)
{
	char line[MEMORY_VIEW_LINE_MAX];
	va_list arguments;

	va_start(arguments, text);
	format_va(line, sizeof(line), text, arguments);
	va_end(arguments);
	sink->line(sink->context, line);
}

static uint64_t end_of(uint64_t start, uint64_t bytes)
{
	return bytes > UINT64_MAX - start ? UINT64_MAX : start + bytes;
}

/* What the map says about a range. */
struct in_map {
	uint32_t type;      /* that most of it has; MEMORY_VIEW_TYPES when nothing of it is described */
	uint32_t types;     /* how many it has */
	uint64_t described;
};

static struct in_map look_up(const struct memory_view *map, uint64_t start, uint64_t bytes)
{
	struct in_map found = { .type = MEMORY_VIEW_TYPES };
	uint64_t covered[MEMORY_VIEW_TYPES], most = 0;

	memory_view_overlap(map, start, end_of(start, bytes), covered);
	for (uint32_t type = 0; type < MEMORY_VIEW_TYPES; type++) {
		found.types += covered[type] > 0;
		found.described += covered[type];
		if (covered[type] > most) {
			most = covered[type];
			found.type = type;
		}
	}
	return found;
}

static void row(const struct hobs *hobs, uint64_t start, uint64_t bytes, const char *what, const struct in_map *found, const char *name)
{
	char size[16], type[24] = "not in the map";

	if (found->type < MEMORY_VIEW_TYPES)
		memory_view_type(type, found->type);
	say(hobs->sink, "%016lx %8s %-20.20s %s%s%s%s", (unsigned long)start, format_bytes(size, bytes), what, type,
	    found->types > 1 || (found->types == 1 && found->described < bytes) ? " and more" : "", name[0] != '\0' ? ", " : "", name);
}

static void show_resource(struct hobs *hobs, const struct hob *hob)
{
	struct hob_resource resource = hob_resource(hob);
	struct in_map found;
	char size[16];

	hobs->resources++;
	if (!hob_resource_is_memory(resource.type)) {
		say(hobs->sink, "%016lx %8s %s", (unsigned long)resource.start_phys, format_bytes(size, resource.bytes),
		    hob_resource_name(resource.type));
		return;
	}
	found = look_up(hobs->map, resource.start_phys, resource.bytes);
	if (resource.type == HOB_RESOURCE_MEMORY) {
		hobs->memory_bytes += resource.bytes;
		hobs->missing += found.described < resource.bytes ? resource.bytes - found.described : 0;
	}
	row(hobs, resource.start_phys, resource.bytes, hob_resource_name(resource.type), &found, "");
}

static void show_allocation(struct hobs *hobs, const struct hob_allocation *allocation)
{
	struct in_map found = look_up(hobs->map, allocation->start_phys, allocation->bytes);
	char type[24];

	hobs->allocations++;
	if (allocation->memory_type == UEFI_CONVENTIONAL) {
		hobs->freed++;
		hobs->freed_bytes += allocation->bytes;
	} else if (found.types == 1 && found.type == allocation->memory_type && found.described == allocation->bytes) {
		hobs->same++;
	} else {
		hobs->differ++;
	}
	row(hobs, allocation->start_phys, allocation->bytes, memory_view_type(type, allocation->memory_type), &found,
	    hob_allocation_name(allocation->name));
}

static void show_type_information(const struct hobs *hobs, const struct hob *hob)
{
	struct memory_view_totals totals;
	struct hob_type_pages entry = { 0 };

	memory_view_sum(hobs->map, &totals);
	for (uint32_t i = 0; hob_type_information(hob, i, &entry); i++) {
		char type[24];

		say(hobs->sink, "%-20s %8u pages set aside, %8lu in the map", memory_view_type(type, entry.memory_type), entry.pages,
		    (unsigned long)totals.pages[entry.memory_type]);
	}
}

/* All blocks of one kind, so that they stand together. */
static enum hob_status each(struct hobs *hobs, const void *list, uint64_t bytes, uint32_t type)
{
	struct hob_allocation allocation;
	struct hob_reader reader;
	enum hob_status status;
	struct hob hob;

	hob_begin(&reader, list, bytes);
	while ((status = hob_next(&reader, &hob)) == HOB_OK) {
		if (hob.type != type)
			continue;
		if (type == HOB_RESOURCE)
			show_resource(hobs, &hob);
		else if (type == HOB_GUID)
			show_type_information(hobs, &hob);
		else if (type == HOB_ALLOCATION) {
			allocation = hob_allocation(&hob);
			show_allocation(hobs, &allocation);
		}
	}
	return status;
}

/* The blocks that are only counted, and the first one. */
static enum hob_status survey(struct hobs *hobs, const void *list, uint64_t bytes)
{
	struct hob_allocation allocation;
	struct hob_reader reader;
	enum hob_status status;
	struct hob hob;

	hob_begin(&reader, list, bytes);
	for (; (status = hob_next(&reader, &hob)) == HOB_OK; hobs->blocks++) {
		if (hobs->blocks == 0) {
			struct hob_handoff handoff = hob_handoff(&hob);

			say(hobs->sink, "boot mode %u, memory 0x%lx-0x%lx", handoff.boot_mode, (unsigned long)handoff.memory_bottom,
			    (unsigned long)handoff.memory_top);
			say(hobs->sink, "of which 0x%lx-0x%lx was still free at the end", (unsigned long)handoff.free_bottom,
			    (unsigned long)handoff.free_top);
		}
		if (hob.type == HOB_POOL) {
			hobs->pools++;
			hobs->pool_bytes += hob.bytes - HOB_HEADER_BYTES;
		}
		if (hob.type == HOB_UNUSED) {
			hobs->unused++;
			if (hob_unused_allocation(&hob, &allocation))
				say(hobs->sink, "marked unused: allocation of 0x%lx bytes at 0x%lx", (unsigned long)allocation.bytes,
				    (unsigned long)allocation.start_phys);
		}
	}
	return status;
}

static void summary(const struct hobs *hobs, enum hob_status status)
{
	char size[16], other[16];

	say(hobs->sink, "pools that the pre-EFI phase could never free: %u with %s", hobs->pools, format_bytes(size, hobs->pool_bytes));
	say(hobs->sink, "allocations that it freed again: %u with %s", hobs->freed, format_bytes(size, hobs->freed_bytes));
	say(hobs->sink, "blocks that it marked unused: %u", hobs->unused);
	say(hobs->sink, "other allocations: %u are in the map as they were, %u are not", hobs->same, hobs->differ);
	say(hobs->sink, "system memory: %s, of which %s are not in the map", format_bytes(size, hobs->memory_bytes),
	    format_bytes(other, hobs->missing));
	say(hobs->sink, "memmap: hobs blocks=%u resources=%u allocations=%u pools=%u missing=%lu end=%s", hobs->blocks, hobs->resources,
	    hobs->allocations, hobs->pools, (unsigned long)hobs->missing, status == HOB_END ? "ok" : "bad");
	if (status != HOB_END)
		say(hobs->sink, "the list is damaged: %s", hob_status_name(status));
}

void hobs_show(const struct boot *boot, const struct memory_view *map, const struct memory_view_sink *sink)
{
	struct hobs hobs = { .map = map, .sink = sink };
	uint64_t phys = firmware_table(boot, &hob_list_guid), bytes;
	const void *list = (const void *)phys;
	enum hob_status status;

	bytes = phys == 0 ? 0 : memory_view_readable(map, phys);
	if (bytes == 0) {
		say(sink, phys == 0 ? "no hand-off blocks: the firmware does not publish them" :
				      "the hand-off blocks lie outside the memory map: not read");
		say(sink, "memmap: hobs %s", phys == 0 ? "none" : "unreadable");
		return;
	}
	say(sink, "hand-off blocks at 0x%lx", (unsigned long)phys);
	status = survey(&hobs, list, bytes);
	say(sink, "%-16s %8s %-20s %s", "resource", "size", "", "most of it in the map");
	each(&hobs, list, bytes, HOB_RESOURCE);
	say(sink, "%-16s %8s %-20s %s", "allocation", "size", "type", "most of it in the map");
	each(&hobs, list, bytes, HOB_ALLOCATION);
	each(&hobs, list, bytes, HOB_GUID);
	summary(&hobs, status);
}
