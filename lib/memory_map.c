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

/*
 * For the proof that every operation keeps the order.  A splice puts n ranges w in the place of [first, last) of the `old` ranges
 * r, between memory states A and B; the lemmas are proved too, and say what follows for the order.
 */
/*@ predicate same_place{A, B}(struct handoff_range *a, struct handoff_range *b) =
      \at(a->start_phys, A) == \at(b->start_phys, B) && \at(a->end_phys, A) == \at(b->end_phys, B);

    predicate fits_each{L}(struct handoff_range *r, integer old, integer first, integer last, struct handoff_range *w, integer n) =
      memory_map_in_order(w, n) &&
      (\forall integer i, j; 0 <= i < first && 0 <= j < n ==> r[i].end_phys <= w[j].start_phys) &&
      (\forall integer i, j; last <= i < old && 0 <= j < n ==> w[j].end_phys <= r[i].start_phys);

    predicate spliced{A, B}(struct handoff_range *r, integer old, integer first, integer last, struct handoff_range *w, integer n) =
      (\forall integer i; 0 <= i < first ==> same_place{B, A}(r + i, r + i)) &&
      (\forall integer i; first <= i < first + n ==> same_place{B, A}(r + i, w + (i - first))) &&
      (\forall integer i; first + n <= i < old - last + first + n ==> same_place{B, A}(r + i, r + (i - first - n + last)));

    lemma splice_order{A, B}: \forall struct handoff_range *r, *w; \forall integer old, first, last, n;
      0 <= first <= last <= old && 0 <= n && memory_map_in_order{A}(r, old) && fits_each{A}(r, old, first, last, w, n) &&
      spliced{A, B}(r, old, first, last, w, n) ==> memory_map_in_order{B}(r, old - last + first + n);

    predicate same_places{A, B}(struct handoff_range *r, integer n) =
      \forall integer i; 0 <= i < n ==> same_place{B, A}(r + i, r + i);

    lemma order_kept{A, B}: \forall struct handoff_range *r; \forall integer n;
      memory_map_in_order{A}(r, n) && same_places{A, B}(r, n) ==> memory_map_in_order{B}(r, n);

    predicate is_range{L}(struct handoff_range *r) =
      r->start_phys < r->end_phys && r->start_phys % 4096 == 0 && r->end_phys % 4096 == 0;

    predicate all_below{L}(struct handoff_range *r, integer first, integer address) =
      \forall integer i; 0 <= i < first ==> r[i].end_phys <= address;

    predicate all_above{L}(struct handoff_range *r, integer last, integer count, integer address) =
      \forall integer i; last <= i < count ==> address <= r[i].start_phys;

    predicate fits{L}(struct handoff_range *r, integer old, integer first, integer last, struct handoff_range *w, integer n) =
      memory_map_in_order(w, n) &&
      (n > 0 ==> all_below(r, first, w[0].start_phys) && all_above(r, last, old, w[n - 1].end_phys));

    lemma fits_as_a_whole{L}: \forall struct handoff_range *r, *w; \forall integer old, first, last, n;
      0 <= n && fits(r, old, first, last, w, n) ==> fits_each(r, old, first, last, w, n);

    lemma few_in_order{L}: \forall struct handoff_range *r; \forall integer n; 0 <= n <= 3 &&
      (n >= 1 ==> is_range(r)) && (n >= 2 ==> is_range(r + 1) && r[0].end_phys <= r[1].start_phys) &&
      (n >= 3 ==> is_range(r + 2) && r[1].end_phys <= r[2].start_phys) ==> memory_map_in_order(r, n); */

/*
 * Copies from[from_index..) to to[to_index..), which may overlap.  The proof takes this contract for granted: it is memmove()'s,
 * as far as addresses go.
 */
