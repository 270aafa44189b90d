/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows and summary of a raw memory map (UEFI 2.10 §7.2.3).  RULES: the stride is the firmware's (K4); every number in a
 * descriptor is hostile, so that sums are kept from wrapping and a line is cut rather than overrun.
 */
#include "lib/memory_view.h"
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "lib/memory_range.h"

enum { COMBINATIONS_MAX = 16 }; /* of attributes; the machines of test/maps have up to 9 */

static const struct {
	uint64_t bit;
	const char *name;
} attribute_names[] = {
	{UEFI_MEMORY_UC, "UC"},
	{UEFI_MEMORY_WC, "WC"},
	{UEFI_MEMORY_WT, "WT"},
	{UEFI_MEMORY_WB, "WB"},
	{UEFI_MEMORY_UCE, "UCE"},
	{UEFI_MEMORY_WP, "WP"},
	{UEFI_MEMORY_RP, "RP"},
	{UEFI_MEMORY_XP, "XP"},
	{UEFI_MEMORY_NV, "NV"},
	{UEFI_MEMORY_MORE_RELIABLE, "MORE_RELIABLE"},
	{UEFI_MEMORY_RO, "RO"},
	{UEFI_MEMORY_SP, "SP"},
	{UEFI_MEMORY_CPU_CRYPTO, "CPU_CRYPTO"},
	{UEFI_MEMORY_HOT_PLUGGABLE, "HOT_PLUGGABLE"},
	{UEFI_MEMORY_RUNTIME, "RUNTIME"},
};

static uint64_t add(uint64_t left, uint64_t right)
{
	return right > UINT64_MAX - left ? UINT64_MAX : left + right;
}

static uint64_t bytes_of(uint64_t pages)
{
	return pages > UINT64_MAX / UEFI_PAGE_BYTES ? UINT64_MAX : pages * UEFI_PAGE_BYTES;
}

static uint32_t slot(uint32_t uefi_type)
{
	return uefi_type < UEFI_MEMORY_TYPE_COUNT ? uefi_type : MEMORY_VIEW_OTHER;
}

uint64_t memory_view_count(const struct memory_view *view)
{
	if (view->descriptor_bytes < UEFI_DESCRIPTOR_BYTES_MIN || view->descriptor_bytes > UEFI_DESCRIPTOR_BYTES_MAX)
		return 0;
	return view->raw_bytes / view->descriptor_bytes;
}

struct handoff_raw_descriptor memory_view_descriptor(const struct memory_view *view, uint64_t index)
{
	struct handoff_raw_descriptor descriptor;

	memcpy(&descriptor, (const uint8_t *)view->raw + index * view->descriptor_bytes, sizeof(descriptor));
	return descriptor;
}

uint64_t memory_view_end(const struct handoff_raw_descriptor *descriptor)
{
	return add(descriptor->physical_start, bytes_of(descriptor->number_of_pages));
}

char *memory_view_type(char text[24], uint32_t uefi_type)
{
	if (uefi_type < UEFI_MEMORY_TYPE_COUNT)
		format(text, 24, "%s", memory_range_uefi_name(uefi_type));
	else
		format(text, 24, "%s %x", memory_range_uefi_name(uefi_type), (unsigned)uefi_type);
	return text;
}

char *memory_view_attributes(char text[MEMORY_VIEW_ATTRIBUTES_MAX], uint64_t attributes)
{
	uint64_t used = 0;

	for (uint32_t i = 0; i < sizeof(attribute_names) / sizeof(attribute_names[0]); i++) {
		if (!(attributes & attribute_names[i].bit))
			continue;
		used += (uint64_t)format(text + used, MEMORY_VIEW_ATTRIBUTES_MAX - used, "%s%s", used > 0 ? " " : "",
					 attribute_names[i].name);
		attributes &= ~attribute_names[i].bit;
	}
	if (attributes != 0)
		format(text + used, MEMORY_VIEW_ATTRIBUTES_MAX - used, "%s0x%llx", used > 0 ? " " : "",
		       (unsigned long long)attributes);
	else if (used == 0)
		format(text, MEMORY_VIEW_ATTRIBUTES_MAX, "none");
	return text;
}

