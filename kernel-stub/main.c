/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel stub: shows what it was handed. */
#include "kernel-stub/arch/x86_64/entry.h"
#include "kernel-stub/channels.h"
#include "kernel-stub/print.h"
#include "lib/handoff_block.h"
#include "lib/report.h"

static void print_map(const struct handoff_header *block)
{
	char line[REPORT_LINE_MAX];
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);

	report_range_head(line);
	print("%s\n", line);
	for (uint64_t i = 0; i < count; i++) {
		report_range(line, handoff_element(block, HANDOFF_PART_MEMORY, i));
		print("%s\n", line);
	}
}

static void leave(int passed)
{
	channels_exit_qemu(passed);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void kernel_main(const struct entry_state *entry)
{
	const struct handoff_header *block = (const void *)(uintptr_t)entry->rdi;
	const struct handoff_exit *exit;
	enum handoff_block_status status;

	channels_open();
	if (entry->rsi != HANDOFF_MAGIC) {
		print("baton: verdict fail rule=K1 text=\"RSI is not the magic number\"\n");
		leave(0);
	}
	status = handoff_block_check(block, block->capacity_bytes);
	if (status != HANDOFF_BLOCK_OK) {
		print("baton: verdict fail rule=K1 text=\"%s\"\n", handoff_block_status_name(status));
		leave(0);
	}
	print_map(block);
	exit = handoff_part(block, HANDOFF_PART_EXIT, 0, 0);
	print("baton: verdict pass checks=1 repaired=0 warned=0 attempts=%u\n", (unsigned)exit->attempts);
	leave(1);
}
