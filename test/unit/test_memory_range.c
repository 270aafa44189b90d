/* SPDX-License-Identifier: BSD-2-Clause */
/* The conversion table: each type, each attribute rule, each way in which a descriptor is repaired or dropped. */
#include "test/unit/memory_fixture.h"

#define NOTE(n) (UINT32_C(1) << (n))

/* What a descriptor of one type becomes, or 0 when it is dropped. */
static uint32_t becomes(uint32_t uefi_type, uint64_t attribute, uint32_t *ret_notes)
{
	struct handoff_raw_descriptor raw = descriptor(uefi_type, 0x100000, 16, attribute);
	struct handoff_range range;

	if (!memory_range_of(&raw, 46, &range, ret_notes))
		return 0;
	assert_int_equal(range.start_phys, 0x100000);
	assert_int_equal(range.end_phys, 0x110000);
	assert_int_equal(range.index, 0);
	return range.type;
}

static void every_type_is_converted_as_published(void **state)
{
	static const struct {
		uint32_t uefi;
		const char *name;
		uint32_t type, owner, lifetime;
	} table[] = {
		{0, "Reserved", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{1, "LoaderCode", HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_OTHER_LOADER, HANDOFF_LIFETIME_OWN_TABLES},
		{2, "LoaderData", HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_OTHER_LOADER, HANDOFF_LIFETIME_OWN_TABLES},
		{3, "BootServicesCode", HANDOFF_MEMORY_BOOT_SERVICES, HANDOFF_OWNER_BOOT_SERVICES, HANDOFF_LIFETIME_RUNTIME_MAPPED},
		{4, "BootServicesData", HANDOFF_MEMORY_BOOT_SERVICES, HANDOFF_OWNER_BOOT_SERVICES, HANDOFF_LIFETIME_RUNTIME_MAPPED},
		{5, "RuntimeServicesCode", HANDOFF_MEMORY_RUNTIME_CODE, HANDOFF_OWNER_RUNTIME, HANDOFF_LIFETIME_NEVER},
		{6, "RuntimeServicesData", HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_OWNER_RUNTIME, HANDOFF_LIFETIME_NEVER},
		{7, "ConventionalMemory", HANDOFF_MEMORY_USABLE, HANDOFF_OWNER_NONE, HANDOFF_LIFETIME_FREE},
		{8, "UnusableMemory", HANDOFF_MEMORY_UNUSABLE, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{9, "ACPIReclaimMemory", HANDOFF_MEMORY_ACPI_RECLAIM, HANDOFF_OWNER_ACPI, HANDOFF_LIFETIME_ACPI_PARSED},
		{10, "ACPIMemoryNVS", HANDOFF_MEMORY_ACPI_NVS, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{11, "MemoryMappedIO", HANDOFF_MEMORY_MMIO, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{12, "MemoryMappedIOPortSpace", HANDOFF_MEMORY_MMIO_PORT, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{13, "PalCode", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{14, "PersistentMemory", HANDOFF_MEMORY_PERSISTENT, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{15, "UnacceptedMemoryType", HANDOFF_MEMORY_UNACCEPTED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{16, "unknown", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{0x6fffffff, "unknown", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{0x70000001, "OEM", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{0x80000001, "OS", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
		{0xffffffff, "OS", HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER},
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		uint64_t attribute = table[i].uefi == 5 || table[i].uefi == 6 ? RAM | RT : RAM;
		struct handoff_raw_descriptor raw = descriptor(table[i].uefi, 0x5000, 3, attribute);
		struct handoff_range range;

		assert_string_equal(memory_range_uefi_name(table[i].uefi), table[i].name);
		assert_true(memory_range_of(&raw, 46, &range, NULL));
		assert_int_equal(range.type, table[i].type);
		assert_int_equal(range.owner, table[i].owner);
		assert_int_equal(range.lifetime, table[i].lifetime);
		assert_int_equal(range.attributes, attribute);
		assert_int_equal(range.start_phys, 0x5000);
		assert_int_equal(range.end_phys, 0x8000);
	}
}

static void special_purpose_memory_is_in_no_pool(void **state)
{
	struct handoff_range range = {.type = HANDOFF_MEMORY_SPECIAL_PURPOSE};

	(void)state;
	memory_range_default(&range);
	assert_int_equal(range.owner, HANDOFF_OWNER_NONE);
	assert_int_equal(range.lifetime, HANDOFF_LIFETIME_NEVER);
}

static void k10_no_pages(void **state)
{
	struct handoff_raw_descriptor raw = descriptor(UEFI_RESERVED, 0, 0, 0);
	struct handoff_range range = {.type = 77};
	uint32_t notes;

	(void)state;
	assert_false(memory_range_of(&raw, 46, &range, &notes));
	assert_int_equal(notes, NOTE(MEMORY_RANGE_NO_PAGES));
	assert_int_equal(range.type, 77); /* untouched */
	assert_false(memory_range_impossible(notes));
}

static void k11_wraps(void **state)
{
	static const struct {
		uint64_t start, pages;
		int kept;
	} cases[] = {
		{0xfffffffffffff000, 0x200000000000001, 0}, /* H24 */
		{0xfffffffffffff000, 1, 0}, /* legal, but its end is 2^64 */
		{0xffffffffffffe000, 1, 1},
		{0xffffffffffffe000, 2, 0},
		{0x1000, UINT64_C(1) << 52, 0}, /* 2^64 bytes */
		{0, UINT64_C(1) << 52, 0},
		{0, (UINT64_C(1) << 52) - 1, 1},
		{0x1000, (UINT64_C(1) << 52) - 1, 0},
		{0x1000, UINT64_MAX, 0},
		{0xfffffffffffffe00, 1, 0}, /* unaligned too */
	};
	uint32_t i, notes;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct handoff_raw_descriptor raw = descriptor(UEFI_MMIO, cases[i].start, cases[i].pages, UEFI_MEMORY_UC);
		struct handoff_range range;

		assert_int_equal(memory_range_of(&raw, 46, &range, &notes), cases[i].kept);
		assert_int_equal((notes & NOTE(MEMORY_RANGE_WRAPS)) != 0, !cases[i].kept);
		assert_int_equal(memory_range_impossible(notes), !cases[i].kept);
		if (cases[i].kept)
			assert_int_equal(range.end_phys, cases[i].start + cases[i].pages * 4096);
	}
}

static void k12_unaligned_ram_shrinks_and_the_rest_expands(void **state)
{
	static const uint32_t shrink[] = {1, 2, 3, 4, 7}, expand[] = {0, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x80000000};
	struct handoff_range range;
	uint32_t i, notes;

	(void)state;
	for (i = 0; i < sizeof(shrink) / sizeof(*shrink); i++) {
		struct handoff_raw_descriptor raw = descriptor(shrink[i], 0x10200, 4, RAM);

		assert_true(memory_range_of(&raw, 46, &range, &notes));
		assert_int_equal(notes, NOTE(MEMORY_RANGE_UNALIGNED));
		assert_true(memory_range_impossible(notes));
		assert_int_equal(range.start_phys, 0x11000);
		assert_int_equal(range.end_phys, 0x14000);
		raw.number_of_pages = 1; /* no whole page is left */
		assert_false(memory_range_of(&raw, 46, &range, &notes));
		assert_int_equal(notes, NOTE(MEMORY_RANGE_UNALIGNED));
	}
	for (i = 0; i < sizeof(expand) / sizeof(*expand); i++) {
		struct handoff_raw_descriptor raw = descriptor(expand[i], 0x10fff, 1, RAM | RT);

		assert_true(memory_range_of(&raw, 46, &range, &notes));
		assert_true(notes & NOTE(MEMORY_RANGE_UNALIGNED));
		assert_int_equal((notes & NOTE(MEMORY_RANGE_RUNTIME_UNALIGNED)) != 0, expand[i] == 5 || expand[i] == 6); /* K43 */
		assert_int_equal(range.start_phys, 0x10000);
		assert_int_equal(range.end_phys, 0x12000);
	}
}

static void k13_k14_beyond_the_physical_address_width(void **state)
{
	uint32_t type, notes;

	(void)state;
	for (type = 0; type <= UEFI_MEMORY_TYPE_COUNT; type++) {
		int is_ram = type != UEFI_RESERVED && type != UEFI_UNUSABLE && type != UEFI_MMIO && type != UEFI_MMIO_PORT &&
			     type != UEFI_PAL_CODE && type != UEFI_MEMORY_TYPE_COUNT;
		struct handoff_raw_descriptor raw = descriptor(type, (UINT64_C(1) << 39) - 0x1000, 1, RAM | RT);
		struct handoff_range range;

		assert_true(memory_range_of(&raw, 39, &range, &notes)); /* the last page that exists */
		assert_false(notes & (NOTE(MEMORY_RANGE_BEYOND_RAM) | NOTE(MEMORY_RANGE_BEYOND_OTHER)));
		raw.number_of_pages = 2;
		assert_int_equal(memory_range_of(&raw, 39, &range, &notes), !is_ram);
		assert_int_equal((notes & NOTE(MEMORY_RANGE_BEYOND_RAM)) != 0, is_ram);
		assert_int_equal((notes & NOTE(MEMORY_RANGE_BEYOND_OTHER)) != 0, !is_ram);
		assert_int_equal(memory_range_impossible(notes), is_ram);
	}
}

static void every_width_from_32_to_52_is_taken_at_its_word(void **state)
{
	uint32_t bits;

	(void)state;
	for (bits = 32; bits <= 52; bits++) {
		struct handoff_raw_descriptor raw = descriptor(UEFI_CONVENTIONAL, (UINT64_C(1) << bits) - 0x1000, 1, RAM);
		struct handoff_range range;

		assert_true(memory_range_of(&raw, bits, &range, NULL));
		raw.physical_start += 0x1000;
		assert_false(memory_range_of(&raw, bits, &range, NULL));
	}
}

static void an_unknown_width_is_taken_as_52_bits(void **state)
{
	static const uint32_t widths[] = {0, 1, 31, 52, 53, 64, UINT32_MAX};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		struct handoff_raw_descriptor raw = descriptor(UEFI_CONVENTIONAL, (UINT64_C(1) << 52) - 0x1000, 1, RAM);
		struct handoff_range range;

		assert_true(memory_range_of(&raw, widths[i], &range, NULL));
		raw.physical_start += 0x1000;
		assert_false(memory_range_of(&raw, widths[i], &range, NULL));
	}
}

static void k21_k22_unknown_and_unaccepted_types(void **state)
{
	uint32_t notes;

	(void)state;
	becomes(16, RAM, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_UNKNOWN_TYPE));
	becomes(0x6fffffff, RAM, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_UNKNOWN_TYPE));
	becomes(0x70000000, RAM, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_OEM_TYPE));
	becomes(0x7fffffff, RAM, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_OEM_TYPE));
	becomes(0x80000000, RAM, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_OS_TYPE));
	becomes(UEFI_UNACCEPTED, RAM, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_UNACCEPTED));
	becomes(UEFI_PAL_CODE, RAM, &notes);
	assert_int_equal(notes, 0);
}

static void k23_k24_ram_without_wb_or_with_runtime_is_reserved(void **state)
{
	static const uint32_t ram[] = {1, 2, 3, 4, 7};
	uint32_t i, notes;

	(void)state;
	for (i = 0; i < sizeof(ram) / sizeof(*ram); i++) {
		assert_int_equal(becomes(ram[i], UEFI_MEMORY_UC | UEFI_MEMORY_WC | UEFI_MEMORY_WT, &notes), HANDOFF_MEMORY_RESERVED);
		assert_int_equal(notes, NOTE(MEMORY_RANGE_NOT_WRITE_BACK));
		assert_int_equal(becomes(ram[i], RAM | RT, &notes), HANDOFF_MEMORY_RESERVED);
		assert_int_equal(notes, NOTE(MEMORY_RANGE_RUNTIME_RAM));
		assert_int_not_equal(becomes(ram[i], WB, &notes), HANDOFF_MEMORY_RESERVED);
		assert_int_equal(notes, 0);
	}
	/* What is not the kernel's to use may be uncached. */
	assert_int_equal(becomes(UEFI_ACPI_RECLAIM, UEFI_MEMORY_UC, &notes), HANDOFF_MEMORY_ACPI_RECLAIM);
	assert_int_equal(notes, 0);
}

static void k25_runtime_memory_gets_its_attribute(void **state)
{
	uint32_t type, notes;

	(void)state;
	for (type = UEFI_RUNTIME_SERVICES_CODE; type <= UEFI_RUNTIME_SERVICES_DATA; type++) {
		struct handoff_raw_descriptor raw = descriptor(type, 0x1000, 1, RAM);
		struct handoff_range range;

		assert_true(memory_range_of(&raw, 46, &range, &notes));
		assert_int_equal(notes, NOTE(MEMORY_RANGE_RUNTIME_MISSING));
		assert_int_equal(range.attributes, RAM | RT);
		becomes(type, RAM | RT, &notes);
		assert_int_equal(notes, 0);
	}
}

static void k26_runtime_on_acpi_memory(void **state)
{
	uint32_t notes;

	(void)state;
	assert_int_equal(becomes(UEFI_ACPI_NVS, RAM | RT, &notes), HANDOFF_MEMORY_ACPI_NVS);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_RUNTIME_ACPI));
	assert_int_equal(becomes(UEFI_ACPI_RECLAIM, RAM | RT, &notes), HANDOFF_MEMORY_ACPI_RECLAIM);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_RUNTIME_ACPI));
	becomes(UEFI_RESERVED, RAM | RT, &notes);
	assert_int_equal(notes, 0);
}

