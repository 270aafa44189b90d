/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's first instruction: what it found, and what the contract says it must find. */
#ifndef KERNEL_ARCH_ENTRY_H
#define KERNEL_ARCH_ENTRY_H

#include <stdint.h>
#include "lib/handoff.h"
#include "lib/rules.h"

struct entry_state; /* every register at the first instruction: arch/x86_64/entry_state.h */

/* Called by the entry code on the loader's stack, interrupts off.  Does not return. */
void kernel_main(const struct entry_state *entry);

/* The block that the loader passed: any address, until it is checked. */
const struct handoff_header *entry_block(const struct entry_state *entry);
/* The time stamp counter at entry. */
uint64_t entry_time(const struct entry_state *entry);

/* The magic number: K1; registers that must be zero: M1; the return address: M4. */
void entry_check_registers(const struct entry_state *entry, struct rule_log *log);
/* The block was passed by its own address: K2.  The block's frame is sound. */
void entry_check_block(const struct entry_state *entry, const struct handoff_header *block, struct rule_log *log);

#endif
