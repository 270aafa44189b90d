/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slow checker sees every kind of damage to a map, and then judges the normaliser: on random maps, on every map of a few
 * descriptors over a tiny address space, and on shuffled ones.
 *   MEMORY_EXHAUSTIVE=4  all maps of four descriptors (minutes) instead of three
 *   MEMORY_RANDOM=N      N random maps instead of 3000
 */
#include <stdio.h>
#include "test/unit/memory_fixture.h"
#include "lib/memory_verify.h"

#define PAGE UINT64_C(0x1000)
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static enum memory_verify_status verify(const struct run *run, uint64_t *ret_address)
{
	return memory_verify(&run->input, run->map.ranges, run->map.count, ret_address);
}

/* --- the checker itself ------------------------------------------------------------------------------------------------- */

static const struct handoff_raw_descriptor machine[] = {
	{.type = UEFI_CONVENTIONAL, .physical_start = 0, .number_of_pages = 0xa0, .attribute = RAM},
	{.type = UEFI_CONVENTIONAL, .physical_start = MIB, .number_of_pages = 0x100, .attribute = RAM},
	{.type = UEFI_LOADER_DATA, .physical_start = 2 * MIB, .number_of_pages = 0x100, .attribute = RAM},
	{.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = 3 * MIB, .number_of_pages = 0x100, .attribute = RAM | RT},
};
static const struct handoff_range stack = {.start_phys = 2 * MIB, .end_phys = 2 * MIB + 0x4000, .type = HANDOFF_MEMORY_LOADER,
					   .owner = HANDOFF_OWNER_STACK, .lifetime = HANDOFF_LIFETIME_LEFT_STACK};

static void make_machine(struct run *run)
{
	run_prepare(run, machine, COUNT(machine), 48);
	run->input.owned = &stack;
	run->input.owned_count = 1;
	run_now(run);
	assert_int_equal(run->map.count, 6);
	assert_int_equal(verify(run, NULL), MEMORY_VERIFY_OK);
}

static void damage_to_a_field_is_found_at_its_address(void **state)
{
	struct run run;
	uint64_t i, address;

	(void)state;
	make_machine(&run);
	for (i = 0; i < run.map.count; i++) {
		struct handoff_range *range = &run.map.ranges[i], sound = *range;

		range->type ^= 64;
		assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
		assert_int_equal(address, sound.start_phys);
		*range = sound;
		range->attributes ^= 1;
		assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
		assert_int_equal(address, sound.start_phys);
		*range = sound;
		range->owner ^= 64;
		assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
		*range = sound;
		range->lifetime ^= 64;
		assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
		*range = sound;
		range->index ^= 1;
		assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
		*range = sound;
	}
	assert_int_equal(verify(&run, NULL), MEMORY_VERIFY_OK);
	run_free(&run);
}

static void missing_and_extra_memory_is_found(void **state)
{
	struct run run;
	uint64_t address;

	(void)state;
	make_machine(&run);
	run.map.ranges[5].end_phys += PAGE;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_EXTRA);
	assert_int_equal(address, 4 * MIB);
	run.map.ranges[5].end_phys -= 2 * PAGE;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_MISSING);
	assert_int_equal(address, 4 * MIB - PAGE);
	run.map.ranges[5].end_phys += PAGE;
	run.map.count = 5;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_MISSING);
	assert_int_equal(address, 3 * MIB);
	run.map.count = 0;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_MISSING);
	assert_int_equal(address, 0);
	run_free(&run);
}