static void k27_protection_bits_decide_nothing(void **state)
{
	static const uint64_t bits[] = {UEFI_MEMORY_XP, UEFI_MEMORY_RO, UEFI_MEMORY_RP, UEFI_MEMORY_WP};
	uint32_t i, notes;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | bits[i], &notes), HANDOFF_MEMORY_USABLE);
		assert_int_equal(notes, NOTE(MEMORY_RANGE_PROTECTION_BITS));
	}
}

static void k28_attributes_that_are_unknown(void **state)
{
	uint32_t notes;

	(void)state;
	becomes(UEFI_RESERVED, 0, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_NO_ATTRIBUTES));
	becomes(UEFI_CONVENTIONAL, RAM | UINT64_C(0x0700000000000000), &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_UNKNOWN_BITS));
	becomes(UEFI_CONVENTIONAL, RAM | UINT64_C(0x4700000000000000), &notes); /* marked as the processor's own */
	assert_int_equal(notes, 0);
	becomes(UEFI_CONVENTIONAL, RAM | UINT64_C(0x20), &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_UNKNOWN_BITS));
	becomes(UEFI_MMIO, RT, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_RUNTIME_UNCACHED));
	becomes(UEFI_RUNTIME_SERVICES_DATA, RT, &notes);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_RUNTIME_UNCACHED));
	becomes(UEFI_MMIO, RT | UEFI_MEMORY_UC, &notes);
	assert_int_equal(notes, 0);
}

