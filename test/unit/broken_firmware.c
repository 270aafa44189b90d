/* SPDX-License-Identifier: BSD-2-Clause */
/* What firmware gets wrong beside the memory map (K39-K42, K45-K48, L3): framebuffer, tables, runtime services. */
#include <string.h>
#include "lib/uefi_memory.h"
#include "test/unit/broken_blocks.h"

#define PAGE UINT64_C(4096)
#define HOLE_PHYS UINT64_C(0xc0000000) /* nothing is there */

/* --- K39 ------------------------------------------------------------------------------------------------------------- */

static void screen_too_high(struct block_fixture *f) { f->framebuffer.height = 769; }
static void screen_no_width(struct block_fixture *f) { f->framebuffer.width = 0; }
static void screen_no_height(struct block_fixture *f) { f->framebuffer.height = 0; }
static void screen_pitch(struct block_fixture *f) { f->framebuffer.pitch_bytes = 4092; }
static void screen_depth(struct block_fixture *f) { f->framebuffer.bits_per_pixel = 24; }
static void screen_masks(struct block_fixture *f) { f->framebuffer.blue_mask = 0x1ff; }
static void screen_no_red(struct block_fixture *f) { f->framebuffer.red_mask = 0; }
static void screen_no_green(struct block_fixture *f) { f->framebuffer.green_mask = 0; }
static void screen_no_blue(struct block_fixture *f) { f->framebuffer.blue_mask = 0; }
static void screen_wraps(struct block_fixture *f) { f->framebuffer.base_phys = 0 - PAGE; }
static void screen_over_ram(struct block_fixture *f) { f->framebuffer.base_phys = FIXTURE_TOP_PHYS; }
static void screen_over_acpi(struct block_fixture *f) { f->framebuffer.base_phys = FIXTURE_NVS_PHYS; }

/* --- K40 ------------------------------------------------------------------------------------------------------------- */

static uint8_t *attributes(struct block_fixture *f) { return f->boot_services + FIXTURE_MAT; }
static void mat_version(struct block_fixture *f) { block_fixture_put(attributes(f), 3, 4); }
static void mat_version_zero(struct block_fixture *f) { block_fixture_put(attributes(f), 0, 4); }
static void mat_stride(struct block_fixture *f) { block_fixture_put(attributes(f) + 8, 32, 4); }
static void mat_long_stride(struct block_fixture *f) { block_fixture_put(attributes(f) + 8, 8192, 4); }
static void mat_entries(struct block_fixture *f) { block_fixture_put(attributes(f) + 4, UINT32_MAX, 4); }
static void mat_unreadable(struct block_fixture *f)
{
	f->firmware.memory_attributes_phys = FIXTURE_BOOT_SERVICES_PHYS + PAGE - 16;
	memcpy(f->boot_services + PAGE - 16, attributes(f), 16);
}
static void mat_type(struct block_fixture *f) { block_fixture_put(attributes(f) + 16, UEFI_CONVENTIONAL, 4); }
static void mat_outside(struct block_fixture *f) { block_fixture_put(attributes(f) + 16 + 8, HOLE_PHYS, 8); }
static void mat_other(struct block_fixture *f) { block_fixture_put(attributes(f) + 16 + 8, FIXTURE_TOP_PHYS, 8); }
static void mat_too_long(struct block_fixture *f) { block_fixture_put(attributes(f) + 64 + 24, 9, 8); }
static void mat_over_gap(struct block_fixture *f)
{
	/* Runtime data, a page of nothing, runtime data. */
	struct handoff_raw_descriptor *top = block_fixture_descriptor(f, FIXTURE_TOP_PHYS);

	top->number_of_pages -= 2;
	top->physical_start += 2 * PAGE;
	block_fixture_describe(f, UEFI_RUNTIME_SERVICES_DATA, FIXTURE_TOP_PHYS + PAGE, FIXTURE_TOP_PHYS + 2 * PAGE,
			       UEFI_MEMORY_WB | UEFI_MEMORY_RUNTIME);
	block_fixture_put(attributes(f) + 64 + 24, 10, 8);
}
static void mat_to_the_end(struct block_fixture *f)
{
	/* The last range of the map ends in the middle of the entry. */
	f->raw_count--;
	mat_too_long(f);
}
static void mat_empty(struct block_fixture *f) { block_fixture_put(attributes(f) + 64 + 24, 0, 8); }
static void mat_wraps(struct block_fixture *f) { block_fixture_put(attributes(f) + 64 + 24, UINT64_C(1) << 52, 8); }
static void mat_writable_code(struct block_fixture *f) { block_fixture_put(attributes(f) + 16 + 32, UEFI_MEMORY_RUNTIME, 8); }

