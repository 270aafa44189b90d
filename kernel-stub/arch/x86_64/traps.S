/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry points of the 32 exceptions, and the frame that traps_try() returns to. */
	.text

/* Vectors 8, 10-14, 17, 21, 29 and 30 push an error code (SDM volume 3A, table 6-1; AMD APM volume 2 §8.2). */
	.set	with_error, 0x60227d00
	.set	vector, 0
	.balign	16
	.globl	trap_entries
trap_entries:
	.rept	32
	.balign	16
	.if	!((with_error >> vector) & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	movq	%rsp, %rbp	/* the frame need not be aligned; the call must be */
	andq	$-16, %rsp
	call	trap_handle
	movq	%rbp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp	/* vector and error code */
	iretq

/*
 * int trap_guarded(void (*work)(void *), void *context): 0, or 1 when trap_handle() sent it to trap_recover.  The stack
 * pointer to return to is kept in trap_guard, the one of an outer call below it on the stack.
 */
	.globl	trap_guarded
	.type	trap_guarded, @function
trap_guarded:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	trap_guard(%rip)
	movq	%rsp, trap_guard(%rip)
	movq	%rdi, %rax
	movq	%rsi, %rdi
	call	*%rax
	xorl	%eax, %eax
1:	popq	trap_guard(%rip)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.globl	trap_recover
trap_recover:		/* RSP is trap_guard again */
	movl	$1, %eax
	jmp	1b
	.size	trap_guarded, . - trap_guarded

/* void trap_segments(void): loads the selectors of the new GDT; keeps FS and GS bases at zero. */
	.globl	trap_segments
	.type	trap_segments, @function
trap_segments:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	popq	%rax
	pushq	$0x08
	pushq	%rax
	lretq
	.size	trap_segments, . - trap_segments

	.section .note.GNU-stack, "", @progbits
