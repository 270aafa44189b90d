/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine after a perfect boot; see the header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/crc32.h"
#include "lib/last_boot.h"
#include "lib/stop_text.h"
#include "lib/uefi_memory.h"
#include "test/unit/block_fixture.h"

#define PAGE UINT64_C(4096)
#define WB UEFI_MEMORY_WB
#define WB_RUNTIME (UEFI_MEMORY_WB | UEFI_MEMORY_RUNTIME)

/* --- memory ------------------------------------------------------------------------------------------------------------ */

void block_fixture_describe(struct block_fixture *f, uint32_t type, uint64_t start, uint64_t end, uint64_t attribute)
{
	assert_true(f->raw_count < FIXTURE_DESCRIPTORS_MAX);
	f->raw[f->raw_count++] = (struct fixture_descriptor){
		.known = { .type = type, .reserved0 = 0xafafafaf, .physical_start = start,
			   .number_of_pages = (end - start) / PAGE, .attribute = attribute },
		.undefined = { UINT64_C(0xafafafafafafafaf), UINT64_C(0xafafafafafafafaf) },
	};
}

static void fill_raw_map(struct block_fixture *f)
{
	static const struct {
		uint32_t type;
		uint64_t start, end, attribute;
	} map[] = {
		{ UEFI_RESERVED, 0, PAGE, WB },
		{ UEFI_CONVENTIONAL, PAGE, 0xa0000, WB },
		{ UEFI_ACPI_RECLAIM, FIXTURE_ACPI_PHYS, FIXTURE_NVS_PHYS, WB },
		{ UEFI_ACPI_NVS, FIXTURE_NVS_PHYS, FIXTURE_NVS_END_PHYS, WB },
		{ UEFI_MMIO, FIXTURE_MMIO_PHYS, FIXTURE_MMIO_PHYS + 16 * PAGE, UEFI_MEMORY_UC | UEFI_MEMORY_RUNTIME },
		{ UEFI_CONVENTIONAL, FIXTURE_RAM_PHYS, FIXTURE_TEXT_PHYS, WB },
		{ UEFI_LOADER_DATA, FIXTURE_TEXT_PHYS, FIXTURE_FREE_PHYS, WB },
		{ UEFI_CONVENTIONAL, FIXTURE_FREE_PHYS, FIXTURE_IMAGE_PHYS, WB },
		{ UEFI_LOADER_CODE, FIXTURE_IMAGE_PHYS, FIXTURE_BOOT_SERVICES_PHYS, WB },
		{ UEFI_BOOT_SERVICES_DATA, FIXTURE_BOOT_SERVICES_PHYS, FIXTURE_RUNTIME_CODE_PHYS, WB },
		{ UEFI_RUNTIME_SERVICES_CODE, FIXTURE_RUNTIME_CODE_PHYS, FIXTURE_RUNTIME_DATA_PHYS, WB_RUNTIME },
		{ UEFI_RUNTIME_SERVICES_DATA, FIXTURE_RUNTIME_DATA_PHYS, FIXTURE_TOP_PHYS, WB_RUNTIME },
		{ UEFI_CONVENTIONAL, FIXTURE_TOP_PHYS, FIXTURE_RAM_END_PHYS, WB },
	};

	f->stride = 48;
	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		block_fixture_describe(f, map[i].type, map[i].start, map[i].end, map[i].attribute);
}

static void add_owned(struct block_fixture *f, uint64_t start, uint64_t end, uint32_t owner, uint32_t lifetime, uint32_t index)
{
	f->owned[f->owned_count++] = (struct handoff_range){
		.start_phys = start, .end_phys = end, .type = HANDOFF_MEMORY_LOADER, .owner = owner, .lifetime = lifetime,
		.index = index,
	};
}

