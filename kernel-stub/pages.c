/* SPDX-License-Identifier: BSD-2-Clause */
/* The page allocator. */
#include "kernel-stub/pages.h"
#include "lib/handoff_block.h"

enum { SPARE_RANGES = 64, BELOW_1M = 1 << 20 };

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + HANDOFF_PAGE_BYTES - 1) & ~(HANDOFF_PAGE_BYTES - 1);
}

static struct handoff_range taken_by(enum pages_owner owner)
{
	return (struct handoff_range){
		.type = HANDOFF_MEMORY_USABLE, .owner = owner, .lifetime = HANDOFF_LIFETIME_NEVER};
}

static const struct handoff_range nobodys = {.type = HANDOFF_MEMORY_USABLE, .lifetime = HANDOFF_LIFETIME_FREE};

static int is_free(const struct handoff_range *range)
{
	return range->lifetime == HANDOFF_LIFETIME_FREE;
}

/* The end of the highest free range that holds `bytes` above 1 MiB; 0 = none. */
static uint64_t place_for_copy(const struct handoff_header *block, uint64_t bytes)
{
	for (uint64_t i = handoff_count(block, HANDOFF_PART_MEMORY); i-- > 0;) {
		const struct handoff_range *range = handoff_element(block, HANDOFF_PART_MEMORY, i);

		if (is_free(range) && range->start_phys >= BELOW_1M && range->end_phys > range->start_phys &&
		    range->end_phys - range->start_phys >= bytes)
			return range->end_phys - bytes;
	}
	return 0;
}

/* What is free is all the same from now on: RAM nobody used, what the loader worked in; capabilities beyond write-back, which
   it has (K23), would only keep neighbours apart. */
static struct handoff_range as_free(const struct handoff_range *range)
{
	struct handoff_range free = nobodys;

	free.start_phys = range->start_phys;
	free.end_phys = range->end_phys;
	return free;
}

int pages_begin(struct memory_map *map, const struct handoff_header *block)
{
	uint64_t count = handoff_count(block, HANDOFF_PART_MEMORY);
	uint64_t bytes = round_up((2 * count + SPARE_RANGES) * sizeof(struct handoff_range));
	uint64_t place = place_for_copy(block, bytes);
	struct handoff_range self = taken_by(PAGES_OWNER_MAP);

	if (!place || memory_map_init(map, (void *)(uintptr_t)place, bytes) != MEMORY_MAP_OK)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_range range = *(const struct handoff_range *)handoff_element(block, HANDOFF_PART_MEMORY, i);

		if (memory_map_set(map, is_free(&range) ? as_free(&range) : range) != MEMORY_MAP_OK)
			return -1;
	}
	self.start_phys = place;
	self.end_phys = place + bytes;
	return memory_map_set(map, self) == MEMORY_MAP_OK ? 0 : -1;
}

static struct memory_map_request request_for(uint64_t pages)
{
	return (struct memory_map_request){
		.policy = MEMORY_MAP_ANY,
		.from_type = HANDOFF_MEMORY_USABLE,
		.from_lifetime = HANDOFF_LIFETIME_FREE,
		.pages = pages,
	};
}

void *pages_take(struct memory_map *map, uint64_t bytes, uint64_t below_phys, enum pages_owner owner)
{
	struct memory_map_request request = request_for(round_up(bytes) / HANDOFF_PAGE_BYTES);
	uint64_t start;

	if (below_phys) {
		request.policy = MEMORY_MAP_AT_MOST;
		request.address_phys = below_phys - 1;
	}
	if (memory_map_alloc(map, &request, taken_by(owner), &start) != MEMORY_MAP_OK)
		return 0;
	return (void *)(uintptr_t)start;
}

int pages_give_back(struct memory_map *map, void *pages, uint64_t bytes, enum pages_owner owner)
{
	enum memory_map_status status =
		memory_map_free(map, (uintptr_t)pages, round_up(bytes) / HANDOFF_PAGE_BYTES, owner, nobodys);

	return status == MEMORY_MAP_OK ? 0 : -1;
}

void pages_give_back_all(struct memory_map *map, enum pages_owner owner)
{
	/* Merging only shortens the list behind the range that is given back. */
	for (uint64_t i = 0; i < map->count; i++) {
		uint64_t start = map->ranges[i].start_phys, bytes = map->ranges[i].end_phys - start;

		if (map->ranges[i].owner == (uint32_t)owner)
			pages_give_back(map, (void *)(uintptr_t)start, bytes, owner);
	}
}

uint64_t pages_held(const struct memory_map *map, enum pages_owner owner)
{
	uint64_t bytes = 0;

	for (uint64_t i = 0; i < map->count; i++)
		if (map->ranges[i].owner == owner)
			bytes += map->ranges[i].end_phys - map->ranges[i].start_phys;
	return bytes;
}

uint64_t pages_free(const struct memory_map *map)
{
	uint64_t bytes = 0;

	for (uint64_t i = 0; i < map->count; i++)
		if (is_free(&map->ranges[i]))
			bytes += map->ranges[i].end_phys - map->ranges[i].start_phys;
	return bytes;
}

uint64_t pages_take_all(struct memory_map *map, enum pages_owner owner)
{
	uint64_t before = pages_held(map, owner), pages = 1, start;

	while (pages * HANDOFF_PAGE_BYTES < pages_free(map))
		pages *= 2;
	for (; pages > 0; pages /= 2) {
		struct memory_map_request request = request_for(pages);

		request.below_1m = 1;
		while (memory_map_alloc(map, &request, taken_by(owner), &start) == MEMORY_MAP_OK)
			;
	}
	return pages_held(map, owner) - before;
}
