/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor as the first instruction found it, kept by entry.S. */
#ifndef KERNEL_ENTRY_STATE_H
#define KERNEL_ENTRY_STATE_H

#include <stdint.h>

struct entry_state {
	uint64_t rax, rbx, rcx, rdx;
	uint64_t rsi, rdi; /* HANDOFF_MAGIC, address of the block */
	uint64_t rbp, rsp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags;
	uint64_t return_address; /* what stood at RSP: zero by contract */
	uint64_t tsc;
};

extern struct entry_state entry_state;

#endif
