/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From ExitBootServices to the kernel: switch to the loader's own tables and stack, complete the address space, normalise
 * the map, seal the block, jump.  RULES: no firmware, no return, no allocation; nothing but the loader's own data and the
 * firmware's stack is written before the switch (L41); boot services memory is not read any more (L40).
 */
#include "lib/arch/x86_64/identity_map.h"
#include "lib/freestanding/memory.h"
#include "lib/memory_normalise.h"
#include "lib/uefi_memory.h"
#include "loader/after/after.h"
#include "loader/after/stop.h"
#include "loader/after/system_table.h"
#include "loader/arch/devices.h"
#include "loader/arch/tables.h"

enum { GUARD_PATTERN = 0xb5 };
#define GUARD_WORD UINT64_C(0xb5b5b5b5b5b5b5b5)

void after_stage(struct after *after, uint32_t stage)
{
	after->stage = stage;
	after->stage_tsc[stage] = cpu_time();
	/* The boot record is runtime memory: written once our own tables are in force. */
	if (after->switched) {
		after->record->stage = stage;
		memcpy(after->record->stage_tsc, after->stage_tsc, sizeof(after->stage_tsc));
	}
}

int after_runtime_callable(const struct after *after)
{
	if (!after->switched)
		return 1;
	/* A kernel may have loaded page tables of its own and not yet its own IDT. */
	return after->runtime_callable && cpu_page_tables() == after->page_tables.pool_phys;
}

static uint8_t *guard(const struct after *after)
{
	return (uint8_t *)after->map_buffer + after->map_capacity_bytes;
}

void after_fill_guard(const struct after *after)
{
	memset(guard(after), GUARD_PATTERN, after->guard_bytes);
}

int after_guard_intact(const struct after *after)
{
	const uint64_t *words = (const uint64_t *)guard(after);

	for (uint64_t i = 0; i < after->guard_bytes / sizeof(*words); i++)
		if (words[i] != GUARD_WORD)
			return 0;
	return 1;
}

static void *part(const struct after *after, uint32_t type)
{
	return (uint8_t *)after->block.header + handoff_block_offset(&after->block, type);
}

/* Memory that the firmware added to the map while it exited (accepted memory, L24) joins the identity map. */
static void complete_identity(struct after *after)
{
	struct memory_map now;
	uint64_t start = 0;
	enum page_tables_status status;

	if (identity_map_collect(&now, after->work_buffer, after->work_bytes, after->map_buffer, after->exit.returned_bytes,
				 after->descriptor_bytes, after->cpu.physical_bits) != 0)
		stop(STOP_NORMALISE, (struct stop_detail){ MEMORY_NORMALISE_OUT_SMALL, after->exit.returned_bytes, 0, 0 });
	status = identity_map_extend(&after->page_tables, &after->mapped, &now, &start);
	if (status != PAGE_TABLES_OK)
		stop(STOP_PAGE_TABLES, (struct stop_detail){ start, after->page_tables.used_pages, status, 0 });
}

/*
 * Behind the map buffer, and behind room for the normalised map in it, the block needs nothing: that becomes work memory like
 * what follows it (loader/block.c), free at once for the kernel.
 */
static void give_back_end(struct after *after, struct handoff_range *owned, uint64_t count, uint64_t room)
{
	struct handoff_builder *block = &after->block;
	uint64_t needed = block->used_bytes + room;
	uint64_t buffer_end = handoff_block_offset(block, HANDOFF_PART_RAW_MAP) + after->map_capacity_bytes;
	uint64_t bytes = ((needed > buffer_end ? needed : buffer_end) + HANDOFF_PAGE_BYTES - 1) & ~(HANDOFF_PAGE_BYTES - 1);

	for (uint64_t i = 0; i + 1 < count; i++) {
		if (owned[i].start_phys != block->header->block_phys || bytes >= block->capacity_bytes)
			continue;
		owned[i].end_phys = owned[i + 1].start_phys = owned[i].start_phys + bytes;
		block->header->capacity_bytes = block->capacity_bytes = bytes;
	}
}