static void fill_owned(struct block_fixture *f)
{
	add_owned(f, FIXTURE_TEXT_PHYS, FIXTURE_RODATA_PHYS, HANDOFF_OWNER_KERNEL_TEXT, HANDOFF_LIFETIME_NEVER, 0);
	add_owned(f, FIXTURE_RODATA_PHYS, FIXTURE_DATA_PHYS, HANDOFF_OWNER_KERNEL_RODATA, HANDOFF_LIFETIME_NEVER, 1);
	add_owned(f, FIXTURE_DATA_PHYS, FIXTURE_STACK_PHYS - PAGE, HANDOFF_OWNER_KERNEL_DATA, HANDOFF_LIFETIME_NEVER, 2);
	add_owned(f, FIXTURE_STACK_PHYS - PAGE, FIXTURE_TABLES_PHYS, HANDOFF_OWNER_STACK, HANDOFF_LIFETIME_LEFT_STACK, 0);
	add_owned(f, FIXTURE_TABLES_PHYS, FIXTURE_GDT_PHYS, HANDOFF_OWNER_PAGE_TABLES, HANDOFF_LIFETIME_OWN_TABLES, 0);
	add_owned(f, FIXTURE_GDT_PHYS, FIXTURE_BLOCK_PHYS, HANDOFF_OWNER_TABLES, HANDOFF_LIFETIME_OWN_TABLES, 0);
	add_owned(f, FIXTURE_BLOCK_PHYS, FIXTURE_MODULE_PHYS, HANDOFF_OWNER_BLOCK, HANDOFF_LIFETIME_WHEN_DONE, 0);
	add_owned(f, FIXTURE_MODULE_PHYS, FIXTURE_FREE_PHYS, HANDOFF_OWNER_MODULE, HANDOFF_LIFETIME_WHEN_DONE, 0);
	add_owned(f, FIXTURE_IMAGE_PHYS, FIXTURE_BOOT_SERVICES_PHYS, HANDOFF_OWNER_LOADER_IMAGE, HANDOFF_LIFETIME_OWN_TABLES, 0);
	add_owned(f, FIXTURE_RECORD_PHYS, FIXTURE_RECORD_PHYS + 2 * PAGE, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_NEVER, 0);
	f->owned[f->owned_count - 1].type = HANDOFF_MEMORY_RUNTIME_DATA;
}

/* --- firmware tables in simulated memory -------------------------------------------------------------------------------- */

void block_fixture_put(uint8_t *to, uint64_t value, uint64_t bytes)
{
	memcpy(to, &value, bytes); /* little-endian host */
}

void block_fixture_sum(uint8_t *table, uint64_t bytes, uint64_t checksum_offset)
{
	uint8_t sum = 0;

	table[checksum_offset] = 0;
	for (uint64_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + table[i]);
	table[checksum_offset] = (uint8_t)(0 - sum);
}

void block_fixture_crc(uint8_t *table)
{
	uint32_t bytes;

	memcpy(&bytes, table + 12, sizeof(bytes));
	block_fixture_put(table + 16, 0, 4);
	block_fixture_put(table + 16, crc32(0, table, bytes), 4);
}

static void fill_table(uint8_t *table, const char *signature, uint32_t bytes)
{
	memcpy(table, signature, 4);
	block_fixture_put(table + 4, bytes, 4);
	block_fixture_sum(table, bytes, 9);
}

static void fill_acpi(struct block_fixture *f)
{
	uint8_t *rsdp = f->acpi + FIXTURE_RSDP, *xsdt = f->acpi + FIXTURE_XSDT;

	/* What lies between the tables is nobody's: who reads it sees nonsense. */
	memset(f->acpi, 0x5a, sizeof(f->acpi));
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	block_fixture_put(rsdp + 20, 36, 4);
	block_fixture_put(rsdp + 24, FIXTURE_ACPI_PHYS + FIXTURE_XSDT, 8);
	block_fixture_sum(rsdp, 20, 8);
	block_fixture_sum(rsdp, 36, 32);
	block_fixture_put(xsdt + 36, FIXTURE_ACPI_PHYS + FIXTURE_FADT, 8);
	block_fixture_put(xsdt + 44, FIXTURE_ACPI_PHYS + FIXTURE_MADT, 8);
	fill_table(xsdt, "XSDT", 52);
	fill_table(f->acpi + FIXTURE_FADT, "FACP", 244);
	fill_table(f->acpi + FIXTURE_MADT, "APIC", 300); /* more than one read */
}

static void fill_smbios(struct block_fixture *f)
{
	uint8_t *three = f->runtime_data + FIXTURE_SMBIOS3, *two = f->runtime_data + FIXTURE_SMBIOS;

	memset(f->runtime_data, 0x5a, sizeof(f->runtime_data));
	memcpy(three, "_SM3_", 5);
	three[6] = 24;
	block_fixture_sum(three, 24, 5);
	memcpy(two, "_SM_", 4);
	two[5] = 31;
	block_fixture_sum(two, 31, 4);
}

