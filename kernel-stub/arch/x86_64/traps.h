/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own GDT, TSS and IDT, and trying something that may end in an exception. */
#ifndef KERNEL_TRAPS_H
#define KERNEL_TRAPS_H

#include <stdint.h>

/* What the processor and traps.S push, lowest address first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* An exception that traps_try() caught. */
struct trap_caught {
	uint64_t vector, error, rip, cr2;
};

/* From here on nothing of the loader's tables is in use but its page tables.  Exceptions end the kernel with a report. */
void traps_load(void);

/* Calls work(context).  Returns 0, or -1 when an exception ended it; what the exception was goes to *ret_caught (may be
   NULL).  Locks, registers beyond the calling convention's and half-done work are the caller's affair.  May be nested. */
int traps_try(void (*work)(void *context), void *context, struct trap_caught *ret_caught);

#endif
