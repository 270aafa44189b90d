/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of text about a handoff, for people and for programs. */
#include "lib/report.h"
#include "lib/format.h"
#include "lib/handoff_block.h"

void report_range_head(char line[REPORT_LINE_MAX])
{
	format(line, REPORT_LINE_MAX, "%-16s   %-16s  %9s  %-15s %-15s %s", "first byte", "last byte", "size", "type", "owner",
	       "may be used");
}

void report_range(char line[REPORT_LINE_MAX], const struct handoff_range *range)
{
	char size[16], owner[40];

	format(owner, sizeof owner, "%s", handoff_owner_name(range->owner));
	if (range->owner == HANDOFF_OWNER_MODULE || range->owner == HANDOFF_OWNER_KERNEL_TEXT ||
	    range->owner == HANDOFF_OWNER_KERNEL_RODATA || range->owner == HANDOFF_OWNER_KERNEL_DATA)
		format(owner, sizeof owner, "%s %u", handoff_owner_name(range->owner), (unsigned)range->index);
	format(line, REPORT_LINE_MAX, "%016llx - %016llx  %9s  %-15s %-15s %s", (unsigned long long)range->start_phys,
	       (unsigned long long)(range->end_phys - 1), format_bytes(size, range->end_phys - range->start_phys),
	       handoff_memory_name(range->type), owner, handoff_lifetime_name(range->lifetime));
}

uint64_t report_total(char line[REPORT_LINE_MAX], const struct handoff_range *ranges, uint64_t count, uint32_t type)
{
	uint64_t bytes = 0, found = 0;
	char size[16];

	for (uint64_t i = 0; i < count; i++) {
		if (ranges[i].type != type)
			continue;
		bytes += ranges[i].end_phys - ranges[i].start_phys;
		found++;
	}
	format(line, REPORT_LINE_MAX, "%-16s %9s in %llu range%s", handoff_memory_name(type), format_bytes(size, bytes),
	       (unsigned long long)found, found == 1 ? "" : "s");
	return bytes;
}

int report_is_ram(uint32_t type)
{
	switch (type) {
	case HANDOFF_MEMORY_USABLE:
	case HANDOFF_MEMORY_LOADER:
	case HANDOFF_MEMORY_BOOT_SERVICES:
	case HANDOFF_MEMORY_ACPI_RECLAIM:
	case HANDOFF_MEMORY_ACPI_NVS:
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
	case HANDOFF_MEMORY_SPECIAL_PURPOSE:
		return 1;
	default:
		return 0;
	}
}

void report_memory(struct report_memory *ret_memory, const struct handoff_range *ranges, uint64_t count)
{
	struct report_memory memory = {0};

	for (uint64_t i = 0; i < count; i++) {
		uint64_t bytes = ranges[i].end_phys - ranges[i].start_phys;

		if (!report_is_ram(ranges[i].type))
			continue;
		memory.ram_bytes += bytes;
		if (ranges[i].end_phys > memory.ram_top)
			memory.ram_top = ranges[i].end_phys;
		if (ranges[i].lifetime != HANDOFF_LIFETIME_NEVER)
			memory.usable_bytes += bytes;
		if (ranges[i].lifetime == HANDOFF_LIFETIME_FREE)
			memory.free_bytes += bytes;
	}
	*ret_memory = memory;
}

void report_duration(char text[32], uint64_t cycles, uint64_t tsc_hz)
{
	/* Of an unknown clock a million cycles are the unit: much like a millisecond's. */
	uint64_t unit = tsc_hz >= 1000 ? tsc_hz / 1000 : 1000000;
	uint64_t rest = cycles % unit, thousandths = unit <= UINT64_MAX / 1000 ? rest * 1000 / unit : rest / (unit / 1000);

	format(text, 32, "%llu.%03llu %s", (unsigned long long)(cycles / unit), (unsigned long long)thousandths,
	       tsc_hz >= 1000 ? "ms" : "Mcycles");
}

void report_stage(char line[REPORT_LINE_MAX], const char *name, uint64_t since_start, uint64_t duration, uint64_t tsc_hz)
{
	char start[32], length[32];

	report_duration(start, since_start, tsc_hz);
	report_duration(length, duration, tsc_hz);
	format(line, REPORT_LINE_MAX, "%-14s at %15s, took %15s", name, start, length);
}

void report_finding(char line[REPORT_LINE_MAX], const struct finding *finding)
{
	char name[8];
	int used = format(line, REPORT_LINE_MAX, "%-4s %-8s  %s", rule_name(finding->rule, name),
			  rule_severity_name(finding->severity), finding->text);

	if (used < 0 || used >= REPORT_LINE_MAX || (finding->start == 0 && finding->end == 0))
		return;
	format(line + used, (uint64_t)(REPORT_LINE_MAX - used), finding->end ? "  (0x%llx, 0x%llx)" : "  (0x%llx)",
	       (unsigned long long)finding->start, (unsigned long long)finding->end);
}

void report_finding_fact(char line[REPORT_LINE_MAX], const struct finding *finding)
{
	char name[8];

	format(line, REPORT_LINE_MAX, "baton: finding rule=%s severity=%s start=0x%llx end=0x%llx text=\"%s\"",
	       rule_name(finding->rule, name), rule_severity_name(finding->severity), (unsigned long long)finding->start,
	       (unsigned long long)finding->end, finding->text);
}

void report_verdict(char line[REPORT_LINE_MAX], const struct rule_log *log, uint32_t attempts)
{
	char name[8];

	if (log->counts[RULE_FATAL] == 0)
		format(line, REPORT_LINE_MAX, "baton: verdict pass checks=%u repaired=%u warned=%u attempts=%u",
		       (unsigned)log->checks, (unsigned)log->counts[RULE_REPAIRED], (unsigned)log->counts[RULE_WARNING],
		       (unsigned)attempts);
	else
		format(line, REPORT_LINE_MAX,
		       "baton: verdict fail rule=%s checks=%u fatal=%u repaired=%u warned=%u attempts=%u",
		       rule_name(log->first_fatal, name), (unsigned)log->checks, (unsigned)log->counts[RULE_FATAL],
		       (unsigned)log->counts[RULE_REPAIRED], (unsigned)log->counts[RULE_WARNING], (unsigned)attempts);
}

void report_guid(char text[37], const uint8_t guid[16])
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	uint64_t at = 0;

	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		format(text + at, 37 - at, "%02x", (unsigned)guid[order[i]]);
		at += 2;
	}
}

void report_one_line(char *to, uint64_t bytes, const char *text)
{
	uint64_t i = 0;

	if (bytes == 0)
		return;
	for (; i + 1 < bytes && text[i]; i++)
		to[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
	to[i] = '\0';
}
