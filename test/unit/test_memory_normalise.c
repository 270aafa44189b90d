/* SPDX-License-Identifier: BSD-2-Clause */
/* The normaliser by example: what firmware does wrong (H8-H36), and each rule about descriptors seen. */
#include "test/unit/normalise_fixture.h"

static void a_sound_machine_is_converted_without_repair(void **state)
{
	struct run run;

	(void)state;
	run_descriptors(&run, machine, COUNT(machine));
	assert_int_equal(run.status, MEMORY_NORMALISE_OK);
	expect_range(&run, 0, 0, 0x1000, RESERVED);
	expect_range(&run, 1, 0x1000, 0xa0000, USABLE);
	expect_range(&run, 2, 0xa0000, 0x100000, RESERVED);
	expect_range(&run, 3, 0x100000, 0x2000000, USABLE);
	expect_range(&run, 4, 0x2000000, 0x3000000, BOOT);
	expect_range(&run, 5, 0x3000000, 0x3100000, OTHER_LOADER);
	expect_range(&run, 6, 0x3100000, 0x3110000, HANDOFF_MEMORY_ACPI_RECLAIM, HANDOFF_OWNER_ACPI, HANDOFF_LIFETIME_ACPI_PARSED);
	expect_range(&run, 7, 0x3110000, 0x3120000, HANDOFF_MEMORY_ACPI_NVS, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER);
	expect_range(&run, 8, 0x3120000, 0x3140000, RUNTIME_CODE);
	expect_range(&run, 9, 0x3140000, 0x3160000, RUNTIME_DATA);
	expect_range(&run, 10, 0xffc00000, 0x100000000, MMIO);
	assert_int_equal(run.map.count, 11);
	/* Page zero is the only repair; K20, K36, K37, K38, K44 and K28 (no attributes) are noted. */
	assert_int_equal(run.log.counts[RULE_REPAIRED], 1);
	expect_finding(&run, RULE_K(33), RULE_REPAIRED, 0, 0x1000);
	assert_int_equal(run.log.counts[RULE_WARNING], 0);
	assert_int_equal(run.log.counts[RULE_FATAL], 0);
	expect_finding(&run, RULE_K(20), RULE_INFORMATION, 0x3160000, 0xffc00000);
	expect_finding(&run, RULE_K(28), RULE_INFORMATION, 0xa0000, 0x100000);
	expect_finding(&run, RULE_K(36), RULE_INFORMATION, 0x2000000, 0x3000000);
	expect_finding(&run, RULE_K(37), RULE_INFORMATION, 0, 0x1000);
	expect_finding(&run, RULE_K(38), RULE_INFORMATION, 0xffc00000, 0x100000000);
	expect_finding(&run, RULE_K(44), RULE_INFORMATION, 1, 0);
	assert_int_equal(run.log.counts[RULE_INFORMATION], 6);
	assert_int_equal(run.log.checks, 36);
	run_free(&run);
}

static void h8_every_stride_gives_the_same_map(void **state)
{
	static const uint64_t strides[] = {40, 48, 56, 64, 80, 96, 4096};
	struct run first, run;
	uint32_t i;

	(void)state;
	run_descriptors(&first, machine, COUNT(machine));
	for (i = 0; i < COUNT(strides); i++) {
		run_prepare(&run, machine, COUNT(machine), strides[i]);
		run_now(&run);
		expect_same_map(&first, &run);
		assert_int_equal(run.seen.count[RULE_K(5)], strides[i] != 40 && strides[i] != 48);
		run_free(&run);
	}
	run_free(&first);
}

static void k4_impossible_strides(void **state)
{
	static const uint64_t strides[] = {0, 1, 8, 32, 39, 44, 47, 49, 4104, 0x10000, UINT64_MAX - 7};
	struct run run;
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(strides); i++) {
		run_prepare(&run, machine, COUNT(machine), 48);
		run.input.descriptor_bytes = strides[i];
		run_now(&run);
		assert_int_equal(run.status, MEMORY_NORMALISE_BAD_STRIDE);
		expect_finding(&run, RULE_K(4), RULE_FATAL, strides[i], 0);
		assert_int_equal(run.log.first_fatal, RULE_K(4));
		run_free(&run);
	}
}

