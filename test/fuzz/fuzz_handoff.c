/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block's reader and the checker on hostile bytes.  Input: a byte of options, then the block.  With HEAL the magic number,
 * total size and checksum are made right, so that the parts behind them are reached; with LIVE there is a machine whose memory and
 * page tables are the same bytes over and over.  Block and scratch have exactly the stated sizes, for the sanitizer.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/handoff_block.h"
#include "lib/handoff_check.h"

enum { HEAL = 1, LIVE = 2, STRICT = 4 };
/* Tables that contain themselves have no end: after so many reads nothing is mapped any more. */
enum { READS_MAX = 4096, PAGE_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct memory {
	const uint8_t *data;
	size_t bytes;
	uint64_t reads;
	uint64_t tables[8][PAGE_BYTES / 8];
};

static void fill(const struct memory *memory, uint64_t phys, void *to, uint64_t bytes)
{
	for (uint64_t i = 0; i < bytes; i++)
		((uint8_t *)to)[i] = memory->data[(phys + i) % memory->bytes];
}

static int read_phys(void *context, uint64_t phys, void *to, uint64_t bytes)
{
	struct memory *memory = context;

	if (memory->reads++ > READS_MAX)
		return -1;
	fill(memory, phys, to, bytes);
	return 0;
}

/* Tables change under the visit when it goes on to more than eight others; it must bear that, too. */
static const uint64_t *read_table(void *context, uint64_t table_phys)
{
	struct memory *memory = context;

	if (memory->reads++ > READS_MAX)
		return NULL;
	uint64_t *table = memory->tables[memory->reads % 8];
	fill(memory, table_phys, table, PAGE_BYTES);
	return table;
}

static void heal(uint8_t *block, size_t bytes)
{
	struct handoff_header *header = (struct handoff_header *)block;

	if (bytes < sizeof(*header))
		return;
	header->magic = HANDOFF_MAGIC;
	header->version_major = HANDOFF_VERSION_MAJOR;
	header->total_bytes = bytes;
	header->crc32c = 0;
	header->crc32c = crc32c(0, block, bytes);
}

/* Everything that the accessors can reach, once the frame is said to be sound. */
static uint64_t read_all(const struct handoff_header *block)
{
	uint64_t sum = 0;

	for (uint32_t type = 0; type < 20; type++) {
		uint64_t bytes;
		uint32_t step;
		const uint8_t *part = handoff_part(block, type, &bytes, &step);

		for (uint64_t i = 0; i < bytes; i++)
			sum += part[i];
		if (handoff_element(block, type, handoff_count(block, type)) != NULL)
			abort();
	}
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	return sum + strlen(handoff_string(block, firmware->vendor_offset)) + strlen(handoff_string(block, sum));
}

static void check(const uint8_t *block, size_t bytes, uint8_t options, struct memory *memory)
{
	uint64_t scratch_bytes = handoff_check_scratch_bytes(block, bytes);
	void *scratch = malloc(scratch_bytes ? scratch_bytes : 1);
	struct handoff_live live = {
		.reader = { .read = read_table, .context = memory, .levels = options & 8 ? 5 : 4, .physical_bits = 52, .nx = 1 },
		.read_phys = read_phys,
		.context = memory,
	};
	const struct handoff_check_input input = {
		.block = block, .block_bytes = bytes, .live = options & LIVE ? &live : NULL, .scratch = scratch,
		.scratch_bytes = scratch_bytes, .strict = (options & STRICT) != 0,
	};
	struct rule_log log = { 0 };

	if (scratch_bytes > 0) {
		const struct handoff_cpu *cpu = handoff_part((const struct handoff_header *)block, HANDOFF_PART_CPU, NULL, NULL);

		live.cpu = *cpu;
		live.reader.root_phys = cpu->cr3 & UINT64_C(0xffffffffff000);
	}
	int passed = handoff_check(&input, &log);
	if (passed != (log.counts[RULE_FATAL] == 0) || (passed && scratch_bytes == 0))
		abort();
	free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct memory memory;

	if (bytes < 2)
		return 0;
	uint8_t options = data[0];
	uint8_t *block = malloc(bytes - 1), *before = malloc(bytes - 1);
	memcpy(block, data + 1, bytes - 1);
	if (options & HEAL)
		heal(block, bytes - 1);
	memcpy(before, block, bytes - 1);
	memory = (struct memory){ .data = data, .bytes = bytes };

	volatile uint64_t sum = 0;
	if (handoff_block_check(block, bytes - 1) == HANDOFF_BLOCK_OK)
		sum = read_all((const struct handoff_header *)block);
	check(block, bytes - 1, options, &memory);
	if (memcmp(block, before, bytes - 1) != 0) /* the checker only reads */
		abort();
	(void)sum;
	free(block);
	free(before);
	return 0;
}