/* --- K41 ------------------------------------------------------------------------------------------------------------- */

static void table_nowhere(struct block_fixture *f) { f->firmware.device_tree_phys = HOLE_PHYS; }
static void table_free(struct block_fixture *f) { f->firmware.device_tree_phys = FIXTURE_TOP_PHYS; }
static void table_boot_services(struct block_fixture *f) { f->firmware.device_tree_phys = FIXTURE_BOOT_SERVICES_PHYS; }
static void mat_free(struct block_fixture *f) { f->firmware.memory_attributes_phys = FIXTURE_TOP_PHYS; }
static void rsdp_boot_services(struct block_fixture *f)
{
	f->firmware.rsdp_phys = FIXTURE_BOOT_SERVICES_PHYS + 0x800;
	memcpy(f->boot_services + 0x800, f->acpi + FIXTURE_RSDP, 36);
}

/* --- K42 ------------------------------------------------------------------------------------------------------------- */

static uint8_t *rsdp(struct block_fixture *f) { return f->acpi + FIXTURE_RSDP; }
static void no_acpi(struct block_fixture *f) { f->firmware.rsdp_phys = 0; }
static void rsdp_unreadable(struct block_fixture *f) { f->firmware.rsdp_phys = FIXTURE_ACPI_PHYS + PAGE; }
static void rsdp_cut(struct block_fixture *f)
{
	memcpy(f->acpi + PAGE - 20, rsdp(f), 20);
	f->firmware.rsdp_phys = FIXTURE_ACPI_PHYS + PAGE - 20;
}
static void rsdp_signature(struct block_fixture *f) { rsdp(f)[0] = 'r'; rsdp(f)[8] = (uint8_t)(rsdp(f)[8] - 32); }
static void rsdp_checksum(struct block_fixture *f) { rsdp(f)[8]++; }
static void rsdp_extended(struct block_fixture *f) { rsdp(f)[32]++; }
static void rsdp_short(struct block_fixture *f) { block_fixture_put(rsdp(f) + 20, 20, 4); }
static void rsdp_long(struct block_fixture *f) { block_fixture_put(rsdp(f) + 20, 0x7fffffff, 4); }
static void xsdt_checksum(struct block_fixture *f) { f->acpi[FIXTURE_XSDT + 9]++; }
static void xsdt_unreadable(struct block_fixture *f)
{
	block_fixture_put(rsdp(f) + 24, HOLE_PHYS, 8);
	block_fixture_sum(rsdp(f), 36, 32);
}
static void xsdt_beyond(struct block_fixture *f)
{
	block_fixture_put(rsdp(f) + 24, UINT64_MAX, 8);
	block_fixture_sum(rsdp(f), 36, 32);
}
static void table_checksum(struct block_fixture *f) { f->acpi[FIXTURE_MADT + 299]++; }
static void table_short(struct block_fixture *f) { block_fixture_put(f->acpi + FIXTURE_FADT + 4, 35, 4); }
static void table_long(struct block_fixture *f) { block_fixture_put(f->acpi + FIXTURE_FADT + 4, 0x1000001, 4); }
static void too_many_tables(struct block_fixture *f)
{
	uint8_t *xsdt = f->acpi + 0x500;

	memcpy(xsdt, "XSDT", 4);
	block_fixture_put(xsdt + 4, 36 + 8 * 257, 4);
	block_fixture_sum(xsdt, 36 + 8 * 257, 9);
	block_fixture_put(rsdp(f) + 24, FIXTURE_ACPI_PHYS + 0x500, 8);
	block_fixture_sum(rsdp(f), 36, 32);
}
static void table_cut(struct block_fixture *f)
{
	/* Its header can be read, its end cannot. */
	memcpy(f->acpi + PAGE - 64, f->acpi + FIXTURE_MADT, 64);
	block_fixture_put(f->acpi + FIXTURE_XSDT + 44, FIXTURE_ACPI_PHYS + PAGE - 64, 8);
	block_fixture_sum(f->acpi + FIXTURE_XSDT, 52, 9);
}
/* ACPI 1.0: the RSDT's 32-bit pointers, the second of which leads to a damaged table. */
static void rsdt_table(struct block_fixture *f)
{
	uint8_t *rsdt = f->acpi + 0x600;

	rsdp(f)[15] = 0;
	block_fixture_put(rsdp(f) + 16, FIXTURE_ACPI_PHYS + 0x600, 4);
	block_fixture_sum(rsdp(f), 20, 8);
	memcpy(rsdt, "RSDT", 4);
	block_fixture_put(rsdt + 4, 44, 4);
	block_fixture_put(rsdt + 36, FIXTURE_ACPI_PHYS + FIXTURE_FADT, 4);
	block_fixture_put(rsdt + 40, FIXTURE_ACPI_PHYS + FIXTURE_MADT, 4);
	block_fixture_sum(rsdt, 44, 9);
	f->acpi[FIXTURE_MADT + 9]++;
}
static uint8_t *smbios3(struct block_fixture *f) { return f->runtime_data + FIXTURE_SMBIOS3; }
static void smbios3_anchor(struct block_fixture *f) { smbios3(f)[4] = '4'; smbios3(f)[5]--; }
static void smbios3_checksum(struct block_fixture *f) { smbios3(f)[5]++; }
static void smbios3_short(struct block_fixture *f) { smbios3(f)[6] = 8; block_fixture_sum(smbios3(f), 8, 5); }
static void smbios_checksum(struct block_fixture *f) { f->runtime_data[FIXTURE_SMBIOS + 20]++; }
static void smbios_unreadable(struct block_fixture *f) { f->firmware.smbios_phys = FIXTURE_RECORD_PHYS; }