static void k6_h11_descriptor_versions(void **state)
{
	static const uint32_t versions[] = {0, 2, UINT32_MAX};
	struct run first, run;
	uint32_t i;

	(void)state;
	run_descriptors(&first, machine, COUNT(machine));
	for (i = 0; i < COUNT(versions); i++) {
		run_prepare(&run, machine, COUNT(machine), 48);
		run.input.descriptor_version = versions[i];
		run_now(&run);
		expect_same_map(&first, &run);
		expect_finding(&run, RULE_K(6), RULE_WARNING, versions[i], 1);
		run_free(&run);
	}
	run_free(&first);
}

static void k7_h12_a_rest_is_ignored(void **state)
{
	struct run first, run;
	uint64_t rest;

	(void)state;
	run_descriptors(&first, machine, COUNT(machine) - 1);
	for (rest = 1; rest < 48; rest++) {
		run_prepare(&run, machine, COUNT(machine), 48);
		run.input.raw_bytes = (COUNT(machine) - 1) * 48 + rest;
		run_now(&run);
		expect_same_map(&first, &run);
		expect_finding(&run, RULE_K(7), RULE_REPAIRED, run.input.raw_bytes, 48);
		run_free(&run);
	}
	run_free(&first);
}

static void k8_h18_no_descriptor(void **state)
{
	struct run run;

	(void)state;
	run_prepare(&run, machine, COUNT(machine), 48);
	run.input.raw_bytes = 47;
	run_now(&run);
	assert_int_equal(run.status, MEMORY_NORMALISE_EMPTY);
	expect_finding(&run, RULE_K(8), RULE_FATAL, 0, 0);
	run_free(&run);
}

static void k9_many_descriptors_are_noted(void **state)
{
	static struct handoff_raw_descriptor many[1025];
	static const struct {
		uint64_t count;
		const char *text;
	} cases[] = {{128, NULL}, {129, "more than 128 descriptors"}, {1024, "more than 128 descriptors"},
		     {1025, "more than 1024 descriptors"}};
	struct run run;
	uint64_t i;

	(void)state;
	for (i = 0; i < COUNT(many); i++)
		many[i] = descriptor(i % 2 ? UEFI_CONVENTIONAL : UEFI_RESERVED, MIB + i * 0x1000, 1, RAM);
	for (i = 0; i < COUNT(cases); i++) {
		run_descriptors(&run, many, cases[i].count);
		assert_int_equal(run.map.count, cases[i].count);
		assert_int_equal(run.seen.count[RULE_K(9)], cases[i].text != NULL);
		if (cases[i].text) {
			expect_finding(&run, RULE_K(9), RULE_INFORMATION, cases[i].count, 0);
			assert_string_equal(run.seen.first[RULE_K(9)].text, cases[i].text);
		}
		run_free(&run);
	}
}

static void h22_k10_zero_length_tail(void **state)
{
	struct handoff_raw_descriptor with[COUNT(machine) + 2];
	struct run first, run;

	(void)state;
	memcpy(with, machine, sizeof(machine));
	with[COUNT(machine)] = descriptor(0, 0, 0, 0);
	with[COUNT(machine) + 1] = descriptor(UEFI_CONVENTIONAL, 0x5000000, 0, RAM);
	run_descriptors(&first, machine, COUNT(machine));
	run_descriptors(&run, with, COUNT(with));
	expect_same_map(&first, &run);
	assert_int_equal(run.seen.count[RULE_K(10)], 2);
	expect_finding(&run, RULE_K(10), RULE_REPAIRED, 0, 0);
	run_free(&first);
	run_free(&run);
}

/* One descriptor more than the sound machine; the map must be the machine's plus what the caller then looks for. */
static void run_with(struct run *run, struct handoff_raw_descriptor extra)
{
	struct handoff_raw_descriptor with[COUNT(machine) + 1];

	memcpy(with, machine, sizeof(machine));
	with[COUNT(machine)] = extra;
	run_descriptors(run, with, COUNT(with));
	assert_int_equal(run->status, MEMORY_NORMALISE_OK);
	assert_int_equal(run->log.counts[RULE_FATAL], 0);
}

static void h24_k11_wrap(void **state)
{
	struct run run;

	(void)state;
	run_with(&run, descriptor(UEFI_CONVENTIONAL, 0xfffffffffffff000, 0x200000000000001, RAM));
	expect_finding(&run, RULE_K(11), RULE_REPAIRED, 0xfffffffffffff000, 0);
	assert_int_equal(run.map.count, 11);
	run_free(&run);
}

