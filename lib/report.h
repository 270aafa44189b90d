/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of text about a handoff, the same in the kernel's report and in the host tool's: tables for people, lines starting
 * "baton: " for programs.  Pure; a line never ends in a newline and never exceeds its buffer.
 */
#ifndef LIB_REPORT_H
#define LIB_REPORT_H

#include <stdint.h>
#include "lib/handoff.h"
#include "lib/rules.h"

enum { REPORT_LINE_MAX = 200 };

/* The normalised map, one row a range: addresses (the last one inclusive), size, type, owner, lifetime. */
void report_range_head(char line[REPORT_LINE_MAX]);
void report_range(char line[REPORT_LINE_MAX], const struct handoff_range *range);

/* Bytes and ranges of one type in a map of count ranges: "usable   231.4 MiB in 12 ranges"; returns the bytes. */
uint64_t report_total(char line[REPORT_LINE_MAX], const struct handoff_range *ranges, uint64_t count, uint32_t type);

/* Sums over a normalised map. */
struct report_memory {
	uint64_t ram_bytes;    /* all RAM that the firmware names: usable, loader, boot services, ACPI, runtime */
	uint64_t usable_bytes; /* nobody's, or free sooner or later */
	uint64_t free_bytes;   /* free at once */
	uint64_t ram_top;      /* one past the highest byte of RAM */
};
void report_memory(struct report_memory *ret_memory, const struct handoff_range *ranges, uint64_t count);
/* 1 for the types that are RAM which the firmware described as such. */
int report_is_ram(uint32_t type);

/* When a stage began and how long it lasted. */
void report_stage(char line[REPORT_LINE_MAX], const char *name, uint64_t since_start, uint64_t duration, uint64_t tsc_hz);
/* "12.345 ms", or "1.234 Mcycles" when tsc_hz is 0: the clock's frequency is not known. */
void report_duration(char text[32], uint64_t cycles, uint64_t tsc_hz);

/* A finding for people: "K17 warning   ranges overlap  0x1000-0x2000". */
void report_finding(char line[REPORT_LINE_MAX], const struct finding *finding);
/* A finding for programs: baton: finding rule=K17 severity=repaired start=0x1000 end=0x2000 text="..." */
void report_finding_fact(char line[REPORT_LINE_MAX], const struct finding *finding);
/* The last line: baton: verdict pass checks=N repaired=N warned=N attempts=N, or baton: verdict fail rule=ID ... */
void report_verdict(char line[REPORT_LINE_MAX], const struct rule_log *log, uint32_t attempts);

/* Copies text, with '?' for control characters, which would break the line it is printed on; cuts what is too long. */
void report_one_line(char *to, uint64_t bytes, const char *text);
/* "6b8b4567-327b-23c6-643c-...": a GUID in the order of bytes that UEFI and GPT store (UEFI 2.10 appendix A). */
void report_guid(char text[37], const uint8_t guid[16]);

#endif