static void fill_runtime_tables(struct block_fixture *f)
{
	uint8_t *st = f->runtime_data + FIXTURE_ST, *rt = f->runtime_data + FIXTURE_RT;

	memset(st, 0, 120);
	memset(rt, 0, 136);
	memcpy(st, "IBI SYST", 8);
	block_fixture_put(st + 8, 0x20046, 4);
	block_fixture_put(st + 12, 120, 4);
	block_fixture_put(st + 88, FIXTURE_RUNTIME_DATA_PHYS + FIXTURE_RT, 8);
	block_fixture_crc(st);
	memcpy(rt, "RUNTSERV", 8);
	block_fixture_put(rt + 8, 0x20046, 4);
	block_fixture_put(rt + 12, 136, 4);
	for (uint64_t i = 0; i < 14; i++)
		block_fixture_put(rt + 24 + 8 * i, FIXTURE_RUNTIME_CODE_PHYS + 0x1040 * (i % 7), 8);
	block_fixture_crc(rt);
}

static void fill_attributes_table(struct block_fixture *f)
{
	uint8_t *mat = f->boot_services + FIXTURE_MAT;
	const struct handoff_raw_descriptor code = {
		.type = UEFI_RUNTIME_SERVICES_CODE, .physical_start = FIXTURE_RUNTIME_CODE_PHYS, .number_of_pages = 8,
		.attribute = UEFI_MEMORY_RUNTIME | UEFI_MEMORY_RO,
	};
	/* Across the boundary between the firmware's data and the boot record: two ranges of the normalised map. */
	const struct handoff_raw_descriptor data = {
		.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = FIXTURE_RUNTIME_DATA_PHYS, .number_of_pages = 8,
		.attribute = UEFI_MEMORY_RUNTIME | UEFI_MEMORY_XP,
	};

	block_fixture_put(mat, 2, 4);
	block_fixture_put(mat + 4, 2, 4);
	block_fixture_put(mat + 8, 48, 4);
	memcpy(mat + 16, &code, sizeof(code));
	memcpy(mat + 64, &data, sizeof(data));
}

/* --- page tables -------------------------------------------------------------------------------------------------------- */

void block_fixture_map(struct block_fixture *f, uint64_t virt, uint64_t phys, uint64_t bytes, uint32_t flags)
{
	assert_int_equal(page_tables_map(&f->tables, virt, phys, bytes, flags), PAGE_TABLES_OK);
}

static void identity(struct block_fixture *f, uint64_t start, uint64_t end, uint32_t flags)
{
	block_fixture_map(f, start, start, end - start, flags);
}

void block_fixture_map_all(struct block_fixture *f)
{
	static const uint32_t flags[] = { PAGE_EXECUTE, 0, PAGE_WRITE };

	memset(f->pool, 0, sizeof(f->pool));
	assert_int_equal(page_tables_init(&f->tables), PAGE_TABLES_OK);
	identity(f, PAGE, 0xa0000, PAGE_WRITE);
	identity(f, FIXTURE_ACPI_PHYS, FIXTURE_NVS_END_PHYS, PAGE_WRITE);
	identity(f, FIXTURE_RAM_PHYS, FIXTURE_RAM_END_PHYS, PAGE_WRITE);
	identity(f, FIXTURE_TEXT_PHYS, FIXTURE_DATA_PHYS, 0);
	assert_int_equal(page_tables_unmap(&f->tables, FIXTURE_STACK_PHYS - PAGE, PAGE), PAGE_TABLES_OK);
	identity(f, FIXTURE_IMAGE_PHYS, FIXTURE_IMAGE_PHYS + 8 * PAGE, PAGE_EXECUTE);
	identity(f, FIXTURE_IMAGE_PHYS + 8 * PAGE, FIXTURE_IMAGE_PHYS + 12 * PAGE, 0);
	identity(f, FIXTURE_RUNTIME_CODE_PHYS, FIXTURE_RUNTIME_DATA_PHYS, PAGE_EXECUTE);
	identity(f, FIXTURE_MMIO_PHYS, FIXTURE_MMIO_PHYS + 16 * PAGE, PAGE_WRITE | PAGE_UNCACHED);
	identity(f, FIXTURE_SCREEN_PHYS, FIXTURE_SCREEN_PHYS + 0x300000, PAGE_WRITE | PAGE_WRITE_COMBINING);
	for (int i = 0; i < 3; i++)
		block_fixture_map(f, f->segments[i].virt, f->segments[i].phys, f->segments[i].bytes, flags[i]);
}

