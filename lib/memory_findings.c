/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a raw map and its normalised form show a reader, beside what the sweep itself repairs.  Pure; the raw map is read a
 * second time, because the normaliser keeps nothing of a descriptor but its claim.
 */
#include "lib/memory_findings.h"
#include "lib/uefi_memory.h"

#define ONE_MIB UINT64_C(0x100000)
#define FOUR_GIB UINT64_C(0x100000000)

/* --- the frame ------------------------------------------------------------------------------------------------------------- */

static void count_checks(struct rule_log *log)
{
	static const uint8_t rules[] = {4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
					24, 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36, 37, 38, 43, 44};
	uint32_t i;

	for (i = 0; i < sizeof(rules); i++)
		rule_checked(log);
}

static void report_frame(const struct memory_normalise_input *input, uint64_t count, struct rule_log *log)
{
	if (input->descriptor_bytes != 40 && input->descriptor_bytes != 48)
		rule_report(log, RULE_K(5), RULE_INFORMATION, input->descriptor_bytes, 0, "descriptor size other than 40 and 48");
	if (input->descriptor_version != UEFI_DESCRIPTOR_VERSION)
		rule_report(log, RULE_K(6), RULE_WARNING, input->descriptor_version, UEFI_DESCRIPTOR_VERSION,
			    "unknown descriptor version, read as version 1");
	if (input->raw_bytes % input->descriptor_bytes != 0)
		rule_report(log, RULE_K(7), RULE_REPAIRED, input->raw_bytes, input->descriptor_bytes,
			    "map size no multiple of the descriptor size, the rest ignored");
	if (count > 1024)
		rule_report(log, RULE_K(9), RULE_INFORMATION, count, 0, "more than 1024 descriptors");
	else if (count > 128)
		rule_report(log, RULE_K(9), RULE_INFORMATION, count, 0, "more than 128 descriptors");
}

/* --- single descriptors ---------------------------------------------------------------------------------------------------- */

/* Information is reported once a map: `told` collects the notes that were. */
static void report_notes(const struct handoff_raw_descriptor *descriptor, uint32_t set, uint32_t *told, struct rule_log *log)
{
	uint64_t bytes = descriptor->number_of_pages * HANDOFF_PAGE_BYTES;
	uint32_t note;

	for (note = 0; note < MEMORY_RANGE_NOTE_COUNT; note++) {
		enum rule_severity severity = memory_range_note_severity(note);

		if (!(set & (UINT32_C(1) << note)))
			continue;
		if (severity == RULE_INFORMATION && (*told & (UINT32_C(1) << note)))
			continue;
		*told |= UINT32_C(1) << note;
		rule_report(log, memory_range_note_rule(note), severity, descriptor->physical_start,
			    descriptor->physical_start + bytes, memory_range_note_text(note));
	}
}

static void report_descriptors(const struct memory_normalise_input *input, uint64_t count, struct rule_log *log)
{
	uint64_t i, previous = 0, runtime_code = 0;
	uint32_t told = 0, notes, unsorted = 0;

	for (i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor;
		struct handoff_range range;
		int kept;

		memory_normalise_read(input, i, &descriptor);
		kept = memory_range_of(&descriptor, input->physical_bits, &range, &notes);
		report_notes(&descriptor, notes, &told, log);
		if (!kept)
			continue;
		runtime_code += range.type == HANDOFF_MEMORY_RUNTIME_CODE;
		if (range.start_phys < previous && !unsorted++)
			rule_report(log, RULE_K(15), RULE_REPAIRED, range.start_phys, range.end_phys,
				    "descriptors not in address order from here on, a sorted copy is used");
		previous = range.start_phys;
	}
	rule_report(log, RULE_K(44), RULE_INFORMATION, runtime_code, 0, "number of RuntimeServicesCode descriptors");
}

/* --- the whole map --------------------------------------------------------------------------------------------------------- */

/* Reports the first range of a type as information. */
static void report_first(const struct memory_map *map, uint32_t type, uint32_t rule, const char *text, struct rule_log *log)
{
	uint64_t i;

	for (i = 0; i < map->count && map->ranges[i].type != type; i++)
		;
	if (i < map->count)
		rule_report(log, rule, RULE_INFORMATION, map->ranges[i].start_phys, map->ranges[i].end_phys, text);
}

static void report_map(const struct memory_map *map, struct rule_log *log)
{
	uint64_t i, usable_below_1m = 0, ram_below_4g = 0, gap = 0;

	for (i = 0; i < map->count; i++) {
		const struct handoff_range *range = &map->ranges[i];

		usable_below_1m |= range->type == HANDOFF_MEMORY_USABLE && range->start_phys < ONE_MIB;
		ram_below_4g |= memory_range_is_pool(range->type) && range->start_phys < FOUR_GIB;
		if (i > 0 && range[-1].end_phys != range->start_phys && gap++ == 0)
			rule_report(log, RULE_K(20), RULE_INFORMATION, range[-1].end_phys, range->start_phys,
				    "addresses that no descriptor covers, taken as not present");
	}
	if (!usable_below_1m)
		rule_report(log, RULE_K(34), RULE_WARNING, 0, ONE_MIB, "no usable memory below 1 MiB to start other processors from");
	if (!ram_below_4g)
		rule_report(log, RULE_K(35), RULE_INFORMATION, 0, FOUR_GIB, "no RAM below 4 GiB");
	report_first(map, HANDOFF_MEMORY_BOOT_SERVICES, RULE_K(36),
		     "boot services memory, kept until the kernel stands on its own; below 1 MiB for ever", log);
	report_first(map, HANDOFF_MEMORY_RESERVED, RULE_K(37), "reserved memory, never to be reclaimed", log);
}

/* --- the whole ------------------------------------------------------------------------------------------------------------- */

enum memory_normalise_status memory_findings_normalise(const struct memory_normalise_input *input, struct memory_map *out,
						       void *work, uint64_t work_bytes, struct rule_log *log)
{
	enum memory_normalise_status status = memory_normalise(input, out, work, work_bytes, log);
	uint64_t count;

	if (status != MEMORY_NORMALISE_OK && status != MEMORY_NORMALISE_STRIDE_ERROR && status != MEMORY_NORMALISE_OUT_SMALL)
		return status;
	count = input->raw_bytes / input->descriptor_bytes;
	count_checks(log);
	report_frame(input, count, log);
	if (status == MEMORY_NORMALISE_OK) {
		report_descriptors(input, count, log);
		report_map(out, log);
	}
	return status;
}
