/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack pointer or page tables that are not as the block says and the contract promises (M4-M7, M9). */
#include "test/unit/broken_blocks.h"

#define PAGE UINT64_C(4096)
#define NX (UINT64_C(1) << 63)

/* --- M4 -------------------------------------------------------------------------------------------------------------- */

static void stack_below(struct block_fixture *f) { f->live.rsp_at_entry = FIXTURE_STACK_PHYS - 8; }
static void stack_above(struct block_fixture *f) { f->live.rsp_at_entry = FIXTURE_STACK_PHYS + 4 * PAGE; }
static void stack_at_bottom(struct block_fixture *f) { f->live.rsp_at_entry = FIXTURE_STACK_PHYS; }
static void stack_misaligned(struct block_fixture *f) { f->live.rsp_at_entry += 4; }
static void stack_used(struct block_fixture *f) { f->live.rsp_at_entry -= 16; }

/* --- M5 -------------------------------------------------------------------------------------------------------------- */

static void cr3_elsewhere(struct block_fixture *f) { f->cpu.cr3 = f->live.cpu.cr3 = FIXTURE_TABLES_PHYS + PAGE; }
static void cr3_flags(struct block_fixture *f) { f->cpu.cr3 = f->live.cpu.cr3 = FIXTURE_TABLES_PHYS | 0x18; }
static void cr3_live(struct block_fixture *f) { f->live.cpu.cr3 += PAGE; }
static void root_of_firmware(struct block_fixture *f) { f->live.reader.root_phys = FIXTURE_BOOT_SERVICES_PHYS; }
static void root_in_block(struct block_fixture *f) { f->live.reader.root_phys = FIXTURE_BLOCK_PHYS; }
/* Entry 100 of the root maps nothing otherwise. */
static void table_outside(struct block_fixture *f) { f->pool[100] = FIXTURE_FREE_PHYS | 3; }
static void table_recursive(struct block_fixture *f)
{
	for (int i = 100; i < 140; i++)
		f->pool[i] = FIXTURE_TABLES_PHYS | 3;
}
/* One recursive entry, as some kernels use: few enough references, but it makes the tables themselves writable memory. */
static void table_recursive_once(struct block_fixture *f) { f->pool[100] = FIXTURE_TABLES_PHYS | 3; }
static void table_reserved_bits(struct block_fixture *f) { f->pool[100] = FIXTURE_TABLES_PHYS | UINT64_C(1) << 45 | 3; }

/* --- M6 -------------------------------------------------------------------------------------------------------------- */

