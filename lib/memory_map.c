/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory database.  One array of ranges, kept sorted, disjoint and merged by every operation, so that a place is found
 * by binary search and two maps that say the same are the same bytes.  Pure: no allocation, no recursion; an operation that
 * fails has changed nothing.
 */
#include "lib/memory_map.h"
#include "lib/freestanding/memory.h"

#define PAGE HANDOFF_PAGE_BYTES
#define ONE_MIB UINT64_C(0x100000)

/*@ assigns \nothing;
    ensures \result != 0 <==> address % PAGE == 0; */
static int is_page_aligned(uint64_t address)
{
	return address % PAGE == 0;
}

/*@ assigns \nothing; */
static int is_power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* Everything but the addresses. */
/*@ requires \valid_read(a) && \valid_read(b);
    assigns \nothing; */
static int same_kind(const struct handoff_range *a, const struct handoff_range *b)
{
	return a->attributes == b->attributes && a->type == b->type && a->owner == b->owner && a->lifetime == b->lifetime &&
	       a->index == b->index;
}

/*@ requires \valid_read(a) && \valid_read(b);
    assigns \nothing; */
static int same_range(const struct handoff_range *a, const struct handoff_range *b)
{
	return a->start_phys == b->start_phys && a->end_phys == b->end_phys && same_kind(a, b);
}

/* Index of the first range that ends above address; count when none does. */
/*@ requires memory_map_readable(map);
    assigns \nothing;
    ensures \result <= map->count;
    ensures memory_map_in_order(map->ranges, map->count) ==>
      (\forall integer i; 0 <= i < \result ==> map->ranges[i].end_phys <= address) &&
      (\forall integer i; \result <= i < map->count ==> map->ranges[i].end_phys > address); */
