/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame of the handoff block (K1, K2): what the builder writes the checker accepts and the accessors give back. */
#include "test/unit/frame_fixture.h"

static void k1_a_built_block_is_sound_and_reads_back(void **state)
{
	(void)state;
	struct handoff_builder builder;
	uint64_t bytes;
	uint32_t entry_bytes;

	build(&builder);
	assert_int_equal(handoff_block_check(block, CAPACITY), HANDOFF_BLOCK_OK);
	assert_int_equal(handoff_block_check(block, block->total_bytes), HANDOFF_BLOCK_OK);
	assert_int_equal(block->part_count, 18);
	assert_int_equal(block->capacity_bytes, CAPACITY);
	assert_int_equal(block->block_phys, BLOCK_PHYS);
	assert_memory_equal(handoff_part(block, HANDOFF_PART_RAW_MAP, &bytes, &entry_bytes), raw, sizeof(raw));
	assert_int_equal(bytes, sizeof(raw));
	assert_int_equal(entry_bytes, sizeof(raw[0]));
	assert_int_equal(handoff_count(block, HANDOFF_PART_ATTEMPTS), 2);
	assert_int_equal(handoff_count(block, HANDOFF_PART_SEGMENTS), 2);
	assert_memory_equal(handoff_element(block, HANDOFF_PART_SEGMENTS, 1), &segments[1], sizeof(segments[1]));
	assert_null(handoff_element(block, HANDOFF_PART_SEGMENTS, 2));
	assert_string_equal(handoff_part(block, HANDOFF_PART_CMDLINE, NULL, NULL), "quiet");
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	assert_string_equal(handoff_string(block, firmware->vendor_offset), "vendor");
	assert_string_equal(handoff_string(block, loader->version_offset), "version");
}

static void accessors_say_what_is_absent(void **state)
{
	(void)state;
	struct handoff_builder builder;
	uint64_t bytes = 1;
	uint32_t entry_bytes = 1;

	build(&builder);
	assert_null(handoff_part(block, 999, &bytes, &entry_bytes));
	assert_int_equal(bytes, 0);
	assert_int_equal(entry_bytes, 0);
	assert_int_equal(handoff_count(block, 999), 0);
	assert_null(handoff_element(block, 999, 0));
	assert_string_equal(handoff_string(block, 0), "");
	assert_string_equal(handoff_string(block, 8), "");
	assert_string_equal(handoff_string(block, UINT64_MAX), "");
	assert_int_equal(handoff_block_offset(&builder, 999), 0);
}

static void a_trimmed_map_leaves_nothing_of_an_earlier_attempt(void **state)
{
	(void)state;
	struct handoff_builder builder;

	build(&builder);
	for (uint64_t i = builder.used_bytes; i < CAPACITY; i++)
		assert_int_equal(((uint8_t *)memory)[i], 0);
}

static void a_part_of_zero_bytes_is_absent_and_no_failure(void **state)
{
	(void)state;
	struct handoff_builder builder;

	memset(memory, 0, sizeof(memory));
	handoff_block_begin(&builder, memory, CAPACITY, BLOCK_PHYS);
	assert_null(handoff_block_add(&builder, HANDOFF_PART_CMDLINE, 1, "", 0));
	assert_non_null(handoff_block_reserve(&builder, HANDOFF_PART_LOG, 1, 100));
	assert_non_null(handoff_block_add(&builder, HANDOFF_PART_SEED, 40, NULL, 40));
	handoff_block_trim(&builder, HANDOFF_PART_LOG, 1, 0);
	assert_int_equal(block->part_count, 1);
	assert_int_equal(handoff_block_offset(&builder, HANDOFF_PART_LOG), 0);
	assert_true(handoff_block_offset(&builder, HANDOFF_PART_SEED) > 0);
	assert_int_equal(handoff_block_finish(&builder), 0);
	assert_int_equal(builder.header->total_bytes, builder.used_bytes);
	assert_int_equal(builder.header->crc32c, 0);
	assert_int_equal(handoff_block_seal(&builder), 0);
}

