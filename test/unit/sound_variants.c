/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots that are unusual and right: other processors, other firmware, other kernels.  Nobody may complain about them. */
#include <string.h>
#include "lib/uefi_memory.h"
#include "test/unit/broken_blocks.h"

#define PAGE UINT64_C(4096)

static void stride_40(struct block_fixture *f) { f->stride = 40; }
static void one_attempt_more(struct block_fixture *f) { f->attempts[0].descriptor_count = 99; }
static void no_screen(struct block_fixture *f) { f->framebuffer.base_phys = 0; }
static void screen_described(struct block_fixture *f)
{
	struct handoff_raw_descriptor *page_zero = &f->raw[0].known;

	/* In the order of addresses: page zero and the screen are the first two. */
	page_zero->type = UEFI_UNUSABLE;
	memmove(&f->raw[3], &f->raw[2], (f->raw_count - 2) * sizeof(f->raw[0]));
	f->raw_count++;
	f->raw[2].known = (struct handoff_raw_descriptor){
		.type = UEFI_RESERVED, .physical_start = 0x7e000000, .number_of_pages = 0x300, .attribute = UEFI_MEMORY_WB,
	};
	f->framebuffer.base_phys = 0x7e000000;
	block_fixture_map(f, 0x7e000000, 0x7e000000, 0x300000, PAGE_WRITE | PAGE_WRITE_COMBINING);
}
static void no_attributes_table(struct block_fixture *f) { f->firmware.memory_attributes_phys = 0; }
static void runtime_not_callable(struct block_fixture *f)
{
	f->firmware.flags = 0;
	f->last_boot.set_variable_phys = 0;
	block_fixture_map(f, FIXTURE_RUNTIME_CODE_PHYS, FIXTURE_RUNTIME_CODE_PHYS, 8 * PAGE, 0);
}
static void service_in_rom(struct block_fixture *f)
{
	block_fixture_put(f->runtime_data + FIXTURE_RT + 24, FIXTURE_MMIO_PHYS + 0x40, 8);
	block_fixture_crc(f->runtime_data + FIXTURE_RT);
	f->firmware.flags = 0;
	f->last_boot.set_variable_phys = 0;
}
static void service_for_the_black_box_in_rom(struct block_fixture *f) { f->last_boot.set_variable_phys = FIXTURE_MMIO_PHYS + 0x40; }
static void black_box_not_armed(struct block_fixture *f) { f->last_boot.set_variable_phys = 0; }
static void state_of_a_later_version(struct block_fixture *f) { f->last_boot.state = HANDOFF_LAST_BOOT_UNREADABLE + 1; }
static void no_black_box(struct block_fixture *f) { block_fixture_entry(f, HANDOFF_PART_LAST_BOOT)->type = 99; }
static void empty_acpi_pointer(struct block_fixture *f)
{
	block_fixture_put(f->acpi + FIXTURE_XSDT + 36, 0, 8);
	block_fixture_sum(f->acpi + FIXTURE_XSDT, 52, 9);
}
static void acpi_1(struct block_fixture *f)
{
	uint8_t *rsdt = f->acpi + 0x600, *rsdp = f->acpi + FIXTURE_RSDP;

	rsdp[15] = 0;
	block_fixture_put(rsdp + 16, FIXTURE_ACPI_PHYS + 0x600, 4);
	block_fixture_sum(rsdp, 20, 8);
	memset(rsdp + 20, 0x5a, 16); /* ACPI 1.0 ends before */
	memcpy(rsdt, "RSDT", 4);
	block_fixture_put(rsdt + 4, 40, 4);
	block_fixture_put(rsdt + 36, FIXTURE_ACPI_PHYS + FIXTURE_FADT, 4);
	block_fixture_sum(rsdt, 40, 9);
}
static void many_acpi_tables(struct block_fixture *f)
{
	uint8_t *xsdt = f->acpi + 0x500, *rsdp = f->acpi + FIXTURE_RSDP;
	const uint64_t count = 256;

	memset(xsdt, 0, 36 + 8 * count);
	memcpy(xsdt, "XSDT", 4);
	block_fixture_put(xsdt + 4, 36 + 8 * count, 4);
	for (uint64_t i = 0; i < count; i++)
		block_fixture_put(xsdt + 36 + 8 * i, FIXTURE_ACPI_PHYS + FIXTURE_FADT, 8);
	block_fixture_sum(xsdt, 36 + 8 * count, 9);
	block_fixture_put(rsdp + 24, FIXTURE_ACPI_PHYS + 0x500, 8);
	block_fixture_sum(rsdp, 36, 32);
}
static void shortest_acpi_table(struct block_fixture *f)
{
	block_fixture_put(f->acpi + FIXTURE_FADT + 4, 36, 4);
	block_fixture_sum(f->acpi + FIXTURE_FADT, 36, 9);
}
static void long_system_table(struct block_fixture *f)
{
	block_fixture_put(f->runtime_data + FIXTURE_ST + 12, 200, 4);
	block_fixture_crc(f->runtime_data + FIXTURE_ST);
}
static void no_smbios(struct block_fixture *f) { f->firmware.smbios_phys = f->firmware.smbios3_phys = 0; }
static void unreadable_memory(struct block_fixture *f) { f->live.read_phys = NULL; }