static void ranges_that_make_no_map_are_refused(void **state)
{
	struct run run;
	struct handoff_range sound[6];
	uint64_t address;

	(void)state;
	make_machine(&run);
	memcpy(sound, run.map.ranges, sizeof(sound));
	run.map.ranges[1].end_phys = run.map.ranges[1].start_phys;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_BAD_MAP);
	assert_int_equal(address, PAGE);
	memcpy(run.map.ranges, sound, sizeof(sound));
	run.map.ranges[1].end_phys += 1;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_BAD_MAP);
	memcpy(run.map.ranges, sound, sizeof(sound));
	run.map.ranges[1].start_phys += 1;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_BAD_MAP);
	memcpy(run.map.ranges, sound, sizeof(sound));
	run.map.ranges[2].start_phys -= 0x70000; /* overlaps the one before */
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_BAD_MAP);
	memcpy(run.map.ranges, sound, sizeof(sound));
	run.map.ranges[1].end_phys = 0x50000; /* one range as two */
	memmove(&run.map.ranges[3], &run.map.ranges[2], 4 * sizeof(*sound));
	run.map.ranges[2] = run.map.ranges[1];
	run.map.ranges[2].start_phys = 0x50000;
	run.map.ranges[2].end_phys = 0xa0000;
	run.map.count = 7;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_BAD_MAP);
	assert_int_equal(address, 0x50000);
	run.map.count = 6;
	memcpy(run.map.ranges, sound, sizeof(sound));
	run.map.ranges[0].type = 0;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_BAD_MAP);
	run_free(&run);
}

static void input_that_cannot_be_read_is_refused(void **state)
{
	struct run run;

	(void)state;
	make_machine(&run);
	run.input.descriptor_bytes = 39;
	assert_int_equal(verify(&run, NULL), MEMORY_VERIFY_BAD_INPUT);
	run.input.descriptor_bytes = 0;
	assert_int_equal(verify(&run, NULL), MEMORY_VERIFY_BAD_INPUT);
	run.input.descriptor_bytes = 48;
	run.input.raw_bytes = 47;
	assert_int_equal(verify(&run, NULL), MEMORY_VERIFY_BAD_INPUT);
	run_free(&run);
}

static void a_change_of_the_input_is_found(void **state)
{
	struct run run;
	struct handoff_range moved = stack;
	uint64_t address;

	(void)state;
	make_machine(&run);
	run.input.owned_count = 0;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
	assert_int_equal(address, 2 * MIB);
	moved.end_phys += PAGE;
	run.input.owned = &moved;
	run.input.owned_count = 1;
	assert_int_equal(verify(&run, &address), MEMORY_VERIFY_WRONG);
	assert_int_equal(address, 2 * MIB + 0x4000);
	run_free(&run);
}

static void statuses_have_names_of_their_own(void **state)
{
	int a, b;

	(void)state;
	for (a = MEMORY_VERIFY_OK; a <= MEMORY_VERIFY_WRONG; a++)
		for (b = MEMORY_VERIFY_OK; b < a; b++)
			assert_string_not_equal(memory_verify_status_name((enum memory_verify_status)a),
						memory_verify_status_name((enum memory_verify_status)b));
	assert_string_equal(memory_verify_status_name((enum memory_verify_status)99), "unknown");
}

/* --- the normaliser before it ------------------------------------------------------------------------------------------- */

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* Says which input it was when the map is wrong. */
static void judge(struct run *run)
{
	uint64_t address = 0, i, count = run->input.raw_bytes / run->input.descriptor_bytes;
	enum memory_verify_status status;

	if (run->status == MEMORY_NORMALISE_STRIDE_ERROR)
		return;
	assert_int_equal(run->status, MEMORY_NORMALISE_OK);
	status = verify(run, &address);
	if (status == MEMORY_VERIFY_OK)
		return;
	print_error("%s at 0x%llx\n", memory_verify_status_name(status), (unsigned long long)address);
	for (i = 0; i < count; i++) {
		struct handoff_raw_descriptor raw;

		memcpy(&raw, (uint8_t *)run->raw + i * run->input.descriptor_bytes, sizeof(raw));
		print_error("%u 0x%llx %llu 0x%llx\n", raw.type, (unsigned long long)raw.physical_start,
			    (unsigned long long)raw.number_of_pages, (unsigned long long)raw.attribute);
	}
	fail();
}

/* Addresses near each other and near the limits of the rules. */
static uint64_t random_address(uint64_t *random)
{
	static const uint64_t bases[] = {0, 0x80000, 0xf8000, 0x3fffff0000, UINT64_MAX - 0xffff};
	uint64_t page = random_below(random, 24) * PAGE;

	if (random_below(random, 200) == 0)
		page += random_below(random, PAGE);
	return bases[random_below(random, 10) < 7 ? random_below(random, 3) : random_below(random, COUNT(bases))] + page;
}

