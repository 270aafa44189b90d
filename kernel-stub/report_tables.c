/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for people. */
#include "kernel-stub/report_tables.h"
#include "kernel-stub/print.h"
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "lib/report.h"

static void banner(const struct handoff_header *block)
{
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, 0, 0);
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, 0, 0);

	print("\nBaton kernel stub: handed over by %s, started by %s %u.%u (UEFI %u.%u)\n",
	      handoff_string(block, loader->version_offset), handoff_string(block, firmware->vendor_offset),
	      (unsigned)(firmware->firmware_revision >> 16), (unsigned)(firmware->firmware_revision & 0xffff),
	      (unsigned)(firmware->uefi_revision >> 16), (unsigned)((firmware->uefi_revision & 0xffff) / 10));
}

static void map(const struct handoff_header *block)
{
	const struct handoff_range *range;
	char line[REPORT_LINE_MAX];

	report_range_head(line);
	print("\nPhysical memory\n  %s\n", line);
	for (uint64_t i = 0; (range = handoff_element(block, HANDOFF_PART_MEMORY, i)); i++) {
		report_range(line, range);
		print("  %s\n", line);
	}
}

static void totals(const struct handoff_header *block)
{
	const struct handoff_range *ranges = handoff_part(block, HANDOFF_PART_MEMORY, 0, 0);
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);
	char line[REPORT_LINE_MAX];

	print("\nTotals\n");
	for (uint32_t type = HANDOFF_MEMORY_USABLE; type <= HANDOFF_MEMORY_SPECIAL_PURPOSE; type++)
		if (report_total(line, ranges, count, type) > 0)
			print("  %s\n", line);
}

static void kernel_placed(const struct handoff_header *block)
{
	const struct handoff_segment *segment;

	print("\nKernel\n");
	for (uint64_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)); i++)
		print("  segment %llu  %016llx at %012llx  %8llu KiB  %c%c%c\n", (unsigned long long)i,
		      (unsigned long long)segment->virt, (unsigned long long)segment->phys,
		      (unsigned long long)segment->bytes / 1024, segment->permissions & HANDOFF_SEGMENT_READ ? 'r' : '-',
		      segment->permissions & HANDOFF_SEGMENT_WRITE ? 'w' : '-',
		      segment->permissions & HANDOFF_SEGMENT_EXECUTE ? 'x' : '-');
}

static void modules(const struct handoff_header *block)
{
	const struct handoff_module *module;

	for (uint64_t i = 0; (module = handoff_element(block, HANDOFF_PART_MODULES, i)); i++)
		print("  module %llu   %s at %012llx, %llu bytes\n", (unsigned long long)i,
		      handoff_string(block, module->name_offset), (unsigned long long)module->phys,
		      (unsigned long long)module->bytes);
}

/* Each stage lasts until the next one begins, the last one until the kernel's first instruction. */
static void timing(const struct kernel *kernel)
{
	const struct handoff_loader *loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	const struct handoff_stage *stage, *next, *first = handoff_element(kernel->block, HANDOFF_PART_STAGES, 0);
	char line[REPORT_LINE_MAX];

	print("\nBoot\n");
	for (uint64_t i = 0; (stage = handoff_element(kernel->block, HANDOFF_PART_STAGES, i)); i++) {
		next = handoff_element(kernel->block, HANDOFF_PART_STAGES, i + 1);
		report_stage(line, handoff_stage_name(stage->stage), stage->tsc - first->tsc,
			     (next ? next->tsc : entry_time(kernel->entry)) - stage->tsc, loader->tsc_hz);
		print("  %s\n", line);
	}
}

static void attempts(const struct handoff_header *block)
{
	const struct handoff_attempt *attempt;

	for (uint64_t i = 0; (attempt = handoff_element(block, HANDOFF_PART_ATTEMPTS, i)); i++)
		print("  exit attempt %llu: %u descriptors in %llu bytes, key 0x%llx, status 0x%llx%s\n", (unsigned long long)i + 1,
		      (unsigned)attempt->descriptor_count, (unsigned long long)attempt->map_bytes,
		      (unsigned long long)attempt->map_key, (unsigned long long)attempt->status,
		      attempt->status ? "" : " (success)");
}

