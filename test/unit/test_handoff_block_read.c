/* SPDX-License-Identifier: BSD-2-Clause */
/* The check of the handoff block's frame (K1, K2): each status is seen on a block broken in just that way. */
#include "test/unit/frame_fixture.h"

static void break_magic(void) { block->magic ^= 1; }
static void break_major(void) { block->version_major = 2; }
static void break_header_short(void) { block->header_bytes = 56; }
static void break_header_odd(void) { block->header_bytes = 68; }
static void break_part_short(void) { block->part_bytes = 16; }
static void break_part_odd(void) { block->part_bytes = 28; }
static void break_total_long(void) { block->total_bytes = CAPACITY + 8; block->capacity_bytes = 2 * CAPACITY; }
static void break_total_beyond_capacity(void) { block->capacity_bytes = 0; }
static void break_total_short(void) { block->total_bytes = 64; }
static void break_part_count(void) { block->part_count = UINT32_MAX; }
static void break_capacity_uneven(void) { block->capacity_bytes -= 8; }
static void break_phys_uneven(void) { block->block_phys += 8; }
static void break_phys_wraps(void) { block->block_phys = 0 - UINT64_C(4096); }
static void break_content(void) { ((uint8_t *)block)[part(HANDOFF_PART_LOG)->offset] ^= 1; }
static void break_part_misaligned(void) { part(HANDOFF_PART_LOG)->offset += 1; }
static void break_part_in_directory(void) { part(HANDOFF_PART_LOG)->offset = 64; }
static void break_part_beyond(void) { part(HANDOFF_PART_RAW_MAP)->offset = block->total_bytes + 8; }
static void break_part_reaches_out(void) { part(HANDOFF_PART_RAW_MAP)->bytes = UINT64_MAX; }
static void break_part_8_longer(void) { part(HANDOFF_PART_MEMORY)->bytes += 8; }
static void break_part_twice(void) { part(HANDOFF_PART_LOG)->type = HANDOFF_PART_CMDLINE; }
static void break_part_empty(void) { part(HANDOFF_PART_CMDLINE)->bytes = 0; }
static void break_unknown_entry(void) { part(HANDOFF_PART_SEED)->entry_bytes = 0; part(HANDOFF_PART_SEED)->type = 77; }
static void break_struct_short(void) { part(HANDOFF_PART_CPU)->entry_bytes = 168; part(HANDOFF_PART_CPU)->bytes = 168; }
static void break_struct_uneven(void) { part(HANDOFF_PART_CPU)->bytes -= 8; }
static void break_array_short(void) { part(HANDOFF_PART_OWNED)->entry_bytes = 32; }
static void break_array_odd(void) { part(HANDOFF_PART_OWNED)->entry_bytes = 44; part(HANDOFF_PART_OWNED)->bytes = 44; }
static void break_array_uneven(void) { part(HANDOFF_PART_OWNED)->bytes -= 8; }
static void break_text_entry(void) { part(HANDOFF_PART_LOG)->entry_bytes = 5; }
static void break_overlap(void) { part(HANDOFF_PART_KERNEL)->offset = part(HANDOFF_PART_CPU)->offset + 8; }
static void break_missing(void) { part(HANDOFF_PART_EXIT)->type = 77; }
static void break_text_end(void) { ((uint8_t *)block)[part(HANDOFF_PART_LOG)->offset + 5] = '!'; }
static void break_text_at_end(void)
{
	struct handoff_part *log = part(HANDOFF_PART_LOG);

	part(HANDOFF_PART_RAW_MAP)->offset = log->offset; /* out of the way; the log becomes the end of the block */
	log->offset = block->total_bytes - 40;
	log->bytes = 40;
	part(HANDOFF_PART_MEMORY)->offset = part(HANDOFF_PART_RAW_MAP)->offset + 80;
}
static struct handoff_firmware *firmware_part(void)
{
	return (struct handoff_firmware *)((uint8_t *)block + part(HANDOFF_PART_FIRMWARE)->offset);
}
static struct handoff_loader *loader_part(void)
{
	return (struct handoff_loader *)((uint8_t *)block + part(HANDOFF_PART_LOADER)->offset);
}
static void break_variable_name(void)
{
	struct handoff_last_boot *boot = (void *)((uint8_t *)block + part(HANDOFF_PART_LAST_BOOT)->offset);

	for (uint32_t i = 0; i < sizeof(boot->name) / sizeof(boot->name[0]); i++)
		boot->name[i] = 'x';
}
static void break_vendor(void) { firmware_part()->vendor_offset = 8; }
static void break_version(void) { loader_part()->version_offset = part(HANDOFF_PART_STRINGS)->offset + 18; }
static struct handoff_module *module_part(void)
{
	return (struct handoff_module *)((uint8_t *)block + part(HANDOFF_PART_MODULES)->offset) + 1;
}
static void break_name(void) { module_part()->name_offset = UINT64_MAX; }
static void break_no_strings(void) { part(HANDOFF_PART_STRINGS)->type = 77; }
static void break_header_reserved0(void) { block->reserved0 = 1; }
static void break_header_reserved1(void) { block->reserved1 = 1; }
static void break_loader_reserved(void) { loader_part()->reserved0 = 1; }
static void break_module_reserved(void) { module_part()->reserved0 = UINT64_C(1) << 40; }
static void break_segment_reserved(void)
{
	((struct handoff_segment *)((uint8_t *)block + part(HANDOFF_PART_SEGMENTS)->offset))[1].reserved0 = 1;
}
static void break_stage_reserved(void)
{
	((struct handoff_stage *)((uint8_t *)block + part(HANDOFF_PART_STAGES)->offset))[2].reserved0 = 1;
}