/* --- K45-K48 ---------------------------------------------------------------------------------------------------------- */

static uint8_t *st(struct block_fixture *f) { return f->runtime_data + FIXTURE_ST; }
static uint8_t *rt(struct block_fixture *f) { return f->runtime_data + FIXTURE_RT; }
static void no_system_table(struct block_fixture *f) { f->firmware.system_table_phys = 0; }
static void st_signature(struct block_fixture *f) { st(f)[0] = 'i'; }
static void st_unreadable(struct block_fixture *f) { f->firmware.system_table_phys = FIXTURE_RECORD_PHYS; }
static void st_boot_services(struct block_fixture *f)
{
	memcpy(f->boot_services + 0x800, st(f), 120);
	f->firmware.system_table_phys = FIXTURE_BOOT_SERVICES_PHYS + 0x800;
}
static void st_runtime_code(struct block_fixture *f) { f->firmware.system_table_phys = FIXTURE_RUNTIME_CODE_PHYS; }
static void other_runtime_table(struct block_fixture *f) { f->firmware.runtime_services_phys += 8; }
static void no_runtime_table(struct block_fixture *f)
{
	f->firmware.runtime_services_phys = 0;
	block_fixture_put(st(f) + 88, 0, 8);
	block_fixture_crc(st(f));
}
static void rt_unreadable(struct block_fixture *f)
{
	f->firmware.runtime_services_phys = FIXTURE_RECORD_PHYS;
	block_fixture_put(st(f) + 88, FIXTURE_RECORD_PHYS, 8);
	block_fixture_crc(st(f));
}
static void rt_signature(struct block_fixture *f) { rt(f)[7]++; }
static void st_field(struct block_fixture *f, uint64_t offset)
{
	block_fixture_put(st(f) + offset, FIXTURE_BOOT_SERVICES_PHYS, 8);
	block_fixture_crc(st(f));
}
static void st_console_in_handle(struct block_fixture *f) { st_field(f, 40); }
static void st_console_in(struct block_fixture *f) { st_field(f, 48); }
static void st_console_out_handle(struct block_fixture *f) { st_field(f, 56); }
static void st_console_out(struct block_fixture *f) { st_field(f, 64); }
static void st_error_handle(struct block_fixture *f) { st_field(f, 72); }
static void st_error(struct block_fixture *f) { st_field(f, 80); }
static void st_boot_services_left(struct block_fixture *f) { st_field(f, 96); }
static void table_cleaned(struct block_fixture *f) { f->firmware.flags |= HANDOFF_FIRMWARE_TABLE_CLEANED; }
static void tpl_fixed(struct block_fixture *f) { f->firmware.flags |= HANDOFF_FIRMWARE_TPL_FIXED; }
static void st_crc(struct block_fixture *f) { st(f)[32]++; }
static void st_short(struct block_fixture *f) { block_fixture_put(st(f) + 12, 96, 4); block_fixture_crc(st(f)); }
static void st_long(struct block_fixture *f) { block_fixture_put(st(f) + 12, 4097, 4); }
static void st_reaches_out(struct block_fixture *f) { block_fixture_put(st(f) + 12, 4096, 4); }
static void rt_crc(struct block_fixture *f) { rt(f)[16]++; }
static void function_to(struct block_fixture *f, uint64_t phys)
{
	block_fixture_put(rt(f) + 24 + 8 * 13, phys, 8);
	block_fixture_crc(rt(f));
}
static void function_in_data(struct block_fixture *f) { function_to(f, FIXTURE_RUNTIME_DATA_PHYS); }
static void function_null(struct block_fixture *f) { function_to(f, 0); }
static void function_nowhere(struct block_fixture *f) { function_to(f, HOLE_PHYS); }
static void function_not_executable(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_RUNTIME_CODE_PHYS, FIXTURE_RUNTIME_CODE_PHYS, PAGE, 0);
}
static void function_elsewhere(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_RUNTIME_CODE_PHYS, FIXTURE_RUNTIME_CODE_PHYS + PAGE, PAGE, PAGE_EXECUTE);
}

