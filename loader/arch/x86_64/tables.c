/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GDT, TSS and IDT of the time between exit and the kernel's own (Intel SDM volume 3A chapters 3, 6 and 8), and the report
 * of an exception.  RULE: built before exit in the loader's own memory; every exception runs on a stack of its own, so that
 * an overflow of the kernel's stack is reported too.
 */
#include "lib/freestanding/memory.h"
#include "loader/after/stop.h"
#include "loader/arch/tables.h"

enum {
	EXCEPTION_COUNT = 32,
	EXCEPTION_STUB_BYTES = 16,
	CODE_SELECTOR = 0x08,
	TSS_SELECTOR = 0x18,
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
	struct {
		uint64_t low, high;
	} idt[EXCEPTION_COUNT];
};
_Static_assert(__builtin_offsetof(struct tables, tss) == 64, "the TSS follows the GDT");
_Static_assert(__builtin_offsetof(struct tables, gdtr) + 6 == 198, "switch.S loads gdtr from here");
_Static_assert(__builtin_offsetof(struct tables, idtr) + 6 == 214, "switch.S loads idtr from here");
_Static_assert(sizeof(struct tables) <= 4096, "the tables take one page, the stack for exceptions the rest");

/* switch.S: EXCEPTION_COUNT entries of EXCEPTION_STUB_BYTES each. */
extern char exception_stubs[];

void tables_build(void *memory)
{
	struct tables *tables = memory;
	uint64_t tss = (uint64_t)&tables->tss, stack = (uint64_t)memory + TABLES_BYTES;

	memset(memory, 0, TABLES_BYTES);
	tables->gdt[1] = UINT64_C(0x00af9b000000ffff); /* 64-bit code, present, accessed */
	tables->gdt[2] = UINT64_C(0x00cf93000000ffff); /* data, writable, present, accessed */
	tables->gdt[3] = (sizeof(tables->tss) - 1) | (tss & 0xffffff) << 16 | UINT64_C(0x89) << 40 | (tss >> 24 & 0xff) << 56;
	tables->gdt[4] = tss >> 32;
	tables->tss.ist[0] = (uint32_t)stack;
	tables->tss.ist[1] = (uint32_t)(stack >> 32);
	tables->tss.io_map_base = sizeof(tables->tss);
	tables->gdtr.limit = sizeof(tables->gdt) - 1;
	tables->gdtr.base = (uint64_t)tables->gdt;
	tables->idtr.limit = sizeof(tables->idt) - 1;
	tables->idtr.base = (uint64_t)tables->idt;
	for (uint32_t i = 0; i < EXCEPTION_COUNT; i++) {
		uint64_t at = (uint64_t)exception_stubs + i * EXCEPTION_STUB_BYTES;

		/* Interrupt gate, present, IST 1. */
		tables->idt[i].low = (at & 0xffff) | CODE_SELECTOR << 16 | UINT64_C(1) << 32 | UINT64_C(0x8e) << 40 |
				     (at >> 16 & 0xffff) << 48;
		tables->idt[i].high = at >> 32;
	}
}

/* Called by switch.S. */
__attribute__((noreturn)) void tables_exception(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2);

void tables_exception(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2)
{
	stop(STOP_EXCEPTION, (struct stop_detail){ vector, error, rip, cr2 });
}
