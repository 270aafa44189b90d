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

void report_duration(char text[32], uint64_t cycles, uint64_t tsc_hz)
{
	uint64_t khz = tsc_hz / 1000;

	if (khz == 0) {
		format(text, 32, "%llu cycles", (unsigned long long)cycles);
		return;
	}
	/* Whole milliseconds first: cycles * 1000 might overflow. */
	format(text, 32, "%llu.%03llu ms", (unsigned long long)(cycles / khz), (unsigned long long)(cycles % khz * 1000 / khz));
}

void report_stage(char line[REPORT_LINE_MAX], const char *name, uint64_t since_start, uint64_t duration, uint64_t tsc_hz)
{
	char start[32], length[32];

	report_duration(start, since_start, tsc_hz);
	report_duration(length, duration, tsc_hz);
	format(line, REPORT_LINE_MAX, "%-24s at %20s, took %20s", name, start, length);
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
