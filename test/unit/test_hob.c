/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/hob.c: a sound list read from its bytes, and one broken list for each way in which one can be broken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/hob.h"

/* A list under construction, in memory that ends where the list does: the sanitizer sees one byte too many. */
struct list {
	uint8_t bytes[1024];
	uint64_t used;
};

static uint8_t *add(struct list *list, uint16_t type, uint16_t bytes)
{
	uint8_t *at = list->bytes + list->used;

	memset(at, 0, bytes);
	memcpy(at, &type, 2);
	memcpy(at + 2, &bytes, 2);
	list->used += bytes;
	return at;
}

static void put64(uint8_t *to, uint64_t value)
{
	memcpy(to, &value, 8);
}

static void put32(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, 4);
}

static uint8_t *add_handoff(struct list *list)
{
	uint8_t *at = add(list, HOB_HANDOFF, 56);

	put32(at + 8, 9);
	put32(at + 12, 5);
	put64(at + 16, 0x8000000);
	put64(at + 24, 0x4000000);
	put64(at + 32, 0x7000000);
	put64(at + 40, 0x5000000);
	return at;
}

static uint8_t *add_allocation(struct list *list, uint64_t start, uint64_t bytes, uint32_t type)
{
	uint8_t *at = add(list, HOB_ALLOCATION, 48);

	put64(at + 24, start);
	put64(at + 32, bytes);
	put32(at + 40, type);
	return at;
}

static const uint8_t type_information[16] = {0x9f, 0x04, 0x19, 0x4c, 0x37, 0x41, 0xd3, 0x4d,
					     0x9c, 0x10, 0x8b, 0x97, 0xa8, 0x3f, 0xfd, 0xfa};
static const uint8_t stack_guid[16] = {0x27, 0xbf, 0xd4, 0x4e, 0x92, 0x40, 0xe9, 0x42,
				       0x80, 0x7d, 0x52, 0x7b, 0x1d, 0x00, 0xc9, 0xbd};

static uint8_t *add_type_information(struct list *list)
{
	static const uint32_t entries[] = {10, 0x20, 6, 0x100, 16, 0};
	uint8_t *at = add(list, HOB_GUID, 24 + sizeof(entries));

	memcpy(at + 8, type_information, 16);
	memcpy(at + 24, entries, sizeof(entries));
	return at;
}

/* Reads all blocks from a copy of exactly the list's size; returns how it ended. */
static enum hob_status read_all(const struct list *list, uint64_t bytes, uint32_t *ret_count)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	struct hob_reader reader;
	enum hob_status status;
	struct hob hob;

	assert_non_null(copy);
	memcpy(copy, list->bytes, bytes);
	hob_begin(&reader, copy, bytes);
	for (*ret_count = 0; (status = hob_next(&reader, &hob)) == HOB_OK; ++*ret_count)
		;
	free(copy);
	return status;
}

static void test_a_sound_list(void **state)
{
	struct list list = {.used = 0};
	struct hob_reader reader;
	struct hob_handoff handoff;
	struct hob_allocation allocation;
	struct hob_resource resource;
	struct hob hob;
	uint8_t *at;

	(void)state;
	add_handoff(&list);
	memcpy(add_allocation(&list, 0x1000, 0x20000, 4) + 8, stack_guid, 16);
	at = add(&list, HOB_RESOURCE, 48);
	put32(at + 24, HOB_RESOURCE_RESERVED);
	put32(at + 28, 7);
	put64(at + 32, 0xb0000000);
	put64(at + 40, 0x10000000);
	add(&list, HOB_LIST_END, 8);

	hob_begin(&reader, list.bytes, list.used);
	assert_int_equal(hob_next(&reader, &hob), HOB_OK);
	handoff = hob_handoff(&hob);
	assert_int_equal(handoff.boot_mode, 5);
	assert_int_equal(handoff.memory_top, 0x8000000);
	assert_int_equal(handoff.memory_bottom, 0x4000000);
	assert_int_equal(handoff.free_top, 0x7000000);
	assert_int_equal(handoff.free_bottom, 0x5000000);

	assert_int_equal(hob_next(&reader, &hob), HOB_OK);
	assert_int_equal(hob.type, HOB_ALLOCATION);
	allocation = hob_allocation(&hob);
	assert_int_equal(allocation.start_phys, 0x1000);
	assert_int_equal(allocation.bytes, 0x20000);
	assert_int_equal(allocation.memory_type, 4);
	assert_string_equal(hob_allocation_name(allocation.name), "stack");
	assert_string_equal(hob_allocation_name(type_information), "");

	assert_int_equal(hob_next(&reader, &hob), HOB_OK);
	resource = hob_resource(&hob);
	assert_int_equal(resource.type, HOB_RESOURCE_RESERVED);
	assert_int_equal(resource.attributes, 7);
	assert_int_equal(resource.start_phys, 0xb0000000);
	assert_int_equal(resource.bytes, 0x10000000);
	assert_int_equal(hob_next(&reader, &hob), HOB_END);
	assert_int_equal(hob_next(&reader, &hob), HOB_END);
}

