/* SPDX-License-Identifier: BSD-2-Clause */
/* The live machine: for the checker, for reads of memory that may not be mapped, and what only the processor can do. */
#ifndef KERNEL_ARCH_MACHINE_H
#define KERNEL_ARCH_MACHINE_H

#include <stdint.h>
#include "kernel-stub/arch/entry.h"
#include "lib/handoff_check.h"

/* Reads every register that the handoff speaks about.  Call it before traps_load() replaces GDT, IDT and TR; the readers that
   it installs need traps_load() to have run before they are used. */
void machine_capture(const struct entry_state *entry, struct handoff_live *ret_live);

/* Makes the registers what the contract says, whatever they were found to be: the repairs of M10-M12.  M2 and M3 were repaired
   at the first instruction, M13 by traps_load(). */
void machine_repair(void);

/* 0: the processor may write to pages that are mapped read-only; 1: it may not. */
void machine_write_protection(int on);
/* A clock that counts up: the time stamp counter. */
uint64_t machine_time(void);
/* Stops for ever. */
_Noreturn void machine_halt(void);

/* Copies from memory that may not be mapped: 0, or -1 when reading faulted. */
int machine_read(void *to, const void *from, uint64_t bytes);

/* Bytes that can be read at `start`, at most `bytes`, to the page. */
uint64_t machine_readable(const void *start, uint64_t bytes);

#endif