/*@ requires \valid_read(from + (from_index .. from_index + count - 1)) && \valid(to + (to_index .. to_index + count - 1));
    assigns to[to_index .. to_index + count - 1];
    ensures \forall integer i; to_index <= i < to_index + count ==>
      same_place{Post, Pre}(to + i, from + (i - to_index + from_index));
    ensures \forall integer i; i < to_index || to_index + count <= i ==> same_place{Post, Pre}(to + i, to + i); */
static void move_ranges(struct handoff_range *to, uint64_t to_index, const struct handoff_range *from, uint64_t from_index,
			uint64_t count)
{
	memmove(to + to_index, from + from_index, count * sizeof(*to));
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

/* Puts with[0..new_count) in the place of ranges [first, last); there is room. */
/*@ requires memory_map_writable(map) && first <= last <= map->count && new_count <= 3;
    requires map->count - (last - first) + new_count <= map->capacity;
    requires \valid_read(with + (0 .. new_count - 1));
    requires \separated(with + (0 .. new_count - 1), map, map->ranges + (0 .. map->capacity - 1));
    assigns map->ranges[0 .. map->capacity - 1];
    ensures spliced{Pre, Post}(map->ranges, map->count, first, last, with, new_count); */
static void replace(struct memory_map *map, uint64_t first, uint64_t last, const struct handoff_range *with, uint64_t new_count)
{
	if (new_count != last - first && last != map->count)
		move_ranges(map->ranges, first + new_count, map->ranges, last, map->count - last);
	move_ranges(map->ranges, first, with, 0, new_count);
}

/* The same, if there is room and if it alters anything. */
/*@ requires memory_map_writable(map) && first <= last <= map->count && new_count <= 3;
    requires \valid_read(with + (0 .. new_count - 1));
    requires \separated(with + (0 .. new_count - 1), map, map->ranges + (0 .. map->capacity - 1));
    requires memory_map_ordered(map);
    requires fits(map->ranges, map->count, first, last, with, new_count);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result == MEMORY_MAP_OK ==> map->count == \old(map->count) - (last - first) + new_count;
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static enum memory_map_status splice(struct memory_map *map, uint64_t first, uint64_t last, const struct handoff_range *with,
				     uint64_t new_count)
{
	uint64_t old_count = last - first, count = map->count - old_count + new_count;

	if (new_count > old_count && new_count - old_count > map->capacity - map->count)
		return MEMORY_MAP_FULL;
	if (new_count == old_count && are_same(map->ranges + first, with, new_count))
		return MEMORY_MAP_OK; /* no alteration, the key stays */
	replace(map, first, last, with, new_count);
	/*@ assert in_order: memory_map_in_order(map->ranges, count); */
	/*@ ghost Replaced: ; */ /* count and key lie elsewhere and leave the ranges as they are */
	map->count = count;
	map->key = next_key(map->key);
	/*@ assert same_places{Replaced, Here}(map->ranges, count); */
	return MEMORY_MAP_OK;
}

