/* SPDX-License-Identifier: BSD-2-Clause */
/* Building the fixture's block as the loader does it, and what tests need to break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/memory_normalise.h"
#include "test/unit/block_fixture.h"

#define PAGE UINT64_C(4096)

struct handoff_header *block_fixture_header(struct block_fixture *f)
{
	return (struct handoff_header *)f->block;
}

static void add_known_parts(struct block_fixture *f, struct handoff_builder *builder)
{
	static const struct handoff_stage stages[] = {
		{ .stage = HANDOFF_STAGE_ENTRY, .tsc = 1000 },
		{ .stage = HANDOFF_STAGE_EXIT, .tsc = 8000 },
		{ .stage = HANDOFF_STAGE_JUMP, .tsc = 9500 },
	};
	char strings[256] = { 0 };
	int length = snprintf(strings, sizeof(strings), "%s%cBaton 0.1.0%cinitrd", f->vendor, 0, 0);
	struct handoff_seed seed = { .source = HANDOFF_SEED_EFI_RNG, .bytes = 32 };

	handoff_block_add(builder, HANDOFF_PART_STRINGS, 1, strings, (uint64_t)length);
	f->firmware.vendor_offset = handoff_block_offset(builder, HANDOFF_PART_STRINGS);
	f->loader.version_offset = f->firmware.vendor_offset + strlen(f->vendor) + 1;
	struct handoff_module module = {
		.phys = FIXTURE_MODULE_PHYS, .bytes = 5000, .name_offset = f->loader.version_offset + sizeof("Baton 0.1.0"),
	};
	for (uint8_t i = 0; i < 32; i++)
		seed.seed[i] = (uint8_t)(i * 7);

	handoff_block_add(builder, HANDOFF_PART_CPU, sizeof(f->cpu), &f->cpu, sizeof(f->cpu));
	handoff_block_add(builder, HANDOFF_PART_KERNEL, sizeof(f->kernel), &f->kernel, sizeof(f->kernel));
	handoff_block_add(builder, HANDOFF_PART_SEGMENTS, sizeof(f->segments[0]), f->segments, sizeof(f->segments));
	handoff_block_add(builder, HANDOFF_PART_CMDLINE, 1, "exit=qemu", 9);
	handoff_block_add(builder, HANDOFF_PART_MODULES, sizeof(module), &module, sizeof(module));
	if (f->framebuffer.base_phys != 0)
		handoff_block_add(builder, HANDOFF_PART_FRAMEBUFFER, sizeof(f->framebuffer), &f->framebuffer,
				  sizeof(f->framebuffer));
	handoff_block_add(builder, HANDOFF_PART_FIRMWARE, sizeof(f->firmware), &f->firmware, sizeof(f->firmware));
	handoff_block_add(builder, HANDOFF_PART_STAGES, sizeof(stages[0]), stages, sizeof(stages));
	handoff_block_add(builder, HANDOFF_PART_SEED, sizeof(seed), &seed, sizeof(seed));
	handoff_block_add(builder, HANDOFF_PART_LOADER, sizeof(f->loader), &f->loader, sizeof(f->loader));
	handoff_block_add(builder, HANDOFF_PART_LAST_BOOT, sizeof(f->last_boot), &f->last_boot, sizeof(f->last_boot));
	handoff_block_add(builder, HANDOFF_PART_LOG, 1, "fixture: all is well\n", 21);
	handoff_block_add(builder, HANDOFF_PART_OWNED, sizeof(f->owned[0]), f->owned, f->owned_count * sizeof(f->owned[0]));
}

/* As the loader does it: into the block, in place.  A map that cannot be normalised is left as it comes. */
static void add_maps(struct block_fixture *f, struct handoff_builder *builder)
{
	static uint64_t work[16384];
	uint64_t raw_bytes = f->raw_count * f->stride;
	uint8_t *raw = handoff_block_reserve(builder, HANDOFF_PART_RAW_MAP, 8, FIXTURE_MAP_CAPACITY);
	struct memory_map map;

	assert_true(f->stride <= sizeof(f->raw[0]) && raw_bytes <= FIXTURE_MAP_CAPACITY);
	for (uint64_t i = 0; i < f->raw_count; i++)
		memcpy(raw + i * f->stride, &f->raw[i], f->stride);
	handoff_block_trim(builder, HANDOFF_PART_RAW_MAP, f->stride, raw_bytes);
	uint64_t room = (2 * (f->raw_count + f->owned_count) + 1) * sizeof(struct handoff_range);
	void *normalised = handoff_block_reserve(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), room);
	const struct memory_normalise_input input = {
		.raw = raw, .raw_bytes = raw_bytes, .descriptor_bytes = f->stride, .descriptor_version = f->exit.descriptor_version,
		.physical_bits = f->cpu.physical_bits, .owned = f->owned, .owned_count = f->owned_count,
	};
	assert_non_null(normalised);
	assert_int_equal(memory_map_init(&map, normalised, room), MEMORY_MAP_OK);
	assert_int_not_equal(memory_normalise(&input, &map, work, sizeof(work), NULL), MEMORY_NORMALISE_WORK_SMALL);
	if (map.count == 0)
		map.count = 1;
	handoff_block_trim(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), map.count * sizeof(struct handoff_range));
}

