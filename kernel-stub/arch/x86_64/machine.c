/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live machine: every register that the handoff promises something about, and reads through the identity map that
 * survive when the promise is broken.
 */
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/arch/x86_64/entry_state.h"
#include "kernel-stub/arch/x86_64/pci_ports.h"
#include "kernel-stub/arch/x86_64/registers.h"
#include "lib/freestanding/memory.h"

#define EFER_NXE (UINT64_C(1) << 11)

static uint32_t extended_leaf_max(void)
{
	return cpuid(0x80000000, 0).eax;
}

/* AMD APM volume 3 §E.4.17: EBX[5:0] is the C-bit, EBX[11:6] what it takes from the physical address width. */
static uint64_t encryption_mask(uint32_t *ret_lost_bits)
{
	struct cpuid c;

	if (extended_leaf_max() < 0x8000001f)
		return 0;
	c = cpuid(0x8000001f, 0);
	if (!(c.eax & 2) || !(cpuid(1, 0).ecx >> 31) || !(msr_read(MSR_SEV_STATUS) & 1))
		return 0;
	*ret_lost_bits = c.ebx >> 6 & 63;
	return UINT64_C(1) << (c.ebx & 63);
}

static void capture_facts(struct handoff_cpu *cpu)
{
	struct cpuid basic = cpuid(1, 0), extended = {0};
	uint32_t lost_bits = 0;

	if (extended_leaf_max() >= 0x80000001)
		extended = cpuid(0x80000001, 0);
	cpu->architecture = HANDOFF_ARCHITECTURE_X86_64;
	cpu->encryption_mask = encryption_mask(&lost_bits);
	cpu->physical_bits = extended_leaf_max() >= 0x80000008 ? (cpuid(0x80000008, 0).eax & 0xff) - lost_bits : 36;
	cpu->paging_levels = cpu->cr4 & CR4_LA57 ? 5 : 4;
	cpu->flags = (extended.edx >> 20 & 1 ? HANDOFF_CPU_NX : 0) | (extended.edx >> 26 & 1 ? HANDOFF_CPU_PAGES_1G : 0) |
		     (cpu->encryption_mask ? HANDOFF_CPU_SEV : 0) | (basic.ecx >> 31 ? HANDOFF_CPU_HYPERVISOR : 0);
	if (basic.edx >> 16 & 1)
		cpu->pat = msr_read(MSR_PAT);
	if (basic.edx >> 12 & 1)
		cpu->mtrr_default_type = msr_read(MSR_MTRR_DEFAULT_TYPE);
	if (basic.edx >> 9 & 1)
		cpu->apic_base = msr_read(MSR_APIC_BASE);
	if (cpu->apic_base >> 10 & 1)
		cpu->flags |= HANDOFF_CPU_X2APIC;
}

static void capture_tables(struct handoff_cpu *cpu)
{
	struct table_register gdt, idt;
	uint16_t cs, ss, tr, ldtr;

	__asm__ volatile("sgdt %0" : "=m"(gdt));
	__asm__ volatile("sidt %0" : "=m"(idt));
	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	__asm__ volatile("mov %%ss, %0" : "=r"(ss));
	__asm__ volatile("str %0" : "=r"(tr));
	__asm__ volatile("sldt %0" : "=r"(ldtr));
	cpu->gdt_base_virt = gdt.base;
	cpu->gdt_limit = gdt.limit;
	cpu->idt_base_virt = idt.base;
	cpu->idt_limit = idt.limit;
	cpu->cs = cs;
	cpu->ss = ss;
	cpu->tr = tr;
	cpu->ldtr = ldtr;
}

static void capture_control(struct handoff_cpu *cpu)
{
	uint16_t fcw;
	uint32_t mxcsr, low, high;

	cpu->cr0 = cr0_read();
	cpu->cr3 = cr3_read();
	cpu->cr4 = cr4_read();
	cpu->efer = msr_read(MSR_EFER);
	if (cpu->cr4 & CR4_OSXSAVE) {
		__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		cpu->xcr0 = (uint64_t)high << 32 | low;
	}
	__asm__ volatile("fnstcw %0" : "=m"(fcw));
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	cpu->fcw = fcw;
	cpu->mxcsr = mxcsr;
}

void machine_repair(void)
{
	uint32_t mxcsr = 0x1f80;

	cr4_write((cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT) & ~CR4_CET); /* CET goes before WP: it needs WP set */
	cr0_write((cr0_read() | CR0_WP | CR0_MP | CR0_NE) & ~(CR0_EM | CR0_TS));
	__asm__ volatile("fninit");
	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

void machine_write_protection(int on)
{
	cr0_write(on ? cr0_read() | CR0_WP : cr0_read() & ~CR0_WP);
}

uint64_t machine_time(void)
{
	return tsc_read();
}

struct read_request {
	void *to;
	const void *from;
	uint64_t bytes;
};

static void read_now(void *context)
{
	struct read_request *request = context;

	memcpy(request->to, request->from, request->bytes);
}

int machine_read(void *to, const void *from, uint64_t bytes)
{
	struct read_request request = {to, from, bytes};

	return traps_try(read_now, &request, 0) ? -1 : 0;
}

uint64_t machine_readable(const void *start, uint64_t bytes)
{
	uint64_t done = 0;
	char byte;

	while (done < bytes && machine_read(&byte, (const char *)start + done, 1) == 0)
		done += 4096 - ((uintptr_t)start + done) % 4096;
	return done < bytes ? done : bytes;
}

/* All RAM is identity-mapped by contract; where it is not, reading faults and is answered by "not mapped". */
static int read_phys(void *context, uint64_t phys, void *to, uint64_t bytes)
{
	(void)context;
	return machine_read(to, (const void *)(uintptr_t)phys, bytes);
}

static const uint64_t *read_table(void *context, uint64_t table_phys)
{
	const uint64_t *table = (const uint64_t *)(uintptr_t)table_phys;
	uint64_t first;

	(void)context;
	return machine_read(&first, table, sizeof first) == 0 ? table : 0;
}

void machine_capture(const struct entry_state *entry, struct handoff_live *ret_live)
{
	struct handoff_live *live = ret_live;
	struct handoff_cpu *cpu = &live->cpu;

	*live = (struct handoff_live){.rsp_at_entry = entry->rsp, .read_phys = read_phys};
	capture_control(cpu);
	capture_facts(cpu);
	capture_tables(cpu);
	cpu->rflags = entry->rflags;
	live->fs_base = msr_read(MSR_FS_BASE);
	live->gs_base = msr_read(MSR_GS_BASE);
	live->network_masters = pci_stop_network(&pci_ports);
	live->reader = (struct page_reader){
		.read = read_table,
		.root_phys = cpu->cr3 & UINT64_C(0x000ffffffffff000) & ~cpu->encryption_mask,
		.encryption_mask = cpu->encryption_mask,
		.levels = cpu->paging_levels,
		.physical_bits = cpu->physical_bits,
		.nx = (cpu->efer & EFER_NXE) != 0, /* what the processor goes by, not what it could */
	};
}