/* What is left of ranges [first, last) below `start` (and above `end`) is kept; returns how many ranges `ret_rest` got. */
/*@ requires memory_map_readable(map) && memory_map_ordered(map) && first <= last <= map->count && \valid(ret_rest);
    requires \separated(ret_rest, map, map->ranges + (0 .. map->capacity - 1));
    requires start % PAGE == 0 && all_below(map->ranges, first, start);
    assigns *ret_rest;
    ensures \result == 0 || \result == 1;
    ensures \result == 1 ==> is_range(ret_rest) && ret_rest->end_phys == start;
    ensures \result == 1 ==> all_below(map->ranges, first, ret_rest->start_phys);
    ensures memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static uint64_t rest_below(const struct memory_map *map, uint64_t first, uint64_t last, uint64_t start,
			   struct handoff_range *ret_rest)
{
	if (first == last || map->ranges[first].start_phys >= start)
		return 0;
	*ret_rest = map->ranges[first];
	ret_rest->end_phys = start;
	return 1;
}

/*@ requires memory_map_readable(map) && memory_map_ordered(map) && first <= last <= map->count && \valid(ret_rest);
    requires \separated(ret_rest, map, map->ranges + (0 .. map->capacity - 1));
    requires end % PAGE == 0 && all_above(map->ranges, last, map->count, end);
    assigns *ret_rest;
    ensures \result == 0 || \result == 1;
    ensures \result == 1 ==> is_range(ret_rest) && ret_rest->start_phys == end;
    ensures \result == 1 ==> all_above(map->ranges, last, map->count, ret_rest->end_phys);
    ensures memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static uint64_t rest_above(const struct memory_map *map, uint64_t first, uint64_t last, uint64_t end,
			   struct handoff_range *ret_rest)
{
	if (first == last || map->ranges[last - 1].end_phys <= end)
		return 0;
	*ret_rest = map->ranges[last - 1];
	ret_rest->start_phys = end;
	return 1;
}

/* The same, but a rest of the range's own kind becomes part of the range. */
/*@ requires memory_map_readable(map) && memory_map_ordered(map) && first <= last <= map->count;
    requires \valid(range) && \valid(ret_rest) && \separated(range, ret_rest, map, map->ranges + (0 .. map->capacity - 1));
    requires is_range(range) && all_below(map->ranges, first, range->start_phys);
    assigns range->start_phys, *ret_rest;
    ensures \result == 0 || \result == 1;
    ensures is_range(range) && all_below(map->ranges, first, range->start_phys);
    ensures \result == 1 ==> is_range(ret_rest) && ret_rest->end_phys <= range->start_phys;
    ensures \result == 1 ==> all_below(map->ranges, first, ret_rest->start_phys);
    ensures memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static uint64_t merge_below(const struct memory_map *map, uint64_t first, uint64_t last, struct handoff_range *range,
			    struct handoff_range *ret_rest)
{
	uint64_t count = rest_below(map, first, last, range->start_phys, ret_rest);

	if (count == 0 || !same_kind(ret_rest, range))
		return count;
	range->start_phys = ret_rest->start_phys;
	return 0;
}

/*@ requires memory_map_readable(map) && memory_map_ordered(map) && first <= last <= map->count;
    requires \valid(range) && \valid(ret_rest) && \separated(range, ret_rest, map, map->ranges + (0 .. map->capacity - 1));
    requires is_range(range) && all_above(map->ranges, last, map->count, range->end_phys);
    assigns range->end_phys, *ret_rest;
    ensures \result == 0 || \result == 1;
    ensures is_range(range) && all_above(map->ranges, last, map->count, range->end_phys);
    ensures \result == 1 ==> is_range(ret_rest) && range->end_phys <= ret_rest->start_phys;
    ensures \result == 1 ==> all_above(map->ranges, last, map->count, ret_rest->end_phys);
    ensures memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static uint64_t merge_above(const struct memory_map *map, uint64_t first, uint64_t last, struct handoff_range *range,
			    struct handoff_range *ret_rest)
{
	uint64_t count = rest_above(map, first, last, range->end_phys, ret_rest);

	if (count == 0 || !same_kind(ret_rest, range))
		return count;
	range->end_phys = ret_rest->end_phys;
	return 0;
}

/* Puts with[1] in the place of ranges [first, last), after with[0] if there is a rest `below`, before with[2] if `above`. */
/*@ requires memory_map_writable(map) && memory_map_ordered(map) && first <= last <= map->count && below <= 1 && above <= 1;
    requires \valid_read(with + (0 .. 2)) && \separated(with + (0 .. 2), map, map->ranges + (0 .. map->capacity - 1));
    requires is_range(with + 1);
    requires all_below(map->ranges, first, with[1].start_phys) && all_above(map->ranges, last, map->count, with[1].end_phys);
    requires below != 0 ==> is_range(with + 0) && with[0].end_phys <= with[1].start_phys;
    requires below != 0 ==> all_below(map->ranges, first, with[0].start_phys);
    requires above != 0 ==> is_range(with + 2) && with[1].end_phys <= with[2].start_phys;
    requires above != 0 ==> all_above(map->ranges, last, map->count, with[2].end_phys);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static enum memory_map_status splice_between(struct memory_map *map, uint64_t first, uint64_t last,
					     const struct handoff_range *with, uint64_t below, uint64_t above)
{
	/*@ assert order_none: below == 0 ==> memory_map_in_order(with + 1, 1 + above); */
	/*@ assert order_rest: below == 1 ==> memory_map_in_order(with + 0, 2 + above); */
	/*@ assert high: all_above(map->ranges, last, map->count, with[1 + above].end_phys); */
	/*@ assert fits_none: below == 0 ==> fits(map->ranges, map->count, first, last, with + 1, 1 + above); */
	/*@ assert fits_rest: below == 1 ==> fits(map->ranges, map->count, first, last, with + 0, 2 + above); */
	return splice(map, first, last, below ? with : with + 1, below + 1 + above);
}