void block_fixture_build(struct block_fixture *f)
{
	struct handoff_builder builder;
	uint64_t raw_bytes = f->raw_count * f->stride + f->raw_extra_bytes;

	memset(f->block, 0, sizeof(f->block));
	handoff_block_begin(&builder, f->block, sizeof(f->block), FIXTURE_BLOCK_PHYS);
	add_known_parts(f, &builder);
	f->exit.returned_bytes = raw_bytes;
	for (int i = 0; i < 2; i++) {
		f->attempts[i].map_bytes = raw_bytes;
		f->attempts[i].descriptor_bytes = f->stride;
		f->attempts[i].descriptor_count = (uint32_t)f->raw_count;
		f->attempts[i].descriptor_version = f->exit.descriptor_version;
	}
	struct handoff_exit *exit = handoff_block_add(&builder, HANDOFF_PART_EXIT, sizeof(f->exit), &f->exit, sizeof(f->exit));
	handoff_block_add(&builder, HANDOFF_PART_ATTEMPTS, sizeof(f->attempts[0]), f->attempts, sizeof(f->attempts));
	assert_non_null(exit);
	add_maps(f, &builder);
	exit->map_offset = handoff_block_offset(&builder, HANDOFF_PART_RAW_MAP);
	assert_int_equal(handoff_block_seal(&builder), 0);
	assert_int_equal(handoff_block_check(f->block, sizeof(f->block)), HANDOFF_BLOCK_OK);
}

struct handoff_part *block_fixture_entry(struct block_fixture *f, uint32_t type)
{
	struct handoff_part *directory = (struct handoff_part *)(block_fixture_header(f) + 1);

	for (uint32_t i = 0; i < block_fixture_header(f)->part_count; i++)
		if (directory[i].type == type)
			return &directory[i];
	fail_msg("no part %u", type);
	return NULL;
}

void *block_fixture_part(struct block_fixture *f, uint32_t type)
{
	return (uint8_t *)f->block + block_fixture_entry(f, type)->offset;
}

void block_fixture_reseal(struct block_fixture *f)
{
	struct handoff_header *header = block_fixture_header(f);

	header->crc32c = 0;
	header->crc32c = crc32c(0, header, header->total_bytes);
}

struct handoff_raw_descriptor *block_fixture_descriptor(struct block_fixture *f, uint64_t phys)
{
	for (uint64_t i = 0; i < f->raw_count; i++)
		if (phys - f->raw[i].known.physical_start < f->raw[i].known.number_of_pages * PAGE)
			return &f->raw[i].known;
	fail_msg("no descriptor covers %llx", (unsigned long long)phys);
	return NULL;
}

struct handoff_range *block_fixture_owned(struct block_fixture *f, uint64_t phys)
{
	for (uint64_t i = 0; i < f->owned_count; i++)
		if (phys >= f->owned[i].start_phys && phys < f->owned[i].end_phys)
			return &f->owned[i];
	fail_msg("no owned range covers %llx", (unsigned long long)phys);
	return NULL;
}
