/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's first instructions (lib/handoff.h, "machine state at the first instruction").  Keeps every general register
 * as it was found, for the checker, and goes on in C on the stack that was handed over.
 */
#include "kernel-stub/arch/x86_64/entry_offsets.h"

	.text
	.globl _start
	.type _start, @function
_start:
	movq	%rax, entry_state + ENTRY_RAX(%rip)
	movq	%rbx, entry_state + ENTRY_RBX(%rip)
	movq	%rcx, entry_state + ENTRY_RCX(%rip)
	movq	%rdx, entry_state + ENTRY_RDX(%rip)
	movq	%rsi, entry_state + ENTRY_RSI(%rip)
	movq	%rdi, entry_state + ENTRY_RDI(%rip)
	movq	%rbp, entry_state + ENTRY_RBP(%rip)
	movq	%rsp, entry_state + ENTRY_RSP(%rip)
	movq	%r8, entry_state + ENTRY_R8(%rip)
	movq	%r9, entry_state + ENTRY_R9(%rip)
	movq	%r10, entry_state + ENTRY_R10(%rip)
	movq	%r11, entry_state + ENTRY_R11(%rip)
	movq	%r12, entry_state + ENTRY_R12(%rip)
	movq	%r13, entry_state + ENTRY_R13(%rip)
	movq	%r14, entry_state + ENTRY_R14(%rip)
	movq	%r15, entry_state + ENTRY_R15(%rip)
	pushfq			/* the flags before they are made safe: M2, M3 */
	cli
	cld
	popq	entry_state + ENTRY_RFLAGS(%rip)
	rdtsc
	movl	%eax, entry_state + ENTRY_TSC(%rip)
	movl	%edx, entry_state + ENTRY_TSC + 4(%rip)
	movq	(%rsp), %rax
	movq	%rax, entry_state + ENTRY_RETURN(%rip)

	xorl	%ebp, %ebp
	subq	$8, %rsp	/* RSP is 8 below a multiple of 16, as after a call */
	leaq	entry_state(%rip), %rdi
	call	kernel_main
1:	cli
	hlt
	jmp	1b
	.size _start, . - _start

	.section .note.GNU-stack, "", @progbits