static const struct {
	void (*break_it)(void);
	enum handoff_block_status status;
} breakers[] = {
	{ break_magic, HANDOFF_BLOCK_BAD_MAGIC },
	{ break_major, HANDOFF_BLOCK_BAD_VERSION },
	{ break_header_short, HANDOFF_BLOCK_BAD_SIZE },
	{ break_header_odd, HANDOFF_BLOCK_BAD_SIZE },
	{ break_part_short, HANDOFF_BLOCK_BAD_SIZE },
	{ break_part_odd, HANDOFF_BLOCK_BAD_SIZE },
	{ break_total_long, HANDOFF_BLOCK_BAD_SIZE },
	{ break_total_beyond_capacity, HANDOFF_BLOCK_BAD_SIZE },
	{ break_total_short, HANDOFF_BLOCK_BAD_SIZE },
	{ break_part_count, HANDOFF_BLOCK_BAD_SIZE },
	{ break_capacity_uneven, HANDOFF_BLOCK_BAD_SIZE },
	{ break_phys_uneven, HANDOFF_BLOCK_BAD_SIZE },
	{ break_phys_wraps, HANDOFF_BLOCK_BAD_SIZE },
	{ break_part_misaligned, HANDOFF_BLOCK_PART_OUTSIDE },
	{ break_part_in_directory, HANDOFF_BLOCK_PART_OUTSIDE },
	{ break_part_beyond, HANDOFF_BLOCK_PART_OUTSIDE },
	{ break_part_reaches_out, HANDOFF_BLOCK_PART_OUTSIDE },
	{ break_part_8_longer, HANDOFF_BLOCK_PART_OUTSIDE },
	{ break_part_twice, HANDOFF_BLOCK_PART_TWICE },
	{ break_part_empty, HANDOFF_BLOCK_PART_SHORT },
	{ break_unknown_entry, HANDOFF_BLOCK_PART_SHORT },
	{ break_struct_short, HANDOFF_BLOCK_PART_SHORT },
	{ break_struct_uneven, HANDOFF_BLOCK_PART_SHORT },
	{ break_array_short, HANDOFF_BLOCK_PART_SHORT },
	{ break_array_odd, HANDOFF_BLOCK_PART_SHORT },
	{ break_array_uneven, HANDOFF_BLOCK_PART_SHORT },
	{ break_text_entry, HANDOFF_BLOCK_PART_SHORT },
	{ break_overlap, HANDOFF_BLOCK_PART_OVERLAP },
	{ break_missing, HANDOFF_BLOCK_PART_MISSING },
	{ break_text_end, HANDOFF_BLOCK_BAD_STRING },
	{ break_text_at_end, HANDOFF_BLOCK_BAD_STRING },
	{ break_variable_name, HANDOFF_BLOCK_BAD_STRING },
	{ break_vendor, HANDOFF_BLOCK_BAD_STRING },
	{ break_version, HANDOFF_BLOCK_BAD_STRING },
	{ break_name, HANDOFF_BLOCK_BAD_STRING },
	{ break_no_strings, HANDOFF_BLOCK_BAD_STRING },
	{ break_header_reserved0, HANDOFF_BLOCK_BAD_RESERVED },
	{ break_header_reserved1, HANDOFF_BLOCK_BAD_RESERVED },
	{ break_loader_reserved, HANDOFF_BLOCK_BAD_RESERVED },
	{ break_module_reserved, HANDOFF_BLOCK_BAD_RESERVED },
	{ break_segment_reserved, HANDOFF_BLOCK_BAD_RESERVED },
	{ break_stage_reserved, HANDOFF_BLOCK_BAD_RESERVED },
};

