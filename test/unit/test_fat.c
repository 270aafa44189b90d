/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/fat.c: boot sectors and chains, sound ones and each way to be unusual. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "test/unit/fat_volume.h"

static void test_geometry_of_a_sound_volume(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat *fat = volume_open(&volume);

	(void)state;
	assert_int_equal(fat_begin(fat), FAT_OK);
	assert_int_equal(fat->table_offset, VOLUME_TABLE);
	assert_int_equal(fat->data_offset, VOLUME_DATA);
	assert_int_equal(fat->cluster_bytes, VOLUME_SECTOR);
	assert_int_equal(fat->cluster_end, VOLUME_CLUSTERS + 2);
	assert_int_equal(fat->root, VOLUME_ROOT);
	volume_free(&volume);
}

static void test_boot_sectors_that_are_refused(void **state)
{
	static const struct {
		uint32_t at, bytes, value;
		enum fat_status status;
	} cases[] = {
		{ 510, 2, 0x55aa, FAT_NOT_FAT32 },
		{ 17, 2, 512, FAT_NOT_FAT32 },      /* a fixed root directory */
		{ 19, 2, 2880, FAT_NOT_FAT32 },     /* 16 bits for the size */
		{ 22, 2, 9, FAT_NOT_FAT32 },        /* a FAT12 or FAT16 */
		{ 40, 2, 0x81, FAT_NOT_FAT32 },     /* only the second FAT is kept */
		{ 42, 2, 1, FAT_NOT_FAT32 },        /* a later version */
		{ 11, 2, 0, FAT_BAD_GEOMETRY },     /* sectors */
		{ 11, 2, 256, FAT_BAD_GEOMETRY },
		{ 11, 2, 513, FAT_BAD_GEOMETRY },
		{ 11, 2, 8192, FAT_BAD_GEOMETRY },
		{ 13, 1, 0, FAT_BAD_GEOMETRY },     /* clusters */
		{ 13, 1, 3, FAT_BAD_GEOMETRY },
		{ 14, 2, 0, FAT_BAD_GEOMETRY },     /* no boot sector */
		{ 16, 1, 0, FAT_BAD_GEOMETRY },     /* no FAT */
		{ 16, 1, 255, FAT_BAD_GEOMETRY },   /* FATs larger than the volume */
		{ 32, 4, 0, FAT_BAD_GEOMETRY },     /* an empty volume */
		{ 32, 4, VOLUME_BYTES / VOLUME_SECTOR + 1, FAT_BAD_GEOMETRY }, /* larger than the disk */
		{ 32, 4, 0xffffffff, FAT_BAD_GEOMETRY },
		{ 32, 4, 65524 + VOLUME_RESERVED + VOLUME_FAT_SECTORS, FAT_BAD_GEOMETRY }, /* as many clusters as FAT16 has */
		{ 36, 4, 512, FAT_BAD_GEOMETRY },   /* a FAT too small for its clusters */
		{ 36, 4, 0xffffffff, FAT_BAD_GEOMETRY },
		{ 13, 1, 128, FAT_BAD_GEOMETRY },   /* so few clusters that it were FAT16 */
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fat_volume volume = volume_make();

		for (uint32_t byte = 0; byte < cases[i].bytes; byte++)
			volume.bytes[cases[i].at + byte] = (uint8_t)(cases[i].value >> 8 * byte);
		assert_int_equal(fat_begin(volume_open(&volume)), cases[i].status);
		volume_free(&volume);
	}
}

static void test_a_boot_sector_that_cannot_be_read(void **state)
{
	struct fat_volume volume = volume_make();

	(void)state;
	volume.fail_at = 100;
	assert_int_equal(fat_begin(volume_open(&volume)), FAT_NOT_READ);
	volume.fat.volume_bytes = 0;
	assert_int_equal(fat_begin(&volume.fat), FAT_NOT_READ);
	volume_free(&volume);
}

/* A volume with a chain, and its first place. */
static struct fat_chain begin(struct fat_volume *volume, uint32_t cluster, uint32_t clusters)
{
	struct fat_file file = { .cluster = cluster, .bytes = clusters * VOLUME_SECTOR - 1 };
	struct fat_chain chain;

	assert_int_equal(fat_begin(volume_open(volume)), FAT_OK);
	chain = fat_chain_of(&volume->fat, &file);
	assert_int_equal(chain.left, clusters);
	return chain;
}

static void expect_run(struct fat_volume *volume, struct fat_chain *chain, uint32_t first, uint32_t clusters)
{
	struct fat_run run = { 0 };

	assert_int_equal(fat_next_run(&volume->fat, chain, &run), FAT_OK);
	assert_int_equal(run.offset, VOLUME_DATA + (uint64_t)(first - 2) * VOLUME_SECTOR);
	assert_int_equal(run.bytes, (uint64_t)clusters * VOLUME_SECTOR);
}

static void expect(struct fat_volume *volume, struct fat_chain *chain, enum fat_status status)
{
	struct fat_run run = { 0 };

	assert_int_equal(fat_next_run(&volume->fat, chain, &run), status);
	assert_int_equal(run.bytes, 0);
}

static void test_a_contiguous_file_is_one_run_over_many_windows(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_chain(&volume, 100, 10099, VOLUME_END);
	chain = begin(&volume, 100, 10000);
	expect_run(&volume, &chain, 100, 10000);
	expect(&volume, &chain, FAT_END);
	assert_int_equal(chain.left, 0);
	/* 40,000 bytes of table, and the boot sector. */
	assert_in_range(volume.reads, 6, 7);
	volume_free(&volume);
}