static void trimming_an_inner_part_moves_nothing(void **state)
{
	(void)state;
	struct handoff_builder builder;

	memset(memory, 0xcc, sizeof(memory)); /* the builder relies on nothing that was there before */
	handoff_block_begin(&builder, memory, CAPACITY, BLOCK_PHYS);
	handoff_block_reserve(&builder, HANDOFF_PART_ATTEMPTS, 48, 480);
	uint8_t *seed = handoff_block_add(&builder, HANDOFF_PART_SEED, 40, NULL, 40);
	for (int i = 0; i < 41; i++)
		assert_int_equal(seed[i], 0);
	uint64_t used = builder.used_bytes;
	handoff_block_trim(&builder, HANDOFF_PART_ATTEMPTS, 48, 48);
	assert_int_equal(builder.used_bytes, used);
	handoff_block_trim(&builder, HANDOFF_PART_SEED, 40, 40); /* as it is */
	assert_int_equal(handoff_block_seal(&builder), 0);
	for (uint64_t i = used; i < CAPACITY; i++)
		assert_int_equal(((uint8_t *)memory)[i], 0xcc);
}

static struct handoff_builder begun(uint64_t capacity)
{
	struct handoff_builder builder;

	memset(memory, 0, sizeof(memory));
	handoff_block_begin(&builder, memory, capacity, BLOCK_PHYS);
	return builder;
}

static void seal_refuses_what_did_not_fit(void **state)
{
	(void)state;
	struct handoff_builder builder = begun(4096);
	uint64_t room = 4096 - builder.used_bytes;

	assert_non_null(handoff_block_reserve(&builder, HANDOFF_PART_RAW_MAP, 48, room)); /* to the last byte */
	assert_int_equal(handoff_block_seal(&builder), 0);

	builder = begun(4096);
	assert_null(handoff_block_reserve(&builder, HANDOFF_PART_RAW_MAP, 48, room + 1));
	assert_null(handoff_block_add(&builder, HANDOFF_PART_LOG, 1, "x", 1)); /* nothing works after a failure */
	assert_int_equal(handoff_block_finish(&builder), -1);
	assert_int_equal(handoff_block_seal(&builder), -1);

	builder = begun(4096);
	assert_null(handoff_block_add(&builder, HANDOFF_PART_LOG, 1, NULL, room)); /* no room for the NUL */
	assert_int_equal(handoff_block_seal(&builder), -1);

	builder = begun(4096);
	assert_null(handoff_block_reserve(&builder, HANDOFF_PART_LOG, 1, UINT64_MAX));
	assert_int_equal(handoff_block_seal(&builder), -1);
}

static void seal_refuses_misuse(void **state)
{
	(void)state;
	struct handoff_builder builder;

#define FAILS(call)                                          \
	builder = begun(CAPACITY);                           \
	handoff_block_add(&builder, HANDOFF_PART_LOG, 1, "log", 3); \
	assert_int_equal(builder.failed, 0);                 \
	call;                                                \
	assert_int_equal(handoff_block_seal(&builder), -1)
	FAILS(handoff_block_add(&builder, HANDOFF_PART_LOG, 1, "again", 5));
	FAILS(handoff_block_add(&builder, 0, 1, "no type", 7));
	FAILS(handoff_block_add(&builder, HANDOFF_PART_SEED, 40, NULL, 41));
	FAILS(handoff_block_add(&builder, HANDOFF_PART_SEED, 0, NULL, 41));
	FAILS(handoff_block_reserve(&builder, HANDOFF_PART_SEED, 0, 41));
	FAILS(handoff_block_reserve(&builder, HANDOFF_PART_SEED, 40, 0));
	FAILS(handoff_block_trim(&builder, HANDOFF_PART_LOG, 1, 4));  /* longer than it was */
	FAILS(handoff_block_trim(&builder, HANDOFF_PART_LOG, 2, 3));  /* uneven */
	FAILS(handoff_block_trim(&builder, HANDOFF_PART_LOG, 0, 3));
	FAILS(handoff_block_trim(&builder, HANDOFF_PART_SEED, 1, 1)); /* absent */
#undef FAILS
}