static void last_boot(const struct handoff_header *block)
{
	const struct handoff_last_boot *last = handoff_part(block, HANDOFF_PART_LAST_BOOT, 0, 0);
	char text[LAST_BOOT_TEXT_MAX];

	if (last)
		print("Black box: %s\n", last_boot_text(text, last));
}

/* "12.3 GiB/s", or bytes a cycle where the clock's frequency is not known. */
static void rate(char text[32], uint64_t bytes, uint64_t cycles, uint64_t tsc_hz)
{
	char each[16];

	if (cycles >> 10 == 0)
		format(text, 32, "no time at all");
	else if (tsc_hz == 0)
		format(text, 32, "%llu bytes in 1,000 cycles", (unsigned long long)(bytes * 1000 / cycles));
	else
		format(text, 32, "%s/s", format_bytes(each, (bytes >> 10) * (tsc_hz >> 10) / (cycles >> 10) << 10));
}

static void proof(const struct kernel *kernel)
{
	const struct handoff_loader *loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	const struct memory_proof *done = &kernel->proof;
	char tested[16], owned[16], time[32], all[32], part[32], plain[32];

	if (done->tested_bytes == 0)
		return;
	report_duration(time, done->cycles, loader->tsc_hz);
	print("\nMemory: %s of every free page written and read back, %s in %s; %u owned ranges unchanged, %s\n",
	      kernel->options.memory_check == MEMORY_CHECK_QUICK ? "the beginning" : "all", format_bytes(tested, done->tested_bytes),
	      time, (unsigned)done->owned_ranges, format_bytes(owned, done->owned_bytes));
	if (done->part_bytes == 0)
		return;
	rate(all, done->tested_bytes, done->cycles, loader->tsc_hz);
	rate(part, done->part_bytes, done->part_cycles, loader->tsc_hz);
	rate(plain, done->part_bytes, done->plain_cycles, loader->tsc_hz);
	print("Rate: %s; %s once more %s, by a plain memset and compare %s\n", all, format_bytes(tested, done->part_bytes), part, plain);
}

static void runtime(const struct kernel *kernel)
{
	const struct runtime_answers *last =
		kernel->runtime.virtual.state == RUNTIME_WORKS ? &kernel->runtime.virtual : &kernel->runtime.physical;

	print("Runtime services: physical %s, SetVirtualAddressMap %s, virtual %s\n",
	      runtime_state_name(kernel->runtime.physical.state), runtime_state_name(kernel->runtime.moved),
	      runtime_state_name(kernel->runtime.virtual.state));
	if (last->state == RUNTIME_WORKS && last->time_status == UEFI_SUCCESS)
		print("  the firmware's clock says %04u-%02u-%02u %02u:%02u:%02u\n", last->time.year, last->time.month,
		      last->time.day, last->time.hour, last->time.minute, last->time.second);
}

void report_findings(const struct findings *findings)
{
	char line[REPORT_LINE_MAX];

	print("\nFindings: %u checks, %u fatal, %u repaired, %u warnings, %u notes\n", (unsigned)findings->log.checks,
	      (unsigned)findings->log.counts[RULE_FATAL], (unsigned)findings->log.counts[RULE_REPAIRED],
	      (unsigned)findings->log.counts[RULE_WARNING], (unsigned)findings->log.counts[RULE_INFORMATION]);
	for (uint32_t i = 0; i < findings->kept_count; i++) {
		const char *title = rule_title(findings->kept[i].rule);

		report_finding(line, &findings->kept[i]);
		print("  %s\n", line);
		if (title && (i == 0 || findings->kept[i].rule != findings->kept[i - 1].rule))
			print("       the rule: %s\n", title);
	}
	if (findings->dropped)
		print("  and %u more, in the lines above\n", (unsigned)findings->dropped);
}

void report_tables(const struct kernel *kernel)
{
	banner(kernel->block);
	map(kernel->block);
	totals(kernel->block);
	kernel_placed(kernel->block);
	modules(kernel->block);
	timing(kernel);
	attempts(kernel->block);
	last_boot(kernel->block);
	proof(kernel);
	runtime(kernel);
}
