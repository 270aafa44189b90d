/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel that provokes an exception before it has an IDT of its own: the loader's must report it and stop.  The command line
 * names which: provoke=WORD.  There is no verdict; `baton: stop code=9 ... a=VECTOR b=ERROR` is due.
 */
#include "kernel-stub/options.h"
#include "kernel-stub/print.h"
#include "lib/handoff_block.h"
#include "test/kernels/test_kernel.h"

void _start(const struct handoff_header *block, uint64_t magic);

static const struct handoff_kernel *kernel;

static void page_zero(void)
{
	__asm__ volatile("movb $1, 0" : : : "memory");
}

static void write_text(void)
{
	*(volatile char *)(uintptr_t)_start = 0;
}

static void execute_data(void)
{
	static unsigned char code[] = {0xc3}; /* ret */

	__asm__ volatile("call *%0" : : "r"(code) : "memory");
}

static void execute_stack(void)
{
	unsigned char code[1] = {0xc3};

	__asm__ volatile("call *%0" : : "r"(code), "m"(code) : "memory");
}

static void general_protection(void)
{
	__asm__ volatile("movq (%0), %%rax" : : "r"(UINT64_C(0x8000000000000000)) : "rax"); /* not canonical */
}

static void undefined_opcode(void)
{
	__asm__ volatile("ud2");
}

static void divide(void)
{
	__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0));
}

/* Ends in the guard page; the fault must find a stack of its own to be reported on. */
static void stack_overflow(void)
{
	__asm__ volatile("1: pushq $0; jmp 1b");
}

static void guard_page(void)
{
	*(volatile char *)(uintptr_t)(kernel->stack_virt - 1) = 0;
}

static void interrupt_without_gate(void)
{
	__asm__ volatile("int $0x80");
}

static const struct {
	const char *word;
	void (*provoke)(void);
} provocations[] = {
	{"page-zero", page_zero},
	{"write-text", write_text},
	{"execute-data", execute_data},
	{"execute-stack", execute_stack},
	{"gp", general_protection},
	{"ud", undefined_opcode},
	{"de", divide},
	{"stack", stack_overflow},
	{"guard", guard_page},
	{"int80", interrupt_without_gate},
};

const char *test_kernel(const struct handoff_header *block, const char *cmdline)
{
	kernel = handoff_part(block, HANDOFF_PART_KERNEL, 0, 0);
	for (unsigned i = 0; i < sizeof provocations / sizeof *provocations; i++) {
		if (!options_has(cmdline, "provoke", provocations[i].word))
			continue;
		print("provoking %s\n", provocations[i].word);
		provocations[i].provoke();
		return "no exception came";
	}
	return "the command line does not say what to provoke";
}
