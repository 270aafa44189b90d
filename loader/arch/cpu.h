/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader must know of the processor, asked before exit: afterwards CPUID may trap without a handler (L4, E42).
 * One implementation per architecture in arch/<name>/cpu.c.
 */
#ifndef LOADER_ARCH_CPU_H
#define LOADER_ARCH_CPU_H

#include <stdint.h>
#include "lib/handoff.h"

struct cpu {
	uint32_t paging_levels;    /* as the firmware runs (L18) */
	uint32_t physical_bits;    /* without encryption bits */
	uint32_t nx, pages_1g;
	uint32_t hypervisor, x2apic;
	uint32_t mtrr, rdseed, crc32c;
	uint64_t encryption_mask;  /* C-bit when SEV is active */
	uint64_t tsc_hz;           /* 0 = not stated by CPUID */
	uint64_t firmware_cr0, firmware_cr3, firmware_cr4, firmware_efer;
};

/* NULL, or why this processor or virtual machine is not supported. */
const char *cpu_probe(struct cpu *ret_cpu);
/* The address of the stack in use, a little below its top. */
uint64_t cpu_stack(void);
/* The time stamp counter. */
uint64_t cpu_time(void);
/* What the processor calls itself, or its maker where it has no name; before exit. */
enum { CPU_NAME_BYTES = 49 };
void cpu_name(char name[CPU_NAME_BYTES]);
/* Physical address of the root page table in force. */
uint64_t cpu_page_tables(void);
/* 32 random bytes by the processor's own generator; 0, or -1 when it has none or fails. */
int cpu_random(const struct cpu *cpu, uint8_t seed[32]);
/* lib/crc32c.h's checksum, by the processor's own instruction where it has one. */
uint32_t cpu_crc32c(const struct cpu *cpu, uint32_t crc, const void *data, uint64_t bytes);
/* A few milliseconds without firmware services (L34). */
void cpu_pause(void);
/* Interrupts off and string operations upwards, whatever the firmware has left: first thing after a successful exit (L39). */
void cpu_quiet(void);
/* Records the machine state; rflags is what the kernel will find.  Under the loader's own tables, after exit. */
void cpu_record(const struct cpu *cpu, struct handoff_cpu *ret_state);

#endif
