/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of the boot services table that write a call down and go on to the firmware.  RULE: no argument register is changed and
 * the stack is as it was; RAX, R10 and R11 are free in Microsoft's calling convention.
 */

/* struct calls_state of calls.c */
#define BASE 0
#define END 8
#define COUNT 16
#define BELOW 24
#define LOG (BELOW + 44 * 8)

	.text
	.balign 16
	.globl calls_entries
	.hidden calls_entries
calls_entries:
	.set service, 0
	.rept 44
	.balign 16
	mov $service, %eax
	jmp note
	.set service, service + 1
	.endr

note:
	lea calls_state(%rip), %r11
	mov (%rsp), %r10
	cmp BASE(%r11), %r10
	jb 1f
	cmp END(%r11), %r10
	jae 1f
	push %rdx
	push %rcx
	push %rax
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	mov COUNT(%r11), %rcx
	cmp $1023, %rcx
	adcq $0, COUNT(%r11)		/* the last place takes whatever comes after it */
	lea (%rcx,%rcx,2), %rcx		/* 24 bytes each */
	lea LOG(%r11,%rcx,8), %r10
	mov %rax, 8(%r10)
	pop %rax
	mov %rax, (%r10)
	movq $0, 16(%r10)
	pop %rcx
	pop %rdx
1:	jmp *BELOW(%r11,%rax,8)

	.section .note.GNU-stack, "", @progbits