static void everything_is_noted_at_once(void **state)
{
	struct handoff_raw_descriptor raw = descriptor(0x80000000, 0x1000, 1, RT | UEFI_MEMORY_XP | UEFI_MEMORY_SP |
						       UEFI_MEMORY_HOT_PLUGGABLE | UEFI_MEMORY_MORE_RELIABLE | UINT64_C(0x20));
	struct handoff_range range;
	uint32_t notes;

	(void)state;
	raw.virtual_start = 1;
	assert_string_equal(memory_range_uefi_name(0x80000000), "OS");
	assert_string_equal(memory_range_uefi_name(0x7fffffff), "OEM");
	assert_string_equal(memory_range_uefi_name(0x70000000), "OEM");
	assert_true(memory_range_of(&raw, 46, &range, &notes));
	assert_int_equal(notes, NOTE(MEMORY_RANGE_OS_TYPE) | NOTE(MEMORY_RANGE_PROTECTION_BITS) | NOTE(MEMORY_RANGE_UNKNOWN_BITS) |
			 NOTE(MEMORY_RANGE_RUNTIME_UNCACHED) | NOTE(MEMORY_RANGE_SPECIAL_PURPOSE) | NOTE(MEMORY_RANGE_HOT_PLUGGABLE) |
			 NOTE(MEMORY_RANGE_MORE_RELIABLE) | NOTE(MEMORY_RANGE_VIRTUAL_START));
}

