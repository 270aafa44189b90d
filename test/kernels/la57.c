/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Enters 5-level paging under tables that lib/ has built: stock firmware never turns it on, so this is where those tables meet a
 * processor.  It then uses an address that only five levels can map, and has the checker say that the depth is not the recorded
 * one (M8).  Needs a processor with LA57 (QEMU's -cpu max) and memory below 4 GiB.
 */
#include "kernel-stub/arch/address_space.h"
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/arch/x86_64/registers.h"
#include "kernel-stub/pages.h"
#include "kernel-stub/print.h"
#include "kernel-stub/steps.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"

#define FAR_VIRT UINT64_C(0x00ab000000000000) /* bit 55: not canonical with four levels */
#define LIMIT (UINT64_C(1) << 32)

extern const char la57_switch[], la57_switch_64[], la57_switch_end[];

/* What the switch stands on: one page of code, one of data. */
struct low {
	uint64_t rsp;
	uint64_t far_pointer;
	uint64_t gdt[4];
};

static struct kernel kernel;

static const char *build(struct page_tables *tables, uint32_t levels, void *code, void *far_page)
{
	struct handoff_cpu cpu = kernel.live.cpu;
	const char *problem;

	cpu.paging_levels = levels;
	problem = address_space_build(tables, &kernel.pages, kernel.block, &cpu);
	if (problem)
		return problem;
	if (tables->pool_phys + tables->pool_pages * HANDOFF_PAGE_BYTES > LIMIT)
		return "the page tables are not below 4 GiB";
	/* One more leaf table of the pool, for the page whose permissions change. */
	if (page_tables_map(tables, (uintptr_t)code, (uintptr_t)code, HANDOFF_PAGE_BYTES, PAGE_EXECUTE) != PAGE_TABLES_OK)
		return "the code of the switch cannot be mapped";
	if (levels == 5 && page_tables_map(tables, FAR_VIRT, (uintptr_t)far_page, HANDOFF_PAGE_BYTES, PAGE_WRITE) != PAGE_TABLES_OK)
		return "the far address cannot be mapped";
	return 0;
}

static void enter(const struct page_tables *four, const struct page_tables *five, char *code, struct low *low)
{
	struct table_register gdtr = {sizeof low->gdt - 1, (uintptr_t)low->gdt};
	void (*go)(uint32_t new_cr3, uint32_t save_rsp_at, uint32_t entry64) =
		(void (*)(uint32_t, uint32_t, uint32_t))(uintptr_t)code;

	memcpy(code, la57_switch, (size_t)(la57_switch_end - la57_switch));
	low->gdt[1] = UINT64_C(0x00209b0000000000);
	low->gdt[2] = UINT64_C(0x00cf93000000ffff);
	low->gdt[3] = UINT64_C(0x00cf9b000000ffff);
	address_space_load(four);
	__asm__ volatile("lgdt %0" : : "m"(gdtr));
	go((uint32_t)five->pool_phys, (uint32_t)(uintptr_t)low,
	   (uint32_t)(uintptr_t)code + (uint32_t)(la57_switch_64 - la57_switch));
	traps_load();
}

static const char *try_far_address(uint64_t *near)
{
	volatile uint64_t *far = (volatile uint64_t *)FAR_VIRT;

	if (!(cr4_read() & CR4_LA57))
		return "CR4.LA57 is not set";
	*far = UINT64_C(0x5757575757575757);
	if (*(volatile uint64_t *)near != UINT64_C(0x5757575757575757))
		return "the far address is not the page it is mapped to";
	return 0;
}

static const char *run(void)
{
	static struct page_tables four, five;
	char *code;
	struct low *low;
	uint64_t *page;
	const char *problem;

	if (!(cpuid(7, 0).ecx >> 16 & 1))
		return "the processor has no LA57";
	if (!kernel.block_sound)
		return "the handoff block is not sound";
	step_open_pages(&kernel);
	code = pages_take(&kernel.pages, HANDOFF_PAGE_BYTES, LIMIT, PAGES_OWNER_SCRATCH);
	low = pages_take(&kernel.pages, HANDOFF_PAGE_BYTES, LIMIT, PAGES_OWNER_SCRATCH);
	page = pages_take(&kernel.pages, HANDOFF_PAGE_BYTES, 0, PAGES_OWNER_SCRATCH);
	if (!code || !low || !page)
		return "no memory below 4 GiB";
	problem = build(&four, 4, code, page);
	if (!problem)
		problem = build(&five, 5, code, page);
	if (problem)
		return problem;
	enter(&four, &five, code, low);
	return try_far_address(page);
}

void kernel_main(const struct entry_state *entry)
{
	const char *wrong;

	kernel.entry = entry;
	channels_open();
	machine_capture(entry, &kernel.live);
	traps_load();
	findings_begin(&kernel.findings);
	step_find_block(&kernel);
	wrong = run();
	if (wrong) {
		print("baton: verdict fail rule=test text=\"%s\"\n", wrong);
		leave(0, 0, 0);
	}
	/* The live machine is no longer the recorded one: the checker must say so. */
	print("5-level paging is on\n");
	machine_capture(entry, &kernel.live);
	step_check(&kernel);
	step_verdict(&kernel);
	leave(step_passed(&kernel), 0, 0);
}
