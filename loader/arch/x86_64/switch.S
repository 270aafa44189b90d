/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The step from the firmware's machine state to the one lib/handoff.h promises, the entries of the exception handlers and
 * the jump into the kernel.  RULES: runs under the firmware's page tables first and ours then, both map the loader's text
 * executable (L14); the firmware's stack is not touched once its memory may be anybody's (L40).
 */

#define MSR_PAT 0x277
#define MSR_EFER 0xc0000080
#define EFER_SCE 0x001
#define EFER_NXE 0x800
/* What stays of CR4: PAE, MCE, LA57; what is added: OSFXSR, OSXMMEXCPT (L18, L19). */
#define CR4_KEEP 0x1060
#define CR4_SET 0x0620
#define CR0_VALUE 0x80010033 /* PE MP ET NE WP PG */
/* lib/handoff.h HANDOFF_PAT */
#define PAT_LOW 0x00070406
#define PAT_HIGH 0x00070501
/* struct tables of tables.c */
#define TABLES_GDTR 198
#define TABLES_IDTR 214
#define TABLES_EARLY_IDTR 1254
#define CODE_SELECTOR 0x08
#define DATA_SELECTOR 0x10
#define TSS_SELECTOR 0x18

	.text

/* void tables_catch(uint64_t tables_phys): selectors stay as they are, the firmware's, until tables_switch() */
	.globl tables_catch
	.hidden tables_catch
	.type tables_catch, @function
tables_catch:
	cli
	lgdt TABLES_GDTR(%rdi)
	lidt TABLES_EARLY_IDTR(%rdi)
	ret
	.size tables_catch, . - tables_catch

/* void tables_switch(const struct tables_switch *to, void (*next)(void *), void *argument) */
	.globl tables_switch
	.hidden tables_switch
	.type tables_switch, @function
tables_switch:
	cli				/* L39 */
	cld
	mov 0(%rdi), %r8		/* page tables */
	mov 8(%rdi), %r9		/* descriptor tables */
	mov 16(%rdi), %r10		/* stack */
	mov 24(%rdi), %r11		/* NX? */
	mov %rsi, %r12
	mov %rdx, %r13

	/* NX bits in our tables are reserved bits until NXE is set (L19). */
	mov $MSR_EFER, %ecx
	rdmsr
	and $~EFER_SCE, %eax
	test %r11, %r11
	jz 1f
	or $EFER_NXE, %eax
1:	wrmsr

	/* Off with PCID, PGE, SMEP, SMAP, CET...: the kernel starts on known ground. */
	mov %cr4, %rax
	and $CR4_KEEP, %eax
	or $CR4_SET, %eax
	mov %rax, %cr4

	/* Entries 0-3 keep their meaning after reset; CR3 follows at once and flushes what was cached under the old ones. */
	wbinvd
	mov $MSR_PAT, %ecx
	mov $PAT_LOW, %eax
	mov $PAT_HIGH, %edx
	wrmsr
	mov %r8, %cr3
	mov $CR0_VALUE, %eax
	mov %rax, %cr0

	lgdt TABLES_GDTR(%r9)
	lidt TABLES_IDTR(%r9)
	mov %r10, %rsp
	pushq $CODE_SELECTOR
	lea 2f(%rip), %rax
	push %rax
	lretq
2:	mov $DATA_SELECTOR, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %eax, %fs
	mov %eax, %gs
	mov $TSS_SELECTOR, %eax
	ltr %ax
	xor %eax, %eax
	lldt %ax

	fninit
	pushq $0x1f80
	ldmxcsr (%rsp)
	mov %r10, %rsp
	xor %ebp, %ebp
	pushq $0			/* no return */
	mov %r13, %rdi
	jmp *%r12
	.size tables_switch, . - tables_switch

/* void tables_enter_kernel(uint64_t entry_virt, uint64_t stack_top_virt, uint64_t block_virt, uint64_t magic) */
	.globl tables_enter_kernel
	.hidden tables_enter_kernel
	.type tables_enter_kernel, @function
tables_enter_kernel:
	mov %rsi, %rsp
	pushq $0			/* the return address of _start */
	push %rdi			/* gone again with ret */
	mov %rdx, %rdi
	mov %rcx, %rsi
	xor %eax, %eax
	xor %ebx, %ebx
	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebp, %ebp
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	xor %r12d, %r12d
	xor %r13d, %r13d
	xor %r14d, %r14d
	xor %r15d, %r15d
	pushq $2
	popfq
	ret
	.size tables_enter_kernel, . - tables_enter_kernel

/* One entry per vector, 16 bytes each; those without an error code push a zero. */
	.balign 16
	.globl exception_stubs
	.hidden exception_stubs
exception_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	.if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
	pushq $0
	.endif
	pushq $vector
	jmp exception_common
	.set vector, vector + 1
	.endr

	.type exception_common, @function
exception_common:
	cld
	push %r15			/* struct exception_frame of tables.c, from its end */
	push %r14
	push %r13
	push %r12
	push %r11
	push %r10
	push %r9
	push %r8
	push %rbp
	push %rdi
	push %rsi
	push %rdx
	push %rcx
	push %rbx
	push %rax
	mov %cr3, %rax
	push %rax
	mov %cr2, %rax
	push %rax
	mov %rsp, %rdi
	and $-16, %rsp
	call tables_exception
	.size exception_common, . - exception_common

	.section .note.GNU-stack, "", @progbits
