/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for programs. */
#include "kernel-stub/report_facts.h"
#include "kernel-stub/print.h"
#include "lib/crc32c.h"
#include "lib/dump.h"
#include "lib/handoff_block.h"
#include "lib/report.h"

static void facts_memory(const struct handoff_header *block)
{
	const struct handoff_range *ranges = handoff_part(block, HANDOFF_PART_MEMORY, 0, 0);
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);
	struct report_memory memory;
	uint32_t stride = 0;

	report_memory(&memory, ranges, count);
	handoff_part(block, HANDOFF_PART_RAW_MAP, 0, &stride);
	print("baton: fact ram_bytes=%llu usable_bytes=%llu free_bytes=%llu ram_top=0x%llx ranges=%llu\n",
	      (unsigned long long)memory.ram_bytes, (unsigned long long)memory.usable_bytes,
	      (unsigned long long)memory.free_bytes, (unsigned long long)memory.ram_top, (unsigned long long)count);
	print("baton: fact descriptors=%llu descriptor_bytes=%u\n",
	      (unsigned long long)handoff_count(block, HANDOFF_PART_RAW_MAP), (unsigned)stride);
}

static void facts_processor(const struct handoff_cpu *cpu)
{
	print("baton: fact physical_bits=%u levels=%u nx=%u pages_1g=%u hypervisor=%u x2apic=%u sev=%u\n",
	      (unsigned)cpu->physical_bits, (unsigned)cpu->paging_levels, (cpu->flags & HANDOFF_CPU_NX) != 0,
	      (cpu->flags & HANDOFF_CPU_PAGES_1G) != 0, (cpu->flags & HANDOFF_CPU_HYPERVISOR) != 0,
	      (cpu->flags & HANDOFF_CPU_X2APIC) != 0, (cpu->flags & HANDOFF_CPU_SEV) != 0);
}

static void facts_screen(const struct handoff_framebuffer *f)
{
	if (f)
		print("baton: fact framebuffer=%ux%u pitch=%u framebuffer_base=0x%llx\n", (unsigned)f->width, (unsigned)f->height,
		      (unsigned)f->pitch_bytes, (unsigned long long)f->base_phys);
	else
		print("baton: fact framebuffer=none\n");
}

static void facts_loaded(const struct kernel *kernel)
{
	const struct handoff_exit *exit = handoff_part(kernel->block, HANDOFF_PART_EXIT, 0, 0);
	const struct handoff_module *module;
	char text[256];

	report_quotable(text, sizeof text, kernel->cmdline ? kernel->cmdline : "");
	print("baton: fact attempts=%u segments=%llu modules=%llu cmdline=\"%s\"\n", (unsigned)exit->attempts,
	      (unsigned long long)handoff_count(kernel->block, HANDOFF_PART_SEGMENTS),
	      (unsigned long long)handoff_count(kernel->block, HANDOFF_PART_MODULES), text);
	for (uint64_t i = 0; (module = handoff_element(kernel->block, HANDOFF_PART_MODULES, i)); i++) {
		uint32_t crc = 0;

		/* Not all of it may be mapped when the checks have failed. */
		if (kernel->findings.log.counts[RULE_FATAL] == 0)
			crc = crc32c(0, (const void *)(uintptr_t)module->phys, module->bytes);
		report_quotable(text, sizeof text, handoff_string(kernel->block, module->name_offset));
		print("baton: fact module%llu_bytes=%llu module%llu_crc=%08x module%llu_name=\"%s\"\n", (unsigned long long)i,
		      (unsigned long long)module->bytes, (unsigned long long)i,
		      (unsigned)crc, (unsigned long long)i, text);
	}
}

static void facts_firmware(const struct handoff_header *block)
{
	static const char *const secure_boot[] = {"unknown", "off", "on", "setup"};
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, 0, 0);
	const struct handoff_seed *seed = handoff_part(block, HANDOFF_PART_SEED, 0, 0);
	char vendor[64], guid[37];

	report_quotable(vendor, sizeof vendor, handoff_string(block, firmware->vendor_offset));
	report_guid(guid, firmware->boot_volume_guid);
	print("baton: fact firmware=\"%s\" secure_boot=%s volume=%s seed=%s\n", vendor,
	      firmware->secure_boot < 4 ? secure_boot[firmware->secure_boot] : "?", guid,
	      !seed ? "none" : seed->source == HANDOFF_SEED_EFI_RNG ? "efi_rng" : "rdseed");
}

static void facts_done(const struct kernel *kernel)
{
	const struct handoff_loader *loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	const struct memory_proof *proof = &kernel->proof;
	uint64_t ms = loader->tsc_hz >= 1000 ? proof->cycles / (loader->tsc_hz / 1000) : 0;

	print("baton: fact memory_tested_bytes=%llu memory_tested_cycles=%llu memory_tested_ms=%llu owned_ranges=%u\n",
	      (unsigned long long)proof->tested_bytes, (unsigned long long)proof->cycles, (unsigned long long)ms,
	      (unsigned)proof->owned_ranges);
	print("baton: fact runtime_physical=%s svam=%s runtime_virtual=%s\n", runtime_state_name(kernel->runtime.physical.state),
	      runtime_state_name(kernel->runtime.moved), runtime_state_name(kernel->runtime.virtual.state));
}

void report_facts(const struct kernel *kernel)
{
	facts_memory(kernel->block);
	facts_processor(&kernel->live.cpu);
	facts_screen(handoff_part(kernel->block, HANDOFF_PART_FRAMEBUFFER, 0, 0));
	facts_loaded(kernel);
	facts_firmware(kernel->block);
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