static void begin_refuses_memory_that_is_no_block(void **state)
{
	(void)state;
	struct handoff_builder builder;

#define FAILS(place, capacity, phys)                                \
	handoff_block_begin(&builder, place, capacity, phys);       \
	assert_null(handoff_block_add(&builder, HANDOFF_PART_LOG, 1, "x", 1)); \
	assert_null(handoff_block_reserve(&builder, HANDOFF_PART_LOG, 1, 1)); \
	handoff_block_trim(&builder, HANDOFF_PART_LOG, 1, 1);       \
	assert_int_equal(handoff_block_offset(&builder, HANDOFF_PART_LOG), 0); \
	assert_int_equal(handoff_block_seal(&builder), -1)
	FAILS(NULL, CAPACITY, BLOCK_PHYS);
	FAILS((uint8_t *)memory + 4, 4096, BLOCK_PHYS);
	FAILS(memory, 0, BLOCK_PHYS);
	FAILS(memory, 4097, BLOCK_PHYS);
	FAILS(memory, 4096, BLOCK_PHYS + 8);
#undef FAILS
}

static void the_directory_holds_32_parts(void **state)
{
	(void)state;
	struct handoff_builder builder = begun(CAPACITY);

	for (uint32_t type = 1000; type < 1000 + HANDOFF_BLOCK_PARTS_MAX; type++)
		assert_non_null(handoff_block_add(&builder, type, 1, "x", 1));
	assert_int_equal(handoff_block_seal(&builder), 0);
	assert_null(handoff_block_add(&builder, 2000, 1, "x", 1));
	assert_int_equal(handoff_block_seal(&builder), -1);
}

static void every_value_has_a_name_and_no_other_has(void **state)
{
	(void)state;
	for (uint32_t i = HANDOFF_MEMORY_USABLE; i <= HANDOFF_MEMORY_SPECIAL_PURPOSE; i++)
		assert_string_not_equal(handoff_memory_name(i), "unknown");
	for (uint32_t i = HANDOFF_OWNER_NONE; i <= HANDOFF_OWNER_LOADER_IMAGE; i++)
		if (i <= HANDOFF_OWNER_OTHER_LOADER || i >= HANDOFF_OWNER_KERNEL_TEXT)
			assert_string_not_equal(handoff_owner_name(i), "unknown");
		else
			assert_string_equal(handoff_owner_name(i), "unknown");
	for (uint32_t i = HANDOFF_LIFETIME_NEVER; i <= HANDOFF_LIFETIME_WHEN_DONE; i++)
		assert_string_not_equal(handoff_lifetime_name(i), "unknown");
	for (uint32_t i = HANDOFF_STAGE_ENTRY; i < HANDOFF_STAGE_COUNT; i++)
		assert_string_not_equal(handoff_stage_name(i), "unknown");
	for (int i = HANDOFF_BLOCK_OK; i <= HANDOFF_BLOCK_BAD_RESERVED; i++)
		assert_string_not_equal(handoff_block_status_name((enum handoff_block_status)i), "unknown");
	assert_string_equal(handoff_memory_name(0), "unknown");
	assert_string_equal(handoff_memory_name(HANDOFF_MEMORY_SPECIAL_PURPOSE + 1), "unknown");
	assert_string_equal(handoff_owner_name(UINT32_MAX), "unknown");
	assert_string_equal(handoff_lifetime_name(HANDOFF_LIFETIME_WHEN_DONE + 1), "unknown");
	assert_string_equal(handoff_stage_name(0), "unknown");
	assert_string_equal(handoff_stage_name(HANDOFF_STAGE_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(k1_a_built_block_is_sound_and_reads_back),
		cmocka_unit_test(accessors_say_what_is_absent),
		cmocka_unit_test(a_trimmed_map_leaves_nothing_of_an_earlier_attempt),
		cmocka_unit_test(a_part_of_zero_bytes_is_absent_and_no_failure),
		cmocka_unit_test(trimming_an_inner_part_moves_nothing),
		cmocka_unit_test(seal_refuses_what_did_not_fit),
		cmocka_unit_test(seal_refuses_misuse),
		cmocka_unit_test(begin_refuses_memory_that_is_no_block),
		cmocka_unit_test(the_directory_holds_32_parts),
		cmocka_unit_test(every_value_has_a_name_and_no_other_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
