/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own exception handlers, and trying something that may end in an exception. */
#ifndef KERNEL_ARCH_TRAPS_H
#define KERNEL_ARCH_TRAPS_H

#include <stdint.h>

/* An exception that traps_try() caught. */
struct trap_caught {
	uint64_t vector, error;
	uint64_t instruction_virt; /* that caused it */
	uint64_t address_virt;     /* that it wanted, if it was a page fault */
};

/* From here on nothing of the loader's tables is in use but its page tables.  Exceptions end the kernel with a report. */
void traps_load(void);

/* Calls work(context).  Returns 0, or -1 when an exception ended it; what the exception was goes to *ret_caught (may be
   NULL).  Locks, registers beyond the calling convention's and half-done work are the caller's affair.  May be nested. */
int traps_try(void (*work)(void *context), void *context, struct trap_caught *ret_caught);

#endif