/* --- memory ------------------------------------------------------------------------------------------------------------ */

static void screen_beside_ram(struct block_fixture *f, uint64_t phys)
{
	f->framebuffer.base_phys = phys;
	block_fixture_map(f, phys, phys, 0x300000, PAGE_WRITE | PAGE_WRITE_COMBINING);
}
static void screen_behind_ram(struct block_fixture *f) { screen_beside_ram(f, FIXTURE_RAM_END_PHYS); }
static void screen_before_ram(struct block_fixture *f) { screen_beside_ram(f, FIXTURE_RAM_PHYS - 0x300000); }
/* The block between two descriptors of loader code that touch it. */
static void block_between_code(struct block_fixture *f)
{
	struct handoff_raw_descriptor *code = block_fixture_descriptor(f, FIXTURE_TEXT_PHYS);

	code->type = UEFI_LOADER_CODE;
	code->number_of_pages = (FIXTURE_BLOCK_PHYS - FIXTURE_TEXT_PHYS) / PAGE;
	memmove(&f->raw[9], &f->raw[7], (f->raw_count - 7) * sizeof(f->raw[0]));
	f->raw_count += 2;
	f->raw[8] = f->raw[7] = f->raw[6];
	f->raw[7].known.type = UEFI_LOADER_DATA;
	f->raw[7].known.physical_start = FIXTURE_BLOCK_PHYS;
	f->raw[7].known.number_of_pages = (FIXTURE_MODULE_PHYS - FIXTURE_BLOCK_PHYS) / PAGE;
	f->raw[8].known.physical_start = FIXTURE_MODULE_PHYS;
	f->raw[8].known.number_of_pages = (FIXTURE_FREE_PHYS - FIXTURE_MODULE_PHYS) / PAGE;
}
static void page_zero_not_described(struct block_fixture *f)
{
	memmove(&f->raw[0], &f->raw[1], --f->raw_count * sizeof(f->raw[0]));
	f->firmware.smbios_phys = 0;
}
static void runtime_uncached(struct block_fixture *f)
{
	block_fixture_descriptor(f, FIXTURE_RUNTIME_DATA_PHYS)->attribute = UEFI_MEMORY_UC | UEFI_MEMORY_RUNTIME;
	block_fixture_map(f, FIXTURE_RUNTIME_DATA_PHYS, FIXTURE_RUNTIME_DATA_PHYS, 8 * PAGE, PAGE_WRITE | PAGE_UNCACHED);
}
static void exactly_enough_memory(struct block_fixture *f)
{
	const struct handoff_range *range = block_fixture_part(f, HANDOFF_PART_MEMORY);
	uint64_t count = handoff_count(block_fixture_header(f), HANDOFF_PART_MEMORY);

	for (; count > 0; count--, range++)
		if (range->type == HANDOFF_MEMORY_USABLE)
			f->input.kernel_minimum_bytes += range->end_phys - range->start_phys;
}
static void buffer_to_the_end(struct block_fixture *f)
{
	struct handoff_exit *exit = block_fixture_part(f, HANDOFF_PART_EXIT);

	exit->capacity_bytes = sizeof(f->block) - exit->map_offset;
}
static void segment_all_from_file(struct block_fixture *f) { f->segments[1].file_bytes = f->segments[1].bytes; }
static void no_table_to_spare(struct block_fixture *f)
{
	struct handoff_range *tables = block_fixture_owned(f, FIXTURE_TABLES_PHYS);

	tables->end_phys = FIXTURE_TABLES_PHYS + f->tables.used_pages * PAGE;
	f->kernel.page_tables_bytes = f->tables.used_pages * PAGE;
	memmove(tables + 2, tables + 1, (uint64_t)(f->owned + f->owned_count++ - (tables + 1)) * sizeof(*tables));
	tables[1] = (struct handoff_range){
		.start_phys = tables->end_phys, .end_phys = FIXTURE_GDT_PHYS, .type = HANDOFF_MEMORY_LOADER,
		.owner = HANDOFF_OWNER_SCRATCH, .lifetime = HANDOFF_LIFETIME_FREE,
	};
}

