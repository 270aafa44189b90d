/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processor facts of x86-64 (Intel SDM volume 2A CPUID, AMD APM volume 3 appendix E).  RULE (L4): cpu_probe() runs before
 * exit; nothing after exit executes CPUID.
 */
#include "lib/freestanding/memory.h"
#include "loader/arch/cpu.h"
#include "loader/arch/x86_64/io.h"

#define CR4_LA57 (UINT64_C(1) << 12)
#define CR4_OSXSAVE (UINT64_C(1) << 18)

static uint64_t read_cr(int number)
{
	uint64_t value = 0;

	switch (number) {
	case 0:
		__asm__ volatile("mov %%cr0, %0" : "=r"(value));
		break;
	case 3:
		__asm__ volatile("mov %%cr3, %0" : "=r"(value));
		break;
	case 4:
		__asm__ volatile("mov %%cr4, %0" : "=r"(value));
		break;
	}
	return value;
}

static uint64_t tsc_frequency(uint32_t max_leaf, uint32_t hypervisor)
{
	if (max_leaf >= 0x15) {
		struct cpuid c = read_cpuid(0x15, 0);

		if (c.eax != 0 && c.ebx != 0 && c.ecx != 0)
			return (uint64_t)c.ecx * c.ebx / c.eax;
	}
	/* VMware's convention, which KVM follows: leaf 40000010h states kHz. */
	if (hypervisor && read_cpuid(0x40000000, 0).eax >= 0x40000010)
		return (uint64_t)read_cpuid(0x40000010, 0).eax * 1000;
	return 0;
}

/* NULL, or why this guest is not supported. */
static const char *probe_encryption(struct cpu *cpu, uint32_t max_extended)
{
	struct cpuid c;
	uint64_t state;

	if (max_extended < 0x8000001f)
		return 0;
	c = read_cpuid(0x8000001f, 0);
	if (!(c.eax & 2) || !cpu->hypervisor)
		return 0;
	state = read_msr(MSR_SEV_STATUS);
	/* E42: CPUID and MSR accesses raise #VC there, and the firmware's handler is gone after exit. */
	if (state & 2)
		return "an AMD SEV-ES or SEV-SNP guest: not supported yet (#VC after exit)";
	if (!(state & 1))
		return 0;
	cpu->encryption_mask = UINT64_C(1) << (c.ebx & 63);
	cpu->physical_bits -= c.ebx >> 6 & 63;
	return 0;
}

static int is_tdx_guest(uint32_t max_leaf)
{
	struct cpuid c;

	if (max_leaf < 0x21)
		return 0;
	c = read_cpuid(0x21, 0); /* "IntelTDX    " */
	return c.ebx == 0x65746e49 && c.edx == 0x5844546c && c.ecx == 0x20202020;
}

const char *cpu_probe(struct cpu *ret_cpu)
{
	struct cpu cpu = { 0 };
	uint32_t max_leaf = read_cpuid(0, 0).eax, max_extended = read_cpuid(0x80000000, 0).eax;
	struct cpuid basic = read_cpuid(1, 0), extended = read_cpuid(0x80000001, 0);
	const char *unsupported;

	if (is_tdx_guest(max_leaf))
		return "an Intel TDX guest: not supported yet (shared-memory bit)";
	cpu.firmware_cr0 = read_cr(0);
	cpu.firmware_cr3 = read_cr(3);
	cpu.firmware_cr4 = read_cr(4);
	cpu.firmware_efer = read_msr(MSR_EFER);
	cpu.paging_levels = cpu.firmware_cr4 & CR4_LA57 ? 5 : 4;
	cpu.physical_bits = max_extended >= 0x80000008 ? read_cpuid(0x80000008, 0).eax & 0xff : 36;
	cpu.nx = extended.edx >> 20 & 1;
	cpu.pages_1g = extended.edx >> 26 & 1;
	cpu.hypervisor = basic.ecx >> 31;
	cpu.mtrr = basic.edx >> 12 & 1;
	cpu.crc32c = basic.ecx >> 20 & 1; /* SSE4.2 */
	cpu.x2apic = (read_msr(MSR_APIC_BASE) >> 10 & 3) == 3;
	cpu.rdseed = max_leaf >= 7 && (read_cpuid(7, 0).ebx >> 18 & 1);
	cpu.tsc_hz = tsc_frequency(max_leaf, cpu.hypervisor);
	unsupported = probe_encryption(&cpu, max_extended);
	if (unsupported == 0)
		*ret_cpu = cpu;
	return unsupported;
}

uint64_t cpu_stack(void)
{
	return (uint64_t)__builtin_frame_address(0);
}

uint64_t cpu_time(void)
{
	return read_tsc();
}

