/* SPDX-License-Identifier: BSD-2-Clause */
/* Where entry.S keeps what it found, the proof that both mean the same layout, and what others may know of it. */
#include <stddef.h>
#include "kernel-stub/arch/entry.h"
#include "kernel-stub/arch/x86_64/entry_offsets.h"
#include "kernel-stub/arch/x86_64/entry_state.h"

struct entry_state entry_state;

_Static_assert(offsetof(struct entry_state, rax) == ENTRY_RAX, "entry.S");
_Static_assert(offsetof(struct entry_state, rdx) == ENTRY_RDX, "entry.S");
_Static_assert(offsetof(struct entry_state, rsi) == ENTRY_RSI, "entry.S");
_Static_assert(offsetof(struct entry_state, rdi) == ENTRY_RDI, "entry.S");
_Static_assert(offsetof(struct entry_state, rbp) == ENTRY_RBP, "entry.S");
_Static_assert(offsetof(struct entry_state, rsp) == ENTRY_RSP, "entry.S");
_Static_assert(offsetof(struct entry_state, r8) == ENTRY_R8, "entry.S");
_Static_assert(offsetof(struct entry_state, r15) == ENTRY_R15, "entry.S");
_Static_assert(offsetof(struct entry_state, rflags) == ENTRY_RFLAGS, "entry.S");
_Static_assert(offsetof(struct entry_state, return_address) == ENTRY_RETURN, "entry.S");
_Static_assert(offsetof(struct entry_state, tsc) == ENTRY_TSC, "entry.S");

const struct handoff_header *entry_block(const struct entry_state *entry)
{
	return (const struct handoff_header *)(uintptr_t)entry->rdi;
}

uint64_t entry_time(const struct entry_state *entry)
{
	return entry->tsc;
}
