/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/fat_find.c: names that are there, and entries that are none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "test/unit/fat_volume.h"

enum { FOLDER = 0x10, PLAIN = 0x20, LABEL = 0x08 };

static enum fat_status find(struct fat_volume *volume, const char *path, struct fat_file *file)
{
	enum fat_status status = fat_begin(volume_open(volume));

	if (status == FAT_OK)
		status = fat_find(&volume->fat, path, file);
	free(volume->fat.window);
	volume->fat.window = NULL;
	return status;
}

static void expect_file(struct fat_volume *volume, const char *path, uint32_t cluster)
{
	struct fat_file file = { 0 };

	assert_int_equal(find(volume, path, &file), FAT_OK);
	assert_int_equal(file.cluster, cluster);
	assert_int_equal(file.bytes, cluster * 10);
	assert_int_equal(file.is_folder, 0);
}

static void expect(struct fat_volume *volume, const char *path, enum fat_status status)
{
	struct fat_file file = { .cluster = 4711 };

	assert_int_equal(find(volume, path, &file), status);
	assert_int_equal(file.cluster, 4711);
}

static void test_short_names_without_regard_to_case(void **state)
{
	struct fat_volume volume = volume_make();
	uint8_t *root = volume_cluster(&volume, VOLUME_ROOT);

	(void)state;
	volume_entry(root, "BATON      ", LABEL, 9, 90);
	volume_entry(root + 32, "KERNEL  ELF", PLAIN, 0x12345, 0x12345 * 10);
	volume_entry(root + 64, "EIGHTLETTHR", PLAIN, 11, 110);
	volume_entry(root + 96, "NOEXT      ", PLAIN, 12, 120);
	expect_file(&volume, "kernel.elf", 0x12345);
	expect_file(&volume, "\\KERNEL.elf", 0x12345);
	expect_file(&volume, "//Kernel.ELF", 0x12345);
	expect_file(&volume, "eightlet.thr", 11);
	expect_file(&volume, "noext", 12);
	expect(&volume, "baton", FAT_NO_FILE);
	expect(&volume, "kernel", FAT_NO_FILE);
	expect(&volume, "kernel.el", FAT_NO_FILE);
	expect(&volume, "kernel.elfe", FAT_NO_FILE);
	expect(&volume, "kernel..elf", FAT_NO_FILE);
	expect(&volume, "eightlett.thr", FAT_NO_FILE);
	expect(&volume, "eightletthr", FAT_NO_FILE);
	expect(&volume, "no.ext", FAT_NO_FILE);
	expect(&volume, "noext.x", FAT_NO_FILE);
	expect(&volume, "", FAT_NO_FILE);
	expect(&volume, "\\", FAT_NO_FILE);
	volume_free(&volume);
}

static void test_long_names_of_every_length(void **state)
{
	char name[64] = "";

	(void)state;
	for (uint32_t length = 1; length + 1 < sizeof(name); length++) {
		struct fat_volume volume = volume_make();
		uint8_t *root = volume_cluster(&volume, VOLUME_ROOT);
		uint32_t count;

		name[length - 1] = (char)('a' + length % 26);
		name[length] = '\0';
		count = volume_long_name(root, name, volume_checksum("LONG~1     "));
		volume_entry(root + 32 * count, "LONG~1     ", PLAIN, 5, 50);
		expect_file(&volume, name, 5);
		expect_file(&volume, "long~1", 5);
		name[length - 1] ^= 0x20;
		expect_file(&volume, name, 5);
		name[length - 1] ^= 0x23;
		expect(&volume, name, FAT_NO_FILE);
		name[length - 1] ^= 0x03;
		name[length] = 'x';
		name[length + 1] = '\0';
		expect(&volume, name, FAT_NO_FILE);
		volume_free(&volume);
	}
}

static void test_pieces_that_do_not_belong_together(void **state)
{
	static const char name[] = "a name of three pieces, initrd"; /* 13 + 13 + 4 */
	static const struct {
		uint32_t entry, byte;
		uint8_t value;
	} damage[] = {
		{ 0, 0, 3 },           /* the last piece is not marked */
		{ 0, 0, 0x44 },        /* more pieces than the name has */
		{ 1, 0, 1 },           /* a piece twice, one not at all */
		{ 2, 0, 2 },
		{ 1, 0, 0xe5 },        /* one is free */
		{ 1, 13, 0 },          /* another checksum */
		{ 2, 13, 0 },
		{ 3, 0, 'X' },         /* the short name is not the one that they were made for */
		{ 1, 2, 1 },           /* a letter that is not ASCII */
		{ 2, 11, 0x20 },       /* an ordinary entry in between */
		{ 2, 0, 0 },           /* the end of the folder */
	};
	const uint8_t sum = volume_checksum("ANAMEO~1   ");

	(void)state;
	for (uint32_t i = 0; i <= sizeof(damage) / sizeof(damage[0]); i++) {
		struct fat_volume volume = volume_make();
		uint8_t *root = volume_cluster(&volume, VOLUME_ROOT);

		assert_int_equal(volume_long_name(root, name, sum), 3);
		volume_entry(root + 96, "ANAMEO~1   ", PLAIN, 5, 50);
		if (i == sizeof(damage) / sizeof(damage[0])) {
			expect_file(&volume, name, 5);
		} else {
			root[32 * damage[i].entry + damage[i].byte] = damage[i].value;
			expect(&volume, name, FAT_NO_FILE);
		}
		volume_free(&volume);
	}
}

