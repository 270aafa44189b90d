/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building the handoff block, in the loader between the steps "prepare" and "seal".  Parts are appended one behind the
 * other; nothing moves once it stands, because the firmware writes its memory map straight into a reserved part.  Pure:
 * writes only inside [block, block + capacity).  What does not fit is remembered and refused by the seal (L27: after exit
 * nothing may fail that could have been known before).
 */
#include "lib/handoff_block.h"
#include "lib/crc32c.h"
#include "lib/freestanding/memory.h"

#define PART_ALIGN UINT64_C(8)

static uint64_t round_up(uint64_t value)
{
	return (value + PART_ALIGN - 1) & ~(PART_ALIGN - 1);
}

static struct handoff_part *directory(const struct handoff_builder *builder)
{
	return (struct handoff_part *)((uint8_t *)builder->header + builder->header->header_bytes);
}

static uint8_t *place(const struct handoff_builder *builder, uint64_t offset)
{
	return (uint8_t *)builder->header + offset;
}

static struct handoff_part *find(const struct handoff_builder *builder, uint32_t type)
{
	if (builder->header == NULL)
		return NULL;
	for (uint32_t i = 0; i < builder->header->part_count; i++)
		if (directory(builder)[i].type == type)
			return &directory(builder)[i];
	return NULL;
}

void handoff_block_begin(struct handoff_builder *builder, void *block, uint64_t capacity_bytes, uint64_t block_phys)
{
	uint64_t used = sizeof(struct handoff_header) + HANDOFF_BLOCK_PARTS_MAX * sizeof(struct handoff_part);

	*builder = (struct handoff_builder){ .capacity_bytes = capacity_bytes, .used_bytes = used };
	if (block == NULL || (uintptr_t)block % PART_ALIGN != 0 || capacity_bytes < used ||
	    (capacity_bytes | block_phys) % HANDOFF_PAGE_BYTES != 0) {
		builder->failed = 1;
		return;
	}
	builder->header = block;
	*builder->header = (struct handoff_header){
		.magic = HANDOFF_MAGIC,
		.version_major = HANDOFF_VERSION_MAJOR,
		.version_minor = HANDOFF_VERSION_MINOR,
		.header_bytes = sizeof(struct handoff_header),
		.capacity_bytes = capacity_bytes,
		.block_phys = block_phys,
		.part_bytes = sizeof(struct handoff_part),
	};
	memset(directory(builder), 0, HANDOFF_BLOCK_PARTS_MAX * sizeof(struct handoff_part));
}

/* Enters a part of `bytes` bytes at the end of what is used, `tail` more bytes belong to it; NULL when it cannot be. */
static uint8_t *append(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, uint64_t bytes, uint64_t tail)
{
	uint64_t room = builder->capacity_bytes - builder->used_bytes;

	if (builder->failed)
		return NULL;
	/* room is a multiple of 8, so what fits still fits when rounded up. */
	if (type == 0 || entry_bytes == 0 || bytes == 0 || bytes > room || tail > room - bytes ||
	    builder->header->part_count == HANDOFF_BLOCK_PARTS_MAX || find(builder, type) != NULL) {
		builder->failed = 1;
		return NULL;
	}
	uint64_t offset = builder->used_bytes;
	directory(builder)[builder->header->part_count++] =
		(struct handoff_part){ .type = type, .entry_bytes = entry_bytes, .offset = offset, .bytes = bytes };
	builder->used_bytes = round_up(offset + bytes + tail);
	memset(place(builder, offset + bytes), 0, (size_t)(builder->used_bytes - offset - bytes));
	return place(builder, offset);
}

void *handoff_block_add(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, const void *data, uint64_t bytes)
{
	if (bytes == 0)
		return NULL;
	if (entry_bytes == 0 || bytes % entry_bytes != 0) {
		builder->failed = 1;
		return NULL;
	}
	uint8_t *at = append(builder, type, entry_bytes, bytes, 1);
	if (at != NULL && data != NULL)
		memcpy(at, data, (size_t)bytes);
	else if (at != NULL)
		memset(at, 0, (size_t)bytes);
	return at;
}

void *handoff_block_reserve(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, uint64_t max_bytes)
{
	return append(builder, type, entry_bytes, max_bytes, 0);
}

/* A part without content is absent: the last entry of the directory takes its place. */
static void drop(struct handoff_builder *builder, struct handoff_part *part)
{
	struct handoff_part *last = &directory(builder)[--builder->header->part_count];

	*part = *last;
	*last = (struct handoff_part){ 0 };
}

void handoff_block_trim(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, uint64_t bytes)
{
	struct handoff_part *part = find(builder, type);

	if (part == NULL || entry_bytes == 0 || bytes > part->bytes || bytes % entry_bytes != 0) {
		builder->failed = 1;
		return;
	}
	uint64_t offset = part->offset, old_end = offset + part->bytes;
	/* What an earlier attempt left behind the end does not go to the kernel. */
	memset(place(builder, offset + bytes), 0, (size_t)(old_end - offset - bytes));
	if (round_up(old_end) == builder->used_bytes)
		builder->used_bytes = round_up(offset + bytes);
	part->entry_bytes = entry_bytes;
	part->bytes = bytes;
	if (bytes == 0)
		drop(builder, part);
}

int handoff_block_finish(struct handoff_builder *builder)
{
	if (builder->failed)
		return -1;
	builder->header->total_bytes = builder->used_bytes;
	builder->header->crc32c = 0;
	return 0;
}

int handoff_block_seal(struct handoff_builder *builder)
{
	if (handoff_block_finish(builder) != 0)
		return -1;
	builder->header->crc32c = crc32c(0, builder->header, builder->header->total_bytes);
	return 0;
}

uint64_t handoff_block_offset(const struct handoff_builder *builder, uint32_t type)
{
	const struct handoff_part *part = find(builder, type);

	return part == NULL ? 0 : part->offset;
}
