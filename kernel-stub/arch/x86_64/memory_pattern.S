/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See memory_pattern.h.  SSE2, which every x86-64 has and the contract has switched on; the compiler uses no vector register anywhere in
 * this kernel, so all are free.  Stores bypass the caches (MOVNTDQ): what is read back comes from memory.
 */
	.text

/* Both words of xmm0: the first word of the 128 bytes at rdi; xmm8 to xmm15 turn it into all sixteen. */
	.macro pattern_line
	mov %rdi, %rax
	xor %rdx, %rax
	movq %rax, %xmm0
	punpcklqdq %xmm0, %xmm0
	.endm
	.macro pattern_load
	lea pattern_words(%rip), %rax
	movdqa (%rax), %xmm8
	movdqa 16(%rax), %xmm9
	movdqa 32(%rax), %xmm10
	movdqa 48(%rax), %xmm11
	movdqa 64(%rax), %xmm12
	movdqa 80(%rax), %xmm13
	movdqa 96(%rax), %xmm14
	movdqa 112(%rax), %xmm15
	.endm

/* void pattern_write(uint64_t start, uint64_t end, uint64_t salt) */
	.globl pattern_write
	.type pattern_write, @function
pattern_write:
	pattern_load
	jmp 2f
	.macro write_one offset, words
	movdqa %xmm0, %xmm1
	pxor \words, %xmm1
	movntdq %xmm1, \offset(%rdi)
	.endm
1:	pattern_line
	write_one 0, %xmm8
	write_one 16, %xmm9
	write_one 32, %xmm10
	write_one 48, %xmm11
	write_one 64, %xmm12
	write_one 80, %xmm13
	write_one 96, %xmm14
	write_one 112, %xmm15
	add $128, %rdi
2:	cmp %rsi, %rdi
	jb 1b
	sfence
	ret
	.size pattern_write, . - pattern_write

/* uint64_t pattern_check(uint64_t start, uint64_t end, uint64_t salt) */
	.globl pattern_check
	.type pattern_check, @function
pattern_check:
	pattern_load
	pxor %xmm6, %xmm6
	jmp 2f
	.macro check_one offset, words
	movdqa \offset(%rdi), %xmm1
	pxor %xmm0, %xmm1
	pxor \words, %xmm1
	por %xmm1, %xmm7
	.endm
1:	pattern_line
	pxor %xmm7, %xmm7
	check_one 0, %xmm8
	check_one 16, %xmm9
	check_one 32, %xmm10
	check_one 48, %xmm11
	check_one 64, %xmm12
	check_one 80, %xmm13
	check_one 96, %xmm14
	check_one 112, %xmm15
	pcmpeqb %xmm6, %xmm7
	pmovmskb %xmm7, %eax
	cmp $0xffff, %eax
	jne 3f
	add $128, %rdi
2:	cmp %rsi, %rdi
	jb 1b
3:	mov %rdi, %rax
	ret
	.size pattern_check, . - pattern_check

	.section .rodata.pattern_words, "a", @progbits
	.balign 16
pattern_words:
	.quad 0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120
	.size pattern_words, . - pattern_words

	.section .note.GNU-stack, "", @progbits
