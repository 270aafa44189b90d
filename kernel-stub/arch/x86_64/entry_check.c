/* SPDX-License-Identifier: BSD-2-Clause */
/* What the contract promises about the very first instruction (lib/handoff.h, "machine state"). */
#include "kernel-stub/arch/entry.h"
#include "kernel-stub/arch/x86_64/entry_state.h"

void entry_check_registers(const struct entry_state *e, struct rule_log *log)
{
	uint64_t all = e->rax | e->rbx | e->rcx | e->rdx | e->rbp | e->r8 | e->r9 | e->r10 | e->r11 | e->r12 | e->r13 | e->r14 |
		       e->r15;

	rule_checked(log);
	if (e->rsi != HANDOFF_MAGIC)
		rule_report(log, RULE_K(1), RULE_FATAL, e->rsi, HANDOFF_MAGIC, "RSI is not the magic number");
	rule_checked(log);
	if (all != 0)
		rule_report(log, RULE_M(1), RULE_WARNING, all, 0, "a general register that must be zero at entry is not");
	rule_checked(log);
	if (e->return_address != 0)
		rule_report(log, RULE_M(4), RULE_WARNING, e->return_address, 0, "the return address on the stack is not zero");
}

void entry_check_block(const struct entry_state *entry, const struct handoff_header *block, struct rule_log *log)
{
	rule_checked(log);
	if (entry->rdi != block->block_phys)
		rule_report(log, RULE_K(2), RULE_FATAL, entry->rdi, block->block_phys, "RDI is not the block's own address");
}