static void h25_k12_k43_unaligned(void **state)
{
	struct run run;

	(void)state;
	run_with(&run, descriptor(UEFI_CONVENTIONAL, 0x8000800, 2, RAM));
	expect_finding(&run, RULE_K(12), RULE_REPAIRED, 0x8000800, 0x8002800);
	expect_range(&run, 10, 0x8001000, 0x8002000, USABLE);
	run_free(&run);
	run_with(&run, descriptor(UEFI_RUNTIME_SERVICES_DATA, 0x8000800, 2, RAM | RT));
	expect_finding(&run, RULE_K(12), RULE_REPAIRED, 0x8000800, 0x8002800);
	expect_finding(&run, RULE_K(43), RULE_WARNING, 0x8000800, 0x8002800);
	expect_range(&run, 10, 0x8000000, 0x8003000, RUNTIME_DATA);
	run_free(&run);
}

static void h26_k13_k14_beyond_the_width(void **state)
{
	struct run run;

	(void)state;
	run_with(&run, descriptor(UEFI_CONVENTIONAL, UINT64_C(1) << 46, 16, RAM));
	expect_finding(&run, RULE_K(13), RULE_REPAIRED, UINT64_C(1) << 46, (UINT64_C(1) << 46) + 0x10000);
	assert_int_equal(type_at(&run, UINT64_C(1) << 46), 0);
	run_free(&run);
	run_with(&run, descriptor(UEFI_MMIO, UINT64_C(1) << 46, 16, UEFI_MEMORY_UC));
	expect_finding(&run, RULE_K(14), RULE_INFORMATION, UINT64_C(1) << 46, (UINT64_C(1) << 46) + 0x10000);
	assert_int_equal(type_at(&run, UINT64_C(1) << 46), HANDOFF_MEMORY_MMIO);
	run_free(&run);
}

static void k13_more_than_a_quarter_impossible_is_fatal(void **state)
{
	struct handoff_raw_descriptor some[8];
	struct run run;
	uint32_t i, impossible;

	(void)state;
	for (impossible = 0; impossible <= 8; impossible++) {
		for (i = 0; i < 8; i++)
			some[i] = descriptor(UEFI_CONVENTIONAL, (i < impossible ? UINT64_C(1) << 46 : 0) + (i + 1) * MIB, 1, RAM);
		run_descriptors(&run, some, 8);
		assert_int_equal(run.status, impossible > 2 ? MEMORY_NORMALISE_STRIDE_ERROR : MEMORY_NORMALISE_OK);
		if (impossible > 2)
			expect_finding(&run, RULE_K(13), RULE_FATAL, impossible, 8);
		run_free(&run);
	}
}

static void h36_a_wrong_stride_is_noticed(void **state)
{
	static const uint64_t strides[] = {40, 48, 56, 64};
	struct run run;
	uint32_t written, read;

	(void)state;
	for (written = 0; written < COUNT(strides); written++) {
		for (read = 0; read < COUNT(strides); read++) {
			run_prepare(&run, machine, COUNT(machine), strides[written]);
			run.input.descriptor_bytes = strides[read];
			run_now(&run);
			assert_int_equal(run.status, read == written ? MEMORY_NORMALISE_OK : MEMORY_NORMALISE_STRIDE_ERROR);
			assert_int_equal(run.log.first_fatal, read == written ? 0 : RULE_K(13));
			run_free(&run);
		}
	}
}

static void h20_k15_the_order_does_not_matter(void **state)
{
	struct handoff_raw_descriptor shuffled[COUNT(machine)], swap;
	struct run first, run;
	uint64_t random = 7, round, i, j;

	(void)state;
	run_descriptors(&first, machine, COUNT(machine));
	assert_int_equal(first.seen.count[RULE_K(15)], 0);
	for (i = 0; i < COUNT(machine); i++)
		shuffled[i] = machine[COUNT(machine) - 1 - i];
	for (round = 0; round < 200; round++) {
		run_descriptors(&run, shuffled, COUNT(machine));
		expect_same_map(&first, &run);
		assert_int_equal(run.seen.count[RULE_K(15)], 1); /* no shuffle of this seed is the identity */
		assert_int_equal(run.seen.first[RULE_K(15)].severity, RULE_REPAIRED);
		run_free(&run);
		for (i = COUNT(machine) - 1; i > 0; i--) {
			j = random_below(&random, i + 1);
			swap = shuffled[i];
			shuffled[i] = shuffled[j];
			shuffled[j] = swap;
		}
	}
	run_free(&first);
}