static void test_free_entries_and_what_stands_behind_the_end(void **state)
{
	struct fat_volume volume = volume_make();
	uint8_t *root = volume_cluster(&volume, VOLUME_ROOT);

	(void)state;
	volume_entry(root, "\xe5" "ERNEL  ELF", PLAIN, 5, 50);
	volume_entry(root + 32, "INITRD     ", PLAIN, 6, 60);
	volume_entry(root + 96, "BEHIND     ", PLAIN, 7, 70);
	expect_file(&volume, "initrd", 6);
	expect(&volume, "kernel.elf", FAT_NO_FILE);
	expect(&volume, "behind", FAT_NO_FILE);
	volume_free(&volume);
}

static void test_folders_in_folders_over_several_clusters(void **state)
{
	struct fat_volume volume = volume_make();

	(void)state;
	volume_link(&volume, VOLUME_ROOT, 40);
	volume_link(&volume, 40, VOLUME_END);
	for (uint32_t i = 0; i < 16; i++)
		volume_entry(volume_cluster(&volume, VOLUME_ROOT) + 32 * i, "FILLER     ", PLAIN, 3, 30);
	volume_entry(volume_cluster(&volume, 40), "BATON      ", FOLDER, 50, 0);
	volume_link(&volume, 50, VOLUME_END);
	volume_entry(volume_cluster(&volume, 50), "IMAGES     ", FOLDER, 60, 0);
	volume_entry(volume_cluster(&volume, 50) + 32, "KERNEL  ELF", PLAIN, 70, 700);
	volume_link(&volume, 60, VOLUME_END);
	volume_entry(volume_cluster(&volume, 60), "INITRD  IMG", PLAIN, 80, 800);
	expect_file(&volume, "\\baton\\kernel.elf", 70);
	expect_file(&volume, "/baton/images/initrd.img", 80);
	expect(&volume, "\\baton", FAT_NO_FILE);
	expect(&volume, "\\baton\\kernel.elf\\x", FAT_NO_FILE);
	expect(&volume, "\\kernel.elf", FAT_NO_FILE);
	expect(&volume, "\\baton\\images\\none", FAT_NO_FILE);
	volume_free(&volume);
}

static void test_a_folder_that_ends_with_its_chain(void **state)
{
	struct fat_volume volume = volume_make();

	(void)state;
	for (uint32_t i = 0; i < 16; i++)
		volume_entry(volume_cluster(&volume, VOLUME_ROOT) + 32 * i, "FILLER     ", PLAIN, 3, 30);
	expect_file(&volume, "filler", 3);
	expect(&volume, "kernel.elf", FAT_NO_FILE);
	volume_free(&volume);
}

static void test_folders_that_cannot_be_followed(void **state)
{
	struct fat_volume volume = volume_make();

	(void)state;
	/* A circle without an end mark: it is followed as far as a folder may be long. */
	memset(volume_cluster(&volume, VOLUME_ROOT), 0xe5, VOLUME_SECTOR);
	volume_link(&volume, VOLUME_ROOT, VOLUME_ROOT);
	expect(&volume, "kernel.elf", FAT_SCATTERED);
	volume_link(&volume, VOLUME_ROOT, 0);
	expect(&volume, "kernel.elf", FAT_BAD_CHAIN);
	volume.fail_at = VOLUME_DATA;
	expect(&volume, "kernel.elf", FAT_NOT_READ);
	volume_free(&volume);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_names_without_regard_to_case),
		cmocka_unit_test(test_long_names_of_every_length),
		cmocka_unit_test(test_pieces_that_do_not_belong_together),
		cmocka_unit_test(test_free_entries_and_what_stands_behind_the_end),
		cmocka_unit_test(test_folders_in_folders_over_several_clusters),
		cmocka_unit_test(test_a_folder_that_ends_with_its_chain),
		cmocka_unit_test(test_folders_that_cannot_be_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
