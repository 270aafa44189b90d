/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequences of set, remove, alloc and free on the memory database against a model with one entry for each page of a tiny
 * machine.  Each operation is 6 bytes of input.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/memory_map.h"

enum { PAGES = 288, RANGES = 40, OPERATION_BYTES = 6, OPERATIONS_MAX = 128 }; /* 256 pages are 1 MiB */
#define PAGE HANDOFF_PAGE_BYTES

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* The lower bits of a byte as the four things by which ranges differ; never type 0. */
static struct handoff_range kind_of(uint8_t byte)
{
	return (struct handoff_range){.type = 1 + (byte & 1), .lifetime = byte >> 1 & 1, .owner = byte >> 2 & 1, .attributes = byte >> 3 & 1};
}

static int same_kind(const struct handoff_range *a, const struct handoff_range *b)
{
	return a->type == b->type && a->lifetime == b->lifetime && a->owner == b->owner && a->attributes == b->attributes;
}

static void fill(struct handoff_range *model, uint64_t start, uint64_t pages, struct handoff_range kind)
{
	uint64_t i;

	for (i = start; i < start + pages; i++)
		model[i] = kind;
}

static void compare(const struct memory_map *map, const struct handoff_range *model)
{
	uint64_t page;

	require(memory_map_valid(map));
	for (page = 0; page < PAGES; page++) {
		const struct handoff_range *found = memory_map_find(map, page * PAGE);

		require(found ? same_kind(found, &model[page]) : model[page].type == 0);
	}
	require(map->count == 0 || map->ranges[map->count - 1].end_phys <= PAGES * PAGE);
}

static int model_fits(const struct handoff_range *model, const struct memory_map_request *wanted, uint64_t page)
{
	uint64_t i;

	if (page == 0 || page + wanted->pages > PAGES || (page < 256 && !wanted->below_1m))
		return 0;
	if (wanted->alignment && page * PAGE % wanted->alignment != 0)
		return 0;
	if (wanted->policy == MEMORY_MAP_EXACTLY && page * PAGE != wanted->address_phys)
		return 0;
	if (wanted->policy == MEMORY_MAP_AT_MOST && (page + wanted->pages) * PAGE - 1 > wanted->address_phys)
		return 0;
	for (i = page; i < page + wanted->pages; i++)
		if (model[i].type != wanted->from_type || model[i].lifetime != wanted->from_lifetime)
			return 0;
	return 1;
}

static void alloc(struct memory_map *map, struct handoff_range *model, const uint8_t *data)
{
	struct memory_map_request wanted = {
		.policy = (enum memory_map_policy)(data[1] % 3), .bottom_up = data[1] >> 6 & 1, .below_1m = data[1] >> 7,
		.pages = 1 + data[2] % 8, .alignment = data[2] & 0x80 ? PAGE << (data[2] >> 4 & 7) : 0,
		.address_phys = (uint64_t)(data[3] | (data[4] & 1) << 8) * PAGE, .from_type = 1 + (data[4] >> 1 & 1),
		.from_lifetime = data[4] >> 2 & 1,
	};
	uint64_t page, expected = 0, start = 0;
	enum memory_map_status status;

	for (page = 0; page < PAGES; page++)
		if (model_fits(model, &wanted, page) && (expected == 0 || !wanted.bottom_up))
			expected = page;
	status = memory_map_alloc(map, &wanted, kind_of(data[5]), &start);
	require(status == (expected ? MEMORY_MAP_OK : MEMORY_MAP_NOT_FOUND) || (expected && status == MEMORY_MAP_FULL));
	require(status != MEMORY_MAP_FULL || map->count + 2 > map->capacity);
	if (status != MEMORY_MAP_OK)
		return;
	require(start == expected * PAGE);
	fill(model, expected, wanted.pages, kind_of(data[5]));
}

static void change(struct memory_map *map, struct handoff_range *model, const uint8_t *data)
{
	uint64_t start = (data[1] | (data[2] & 1u) << 8) % PAGES, pages = 1 + data[3] % 64, i;
	struct handoff_range range = kind_of(data[5]);
	int owned = 1;
	enum memory_map_status status;

	if (start + pages > PAGES)
		pages = PAGES - start;
	range.start_phys = start * PAGE;
	range.end_phys = (start + pages) * PAGE;
	for (i = start; i < start + pages; i++)
		owned &= model[i].type != 0 && model[i].owner == (data[4] & 1);
	if (data[0] % 4 == 0)
		status = memory_map_set(map, range);
	else if (data[0] % 4 == 1)
		status = memory_map_remove(map, range.start_phys, range.end_phys);
	else
		status = memory_map_free(map, range.start_phys, pages, data[4] & 1, range);
	require(status == MEMORY_MAP_OK || (status == MEMORY_MAP_FULL && map->count + 2 > map->capacity) ||
		(status == MEMORY_MAP_NOT_FOUND && data[0] % 4 == 2 && !owned));
	require(!(status == MEMORY_MAP_OK && data[0] % 4 == 2 && !owned));
	if (status == MEMORY_MAP_OK)
		fill(model, start, pages, data[0] % 4 == 1 ? (struct handoff_range){0} : range);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct handoff_range model[PAGES] = {0}, before[RANGES];
	struct handoff_range *buffer = malloc(RANGES * sizeof(*buffer));
	struct memory_map map;
	size_t i;

	require(memory_map_init(&map, buffer, RANGES * sizeof(*buffer)) == MEMORY_MAP_OK);
	for (i = 0; i < OPERATIONS_MAX && (i + 1) * OPERATION_BYTES <= bytes; i++) {
		uint64_t count = map.count, key = map.key;

		memcpy(before, map.ranges, count * sizeof(*before));
		if (data[i * OPERATION_BYTES] % 4 == 3)
			alloc(&map, model, data + i * OPERATION_BYTES);
		else
			change(&map, model, data + i * OPERATION_BYTES);
		compare(&map, model);
		require((map.key == key) == (map.count == count && memcmp(before, map.ranges, count * sizeof(*before)) == 0));
	}
	free(buffer);
	return 0;
}