/* --- the processor ------------------------------------------------------------------------------------------------------ */

static void widest_addresses(struct block_fixture *f)
{
	f->cpu.physical_bits = f->live.cpu.physical_bits = f->live.reader.physical_bits = 52;
}
static void no_mtrr(struct block_fixture *f) { f->cpu.mtrr_default_type = f->live.cpu.mtrr_default_type = 0; }
static void x2apic(struct block_fixture *f)
{
	f->cpu.apic_base = f->live.cpu.apic_base = 0xfee00d00;
	f->cpu.flags |= HANDOFF_CPU_X2APIC;
}
static void no_apic(struct block_fixture *f) { f->cpu.apic_base = f->live.cpu.apic_base = 0; }
static void machine_check(struct block_fixture *f) { f->live.cpu.cr4 = f->cpu.cr4 |= 1 << 6; }
static void other_firmware_registers(struct block_fixture *f) { f->live.cpu.firmware_cr3 = 0; }

static void five_levels(struct block_fixture *f)
{
	f->tables.levels = f->live.reader.levels = 5;
	f->cpu.paging_levels = f->live.cpu.paging_levels = 5;
	f->live.cpu.cr4 = f->cpu.cr4 |= 1 << 12;
	block_fixture_map_all(f);
}
static void encrypted(struct block_fixture *f)
{
	uint64_t mask = UINT64_C(1) << 47;

	f->cpu.encryption_mask = f->live.cpu.encryption_mask = mask;
	f->tables.encryption_mask = f->live.reader.encryption_mask = mask;
	f->cpu.flags |= HANDOFF_CPU_SEV;
	f->cpu.cr3 = f->live.cpu.cr3 = FIXTURE_TABLES_PHYS | mask;
	block_fixture_map_all(f);
}
static void large_pages(struct block_fixture *f)
{
	f->cpu.flags |= HANDOFF_CPU_PAGES_1G;
	f->tables.pages_1g = 1;
	block_fixture_map(f, UINT64_C(0x4000000000), 0, UINT64_C(1) << 30, 0);
}

static void link_at(struct block_fixture *f, uint64_t virt)
{
	int64_t moved = (int64_t)(virt - f->kernel.base_virt);

	f->kernel.base_virt += (uint64_t)moved;
	f->kernel.end_virt += (uint64_t)moved;
	f->kernel.entry_virt += (uint64_t)moved;
	for (int i = 0; i < 3; i++)
		f->segments[i].virt += (uint64_t)moved;
	block_fixture_map_all(f);
}
/* Its segments win over the identity map of the free memory there. */
static void linked_low(struct block_fixture *f) { link_at(f, FIXTURE_RAM_PHYS + 0x400000); }
static void linked_at_start_of_range(struct block_fixture *f) { link_at(f, FIXTURE_RAM_PHYS); }
static void linked_at_page_zero(struct block_fixture *f) { link_at(f, 0); }
static void linked_to_the_top(struct block_fixture *f) { link_at(f, 0 - UINT64_C(0xa000)); }

