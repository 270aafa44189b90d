/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers that are not as promised, or not as recorded (M1-M3, M8, M10-M17). */
#include "test/unit/broken_blocks.h"

/* Wrong both in the record and in the machine: only the contract is broken. */
#define BOTH(function, field, expression)              \
	static void function(struct block_fixture *f)  \
	{                                              \
		f->cpu.field = (expression);           \
		f->live.cpu.field = f->cpu.field;      \
	}
/* Wrong in the machine only. */
#define LIVE(function, field, expression)              \
	static void function(struct block_fixture *f)  \
	{                                              \
		f->live.field = (expression);          \
	}
/* Wrong in the record only. */
#define RECORD(function, field, expression)            \
	static void function(struct block_fixture *f)  \
	{                                              \
		f->cpu.field = (expression);           \
	}

BOTH(no_protection, cr0, f->cpu.cr0 & ~UINT64_C(1))
BOTH(no_paging, cr0, f->cpu.cr0 & ~(UINT64_C(1) << 31))
BOTH(no_pae, cr4, f->cpu.cr4 & ~UINT64_C(0x20))
BOTH(no_lma, efer, f->cpu.efer & ~UINT64_C(0x400))
BOTH(no_lme, efer, f->cpu.efer & ~UINT64_C(0x100))
BOTH(ring_3, cs, 0x0b)
LIVE(live_cr0, cpu.cr0, f->live.cpu.cr0 | 1 << 18)
LIVE(live_efer, cpu.efer, f->live.cpu.efer | 1)
BOTH(interrupts_on, rflags, 0x202)
LIVE(live_interrupts_on, cpu.rflags, 0x202)
RECORD(recorded_interrupts_on, rflags, 0x202)
BOTH(direction, rflags, 0x402)
BOTH(alignment_check, rflags, 0x40002)
BOTH(nested_task, rflags, 0x4002)
BOTH(io_privilege, rflags, 0x3002)
LIVE(live_direction, cpu.rflags, 0x402)
BOTH(depth_register, cr4, f->cpu.cr4 | 1 << 12)
BOTH(depth_field, paging_levels, 5)
BOTH(depth_impossible, paging_levels, 3)
LIVE(live_depth, cpu.paging_levels, 5)
BOTH(no_wp, cr0, f->cpu.cr0 & ~UINT64_C(0x10000))
LIVE(live_no_wp, cpu.cr0, f->cpu.cr0 & ~UINT64_C(0x10000))
BOTH(emulation, cr0, f->cpu.cr0 | 4)
BOTH(task_switched, cr0, f->cpu.cr0 | 8)
BOTH(no_monitor, cr0, f->cpu.cr0 & ~UINT64_C(2))
BOTH(no_osfxsr, cr4, f->cpu.cr4 & ~UINT64_C(0x200))
BOTH(no_osxmmexcpt, cr4, f->cpu.cr4 & ~UINT64_C(0x400))
BOTH(fcw, fcw, 0x27f)
BOTH(mxcsr, mxcsr, 0x1fc0)
BOTH(cet, cr4, f->cpu.cr4 | 1 << 23)
BOTH(pcide, cr4, f->cpu.cr4 | 1 << 17)
BOTH(smep, cr4, f->cpu.cr4 | 1 << 20)
BOTH(sce, efer, f->cpu.efer | 1)
LIVE(live_cr4, cpu.cr4, f->cpu.cr4 | 1 << 6)
LIVE(live_xcr0, cpu.xcr0, 7)
BOTH(other_cs, cs, 0x38)
BOTH(other_ss, ss, 0x30)
BOTH(other_tr, tr, 0)
BOTH(other_ldtr, ldtr, 0x20)
BOTH(gdt_elsewhere, gdt_base_virt, FIXTURE_FREE_PHYS)
BOTH(gdt_short, gdt_limit, 38)
BOTH(gdt_reaches_out, gdt_limit, 0x1000)
BOTH(gdt_limit_large, gdt_limit, 0x10000)
BOTH(gdt_in_block, gdt_base_virt, FIXTURE_BLOCK_PHYS)
BOTH(idt_elsewhere, idt_base_virt, FIXTURE_BOOT_SERVICES_PHYS)
BOTH(idt_in_image, idt_base_virt, FIXTURE_IMAGE_PHYS)
BOTH(idt_short, idt_limit, 510)
LIVE(live_gdt_base, cpu.gdt_base_virt, FIXTURE_GDT_PHYS + 8)
LIVE(live_gdt_limit, cpu.gdt_limit, 47)
LIVE(live_idt_base, cpu.idt_base_virt, FIXTURE_GDT_PHYS + 8)
LIVE(live_idt_limit, cpu.idt_limit, 4095)
LIVE(live_fs, fs_base, 0x1000)
LIVE(live_gs, gs_base, 0x1000)
BOTH(pat_after_reset, pat, UINT64_C(0x0007040600070406))
LIVE(live_pat, cpu.pat, UINT64_C(0x0007040600070406))
BOTH(cache_off, cr0, f->cpu.cr0 | 1 << 30)
BOTH(mtrr_off, mtrr_default_type, 6)
BOTH(mtrr_reserved_2, mtrr_default_type, 0xc02)
BOTH(mtrr_reserved_3, mtrr_default_type, 0xc03)
BOTH(mtrr_reserved_7, mtrr_default_type, 0xc07)
LIVE(live_mtrr, cpu.mtrr_default_type, 0xc00)
BOTH(apic_elsewhere, apic_base, 0xfed00900)
BOTH(x2apic_not_announced, apic_base, 0xfee00d00)
BOTH(x2apic_announced, flags, HANDOFF_CPU_NX | HANDOFF_CPU_X2APIC)
LIVE(live_apic, cpu.apic_base, 0xfee00100)
BOTH(width_small, physical_bits, 31)
BOTH(width_large, physical_bits, 53)
LIVE(live_width, cpu.physical_bits, 39)
LIVE(live_mask, cpu.encryption_mask, UINT64_C(1) << 47)
BOTH(mask_not_announced, encryption_mask, UINT64_C(1) << 47)
BOTH(mask_announced, flags, HANDOFF_CPU_NX | HANDOFF_CPU_SEV)
static void mask(struct block_fixture *f, uint64_t bits)
{
	f->cpu.encryption_mask = f->live.cpu.encryption_mask = bits;
	f->cpu.flags |= HANDOFF_CPU_SEV;
}
static void mask_two_bits(struct block_fixture *f) { mask(f, UINT64_C(3) << 46); }
static void mask_address_bit(struct block_fixture *f) { mask(f, UINT64_C(1) << 39); }
static void mask_no_address_bit(struct block_fixture *f) { mask(f, UINT64_C(1) << 52); }
static void large_pages(struct block_fixture *f)
{
	f->tables.pages_1g = 1;
	block_fixture_map(f, UINT64_C(0x4000000000), 0, UINT64_C(1) << 30, 0);
}
LIVE(live_network, network_masters, 1)
static void network_stopped(struct block_fixture *f) { f->firmware.flags |= HANDOFF_FIRMWARE_NETWORK_STOPPED; }

