/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handoff block for people: the tables that the kernel stub prints, and what only the block knows.
 * Rules here: text of the block is hostile to terminals; control characters are not printed.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "lib/report.h"
#include "tools/baton/handoff_show.h"
#include "tools/baton/terminal.h"

static void heading(const char *text)
{
	printf("\n%s%s%s\n", terminal_style(TERMINAL_BOLD), text, terminal_style(TERMINAL_PLAIN));
}

static void print_text(const char *label, const char *text)
{
	char line[1024];

	report_one_line(line, sizeof(line), text);
	printf("  %-14s %s\n", label, line);
}

const char *handoff_show_secure_boot(uint32_t secure_boot)
{
	static const char *const names[] = {"unknown", "off", "on", "setup mode"};

	return secure_boot < 4 ? names[secure_boot] : "unknown";
}

const char *handoff_show_seed(const struct handoff_seed *seed)
{
	if (!seed)
		return "none";
	if (seed->source == HANDOFF_SEED_EFI_RNG)
		return "EFI_RNG_PROTOCOL";
	return seed->source == HANDOFF_SEED_RDSEED ? "RDSEED" : "unknown";
}

void handoff_show_rights(char text[4], uint32_t permissions)
{
	text[0] = permissions & HANDOFF_SEGMENT_READ ? 'r' : '-';
	text[1] = permissions & HANDOFF_SEGMENT_WRITE ? 'w' : '-';
	text[2] = permissions & HANDOFF_SEGMENT_EXECUTE ? 'x' : '-';
	text[3] = '\0';
}

void handoff_show_time(char text[32], int64_t wall_clock)
{
	time_t seconds = (time_t)wall_clock;
	struct tm parts;

	text[0] = '\0';
	if (wall_clock != 0 && gmtime_r(&seconds, &parts))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static void show_origin(const struct handoff_header *block)
{
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	const char *cmdline = handoff_part(block, HANDOFF_PART_CMDLINE, NULL, NULL);
	char size[16], text[40];

	printf("Handoff block %u.%u, %s at 0x%lx\n", block->version_major, block->version_minor,
	       format_bytes(size, block->total_bytes), block->block_phys);
	print_text("loader", handoff_string(block, loader->version_offset));
	print_text("firmware", handoff_string(block, firmware->vendor_offset));
	printf("  %-14s 0x%x, UEFI %u.%u\n", "revision", firmware->firmware_revision, firmware->uefi_revision >> 16,
	       (firmware->uefi_revision & 0xffff) / 10);
	print_text("Secure Boot", handoff_show_secure_boot(firmware->secure_boot));
	report_guid(text, firmware->boot_volume_guid);
	print_text("boot volume", text);
	handoff_show_time(text, loader->wall_clock);
	print_text("started", text[0] ? text : "the firmware has no clock");
	print_text("random seed", handoff_show_seed(handoff_part(block, HANDOFF_PART_SEED, NULL, NULL)));
	print_text("command line", cmdline ? cmdline : "");
}

static void show_kernel(const struct handoff_header *block)
{
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, NULL, NULL);
	const struct handoff_segment *segment;
	const struct handoff_module *module;
	char size[16], rights[4], name[256];

	heading("Kernel");
	printf("  entry 0x%lx, addresses 0x%lx-0x%lx, bias 0x%lx\n", kernel->entry_virt, kernel->base_virt,
	       kernel->end_virt - 1, kernel->bias);
	printf("  stack 0x%lx, %s; page tables 0x%lx\n", kernel->stack_virt, format_bytes(size, kernel->stack_bytes),
	       kernel->page_tables_phys);
	for (uint64_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)); i++) {
		handoff_show_rights(rights, segment->permissions);
		printf("  segment %-2lu     0x%016lx at 0x%012lx  %9s  %s\n", i, segment->virt, segment->phys,
		       format_bytes(size, segment->bytes), rights);
	}
	for (uint64_t i = 0; (module = handoff_element(block, HANDOFF_PART_MODULES, i)); i++) {
		report_one_line(name, sizeof(name), handoff_string(block, module->name_offset));
		printf("  module %-2lu      0x%012lx  %9s  %s\n", i, module->phys, format_bytes(size, module->bytes),
		       name);
	}
}

static void show_memory(const struct handoff_header *block)
{
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);
	const struct handoff_range *range;
	char line[REPORT_LINE_MAX];

	heading("Physical memory");
	report_range_head(line);
	printf("  %s\n", line);
	for (uint64_t i = 0; (range = handoff_element(block, HANDOFF_PART_MEMORY, i)); i++) {
		report_range(line, range);
		printf("  %s\n", line);
	}
	heading("Totals");
	/* The ranges of a later minor version may be longer: then there are no totals. */
	range = handoff_element(block, HANDOFF_PART_MEMORY, 1);
	if (range && range != (const struct handoff_range *)handoff_element(block, HANDOFF_PART_MEMORY, 0) + 1)
		return;
	for (uint32_t type = HANDOFF_MEMORY_USABLE; type <= HANDOFF_MEMORY_SPECIAL_PURPOSE; type++)
		if (report_total(line, handoff_element(block, HANDOFF_PART_MEMORY, 0), count, type) > 0)
			printf("  %s\n", line);
}