static void black_box_in_data(struct block_fixture *f) { f->last_boot.set_variable_phys = FIXTURE_RUNTIME_DATA_PHYS; }
static void black_box_nowhere(struct block_fixture *f) { f->last_boot.set_variable_phys = HOLE_PHYS; }
static void black_box_not_callable(struct block_fixture *f) { f->firmware.flags = 0; }

#define K(n) RULE_K(n)
#define M(n) RULE_M(n)

static const struct broken entries[] = {
	{ "screen higher than its memory", K(39), RULE_REPAIRED, .before = screen_too_high },
	{ "screen without width", K(39), RULE_REPAIRED, .before = screen_no_width },
	{ "screen without height", K(39), RULE_REPAIRED, .before = screen_no_height },
	{ "lines shorter than the screen is wide", K(39), RULE_REPAIRED, .before = screen_pitch },
	{ "24 bits per pixel", K(39), RULE_REPAIRED, .before = screen_depth },
	{ "colours that share bits", K(39), RULE_REPAIRED, .before = screen_masks },
	{ "no red", K(39), RULE_REPAIRED, .before = screen_no_red },
	{ "no green", K(39), RULE_REPAIRED, .before = screen_no_green },
	{ "no blue", K(39), RULE_REPAIRED, .before = screen_no_blue },
	{ "screen that wraps", K(39), RULE_REPAIRED, .before = screen_wraps },
	{ "screen over RAM", K(39), RULE_REPAIRED, .before = screen_over_ram, .says = "over RAM", .dump = 1 },
	{ "screen over ACPI memory", K(39), RULE_REPAIRED, .before = screen_over_acpi, .says = "over RAM", .dump = 1 },
	{ "screen that no descriptor covers", K(39), RULE_INFORMATION, .start = FIXTURE_SCREEN_PHYS },
	{ "attributes table of version 3", K(40), RULE_REPAIRED, .before = mat_version, .says = "unknown form" },
	{ "attributes table of version 0", K(40), RULE_REPAIRED, .before = mat_version_zero, .says = "unknown form" },
	{ "attributes table with a stride of 32", K(40), RULE_REPAIRED, .before = mat_stride, .says = "unknown form" },
	{ "attributes table with a stride of 8192", K(40), RULE_REPAIRED, .before = mat_long_stride, .says = "unknown form" },
	{ "attributes table with too many entries", K(40), RULE_REPAIRED, .before = mat_entries, .says = "unknown form" },
	{ "attributes table that cannot be read", K(40), RULE_REPAIRED, .before = mat_unreadable, .says = "cannot be read" },
	{ "attributes of free memory", K(40), RULE_REPAIRED, .before = mat_type, .says = "not runtime services" },
	{ "attributes of no memory", K(40), RULE_REPAIRED, .before = mat_outside, .says = "calls otherwise" },
	{ "attributes of other memory", K(40), RULE_REPAIRED, .before = mat_other, .says = "calls otherwise" },
	{ "attributes over the end of runtime memory", K(40), RULE_REPAIRED, .before = mat_too_long, .says = "calls otherwise" },
	{ "attributes over a gap", K(40), RULE_REPAIRED, .before = mat_over_gap, .says = "calls otherwise", .also = { K(15) } },
	{ "attributes over the end of the map", K(40), RULE_REPAIRED, .before = mat_to_the_end, .says = "calls otherwise" },
	{ "attributes of no pages", K(40), RULE_REPAIRED, .before = mat_empty, .says = "calls otherwise" },
	{ "attributes that wrap", K(40), RULE_REPAIRED, .before = mat_wraps, .says = "calls otherwise" },
	{ "attributes that leave code writable", K(40), RULE_REPAIRED, .before = mat_writable_code,
	  .says = "writable and executable" },
	{ "table where nothing is described", K(41), RULE_REPAIRED, .before = table_nowhere, .says = "describes nothing" },
	{ "table in free memory", K(41), RULE_REPAIRED, .before = table_free, .says = "free memory" },
	{ "table in boot services memory", K(41), RULE_REPAIRED, .before = table_boot_services, .says = "boot services" },
	{ "attributes table in free memory", K(41), RULE_REPAIRED, .before = mat_free, .says = "free memory" },
	{ "RSDP in boot services memory", K(41), RULE_REPAIRED, .before = rsdp_boot_services, .says = "boot services" },
	{ "no ACPI", K(42), RULE_WARNING, .before = no_acpi, .says = "no ACPI tables" },
	{ "no ACPI, in a dump", K(42), RULE_WARNING, .before = no_acpi, .says = "no ACPI tables", .dump = 1 },
	{ "RSDP that cannot be read", K(42), RULE_WARNING, .before = rsdp_unreadable, .says = "cannot be read" },
	{ "RSDP half of which cannot be read", K(42), RULE_WARNING, .before = rsdp_cut, .says = "cannot be read" },
	{ "RSDP: signature", K(42), RULE_WARNING, .before = rsdp_signature, .says = "wrong signature" },
	{ "RSDP: checksum", K(42), RULE_WARNING, .before = rsdp_checksum, .says = "wrong signature" },
	{ "RSDP: extended checksum", K(42), RULE_WARNING, .before = rsdp_extended, .says = "extended" },
	{ "RSDP: length 20", K(42), RULE_WARNING, .before = rsdp_short, .says = "extended" },
	{ "RSDP: length 2 GiB", K(42), RULE_WARNING, .before = rsdp_long, .says = "extended" },
	{ "XSDT: checksum", K(42), RULE_WARNING, .before = xsdt_checksum, .says = "checksum of an ACPI" },
	{ "XSDT that cannot be read", K(42), RULE_WARNING, .before = xsdt_unreadable, .says = "no memory can be read" },
	{ "XSDT at the end of the address space", K(42), RULE_WARNING, .before = xsdt_beyond, .says = "no memory can be read" },
	{ "ACPI table: checksum", K(42), RULE_WARNING, .before = table_checksum, .says = "checksum of an ACPI" },
	{ "ACPI table: length 35", K(42), RULE_WARNING, .before = table_short, .says = "impossible length" },
	{ "ACPI table: length over 16 MiB", K(42), RULE_WARNING, .before = table_long, .says = "impossible length" },
	{ "ACPI table that ends where nothing can be read", K(42), RULE_WARNING, .before = table_cut,
	  .says = "checksum of an ACPI" },
	{ "257 ACPI tables", K(42), RULE_WARNING, .before = too_many_tables, .says = "too many" },
	{ "ACPI 1.0: checksum of a table", K(42), RULE_WARNING, .before = rsdt_table, .says = "checksum of an ACPI" },
	{ "SMBIOS 3: anchor", K(42), RULE_WARNING, .before = smbios3_anchor, .says = "SMBIOS entry point has" },
	{ "SMBIOS 3: checksum", K(42), RULE_WARNING, .before = smbios3_checksum },
	{ "SMBIOS 3: length", K(42), RULE_WARNING, .before = smbios3_short },
	{ "SMBIOS: checksum", K(42), RULE_WARNING, .before = smbios_checksum },
	{ "SMBIOS that cannot be read", K(42), RULE_WARNING, .before = smbios_unreadable, .says = "cannot be read" },
	{ "no system table", K(45), RULE_WARNING, .before = no_system_table, .says = "no system table" },
	{ "system table: signature", K(45), RULE_WARNING, .before = st_signature, .says = "is none" },
	{ "system table that cannot be read", K(45), RULE_WARNING, .before = st_unreadable, .says = "is none" },
	{ "system table in boot services memory", K(45), RULE_WARNING, .before = st_boot_services,
	  .says = "not in runtime", .also = { K(41) } },
	{ "system table in runtime services code, in a dump", K(45), RULE_WARNING, .before = st_runtime_code,
	  .says = "runtime services code", .dump = 1 },
	{ "another runtime services table", K(45), RULE_WARNING, .before = other_runtime_table, .says = "leads to" },
	{ "no runtime services table", K(45), RULE_WARNING, .before = no_runtime_table, .says = "leads to" },
	{ "runtime services table that cannot be read", K(45), RULE_WARNING, .before = rt_unreadable, .says = "leads to" },
	{ "runtime services table: signature", K(45), RULE_WARNING, .before = rt_signature, .says = "leads to" },
	{ "ConsoleInHandle left", K(46), RULE_REPAIRED, .before = st_console_in_handle },
	{ "ConIn left", K(46), RULE_REPAIRED, .before = st_console_in },
	{ "ConsoleOutHandle left", K(46), RULE_REPAIRED, .before = st_console_out_handle },
	{ "ConOut left", K(46), RULE_REPAIRED, .before = st_console_out },
	{ "StandardErrorHandle left", K(46), RULE_REPAIRED, .before = st_error_handle },
	{ "StdErr left", K(46), RULE_REPAIRED, .before = st_error },
	{ "BootServices left", K(46), RULE_REPAIRED, .before = st_boot_services_left },
	{ "system table cleared by the loader", K(46), RULE_REPAIRED, .before = table_cleaned, .says = "the loader cleared it" },
	{ "system table cleared by the loader, in a dump", K(46), RULE_REPAIRED, .before = table_cleaned, .dump = 1 },
	{ "started above TPL_APPLICATION", RULE_L(3), RULE_REPAIRED, .before = tpl_fixed, .says = "lowered it" },
	{ "started above TPL_APPLICATION, in a dump", RULE_L(3), RULE_REPAIRED, .before = tpl_fixed, .dump = 1 },
	{ "system table: checksum", K(47), RULE_WARNING, .before = st_crc },
	{ "system table: size 96", K(47), RULE_WARNING, .before = st_short },
	{ "system table: size 4097", K(47), RULE_WARNING, .before = st_long },
	{ "system table that ends where nothing can be read", K(47), RULE_WARNING, .before = st_reaches_out },
	{ "runtime services: checksum", K(47), RULE_WARNING, .before = rt_crc },
	{ "black box: service in data", K(48), RULE_WARNING, .before = black_box_in_data, .says = "outside runtime" },
	{ "black box: service nowhere", K(48), RULE_WARNING, .before = black_box_nowhere, .says = "outside runtime" },
	{ "black box: service nowhere, in a dump", K(48), RULE_WARNING, .before = black_box_nowhere, .dump = 1 },
	{ "black box: service not callable", K(48), RULE_WARNING, .before = black_box_not_callable, .says = "cannot be called" },
	{ "runtime service in data", K(48), RULE_WARNING, .before = function_in_data, .says = "outside runtime" },
	{ "runtime service NULL", K(48), RULE_WARNING, .before = function_null, .says = "outside runtime" },
	{ "runtime service nowhere", K(48), RULE_WARNING, .before = function_nowhere, .says = "outside runtime" },
	{ "runtime service not executable", K(48), RULE_WARNING, .before = function_not_executable, .says = "not mapped" },
	{ "runtime service mapped elsewhere", K(48), RULE_WARNING, .before = function_elsewhere,
	  .says = "not mapped", .also = { M(6) } },
};

BROKEN_TABLE(broken_firmware, entries);
