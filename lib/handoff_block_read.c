/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the handoff block: the checks of its frame (K1, K2) and the accessors that rely on them.  Run in the kernel, on the
 * host over dumps, and under fuzzers: every byte is hostile until handoff_block_check() has said otherwise.  Pure.
 */
#include <stddef.h>
#include "lib/handoff_block.h"
#include "lib/crc32c.h"

enum part_form { PART_STRUCT = 1, PART_ARRAY, PART_STRIDE, PART_TEXT };

/* What a part looks like in the version that brought it; a later minor version may make elements longer, never shorter. */
struct part_rule {
	enum part_form form;
	uint32_t entry_bytes;
	uint32_t required;
};
static const struct part_rule part_rules[] = {
	[HANDOFF_PART_RAW_MAP] = { PART_STRIDE, 1, 1 },
	[HANDOFF_PART_MEMORY] = { PART_ARRAY, sizeof(struct handoff_range), 1 },
	[HANDOFF_PART_OWNED] = { PART_ARRAY, sizeof(struct handoff_range), 1 },
	[HANDOFF_PART_EXIT] = { PART_STRUCT, sizeof(struct handoff_exit), 1 },
	[HANDOFF_PART_ATTEMPTS] = { PART_ARRAY, sizeof(struct handoff_attempt), 1 },
	[HANDOFF_PART_CPU] = { PART_STRUCT, sizeof(struct handoff_cpu), 1 },
	[HANDOFF_PART_KERNEL] = { PART_STRUCT, sizeof(struct handoff_kernel), 1 },
	[HANDOFF_PART_SEGMENTS] = { PART_ARRAY, sizeof(struct handoff_segment), 1 },
	[HANDOFF_PART_CMDLINE] = { PART_TEXT, 1, 0 },
	[HANDOFF_PART_MODULES] = { PART_ARRAY, sizeof(struct handoff_module), 0 },
	[HANDOFF_PART_FRAMEBUFFER] = { PART_STRUCT, sizeof(struct handoff_framebuffer), 0 },
	[HANDOFF_PART_FIRMWARE] = { PART_STRUCT, sizeof(struct handoff_firmware), 1 },
	[HANDOFF_PART_STAGES] = { PART_ARRAY, sizeof(struct handoff_stage), 1 },
	[HANDOFF_PART_SEED] = { PART_STRUCT, sizeof(struct handoff_seed), 0 },
	[HANDOFF_PART_LOADER] = { PART_STRUCT, sizeof(struct handoff_loader), 1 },
	[HANDOFF_PART_STRINGS] = { PART_TEXT, 1, 0 },
	[HANDOFF_PART_LOG] = { PART_TEXT, 1, 0 },
	[HANDOFF_PART_LAST_BOOT] = { PART_STRUCT, sizeof(struct handoff_last_boot), 0 },
};
enum { PART_TYPES = sizeof(part_rules) / sizeof(part_rules[0]) };

static const struct handoff_part *part_at(const struct handoff_header *block, uint32_t index)
{
	uint64_t offset = block->header_bytes + (uint64_t)index * block->part_bytes;

	return (const struct handoff_part *)((const uint8_t *)block + offset);
}

static uint64_t directory_end(const struct handoff_header *block)
{
	return block->header_bytes + (uint64_t)block->part_count * block->part_bytes;
}

static const struct handoff_part *part_find(const struct handoff_header *block, uint32_t type)
{
	for (uint32_t i = 0; i < block->part_count; i++)
		if (part_at(block, i)->type == type)
			return part_at(block, i);
	return NULL;
}

static const void *element_at(const struct handoff_header *block, const struct handoff_part *part, uint64_t at)
{
	return (const uint8_t *)block + part->offset + at;
}

static enum handoff_block_status check_sizes(const struct handoff_header *block, uint64_t bytes)
{
	if (block->header_bytes < sizeof(struct handoff_header) || block->header_bytes % 8 != 0)
		return HANDOFF_BLOCK_BAD_SIZE;
	if (block->part_bytes < sizeof(struct handoff_part) || block->part_bytes % 8 != 0)
		return HANDOFF_BLOCK_BAD_SIZE;
	if (block->total_bytes > bytes || block->total_bytes > block->capacity_bytes)
		return HANDOFF_BLOCK_BAD_SIZE;
	if (directory_end(block) > block->total_bytes) /* 32-bit factors: the sum does not wrap */
		return HANDOFF_BLOCK_BAD_SIZE;
	if ((block->capacity_bytes | block->block_phys) % HANDOFF_PAGE_BYTES != 0)
		return HANDOFF_BLOCK_BAD_SIZE;
	if (block->block_phys > UINT64_MAX - block->capacity_bytes)
		return HANDOFF_BLOCK_BAD_SIZE;
	return HANDOFF_BLOCK_OK;
}

