/* SPDX-License-Identifier: BSD-2-Clause */
/* What the contract promises about the very first instruction, beyond the rules of lib/handoff_check.h. */
#ifndef KERNEL_ENTRY_CHECK_H
#define KERNEL_ENTRY_CHECK_H

#include "kernel-stub/arch/x86_64/entry.h"
#include "lib/handoff.h"
#include "lib/rules.h"

/* RSI, and all registers that must be zero: M1; the return address: M4.  block may be anything. */
void entry_check_registers(const struct entry_state *entry, struct rule_log *log);
/* RDI is the block's own address: K2; the stack below the part in use is zero: M4.  The block's frame is sound. */
void entry_check_block(const struct entry_state *entry, const struct handoff_header *block, struct rule_log *log);

#endif
