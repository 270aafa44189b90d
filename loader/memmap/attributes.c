/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory attributes table: which parts of the runtime services are code and which are data.  Its entries are ordinary
 * descriptors, whose attributes mean the settings that the OS shall make: RO for code, XP for data.
 */
#include "lib/format.h"
#include "lib/le.h"
#include "loader/boot.h"
#include "loader/memmap/attributes.h"

/* Version, number of entries, size of one, flags. */
enum { ENTRIES = 4, ENTRY_BYTES = 8, FLAGS = 12, HEAD_BYTES = 16 };

static void say(const struct memory_view_sink *sink, const char *line)
{
	sink->line(sink->context, line);
}

/* K40: an entry outside runtime services memory describes what no OS may touch by it. */
static uint64_t outside(const struct memory_view *table, const struct memory_view *map)
{
	uint64_t count = memory_view_count(table), found = 0;

	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor entry = memory_view_descriptor(table, i);
		uint64_t end = memory_view_end(&entry), covered[MEMORY_VIEW_TYPES];

		memory_view_overlap(map, entry.physical_start, end, covered);
		found += covered[UEFI_RUNTIME_SERVICES_CODE] + covered[UEFI_RUNTIME_SERVICES_DATA] < end - entry.physical_start;
	}
	return found;
}

void attributes_show(const struct boot *boot, const struct memory_view *map, const struct memory_view_sink *sink)
{
	uint64_t phys = boot->firmware.memory_attributes_phys, readable = phys == 0 ? 0 : memory_view_readable(map, phys);
	const uint8_t *head = (const uint8_t *)phys;
	struct memory_view table = { .raw = head + HEAD_BYTES, .descriptor_version = UEFI_DESCRIPTOR_VERSION };
	char line[MEMORY_VIEW_LINE_MAX];

	if (phys == 0) {
		say(sink, "no memory attributes table: the firmware does not publish one");
		return say(sink, "memmap: attributes none");
	}
	if (readable >= HEAD_BYTES) {
		table.descriptor_bytes = le_read32(head + ENTRY_BYTES);
		table.raw_bytes = le_read32(head + ENTRIES) * table.descriptor_bytes;
	}
	if (readable < HEAD_BYTES || table.raw_bytes > readable - HEAD_BYTES || memory_view_count(&table) == 0) {
		say(sink, "the memory attributes table is damaged or outside the memory map: not read");
		return say(sink, "memmap: attributes unreadable");
	}
	format(line, sizeof(line), "memory attributes table at 0x%lx, version %u, flags 0x%x", (unsigned long)phys, le_read32(head),
	       le_read32(head + FLAGS));
	say(sink, line);
	memory_view_rows(&table, sink);
	format(line, sizeof(line), "memmap: attributes entries=%lu outside=%lu", (unsigned long)memory_view_count(&table),
	       (unsigned long)outside(&table, map));
	say(sink, line);
}
