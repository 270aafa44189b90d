/* SPDX-License-Identifier: BSD-2-Clause */
/* Every type has words, every range is counted once, and what is free is never called anything else. */
#include "test/unit/memory_fixture.h"
#include "lib/memory_meaning.h"

static void every_type_has_words_before_and_after_exit(void **state)
{
	static const uint32_t others[] = {16, 0x6fffffff, 0x70000000, 0x7fffffff, 0x80000000, 0xffffffff};
	uint32_t type, i;

	(void)state;
	for (type = 0; type < UEFI_MEMORY_TYPE_COUNT; type++) {
		assert_non_null(memory_meaning_before_exit(type));
		assert_non_null(memory_meaning_after_exit(type));
	}
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_non_null(strstr(memory_meaning_after_exit(others[i]), "not usable"));
		assert_string_equal(memory_meaning_before_exit(others[i]),
				    i < 2 ? "undefined by the specification" :
				    i < 4 ? "the manufacturer's own use" : "an operating system loader's own use");
	}
	/* Exactly the types that UEFI 2.10 table 7.6 lets an operating system take. */
	for (type = 0; type < UEFI_MEMORY_TYPE_COUNT; type++) {
		int is_free = strncmp(memory_meaning_after_exit(type), "free", 4) == 0;

		assert_int_equal(is_free, (type >= 1 && type <= 4) || type == 7 || type == 9);
	}
}

static struct handoff_range of_type(uint32_t type, uint32_t lifetime)
{
	return (struct handoff_range){.type = type, .lifetime = lifetime};
}

static void only_what_may_be_used_is_called_free(void **state)
{
	uint32_t type, lifetime;

	(void)state;
	for (type = 0; type < 20; type++) {
		for (lifetime = 0; lifetime < 9; lifetime++) {
			struct handoff_range range = of_type(type, lifetime);
			int is_free = strncmp(memory_meaning_of(&range), "free", 4) == 0;
			enum memory_meaning_class class = memory_meaning_class(&range);

			if (is_free)
				assert_true(class == MEMORY_MEANING_FREE || class == MEMORY_MEANING_RECLAIMABLE);
			if (type == HANDOFF_MEMORY_LOADER) { /* an unknown lifetime is never */
				assert_int_equal(is_free, lifetime >= 1 && lifetime <= 6 &&
						 lifetime != HANDOFF_LIFETIME_ACPI_PARSED && lifetime != HANDOFF_LIFETIME_RUNTIME_MAPPED);
				assert_int_equal(class == MEMORY_MEANING_FREE, lifetime == HANDOFF_LIFETIME_FREE);
				assert_int_equal(class == MEMORY_MEANING_KEPT, lifetime == HANDOFF_LIFETIME_NEVER || lifetime > 6);
			}
			assert_string_not_equal(memory_meaning_class_name(class), "unknown");
		}
	}
	assert_string_equal(memory_meaning_class_name(MEMORY_MEANING_CLASS_COUNT), "unknown");
}

static void the_boot_record_is_named(void **state)
{
	struct handoff_range range = of_type(HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_LIFETIME_NEVER);

	(void)state;
	assert_string_equal(memory_meaning_of(&range), "keep, map for runtime services");
	range.owner = HANDOFF_OWNER_BOOT_RECORD;
	assert_string_equal(memory_meaning_of(&range), "keep: the loader's boot record");
}

static void sums_count_each_range_once(void **state)
{
	static const struct handoff_range ranges[] = {
		{0x0000, 0x1000, 0, HANDOFF_MEMORY_RESERVED, 0, HANDOFF_LIFETIME_NEVER, 0},
		{0x1000, 0x3000, 0, HANDOFF_MEMORY_USABLE, 0, HANDOFF_LIFETIME_FREE, 0},
		{0x3000, 0x4000, 0, HANDOFF_MEMORY_BOOT_SERVICES, 0, HANDOFF_LIFETIME_NEVER, 0},
		{0x8000, 0xc000, 0, HANDOFF_MEMORY_LOADER, 0, HANDOFF_LIFETIME_NEVER, 0},
		{0xc000, 0xd000, 0, HANDOFF_MEMORY_LOADER, 0, HANDOFF_LIFETIME_OWN_TABLES, 0},
		{0xe000, 0xf000, 0, HANDOFF_MEMORY_RUNTIME_CODE, 0, HANDOFF_LIFETIME_NEVER, 0},
		{0xf000, 0x20000, 0, HANDOFF_MEMORY_UNACCEPTED, 0, HANDOFF_LIFETIME_NEVER, 0},
		{0x20000, 0x21000, 0, HANDOFF_MEMORY_MMIO, 0, HANDOFF_LIFETIME_NEVER, 0},
	};
	struct memory_meaning_totals totals;

	(void)state;
	memory_meaning_sum(ranges, 8, &totals);
	assert_int_equal(totals.bytes[MEMORY_MEANING_RESERVED], 0x1000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_FREE], 0x2000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_LOST], 0x1000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_KEPT], 0x4000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_RECLAIMABLE], 0x1000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_RUNTIME], 0x1000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_OTHER], 0x11000);
	assert_int_equal(totals.bytes[MEMORY_MEANING_DEVICE], 0x1000);
	assert_int_equal(totals.ranges[MEMORY_MEANING_FREE], 1);
	assert_int_equal(totals.gaps, 2);
	assert_int_equal(totals.gap_bytes, 0x5000);
	assert_int_equal(totals.ram_end_phys, 0x20000);
	memory_meaning_sum(ranges, 0, &totals);
	assert_int_equal(totals.ram_end_phys, 0);
	assert_int_equal(totals.gaps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_words_before_and_after_exit),
		cmocka_unit_test(only_what_may_be_used_is_called_free),
		cmocka_unit_test(the_boot_record_is_named),
		cmocka_unit_test(sums_count_each_range_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