static uint32_t checksum(const struct handoff_header *block)
{
	static const uint32_t zero;
	const uint8_t *bytes = (const uint8_t *)block;
	uint64_t at = offsetof(struct handoff_header, crc32c), behind = at + sizeof(zero);

	uint32_t crc = crc32c(0, bytes, at);
	crc = crc32c(crc, &zero, sizeof(zero));
	return crc32c(crc, bytes + behind, block->total_bytes - behind);
}

static enum handoff_block_status check_place(const struct handoff_header *block, const struct handoff_part *part)
{
	if (part->offset % 8 != 0 || part->offset < directory_end(block) || part->offset > block->total_bytes)
		return HANDOFF_BLOCK_PART_OUTSIDE;
	if (part->bytes > block->total_bytes - part->offset)
		return HANDOFF_BLOCK_PART_OUTSIDE;
	if (part->bytes == 0 || part->entry_bytes == 0)
		return HANDOFF_BLOCK_PART_SHORT;
	return HANDOFF_BLOCK_OK;
}

static enum handoff_block_status check_form(const struct handoff_header *block, const struct handoff_part *part)
{
	const struct part_rule *rule = &part_rules[part->type];

	if (part->entry_bytes < rule->entry_bytes)
		return HANDOFF_BLOCK_PART_SHORT;
	if (rule->form == PART_STRUCT && part->bytes != part->entry_bytes)
		return HANDOFF_BLOCK_PART_SHORT;
	if (rule->form == PART_ARRAY && (part->entry_bytes % 8 != 0 || part->bytes % part->entry_bytes != 0))
		return HANDOFF_BLOCK_PART_SHORT;
	if (rule->form == PART_TEXT) {
		if (part->entry_bytes != 1)
			return HANDOFF_BLOCK_PART_SHORT;
		uint64_t end = part->offset + part->bytes;
		if (end == block->total_bytes || ((const uint8_t *)block)[end] != 0)
			return HANDOFF_BLOCK_BAD_STRING;
	}
	return HANDOFF_BLOCK_OK;
}

/* Every entry of the directory.  Types of a later minor version must lie inside the block, more is not known of them. */
static enum handoff_block_status check_parts(const struct handoff_header *block)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < block->part_count; i++) {
		const struct handoff_part *part = part_at(block, i);
		enum handoff_block_status status = check_place(block, part);

		if (status == HANDOFF_BLOCK_OK && part->type > 0 && part->type < PART_TYPES) {
			if (seen & UINT32_C(1) << part->type)
				return HANDOFF_BLOCK_PART_TWICE;
			seen |= UINT32_C(1) << part->type;
			status = check_form(block, part);
		}
		if (status != HANDOFF_BLOCK_OK)
			return status;
	}
	return HANDOFF_BLOCK_OK;
}

static enum handoff_block_status check_pairs(const struct handoff_header *block)
{
	for (uint32_t type = 1; type < PART_TYPES; type++) {
		const struct handoff_part *part = part_find(block, type);

		for (uint32_t other = 1; part != NULL && other < type; other++) {
			const struct handoff_part *before = part_find(block, other);

			if (before != NULL && part->offset < before->offset + before->bytes &&
			    before->offset < part->offset + part->bytes)
				return HANDOFF_BLOCK_PART_OVERLAP;
		}
	}
	for (uint32_t type = 1; type < PART_TYPES; type++)
		if (part_rules[type].required && part_find(block, type) == NULL)
			return HANDOFF_BLOCK_PART_MISSING;
	return HANDOFF_BLOCK_OK;
}

/* 1 when offset is 0 or lies in STRINGS: the NUL behind that part ends every string of it. */
static int string_inside(const struct handoff_header *block, uint64_t offset)
{
	const struct handoff_part *strings = part_find(block, HANDOFF_PART_STRINGS);

	if (offset == 0)
		return 1;
	return strings != NULL && offset >= strings->offset && offset - strings->offset < strings->bytes;
}

/* 1 when the variable's name has its NUL, or there is none. */
static int variable_named(const struct handoff_header *block)
{
	const struct handoff_last_boot *boot = handoff_part(block, HANDOFF_PART_LAST_BOOT, NULL, NULL);
	uint32_t at = 0, characters = sizeof(boot->name) / sizeof(boot->name[0]);

	while (boot != NULL && at < characters && boot->name[at] != 0)
		at++;
	return at < characters;
}