static void test_pieces_are_runs_in_order_of_the_file(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_chain(&volume, 60000, 60009, 50);
	volume_chain(&volume, 50, 50, 52);
	volume_chain(&volume, 52, 60, VOLUME_CLUSTERS);
	volume_chain(&volume, VOLUME_CLUSTERS, VOLUME_CLUSTERS + 1, 0x0ffffff8);
	chain = begin(&volume, 60000, 22);
	expect_run(&volume, &chain, 60000, 10);
	expect_run(&volume, &chain, 50, 1);
	expect_run(&volume, &chain, 52, 9);
	expect_run(&volume, &chain, VOLUME_CLUSTERS, 2);
	expect(&volume, &chain, FAT_END);
	assert_int_equal(chain.left, 0);
	volume_free(&volume);
}

static void test_links_that_lead_nowhere(void **state)
{
	static const uint32_t links[] = { 0, 1, VOLUME_CLUSTERS + 2, 0x0ffffff6, 0x0ffffff7 };

	(void)state;
	for (uint32_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct fat_volume volume = volume_make();
		struct fat_chain chain;

		volume_chain(&volume, 10, 12, links[i]);
		chain = begin(&volume, 10, 5);
		expect_run(&volume, &chain, 10, 3);
		expect(&volume, &chain, FAT_BAD_CHAIN);
		chain = (struct fat_chain){ links[i], 5 };
		expect(&volume, &chain, FAT_BAD_CHAIN);
		volume_free(&volume);
	}
}

static void test_the_last_cluster_is_the_last(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	/* The table goes on behind the last cluster, as if there were one more. */
	volume_chain(&volume, VOLUME_CLUSTERS, VOLUME_CLUSTERS + 2, VOLUME_END);
	chain = begin(&volume, VOLUME_CLUSTERS, 3);
	expect(&volume, &chain, FAT_BAD_CHAIN);
	volume_free(&volume);
}

static void test_the_four_high_bits_of_a_link_are_not_part_of_it(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_chain(&volume, 10, 11, 0xffffffff);
	volume_link(&volume, 10, 0xa000000b);
	chain = begin(&volume, 10, 2);
	expect_run(&volume, &chain, 10, 2);
	expect(&volume, &chain, FAT_END);
	volume_free(&volume);
}

static void test_a_circle_ends_with_the_file(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_chain(&volume, 10, 13, 10);
	chain = begin(&volume, 10, 9);
	expect_run(&volume, &chain, 10, 4);
	expect_run(&volume, &chain, 10, 4);
	expect_run(&volume, &chain, 10, 1);
	expect(&volume, &chain, FAT_BAD_CHAIN);
	volume_free(&volume);
}

static void test_a_chain_shorter_than_its_file_ends_with_some_left(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_chain(&volume, 10, 13, VOLUME_END);
	chain = begin(&volume, 10, 6);
	expect_run(&volume, &chain, 10, 4);
	expect(&volume, &chain, FAT_END);
	assert_int_equal(chain.left, 2);
	volume_free(&volume);
}

static void test_a_table_that_cannot_be_read(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_chain(&volume, 100, 5099, VOLUME_END);
	volume.fail_at = VOLUME_TABLE + 4 * 4000;
	chain = begin(&volume, 100, 5000);
	expect(&volume, &chain, FAT_NOT_READ);
	volume_free(&volume);
}

static void test_too_many_windows(void **state)
{
	struct fat_volume volume = volume_make();
	struct fat_chain chain;

	(void)state;
	volume_link(&volume, 100, 60000);
	volume_link(&volume, 60000, 101);
	volume_link(&volume, 101, VOLUME_END);
	chain = begin(&volume, 100, 3);
	volume.fat.windows_left = 2;
	expect_run(&volume, &chain, 100, 1);
	expect_run(&volume, &chain, 60000, 1);
	expect(&volume, &chain, FAT_SCATTERED);
	volume_free(&volume);
}

static void test_a_window_ends_with_the_volume(void **state)
{
	struct fat_volume volume = volume_make();
	enum fat_status status;

	(void)state;
	assert_int_equal(fat_begin(volume_open(&volume)), FAT_OK);
	volume.bytes[VOLUME_BYTES - 1] = 0x77;
	assert_int_equal(fat_window(&volume.fat, VOLUME_BYTES - 1, 1, &status)[0], 0x77);
	assert_null(fat_window(&volume.fat, VOLUME_BYTES - 1, 2, &status));
	assert_int_equal(status, FAT_NOT_READ);
	assert_null(fat_window(&volume.fat, VOLUME_BYTES, 1, &status));
	assert_null(fat_window(&volume.fat, UINT64_MAX - 1, 1, &status));
	assert_int_equal(status, FAT_NOT_READ);
	/* Also behind a volume that ends within a page. */
	volume.fat.volume_bytes = 4096 + 512;
	assert_null(fat_window(&volume.fat, 4096 + 512 + 100, 1, &status));
	assert_int_equal(status, FAT_NOT_READ);
	volume_free(&volume);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_geometry_of_a_sound_volume),
		cmocka_unit_test(test_boot_sectors_that_are_refused),
		cmocka_unit_test(test_a_boot_sector_that_cannot_be_read),
		cmocka_unit_test(test_a_contiguous_file_is_one_run_over_many_windows),
		cmocka_unit_test(test_pieces_are_runs_in_order_of_the_file),
		cmocka_unit_test(test_links_that_lead_nowhere),
		cmocka_unit_test(test_the_last_cluster_is_the_last),
		cmocka_unit_test(test_the_four_high_bits_of_a_link_are_not_part_of_it),
		cmocka_unit_test(test_a_circle_ends_with_the_file),
		cmocka_unit_test(test_a_chain_shorter_than_its_file_ends_with_some_left),
		cmocka_unit_test(test_a_table_that_cannot_be_read),
		cmocka_unit_test(test_too_many_windows),
		cmocka_unit_test(test_a_window_ends_with_the_volume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