static void test_type_information(void **state)
{
	struct list list = {.used = 0};
	struct hob_type_pages entry = {0};
	struct hob hob = {.type = HOB_GUID};

	(void)state;
	hob.at = add_type_information(&list);
	hob.bytes = 48;
	assert_int_equal(hob_type_information(&hob, 0, &entry), 1);
	assert_int_equal(entry.memory_type, 10);
	assert_int_equal(entry.pages, 0x20);
	assert_int_equal(hob_type_information(&hob, 1, &entry), 1);
	assert_int_equal(entry.memory_type, 6);
	assert_int_equal(hob_type_information(&hob, 2, &entry), 0);
	/* Without its end mark the block's length ends it. */
	hob.bytes = 32;
	assert_int_equal(hob_type_information(&hob, 1, &entry), 0);
	hob.bytes = 24;
	assert_int_equal(hob_type_information(&hob, 0, &entry), 0);
	list.bytes[8] ^= 1;
	hob.bytes = 48;
	assert_int_equal(hob_type_information(&hob, 0, &entry), 0);
	list.bytes[8] ^= 1;
	hob.type = HOB_ALLOCATION;
	assert_int_equal(hob_type_information(&hob, 0, &entry), 0);
}

static void test_unused_allocation(void **state)
{
	struct list list = {.used = 0};
	struct hob_allocation allocation;
	struct hob hob = {.type = HOB_UNUSED, .bytes = 48};

	(void)state;
	hob.at = add_allocation(&list, 0x5000, 0x3000, 7);
	assert_int_equal(hob_unused_allocation(&hob, &allocation), 1);
	assert_int_equal(allocation.start_phys, 0x5000);
	assert_int_equal(allocation.bytes, 0x3000);
	hob.bytes = 40;
	assert_int_equal(hob_unused_allocation(&hob, &allocation), 0);
	hob = (struct hob){.at = list.bytes, .type = HOB_ALLOCATION, .bytes = 48};
	assert_int_equal(hob_unused_allocation(&hob, &allocation), 0);
}

static void test_no_handoff_block(void **state)
{
	struct list list = {.used = 0};
	uint32_t count;

	(void)state;
	add_allocation(&list, 0, 0, 0);
	add(&list, HOB_LIST_END, 8);
	assert_int_equal(read_all(&list, list.used, &count), HOB_NO_HANDOFF);
	list.used = 0;
	add(&list, HOB_LIST_END, 8);
	assert_int_equal(read_all(&list, list.used, &count), HOB_NO_HANDOFF);
}

static void test_cut_at_every_byte(void **state)
{
	struct list list = {.used = 0};
	uint32_t count;

	(void)state;
	add_handoff(&list);
	add_type_information(&list);
	add_allocation(&list, 0x1000, 0x1000, 4);
	add(&list, HOB_LIST_END, 8);
	for (uint64_t bytes = 0; bytes < list.used; bytes++)
		assert_int_equal(read_all(&list, bytes, &count), HOB_CUT);
	assert_int_equal(read_all(&list, list.used, &count), HOB_END);
	assert_int_equal(count, 3);
}

static void test_impossible_lengths(void **state)
{
	static const uint16_t lengths[] = {0, 7, 12, 47};

	(void)state;
	for (uint32_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct list list = {.used = 0};
		uint32_t count;

		add_handoff(&list);
		memcpy(add(&list, HOB_POOL, 48) + 2, &lengths[i], 2);
		add(&list, HOB_LIST_END, 8);
		assert_int_equal(read_all(&list, list.used, &count), HOB_BAD_LENGTH);
		assert_int_equal(count, 1);
	}
}

static void test_blocks_too_short_for_their_type(void **state)
{
	static const struct {
		uint16_t type, bytes;
	} shorts[] = {{HOB_ALLOCATION, 40}, {HOB_RESOURCE, 40}, {HOB_GUID, 16}, {HOB_HANDOFF, 48}};

	(void)state;
	for (uint32_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++) {
		struct list list = {.used = 0};
		uint32_t count;

		add_handoff(&list);
		add(&list, shorts[i].type, shorts[i].bytes);
		add(&list, HOB_LIST_END, 8);
		assert_int_equal(read_all(&list, list.used, &count), HOB_TOO_SHORT);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(hob_resource_name(HOB_RESOURCE_MEMORY), "system memory");
	assert_string_equal(hob_resource_name(HOB_RESOURCE_UNACCEPTED), "unaccepted memory");
	assert_string_equal(hob_resource_name(8), "unknown resource");
	assert_true(hob_resource_is_memory(HOB_RESOURCE_MMIO));
	assert_false(hob_resource_is_memory(2));
	assert_false(hob_resource_is_memory(6));
	for (int status = HOB_OK; status <= HOB_TOO_SHORT; status++)
		assert_string_not_equal(hob_status_name((enum hob_status)status), "unknown");
	assert_string_equal(hob_status_name((enum hob_status)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sound_list),
		cmocka_unit_test(test_type_information),
		cmocka_unit_test(test_unused_allocation),
		cmocka_unit_test(test_no_handoff_block),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_impossible_lengths),
		cmocka_unit_test(test_blocks_too_short_for_their_type),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