static void h21_k16_duplicates(void **state)
{
	struct handoff_raw_descriptor twice[2 * COUNT(machine)];
	struct run first, run;

	(void)state;
	memcpy(twice, machine, sizeof(machine));
	memcpy(twice + COUNT(machine), machine, sizeof(machine));
	run_descriptors(&first, machine, COUNT(machine));
	run_descriptors(&run, twice, COUNT(twice));
	expect_same_map(&first, &run);
	assert_int_equal(run.seen.count[RULE_K(16)], COUNT(machine));
	assert_int_equal(run.seen.count[RULE_K(17)], 0);
	run_free(&first);
	run_free(&run);
}

static void h23_k17_the_most_restrictive_wins(void **state)
{
	struct run run;

	(void)state;
	run_with(&run, descriptor(UEFI_RESERVED, 0x200000, 16, RAM)); /* nested */
	expect_finding(&run, RULE_K(17), RULE_REPAIRED, 0x200000, 0x210000);
	expect_range(&run, 3, 0x100000, 0x200000, USABLE);
	expect_range(&run, 4, 0x200000, 0x210000, RESERVED);
	expect_range(&run, 5, 0x210000, 0x2000000, USABLE);
	run_free(&run);
	run_with(&run, descriptor(UEFI_RUNTIME_SERVICES_CODE, 0x1fff000, 2, RAM | RT)); /* over two */
	expect_range(&run, 4, 0x1fff000, 0x2001000, RUNTIME_CODE);
	expect_range(&run, 5, 0x2001000, 0x3000000, BOOT);
	run_free(&run);
	run_with(&run, descriptor(UEFI_CONVENTIONAL, 0x90000, 0x100, RAM)); /* RAM claimed over reserved memory */
	expect_range(&run, 1, 0x1000, 0xa0000, USABLE);
	expect_range(&run, 2, 0xa0000, 0x100000, RESERVED);
	assert_int_equal(run.seen.count[RULE_K(17)], 1); /* the reserved memory in the middle */
	assert_int_equal(run.seen.count[RULE_K(16)], 2); /* and conventional memory at both ends */
	run_free(&run);
	run_with(&run, descriptor(UEFI_CONVENTIONAL, 0x100000, 0x10, WB)); /* same type, other attributes: the lower ones */
	expect_finding(&run, RULE_K(17), RULE_REPAIRED, 0x100000, 0x110000);
	assert_int_equal(memory_map_find(&run.map, 0x100000)->attributes, WB);
	assert_int_equal(memory_map_find(&run.map, 0x110000)->attributes, RAM);
	run_free(&run);
}

static void k17_every_pair_of_types(void **state)
{
	static const uint32_t order[] = {8, 5, 6, 11, 12, 10, 0, 9, 15, 14, 1, 3, 7}; /* most restrictive first */
	uint32_t a, b;

	(void)state;
	for (a = 0; a < COUNT(order); a++) {
		for (b = 0; b < COUNT(order); b++) {
			struct handoff_raw_descriptor pair[] = {
				descriptor(order[a], MIB, 2, order[a] == 5 || order[a] == 6 ? RAM | RT : RAM),
				descriptor(order[b], MIB + 0x1000, 2, order[b] == 5 || order[b] == 6 ? RAM | RT : RAM),
			};
			struct handoff_range winner;
			struct run run;

			memory_range_of(&pair[a < b ? 0 : 1], 46, &winner, NULL);
			run_descriptors(&run, pair, 2);
			assert_int_equal(type_at(&run, MIB + 0x1000), winner.type);
			assert_int_equal(run.seen.count[a == b ? RULE_K(16) : RULE_K(17)], 1);
			run_free(&run);
		}
	}
}

static void h27_k21_k22_unknown_types(void **state)
{
	static const uint32_t types[] = {16, 0x6fffffff, 0x70000001, 0x80000001, 0xffffffff};
	struct run run;
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(types); i++) {
		run_with(&run, descriptor(types[i], 0x10000000, 1, RAM));
		expect_finding(&run, RULE_K(21), RULE_REPAIRED, 0x10000000, 0x10001000);
		expect_range(&run, 10, 0x10000000, 0x10001000, RESERVED);
		run_free(&run);
	}
	run_with(&run, descriptor(15, 0x10000000, 1, RAM));
	expect_finding(&run, RULE_K(22), RULE_INFORMATION, 0x10000000, 0x10001000);
	assert_int_equal(type_at(&run, 0x10000000), HANDOFF_MEMORY_UNACCEPTED);
	run_free(&run);
}