void cpu_name(char name[CPU_NAME_BYTES])
{
	uint32_t max_extended = read_cpuid(0x80000000, 0).eax, used = 0;
	struct cpuid maker = read_cpuid(0, 0), part;

	memcpy(name, &maker.ebx, 4);
	memcpy(name + 4, &maker.edx, 4);
	memcpy(name + 8, &maker.ecx, 4);
	name[12] = '\0';
	for (uint32_t leaf = 0x80000002; leaf <= 0x80000004 && max_extended >= 0x80000004; leaf++, used += sizeof(part)) {
		part = read_cpuid(leaf, 0);
		memcpy(name + used, &part, sizeof(part));
		name[used + sizeof(part)] = '\0';
	}
}

uint64_t cpu_page_tables(void)
{
	/* CR3 without PCID, PWT, PCD (Intel SDM volume 3A table 4-12). */
	return read_cr(3) & UINT64_C(0x000ffffffffff000);
}

int cpu_random(const struct cpu *cpu, uint8_t seed[32])
{
	if (!cpu->rdseed)
		return -1;
	for (uint32_t i = 0; i < 4; i++) {
		uint64_t word = 0;
		uint8_t good = 0;

		/* The generator may need time; Intel's guide asks for retries with PAUSE. */
		for (uint32_t attempt = 0; attempt < 100 && !good; attempt++)
			__asm__ volatile("pause; rdseed %0; setc %1" : "=r"(word), "=qm"(good) : : "cc");
		if (!good)
			return -1;
		for (uint32_t byte = 0; byte < 8; byte++)
			seed[8 * i + byte] = (uint8_t)(word >> (8 * byte));
	}
	return 0;
}

void cpu_quiet(void)
{
	__asm__ volatile("cli; cld" : : : "memory", "cc");
}

void cpu_pause(void)
{
	uint64_t start = read_tsc();

	/* Some ten million cycles: 3-10 ms on anything that runs x86-64; bounded by count should the counter stand. */
	for (uint32_t i = 0; i < 1000000 && read_tsc() - start < 10000000; i++)
		__asm__ volatile("pause");
}

void cpu_record(const struct cpu *cpu, struct handoff_cpu *ret_state)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} gdt, idt;
	uint16_t cs, ss, tr, ldtr, fcw;
	uint32_t mxcsr, low = 0, high = 0;
	uint64_t cr4 = read_cr(4);

	__asm__ volatile("sgdt %0" : "=m"(gdt));
	__asm__ volatile("sidt %0" : "=m"(idt));
	__asm__ volatile("mov %%cs, %0; mov %%ss, %1" : "=r"(cs), "=r"(ss));
	__asm__ volatile("str %0; sldt %1" : "=r"(tr), "=r"(ldtr));
	__asm__ volatile("fnstcw %0" : "=m"(fcw));
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	if (cr4 & CR4_OSXSAVE)
		__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	*ret_state = (struct handoff_cpu){
		.architecture = HANDOFF_ARCHITECTURE_X86_64,
		.paging_levels = cpu->paging_levels,
		.physical_bits = cpu->physical_bits,
		.flags = (cpu->nx ? HANDOFF_CPU_NX : 0u) | (cpu->pages_1g ? HANDOFF_CPU_PAGES_1G : 0u) |
			 (cpu->encryption_mask ? HANDOFF_CPU_SEV : 0u) | (cpu->hypervisor ? HANDOFF_CPU_HYPERVISOR : 0u) |
			 (cpu->x2apic ? HANDOFF_CPU_X2APIC : 0u),
		.encryption_mask = cpu->encryption_mask,
		.cr0 = read_cr(0),
		.cr3 = read_cr(3),
		.cr4 = cr4,
		.efer = read_msr(MSR_EFER),
		.rflags = 2, /* what the jump loads */
		.pat = read_msr(MSR_PAT),
		.mtrr_default_type = cpu->mtrr ? read_msr(MSR_MTRR_DEF_TYPE) : 0,
		.apic_base = read_msr(MSR_APIC_BASE),
		.xcr0 = (uint64_t)high << 32 | low,
		.gdt_base_virt = gdt.base,
		.idt_base_virt = idt.base,
		.gdt_limit = gdt.limit,
		.idt_limit = idt.limit,
		.cs = cs,
		.ss = ss,
		.tr = tr,
		.ldtr = ldtr,
		.fcw = fcw,
		.mxcsr = mxcsr,
		.firmware_cr0 = cpu->firmware_cr0,
		.firmware_cr3 = cpu->firmware_cr3,
		.firmware_cr4 = cpu->firmware_cr4,
		.firmware_efer = cpu->firmware_efer,
	};
}
