/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way back into the loader after ExitBootServices, with registers and flags that a firmware may leave behind, and the
 * interrupts that may come.  RULE: what is set here must still be set at the loader's next instruction, so nothing follows but ret.
 */

/* aftermath.h */
#define WISH_FLAGS 1
#define WISH_INTERRUPTS 2
#define RFLAGS_AC 0x40000
#define LOCAL_APIC_EOI 0xfee000b0

	.text
	.globl aftermath_entry
	.hidden aftermath_entry
aftermath_entry:
	sub $40, %rsp
	call exit_services
	add $40, %rsp
	mov aftermath_wishes(%rip), %r10d
	test $WISH_FLAGS, %r10d
	jz 1f
	pushq $0x027f			/* x87 with another precision */
	fldcw (%rsp)
	movl $0x9fc0, (%rsp)		/* MXCSR: flush to zero, denormals are zero */
	ldmxcsr (%rsp)
	add $8, %rsp
	pcmpeqd %xmm0, %xmm0
	pcmpeqd %xmm1, %xmm1
	pcmpeqd %xmm2, %xmm2
	pcmpeqd %xmm3, %xmm3
	pcmpeqd %xmm4, %xmm4
	pcmpeqd %xmm5, %xmm5
	pushf
	orl $RFLAGS_AC, (%rsp)
	popf
	std
1:	test $WISH_INTERRUPTS, %r10d
	jz 2f
	sti				/* takes effect after the next instruction: in the loader */
2:	ret

/* An interrupt: counted, and over. */
	.globl aftermath_interrupt
	.hidden aftermath_interrupt
aftermath_interrupt:
	push %rax
	incl aftermath_interrupts(%rip)
	mov $LOCAL_APIC_EOI, %eax
	movl $0, (%rax)
	pop %rax
	iretq

/* An exception: nothing in this program or the loader may cause one. */
	.globl aftermath_exception
	.hidden aftermath_exception
aftermath_exception:
	cld
	mov (%rsp), %rcx
	mov 8(%rsp), %rdx
	mov %cr2, %r8
	and $-16, %rsp
	sub $32, %rsp
	call aftermath_excepted

	.section .note.GNU-stack, "", @progbits
