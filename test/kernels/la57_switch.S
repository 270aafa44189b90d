/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From 4-level to 5-level paging.  CR4.LA57 cannot change while long mode is active (SDM volume 3A §4.1.2), so the way leads
 * through compatibility mode with paging off, in code that stands below 4 GiB at one address in all these modes.
 *
 * void la57_switch(uint32_t new_cr3, uint32_t save_rsp_at, uint32_t entry64): copied to low memory by la57.c and called
 * there; both pages given are below 4 GiB.  The GDT in force has 64-bit code at 0x08, data at 0x10 and 32-bit code at 0x18.
 */
	.text
	.globl	la57_switch, la57_switch_64, la57_switch_end
	.balign	16
la57_switch:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movl	%esi, %esi
	movq	%rsp, (%rsi)
	movl	%edi, %ebx		/* upper halves of registers do not survive */
	movl	%esi, %ebp
	movl	%edx, %edi
	leaq	1f(%rip), %rax
	pushq	$0x18
	pushq	%rax
	lretq

	.code32
1:	movl	$0x10, %eax		/* limits count again */
	movl	%eax, %ds
	movl	%eax, %ss
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax	/* PG off: long mode is left */
	movl	%eax, %cr0
	movl	%cr4, %eax
	orl	$0x1000, %eax		/* LA57 */
	movl	%eax, %cr4
	movl	%ebx, %cr3
	movl	%cr0, %eax
	orl	$0x80000000, %eax	/* PG on with EFER.LME set: long mode again, 5 levels */
	movl	%eax, %cr0
	movl	%edi, 8(%ebp)		/* the far pointer stands behind the saved RSP */
	movl	$0x08, 12(%ebp)
	ljmp	*8(%ebp)

	.code64
la57_switch_64:
	movl	%ebp, %ebp
	movq	(%rbp), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
la57_switch_end:

	.section .note.GNU-stack, "", @progbits
