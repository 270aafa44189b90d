/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel that provokes an exception before it has an IDT of its own: the loader's must report it and stop.  The command line
 * names which: provoke=WORD.  There is no verdict; `baton: stop code=9 ... a=VECTOR b=ERROR` is due.  The word loader, with
 * offset=0x... and the offset of memcpy in the loader's image, calls that function with addresses that nobody has.
 */
#include "kernel-stub/arch/x86_64/registers.h"
#include "kernel-stub/options.h"
#include "kernel-stub/print.h"
#include "lib/config.h"
#include "lib/handoff_block.h"
#include "test/kernels/test_kernel.h"

void _start(const struct handoff_header *block, uint64_t magic);

static const struct handoff_kernel *kernel;
static const struct handoff_header *handed;
static const char *words;

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

#define GATE_PRESENT (UINT64_C(1) << 47)
enum { VECTOR_PAGE_FAULT = 14 };

/* The loader's own tables, which are data to it: the gate of the page fault is gone, so that one ends in a double fault. */
static void double_fault(void)
{
	struct table_register idtr;

	__asm__ volatile("sidt %0" : "=m"(idtr));
	((uint64_t *)idtr.base)[2 * VECTOR_PAGE_FAULT] &= ~GATE_PRESENT;
	page_zero();
}

/* The stack of exceptions lies where nothing is mapped, in page zero: a double fault must have another. */
static void stack_of_exceptions_gone(void)
{
	struct table_register gdtr;
	const uint64_t *tss_entry;
	uint64_t tss;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	tss_entry = (const uint64_t *)(gdtr.base + 0x18);
	tss = (tss_entry[0] >> 16 & 0xffffff) | (tss_entry[0] >> 56) << 24 | tss_entry[1] << 32;
	*(volatile uint32_t *)(tss + 36) = 4096; /* IST1, Intel SDM volume 3A figure 8-11 */
	*(volatile uint32_t *)(tss + 40) = 0;
	undefined_opcode();
}

#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)
#define ENTRY_LARGE (UINT64_C(1) << 7)

/* An exception while the first one is drawn: nothing of it may be reported, and nothing hang. */
static void screen_gone(void)
{
	const struct handoff_framebuffer *screen = handoff_part(handed, HANDOFF_PART_FRAMEBUFFER, 0, 0);
	uint64_t *table = (uint64_t *)(cr3_read() & ENTRY_ADDRESS);

	for (unsigned shift = 39;; shift -= 9) {
		uint64_t *entry = &table[screen->base_phys >> shift & 511];

		table = (uint64_t *)(*entry & ENTRY_ADDRESS);
		if (shift == 12 || *entry & ENTRY_LARGE) {
			*entry &= ~UINT64_C(1);
			break;
		}
	}
	cr3_write(cr3_read());
	undefined_opcode();
}

static uint64_t offset_wanted(void)
{
	uint32_t bytes = 0;
	const char *text = config_option(words, "offset", &bytes);
	uint64_t offset = 0;

	for (uint32_t i = 2; text && i < bytes; i++)
		offset = offset << 4 | (unsigned)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
	return offset;
}

static void in_the_loader(void)
{
	const struct handoff_loader *loader = handoff_part(handed, HANDOFF_PART_LOADER, 0, 0);
	void (*copy)(uint64_t to, uint64_t from, uint64_t bytes) =
		(void (*)(uint64_t, uint64_t, uint64_t))(loader->image_phys + offset_wanted());

	copy(UINT64_C(0xffff9a0000000000), UINT64_C(0xffff9b0000000000), 16);
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
	{"df", double_fault},
	{"df-stack", stack_of_exceptions_gone},
	{"screen-gone", screen_gone},
	{"loader", in_the_loader},
};

const char *test_kernel(const struct handoff_header *block, const char *cmdline)
{
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, 0, 0);

	kernel = handoff_part(block, HANDOFF_PART_KERNEL, 0, 0);
	handed = block;
	words = cmdline;
	print("boot record at 0x%lx\n", (unsigned long)loader->boot_record_phys);
	for (unsigned i = 0; i < sizeof provocations / sizeof *provocations; i++) {
		if (!options_has(cmdline, "provoke", provocations[i].word))
			continue;
		print("provoking %s\n", provocations[i].word);
		provocations[i].provoke();
		return "no exception came";
	}
	return "the command line does not say what to provoke";
}