static enum handoff_block_status check_strings(const struct handoff_header *block)
{
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	const struct handoff_part *modules = part_find(block, HANDOFF_PART_MODULES);

	if (!string_inside(block, firmware->vendor_offset) || !string_inside(block, loader->version_offset) || !variable_named(block))
		return HANDOFF_BLOCK_BAD_STRING;
	for (uint64_t at = 0; modules != NULL && at < modules->bytes; at += modules->entry_bytes) {
		const struct handoff_module *module = element_at(block, modules, at);

		if (!string_inside(block, module->name_offset))
			return HANDOFF_BLOCK_BAD_STRING;
	}
	return HANDOFF_BLOCK_OK;
}

/* A 32-bit field of every element of an array part, or-ed together. */
static uint32_t fields_or(const struct handoff_header *block, uint32_t type, uint64_t field_offset)
{
	const struct handoff_part *part = part_find(block, type);
	uint32_t all = 0;

	for (uint64_t at = 0; part != NULL && at < part->bytes; at += part->entry_bytes)
		all |= *(const uint32_t *)element_at(block, part, at + field_offset);
	return all;
}

/* Zero, or somebody has given a reserved field a meaning. */
static uint64_t reserved_fields(const struct handoff_header *block)
{
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	uint64_t module_field = offsetof(struct handoff_module, reserved0);

	return block->reserved0 | block->reserved1 | loader->reserved0 |
	       fields_or(block, HANDOFF_PART_SEGMENTS, offsetof(struct handoff_segment, reserved0)) |
	       fields_or(block, HANDOFF_PART_MODULES, module_field) |
	       fields_or(block, HANDOFF_PART_MODULES, module_field + sizeof(uint32_t)) |
	       fields_or(block, HANDOFF_PART_STAGES, offsetof(struct handoff_stage, reserved0));
}

enum handoff_block_status handoff_block_check(const void *data, uint64_t bytes)
{
	const struct handoff_header *block = data;

	if (data == NULL || (uintptr_t)data % 8 != 0)
		return HANDOFF_BLOCK_NULL;
	if (bytes < sizeof(*block))
		return HANDOFF_BLOCK_TOO_SHORT;
	if (block->magic != HANDOFF_MAGIC)
		return HANDOFF_BLOCK_BAD_MAGIC;
	if (block->version_major != HANDOFF_VERSION_MAJOR)
		return HANDOFF_BLOCK_BAD_VERSION;

	enum handoff_block_status status = check_sizes(block, bytes);
	if (status != HANDOFF_BLOCK_OK)
		return status;
	if (checksum(block) != block->crc32c)
		return HANDOFF_BLOCK_BAD_CHECKSUM;
	status = check_parts(block);
	if (status == HANDOFF_BLOCK_OK)
		status = check_pairs(block);
	if (status == HANDOFF_BLOCK_OK)
		status = check_strings(block);
	if (status != HANDOFF_BLOCK_OK)
		return status;
	if (block->version_minor <= HANDOFF_VERSION_MINOR && reserved_fields(block) != 0)
		return HANDOFF_BLOCK_BAD_RESERVED;
	return HANDOFF_BLOCK_OK;
}

const void *handoff_part(const struct handoff_header *block, uint32_t type, uint64_t *ret_bytes, uint32_t *ret_entry_bytes)
{
	const struct handoff_part *part = part_find(block, type);

	if (ret_bytes != NULL)
		*ret_bytes = part == NULL ? 0 : part->bytes;
	if (ret_entry_bytes != NULL)
		*ret_entry_bytes = part == NULL ? 0 : part->entry_bytes;
	return part == NULL ? NULL : (const uint8_t *)block + part->offset;
}

const void *handoff_element(const struct handoff_header *block, uint32_t type, uint64_t index)
{
	const struct handoff_part *part = part_find(block, type);

	if (part == NULL || index >= part->bytes / part->entry_bytes)
		return NULL;
	return (const uint8_t *)block + part->offset + index * part->entry_bytes;
}

uint64_t handoff_count(const struct handoff_header *block, uint32_t type)
{
	const struct handoff_part *part = part_find(block, type);

	return part == NULL ? 0 : part->bytes / part->entry_bytes;
}

const char *handoff_string(const struct handoff_header *block, uint64_t offset)
{
	if (offset == 0 || !string_inside(block, offset))
		return "";
	return (const char *)block + offset;
}
