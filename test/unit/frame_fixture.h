/* SPDX-License-Identifier: BSD-2-Clause */
/* A handoff block with every part that there is, for the tests of its frame. */
#ifndef TEST_UNIT_FRAME_FIXTURE_H
#define TEST_UNIT_FRAME_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/handoff_block.h"

enum { CAPACITY = 16384, BLOCK_PHYS = 0x7e000000 };

static uint64_t memory[CAPACITY / 8] __attribute__((aligned(4096)));
static struct handoff_header *const block = (struct handoff_header *)memory;

static const struct handoff_raw_descriptor raw[] = {
	{ .type = 7, .physical_start = 0x100000, .number_of_pages = 16 },
	{ .type = 0, .physical_start = 0x200000, .number_of_pages = 1 },
};
static const struct handoff_segment segments[] = { { .virt = 0x1000, .bytes = 4096 }, { .virt = 0x2000, .bytes = 8192 } };

/* Every part that there is, with the least content; reserved parts are in the order of the real boot. */
static inline void build(struct handoff_builder *builder)
{
	memset(memory, 0, sizeof(memory));
	handoff_block_begin(builder, memory, CAPACITY, BLOCK_PHYS);
	handoff_block_add(builder, HANDOFF_PART_STRINGS, 1, "vendor\0version\0mod", 18);
	uint64_t strings = handoff_block_offset(builder, HANDOFF_PART_STRINGS);
	struct handoff_firmware firmware = { .vendor_offset = strings };
	struct handoff_loader loader = { .version_offset = strings + 7 };
	struct handoff_module modules[2] = { { .name_offset = strings + 15 }, { .name_offset = 0 } };
	struct handoff_stage stages[3] = { { .stage = HANDOFF_STAGE_ENTRY } };

	handoff_block_add(builder, HANDOFF_PART_OWNED, sizeof(struct handoff_range), NULL, 2 * sizeof(struct handoff_range));
	handoff_block_add(builder, HANDOFF_PART_EXIT, sizeof(struct handoff_exit), NULL, sizeof(struct handoff_exit));
	handoff_block_reserve(builder, HANDOFF_PART_ATTEMPTS, sizeof(struct handoff_attempt), 8 * sizeof(struct handoff_attempt));
	handoff_block_add(builder, HANDOFF_PART_CPU, sizeof(struct handoff_cpu), NULL, sizeof(struct handoff_cpu));
	handoff_block_add(builder, HANDOFF_PART_KERNEL, sizeof(struct handoff_kernel), NULL, sizeof(struct handoff_kernel));
	handoff_block_add(builder, HANDOFF_PART_SEGMENTS, sizeof(struct handoff_segment), segments, sizeof(segments));
	handoff_block_add(builder, HANDOFF_PART_CMDLINE, 1, "quiet", 5);
	handoff_block_add(builder, HANDOFF_PART_MODULES, sizeof(modules[0]), modules, sizeof(modules));
	handoff_block_add(builder, HANDOFF_PART_FRAMEBUFFER, sizeof(struct handoff_framebuffer), NULL,
			  sizeof(struct handoff_framebuffer));
	handoff_block_add(builder, HANDOFF_PART_FIRMWARE, sizeof(firmware), &firmware, sizeof(firmware));
	handoff_block_add(builder, HANDOFF_PART_STAGES, sizeof(stages[0]), stages, sizeof(stages));
	handoff_block_add(builder, HANDOFF_PART_SEED, sizeof(struct handoff_seed), NULL, sizeof(struct handoff_seed));
	handoff_block_add(builder, HANDOFF_PART_LOADER, sizeof(loader), &loader, sizeof(loader));
	handoff_block_add(builder, HANDOFF_PART_LOG, 1, "hello", 5);
	handoff_block_add(builder, HANDOFF_PART_LAST_BOOT, sizeof(struct handoff_last_boot), NULL, sizeof(struct handoff_last_boot));

	void *map = handoff_block_reserve(builder, HANDOFF_PART_RAW_MAP, 8, 4096);
	assert_non_null(map);
	memset(map, 0xee, 4096); /* an earlier attempt had more to say */
	memcpy(map, raw, sizeof(raw));
	handoff_block_trim(builder, HANDOFF_PART_ATTEMPTS, sizeof(struct handoff_attempt), 2 * sizeof(struct handoff_attempt));
	handoff_block_trim(builder, HANDOFF_PART_RAW_MAP, sizeof(raw[0]), sizeof(raw));
	assert_ptr_equal(handoff_block_reserve(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), 4000),
			 (uint8_t *)map + sizeof(raw));
	handoff_block_trim(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), sizeof(struct handoff_range));
	assert_int_equal(handoff_block_seal(builder), 0);
}

/* As seal() does, for a block that was broken by hand. */
static inline void reseal(void)
{
	block->crc32c = 0;
	block->crc32c = crc32c(0, block, block->total_bytes);
}

static inline struct handoff_part *part(uint32_t type)
{
	struct handoff_part *directory = (struct handoff_part *)(block + 1);

	for (uint32_t i = 0; i < block->part_count; i++)
		if (directory[i].type == type)
			return &directory[i];
	fail_msg("no part %u", type);
	return NULL;
}

#endif
