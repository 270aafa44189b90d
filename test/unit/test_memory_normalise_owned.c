/* SPDX-License-Identifier: BSD-2-Clause */
/* The normaliser by example: what the loader owns (K18, K19), and the limits of its buffers. */
#include "test/unit/normalise_fixture.h"

/* --- owned ranges ------------------------------------------------------------------------------------------------------- */

static struct handoff_range owned(uint64_t start, uint64_t end, uint32_t owner, uint32_t lifetime, uint32_t index)
{
	return (struct handoff_range){.start_phys = start, .end_phys = end, .type = HANDOFF_MEMORY_LOADER, .owner = owner,
				      .lifetime = lifetime, .index = index};
}

static void run_owned(struct run *run, const struct handoff_range *ranges, uint64_t count)
{
	run_prepare(run, machine, COUNT(machine), 48);
	run->input.owned = ranges;
	run->input.owned_count = count;
	run_now(run);
}

static void owned_ranges_divide_loader_memory(void **state)
{
	const struct handoff_range ranges[] = {
		owned(0x3000000, 0x3010000, HANDOFF_OWNER_KERNEL_TEXT, HANDOFF_LIFETIME_NEVER, 0),
		owned(0x3010000, 0x3020000, HANDOFF_OWNER_KERNEL_TEXT, HANDOFF_LIFETIME_NEVER, 1),
		owned(0x3040000, 0x3050000, HANDOFF_OWNER_STACK, HANDOFF_LIFETIME_LEFT_STACK, 0),
		owned(0x3140000, 0x3142000, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_FREE, 5),
	};
	struct run run;

	(void)state;
	run_owned(&run, ranges, COUNT(ranges));
	assert_int_equal(run.status, MEMORY_NORMALISE_OK);
	assert_int_equal(run.log.counts[RULE_FATAL], 0);
	assert_int_equal(run.seen.count[RULE_K(19)], 0);
	expect_range(&run, 5, 0x3000000, 0x3010000, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_KERNEL_TEXT, HANDOFF_LIFETIME_NEVER);
	expect_range(&run, 6, 0x3010000, 0x3020000, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_KERNEL_TEXT, HANDOFF_LIFETIME_NEVER);
	assert_int_equal(run.map.ranges[6].index, 1);
	assert_int_equal(run.map.ranges[6].attributes, RAM);
	expect_range(&run, 7, 0x3020000, 0x3040000, OTHER_LOADER);
	expect_range(&run, 8, 0x3040000, 0x3050000, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_STACK, HANDOFF_LIFETIME_LEFT_STACK);
	expect_range(&run, 9, 0x3050000, 0x3100000, OTHER_LOADER);
	/* The boot record is right in runtime services data and stays there for ever, whatever its owner says. */
	expect_range(&run, 13, 0x3140000, 0x3142000, HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_NEVER);
	assert_int_equal(run.map.ranges[13].index, 5);
	expect_range(&run, 14, 0x3142000, 0x3160000, RUNTIME_DATA);
	run_free(&run);
}

static void h33_k19_owned_memory_described_as_free(void **state)
{
	const struct handoff_range ranges[] = {
		owned(0x1ff0000, 0x2010000, HANDOFF_OWNER_MODULE, HANDOFF_LIFETIME_WHEN_DONE, 2), /* conventional and boot services */
	};
	struct run run;

	(void)state;
	run_owned(&run, ranges, 1);
	expect_finding(&run, RULE_K(19), RULE_REPAIRED, 0x1ff0000, 0x2000000);
	assert_int_equal(run.seen.count[RULE_K(19)], 2);
	assert_int_equal(run.log.counts[RULE_FATAL], 0);
	expect_range(&run, 4, 0x1ff0000, 0x2010000, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_MODULE, HANDOFF_LIFETIME_WHEN_DONE);
	expect_range(&run, 5, 0x2010000, 0x3000000, BOOT);
	run_free(&run);
}