static void unmap(struct block_fixture *f, uint64_t virt) { *block_fixture_table_entry(f, virt, 1) = 0; }
static void text_unmapped(struct block_fixture *f) { unmap(f, FIXTURE_KERNEL_VIRT + 0x3000); }
static void data_elsewhere(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_KERNEL_VIRT + 0x6000, FIXTURE_DATA_PHYS + PAGE, PAGE, PAGE_WRITE);
}
static void text_not_executable(struct block_fixture *f) { block_fixture_map(f, FIXTURE_KERNEL_VIRT, FIXTURE_TEXT_PHYS, PAGE, 0); }
static void rodata_executable(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_KERNEL_VIRT + 0x4000, FIXTURE_RODATA_PHYS, PAGE, PAGE_EXECUTE);
}
static void data_read_only(struct block_fixture *f) { block_fixture_map(f, FIXTURE_KERNEL_VIRT + 0x9000, 0x102009000, PAGE, 0); }
static void data_uncached(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_KERNEL_VIRT + 0x9000, 0x102009000, PAGE, PAGE_WRITE | PAGE_UNCACHED);
}
static void data_for_users(struct block_fixture *f)
{
	for (uint32_t level = 1; level <= 4; level++)
		*block_fixture_table_entry(f, FIXTURE_KERNEL_VIRT + 0x9000, level) |= 4;
}
static void stack_unmapped(struct block_fixture *f) { unmap(f, FIXTURE_STACK_PHYS + 3 * PAGE); }
static void stack_executable(struct block_fixture *f)
{
	*block_fixture_table_entry(f, FIXTURE_STACK_PHYS, 1) &= ~(NX | 2); /* and not writable, or M7 would speak, too */
}
static void block_unmapped(struct block_fixture *f) { unmap(f, FIXTURE_BLOCK_PHYS + 7 * PAGE); }
static void guard_mapped(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_STACK_PHYS - PAGE, FIXTURE_STACK_PHYS - PAGE, PAGE, PAGE_WRITE);
}
static void page_zero_mapped(struct block_fixture *f) { block_fixture_map(f, 0, 0, PAGE, 0); }
static void unmap_range(struct block_fixture *f, uint64_t virt)
{
	page_tables_unmap(&f->tables, virt, PAGE);
}
static void free_unmapped(struct block_fixture *f) { unmap_range(f, FIXTURE_RAM_END_PHYS - PAGE); }
static void low_unmapped(struct block_fixture *f) { unmap_range(f, PAGE); }
static void acpi_unmapped(struct block_fixture *f) { unmap_range(f, FIXTURE_ACPI_PHYS); }
static void nvs_unmapped(struct block_fixture *f) { unmap_range(f, FIXTURE_NVS_PHYS); }
static void boot_services_read_only(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_BOOT_SERVICES_PHYS, FIXTURE_BOOT_SERVICES_PHYS, PAGE, 0);
}
static void runtime_unmapped(struct block_fixture *f) { unmap_range(f, FIXTURE_RUNTIME_DATA_PHYS); }
static void image_unmapped(struct block_fixture *f) { unmap_range(f, FIXTURE_IMAGE_PHYS + 5 * PAGE); }
static void free_elsewhere(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_FREE_PHYS, FIXTURE_FREE_PHYS + PAGE, PAGE, PAGE_WRITE);
}
/* The identity map must go on where a kernel that is linked low ends, and reach to where it begins. */
static void link_low(struct block_fixture *f)
{
	f->kernel.base_virt = FIXTURE_RAM_PHYS + 0x400000;
	f->kernel.end_virt = f->kernel.base_virt + 0xa000;
	f->kernel.entry_virt = f->kernel.base_virt + 0x40;
	for (int i = 0; i < 3; i++)
		f->segments[i].virt = f->kernel.base_virt + (f->segments[i].phys - FIXTURE_TEXT_PHYS);
	block_fixture_map_all(f);
}
static void hole_behind_low_kernel(struct block_fixture *f)
{
	link_low(f);
	unmap_range(f, f->kernel.end_virt);
}
static void hole_before_low_kernel(struct block_fixture *f)
{
	link_low(f);
	unmap_range(f, f->kernel.base_virt - PAGE);
}
static void device_cached(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_MMIO_PHYS + PAGE, FIXTURE_MMIO_PHYS + PAGE, PAGE, PAGE_WRITE);
}
static void screen_cached(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_SCREEN_PHYS + 0x100000, FIXTURE_SCREEN_PHYS + 0x100000, PAGE, PAGE_WRITE);
}
static void screen_unmapped(struct block_fixture *f) { unmap_range(f, FIXTURE_SCREEN_PHYS + 0x2ff000); }
static void tables_unreadable(struct block_fixture *f) { f->live.reader.physical_bits = 32; }

/* --- M7 -------------------------------------------------------------------------------------------------------------- */

static void image_writable(struct block_fixture *f) { *block_fixture_table_entry(f, FIXTURE_IMAGE_PHYS, 1) |= 2; }
static void strictly_writable(struct block_fixture *f)
{
	image_writable(f);
	f->input.strict = 1;
}
static void alias(struct block_fixture *f)
{
	block_fixture_map(f, UINT64_C(0xffffffff90000000), FIXTURE_TEXT_PHYS, PAGE, PAGE_WRITE);
}
static void large_alias(struct block_fixture *f)
{
	/* 2 MiB over the end of free memory, all of the kernel and more. */
	block_fixture_map(f, UINT64_C(0xffffffff90000000), FIXTURE_TEXT_PHYS, 2 << 20, PAGE_WRITE);
}
static void rodata_alias(struct block_fixture *f)
{
	block_fixture_map(f, FIXTURE_RODATA_PHYS + PAGE, FIXTURE_RODATA_PHYS + PAGE, PAGE, PAGE_WRITE);
}

/* A processor without NX: the tables must not use the bit, and nothing is a complaint. */
static void without_nx(struct block_fixture *f)
{
	f->cpu.flags = f->live.cpu.flags = 0;
	f->cpu.efer = f->live.cpu.efer = 0x500;
	f->live.reader.nx = 0;
	for (uint64_t i = 0; i < sizeof(f->pool) / 8; i++)
		f->pool[i] &= ~NX;
}

/* --- M9 -------------------------------------------------------------------------------------------------------------- */

static void nxe_clear(struct block_fixture *f) { f->cpu.efer = f->live.cpu.efer = 0x500; }
static void nx_without_processor(struct block_fixture *f)
{
	without_nx(f);
	*block_fixture_table_entry(f, FIXTURE_FREE_PHYS, 1) |= NX;
}

static void nxe_without_processor(struct block_fixture *f)
{
	without_nx(f);
	f->cpu.efer = f->live.cpu.efer = 0xd00;
}

#define K(n) RULE_K(n)
#define M(n) RULE_M(n)