/* A descriptor that must give one finding and one type. */
static void one_finding(struct handoff_raw_descriptor extra, uint32_t rule, enum rule_severity severity, uint32_t type)
{
	struct run run;

	run_with(&run, extra);
	expect_finding(&run, rule, severity, extra.physical_start, extra.physical_start + extra.number_of_pages * 4096);
	assert_int_equal(type_at(&run, extra.physical_start), type);
	run_free(&run);
}

static void h28_to_h31_h35_attributes(void **state)
{
	struct handoff_raw_descriptor moved = descriptor(7, 0x10000000, 1, RAM);

	(void)state;
	moved.virtual_start = 0xdeadbeef;
	one_finding(descriptor(7, 0x10000000, 1, UEFI_MEMORY_UC), RULE_K(23), RULE_REPAIRED, HANDOFF_MEMORY_RESERVED);
	one_finding(descriptor(7, 0x10000000, 1, RAM | RT), RULE_K(24), RULE_REPAIRED, HANDOFF_MEMORY_RESERVED);
	one_finding(descriptor(6, 0x10000000, 1, RAM), RULE_K(25), RULE_REPAIRED, HANDOFF_MEMORY_RUNTIME_DATA);
	one_finding(descriptor(10, 0x10000000, 1, RAM | RT), RULE_K(26), RULE_WARNING, HANDOFF_MEMORY_ACPI_NVS);
	one_finding(descriptor(7, 0x10000000, 1, RAM | UEFI_MEMORY_XP | UEFI_MEMORY_RO), RULE_K(27), RULE_INFORMATION,
		    HANDOFF_MEMORY_USABLE);
	one_finding(moved, RULE_K(29), RULE_INFORMATION, HANDOFF_MEMORY_USABLE);
	one_finding(descriptor(7, 0x10000000, 1, RAM | UEFI_MEMORY_SP), RULE_K(30), RULE_INFORMATION,
		    HANDOFF_MEMORY_SPECIAL_PURPOSE);
	one_finding(descriptor(7, 0x10000000, 1, RAM | UEFI_MEMORY_NV), RULE_K(31), RULE_REPAIRED, HANDOFF_MEMORY_PERSISTENT);
}

static void k32_padding_and_tail_are_ignored(void **state)
{
	struct run first, run;
	uint32_t i;

	(void)state;
	run_descriptors(&first, machine, COUNT(machine));
	run_prepare(&run, machine, COUNT(machine), 48);
	for (i = 0; i < COUNT(machine); i++) {
		memset((uint8_t *)run.raw + i * 48 + 4, 0x11 * (int)i, 4);
		memset((uint8_t *)run.raw + i * 48 + 40, 0xff, 8);
	}
	run_now(&run);
	expect_same_map(&first, &run);
	run_free(&first);
	run_free(&run);
}

static void information_is_told_once_and_warnings_each_time(void **state)
{
	struct handoff_raw_descriptor some[] = {
		descriptor(7, MIB, 1, RAM | UEFI_MEMORY_XP), descriptor(7, 2 * MIB, 1, RAM | UEFI_MEMORY_XP),
		descriptor(10, 3 * MIB, 1, RAM | RT), descriptor(10, 4 * MIB, 1, RAM | RT), descriptor(7, 5 * MIB, 1, RAM | RT),
		descriptor(7, 6 * MIB, 1, RAM | RT),
	};
	struct run run;

	(void)state;
	run_descriptors(&run, some, COUNT(some));
	assert_int_equal(run.seen.count[RULE_K(27)], 1);
	expect_finding(&run, RULE_K(27), RULE_INFORMATION, MIB, MIB + 0x1000);
	assert_int_equal(run.seen.count[RULE_K(26)], 2);
	assert_int_equal(run.seen.count[RULE_K(24)], 2);
	/* Usable memory that begins at 1 MiB is not below it. */
	expect_finding(&run, RULE_K(34), RULE_WARNING, 0, MIB);
	run_free(&run);
}

