/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the report says of the boot itself: its log, the time of each stage, the processor, and what will be handed over.  RULE:
 * one fact a line, each a comment of the map file that the report is; names from the disk are printed as they were read, which the
 * configuration's reader has cleaned.
 */
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "lib/report.h"
#include "loader/boot.h"
#include "loader/memmap/report.h"

enum { CMDLINE_SHOWN = 400, MODULES_SHOWN = 64, RANGES_SHOWN = 128 };

static const char *secure_boot_name(uint32_t state)
{
	static const char *const names[] = { "unknown", "off", "on", "setup mode" };

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : names[0];
}

static void add_processor(const struct boot *boot, struct save_text *text)
{
	const struct cpu *cpu = &boot->cpu;
	char name[CPU_NAME_BYTES];

	cpu_name(name);
	save_text_add(text, "# processor: %s; %u address bits, %u paging levels%s%s%s%s, time stamp counter ", name,
		      cpu->physical_bits, cpu->paging_levels, cpu->nx ? ", NX" : "", cpu->pages_1g ? ", 1 GiB pages" : "",
		      cpu->x2apic ? ", x2APIC" : "", cpu->hypervisor ? ", under a hypervisor" : "");
	if (cpu->tsc_hz != 0)
		save_text_add(text, "%lu Hz\n", (unsigned long)cpu->tsc_hz);
	else
		save_text_add(text, "unknown\n");
	save_text_add(text, "# registers of the firmware: CR0 0x%lx CR3 0x%lx CR4 0x%lx EFER 0x%lx\n",
		      (unsigned long)cpu->firmware_cr0, (unsigned long)cpu->firmware_cr3, (unsigned long)cpu->firmware_cr4,
		      (unsigned long)cpu->firmware_efer);
}

/* A stage lasts until the next one begins, the last one until now. */
static void add_stages(const struct boot *boot, struct save_text *text)
{
	const uint64_t *began = boot->record->stage_tsc;
	char line[REPORT_LINE_MAX];

	for (uint32_t stage = HANDOFF_STAGE_ENTRY; stage < HANDOFF_STAGE_COUNT && began[stage] != 0; stage++) {
		uint64_t next = began[stage + 1] != 0 ? began[stage + 1] : cpu_time();

		report_stage(line, handoff_stage_name(stage), began[stage] - began[HANDOFF_STAGE_ENTRY], next - began[stage],
			     boot->cpu.tsc_hz);
		save_text_add(text, "# stage %u: %s\n", stage, line);
	}
}

static void add_tables(const struct boot *boot, struct save_text *text)
{
	const struct handoff_firmware *firmware = &boot->firmware;

	save_text_add(text, "# Secure Boot: %s\n", secure_boot_name(firmware->secure_boot));
	save_text_add(text,
		      "# tables: system 0x%lx runtime 0x%lx RSDP 0x%lx SMBIOS 0x%lx 0x%lx device tree 0x%lx "
		      "memory attributes 0x%lx\n",
		      (unsigned long)firmware->system_table_phys, (unsigned long)firmware->runtime_services_phys,
		      (unsigned long)firmware->rsdp_phys, (unsigned long)firmware->smbios3_phys,
		      (unsigned long)firmware->smbios_phys, (unsigned long)firmware->device_tree_phys,
		      (unsigned long)firmware->memory_attributes_phys);
	save_text_add(text, "# firmware flags: 0x%x; runtime services %s be called after exit\n", firmware->flags,
		      firmware->flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE ? "can" : "cannot");
}

static void add_kernel(const struct handoff_header *block, struct save_text *text)
{
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, NULL, NULL);
	const struct handoff_segment *segment;
	const char *cmdline = handoff_part(block, HANDOFF_PART_CMDLINE, NULL, NULL);

	if (kernel != NULL)
		save_text_add(text, "# kernel: %lu bytes, entry 0x%lx, bias 0x%lx\n", (unsigned long)kernel->file_bytes,
			      (unsigned long)kernel->entry_virt, (unsigned long)kernel->bias);
	for (uint32_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)) != NULL; i++)
		save_text_add(text, "# segment %u: 0x%lx at 0x%lx, %lu bytes, permissions %u\n", i, (unsigned long)segment->virt,
			      (unsigned long)segment->phys, (unsigned long)segment->bytes, segment->permissions);
	save_text_add(text, "# command line: %.*s\n", CMDLINE_SHOWN, cmdline != NULL ? cmdline : "");
}

static void add_modules(const struct handoff_header *block, struct save_text *text)
{
	const struct handoff_module *module;

	save_text_add(text, "# modules: %lu\n", (unsigned long)handoff_count(block, HANDOFF_PART_MODULES));
	for (uint32_t i = 0; i < MODULES_SHOWN && (module = handoff_element(block, HANDOFF_PART_MODULES, i)) != NULL; i++)
		save_text_add(text, "# module %u: %s at 0x%lx, %lu bytes\n", i, handoff_string(block, module->name_offset),
			      (unsigned long)module->phys, (unsigned long)module->bytes);
}

/* The part has room for more. */
static void add_owned(const struct handoff_header *block, struct save_text *text)
{
	for (uint32_t i = 0; i < RANGES_SHOWN; i++) {
		const struct handoff_range *range = handoff_element(block, HANDOFF_PART_OWNED, i);

		if (range == NULL || range->end_phys == 0)
			return;
		save_text_add(text, "# owned: 0x%lx, %lu pages, %s %u\n", (unsigned long)range->start_phys,
			      (unsigned long)((range->end_phys - range->start_phys) / HANDOFF_PAGE_BYTES),
			      handoff_owner_name(range->owner), range->index);
	}
}

/* Line by line, for each must be a comment. */
static void add_log(const struct boot *boot, struct save_text *text)
{
	const char *at = boot->record->log;

	while (*at != '\0') {
		int length = 0;

		while (at[length] != '\0' && at[length] != '\n')
			length++;
		save_text_add(text, "# log: %.*s\n", length, at);
		at += length + (at[length] == '\n');
	}
}

void report_boot(struct boot *boot, const struct handoff_header *block, struct save_text *text)
{
	char line[LAST_BOOT_TEXT_MAX];

	if (boot->last_boot.state != 0)
		save_text_add(text, "# last boot: %s\n", last_boot_text(line, &boot->last_boot));
	add_processor(boot, text);
	add_tables(boot, text);
	add_stages(boot, text);
	add_kernel(block, text);
	add_modules(block, text);
	add_owned(block, text);
	add_log(boot, text);
}
