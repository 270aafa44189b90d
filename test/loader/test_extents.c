/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large files by block requests (loader/extents.c).  The volume's blocks and the driver's files hold different bytes here, so
 * that a test sees who was believed: blocks where everything is ordinary, the driver in all other cases, and never a mixture.
 */
#include "test/fake/expect.h"
#include "test/unit/fat_volume.h"

enum {
	MODULE_BYTES = (1 << 20) + 777,
	CLUSTERS = MODULE_BYTES / VOLUME_SECTOR + 1,
	HALF = CLUSTERS / 2,
	FIRST = 1000,
	SECOND = 40000,
};

static struct fat_volume volume;
static uint8_t driver_bytes[MODULE_BYTES];
static uint8_t block_bytes[CLUSTERS * VOLUME_SECTOR];

/* \m in two pieces, the second one in front of the first. */
static void write_file(void)
{
	volume_entry(volume_cluster(&volume, VOLUME_ROOT), "M          ", 0x20, SECOND, MODULE_BYTES);
	volume_chain(&volume, SECOND, SECOND + HALF - 1, FIRST);
	volume_chain(&volume, FIRST, FIRST + CLUSTERS - HALF - 1, VOLUME_END);
	memcpy(volume_cluster(&volume, SECOND), block_bytes, HALF * VOLUME_SECTOR);
	memcpy(volume_cluster(&volume, FIRST), block_bytes + HALF * VOLUME_SECTOR, (CLUSTERS - HALF) * VOLUME_SECTOR);
}

static void add_module(uint64_t bytes)
{
	fake_reset();
	fake_add_text("\\baton\\baton.conf", "module = \\m\n");
	fake_add_file("\\m", driver_bytes, bytes);
	fake.options.volume = volume.bytes;
	fake.options.volume_bytes = VOLUME_BYTES;
}

static int set_up(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(block_bytes); i++)
		block_bytes[i] = (uint8_t)(1 + i % 251 + i / VOLUME_SECTOR);
	for (uint32_t i = 0; i < sizeof(driver_bytes); i++)
		driver_bytes[i] = (uint8_t)(block_bytes[i] ^ 0xff);
	volume = volume_make();
	write_file();
	add_module(MODULE_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	volume_free(&volume);
	return 0;
}

static void expect_module(const uint8_t *bytes, uint64_t count)
{
	const struct handoff_module *module = handoff_element(expect_kernel(), HANDOFF_PART_MODULES, 0);

	assert_int_equal(module->bytes, count);
	assert_memory_equal((const void *)module->phys, bytes, count);
	for (uint64_t at = count; at % HANDOFF_PAGE_BYTES != 0; at++)
		assert_int_equal(((const uint8_t *)module->phys)[at], 0);
}

static void test_an_ordinary_file_comes_by_blocks(void **state)
{
	(void)state;
	expect_module(block_bytes, MODULE_BYTES);
	/* Boot sector and table, folder, table, the two runs, the last bytes. */
	assert_in_range(fake.calls[FAKE_READ_BLOCKS], 5, 8);
}

static void test_the_last_block_may_be_whole(void **state)
{
	const uint32_t bytes = MODULE_BYTES / VOLUME_SECTOR * VOLUME_SECTOR;

	(void)state;
	volume_entry(volume_cluster(&volume, VOLUME_ROOT), "M          ", 0x20, SECOND, bytes);
	volume_link(&volume, FIRST + CLUSTERS - HALF - 2, VOLUME_END);
	add_module(bytes);
	expect_module(block_bytes, bytes);
}

static void test_small_files_are_the_drivers(void **state)
{
	(void)state;
	add_module((1 << 20) - 1);
	expect_module(driver_bytes, (1 << 20) - 1);
	assert_int_equal(fake.calls[FAKE_READ_BLOCKS], 0);
}

static void test_every_request_may_fail(void **state)
{
	uint32_t requests;

	(void)state;
	expect_module(block_bytes, MODULE_BYTES);
	requests = fake.calls[FAKE_READ_BLOCKS];
	for (uint32_t at = 1; at <= requests; at++) {
		add_module(MODULE_BYTES);
		fake_add_fault((struct fake_fault){ FAKE_READ_BLOCKS, at, FAKE_FAIL, EFI_DEVICE_ERROR });
		expect_module(driver_bytes, MODULE_BYTES);
	}
}

static void test_volumes_that_are_not_ordinary_are_the_drivers(void **state)
{
	static const struct {
		uint32_t cluster, next;
	} links[] = {
		{ FIRST + 5, 0 },                                  /* a free cluster */
		{ FIRST + 5, 0x0ffffff7 },                         /* a bad one */
		{ FIRST + 5, VOLUME_CLUSTERS + 2 },                /* outside */
		{ FIRST + 5, VOLUME_END },                         /* too early */
		{ FIRST + CLUSTERS - HALF - 1, 5 },                /* too late */
		{ FIRST + 5, SECOND },                             /* a circle */
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		uint32_t before = le_read32(volume.bytes + VOLUME_TABLE + 4 * links[i].cluster);

		volume_link(&volume, links[i].cluster, links[i].next);
		volume_link(&volume, 5, VOLUME_END);
		add_module(MODULE_BYTES);
		expect_module(driver_bytes, MODULE_BYTES);
		volume_link(&volume, links[i].cluster, before);
	}
	volume.bytes[510] = 0;
	add_module(MODULE_BYTES);
	expect_module(driver_bytes, MODULE_BYTES);
}

static void test_a_file_of_another_size_is_the_drivers(void **state)
{
	(void)state;
	volume_entry(volume_cluster(&volume, VOLUME_ROOT), "M          ", 0x20, SECOND, MODULE_BYTES + 1);
	expect_module(driver_bytes, MODULE_BYTES);
}

static void test_a_file_of_another_name_is_the_drivers(void **state)
{
	(void)state;
	volume_entry(volume_cluster(&volume, VOLUME_ROOT), "N          ", 0x20, SECOND, MODULE_BYTES);
	expect_module(driver_bytes, MODULE_BYTES);
}

static void test_without_blocks_all_is_the_drivers(void **state)
{
	(void)state;
	fake.options.volume = NULL;
	expect_module(driver_bytes, MODULE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_an_ordinary_file_comes_by_blocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_last_block_may_be_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_small_files_are_the_drivers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_request_may_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_volumes_that_are_not_ordinary_are_the_drivers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_file_of_another_size_is_the_drivers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_file_of_another_name_is_the_drivers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_blocks_all_is_the_drivers, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