static void fill_page_tables(struct block_fixture *f)
{
	f->tables = (struct page_tables){
		.pool = f->pool, .pool_phys = FIXTURE_TABLES_PHYS, .pool_pages = FIXTURE_POOL_PAGES, .levels = f->cpu.paging_levels,
		.physical_bits = f->cpu.physical_bits, .nx = f->cpu.flags & HANDOFF_CPU_NX,
	};
	block_fixture_map_all(f);
}

uint64_t *block_fixture_table_entry(struct block_fixture *f, uint64_t virt, uint32_t level)
{
	uint64_t *table = f->pool;

	for (uint32_t at = f->tables.levels; at > level; at--)
		table = f->pool + ((table[(virt >> (9 * at + 3)) & 0x1ff] & UINT64_C(0xffffffffff000)) - FIXTURE_TABLES_PHYS) / 8;
	return &table[(virt >> (9 * level + 3)) & 0x1ff];
}

/* --- the rest ------------------------------------------------------------------------------------------------------------ */

static void fill_kernel(struct block_fixture *f)
{
	static const struct {
		uint64_t phys, end;
		uint32_t permissions;
	} places[3] = {
		{ FIXTURE_TEXT_PHYS, FIXTURE_RODATA_PHYS, HANDOFF_SEGMENT_READ | HANDOFF_SEGMENT_EXECUTE },
		{ FIXTURE_RODATA_PHYS, FIXTURE_DATA_PHYS, HANDOFF_SEGMENT_READ },
		{ FIXTURE_DATA_PHYS, FIXTURE_STACK_PHYS - PAGE, HANDOFF_SEGMENT_READ | HANDOFF_SEGMENT_WRITE },
	};

	for (int i = 0; i < 3; i++)
		f->segments[i] = (struct handoff_segment){
			.virt = FIXTURE_KERNEL_VIRT + (places[i].phys - FIXTURE_TEXT_PHYS), .phys = places[i].phys,
			.bytes = places[i].end - places[i].phys, .file_bytes = 0x1234, .permissions = places[i].permissions,
		};
	f->kernel = (struct handoff_kernel){
		.entry_virt = FIXTURE_KERNEL_VIRT + 0x40, .base_virt = FIXTURE_KERNEL_VIRT,
		.end_virt = FIXTURE_KERNEL_VIRT + 0xa000,
		.file_bytes = 0x5678, .stack_phys = FIXTURE_STACK_PHYS, .stack_virt = FIXTURE_STACK_PHYS, .stack_bytes = 4 * PAGE,
		.page_tables_phys = FIXTURE_TABLES_PHYS, .page_tables_bytes = FIXTURE_POOL_PAGES * PAGE,
	};
}

static void fill_cpu(struct block_fixture *f)
{
	f->cpu = (struct handoff_cpu){
		.architecture = HANDOFF_ARCHITECTURE_X86_64, .paging_levels = 4, .physical_bits = 40, .flags = HANDOFF_CPU_NX,
		.cr0 = 0x80010033, .cr3 = FIXTURE_TABLES_PHYS, .cr4 = 0x620, .efer = 0xd00, .rflags = 2, .pat = HANDOFF_PAT,
		.mtrr_default_type = 0xc06, .apic_base = 0xfee00900,
		.gdt_base_virt = FIXTURE_GDT_PHYS, .gdt_limit = 39, .idt_base_virt = FIXTURE_GDT_PHYS + 0x100, .idt_limit = 511,
		.cs = 0x08, .ss = 0x10, .tr = 0x18, .fcw = 0x37f, .mxcsr = 0x1f80,
		.firmware_cr0 = 0x80010033, .firmware_cr3 = 0x3fc01000, .firmware_cr4 = 0x668, .firmware_efer = 0xd00,
	};
}