static void page_zero_nvs(struct block_fixture *f) { f->raw[0].known.type = UEFI_ACPI_NVS; }
static void page_zero_and_more_nvs(struct block_fixture *f)
{
	f->raw[0].known.type = UEFI_ACPI_NVS;
	f->raw[0].known.number_of_pages = 2;
	f->raw[1].known.physical_start += PAGE;
	f->raw[1].known.number_of_pages--;
}
static void empty_module(struct block_fixture *f)
{
	struct handoff_module *module = block_fixture_part(f, HANDOFF_PART_MODULES);

	module->phys = module->bytes = 0;
}
static void no_module(struct block_fixture *f) { block_fixture_entry(f, HANDOFF_PART_MODULES)->type = 99; }

static const struct broken entries[] = {
	{ "descriptor size 40, as U-Boot has it", .before = stride_40 },
	{ "a map that shrank between attempts", .before = one_attempt_more },
	{ "no screen", .before = no_screen, .silent = RULE_K(39) },
	{ "a screen in reserved memory", .before = screen_described, .silent = RULE_K(39) },
	{ "no memory attributes table", .before = no_attributes_table },
	{ "runtime services not callable", .before = runtime_not_callable },
	{ "a runtime service in ROM", .before = service_in_rom },
	{ "the service for the black box in ROM", .before = service_for_the_black_box_in_rom },
	{ "a black box that is not armed", .before = black_box_not_armed },
	{ "a last boot of which this version knows nothing", .before = state_of_a_later_version },
	{ "no black box", .after = no_black_box },
	{ "an empty pointer in the ACPI root", .before = empty_acpi_pointer },
	{ "ACPI 1.0", .before = acpi_1 },
	{ "256 ACPI tables", .before = many_acpi_tables },
	{ "the shortest ACPI table", .before = shortest_acpi_table },
	{ "a system table of a later version", .before = long_system_table },
	{ "a screen right behind RAM", .before = screen_behind_ram },
	{ "a screen right before RAM", .before = screen_before_ram },
	{ "the block between loader code", .before = block_between_code },
	{ "page zero not described", .before = page_zero_not_described, .silent = RULE_K(41) },
	{ "runtime data that cannot be cached", .before = runtime_uncached },
	{ "exactly as much memory as the kernel needs", .after = exactly_enough_memory },
	{ "a map buffer to the end of the block", .after = buffer_to_the_end },
	{ "a segment all of which is in the file", .before = segment_all_from_file },
	{ "no page table to spare", .before = no_table_to_spare },
	{ "52 address bits", .before = widest_addresses },
	{ "no SMBIOS", .before = no_smbios },
	{ "memory outside the block cannot be read", .before = unreadable_memory },
	{ "no MTRRs", .before = no_mtrr },
	{ "x2APIC", .before = x2apic },
	{ "no local APIC", .before = no_apic, .silent = RULE_M(15) },
	{ "machine checks on", .before = machine_check, .silent = RULE_M(12) },
	{ "what the firmware ran with is not compared", .before = other_firmware_registers },
	{ "5 levels of page tables", .before = five_levels },
	{ "encrypted memory", .before = encrypted },
	{ "1 GiB pages", .before = large_pages },
	{ "kernel linked low", .before = linked_low },
	{ "kernel linked at the start of RAM", .before = linked_at_start_of_range },
	{ "kernel linked at page zero", .before = linked_at_page_zero },
	{ "kernel linked to the top of the address space", .before = linked_to_the_top },
	{ "page zero is NVS", .before = page_zero_nvs },
	{ "page zero begins NVS", .before = page_zero_and_more_nvs },
	{ "an empty module", .after = empty_module },
	{ "no module", .after = no_module },
};

BROKEN_TABLE(sound_variants, entries);