static void h34_k18_owned_memory_of_others(void **state)
{
	static const struct {
		uint64_t start, end;
		uint32_t owner, type;
	} cases[] = {
		{0xa0000, 0xa1000, HANDOFF_OWNER_STACK, HANDOFF_MEMORY_RESERVED},
		{0x3100000, 0x3101000, HANDOFF_OWNER_STACK, HANDOFF_MEMORY_ACPI_RECLAIM},
		{0x3110000, 0x3111000, HANDOFF_OWNER_STACK, HANDOFF_MEMORY_ACPI_NVS},
		{0x3120000, 0x3121000, HANDOFF_OWNER_STACK, HANDOFF_MEMORY_RUNTIME_CODE},
		{0x3120000, 0x3121000, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_MEMORY_RUNTIME_CODE},
		{0x3140000, 0x3141000, HANDOFF_OWNER_STACK, HANDOFF_MEMORY_RUNTIME_DATA},
		{0xffc00000, 0xffc01000, HANDOFF_OWNER_STACK, HANDOFF_MEMORY_MMIO},
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct handoff_range range = owned(cases[i].start, cases[i].end, cases[i].owner, HANDOFF_LIFETIME_OWN_TABLES, 0);
		struct run first, run;

		run_descriptors(&first, machine, COUNT(machine));
		run_owned(&run, &range, 1);
		expect_finding(&run, RULE_K(18), RULE_FATAL, cases[i].start, cases[i].end);
		assert_int_equal(run.log.counts[RULE_FATAL], 1);
		assert_int_equal(type_at(&run, cases[i].start), cases[i].type);
		expect_same_map(&first, &run); /* the other owner stays */
		run_free(&first);
		run_free(&run);
	}
}

static void k18_owned_memory_that_nothing_covers(void **state)
{
	const struct handoff_range range = owned(0x315f000, 0x3161000, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_FREE, 1);
	struct run run;

	(void)state;
	run_owned(&run, &range, 1);
	expect_finding(&run, RULE_K(18), RULE_FATAL, 0x3160000, 0x3161000);
	expect_range(&run, 10, 0x315f000, 0x3160000, HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_NEVER);
	expect_range(&run, 11, 0x3160000, 0x3161000, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_FREE);
	assert_int_equal(run.map.ranges[11].attributes, 0);
	run_free(&run);
}

static void page_zero_is_reserved_even_if_owned(void **state)
{
	const struct handoff_range range = owned(0, 0x2000, HANDOFF_OWNER_MODULE, HANDOFF_LIFETIME_FREE, 9);
	const struct handoff_raw_descriptor elsewhere[] = {descriptor(7, MIB, 1, RAM)};
	struct run run;

	(void)state;
	run_owned(&run, &range, 1);
	expect_range(&run, 0, 0, 0x1000, RESERVED);
	assert_int_equal(run.map.ranges[0].index, 0);
	expect_range(&run, 1, 0x1000, 0x2000, HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_MODULE, HANDOFF_LIFETIME_FREE);
	run_free(&run);
	run_prepare(&run, elsewhere, 1, 40); /* and if nothing describes it */
	run.input.owned = &range;
	run.input.owned_count = 1;
	run_now(&run);
	expect_range(&run, 0, 0, 0x1000, RESERVED);
	expect_finding(&run, RULE_K(18), RULE_FATAL, 0, 0x1000);
	expect_finding(&run, RULE_K(33), RULE_REPAIRED, 0, 0x1000);
	run_free(&run);
}

static void owned_ranges_must_be_sorted_disjoint_and_aligned(void **state)
{
	const struct handoff_range bad[][2] = {
		{owned(0x300000, 0x301000, 19, 3, 0), owned(0x200000, 0x201000, 19, 3, 0)},
		{owned(0x300000, 0x302000, 19, 3, 0), owned(0x301000, 0x303000, 19, 3, 0)},
		{owned(0x300000, 0x301000, 19, 3, 0), owned(0x400000, 0x400000, 19, 3, 0)},
		{owned(0x300000, 0x301000, 19, 3, 0), owned(0x400800, 0x401000, 19, 3, 0)},
		{owned(0x300000, 0x301000, 19, 3, 0), owned(0x400000, 0x400800, 19, 3, 0)},
		{owned(0x301000, 0x300000, 19, 3, 0), owned(0x400000, 0x401000, 19, 3, 0)},
	};
	struct run run;
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		run_owned(&run, bad[i], 2);
		assert_int_equal(run.status, MEMORY_NORMALISE_OWNED_UNSORTED);
		run_free(&run);
	}
}

/* --- limits ------------------------------------------------------------------------------------------------------------- */

static void the_work_area_must_be_large_enough_and_aligned(void **state)
{
	uint64_t need = memory_normalise_work_bytes(COUNT(machine), 0);
	struct memory_map map;
	struct run run;
	void *buffer = malloc(4096);
	uint8_t *work = malloc(need + 8);

	(void)state;
	run_prepare(&run, machine, COUNT(machine), 48);
	memory_map_init(&map, buffer, 4096);
	assert_int_equal(memory_normalise(&run.input, &map, NULL, need, NULL), MEMORY_NORMALISE_WORK_SMALL);
	assert_int_equal(memory_normalise(&run.input, &map, work, need - 1, NULL), MEMORY_NORMALISE_WORK_SMALL);
	assert_int_equal(memory_normalise(&run.input, &map, work + 4, need, NULL), MEMORY_NORMALISE_WORK_SMALL);
	assert_int_equal(memory_normalise(&run.input, &map, work, need, NULL), MEMORY_NORMALISE_OK);
	assert_int_equal(memory_normalise_work_bytes(UINT64_MAX, 0), UINT64_MAX);
	assert_int_equal(memory_normalise_work_bytes(UINT64_MAX / 8, 1), UINT64_MAX);
	free(work);
	free(buffer);
	run_free(&run);
}