static struct handoff_raw_descriptor random_descriptor(uint64_t *random)
{
	static const uint64_t attributes[] = {RAM, RAM, RAM, WB, RAM | RT, 0, RAM | UEFI_MEMORY_NV, RAM | UEFI_MEMORY_SP, UEFI_MEMORY_UC};
	static const uint32_t types[] = {16, 0x70000000, UINT32_MAX};
	uint32_t type = (uint32_t)random_below(random, UEFI_MEMORY_TYPE_COUNT);

	if (random_below(random, 30) == 0)
		type = types[random_below(random, COUNT(types))];
	if (random_below(random, 4) == 0)
		type = UEFI_CONVENTIONAL;
	return descriptor(type, random_address(random), random_below(random, 12), attributes[random_below(random, COUNT(attributes))]);
}

/* Sorted and disjoint, with gaps. */
static uint64_t random_owned(uint64_t *random, struct handoff_range *ranges, uint64_t limit)
{
	uint64_t count = random_below(random, limit + 1), i, at = random_below(random, 3) * 0x40000;

	for (i = 0; i < count; i++) {
		at += random_below(random, 8) * PAGE;
		ranges[i] = (struct handoff_range){.start_phys = at, .type = HANDOFF_MEMORY_LOADER};
		at += (1 + random_below(random, 6)) * PAGE;
		ranges[i].end_phys = at;
		ranges[i].owner = random_below(random, 3) ? HANDOFF_OWNER_STACK : HANDOFF_OWNER_BOOT_RECORD;
		ranges[i].lifetime = (uint32_t)random_below(random, 4);
		ranges[i].index = (uint32_t)random_below(random, 2);
	}
	return count;
}

static void shuffle(uint64_t *random, struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	uint64_t i, j;

	for (i = count - 1; i > 0; i--) {
		struct handoff_raw_descriptor swap = descriptors[i];

		j = random_below(random, i + 1);
		descriptors[i] = descriptors[j];
		descriptors[j] = swap;
	}
}

/* Findings that must not depend on the order: all but K15, and the counts of all. */
static void expect_same_findings(const struct run *a, const struct run *b)
{
	uint32_t rule;

	for (rule = 1; rule < RULE_NUMBER_END; rule++)
		if (rule != RULE_K(15))
			assert_int_equal(a->seen.count[rule], b->seen.count[rule]);
}

static void random_maps_are_normalised_right(void **state)
{
	static const uint64_t strides[] = {40, 48, 56, 64, 80, 96};
	uint64_t rounds = from_environment("MEMORY_RANDOM", 3000), round, random = 1;

	(void)state;
	for (round = 0; round < rounds; round++) {
		struct handoff_raw_descriptor some[40];
		struct handoff_range ranges[12];
		struct run first, second;
		uint64_t count = 1 + random_below(&random, random_below(&random, 2) ? COUNT(some) : 5), i;
		uint64_t owned_count = random_owned(&random, ranges, COUNT(ranges));

		for (i = 0; i < count; i++)
			some[i] = random_descriptor(&random);
		run_prepare(&first, some, count, strides[random_below(&random, COUNT(strides))]);
		first.input.physical_bits = random_below(&random, 2) ? 38 : 46;
		first.input.owned = ranges;
		first.input.owned_count = owned_count;
		run_now(&first);
		judge(&first);
		shuffle(&random, some, count);
		run_prepare(&second, some, count, 48);
		second.input.physical_bits = first.input.physical_bits;
		second.input.owned = ranges;
		second.input.owned_count = owned_count;
		run_now(&second);
		assert_int_equal(first.status, second.status);
		assert_int_equal(first.map.count, second.map.count);
		assert_memory_equal(first.map.ranges, second.map.ranges, first.map.count * sizeof(*first.map.ranges));
		second.seen.count[RULE_K(5)] = first.seen.count[RULE_K(5)]; /* the strides differ */
		expect_same_findings(&first, &second);
		run_free(&first);
		run_free(&second);
	}
}