void memory_view_head(char line[MEMORY_VIEW_LINE_MAX])
{
	format(line, MEMORY_VIEW_LINE_MAX, "%4s %-20s %-16s %9s %8s %16s", "", "type", "start", "pages", "size", "attributes");
}

void memory_view_row(char line[MEMORY_VIEW_LINE_MAX], uint64_t index, const struct handoff_raw_descriptor *descriptor)
{
	char type[24], size[16];

	format(line, MEMORY_VIEW_LINE_MAX, "%4llu %-20.20s %016llx %9llu %8s %16llx", (unsigned long long)index,
	       memory_view_type(type, descriptor->type), (unsigned long long)descriptor->physical_start,
	       (unsigned long long)descriptor->number_of_pages, format_bytes(size, bytes_of(descriptor->number_of_pages)),
	       (unsigned long long)descriptor->attribute);
}

void memory_view_file_row(char line[MEMORY_VIEW_FILE_LINE_MAX], uint64_t index, const struct handoff_raw_descriptor *descriptor)
{
	format(line, MEMORY_VIEW_FILE_LINE_MAX, "%llu %u 0x%llx %llu 0x%llx", (unsigned long long)index, (unsigned)descriptor->type,
	       (unsigned long long)descriptor->physical_start, (unsigned long long)descriptor->number_of_pages,
	       (unsigned long long)descriptor->attribute);
}

void memory_view_sum(const struct memory_view *view, struct memory_view_totals *ret_totals)
{
	uint64_t count = memory_view_count(view);

	memset(ret_totals, 0, sizeof(*ret_totals));
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(view, i);
		uint32_t type = slot(descriptor.type);

		ret_totals->descriptors[type]++;
		ret_totals->pages[type] = add(ret_totals->pages[type], descriptor.number_of_pages);
	}
}

void memory_view_overlap(const struct memory_view *view, uint64_t start, uint64_t end, uint64_t ret_bytes[MEMORY_VIEW_TYPES])
{
	uint64_t count = memory_view_count(view);

	memset(ret_bytes, 0, MEMORY_VIEW_TYPES * sizeof(*ret_bytes));
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(view, i);
		uint64_t from = descriptor.physical_start, to = memory_view_end(&descriptor);
		uint64_t *bytes = &ret_bytes[slot(descriptor.type)];

		from = from > start ? from : start;
		to = to < end ? to : end;
		if (from < to)
			*bytes = add(*bytes, to - from);
	}
}

static int is_readable(uint32_t uefi_type)
{
	return uefi_type < UEFI_MEMORY_TYPE_COUNT && uefi_type != UEFI_MMIO && uefi_type != UEFI_MMIO_PORT &&
	       uefi_type != UEFI_UNUSABLE && uefi_type != UEFI_UNACCEPTED;
}

uint64_t memory_view_readable(const struct memory_view *view, uint64_t address)
{
	uint64_t count = memory_view_count(view), at = address;

	/* Each descriptor can carry the end further once at most: after count rounds nothing new comes. */
	for (uint64_t round = 0; round < count; round++) {
		uint64_t before = at;

		for (uint64_t i = 0; i < count; i++) {
			struct handoff_raw_descriptor descriptor = memory_view_descriptor(view, i);

			if (is_readable(descriptor.type) && descriptor.physical_start <= at && memory_view_end(&descriptor) > at)
				at = memory_view_end(&descriptor);
		}
		if (at == before)
			break;
	}
	return at - address;
}

