/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory database: each operation by example. */
#include "test/unit/memory_fixture.h"

#define PAGE UINT64_C(0x1000)

static struct handoff_range range_of(uint64_t start, uint64_t end, uint32_t type)
{
	return (struct handoff_range){.start_phys = start, .end_phys = end, .type = type, .lifetime = HANDOFF_LIFETIME_FREE};
}

static void expect(const struct memory_map *map, uint64_t index, uint64_t start, uint64_t end, uint32_t type)
{
	assert_true(index < map->count);
	assert_int_equal(map->ranges[index].start_phys, start);
	assert_int_equal(map->ranges[index].end_phys, end);
	assert_int_equal(map->ranges[index].type, type);
}

static void set(struct memory_map *map, uint64_t start, uint64_t end, uint32_t type)
{
	assert_int_equal(memory_map_set(map, range_of(start, end, type)), MEMORY_MAP_OK);
	assert_true(memory_map_valid(map));
}

static void init_takes_whole_ranges_of_an_aligned_buffer(void **state)
{
	_Alignas(8) uint8_t buffer[200];
	struct memory_map map;

	(void)state;
	assert_int_equal(memory_map_init(&map, NULL, 200), MEMORY_MAP_BAD_BUFFER);
	assert_int_equal(memory_map_init(&map, buffer + 4, 196), MEMORY_MAP_BAD_BUFFER);
	assert_int_equal(memory_map_init(&map, buffer, 39), MEMORY_MAP_BAD_BUFFER);
	assert_int_equal(memory_map_init(&map, buffer, 119), MEMORY_MAP_OK);
	assert_int_equal(map.capacity, 2);
	assert_int_equal(map.count, 0);
	assert_true(memory_map_valid(&map));
}

static void set_splits_and_merges(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	set(&map, 0x10000, 0x20000, HANDOFF_MEMORY_USABLE);
	set(&map, 0x14000, 0x18000, HANDOFF_MEMORY_LOADER); /* in the middle */
	assert_int_equal(map.count, 3);
	expect(&map, 0, 0x10000, 0x14000, HANDOFF_MEMORY_USABLE);
	expect(&map, 1, 0x14000, 0x18000, HANDOFF_MEMORY_LOADER);
	expect(&map, 2, 0x18000, 0x20000, HANDOFF_MEMORY_USABLE);
	set(&map, 0x18000, 0x1a000, HANDOFF_MEMORY_LOADER); /* grows the one before */
	assert_int_equal(map.count, 3);
	expect(&map, 1, 0x14000, 0x1a000, HANDOFF_MEMORY_LOADER);
	set(&map, 0x13000, 0x14000, HANDOFF_MEMORY_LOADER); /* grows the one behind */
	assert_int_equal(map.count, 3);
	expect(&map, 1, 0x13000, 0x1a000, HANDOFF_MEMORY_LOADER);
	set(&map, 0x13000, 0x1a000, HANDOFF_MEMORY_USABLE); /* all three become one again */
	assert_int_equal(map.count, 1);
	expect(&map, 0, 0x10000, 0x20000, HANDOFF_MEMORY_USABLE);
	set(&map, 0x30000, 0x31000, HANDOFF_MEMORY_USABLE);
	set(&map, 0x0, 0x100000, HANDOFF_MEMORY_RESERVED); /* swallows everything */
	assert_int_equal(map.count, 1);
	expect(&map, 0, 0x0, 0x100000, HANDOFF_MEMORY_RESERVED);
}

static void neighbours_that_differ_in_anything_stay_apart(void **state)
{
	struct handoff_range buffer[8], range = range_of(0x1000, 0x2000, HANDOFF_MEMORY_LOADER);
	struct memory_map map;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	memory_map_set(&map, range);
	range = range_of(0x2000, 0x3000, HANDOFF_MEMORY_LOADER);
	range.attributes = 1;
	memory_map_set(&map, range);
	range = range_of(0x3000, 0x4000, HANDOFF_MEMORY_LOADER);
	range.owner = 1;
	memory_map_set(&map, range);
	range = range_of(0x4000, 0x5000, HANDOFF_MEMORY_LOADER);
	range.lifetime = HANDOFF_LIFETIME_NEVER;
	memory_map_set(&map, range);
	range = range_of(0x5000, 0x6000, HANDOFF_MEMORY_LOADER);
	range.index = 7;
	memory_map_set(&map, range);
	assert_int_equal(map.count, 5);
	assert_true(memory_map_valid(&map));
}

