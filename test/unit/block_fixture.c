/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine after a perfect boot; see the header.  Included by the tests that use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "lib/crc32.h"
#include "lib/crc32c.h"
#include "lib/memory_normalise.h"
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
		.entry_virt = FIXTURE_KERNEL_VIRT + 0x40, .base_virt = FIXTURE_KERNEL_VIRT, .end_virt = FIXTURE_KERNEL_VIRT + 0xa000,
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
		.reader = { .read = read_table, .context = f, .root_phys = FIXTURE_TABLES_PHYS, .levels = 4, .physical_bits = 40, .nx = 1 },
		.read_phys = read_phys,
		.context = f,
	};
	f->input = (struct handoff_check_input){
		.block = f->block, .block_bytes = sizeof(f->block), .live = &f->live, .scratch = f->scratch,
		.scratch_bytes = sizeof(f->scratch),
	};
}

/* --- the block ------------------------------------------------------------------------------------------------------------- */

struct handoff_header *block_fixture_header(struct block_fixture *f)
{
	return (struct handoff_header *)f->block;
}

static void add_known_parts(struct block_fixture *f, struct handoff_builder *builder)
{
	static const struct handoff_stage stages[] = {
		{ .stage = HANDOFF_STAGE_ENTRY, .tsc = 1000 },
		{ .stage = HANDOFF_STAGE_EXIT, .tsc = 8000 },
		{ .stage = HANDOFF_STAGE_JUMP, .tsc = 9500 },
	};
	char strings[256] = { 0 };
	int length = snprintf(strings, sizeof(strings), "%s%cBaton 0.1.0%cinitrd", f->vendor, 0, 0);
	struct handoff_seed seed = { .source = HANDOFF_SEED_EFI_RNG, .bytes = 32 };

	handoff_block_add(builder, HANDOFF_PART_STRINGS, 1, strings, (uint64_t)length);
	f->firmware.vendor_offset = handoff_block_offset(builder, HANDOFF_PART_STRINGS);
	f->loader.version_offset = f->firmware.vendor_offset + strlen(f->vendor) + 1;
	struct handoff_module module = {
		.phys = FIXTURE_MODULE_PHYS, .bytes = 5000, .name_offset = f->loader.version_offset + sizeof("Baton 0.1.0"),
	};
	for (uint8_t i = 0; i < 32; i++)
		seed.seed[i] = (uint8_t)(i * 7);

	handoff_block_add(builder, HANDOFF_PART_CPU, sizeof(f->cpu), &f->cpu, sizeof(f->cpu));
	handoff_block_add(builder, HANDOFF_PART_KERNEL, sizeof(f->kernel), &f->kernel, sizeof(f->kernel));
	handoff_block_add(builder, HANDOFF_PART_SEGMENTS, sizeof(f->segments[0]), f->segments, sizeof(f->segments));
	handoff_block_add(builder, HANDOFF_PART_CMDLINE, 1, "exit=qemu", 9);
	handoff_block_add(builder, HANDOFF_PART_MODULES, sizeof(module), &module, sizeof(module));
	if (f->framebuffer.base_phys != 0)
		handoff_block_add(builder, HANDOFF_PART_FRAMEBUFFER, sizeof(f->framebuffer), &f->framebuffer, sizeof(f->framebuffer));
	handoff_block_add(builder, HANDOFF_PART_FIRMWARE, sizeof(f->firmware), &f->firmware, sizeof(f->firmware));
	handoff_block_add(builder, HANDOFF_PART_STAGES, sizeof(stages[0]), stages, sizeof(stages));
	handoff_block_add(builder, HANDOFF_PART_SEED, sizeof(seed), &seed, sizeof(seed));
	handoff_block_add(builder, HANDOFF_PART_LOADER, sizeof(f->loader), &f->loader, sizeof(f->loader));
	handoff_block_add(builder, HANDOFF_PART_LOG, 1, "fixture: all is well\n", 21);
	handoff_block_add(builder, HANDOFF_PART_OWNED, sizeof(f->owned[0]), f->owned, f->owned_count * sizeof(f->owned[0]));
}

