/* SPDX-License-Identifier: BSD-2-Clause */
/* Control registers, model-specific registers and CPUID (Intel SDM volumes 2 and 3A, AMD APM volume 2). */
#ifndef KERNEL_REGISTERS_H
#define KERNEL_REGISTERS_H

#include <stdint.h>

#define CR0_MP (UINT64_C(1) << 1)
#define CR0_EM (UINT64_C(1) << 2)
#define CR0_TS (UINT64_C(1) << 3)
#define CR0_NE (UINT64_C(1) << 5)
#define CR0_WP (UINT64_C(1) << 16)
#define CR4_OSFXSR (UINT64_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT64_C(1) << 10)
#define CR4_LA57 (UINT64_C(1) << 12)
#define CR4_OSXSAVE (UINT64_C(1) << 18)
#define CR4_CET (UINT64_C(1) << 23)

enum {
	MSR_APIC_BASE = 0x1b,
	MSR_PAT = 0x277,
	MSR_MTRR_DEFAULT_TYPE = 0x2ff,
	MSR_EFER = 0xc0000080,
	MSR_FS_BASE = 0xc0000100,
	MSR_GS_BASE = 0xc0000101,
	MSR_SEV_STATUS = 0xc0010131,
};

/* What SGDT and SIDT store (SDM volume 3A, figure 2-6). */
struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid c;

	__asm__ volatile("cpuid" : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx) : "a"(leaf), "c"(subleaf));
	return c;
}

static inline uint64_t tsc_read(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#define REGISTER_ACCESS(name)                                                                                                     \
	static inline uint64_t name##_read(void)                                                                                  \
	{                                                                                                                         \
		uint64_t value;                                                                                                   \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value));                                                            \
		return value;                                                                                                     \
	}                                                                                                                         \
	static inline void name##_write(uint64_t value)                                                                           \
	{                                                                                                                         \
		__asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");                                                   \
	}
REGISTER_ACCESS(cr0)
REGISTER_ACCESS(cr3)
REGISTER_ACCESS(cr4)
#undef REGISTER_ACCESS

static inline uint64_t cr2_read(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

#endif