static void fill_firmware(struct block_fixture *f)
{
	f->vendor = "Fixture Firmware";
	f->firmware = (struct handoff_firmware){
		.system_table_phys = FIXTURE_RUNTIME_DATA_PHYS + FIXTURE_ST,
		.runtime_services_phys = FIXTURE_RUNTIME_DATA_PHYS + FIXTURE_RT,
		.rsdp_phys = FIXTURE_ACPI_PHYS + FIXTURE_RSDP,
		.smbios3_phys = FIXTURE_RUNTIME_DATA_PHYS + FIXTURE_SMBIOS3,
		.smbios_phys = FIXTURE_RUNTIME_DATA_PHYS + FIXTURE_SMBIOS,
		.memory_attributes_phys = FIXTURE_BOOT_SERVICES_PHYS + FIXTURE_MAT,
		.firmware_revision = 0x10000, .uefi_revision = 0x20046, .flags = HANDOFF_FIRMWARE_RUNTIME_CALLABLE,
		.secure_boot = HANDOFF_SECURE_BOOT_OFF,
		.boot_volume_guid = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	};
	f->framebuffer = (struct handoff_framebuffer){
		.base_phys = FIXTURE_SCREEN_PHYS, .bytes = 0x300000, .width = 1024, .height = 768, .pitch_bytes = 4096,
		.bits_per_pixel = 32, .red_mask = 0xff0000, .green_mask = 0xff00, .blue_mask = 0xff, .reserved_mask = 0xff000000,
	};
	f->loader = (struct handoff_loader){
		.image_phys = FIXTURE_IMAGE_PHYS, .image_bytes = 16 * PAGE - 512, .boot_record_phys = FIXTURE_RECORD_PHYS,
		.wall_clock = 1700000000, .wall_clock_zone = 0x7ff, .tsc_hz = 2400000000,
	};
	f->last_boot = (struct handoff_last_boot){
		.state = HANDOFF_LAST_BOOT_STOPPED, .stage = HANDOFF_STAGE_JUMP, .code = STOP_EXCEPTION, .attempts = 3,
		.detail = { 14, 2, FIXTURE_KERNEL_VIRT + 0x123, 0xdeadbeef }, .image_phys = FIXTURE_IMAGE_PHYS,
		.wall_clock = 1699990000, .set_variable_phys = FIXTURE_RUNTIME_CODE_PHYS + 0x1040,
	};
	last_boot_name_variable(&f->last_boot);
}

static void fill_exit(struct block_fixture *f)
{
	f->exit = (struct handoff_exit){
		.attempts = 2, .descriptor_version = 1, .probe_bytes = 0x300, .capacity_bytes = FIXTURE_MAP_CAPACITY,
	};
	for (uint64_t i = 0; i < 2; i++)
		f->attempts[i] = (struct handoff_attempt){
			.map_key = 100 + i, .status = i == 0 ? UINT64_C(0x8000000000000002) : 0,
			.tsc = 9000 + i, .descriptor_version = 1,
		};
}

/* --- the simulated machine ------------------------------------------------------------------------------------------------- */

static const uint64_t *read_table(void *context, uint64_t table_phys)
{
	struct block_fixture *f = context;
	uint64_t offset = table_phys - FIXTURE_TABLES_PHYS;

	return offset < sizeof(f->pool) ? f->pool + offset / 8 : NULL;
}

static int read_phys(void *context, uint64_t phys, void *to, uint64_t bytes)
{
	struct block_fixture *f = context;
	const struct {
		uint64_t phys, bytes;
		const void *data;
	} regions[] = {
		{ FIXTURE_ACPI_PHYS, sizeof(f->acpi), f->acpi },
		{ FIXTURE_RUNTIME_DATA_PHYS, sizeof(f->runtime_data), f->runtime_data },
		{ FIXTURE_BOOT_SERVICES_PHYS, sizeof(f->boot_services), f->boot_services },
	};

	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		uint64_t offset = phys - regions[i].phys;

		if (offset < regions[i].bytes && bytes <= regions[i].bytes - offset) {
			memcpy(to, (const uint8_t *)regions[i].data + offset, bytes);
			return 0;
		}
	}
	return -1;
}

void block_fixture_begin(struct block_fixture *f)
{
	memset(f, 0, sizeof(*f));
	fill_raw_map(f);
	fill_owned(f);
	fill_exit(f);
	fill_cpu(f);
	fill_kernel(f);
	fill_firmware(f);
	fill_page_tables(f);
	fill_acpi(f);
	fill_smbios(f);
	fill_runtime_tables(f);
	fill_attributes_table(f);
	f->live = (struct handoff_live){
		.cpu = f->cpu,
		.rsp_at_entry = FIXTURE_STACK_PHYS + 4 * PAGE - 8,
		.reader = {
			.read = read_table, .context = f, .root_phys = FIXTURE_TABLES_PHYS, .levels = 4,
			.physical_bits = 40, .nx = 1,
		},
		.read_phys = read_phys,
		.context = f,
	};
	f->input = (struct handoff_check_input){
		.block = f->block, .block_bytes = sizeof(f->block), .live = &f->live, .scratch = f->scratch,
		.scratch_bytes = sizeof(f->scratch),
	};
}
