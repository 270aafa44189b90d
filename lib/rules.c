/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of the handoff by number and title, and the one way in which findings are counted and reported.  K1-K48 are
 * about the block, the memory map and the firmware's tables, M1-M18 about the state of the processor, L3 about the start.
 * Pure.
 */
#include "lib/rules.h"

static const char *const titles[RULE_NUMBER_END] = {
	[RULE_K(1)] = "the block carries the right magic, version, size and checksum",
	[RULE_K(2)] = "the raw map is present, 8-byte aligned, within its capacity and inside one range of the loader",
	[RULE_K(3)] = "the memory under the map buffer is described as LoaderData",
	[RULE_K(4)] = "the descriptor size is a multiple of 8 from 40 to 4096",
	[RULE_K(5)] = "the descriptor size is 40 or 48",
	[RULE_K(6)] = "the descriptor version is 1",
	[RULE_K(7)] = "the map size is a multiple of the descriptor size",
	[RULE_K(8)] = "there are descriptors and enough usable memory",
	[RULE_K(9)] = "the number of descriptors is ordinary",
	[RULE_K(10)] = "every descriptor has pages",
	[RULE_K(11)] = "no descriptor wraps around the address space",
	[RULE_K(12)] = "every descriptor starts on a page",
	[RULE_K(13)] = "no RAM lies beyond the physical address width",
	[RULE_K(14)] = "no device memory lies beyond the physical address width",
	[RULE_K(15)] = "descriptors are in address order",
	[RULE_K(16)] = "descriptors of the same type do not overlap",
	[RULE_K(17)] = "descriptors of different types do not overlap",
	[RULE_K(18)] = "what the loader placed lies in memory that nobody else owns",
	[RULE_K(19)] = "what the loader placed is described as loader memory",
	[RULE_K(20)] = "the map has no gaps",
	[RULE_K(21)] = "every memory type is one that the specification defines",
	[RULE_K(22)] = "no memory waits to be accepted",
	[RULE_K(23)] = "RAM can be cached write-back",
	[RULE_K(24)] = "memory of the boot phase is not marked RUNTIME",
	[RULE_K(25)] = "runtime services memory is marked RUNTIME",
	[RULE_K(26)] = "ACPI memory is not marked RUNTIME",
	[RULE_K(27)] = "protection bits are capabilities and are not applied",
	[RULE_K(28)] = "attributes are known, and runtime memory states its cacheability",
	[RULE_K(29)] = "VirtualStart is zero before SetVirtualAddressMap",
	[RULE_K(30)] = "special purpose and hot-pluggable memory stays out of the general pool",
	[RULE_K(31)] = "conventional memory is not non-volatile",
	[RULE_K(32)] = "bytes of a descriptor behind the known fields are ignored",
	[RULE_K(33)] = "page zero is not memory to use",
	[RULE_K(34)] = "there is usable memory below 1 MiB",
	[RULE_K(35)] = "there is RAM below 4 GiB",
	[RULE_K(36)] = "boot services memory is kept until the kernel stands on its own",
	[RULE_K(37)] = "reserved memory is never reclaimed",
	[RULE_K(38)] = "large ranges of MMIO are neither RAM nor reservations",
	[RULE_K(39)] = "the framebuffer is as large as its mode and overlaps no RAM",
	[RULE_K(40)] = "the memory attributes table is sound and covers runtime memory only",
	[RULE_K(41)] = "the tables of the firmware lie in memory that keeps them",
	[RULE_K(42)] = "ACPI tables are present and their checksums agree",
	[RULE_K(43)] = "runtime services memory is page-aligned",
	[RULE_K(44)] = "the number of ranges of runtime services code is noted",
	[RULE_K(45)] = "the system table has its signature and lies in runtime services data",
	[RULE_K(46)] = "boot services and consoles are gone from the system table",
	[RULE_K(47)] = "the checksums of system table and runtime services agree",
	[RULE_K(48)] = "runtime services point into runtime services code",
	[RULE_M(1)] = "the processor runs 64-bit code in ring 0 with paging on",
	[RULE_M(2)] = "interrupts are off",
	[RULE_M(3)] = "the other flags are clear",
	[RULE_M(4)] = "the stack pointer is aligned and inside the stack of the kernel",
	[RULE_M(5)] = "all page tables lie in memory of the loader",
	[RULE_M(6)] = "kernel, stack and block are mapped where the block says",
	[RULE_M(7)] = "nothing of the kernel is both writable and executable",
	[RULE_M(8)] = "the depth of the page tables is the announced one",
	[RULE_M(9)] = "no-execute is enabled where page tables use it",
	[RULE_M(10)] = "write protection holds in ring 0",
	[RULE_M(11)] = "x87 and SSE state is the initial one",
	[RULE_M(12)] = "optional features of CR4 are off",
	[RULE_M(13)] = "GDT, IDT and task state lie in memory of the loader",
	[RULE_M(14)] = "memory types are as announced and RAM is cached",
	[RULE_M(15)] = "interrupt sources are known before interrupts are enabled",
	[RULE_M(16)] = "the physical address width is the announced one",
	[RULE_M(17)] = "devices may still write to memory",
	[RULE_M(18)] = "AArch64: exception level, translation and vectors are as announced",
	[RULE_L(3)] = "the loader runs at TPL_APPLICATION",
};

#ifndef RULES_UNHEARD
void rule_report(struct rule_log *log, uint32_t rule, enum rule_severity severity, uint64_t start, uint64_t end,
		 const char *text)
{
	struct finding finding = {.rule = rule, .severity = severity, .start = start, .end = end, .text = text};

	if (!log)
		return;
	log->counts[severity]++;
	if (severity == RULE_FATAL && log->first_fatal == 0)
		log->first_fatal = rule;
	if (log->report)
		log->report(log->context, &finding);
}

void rule_checked(struct rule_log *log)
{
	if (log)
		log->checks++;
}
#endif

const char *rule_title(uint32_t rule)
{
	return rule < RULE_NUMBER_END ? titles[rule] : (const char *)0;
}

char *rule_name(uint32_t rule, char name[8])
{
	uint32_t number = rule % 100;
	uint32_t at = 0;

	if (rule_title(rule)) {
		name[at++] = "KML"[rule / 100];
		if (number >= 10)
			name[at++] = (char)('0' + number / 10);
		name[at++] = (char)('0' + number % 10);
	} else {
		name[at++] = '?';
	}
	name[at] = '\0';
	return name;
}

const char *rule_severity_name(enum rule_severity severity)
{
	switch (severity) {
	case RULE_INFORMATION:
		return "info";
	case RULE_WARNING:
		return "warning";
	case RULE_REPAIRED:
		return "repaired";
	case RULE_FATAL:
		return "fatal";
	}
	return "unknown";
}
