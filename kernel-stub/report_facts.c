/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for programs. */
#include "kernel-stub/report_facts.h"
#include "kernel-stub/print.h"
#include "lib/crc32c.h"
#include "lib/dump.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "lib/report.h"

/* `baton: fact key=value`, one a line; the value goes to the end of the line. */
static void fact_number(const char *key, uint64_t value)
{
	print("baton: fact %s=%llu\n", key, (unsigned long long)value);
}

static void fact_text(const char *key, const char *value)
{
	char text[256];

	report_one_line(text, sizeof text, value);
	print("baton: fact %s=%s\n", key, text);
}

static void facts_memory(const struct handoff_header *block)
{
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);
	struct report_memory memory;
	uint32_t stride = 0;

	report_memory(&memory, handoff_part(block, HANDOFF_PART_MEMORY, 0, 0), count);
	handoff_part(block, HANDOFF_PART_RAW_MAP, 0, &stride);
	fact_number("ram_bytes", memory.ram_bytes);
	fact_number("ram_top", memory.ram_top);
	fact_number("usable_bytes", memory.usable_bytes);
	fact_number("free_bytes", memory.free_bytes);
	fact_number("ranges", count);
	fact_number("descriptors", handoff_count(block, HANDOFF_PART_RAW_MAP));
	fact_number("descriptor_bytes", stride);
}

static void facts_processor(const struct handoff_cpu *cpu)
{
	fact_number("physical_bits", cpu->physical_bits);
	fact_number("levels", cpu->paging_levels);
	fact_number("nx", (cpu->flags & HANDOFF_CPU_NX) != 0);
	fact_number("pages_1g", (cpu->flags & HANDOFF_CPU_PAGES_1G) != 0);
	fact_number("hypervisor", (cpu->flags & HANDOFF_CPU_HYPERVISOR) != 0);
	fact_number("x2apic", (cpu->flags & HANDOFF_CPU_X2APIC) != 0);
	fact_number("sev", (cpu->flags & HANDOFF_CPU_SEV) != 0);
}

static void facts_screen(const struct handoff_framebuffer *f)
{
	if (!f) {
		fact_text("framebuffer", "none");
		return;
	}
	print("baton: fact framebuffer=%ux%u\n", (unsigned)f->width, (unsigned)f->height);
	fact_number("pitch", f->pitch_bytes);
	print("baton: fact framebuffer_base=0x%llx\n", (unsigned long long)f->base_phys);
}

static void facts_module(const struct kernel *kernel, uint64_t index)
{
	const struct handoff_module *module = handoff_element(kernel->block, HANDOFF_PART_MODULES, index);
	char name[64];

	report_one_line(name, sizeof name, handoff_string(kernel->block, module->name_offset));
	/* Not all of it may be mapped when the checks have failed. */
	if (kernel->findings.log.counts[RULE_FATAL] == 0)
		print("baton: fact module%llu_crc32c=%08x\n", (unsigned long long)index,
		      (unsigned)crc32c(0, (const void *)(uintptr_t)module->phys, module->bytes));
	print("baton: fact module%llu_bytes=%llu\n", (unsigned long long)index, (unsigned long long)module->bytes);
	print("baton: fact module%llu_name=%s\n", (unsigned long long)index, name);
}

/* What can be compared with the file: text and constants. */
static void facts_segments(const struct kernel *kernel)
{
	uint64_t count = handoff_count(kernel->block, HANDOFF_PART_SEGMENTS);

	fact_number("segments", count);
	for (uint64_t i = 0; i < count; i++) {
		const struct handoff_segment *segment = handoff_element(kernel->block, HANDOFF_PART_SEGMENTS, i);

		if (!(segment->permissions & HANDOFF_SEGMENT_WRITE) && kernel->findings.log.counts[RULE_FATAL] == 0)
			print("baton: fact segment%llu_crc32c=%08x\n", (unsigned long long)i,
			      (unsigned)crc32c(0, (const void *)(uintptr_t)segment->virt, segment->bytes));
	}
}

static void facts_loaded(const struct kernel *kernel)
{
	const struct handoff_exit *exit = handoff_part(kernel->block, HANDOFF_PART_EXIT, 0, 0);
	uint64_t modules = handoff_count(kernel->block, HANDOFF_PART_MODULES);

	fact_number("attempts", exit->attempts);
	facts_segments(kernel);
	fact_text("cmdline", kernel->cmdline ? kernel->cmdline : "");
	fact_number("modules", modules);
	for (uint64_t i = 0; i < modules; i++)
		facts_module(kernel, i);
}