static void show_exit(const struct handoff_header *block)
{
	const struct handoff_exit *exit = handoff_part(block, HANDOFF_PART_EXIT, NULL, NULL);
	const struct handoff_attempt *attempt;
	char size[16];

	heading("Exit from boot services");
	printf("  map buffer %s for a map of %lu bytes; %u attempt%s\n", format_bytes(size, exit->capacity_bytes),
	       exit->returned_bytes, exit->attempts, exit->attempts == 1 ? "" : "s");
	for (uint64_t i = 0; (attempt = handoff_element(block, HANDOFF_PART_ATTEMPTS, i)); i++)
		printf("  attempt %-2lu     %u descriptors in %lu bytes, key 0x%lx, status 0x%lx%s\n", i + 1,
		       attempt->descriptor_count, attempt->map_bytes, attempt->map_key, attempt->status,
		       attempt->status ? "" : " (success)");
}

static void show_machine(const struct handoff_header *block)
{
	const struct handoff_cpu *cpu = handoff_part(block, HANDOFF_PART_CPU, NULL, NULL);
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	const struct handoff_framebuffer *screen = handoff_part(block, HANDOFF_PART_FRAMEBUFFER, NULL, NULL);

	heading("Machine at the jump");
	printf("  CR0 0x%lx  CR3 0x%lx  CR4 0x%lx  EFER 0x%lx  RFLAGS 0x%lx\n", cpu->cr0, cpu->cr3, cpu->cr4, cpu->efer,
	       cpu->rflags);
	printf("  PAT 0x%016lx  APIC base 0x%lx  XCR0 0x%lx\n", cpu->pat, cpu->apic_base, cpu->xcr0);
	printf("  GDT 0x%lx/0x%x  IDT 0x%lx/0x%x\n", cpu->gdt_base_virt, cpu->gdt_limit, cpu->idt_base_virt,
	       cpu->idt_limit);
	printf("  %u paging levels, %u physical address bits%s%s%s%s%s\n", cpu->paging_levels, cpu->physical_bits,
	       cpu->flags & HANDOFF_CPU_NX ? ", NX" : ", no NX",
	       cpu->flags & HANDOFF_CPU_PAGES_1G ? ", 1 GiB pages" : "", cpu->flags & HANDOFF_CPU_SEV ? ", SEV" : "",
	       cpu->flags & HANDOFF_CPU_HYPERVISOR ? ", under a hypervisor" : "",
	       cpu->flags & HANDOFF_CPU_X2APIC ? ", x2APIC" : "");
	printf("  system table 0x%lx  runtime services 0x%lx  RSDP 0x%lx  SMBIOS 0x%lx/0x%lx  device tree 0x%lx\n",
	       firmware->system_table_phys, firmware->runtime_services_phys, firmware->rsdp_phys,
	       firmware->smbios3_phys, firmware->smbios_phys, firmware->device_tree_phys);
	if (screen)
		printf("  framebuffer %ux%u, %u bytes a line, %u bits at 0x%lx\n", screen->width, screen->height,
		       screen->pitch_bytes, screen->bits_per_pixel, screen->base_phys);
	else
		printf("  no framebuffer\n");
}

/* Each stage lasts until the next one begins; how long the last one did only the kernel knows. */
static void show_stages(const struct handoff_header *block)
{
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	const struct handoff_stage *first = handoff_element(block, HANDOFF_PART_STAGES, 0), *stage = first, *next;
	char line[REPORT_LINE_MAX];

	heading("Boot");
	for (uint64_t i = 1; (next = handoff_element(block, HANDOFF_PART_STAGES, i)); i++) {
		report_stage(line, handoff_stage_name(stage->stage), stage->tsc - first->tsc, next->tsc - stage->tsc,
			     loader->tsc_hz);
		printf("  %s\n", line);
		stage = next;
	}
	report_duration(line, stage->tsc - first->tsc, loader->tsc_hz);
	printf("  %-14s at %15s\n", handoff_stage_name(stage->stage), line);
}

static void show_log(const struct handoff_header *block)
{
	const char *log = handoff_part(block, HANDOFF_PART_LOG, NULL, NULL);
	char line[1024];

	heading("Log of the loader");
	while (log && *log) {
		size_t bytes = strcspn(log, "\n"), kept = bytes < sizeof(line) - 1 ? bytes : sizeof(line) - 1;
		char copy[sizeof(line)];

		memcpy(copy, log, kept);
		copy[kept] = '\0';
		report_one_line(line, sizeof(line), copy);
		printf("  %s\n", line);
		log += bytes + (log[bytes] ? 1 : 0);
	}
}

/* What the black box held when this boot began (v1.1). */
static void show_last_boot(const struct handoff_header *block)
{
	const struct handoff_last_boot *boot = handoff_part(block, HANDOFF_PART_LAST_BOOT, NULL, NULL);
	char text[LAST_BOOT_TEXT_MAX], time[32];

	if (!boot)
		return;
	heading("Last boot");
	printf("  %s\n", last_boot_text(text, boot));
	handoff_show_time(time, boot->wall_clock);
	if (time[0])
		printf("  it started %s, its loader was at 0x%lx\n", time, boot->image_phys);
	if (boot->set_variable_phys != 0)
		printf("  this boot is armed: SetVariable at 0x%lx\n", boot->set_variable_phys);
	else
		printf("  this boot is not armed\n");
}

void handoff_show(const struct handoff_header *block)
{
	show_origin(block);
	show_last_boot(block);
	show_kernel(block);
	show_memory(block);
	show_exit(block);
	show_machine(block);
	show_stages(block);
	show_log(block);
}
