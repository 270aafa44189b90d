/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of the handoff block (K1, K2): what the builder writes the checker accepts and the accessors give back, and each
 * status of the checker is seen on a block broken in just that way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/handoff_block.h"

enum { CAPACITY = 16384, BLOCK_PHYS = 0x7e000000 };

static uint64_t memory[CAPACITY / 8] __attribute__((aligned(4096)));
static struct handoff_header *const block = (struct handoff_header *)memory;

static const struct handoff_raw_descriptor raw[] = {
	{ .type = 7, .physical_start = 0x100000, .number_of_pages = 16 },
	{ .type = 0, .physical_start = 0x200000, .number_of_pages = 1 },
};
static const struct handoff_segment segments[] = { { .virt = 0x1000, .bytes = 4096 }, { .virt = 0x2000, .bytes = 8192 } };

/* Every part that there is, with the least content; reserved parts are in the order of the real boot. */
static void build(struct handoff_builder *builder)
{
	memset(memory, 0, sizeof(memory));
	handoff_block_begin(builder, memory, CAPACITY, BLOCK_PHYS);
	handoff_block_add(builder, HANDOFF_PART_STRINGS, 1, "vendor\0version\0mod", 18);
	uint64_t strings = handoff_block_offset(builder, HANDOFF_PART_STRINGS);
	struct handoff_firmware firmware = { .vendor_offset = strings };
	struct handoff_loader loader = { .version_offset = strings + 7 };
	struct handoff_module modules[2] = { { .name_offset = strings + 15 }, { .name_offset = 0 } };
	struct handoff_stage stages[3] = { { .stage = HANDOFF_STAGE_ENTRY } };

	handoff_block_add(builder, HANDOFF_PART_OWNED, sizeof(struct handoff_range), NULL, 2 * sizeof(struct handoff_range));
	handoff_block_add(builder, HANDOFF_PART_EXIT, sizeof(struct handoff_exit), NULL, sizeof(struct handoff_exit));
	handoff_block_reserve(builder, HANDOFF_PART_ATTEMPTS, sizeof(struct handoff_attempt), 8 * sizeof(struct handoff_attempt));
	handoff_block_add(builder, HANDOFF_PART_CPU, sizeof(struct handoff_cpu), NULL, sizeof(struct handoff_cpu));
	handoff_block_add(builder, HANDOFF_PART_KERNEL, sizeof(struct handoff_kernel), NULL, sizeof(struct handoff_kernel));
	handoff_block_add(builder, HANDOFF_PART_SEGMENTS, sizeof(struct handoff_segment), segments, sizeof(segments));
	handoff_block_add(builder, HANDOFF_PART_CMDLINE, 1, "quiet", 5);
	handoff_block_add(builder, HANDOFF_PART_MODULES, sizeof(modules[0]), modules, sizeof(modules));
	handoff_block_add(builder, HANDOFF_PART_FRAMEBUFFER, sizeof(struct handoff_framebuffer), NULL,
			  sizeof(struct handoff_framebuffer));
	handoff_block_add(builder, HANDOFF_PART_FIRMWARE, sizeof(firmware), &firmware, sizeof(firmware));
	handoff_block_add(builder, HANDOFF_PART_STAGES, sizeof(stages[0]), stages, sizeof(stages));
	handoff_block_add(builder, HANDOFF_PART_SEED, sizeof(struct handoff_seed), NULL, sizeof(struct handoff_seed));
	handoff_block_add(builder, HANDOFF_PART_LOADER, sizeof(loader), &loader, sizeof(loader));
	handoff_block_add(builder, HANDOFF_PART_LOG, 1, "hello", 5);
	handoff_block_add(builder, HANDOFF_PART_LAST_BOOT, sizeof(struct handoff_last_boot), NULL, sizeof(struct handoff_last_boot));

	void *map = handoff_block_reserve(builder, HANDOFF_PART_RAW_MAP, 8, 4096);
	assert_non_null(map);
	memset(map, 0xee, 4096); /* an earlier attempt had more to say */
	memcpy(map, raw, sizeof(raw));
	handoff_block_trim(builder, HANDOFF_PART_ATTEMPTS, sizeof(struct handoff_attempt), 2 * sizeof(struct handoff_attempt));
	handoff_block_trim(builder, HANDOFF_PART_RAW_MAP, sizeof(raw[0]), sizeof(raw));
	assert_ptr_equal(handoff_block_reserve(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), 4000),
			 (uint8_t *)map + sizeof(raw));
	handoff_block_trim(builder, HANDOFF_PART_MEMORY, sizeof(struct handoff_range), sizeof(struct handoff_range));
	assert_int_equal(handoff_block_seal(builder), 0);
}

/* As seal() does, for a block that was broken by hand. */
static void reseal(void)
{
	block->crc32c = 0;
	block->crc32c = crc32c(0, block, block->total_bytes);
}

static struct handoff_part *part(uint32_t type)
{
	struct handoff_part *directory = (struct handoff_part *)(block + 1);

	for (uint32_t i = 0; i < block->part_count; i++)
		if (directory[i].type == type)
			return &directory[i];
	fail_msg("no part %u", type);
	return NULL;
}

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

/* --- every status of the check, each by breaking one thing ------------------------------------------------------------ */

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
		cmocka_unit_test(k1_every_break_of_the_frame_is_seen),
		cmocka_unit_test(k1_a_flipped_bit_anywhere_is_seen),
		cmocka_unit_test(k1_no_block_or_too_little_of_it),
		cmocka_unit_test(a_later_minor_version_may_use_reserved_fields_and_longer_entries),
		cmocka_unit_test(every_value_has_a_name_and_no_other_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
