/* SPDX-License-Identifier: BSD-2-Clause */
/* What the contract promises about the very first instruction (lib/handoff.h, "machine state"). */
#include "kernel-stub/entry_check.h"
#include "kernel-stub/arch/x86_64/traps.h"
#include "lib/handoff_block.h"

/* How deep this kernel's own calls may have gone by now. */
enum { STACK_IN_USE = 16384 };

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

struct search {
	const uint64_t *from, *to;
	uint64_t found_virt; /* 0 = all zero */
};

static void find_nonzero(void *context)
{
	struct search *search = context;

	for (const uint64_t *word = search->from; word < search->to && !search->found_virt; word++)
		if (*word != 0)
			search->found_virt = (uintptr_t)word;
}

void entry_check_block(const struct entry_state *entry, const struct handoff_header *block, struct rule_log *log)
{
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, 0, 0);
	struct search search = {(const uint64_t *)(uintptr_t)kernel->stack_virt,
				(const uint64_t *)(uintptr_t)((entry->rsp & ~UINT64_C(7)) - STACK_IN_USE), 0};

	rule_checked(log);
	if (entry->rdi != block->block_phys)
		rule_report(log, RULE_K(2), RULE_FATAL, entry->rdi, block->block_phys, "RDI is not the block's own address");
	/* A stack pointer outside the stack is what M4 reports; then there is nothing to search. */
	if (entry->rsp < kernel->stack_virt || entry->rsp - kernel->stack_virt >= kernel->stack_bytes)
		return;
	rule_checked(log);
	if (traps_try(find_nonzero, &search, 0) != 0)
		rule_report(log, RULE_M(4), RULE_FATAL, kernel->stack_virt, 0, "the stack cannot be read");
	else if (search.found_virt)
		rule_report(log, RULE_M(4), RULE_WARNING, search.found_virt, 0, "the stack is not zero here");
}