static void an_output_buffer_that_is_too_small(void **state)
{
	struct handoff_range ranges[10]; /* the machine needs 11 */
	struct memory_map map;
	struct run run;
	uint64_t need = memory_normalise_work_bytes(COUNT(machine), 0), key;
	void *work = malloc(need);

	(void)state;
	run_prepare(&run, machine, COUNT(machine), 48);
	memory_map_init(&map, ranges, sizeof(ranges));
	key = map.key;
	assert_int_equal(memory_normalise(&run.input, &map, work, need, NULL), MEMORY_NORMALISE_OUT_SMALL);
	assert_int_not_equal(map.key, key);
	free(work);
	run_free(&run);
}

static void the_raw_map_may_lie_at_any_address_and_is_not_written(void **state)
{
	struct run first, run;
	uint8_t *moved, *copy;
	uint64_t bytes = COUNT(machine) * 48;

	(void)state;
	run_descriptors(&first, machine, COUNT(machine));
	run_prepare(&run, machine, COUNT(machine), 48);
	moved = malloc(bytes + 1);
	copy = malloc(bytes);
	memcpy(moved + 1, run.raw, bytes);
	memcpy(copy, run.raw, bytes);
	run.input.raw = moved + 1;
	run_now(&run);
	expect_same_map(&first, &run);
	assert_memory_equal(moved + 1, copy, bytes);
	free(moved);
	free(copy);
	run_free(&first);
	run_free(&run);
}

static void statuses_have_names_of_their_own(void **state)
{
	int a, b;

	(void)state;
	for (a = MEMORY_NORMALISE_OK; a <= MEMORY_NORMALISE_OUT_SMALL; a++)
		for (b = MEMORY_NORMALISE_OK; b < a; b++)
			assert_string_not_equal(memory_normalise_status_name((enum memory_normalise_status)a),
						memory_normalise_status_name((enum memory_normalise_status)b));
	assert_string_equal(memory_normalise_status_name((enum memory_normalise_status)99), "unknown");
}

/* 200,000 descriptors in the worst order, overlapping: seconds would show a square. */
static void large_maps_take_n_log_n(void **state)
{
	enum { MANY = 200000 };
	struct handoff_raw_descriptor *many = malloc(MANY * sizeof(*many));
	struct run run;
	uint64_t i;

	(void)state;
	for (i = 0; i < MANY; i++) /* nested like onions: every descriptor is in force in the middle */
		many[i] = descriptor(i % 2 ? UEFI_CONVENTIONAL : UEFI_RESERVED, MIB + i * 0x1000, 2 * (MANY - i), RAM + (i << 44));
	run_descriptors(&run, many, MANY);
	assert_int_equal(run.status, MEMORY_NORMALISE_OK);
	assert_int_equal(run.seen.count[RULE_K(17)], MANY - 1);
	run_free(&run);
	for (i = 0; i < MANY; i++)
		many[i] = descriptor(i % 2 ? UEFI_CONVENTIONAL : UEFI_RESERVED, MIB + (MANY - i) * 0x1000, 1, RAM);
	run_descriptors(&run, many, MANY);
	assert_int_equal(run.map.count, MANY);
	run_free(&run);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owned_ranges_divide_loader_memory),
		cmocka_unit_test(h33_k19_owned_memory_described_as_free),
		cmocka_unit_test(h34_k18_owned_memory_of_others),
		cmocka_unit_test(k18_owned_memory_that_nothing_covers),
		cmocka_unit_test(page_zero_is_reserved_even_if_owned),
		cmocka_unit_test(owned_ranges_must_be_sorted_disjoint_and_aligned),
		cmocka_unit_test(the_work_area_must_be_large_enough_and_aligned),
		cmocka_unit_test(an_output_buffer_that_is_too_small),
		cmocka_unit_test(the_raw_map_may_lie_at_any_address_and_is_not_written),
		cmocka_unit_test(statuses_have_names_of_their_own),
		cmocka_unit_test(large_maps_take_n_log_n),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