static void k28_runtime_memory_without_cacheability_is_a_warning(void **state)
{
	struct handoff_raw_descriptor some[] = {descriptor(7, MIB, 16, RAM), descriptor(11, 0x10000000, 1, RT)};
	struct run run;

	(void)state;
	run_descriptors(&run, some, 2);
	expect_finding(&run, RULE_K(28), RULE_WARNING, 0x10000000, 0x10001000);
	run_free(&run);
}

static void h32_low_memory(void **state)
{
	struct handoff_raw_descriptor high[] = {descriptor(7, 4 * GIB, 16, RAM)};
	struct handoff_raw_descriptor boot[] = {descriptor(3, 0, 0x300, RAM)};
	struct run run;

	(void)state;
	run_descriptors(&run, high, 1);
	expect_finding(&run, RULE_K(34), RULE_WARNING, 0, MIB);
	expect_finding(&run, RULE_K(35), RULE_INFORMATION, 0, 4 * GIB);
	assert_int_equal(run.map.count, 1);
	assert_int_equal(run.seen.count[RULE_K(20)] + run.seen.count[RULE_K(36)] + run.seen.count[RULE_K(37)], 0);
	run_free(&run);
	run_descriptors(&run, boot, 1); /* all of the first 3 MiB is boot services code; one descriptor needs three ranges */
	expect_range(&run, 0, 0, 0x1000, RESERVED);
	expect_range(&run, 1, 0x1000, MIB, LOW_BOOT);
	expect_range(&run, 2, MIB, 3 * MIB, BOOT);
	expect_finding(&run, RULE_K(33), RULE_REPAIRED, 0, 0x1000);
	expect_finding(&run, RULE_K(34), RULE_WARNING, 0, MIB);
	expect_finding(&run, RULE_K(36), RULE_INFORMATION, 0x1000, MIB);
	assert_int_equal(run.seen.count[RULE_K(35)], 0);
	run_free(&run);
}

static void k33_page_zero_of_every_kind(void **state)
{
	uint32_t type;

	(void)state;
	for (type = 0; type < UEFI_MEMORY_TYPE_COUNT; type++) {
		struct handoff_raw_descriptor one[] = {descriptor(type, 0, 2, type == 5 || type == 6 ? RAM | RT : RAM)};
		int is_pool = (type >= 1 && type <= 4) || type == 7;
		struct handoff_range alone;
		struct run run;

		memory_range_of(one, 46, &alone, NULL);
		run_descriptors(&run, one, 1);
		assert_int_equal(run.seen.count[RULE_K(33)], is_pool);
		assert_int_equal(type_at(&run, 0), is_pool ? HANDOFF_MEMORY_RESERVED : alone.type);
		assert_int_equal(type_at(&run, 0x1000), alone.type);
		assert_int_equal(memory_map_find(&run.map, 0)->lifetime == HANDOFF_LIFETIME_NEVER, is_pool || alone.lifetime == 0);
		run_free(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_machine_is_converted_without_repair),
		cmocka_unit_test(h8_every_stride_gives_the_same_map),
		cmocka_unit_test(k4_impossible_strides),
		cmocka_unit_test(k6_h11_descriptor_versions),
		cmocka_unit_test(k7_h12_a_rest_is_ignored),
		cmocka_unit_test(k8_h18_no_descriptor),
		cmocka_unit_test(k9_many_descriptors_are_noted),
		cmocka_unit_test(h22_k10_zero_length_tail),
		cmocka_unit_test(h24_k11_wrap),
		cmocka_unit_test(h25_k12_k43_unaligned),
		cmocka_unit_test(h26_k13_k14_beyond_the_width),
		cmocka_unit_test(k13_more_than_a_quarter_impossible_is_fatal),
		cmocka_unit_test(h36_a_wrong_stride_is_noticed),
		cmocka_unit_test(h20_k15_the_order_does_not_matter),
		cmocka_unit_test(h21_k16_duplicates),
		cmocka_unit_test(h23_k17_the_most_restrictive_wins),
		cmocka_unit_test(k17_every_pair_of_types),
		cmocka_unit_test(h27_k21_k22_unknown_types),
		cmocka_unit_test(h28_to_h31_h35_attributes),
		cmocka_unit_test(k32_padding_and_tail_are_ignored),
		cmocka_unit_test(information_is_told_once_and_warnings_each_time),
		cmocka_unit_test(k28_runtime_memory_without_cacheability_is_a_warning),
		cmocka_unit_test(h32_low_memory),
		cmocka_unit_test(k33_page_zero_of_every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