static void set_refuses_what_is_no_range(void **state)
{
	struct handoff_range buffer[2];
	struct memory_map map;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	assert_int_equal(memory_map_set(&map, range_of(0x1000, 0x1000, 1)), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_set(&map, range_of(0x2000, 0x1000, 1)), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_set(&map, range_of(0x1001, 0x2000, 1)), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_set(&map, range_of(0x1000, 0x2800, 1)), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_remove(&map, 0x1000, 0x1000), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_remove(&map, 0x1800, 0x3000), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(map.count, 0);
	assert_int_equal(map.key, 0);
	set(&map, UINT64_MAX - 0x1fff, UINT64_MAX - 0xfff, 1); /* the last page that can be described */
}

static void a_full_map_stays_as_it_is(void **state)
{
	struct handoff_range buffer[2], before[2];
	struct memory_map map;
	uint64_t key;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	set(&map, 0x10000, 0x20000, HANDOFF_MEMORY_USABLE);
	set(&map, 0x30000, 0x40000, HANDOFF_MEMORY_USABLE);
	memcpy(before, buffer, sizeof(before));
	key = map.key;
	assert_int_equal(memory_map_set(&map, range_of(0x14000, 0x15000, HANDOFF_MEMORY_LOADER)), MEMORY_MAP_FULL);
	assert_int_equal(memory_map_set(&map, range_of(0x50000, 0x60000, HANDOFF_MEMORY_USABLE)), MEMORY_MAP_FULL);
	assert_int_equal(memory_map_remove(&map, 0x14000, 0x15000), MEMORY_MAP_FULL);
	assert_int_equal(map.count, 2);
	assert_int_equal(map.key, key);
	assert_memory_equal(before, buffer, sizeof(before));
	set(&map, 0x20000, 0x30000, HANDOFF_MEMORY_USABLE); /* needs no room: all becomes one range */
	assert_int_equal(map.count, 1);
}

static void the_key_changes_with_every_alteration_and_only_then(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;
	uint64_t key;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	set(&map, 0x10000, 0x20000, HANDOFF_MEMORY_USABLE);
	key = map.key;
	assert_int_not_equal(key, 0);
	set(&map, 0x10000, 0x20000, HANDOFF_MEMORY_USABLE);
	set(&map, 0x12000, 0x14000, HANDOFF_MEMORY_USABLE);
	assert_int_equal(memory_map_remove(&map, 0x20000, 0x30000), MEMORY_MAP_OK);
	assert_int_equal(map.key, key);
	set(&map, 0x12000, 0x14000, HANDOFF_MEMORY_LOADER);
	assert_int_not_equal(map.key, key);
	key = map.key;
	assert_int_equal(memory_map_remove(&map, 0x1f000, 0x30000), MEMORY_MAP_OK);
	assert_int_not_equal(map.key, key);
}

static void find_knows_ends_and_gaps(void **state)
{
	struct handoff_range buffer[4];
	struct memory_map map;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	assert_null(memory_map_find(&map, 0));
	set(&map, 0x1000, 0x2000, 1);
	set(&map, 0x3000, 0x4000, 2);
	assert_null(memory_map_find(&map, 0xfff));
	assert_ptr_equal(memory_map_find(&map, 0x1000), &map.ranges[0]);
	assert_ptr_equal(memory_map_find(&map, 0x1fff), &map.ranges[0]);
	assert_null(memory_map_find(&map, 0x2000));
	assert_ptr_equal(memory_map_find(&map, 0x3fff), &map.ranges[1]);
	assert_null(memory_map_find(&map, 0x4000));
	assert_null(memory_map_find(&map, UINT64_MAX));
}

/* 64 KiB and 1 MiB below 1 MiB excluded, 1 MiB - 16 MiB, 4 GiB - 5 GiB. */
static void make_machine(struct memory_map *map, struct handoff_range *buffer, uint64_t bytes)
{
	memory_map_init(map, buffer, bytes);
	set(map, 0, 0xa0000, HANDOFF_MEMORY_USABLE);
	set(map, 0x100000, 0x1000000, HANDOFF_MEMORY_USABLE);
	set(map, 4 * GIB, 5 * GIB, HANDOFF_MEMORY_USABLE);
	set(map, 5 * GIB, 6 * GIB, HANDOFF_MEMORY_RESERVED);
}

static struct memory_map_request request(enum memory_map_policy policy, uint64_t pages, uint64_t address)
{
	return (struct memory_map_request){.policy = policy, .from_type = HANDOFF_MEMORY_USABLE,
					   .from_lifetime = HANDOFF_LIFETIME_FREE, .pages = pages, .address_phys = address};
}

static uint64_t place(const struct memory_map *map, struct memory_map_request wanted)
{
	uint64_t start = 1; /* no page: stays when nothing is found */
	enum memory_map_status status = memory_map_place(map, &wanted, &start);

	assert_true(status == MEMORY_MAP_OK || (status == MEMORY_MAP_NOT_FOUND && start == 1));
	return start;
}

static void places_go_from_the_top_or_the_bottom(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;
	struct memory_map_request wanted = request(MEMORY_MAP_ANY, 1, 0);

	(void)state;
	make_machine(&map, buffer, sizeof(buffer));
	assert_int_equal(place(&map, wanted), 5 * GIB - PAGE);
	wanted.bottom_up = 1;
	assert_int_equal(place(&map, wanted), 0x100000);
	wanted.below_1m = 1;
	assert_int_equal(place(&map, wanted), 0x1000); /* K33: never page zero */
	wanted.pages = 0x9f;
	assert_int_equal(place(&map, wanted), 0x1000);
	wanted.pages = 0xa0;
	assert_int_equal(place(&map, wanted), 0x100000);
	wanted.pages = 0xf01;
	assert_int_equal(place(&map, wanted), 4 * GIB);
	wanted.pages = GIB / PAGE + 1;
	assert_int_equal(place(&map, wanted), 1);
	wanted.pages = UINT64_MAX / PAGE + 1;
	assert_int_equal(place(&map, wanted), 1);
}

static void places_respect_alignment(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;
	struct memory_map_request wanted = request(MEMORY_MAP_ANY, 3, 0);

	(void)state;
	make_machine(&map, buffer, sizeof(buffer));
	wanted.alignment = 2 * MIB;
	assert_int_equal(place(&map, wanted), 5 * GIB - 2 * MIB);
	wanted.bottom_up = 1;
	assert_int_equal(place(&map, wanted), 2 * MIB);
	wanted.alignment = GIB;
	assert_int_equal(place(&map, wanted), 4 * GIB);
	wanted.alignment = 8 * GIB;
	assert_int_equal(place(&map, wanted), 1);
	wanted.alignment = UINT64_C(1) << 63;
	assert_int_equal(place(&map, wanted), 1);
	wanted.alignment = 1; /* finer than a page: a page */
	assert_int_equal(place(&map, wanted), 0x100000);
	memory_map_init(&map, buffer, sizeof(buffer)); /* rounding up would wrap around */
	set(&map, UINT64_MAX - 0xffff, UINT64_MAX - 0xfff, HANDOFF_MEMORY_USABLE);
	wanted.alignment = UINT64_C(1) << 63;
	assert_int_equal(place(&map, wanted), 1);
}

static void places_at_most_and_exactly(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;

	(void)state;
	make_machine(&map, buffer, sizeof(buffer));
	assert_int_equal(place(&map, request(MEMORY_MAP_AT_MOST, 1, 0xffffffff)), 0xfff000);
	assert_int_equal(place(&map, request(MEMORY_MAP_AT_MOST, 1, 0x200fff)), 0x200000);
	assert_int_equal(place(&map, request(MEMORY_MAP_AT_MOST, 1, 0x200ffe)), 0x1ff000);
	assert_int_equal(place(&map, request(MEMORY_MAP_AT_MOST, 1, 0xfffff)), 1);
	assert_int_equal(place(&map, request(MEMORY_MAP_AT_MOST, 1, UINT64_MAX)), 5 * GIB - PAGE);
	assert_int_equal(place(&map, request(MEMORY_MAP_EXACTLY, 2, 0x200000)), 0x200000);
	assert_int_equal(place(&map, request(MEMORY_MAP_EXACTLY, 1, 0xfff000)), 0xfff000);
	assert_int_equal(place(&map, request(MEMORY_MAP_EXACTLY, 2, 0xfff000)), 1);
	assert_int_equal(place(&map, request(MEMORY_MAP_EXACTLY, 1, 0xa0000)), 1);
	assert_int_equal(place(&map, request(MEMORY_MAP_EXACTLY, 1, 0x50000)), 1); /* below 1 MiB only when asked */
	assert_int_equal(place(&map, request(MEMORY_MAP_EXACTLY, 1, 5 * GIB)), 1); /* reserved */
	struct memory_map_request wanted = request(MEMORY_MAP_EXACTLY, 1, 0x50000);
	wanted.below_1m = 1;
	assert_int_equal(place(&map, wanted), 0x50000);
	wanted.address_phys = 0;
	assert_int_equal(place(&map, wanted), 1);
	wanted.address_phys = 0x51000;
	wanted.alignment = 0x2000;
	assert_int_equal(place(&map, wanted), 1);
}

static void places_span_ranges_that_differ_in_attributes_only(void **state)
{
	struct handoff_range buffer[8], range = range_of(0x200000, 0x300000, HANDOFF_MEMORY_USABLE);
	struct memory_map map;
	uint64_t start;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	set(&map, 0x100000, 0x200000, HANDOFF_MEMORY_USABLE);
	range.attributes = RAM;
	memory_map_set(&map, range);
	assert_int_equal(map.count, 2);
	assert_int_equal(place(&map, request(MEMORY_MAP_ANY, 0x200, 0)), 0x100000);
	assert_int_equal(memory_map_alloc(&map, &(struct memory_map_request){.policy = MEMORY_MAP_EXACTLY, .pages = 2,
				 .from_type = HANDOFF_MEMORY_USABLE, .from_lifetime = HANDOFF_LIFETIME_FREE,
				 .address_phys = 0x1ff000}, range_of(0, 0, HANDOFF_MEMORY_LOADER), &start), MEMORY_MAP_OK);
	assert_int_equal(map.count, 3);
	expect(&map, 1, 0x1ff000, 0x201000, HANDOFF_MEMORY_LOADER);
}

static void requests_that_make_no_sense_are_refused(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;
	struct memory_map_request wanted;
	uint64_t start = 1;

	(void)state;
	make_machine(&map, buffer, sizeof(buffer));
	wanted = request(MEMORY_MAP_ANY, 0, 0);
	assert_int_equal(memory_map_place(&map, &wanted, &start), MEMORY_MAP_BAD_REQUEST);
	wanted = request(MEMORY_MAP_ANY, 1, 0);
	wanted.alignment = 0x3000;
	assert_int_equal(memory_map_place(&map, &wanted, &start), MEMORY_MAP_BAD_REQUEST);
	wanted = request((enum memory_map_policy)3, 1, 0);
	assert_int_equal(memory_map_place(&map, &wanted, &start), MEMORY_MAP_BAD_REQUEST);
	wanted = request(MEMORY_MAP_EXACTLY, 1, 0x200800);
	assert_int_equal(memory_map_place(&map, &wanted, &start), MEMORY_MAP_BAD_REQUEST);
	wanted = request(MEMORY_MAP_ANY, 1, 0);
	wanted.bottom_up = 2;
	assert_int_equal(memory_map_place(&map, &wanted, &start), MEMORY_MAP_BAD_REQUEST);
	wanted = request(MEMORY_MAP_ANY, 1, 0);
	wanted.below_1m = 2;
	assert_int_equal(memory_map_place(&map, &wanted, &start), MEMORY_MAP_BAD_REQUEST);
	assert_int_equal(start, 1);
}

static void what_was_allocated_comes_back(void **state)
{
	struct handoff_range buffer[8], before[8], as = {.type = HANDOFF_MEMORY_LOADER, .owner = HANDOFF_OWNER_MODULE, .index = 3};
	struct memory_map map;
	struct memory_map_request wanted = request(MEMORY_MAP_ANY, 16, 0);
	uint64_t start = 0, count;

	(void)state;
	make_machine(&map, buffer, sizeof(buffer));
	memcpy(before, buffer, sizeof(before));
	count = map.count;
	assert_int_equal(memory_map_alloc(&map, &wanted, as, &start), MEMORY_MAP_OK);
	assert_int_equal(start, 5 * GIB - 16 * PAGE);
	assert_int_equal(memory_map_find(&map, start)->owner, HANDOFF_OWNER_MODULE);
	assert_int_equal(memory_map_find(&map, start)->index, 3);
	assert_int_equal(memory_map_bytes(&map, HANDOFF_MEMORY_LOADER), 16 * PAGE);
	/* Not somebody else's, not more than there is, not what is no range. */
	assert_int_equal(memory_map_free(&map, start, 16, HANDOFF_OWNER_STACK, before[0]), MEMORY_MAP_NOT_FOUND);
	assert_int_equal(memory_map_free(&map, start - PAGE, 17, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_NOT_FOUND);
	assert_int_equal(memory_map_free(&map, start, 17, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_NOT_FOUND);
	assert_int_equal(memory_map_free(&map, 6 * GIB, 1, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_NOT_FOUND);
	assert_int_equal(memory_map_free(&map, start, 0, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_free(&map, start + 1, 1, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_free(&map, start, UINT64_MAX / PAGE, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_free(&map, start, UINT64_MAX, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_BAD_RANGE);
	assert_int_equal(memory_map_free(&map, start, 16, HANDOFF_OWNER_MODULE, before[0]), MEMORY_MAP_OK);
	assert_int_equal(map.count, count);
	assert_memory_equal(before, buffer, count * sizeof(*before));
}

static void alloc_in_a_full_map_takes_nothing(void **state)
{
	struct handoff_range buffer[1];
	struct memory_map map;
	struct memory_map_request wanted = request(MEMORY_MAP_ANY, 1, 0);
	uint64_t start = 1;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	set(&map, 0x100000, 0x200000, HANDOFF_MEMORY_USABLE);
	assert_int_equal(memory_map_alloc(&map, &wanted, range_of(0, 0, HANDOFF_MEMORY_LOADER), &start), MEMORY_MAP_FULL);
	assert_int_equal(start, 1);
	assert_int_equal(memory_map_bytes(&map, HANDOFF_MEMORY_USABLE), 0x100000);
}

static void totals_are_by_type(void **state)
{
	struct handoff_range buffer[8];
	struct memory_map map;

	(void)state;
	make_machine(&map, buffer, sizeof(buffer));
	assert_int_equal(memory_map_bytes(&map, HANDOFF_MEMORY_USABLE), 0xa0000 + 0xf00000 + GIB);
	assert_int_equal(memory_map_bytes(&map, HANDOFF_MEMORY_RESERVED), GIB);
	assert_int_equal(memory_map_bytes(&map, HANDOFF_MEMORY_MMIO), 0);
	assert_int_equal(memory_map_bytes(&map, 0), 0xa0000 + 0xf00000 + 2 * GIB);
}

static void valid_sees_each_kind_of_damage(void **state)
{
	struct handoff_range buffer[4];
	struct memory_map map;

	(void)state;
	memory_map_init(&map, buffer, sizeof(buffer));
	set(&map, 0x1000, 0x3000, 1);
	set(&map, 0x3000, 0x5000, 2);
	buffer[0].end_phys = 0x4000; /* overlaps */
	assert_false(memory_map_valid(&map));
	buffer[0].end_phys = 0x1000; /* empty */
	assert_false(memory_map_valid(&map));
	buffer[0].end_phys = 0x2800; /* no page */
	assert_false(memory_map_valid(&map));
	buffer[0].end_phys = 0x3000;
	buffer[0].start_phys = 0x1008;
	assert_false(memory_map_valid(&map));
	buffer[0].start_phys = 0x1000;
	assert_true(memory_map_valid(&map));
	buffer[1].type = 1; /* not merged */
	assert_false(memory_map_valid(&map));
	buffer[1].type = 2;
	map.count = 5; /* beyond the buffer */
	assert_false(memory_map_valid(&map));
	map.count = 2;
	map.ranges = NULL;
	assert_false(memory_map_valid(&map));
}

static void statuses_have_names_of_their_own(void **state)
{
	int a, b;

	(void)state;
	for (a = MEMORY_MAP_OK; a <= MEMORY_MAP_BAD_REQUEST; a++)
		for (b = MEMORY_MAP_OK; b < a; b++)
			assert_string_not_equal(memory_map_status_name((enum memory_map_status)a),
						memory_map_status_name((enum memory_map_status)b));
	assert_string_equal(memory_map_status_name((enum memory_map_status)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_takes_whole_ranges_of_an_aligned_buffer),
		cmocka_unit_test(set_splits_and_merges),
		cmocka_unit_test(neighbours_that_differ_in_anything_stay_apart),
		cmocka_unit_test(set_refuses_what_is_no_range),
		cmocka_unit_test(a_full_map_stays_as_it_is),
		cmocka_unit_test(the_key_changes_with_every_alteration_and_only_then),
		cmocka_unit_test(find_knows_ends_and_gaps),
		cmocka_unit_test(places_go_from_the_top_or_the_bottom),
		cmocka_unit_test(places_respect_alignment),
		cmocka_unit_test(places_at_most_and_exactly),
		cmocka_unit_test(places_span_ranges_that_differ_in_attributes_only),
		cmocka_unit_test(requests_that_make_no_sense_are_refused),
		cmocka_unit_test(what_was_allocated_comes_back),
		cmocka_unit_test(alloc_in_a_full_map_takes_nothing),
		cmocka_unit_test(totals_are_by_type),
		cmocka_unit_test(valid_sees_each_kind_of_damage),
		cmocka_unit_test(statuses_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