static void k29_virtual_start_is_ignored(void **state)
{
	struct handoff_raw_descriptor raw = descriptor(UEFI_CONVENTIONAL, 0x1000, 1, RAM);
	struct handoff_range range;
	uint32_t notes;

	(void)state;
	raw.virtual_start = 0x1000;
	assert_true(memory_range_of(&raw, 46, &range, &notes));
	assert_int_equal(notes, NOTE(MEMORY_RANGE_VIRTUAL_START));
	assert_int_equal(range.type, HANDOFF_MEMORY_USABLE);
}

static void k30_k31_special_memory(void **state)
{
	uint32_t notes;

	(void)state;
	assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | UEFI_MEMORY_SP, &notes), HANDOFF_MEMORY_SPECIAL_PURPOSE);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_SPECIAL_PURPOSE));
	assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | UEFI_MEMORY_HOT_PLUGGABLE, &notes), HANDOFF_MEMORY_USABLE);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_HOT_PLUGGABLE));
	assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | UEFI_MEMORY_MORE_RELIABLE, &notes), HANDOFF_MEMORY_USABLE);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_MORE_RELIABLE));
	assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | UEFI_MEMORY_NV, &notes), HANDOFF_MEMORY_PERSISTENT);
	assert_int_equal(notes, NOTE(MEMORY_RANGE_NON_VOLATILE));
	assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | UEFI_MEMORY_NV | UEFI_MEMORY_SP, NULL), HANDOFF_MEMORY_PERSISTENT);
	assert_int_equal(becomes(UEFI_CONVENTIONAL, RAM | UEFI_MEMORY_NV | RT, NULL), HANDOFF_MEMORY_RESERVED);
	assert_int_equal(becomes(UEFI_CONVENTIONAL, UEFI_MEMORY_SP, NULL), HANDOFF_MEMORY_RESERVED);
	/* A loader that got such memory keeps it. */
	assert_int_equal(becomes(UEFI_LOADER_DATA, RAM | UEFI_MEMORY_SP, NULL), HANDOFF_MEMORY_LOADER);
}

