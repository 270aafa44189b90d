/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of the boot services table: the gremlin's hooks for the loader, the firmware for everybody else.  RULE: no argument
 * register is touched and nothing is pushed, so that any function can stand behind an entry; RAX, R10 and R11 are free in
 * Microsoft's calling convention.
 */

/* struct state of services.c */
#define BASE 0
#define END 8
#define CALLS 16
#define HOOKS (CALLS + 44 * 8)
#define BELOW (HOOKS + 44 * 8)

	.text
	.balign 16
	.globl services_entries
	.hidden services_entries
services_entries:
	.set service, 0
	.rept 44
	.balign 16
	mov $service, %eax
	jmp dispatch
	.set service, service + 1
	.endr

dispatch:
	lea services_state(%rip), %r11
	mov (%rsp), %r10
	cmp BASE(%r11), %r10
	jb 1f
	cmp END(%r11), %r10
	jae 1f
	incq CALLS(%r11,%rax,8)
	jmp *HOOKS(%r11,%rax,8)
1:	jmp *BELOW(%r11,%rax,8)

/* A hook that says which service was called and by whom. */
	.globl services_trap
	.hidden services_trap
services_trap:
	mov %rax, %rcx
	mov (%rsp), %rdx
	and $-16, %rsp
	sub $32, %rsp
	call services_trapped

	.section .note.GNU-stack, "", @progbits