static const struct broken entries[] = {
	{ "stack pointer below the stack", M(4), RULE_FATAL, .before = stack_below },
	{ "stack pointer above the stack", M(4), RULE_FATAL, .before = stack_above },
	{ "stack pointer at the bottom", M(4), RULE_REPAIRED, .before = stack_at_bottom },
	{ "stack pointer misaligned", M(4), RULE_REPAIRED, .before = stack_misaligned },
	{ "stack pointer not at the top", M(4), RULE_REPAIRED, .before = stack_used },
	{ "CR3 not the announced root", M(5), RULE_FATAL, .before = cr3_elsewhere },
	{ "CR3 with cache flags", M(5), RULE_FATAL, .before = cr3_flags },
	{ "CR3 not as recorded", M(5), RULE_FATAL, .before = cr3_live },
	{ "root in boot services memory", M(5), RULE_FATAL, .before = root_of_firmware, .also = { K(48) } },
	{ "root in memory owned for something else", M(5), RULE_FATAL, .before = root_in_block, .also = { K(48) } },
	{ "a table in free memory", M(5), RULE_FATAL, .before = table_outside, .says = "outside", .start = FIXTURE_FREE_PHYS },
	{ "a table that contains itself", M(5), RULE_FATAL, .before = table_recursive, .says = "more than once" },
	{ "a table that contains itself once", M(7), RULE_WARNING, .before = table_recursive_once },
	{ "an entry with reserved bits", M(5), RULE_FATAL, .before = table_reserved_bits, .says = "reserved bits" },
	{ "kernel text not mapped", M(6), RULE_FATAL, .before = text_unmapped },
	{ "kernel data mapped elsewhere", M(6), RULE_FATAL, .before = data_elsewhere },
	{ "kernel text not executable", M(6), RULE_FATAL, .before = text_not_executable },
	{ "kernel constants executable", M(6), RULE_FATAL, .before = rodata_executable },
	{ "kernel data read-only", M(6), RULE_FATAL, .before = data_read_only },
	{ "kernel data uncached", M(6), RULE_FATAL, .before = data_uncached },
	{ "kernel data open to ring 3", M(6), RULE_FATAL, .before = data_for_users },
	{ "stack not mapped", M(6), RULE_FATAL, .before = stack_unmapped, .repeated = 1 },
	{ "stack executable", M(6), RULE_FATAL, .before = stack_executable, .repeated = 1 },
	{ "block not mapped", M(6), RULE_FATAL, .before = block_unmapped, .repeated = 1 },
	{ "guard page mapped", M(6), RULE_FATAL, .before = guard_mapped, .says = "guard page" },
	{ "page zero mapped", M(6), RULE_FATAL, .before = page_zero_mapped, .says = "page zero" },
	{ "free memory not mapped", M(6), RULE_FATAL, .before = free_unmapped },
	{ "low memory not mapped", M(6), RULE_FATAL, .before = low_unmapped },
	{ "ACPI tables not mapped", M(6), RULE_FATAL, .before = acpi_unmapped },
	{ "ACPI NVS not mapped", M(6), RULE_FATAL, .before = nvs_unmapped },
	{ "boot services memory read-only", M(6), RULE_FATAL, .before = boot_services_read_only },
	{ "runtime data not mapped", M(6), RULE_FATAL, .before = runtime_unmapped },
	{ "loader image not mapped", M(6), RULE_FATAL, .before = image_unmapped },
	{ "free memory mapped elsewhere", M(6), RULE_FATAL, .before = free_elsewhere },
	{ "a hole behind a kernel linked low", M(6), RULE_FATAL, .before = hole_behind_low_kernel },
	{ "a hole before a kernel linked low", M(6), RULE_FATAL, .before = hole_before_low_kernel },
	{ "device memory cached", M(6), RULE_FATAL, .before = device_cached },
	{ "screen cached", M(6), RULE_FATAL, .before = screen_cached },
	{ "screen not mapped", M(6), RULE_FATAL, .before = screen_unmapped },
	{ "addresses beyond the reader's width", M(5), RULE_FATAL, .before = tables_unreadable, .also = { K(48) } },
	{ "loader code writable", M(7), RULE_WARNING, .before = image_writable },
	{ "loader code writable, strict", M(7), RULE_FATAL, .before = strictly_writable },
	{ "kernel text writable through an alias", M(7), RULE_WARNING, .before = alias },
	{ "kernel text writable through a large alias", M(7), RULE_WARNING, .before = large_alias },
	{ "kernel constants writable in the identity map", M(7), RULE_WARNING, .before = rodata_alias, .also = { M(6) } },
	{ "a processor without NX", M(7), RULE_INFORMATION, .before = without_nx },
	{ "EFER.NXE clear", M(9), RULE_FATAL, .before = nxe_clear, .repeated = 1, .says = "those pages fault" },
	{ "EFER.NXE set on a processor without NX", M(9), RULE_FATAL, .before = nxe_without_processor },
	{ "NX in the tables of a processor without", M(9), RULE_FATAL, .before = nx_without_processor, .also = { M(6) } },
};

BROKEN_TABLE(broken_paging, entries);