/* Puts the range in the place of ranges [first, last), between what is left of them. */
/*@ requires memory_map_writable(map) && memory_map_ordered(map) && first <= last <= map->count;
    requires range.start_phys < range.end_phys && range.start_phys % PAGE == 0 && range.end_phys % PAGE == 0;
    requires all_below(map->ranges, first, range.start_phys) && all_above(map->ranges, last, map->count, range.end_phys);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static enum memory_map_status put(struct memory_map *map, uint64_t first, uint64_t last, struct handoff_range range)
{
	struct handoff_range with[3]; /* what is left below, the range, what is left above */
	uint64_t below, above;

	/* The asserts are steps that the provers do not find: the map is as it was, and what is put into it is in order and fits. */
	with[1] = range;
	below = merge_below(map, first, last, &with[1], &with[0]);
	/*@ assert fixed_b: map->count == \at(map->count, Pre) && map->key == \at(map->key, Pre) &&
	           map->capacity == \at(map->capacity, Pre); */
	/*@ assert untouched_b: memory_map_unchanged{Pre, Here}(map->ranges, map->count); */
	/*@ assert same_a: same_places{Pre, Here}(map->ranges, map->count); */
	/*@ assert order_a: memory_map_in_order(map->ranges, map->count); */
	/*@ ghost Below: ; */
	above = merge_above(map, first, last, &with[1], &with[2]);
	/*@ assert fixed: map->count == \at(map->count, Pre) && map->key == \at(map->key, Pre) &&
	           map->capacity == \at(map->capacity, Pre); */
	/*@ assert untouched: memory_map_unchanged{Pre, Here}(map->ranges, map->count); */
	/*@ assert start: with[1].start_phys == \at(with[1].start_phys, Below); */
	/*@ assert low_none: all_below(map->ranges, first, with[1].start_phys); */
	/*@ assert same: same_places{Pre, Here}(map->ranges, map->count); */
	/*@ assert ordered: memory_map_in_order(map->ranges, map->count); */
	/*@ assert is_below: below != 0 ==> is_range(&with[0]) && with[0].end_phys <= with[1].start_phys; */
	/*@ assert low_rest: below != 0 ==> all_below(map->ranges, first, with[0].start_phys); */
	return splice_between(map, first, last, with, below, above);
}

enum memory_map_status memory_map_set(struct memory_map *map, struct handoff_range range)
{
	uint64_t first, last;

	if (range.start_phys >= range.end_phys || !is_page_aligned(range.start_phys) || !is_page_aligned(range.end_phys))
		return MEMORY_MAP_BAD_RANGE;
	first = first_ending_above(map, range.start_phys);
	last = first_starting_at(map, first, range.end_phys);
	/* Equal neighbours that only touch are drawn in, so that nothing remains to be merged. */
	if (first > 0 && map->ranges[first - 1].end_phys == range.start_phys && same_kind(&map->ranges[first - 1], &range))
		range.start_phys = map->ranges[--first].start_phys;
	if (last < map->count && map->ranges[last].start_phys == range.end_phys && same_kind(&map->ranges[last], &range))
		range.end_phys = map->ranges[last++].end_phys;
	return put(map, first, last, range);
}