static void facts_firmware(const struct kernel *kernel)
{
	static const char *const consoles[] = {"none", "io", "memory"};
	const struct handoff_header *block = kernel->block;
	static const char *const secure_boot[] = {"unknown", "off", "on", "setup"};
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, 0, 0);
	const struct handoff_seed *seed = handoff_part(block, HANDOFF_PART_SEED, 0, 0);
	char guid[37];

	report_guid(guid, firmware->boot_volume_guid);
	fact_text("firmware", handoff_string(block, firmware->vendor_offset));
	fact_text("secure_boot", secure_boot[firmware->secure_boot & 3]);
	fact_text("volume", guid);
	fact_text("seed", !seed ? "none" : seed->source == HANDOFF_SEED_EFI_RNG ? "efi_rng" : "rdseed");
	fact_number("acpi", firmware->rsdp_phys != 0);
	fact_text("serial_console", consoles[kernel->serial.kind]);
	fact_number("serial_console_at", kernel->serial.base);
	fact_number("smbios", firmware->smbios3_phys != 0 || firmware->smbios_phys != 0);
}

/* What the black box said of the boot before, and whether it took this one's verdict. */
static void facts_black_box(const struct kernel *kernel)
{
	const struct handoff_last_boot *last = handoff_part(kernel->block, HANDOFF_PART_LAST_BOOT, 0, 0);
	char text[LAST_BOOT_TEXT_MAX];

	fact_text("black_box", black_box_name(kernel->black_box));
	if (!last)
		return;
	fact_text("last_boot", last_boot_state_name(last->state));
	fact_text("last_boot_text", last_boot_text(text, last));
	fact_number("last_boot_stage", last->stage);
	fact_number("last_boot_code", last->code);
	fact_number("last_boot_attempts", last->attempts);
	for (unsigned i = 0; i < 4; i++)
		print("baton: fact last_boot_detail%u=0x%llx\n", i, (unsigned long long)last->detail[i]);
}

static uint64_t rate(uint64_t bytes, uint64_t cycles)
{
	return cycles ? bytes * 1000 / cycles : 0;
}

static void facts_done(const struct kernel *kernel)
{
	static const char *const checks[] = {"full", "quick", "off"};
	const struct handoff_loader *loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	const struct memory_proof *proof = &kernel->proof;

	fact_text("memory_check", checks[kernel->options.memory_check]);
	fact_number("memory_tested_bytes", proof->tested_bytes);
	fact_number("memory_tested_cycles", proof->cycles);
	if (loader->tsc_hz >= 1000)
		fact_number("memory_tested_ms", proof->cycles / (loader->tsc_hz / 1000));
	/* Bytes written and read back in 1,000 cycles of the time stamp counter. */
	fact_number("memory_rate", rate(proof->tested_bytes, proof->cycles));
	fact_number("memory_rate_part", rate(proof->part_bytes, proof->part_cycles));
	fact_number("memory_rate_plain", rate(proof->part_bytes, proof->plain_cycles));
	fact_number("owned_ranges", proof->owned_ranges);
	fact_text("runtime_physical", runtime_state_name(kernel->runtime.physical.state));
	fact_text("svam", runtime_state_name(kernel->runtime.moved));
	fact_text("runtime_virtual", runtime_state_name(kernel->runtime.virtual.state));
	fact_number("wall_clock", (uint64_t)loader->wall_clock);
}

void report_facts(const struct kernel *kernel)
{
	facts_memory(kernel->block);
	facts_processor(&kernel->live.cpu);
	facts_screen(handoff_part(kernel->block, HANDOFF_PART_FRAMEBUFFER, 0, 0));
	facts_loaded(kernel);
	facts_firmware(kernel);
	facts_black_box(kernel);
	facts_done(kernel);
}

void report_dump(const struct kernel *kernel)
{
	char line[DUMP_TEXT_MAX];

	for (uint64_t offset = 0; offset < kernel->block->total_bytes;) {
		offset = dump_line(line, kernel->block, kernel->block->total_bytes, offset);
		print("%s\n", line);
	}
	dump_end(line, kernel->block, kernel->block->total_bytes);
	print("%s\n", line);
}