static void add_normalised_map(struct after *after)
{
	uint64_t raw_bytes = after->exit.returned_bytes / after->descriptor_bytes * after->descriptor_bytes;
	struct handoff_range *owned = part(after, HANDOFF_PART_OWNED);
	struct memory_normalise_input input = {
		.raw = after->map_buffer,
		.raw_bytes = raw_bytes,
		.descriptor_bytes = after->descriptor_bytes,
		.descriptor_version = after->exit.descriptor_version,
		.physical_bits = after->cpu.physical_bits,
		.owned = owned,
		.owned_count = handoff_count(after->block.header, HANDOFF_PART_OWNED),
	};
	struct memory_map map;
	enum memory_normalise_status status = MEMORY_NORMALISE_OUT_SMALL;
	uint64_t room = (2 * (raw_bytes / after->descriptor_bytes + input.owned_count) + 1) * sizeof(struct handoff_range);
	void *ranges;

	handoff_block_trim(&after->block, HANDOFF_PART_RAW_MAP, (uint32_t)after->descriptor_bytes, raw_bytes);
	give_back_end(after, owned, input.owned_count, room);
	ranges = handoff_block_reserve(&after->block, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), room);
	if (ranges != NULL && memory_map_init(&map, ranges, room) == MEMORY_MAP_OK)
		status = memory_normalise(&input, &map, after->work_buffer, after->work_bytes, NULL);
	if (status != MEMORY_NORMALISE_OK)
		stop(STOP_NORMALISE, (struct stop_detail){ status, raw_bytes / after->descriptor_bytes, 0, 0 });
	handoff_block_trim(&after->block, HANDOFF_PART_MEMORY, sizeof(struct handoff_range),
			   map.count * sizeof(struct handoff_range));
}

static void add_telemetry(struct after *after)
{
	struct handoff_stage *stages = part(after, HANDOFF_PART_STAGES);
	uint64_t count = 0;

	after->exit.map_offset = handoff_block_offset(&after->block, HANDOFF_PART_RAW_MAP);
	memcpy(part(after, HANDOFF_PART_EXIT), &after->exit, sizeof(after->exit));
	memcpy(part(after, HANDOFF_PART_ATTEMPTS), after->attempts, after->attempt_count * sizeof(after->attempts[0]));
	handoff_block_trim(&after->block, HANDOFF_PART_ATTEMPTS, sizeof(after->attempts[0]),
			   after->attempt_count * sizeof(after->attempts[0]));
	for (uint32_t stage = 0; stage < HANDOFF_STAGE_COUNT; stage++)
		if (after->stage_tsc[stage] != 0)
			stages[count++] = (struct handoff_stage){ .stage = stage, .tsc = after->stage_tsc[stage] };
	handoff_block_trim(&after->block, HANDOFF_PART_STAGES, sizeof(*stages), count * sizeof(*stages));
}

/* On our own stack, under our own page tables. */
__attribute__((noreturn)) static void after_switch(void *argument)
{
	struct after *after = argument;
	struct handoff_firmware *firmware = part(after, HANDOFF_PART_FIRMWARE);
	struct handoff_header *header = after->block.header;

	after->switched = 1;
	after->record->attempts = after->attempt_count;
	after_stage(after, HANDOFF_STAGE_SWITCHED);
	if (devices_stop_network() != 0)
		firmware->flags |= HANDOFF_FIRMWARE_NETWORK_STOPPED;
	complete_identity(after);
	if (after->system_table_phys != 0 && system_table_clean(after->system_table_phys))
		firmware->flags |= HANDOFF_FIRMWARE_TABLE_CLEANED;

	after_stage(after, HANDOFF_STAGE_SEAL);
	add_normalised_map(after);
	cpu_record(&after->cpu, part(after, HANDOFF_PART_CPU));
	after_stage(after, HANDOFF_STAGE_JUMP);
	add_telemetry(after);
	if (handoff_block_finish(&after->block) != 0)
		stop(STOP_SEAL, (struct stop_detail){ after->block.used_bytes, after->block.capacity_bytes, 0, 0 });
	header->crc32c = cpu_crc32c(&after->cpu, 0, header, header->total_bytes);
	tables_enter_kernel(after->entry_virt, after->stack_top_virt, (uint64_t)after->block.header, HANDOFF_MAGIC);
}

void after_exit(struct after *after)
{
	tables_catch(after->tables_phys);
	after_stage(after, HANDOFF_STAGE_EXITED);
	tables_switch(
		&(struct tables_switch){
			.page_tables_phys = after->page_tables.pool_phys,
			.tables_phys = after->tables_phys,
			.stack_top_virt = after->stack_top_virt,
			.nx = after->cpu.nx,
		},
		after_switch, after);
}
