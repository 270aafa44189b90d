/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GDT, TSS and IDT of the time between exit and the kernel's own (Intel SDM volume 3A chapters 3, 6 and 8), and the report
 * of an exception.  RULE: built before exit in the loader's own memory; exceptions run on stacks of their own, so that an
 * overflow of the kernel's stack is reported too.
 */
#include "lib/freestanding/memory.h"
#include "loader/after/stop.h"
#include "loader/arch/tables.h"

enum {
	EXCEPTION_COUNT = 32,
	EXCEPTION_STUB_BYTES = 16,
	CODE_SELECTOR = 0x08,
	VECTOR_NMI = 2,
	VECTOR_DOUBLE_FAULT = 8,
	VECTOR_MACHINE_CHECK = 18,
	STACK_EXCEPTIONS = 1,
	STACK_LAST_RESORT = 2,
};

/* The first page of the tables; switch.S knows gdtr and idtr by offset. */
struct tables {
	uint64_t gdt[5]; /* null, code, data, TSS in two */
	uint8_t reserved0[24];
	struct {
		uint32_t reserved0;
		uint32_t rsp_low[6];    /* RSP0-2 */
		uint32_t reserved1[2];
		uint32_t ist[14];       /* IST1-7 */
		uint32_t reserved2[2];
		uint16_t reserved3;
		uint16_t io_map_base;
	} tss;
	uint8_t reserved1[24];
	struct {
		uint8_t padding[6];
		uint16_t limit;
		uint64_t base;
	} gdtr, idtr;
	struct gate {
		uint64_t low, high;
	} idt[EXCEPTION_COUNT], early_idt[EXCEPTION_COUNT];
	struct {
		uint8_t padding[6];
		uint16_t limit;
		uint64_t base;
	} early_idtr;
};
_Static_assert(__builtin_offsetof(struct tables, tss) == 64, "the TSS follows the GDT");
_Static_assert(__builtin_offsetof(struct tables, gdtr) + 6 == 198, "switch.S loads gdtr from here");
_Static_assert(__builtin_offsetof(struct tables, idtr) + 6 == 214, "switch.S loads idtr from here");
_Static_assert(__builtin_offsetof(struct tables, early_idtr) + 6 == 1254, "switch.S loads early_idtr from here");
_Static_assert(sizeof(struct tables) <= 4096, "the tables take one page, the stacks for exceptions the rest");

/* As switch.S pushes it below what the processor has pushed (Intel SDM volume 3A §6.14.2). */
struct exception_frame {
	uint64_t cr2, cr3;
	uint64_t general[15]; /* RAX RBX RCX RDX RSI RDI RBP R8-R15 */
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

/* switch.S: EXCEPTION_COUNT entries of EXCEPTION_STUB_BYTES each. */
extern char exception_stubs[];

/* An interrupt gate; stack: the TSS's interrupt stack 1 to 7, or 0 for the one in use. */
static struct gate gate(uint32_t vector, uint64_t stack)
{
	uint64_t at = (uint64_t)exception_stubs + vector * EXCEPTION_STUB_BYTES;

	return (struct gate){
		.low = (at & 0xffff) | CODE_SELECTOR << 16 | stack << 32 | UINT64_C(0x8e) << 40 | (at >> 16 & 0xffff) << 48,
		.high = at >> 32,
	};
}

/* A double fault says that the other stack may be lost; and these two may strike while that one is in use. */
static int has_stack_of_its_own(uint32_t vector)
{
	return vector == VECTOR_DOUBLE_FAULT || vector == VECTOR_NMI || vector == VECTOR_MACHINE_CHECK;
}

static void set_stack(struct tables *tables, uint32_t number, uint64_t top)
{
	tables->tss.ist[2 * (number - 1)] = (uint32_t)top;
	tables->tss.ist[2 * (number - 1) + 1] = (uint32_t)(top >> 32);
}

void tables_build(void *memory)
{
	struct tables *tables = memory;
	uint64_t tss = (uint64_t)&tables->tss;

	memset(memory, 0, TABLES_BYTES);
	tables->gdt[1] = UINT64_C(0x00af9b000000ffff); /* 64-bit code, present, accessed */
	tables->gdt[2] = UINT64_C(0x00cf93000000ffff); /* data, writable, present, accessed */
	tables->gdt[3] = (sizeof(tables->tss) - 1) | (tss & 0xffffff) << 16 | UINT64_C(0x89) << 40 | (tss >> 24 & 0xff) << 56;
	tables->gdt[4] = tss >> 32;
	set_stack(tables, STACK_EXCEPTIONS, (uint64_t)memory + TABLES_BYTES - TABLES_PAGES_FOR_STACK * 4096);
	set_stack(tables, STACK_LAST_RESORT, (uint64_t)memory + TABLES_BYTES);
	tables->tss.io_map_base = sizeof(tables->tss);
	tables->gdtr.limit = sizeof(tables->gdt) - 1;
	tables->gdtr.base = (uint64_t)tables->gdt;
	tables->idtr.limit = tables->early_idtr.limit = sizeof(tables->idt) - 1;
	tables->idtr.base = (uint64_t)tables->idt;
	tables->early_idtr.base = (uint64_t)tables->early_idt;
	for (uint32_t i = 0; i < EXCEPTION_COUNT; i++) {
		tables->idt[i] = gate(i, has_stack_of_its_own(i) ? STACK_LAST_RESORT : STACK_EXCEPTIONS);
		tables->early_idt[i] = gate(i, 0);
	}
}

/* Called by switch.S. */
__attribute__((noreturn)) void tables_exception(const struct exception_frame *frame);

void tables_exception(const struct exception_frame *frame)
{
	static const char names[] = "RIPRSPRFLCS CR2CR3RAXRBXRCXRDXRSIRDIRBPR8 R9 R10R11R12R13R14R15";
	uint64_t registers[6 + 15] = { frame->rip, frame->rsp, frame->rflags, frame->cs, frame->cr2, frame->cr3 };
	struct stop_exception exception = {
		.vector = frame->vector,
		.error = frame->error,
		.instruction_virt = frame->rip,
		.address_virt = frame->cr2,
		.registers = registers,
		.names = names,
		.count = sizeof(registers) / sizeof(registers[0]),
	};

	memcpy(registers + 6, frame->general, sizeof(frame->general));
	stop_exception(&exception);
}