static void k1_every_break_of_the_frame_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(breakers) / sizeof(breakers[0]); i++) {
		struct handoff_builder builder;

		build(&builder);
		breakers[i].break_it();
		if (block->total_bytes <= CAPACITY)
			reseal();
		enum handoff_block_status status = handoff_block_check(block, CAPACITY);
		if (status != breakers[i].status)
			fail_msg("breaker %zu: %s, not %s", i, handoff_block_status_name(status),
				 handoff_block_status_name(breakers[i].status));
	}
}

static void k1_a_flipped_bit_anywhere_is_seen(void **state)
{
	(void)state;
	struct handoff_builder builder;

	build(&builder);
	for (uint64_t bit = 0; bit < block->total_bytes * 8; bit += 7) {
		uint8_t *byte = (uint8_t *)memory + bit / 8;

		*byte ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(handoff_block_check(memory, CAPACITY), HANDOFF_BLOCK_OK);
		*byte ^= (uint8_t)(1u << bit % 8);
	}
	break_content();
	assert_int_equal(handoff_block_check(block, CAPACITY), HANDOFF_BLOCK_BAD_CHECKSUM);
}

static void k1_no_block_or_too_little_of_it(void **state)
{
	(void)state;
	struct handoff_builder builder;

	build(&builder);
	assert_int_equal(handoff_block_check(NULL, CAPACITY), HANDOFF_BLOCK_NULL);
	assert_int_equal(handoff_block_check((uint8_t *)block + 4, CAPACITY - 4), HANDOFF_BLOCK_NULL);
	assert_int_equal(handoff_block_check(block, 63), HANDOFF_BLOCK_TOO_SHORT);
	assert_int_equal(handoff_block_check(block, block->total_bytes - 1), HANDOFF_BLOCK_BAD_SIZE);
}

static void a_later_minor_version_may_use_reserved_fields_and_longer_entries(void **state)
{
	(void)state;
	struct handoff_builder builder;

	build(&builder);
	block->version_minor = HANDOFF_VERSION_MINOR + 1;
	block->reserved0 = 7;
	part(HANDOFF_PART_SEED)->type = 77; /* a part of the future */
	part(HANDOFF_PART_SEGMENTS)->entry_bytes = 80;
	reseal();
	assert_int_equal(handoff_block_check(block, CAPACITY), HANDOFF_BLOCK_OK);
	assert_int_equal(handoff_count(block, HANDOFF_PART_SEGMENTS), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(k1_every_break_of_the_frame_is_seen),
		cmocka_unit_test(k1_a_flipped_bit_anywhere_is_seen),
		cmocka_unit_test(k1_no_block_or_too_little_of_it),
		cmocka_unit_test(a_later_minor_version_may_use_reserved_fields_and_longer_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