void memory_view_rows(const struct memory_view *view, const struct memory_view_sink *sink)
{
	uint64_t count = memory_view_count(view);
	char line[MEMORY_VIEW_LINE_MAX];

	memory_view_head(line);
	sink->line(sink->context, line);
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(view, i);

		memory_view_row(line, i, &descriptor);
		sink->line(sink->context, line);
	}
}

static void summary_types(const struct memory_view_totals *totals, const struct memory_view_sink *sink)
{
	char line[MEMORY_VIEW_LINE_MAX], size[16];

	for (uint32_t type = 0; type < MEMORY_VIEW_TYPES; type++) {
		uint64_t descriptors = totals->descriptors[type];

		if (descriptors == 0)
			continue;
		format(line, sizeof(line), "%-23s %6llu descriptor%s %10llu pages %9s",
		       type == MEMORY_VIEW_OTHER ? "other types" : memory_range_uefi_name(type), (unsigned long long)descriptors,
		       descriptors == 1 ? " " : "s", (unsigned long long)totals->pages[type],
		       format_bytes(size, bytes_of(totals->pages[type])));
		sink->line(sink->context, line);
	}
}

struct combination {
	uint64_t attributes, descriptors;
};

/* The combinations in the order in which they come; what finds no room counts as the last one. */
static uint32_t combinations(const struct memory_view *view, struct combination found[COMBINATIONS_MAX + 1])
{
	uint64_t descriptors = memory_view_count(view);
	uint32_t count = 0, at;

	found[COMBINATIONS_MAX].descriptors = 0;
	for (uint64_t i = 0; i < descriptors; i++) {
		uint64_t attributes = memory_view_descriptor(view, i).attribute;

		for (at = 0; at < count && found[at].attributes != attributes; at++)
			;
		if (at == count && count < COMBINATIONS_MAX)
			found[count++] = (struct combination){.attributes = attributes};
		found[at].descriptors++;
	}
	return count;
}

static void summary_attributes(const struct memory_view *view, const struct memory_view_sink *sink)
{
	struct combination found[COMBINATIONS_MAX + 1];
	uint32_t count = combinations(view, found);
	char line[MEMORY_VIEW_LINE_MAX], names[MEMORY_VIEW_ATTRIBUTES_MAX];

	for (uint32_t i = 0; i < count; i++) {
		uint64_t descriptors = found[i].descriptors;

		format(line, sizeof(line), "%16llx %6llu descriptor%s %s", (unsigned long long)found[i].attributes,
		       (unsigned long long)descriptors, descriptors == 1 ? " " : "s",
		       memory_view_attributes(names, found[i].attributes));
		sink->line(sink->context, line);
	}
	if (found[COMBINATIONS_MAX].descriptors > 0) {
		format(line, sizeof(line), "%llu descriptors with other attributes",
		       (unsigned long long)found[COMBINATIONS_MAX].descriptors);
		sink->line(sink->context, line);
	}
}

void memory_view_summary(const struct memory_view *view, const struct memory_view_sink *sink)
{
	struct memory_view_totals totals;
	char line[MEMORY_VIEW_LINE_MAX];
	uint64_t runtime;

	memory_view_sum(view, &totals);
	runtime = add(totals.pages[UEFI_RUNTIME_SERVICES_CODE], totals.pages[UEFI_RUNTIME_SERVICES_DATA]);
	format(line, sizeof(line), "%llu descriptors of %llu bytes, version %u", (unsigned long long)memory_view_count(view),
	       (unsigned long long)view->descriptor_bytes, (unsigned)view->descriptor_version);
	sink->line(sink->context, line);
	format(line, sizeof(line), "conventional %llu MiB, runtime services %llu KiB",
	       (unsigned long long)(bytes_of(totals.pages[UEFI_CONVENTIONAL]) >> 20),
	       (unsigned long long)(bytes_of(runtime) >> 10));
	sink->line(sink->context, line);
	summary_types(&totals, sink);
	summary_attributes(view, sink);
}
