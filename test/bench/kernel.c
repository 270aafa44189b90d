/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel that Baton loads in the benchmark: says when its first instruction ran and what the handoff block says about the
 * boot: when each stage began, what memory the loader still owns, whether the modules are right.
 */
#include "lib/handoff_block.h"
#include "test/bench/efi/payload.h"

void _start(void);
void kernel_main(const struct handoff_header *block, uint64_t magic, uint64_t now);

/* About as many bytes as the kernel stub has: three segments. */
static const uint8_t ballast[60 << 10] = { 1 };
static volatile uint8_t ballast_data[20 << 10] = { 1 };

/* RDI: the block, RSI: the magic (lib/handoff.h). */
__attribute__((naked)) void _start(void)
{
	__asm__("rdtsc\n\tshl $32, %rdx\n\tor %rax, %rdx\n\tjmp kernel_main");
}

static void say_stages(const struct handoff_header *block)
{
	const struct handoff_stage *stage;

	for (uint64_t i = 0; (stage = handoff_element(block, HANDOFF_PART_STAGES, i)); i++) {
		stamp("stage", stage->stage);
		stamp("tsc", stage->tsc);
	}
}

/* Ranges that the loader hands over and that are not free at once, by owner. */
static void say_owned(const struct handoff_header *block)
{
	const struct handoff_range *range;

	for (uint64_t i = 0; (range = handoff_element(block, HANDOFF_PART_MEMORY, i)); i++) {
		if (range->owner == HANDOFF_OWNER_NONE || range->lifetime == HANDOFF_LIFETIME_FREE)
			continue;
		stamp("owner", range->owner);
		stamp("owned", range->end_phys - range->start_phys);
	}
}

void kernel_main(const struct handoff_header *block, uint64_t magic, uint64_t now)
{
	const struct handoff_module *module;

	stamp("kernel", now);
	if (magic != HANDOFF_MAGIC || handoff_block_check(block, block->capacity_bytes) != HANDOFF_BLOCK_OK)
		stamp_leave();
	stamp("ballast", *(volatile const uint8_t *)ballast + ballast_data[0]++);
	say_stages(block);
	say_owned(block);
	stamp("descriptors", handoff_count(block, HANDOFF_PART_RAW_MAP));
	for (uint64_t i = 0; (module = handoff_element(block, HANDOFF_PART_MODULES, i)); i++)
		payload_check((const void *)module->phys, module->bytes);
	stamp("sound", 1);
	stamp_leave();
}