static uint64_t first_ending_above(const struct memory_map *map, uint64_t address)
{
	uint64_t low = 0, high = map->count;

	/* The common case of building a map in ascending order. */
	if (high != 0 && map->ranges[high - 1].end_phys <= address)
		return high;
	/*@ loop invariant 0 <= low <= high <= map->count;
	    loop invariant memory_map_in_order(map->ranges, map->count) ==>
	      (\forall integer i; 0 <= i < low ==> map->ranges[i].end_phys <= address) &&
	      (\forall integer i; high <= i < map->count ==> map->ranges[i].end_phys > address);
	    loop assigns low, high;
	    loop variant high - low; */
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (map->ranges[middle].end_phys > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Index of the first range from `from` on that starts at or above address; count when none does. */
/*@ requires memory_map_readable(map) && from <= map->count;
    assigns \nothing;
    ensures from <= \result <= map->count;
    ensures memory_map_in_order(map->ranges, map->count) ==>
      (\forall integer i; from <= i < \result ==> map->ranges[i].start_phys < address) &&
      (\forall integer i; \result <= i < map->count ==> map->ranges[i].start_phys >= address); */
static uint64_t first_starting_at(const struct memory_map *map, uint64_t from, uint64_t address)
{
	uint64_t low = from, high = map->count;

	/*@ loop invariant from <= low <= high <= map->count;
	    loop invariant memory_map_in_order(map->ranges, map->count) ==>
	      (\forall integer i; from <= i < low ==> map->ranges[i].start_phys < address) &&
	      (\forall integer i; high <= i < map->count ==> map->ranges[i].start_phys >= address);
	    loop assigns low, high;
	    loop variant high - low; */
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (map->ranges[middle].start_phys >= address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

enum memory_map_status memory_map_init(struct memory_map *map, void *buffer, uint64_t bytes)
{
	if (!buffer || (uintptr_t)buffer % _Alignof(struct handoff_range) != 0 || bytes < sizeof(struct handoff_range))
		return MEMORY_MAP_BAD_BUFFER;
	map->ranges = buffer;
	map->count = 0;
	map->capacity = bytes / sizeof(struct handoff_range);
	map->key = 0;
	return MEMORY_MAP_OK;
}

/* The generation key only has to differ from the last one. */
/*@ assigns \nothing;
    ensures \result != key; */
static uint64_t next_key(uint64_t key)
{
	return key == UINT64_MAX ? 0 : key + 1;
}

/* Copies ranges that may overlap.  The proof takes this contract for granted: it is memmove()'s. */
/*@ requires \valid_read(from + (0 .. count - 1)) && \valid(to + (0 .. count - 1));
    assigns to[0 .. count - 1];
    ensures \forall integer i; 0 <= i < count ==> to[i] == \old(from[i]); */
static void move_ranges(struct handoff_range *to, const struct handoff_range *from, uint64_t count)
{
	memmove(to, from, count * sizeof(*to));
}

/* Are ranges[0..count) those of `with`? */
/*@ requires \valid_read(ranges + (0 .. count - 1)) && \valid_read(with + (0 .. count - 1));
    assigns \nothing; */
static int are_same(const struct handoff_range *ranges, const struct handoff_range *with, uint64_t count)
{
	/*@ loop invariant 0 <= i <= count;
	    loop assigns i;
	    loop variant count - i; */
	for (uint64_t i = 0; i < count; i++)
		if (!same_range(&ranges[i], &with[i]))
			return 0;
	return 1;
}

/* Puts the `new_count` ranges of `with` in the place of ranges [first, last). */
/*@ requires memory_map_writable(map) && first <= last <= map->count && new_count <= 3;
    requires \valid_read(with + (0 .. new_count - 1));
    requires \separated(with + (0 .. new_count - 1), map, map->ranges + (0 .. map->capacity - 1));
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures map->count <= map->capacity;
    ensures \result == MEMORY_MAP_OK ==> map->count == \old(map->count) - (last - first) + new_count;
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static enum memory_map_status splice(struct memory_map *map, uint64_t first, uint64_t last, const struct handoff_range *with,
				     uint64_t new_count)
{
	struct handoff_range *ranges = map->ranges;
	uint64_t old_count = last - first, count = map->count - old_count + new_count;

	if (new_count > old_count && new_count - old_count > map->capacity - map->count)
		return MEMORY_MAP_FULL;
	if (new_count == old_count && are_same(ranges + first, with, new_count))
		return MEMORY_MAP_OK; /* no alteration, the key stays */
	if (new_count != old_count && last != map->count)
		move_ranges(ranges + first + new_count, ranges + last, map->count - last);
	move_ranges(ranges + first, with, new_count);
	map->count = count;
	map->key = next_key(map->key);
	return MEMORY_MAP_OK;
}

/* What is left of range `index` below `start` (and above `end`) is kept; returns how many ranges `ret_rest` got. */
/*@ requires memory_map_readable(map) && first <= last <= map->count && \valid(ret_rest);
    requires \separated(ret_rest, map, map->ranges + (0 .. map->capacity - 1));
    assigns *ret_rest;
    ensures \result == 0 || \result == 1; */
static uint64_t rest_below(const struct memory_map *map, uint64_t first, uint64_t last, uint64_t start,
			   struct handoff_range *ret_rest)
{
	if (first == last || map->ranges[first].start_phys >= start)
		return 0;
	*ret_rest = map->ranges[first];
	ret_rest->end_phys = start;
	return 1;
}

/*@ requires memory_map_readable(map) && first <= last <= map->count && \valid(ret_rest);
    requires \separated(ret_rest, map, map->ranges + (0 .. map->capacity - 1));
    assigns *ret_rest;
    ensures \result == 0 || \result == 1; */
static uint64_t rest_above(const struct memory_map *map, uint64_t first, uint64_t last, uint64_t end,
			   struct handoff_range *ret_rest)
{
	if (first == last || map->ranges[last - 1].end_phys <= end)
		return 0;
	*ret_rest = map->ranges[last - 1];
	ret_rest->start_phys = end;
	return 1;
}

enum memory_map_status memory_map_set(struct memory_map *map, struct handoff_range range)
{
	struct handoff_range with[3];
	uint64_t first, last, count = 0;

	if (range.start_phys >= range.end_phys || !is_page_aligned(range.start_phys) || !is_page_aligned(range.end_phys))
		return MEMORY_MAP_BAD_RANGE;
	first = first_ending_above(map, range.start_phys);
	last = first_starting_at(map, first, range.end_phys);
	/* Equal neighbours that only touch are drawn in, so that nothing remains to be merged. */
	if (first > 0 && map->ranges[first - 1].end_phys == range.start_phys && same_kind(&map->ranges[first - 1], &range))
		range.start_phys = map->ranges[--first].start_phys;
	if (last < map->count && map->ranges[last].start_phys == range.end_phys && same_kind(&map->ranges[last], &range))
		range.end_phys = map->ranges[last++].end_phys;

	count = rest_below(map, first, last, range.start_phys, &with[0]);
	if (count == 1 && same_kind(&with[0], &range)) {
		range.start_phys = with[0].start_phys;
		count = 0;
	}
	with[count++] = range;
	if (rest_above(map, first, last, range.end_phys, &with[count])) {
		if (same_kind(&with[count], &range))
			with[count - 1].end_phys = with[count].end_phys;
		else
			count++;
	}
	/*@ assert untouched: memory_map_unchanged{Pre, Here}(map->ranges, map->count); */
	return splice(map, first, last, with, count);
}

enum memory_map_status memory_map_remove(struct memory_map *map, uint64_t start_phys, uint64_t end_phys)
{
	struct handoff_range with[2];
	uint64_t first, last, count;

	if (start_phys >= end_phys || !is_page_aligned(start_phys) || !is_page_aligned(end_phys))
		return MEMORY_MAP_BAD_RANGE;
	first = first_ending_above(map, start_phys);
	last = first_starting_at(map, first, end_phys);
	count = rest_below(map, first, last, start_phys, &with[0]);
	count += rest_above(map, first, last, end_phys, &with[count]);
	/*@ assert untouched: memory_map_unchanged{Pre, Here}(map->ranges, map->count); */
	return splice(map, first, last, with, count);
}

const struct handoff_range *memory_map_find(const struct memory_map *map, uint64_t address_phys)
{
	uint64_t i = first_ending_above(map, address_phys);

	if (i == map->count || map->ranges[i].start_phys > address_phys)
		return NULL;
	return &map->ranges[i];
}

/* --- placing ---------------------------------------------------------------------------------------------------------- */

/*@ requires \valid_read(request);
    assigns \nothing;
    ensures \result == MEMORY_MAP_OK ==> request->pages > 0;
    ensures \result == MEMORY_MAP_OK && request->policy == MEMORY_MAP_EXACTLY ==> request->address_phys % PAGE == 0; */
static enum memory_map_status check_request(const struct memory_map_request *request)
{
	if (request->pages == 0 || (request->alignment != 0 && !is_power_of_two(request->alignment)))
		return MEMORY_MAP_BAD_REQUEST;
	if (request->bottom_up > 1 || request->below_1m > 1)
		return MEMORY_MAP_BAD_REQUEST;
	switch (request->policy) {
	case MEMORY_MAP_ANY:
	case MEMORY_MAP_AT_MOST:
		return MEMORY_MAP_OK;
	case MEMORY_MAP_EXACTLY:
		return is_page_aligned(request->address_phys) ? MEMORY_MAP_OK : MEMORY_MAP_BAD_REQUEST;
	}
	return MEMORY_MAP_BAD_REQUEST;
}

/* The addresses that the request allows at all: [*ret_start, *ret_end). */
/*@ requires \valid_read(request) && \valid(ret_start) && \valid(ret_end) && \separated(ret_start, ret_end, request);
    requires request->policy == MEMORY_MAP_EXACTLY ==> request->address_phys % PAGE == 0;
    assigns *ret_start, *ret_end;
    ensures *ret_start % PAGE == 0 && *ret_end % PAGE == 0 && *ret_start >= (request->below_1m != 0 ? 4096 : 0x100000);
    ensures request->policy == MEMORY_MAP_AT_MOST ==> *ret_end - 1 <= request->address_phys; */
static void allowed(const struct memory_map_request *request, uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t start = request->below_1m ? PAGE : ONE_MIB; /* page 0 is never given out (K33) */
	uint64_t end = UINT64_MAX / PAGE * PAGE;

	if (request->policy == MEMORY_MAP_AT_MOST && request->address_phys < end)
		end = (request->address_phys + 1) / PAGE * PAGE;
	if (request->policy == MEMORY_MAP_EXACTLY && request->address_phys > start)
		start = request->address_phys;
	*ret_start = start;
	*ret_end = end;
}

/*@ requires 0 < align;
    assigns \nothing;
    ensures \result <= number < \result + align && \result % align == 0; */
static uint64_t round_down(uint64_t number, uint64_t align)
{
	return number / align * align;
}

/* Where the pages of the request fit into [start, end), all counted in pages; 0 when they do not. */
/*@ requires \valid_read(request) && 0 < request->pages && 0 < start <= UINT64_MAX / PAGE && end <= UINT64_MAX / PAGE;
    assigns \nothing;
    ensures \result != 0 ==> start <= \result && \result + request->pages <= end;
    ensures \result != 0 && request->alignment >= PAGE ==> \result % (request->alignment / PAGE) == 0;
    ensures \result != 0 && request->policy == MEMORY_MAP_EXACTLY ==> \result == request->address_phys / PAGE; */
static uint64_t fit(const struct memory_map_request *request, uint64_t start, uint64_t end)
{
	uint64_t align = request->alignment > PAGE ? request->alignment / PAGE : 1;
	uint64_t place;

	if (start >= end || end - start < request->pages)
		return 0;
	if (request->policy == MEMORY_MAP_EXACTLY)
		return start == request->address_phys / PAGE && start % align == 0 ? start : 0;
	if (request->bottom_up)
		place = round_down(start + (align - 1), align);
	else
		place = round_down(end - request->pages, align);
	return place >= start && place <= end - request->pages ? place : 0;
}

/*@ requires \valid_read(request) && \valid_read(range);
    assigns \nothing; */
static int matches(const struct memory_map_request *request, const struct handoff_range *range)
{
	return range->type == request->from_type && range->lifetime == request->from_lifetime;
}

enum memory_map_status memory_map_place(const struct memory_map *map, const struct memory_map_request *request,
					uint64_t *ret_start_phys)
{
	enum memory_map_status status = check_request(request);
	uint64_t floor, ceiling, i, found = 0;

	if (status != MEMORY_MAP_OK)
		return status;
	allowed(request, &floor, &ceiling);
	/*@ loop invariant i <= map->count;
	    loop invariant found <= UINT64_MAX / PAGE;
	    loop invariant found != 0 ==> memory_map_keeps_rules(request, found * PAGE);
	    loop assigns i, found;
	    loop variant map->count - i; */
	for (i = first_ending_above(map, floor); i < map->count && map->ranges[i].start_phys < ceiling; i++) {
		uint64_t start = map->ranges[i].start_phys, end, place;

		if (!matches(request, &map->ranges[i]))
			continue;
		/* Ranges that differ in attributes or owner only are one stretch of memory to an allocation. */
		/*@ loop invariant \at(i, LoopEntry) <= i < map->count;
		    loop assigns i;
		    loop variant map->count - i; */
		while (i + 1 < map->count && map->ranges[i + 1].start_phys == map->ranges[i].end_phys &&
		       matches(request, &map->ranges[i + 1]))
			i++;
		end = map->ranges[i].end_phys;
		place = fit(request, (start > floor ? start : floor) / PAGE, (end < ceiling ? end : ceiling) / PAGE);
		if (place != 0)
			found = place;
		if (place != 0 && request->bottom_up)
			break;
	}
	if (found == 0)
		return MEMORY_MAP_NOT_FOUND;
	*ret_start_phys = found * PAGE;
	return MEMORY_MAP_OK;
}

enum memory_map_status memory_map_alloc(struct memory_map *map, const struct memory_map_request *request,
					struct handoff_range as, uint64_t *ret_start_phys)
{
	uint64_t start;
	enum memory_map_status status = memory_map_place(map, request, &start);

	if (status != MEMORY_MAP_OK)
		return status;
	as.start_phys = start;
	as.end_phys = start + request->pages * PAGE;
	status = memory_map_set(map, as);
	if (status == MEMORY_MAP_OK)
		*ret_start_phys = start;
	return status;
}

enum memory_map_status memory_map_free(struct memory_map *map, uint64_t start_phys, uint64_t pages, uint32_t owner,
				       struct handoff_range back)
{
	uint64_t i, at = start_phys;

	if (pages == 0 || pages > UINT64_MAX / PAGE || !is_page_aligned(start_phys) || pages * PAGE > UINT64_MAX - start_phys)
		return MEMORY_MAP_BAD_RANGE;
	back.start_phys = start_phys;
	back.end_phys = start_phys + pages * PAGE;
	/*@ loop invariant i <= map->count;
	    loop assigns i, at;
	    loop variant map->count - i; */
	for (i = first_ending_above(map, start_phys); at < back.end_phys; i++) {
		if (i == map->count || map->ranges[i].start_phys > at || map->ranges[i].owner != owner)
			return MEMORY_MAP_NOT_FOUND;
		at = map->ranges[i].end_phys;
	}
	return memory_map_set(map, back);
}

/* --- looking ---------------------------------------------------------------------------------------------------------- */

uint64_t memory_map_bytes(const struct memory_map *map, uint32_t type)
{
	uint64_t i, bytes = 0;

	/*@ loop invariant i <= map->count;
	    loop invariant i == 0 ==> bytes == 0;
	    loop invariant i > 0 ==> bytes <= map->ranges[i - 1].end_phys;
	    loop assigns i, bytes;
	    loop variant map->count - i; */
	for (i = 0; i < map->count; i++)
		if (type == 0 || map->ranges[i].type == type)
			bytes += map->ranges[i].end_phys - map->ranges[i].start_phys;
	return bytes;
}

int memory_map_valid(const struct memory_map *map)
{
	uint64_t i;

	if (!map->ranges || map->count > map->capacity)
		return 0;
	/*@ loop invariant i <= map->count;
	    loop invariant memory_map_in_order(map->ranges, i);
	    loop assigns i;
	    loop variant map->count - i; */
	for (i = 0; i < map->count; i++) {
		const struct handoff_range *range = &map->ranges[i];

		if (range->start_phys >= range->end_phys || !is_page_aligned(range->start_phys) ||
		    !is_page_aligned(range->end_phys))
			return 0;
		if (i > 0 && range[-1].end_phys > range->start_phys)
			return 0;
		if (i > 0 && range[-1].end_phys == range->start_phys && same_kind(&range[-1], range))
			return 0;
	}
	return 1;
}

const char *memory_map_status_name(enum memory_map_status status)
{
	switch (status) {
	case MEMORY_MAP_OK:
		return "ok";
	case MEMORY_MAP_FULL:
		return "no room for another range";
	case MEMORY_MAP_BAD_RANGE:
		return "empty or misaligned range";
	case MEMORY_MAP_NOT_FOUND:
		return "no memory that satisfies the request";
	case MEMORY_MAP_BAD_BUFFER:
		return "buffer missing, misaligned or too small";
	case MEMORY_MAP_BAD_REQUEST:
		return "impossible request";
	}
	return "unknown";
}
