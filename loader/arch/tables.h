/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's descriptor tables after exit, and the step from the firmware's world into the loader's own.  One
 * implementation per architecture in arch/<name>/.
 */
#ifndef LOADER_ARCH_TABLES_H
#define LOADER_ARCH_TABLES_H

#include <stdint.h>

/* GDT, TSS and IDTs in one page; the stacks for exceptions and for double faults and their like in the others. */
#define TABLES_PAGES_FOR_STACK 3
#define TABLES_BYTES ((1 + 2 * TABLES_PAGES_FOR_STACK) * 4096)

/* Fills TABLES_BYTES at tables, which is identity-mapped then and later. */
void tables_build(void *tables);

/*
 * From the first exit call to tables_switch(): interrupts off, and exceptions are ours.  Nothing is written but the two table
 * registers, because loader memory may be read-only (L41); so handlers run on the stack in use.
 */
void tables_catch(uint64_t tables_phys);

struct tables_switch {
	uint64_t page_tables_phys; /* root */
	uint64_t tables_phys;      /* from tables_build() */
	uint64_t stack_top_virt;   /* 16-byte aligned */
	uint64_t nx;               /* 1: EFER.NXE is set */
};

/*
 * Interrupts off, own page tables, PAT, control registers, GDT, IDT, TSS, stack, x87 and SSE state as lib/handoff.h
 * promises; then next(argument) on the new stack.  Runs under both sets of page tables from the loader's own text (L14).
 */
__attribute__((noreturn)) void tables_switch(const struct tables_switch *to, void (*next)(void *), void *argument);

/* Enters the kernel: stack reset to its top, registers as lib/handoff.h promises. */
__attribute__((noreturn)) void tables_enter_kernel(uint64_t entry_virt, uint64_t stack_top_virt, uint64_t block_virt,
						   uint64_t magic);

#endif