static void k38_large_mmio(void **state)
{
	struct handoff_raw_descriptor raw = descriptor(UEFI_MMIO, 0xe0000000, 0x3f, UEFI_MEMORY_UC);
	struct handoff_range range;
	uint32_t notes;

	(void)state;
	assert_true(memory_range_of(&raw, 46, &range, &notes));
	assert_int_equal(notes, 0);
	raw.number_of_pages = 0x40;
	assert_true(memory_range_of(&raw, 46, &range, &notes));
	assert_int_equal(notes, NOTE(MEMORY_RANGE_LARGE_MMIO));
}

static void k17_ranks_are_all_different(void **state)
{
	static const uint32_t order[] = {
		HANDOFF_MEMORY_UNUSABLE, HANDOFF_MEMORY_RUNTIME_CODE, HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_MEMORY_MMIO,
		HANDOFF_MEMORY_MMIO_PORT, HANDOFF_MEMORY_ACPI_NVS, HANDOFF_MEMORY_RESERVED, HANDOFF_MEMORY_ACPI_RECLAIM,
		HANDOFF_MEMORY_UNACCEPTED, HANDOFF_MEMORY_PERSISTENT, HANDOFF_MEMORY_SPECIAL_PURPOSE, HANDOFF_MEMORY_LOADER,
		HANDOFF_MEMORY_BOOT_SERVICES, HANDOFF_MEMORY_USABLE,
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(order) / sizeof(*order); i++)
		assert_int_equal(memory_range_rank(order[i]), i);
	assert_int_equal(memory_range_rank(0), memory_range_rank(HANDOFF_MEMORY_RESERVED));
	assert_int_equal(memory_range_rank(15), memory_range_rank(HANDOFF_MEMORY_RESERVED));
	assert_int_equal(memory_range_rank(UINT32_MAX), memory_range_rank(HANDOFF_MEMORY_RESERVED));
}

static void notes_name_their_rule(void **state)
{
	static const uint8_t rules[MEMORY_RANGE_NOTE_COUNT] = {10, 11, 12, 13, 14, 21, 21, 21, 22, 23, 24, 25,
							       26, 27, 28, 28, 28, 29, 30, 30, 30, 31, 38, 43};
	uint32_t note;

	(void)state;
	for (note = 0; note < MEMORY_RANGE_NOTE_COUNT; note++) {
		assert_int_equal(memory_range_note_rule(note), rules[note]);
		assert_non_null(memory_range_note_text(note));
	}
	assert_int_equal(memory_range_note_severity(MEMORY_RANGE_NO_PAGES), RULE_REPAIRED);
	assert_int_equal(memory_range_note_severity(MEMORY_RANGE_RUNTIME_ACPI), RULE_WARNING);
	assert_int_equal(memory_range_note_severity(MEMORY_RANGE_RUNTIME_UNCACHED), RULE_WARNING);
	assert_int_equal(memory_range_note_severity(MEMORY_RANGE_UNACCEPTED), RULE_INFORMATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_converted_as_published),
		cmocka_unit_test(special_purpose_memory_is_in_no_pool),
		cmocka_unit_test(k10_no_pages),
		cmocka_unit_test(k11_wraps),
		cmocka_unit_test(k12_unaligned_ram_shrinks_and_the_rest_expands),
		cmocka_unit_test(k13_k14_beyond_the_physical_address_width),
		cmocka_unit_test(every_width_from_32_to_52_is_taken_at_its_word),
		cmocka_unit_test(an_unknown_width_is_taken_as_52_bits),
		cmocka_unit_test(k21_k22_unknown_and_unaccepted_types),
		cmocka_unit_test(k23_k24_ram_without_wb_or_with_runtime_is_reserved),
		cmocka_unit_test(k25_runtime_memory_gets_its_attribute),
		cmocka_unit_test(k26_runtime_on_acpi_memory),
		cmocka_unit_test(k27_protection_bits_decide_nothing),
		cmocka_unit_test(k28_attributes_that_are_unknown),
		cmocka_unit_test(everything_is_noted_at_once),
		cmocka_unit_test(k29_virtual_start_is_ignored),
		cmocka_unit_test(k30_k31_special_memory),
		cmocka_unit_test(k38_large_mmio),
		cmocka_unit_test(k17_ranks_are_all_different),
		cmocka_unit_test(notes_name_their_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