/* As the loader does it: into the block, in place.  A map that cannot be normalised is left as it comes. */
static void add_maps(struct block_fixture *f, struct handoff_builder *builder)
{
	static uint64_t work[16384];
	uint64_t raw_bytes = f->raw_count * f->stride;
	uint8_t *raw = handoff_block_reserve(builder, HANDOFF_PART_RAW_MAP, 8, FIXTURE_MAP_CAPACITY);
	struct memory_map map;

	assert_true(f->stride <= sizeof(f->raw[0]) && raw_bytes <= FIXTURE_MAP_CAPACITY);
	for (uint64_t i = 0; i < f->raw_count; i++)
		memcpy(raw + i * f->stride, &f->raw[i], f->stride);
	handoff_block_trim(builder, HANDOFF_PART_RAW_MAP, f->stride, raw_bytes);
	uint64_t room = (2 * (f->raw_count + f->owned_count) + 1) * sizeof(struct handoff_range);
	void *normalised = handoff_block_reserve(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), room);
	const struct memory_normalise_input input = {
		.raw = raw, .raw_bytes = raw_bytes, .descriptor_bytes = f->stride, .descriptor_version = f->exit.descriptor_version,
		.physical_bits = f->cpu.physical_bits, .owned = f->owned, .owned_count = f->owned_count,
	};
	assert_non_null(normalised);
	assert_int_equal(memory_map_init(&map, normalised, room), MEMORY_MAP_OK);
	assert_int_not_equal(memory_normalise(&input, &map, work, sizeof(work), NULL), MEMORY_NORMALISE_WORK_SMALL);
	if (map.count == 0)
		map.count = 1;
	handoff_block_trim(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), map.count * sizeof(struct handoff_range));
}

void block_fixture_build(struct block_fixture *f)
{
	struct handoff_builder builder;
	uint64_t raw_bytes = f->raw_count * f->stride + f->raw_extra_bytes;

	memset(f->block, 0, sizeof(f->block));
	handoff_block_begin(&builder, f->block, sizeof(f->block), FIXTURE_BLOCK_PHYS);
	add_known_parts(f, &builder);
	f->exit.returned_bytes = raw_bytes;
	for (int i = 0; i < 2; i++) {
		f->attempts[i].map_bytes = raw_bytes;
		f->attempts[i].descriptor_bytes = f->stride;
		f->attempts[i].descriptor_count = (uint32_t)f->raw_count;
		f->attempts[i].descriptor_version = f->exit.descriptor_version;
	}
	struct handoff_exit *exit = handoff_block_add(&builder, HANDOFF_PART_EXIT, sizeof(f->exit), &f->exit, sizeof(f->exit));
	handoff_block_add(&builder, HANDOFF_PART_ATTEMPTS, sizeof(f->attempts[0]), f->attempts, sizeof(f->attempts));
	assert_non_null(exit);
	add_maps(f, &builder);
	exit->map_offset = handoff_block_offset(&builder, HANDOFF_PART_RAW_MAP);
	assert_int_equal(handoff_block_seal(&builder), 0);
	assert_int_equal(handoff_block_check(f->block, sizeof(f->block)), HANDOFF_BLOCK_OK);
}

struct handoff_part *block_fixture_entry(struct block_fixture *f, uint32_t type)
{
	struct handoff_part *directory = (struct handoff_part *)(block_fixture_header(f) + 1);

	for (uint32_t i = 0; i < block_fixture_header(f)->part_count; i++)
		if (directory[i].type == type)
			return &directory[i];
	fail_msg("no part %u", type);
	return NULL;
}

void *block_fixture_part(struct block_fixture *f, uint32_t type)
{
	return (uint8_t *)f->block + block_fixture_entry(f, type)->offset;
}

void block_fixture_reseal(struct block_fixture *f)
{
	struct handoff_header *header = block_fixture_header(f);

	header->crc32c = 0;
	header->crc32c = crc32c(0, header, header->total_bytes);
}

struct handoff_raw_descriptor *block_fixture_descriptor(struct block_fixture *f, uint64_t phys)
{
	for (uint64_t i = 0; i < f->raw_count; i++)
		if (phys - f->raw[i].known.physical_start < f->raw[i].known.number_of_pages * PAGE)
			return &f->raw[i].known;
	fail_msg("no descriptor covers %llx", (unsigned long long)phys);
	return NULL;
}

struct handoff_range *block_fixture_owned(struct block_fixture *f, uint64_t phys)
{
	for (uint64_t i = 0; i < f->owned_count; i++)
		if (phys >= f->owned[i].start_phys && phys < f->owned[i].end_phys)
			return &f->owned[i];
	fail_msg("no owned range covers %llx", (unsigned long long)phys);
	return NULL;
}