#define K(n) RULE_K(n)
#define M(n) RULE_M(n)

static const struct broken entries[] = {
	{ "CR0.PE clear", M(1), RULE_FATAL, .before = no_protection },
	{ "CR0.PG clear", M(1), RULE_FATAL, .before = no_paging },
	{ "CR4.PAE clear", M(1), RULE_FATAL, .before = no_pae },
	{ "EFER.LMA clear", M(1), RULE_FATAL, .before = no_lma },
	{ "EFER.LME clear", M(1), RULE_FATAL, .before = no_lme },
	{ "ring 3", M(1), RULE_FATAL, .before = ring_3, .also = { M(13) } },
	{ "CR0 not as recorded", M(1), RULE_FATAL, .before = live_cr0 },
	{ "EFER not as recorded", M(1), RULE_FATAL, .before = live_efer },
	{ "interrupts on", M(2), RULE_REPAIRED, .before = interrupts_on },
	{ "interrupts on, not recorded", M(2), RULE_REPAIRED, .before = live_interrupts_on },
	{ "interrupts on, in the record", M(2), RULE_REPAIRED, .before = recorded_interrupts_on },
	{ "interrupts on, in a dump", M(2), RULE_REPAIRED, .before = recorded_interrupts_on, .dump = 1 },
	{ "direction flag", M(3), RULE_REPAIRED, .before = direction },
	{ "alignment check flag", M(3), RULE_REPAIRED, .before = alignment_check },
	{ "nested task flag", M(3), RULE_REPAIRED, .before = nested_task },
	{ "I/O privilege level", M(3), RULE_REPAIRED, .before = io_privilege },
	{ "direction flag, not recorded", M(3), RULE_REPAIRED, .before = live_direction },
	{ "CR4.LA57 set over 4 levels", M(8), RULE_FATAL, .before = depth_register },
	{ "5 levels announced without LA57", M(8), RULE_FATAL, .before = depth_field },
	{ "3 levels announced", M(8), RULE_FATAL, .before = depth_impossible },
	{ "another depth than recorded", M(8), RULE_FATAL, .before = live_depth },
	{ "CR0.WP clear", M(10), RULE_REPAIRED, .before = no_wp },
	{ "CR0.WP clear, not recorded", M(10), RULE_REPAIRED, .before = live_no_wp, .also = { M(1) } },
	{ "CR0.EM set", M(11), RULE_REPAIRED, .before = emulation },
	{ "CR0.TS set", M(11), RULE_REPAIRED, .before = task_switched },
	{ "CR0.MP clear", M(11), RULE_REPAIRED, .before = no_monitor },
	{ "CR4.OSFXSR clear", M(11), RULE_REPAIRED, .before = no_osfxsr },
	{ "CR4.OSXMMEXCPT clear", M(11), RULE_REPAIRED, .before = no_osxmmexcpt },
	{ "x87 control word", M(11), RULE_REPAIRED, .before = fcw },
	{ "MXCSR", M(11), RULE_REPAIRED, .before = mxcsr },
	{ "CR4.CET set", M(12), RULE_REPAIRED, .before = cet },
	{ "CR4.PCIDE set", M(12), RULE_INFORMATION, .before = pcide },
	{ "CR4.SMEP set", M(12), RULE_INFORMATION, .before = smep },
	{ "EFER.SCE set", M(12), RULE_INFORMATION, .before = sce },
	{ "CR4 not as recorded", M(12), RULE_REPAIRED, .before = live_cr4 },
	{ "XCR0 not as recorded", M(12), RULE_REPAIRED, .before = live_xcr0 },
	{ "CS", M(13), RULE_REPAIRED, .before = other_cs },
	{ "SS", M(13), RULE_REPAIRED, .before = other_ss },
	{ "TR", M(13), RULE_REPAIRED, .before = other_tr },
	{ "LDTR", M(13), RULE_REPAIRED, .before = other_ldtr },
	{ "GDT in free memory", M(13), RULE_REPAIRED, .before = gdt_elsewhere },
	{ "GDT in memory owned for something else", M(13), RULE_REPAIRED, .before = gdt_in_block },
	{ "GDT too short", M(13), RULE_REPAIRED, .before = gdt_short },
	{ "GDT longer than its range", M(13), RULE_REPAIRED, .before = gdt_reaches_out },
	{ "GDT limit of 17 bits", M(13), RULE_REPAIRED, .before = gdt_limit_large },
	{ "IDT of the firmware", M(13), RULE_REPAIRED, .before = idt_elsewhere },
	{ "IDT in the loader's image", M(13), RULE_REPAIRED, .before = idt_in_image },
	{ "IDT too short", M(13), RULE_REPAIRED, .before = idt_short },
	{ "GDT not as recorded", M(13), RULE_REPAIRED, .before = live_gdt_base },
	{ "GDT limit not as recorded", M(13), RULE_REPAIRED, .before = live_gdt_limit },
	{ "IDT not as recorded", M(13), RULE_REPAIRED, .before = live_idt_base },
	{ "IDT limit not as recorded", M(13), RULE_REPAIRED, .before = live_idt_limit },
	{ "FS base", M(13), RULE_REPAIRED, .before = live_fs },
	{ "GS base", M(13), RULE_REPAIRED, .before = live_gs },
	{ "PAT as after reset", M(14), RULE_WARNING, .before = pat_after_reset },
	{ "PAT not as recorded", M(14), RULE_WARNING, .before = live_pat },
	{ "caches off", M(14), RULE_WARNING, .before = cache_off },
	{ "MTRRs off", M(14), RULE_WARNING, .before = mtrr_off },
	{ "MTRR type 2", M(14), RULE_WARNING, .before = mtrr_reserved_2 },
	{ "MTRR type 3", M(14), RULE_WARNING, .before = mtrr_reserved_3 },
	{ "MTRR type 7", M(14), RULE_WARNING, .before = mtrr_reserved_7 },
	{ "MTRR type not as recorded", M(14), RULE_WARNING, .before = live_mtrr },
	{ "local APIC on", M(15), RULE_INFORMATION, .before = apic_elsewhere, .start = 0xfed00900 },
	{ "x2APIC not announced", M(15), RULE_REPAIRED, .before = x2apic_not_announced },
	{ "x2APIC announced", M(15), RULE_REPAIRED, .before = x2apic_announced },
	{ "local APIC not as recorded", M(15), RULE_REPAIRED, .before = live_apic },
	{ "31 address bits", M(16), RULE_FATAL, .before = width_small, .dump = 1 },
	{ "53 address bits", M(16), RULE_FATAL, .before = width_large },
	{ "address width not as recorded", M(16), RULE_FATAL, .before = live_width },
	{ "encryption bit not as recorded", M(16), RULE_FATAL, .before = live_mask },
	{ "encryption not announced", M(16), RULE_FATAL, .before = mask_not_announced },
	{ "encryption announced without a bit", M(16), RULE_FATAL, .before = mask_announced },
	{ "two encryption bits", M(16), RULE_FATAL, .before = mask_two_bits },
	{ "encryption bit within the address", M(16), RULE_FATAL, .before = mask_address_bit },
	{ "encryption bit above all addresses", M(16), RULE_FATAL, .before = mask_no_address_bit },
	{ "1 GiB pages not announced", M(16), RULE_FATAL, .before = large_pages },
	{ "network controllers left running", M(17), RULE_INFORMATION, .before = network_stopped },
	{ "network controllers still running", M(17), RULE_WARNING, .before = live_network },
};

BROKEN_TABLE(broken_machine, entries);