/* Takes ranges [first, last) out, but for what is left of them outside [start, end). */
/*@ requires memory_map_writable(map) && memory_map_ordered(map) && first <= last <= map->count;
    requires start < end && start % PAGE == 0 && end % PAGE == 0;
    requires all_below(map->ranges, first, start) && all_above(map->ranges, last, map->count, end);
    assigns map->count, map->key, map->ranges[0 .. map->capacity - 1];
    ensures memory_map_ordered(map);
    ensures \result != MEMORY_MAP_OK ==> map->count == \old(map->count) && map->key == \old(map->key);
    ensures \result != MEMORY_MAP_OK ==> memory_map_unchanged{Pre, Post}(map->ranges, map->count); */
static enum memory_map_status cut(struct memory_map *map, uint64_t first, uint64_t last, uint64_t start, uint64_t end)
{
	struct handoff_range with[2]; /* what is left below, and above */
	uint64_t below, above;

	/* Steps for the provers, as in put(). */
	below = rest_below(map, first, last, start, &with[0]);
	/*@ assert fixed_b: map->count == \at(map->count, Pre) && map->key == \at(map->key, Pre) &&
	           map->capacity == \at(map->capacity, Pre); */
	/*@ assert untouched_b: memory_map_unchanged{Pre, Here}(map->ranges, map->count); */
	/*@ assert same_a: same_places{Pre, Here}(map->ranges, map->count); */
	/*@ assert order_a: memory_map_in_order(map->ranges, map->count); */
	above = rest_above(map, first, last, end, &with[1]);
	/*@ assert fixed: map->count == \at(map->count, Pre) && map->key == \at(map->key, Pre) &&
	           map->capacity == \at(map->capacity, Pre); */
	/*@ assert untouched: memory_map_unchanged{Pre, Here}(map->ranges, map->count); */
	/*@ assert same: same_places{Pre, Here}(map->ranges, map->count); */
	/*@ assert ordered: memory_map_in_order(map->ranges, map->count); */
	/*@ assert is_below: below != 0 ==> is_range(&with[0]) && with[0].end_phys == start; */
	/*@ assert is_above: above != 0 ==> is_range(&with[1]) && with[1].start_phys == end; */
	/*@ assert with_order: memory_map_in_order(below != 0 ? &with[0] : &with[1], below + above); */
	/*@ assert low_rest: below != 0 ==> all_below(map->ranges, first, with[0].start_phys); */
	/*@ assert high_rest: above != 0 ==> all_above(map->ranges, last, map->count, with[1].end_phys); */
	/*@ assert low_none: all_below(map->ranges, first, start); */
	/*@ assert high_none: all_above(map->ranges, last, map->count, end); */
	/*@ assert low: below + above > 0 ==> all_below(map->ranges, first, (below != 0 ? &with[0] : &with[1])->start_phys); */
	/*@ assert high: below + above > 0 ==> all_above(map->ranges, last, map->count, with[above].end_phys); */
	return splice(map, first, last, below ? &with[0] : &with[1], below + above);
}

enum memory_map_status memory_map_remove(struct memory_map *map, uint64_t start_phys, uint64_t end_phys)
{
	uint64_t first, last;

	if (start_phys >= end_phys || !is_page_aligned(start_phys) || !is_page_aligned(end_phys))
		return MEMORY_MAP_BAD_RANGE;
	first = first_ending_above(map, start_phys);
	last = first_starting_at(map, first, end_phys);
	return cut(map, first, last, start_phys, end_phys);
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
	/*@ ghost Set: ; */ /* the result, which lies elsewhere, leaves the map as set() has left it */
	if (status == MEMORY_MAP_OK)
		*ret_start_phys = start;
	/*@ assert fixed: map->count == \at(map->count, Set) && map->capacity == \at(map->capacity, Set); */
	/*@ assert same: same_places{Set, Here}(map->ranges, map->count); */
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