/* Every descriptor of a few kinds over the first pages and the pages around 1 MiB, of no page up to three. */
enum { TINY_KINDS = 6, TINY_STARTS = 5, TINY_LENGTHS = 4, TINY = TINY_KINDS * TINY_STARTS * TINY_LENGTHS };

static struct handoff_raw_descriptor tiny_descriptor(uint64_t number)
{
	static const struct {
		uint32_t type;
		uint64_t attribute;
	} kinds[TINY_KINDS] = {{UEFI_CONVENTIONAL, RAM}, {UEFI_CONVENTIONAL, WB}, {UEFI_BOOT_SERVICES_DATA, RAM},
			       {UEFI_LOADER_DATA, RAM},  {UEFI_RESERVED, RAM},    {UEFI_RUNTIME_SERVICES_DATA, RAM | RT}};
	static const uint64_t starts[TINY_STARTS] = {0, PAGE, 0xfe000, 0xff000, MIB};
	uint64_t kind = number % TINY_KINDS, start = number / TINY_KINDS % TINY_STARTS;

	return descriptor(kinds[kind].type, starts[start], number / TINY_KINDS / TINY_STARTS, kinds[kind].attribute);
}

/* A normaliser call without the fixture's allocations: there are many. */
static void judge_tiny(struct handoff_raw_descriptor *some, uint64_t count, const struct handoff_range *owned, uint64_t owned_count)
{
	struct handoff_range buffer[2 * (4 + 2) + 1];
	_Alignas(8) uint8_t work[4 * 48];
	struct run run = {.raw = some};

	run.input = (struct memory_normalise_input){.raw = some, .raw_bytes = count * sizeof(*some), .descriptor_bytes = sizeof(*some),
						    .descriptor_version = 1, .owned = owned, .owned_count = owned_count};
	memory_map_init(&run.map, buffer, (2 * (count + owned_count) + 1) * sizeof(*buffer)); /* what the header promises to suffice */
	run.status = memory_normalise(&run.input, &run.map, work, sizeof(work), NULL);
	judge(&run);
}

static void every_tiny_map_is_normalised_right(void **state)
{
	static const struct handoff_range owned[] = {
		{.start_phys = 0, .end_phys = 2 * PAGE, .owner = HANDOFF_OWNER_STACK, .lifetime = HANDOFF_LIFETIME_LEFT_STACK},
		{.start_phys = 0xff000, .end_phys = MIB + PAGE, .owner = HANDOFF_OWNER_BOOT_RECORD, .index = 1},
	};
	uint64_t descriptors = from_environment("MEMORY_EXHAUSTIVE", 3), total = 1, number, maps = 0, i;

	(void)state;
	assert_in_range(descriptors, 1, 4);
	for (i = 0; i < descriptors; i++)
		total *= TINY;
	for (number = 0; number < total; number++) {
		struct handoff_raw_descriptor some[4];
		uint64_t rest = number, previous = 0, ascending = 1;

		for (i = 0; i < descriptors; i++, rest /= TINY) {
			ascending &= rest % TINY >= previous;
			previous = rest % TINY;
			some[i] = tiny_descriptor(previous);
		}
		if (!ascending)
			continue; /* the same set in another order: that the order does not matter is tested elsewhere */
		judge_tiny(some, descriptors, owned, 0);
		judge_tiny(some, descriptors, owned, COUNT(owned));
		maps++;
	}
	print_message("%llu sets of %llu descriptors, with and without owned ranges\n", (unsigned long long)maps, (unsigned long long)descriptors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_to_a_field_is_found_at_its_address),
		cmocka_unit_test(missing_and_extra_memory_is_found),
		cmocka_unit_test(ranges_that_make_no_map_are_refused),
		cmocka_unit_test(input_that_cannot_be_read_is_refused),
		cmocka_unit_test(a_change_of_the_input_is_found),
		cmocka_unit_test(statuses_have_names_of_their_own),
		cmocka_unit_test(random_maps_are_normalised_right),
		cmocka_unit_test(every_tiny_map_is_normalised_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
