/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/smbios.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/smbios.h"

static void seal(uint8_t *entry, uint32_t bytes, uint32_t at)
{
	uint32_t sum = 0;

	entry[at] = 0;
	for (uint32_t i = 0; i < bytes; i++)
		sum += entry[i];
	entry[at] = (uint8_t)(256 - sum % 256);
}

static void make_entry64(uint8_t entry[24])
{
	const uint32_t bytes = 0x1234;
	const uint64_t phys = 0x123456789000;

	memset(entry, 0, 24);
	memcpy(entry, "_SM3_", 5);
	entry[6] = 24;
	memcpy(entry + 12, &bytes, 4);
	memcpy(entry + 16, &phys, 8);
	seal(entry, 24, 5);
}

static void make_entry32(uint8_t entry[31])
{
	const uint16_t bytes = 0x321;
	const uint32_t phys = 0xf0480;

	memset(entry, 0, 31);
	memcpy(entry, "_SM_", 4);
	entry[5] = 31;
	memcpy(entry + 16, "_DMI_", 5);
	memcpy(entry + 22, &bytes, 2);
	memcpy(entry + 24, &phys, 4);
	seal(entry, 31, 4);
}

static void test_entry_points(void **state)
{
	uint8_t entry[31];
	uint64_t phys = 0, bytes = 0;

	(void)state;
	make_entry64(entry);
	assert_int_equal(smbios_entry(entry, 24, &phys, &bytes), 1);
	assert_int_equal(phys, 0x123456789000);
	assert_int_equal(bytes, 0x1234);
	make_entry32(entry);
	assert_int_equal(smbios_entry(entry, 31, &phys, &bytes), 1);
	assert_int_equal(phys, 0xf0480);
	assert_int_equal(bytes, 0x321);
	/* The length that version 2.1 stated. */
	entry[5] = 30;
	seal(entry, 31, 4);
	assert_int_equal(smbios_entry(entry, 31, &phys, &bytes), 1);
}

static void test_each_byte_of_an_entry_point_counts(void **state)
{
	uint8_t entry[31];
	uint64_t phys, bytes;

	(void)state;
	for (uint32_t i = 0; i < 24; i++) {
		make_entry64(entry);
		entry[i] ^= 0x40;
		assert_int_equal(smbios_entry(entry, 24, &phys, &bytes), 0);
	}
	for (uint32_t i = 0; i < 31; i++) {
		make_entry32(entry);
		entry[i] ^= 0x40;
		assert_int_equal(smbios_entry(entry, 31, &phys, &bytes), 0);
	}
	make_entry64(entry);
	assert_int_equal(smbios_entry(entry, 23, &phys, &bytes), 0);
	entry[6] = 32; /* longer than what may be read */
	assert_int_equal(smbios_entry(entry, 24, &phys, &bytes), 0);
	make_entry32(entry);
	assert_int_equal(smbios_entry(entry, 30, &phys, &bytes), 0);
	assert_int_equal(smbios_entry(entry, 0, &phys, &bytes), 0);
}

/* BIOS information, system information, base board, end. */
#define TABLE                                                             \
	"\x00\x0a\x01\x00\x01\x02\x00\x00\x03\x00"                        \
	"  Maker & Sons \0v1.2\xe9\0" "01/02/2025\0\0"                    \
	"\x01\x08\x02\x00\x01\x00\x02\x00" "ACME\0Rev\xff""A\0\0"         \
	"\x02\x06\x03\x00\x00\x01" "Board\0\0"                            \
	"\x7f\x04\x04\x00\0\0"

static uint64_t text_of(uint64_t table_bytes, enum smbios_string which, char *text, uint64_t text_bytes)
{
	uint8_t *copy = malloc(table_bytes ? table_bytes : 1);
	uint64_t length;

	assert_non_null(copy);
	memcpy(copy, TABLE, table_bytes);
	length = smbios_text(copy, table_bytes, which, text, text_bytes);
	free(copy);
	return length;
}

static void test_strings(void **state)
{
	const uint64_t bytes = sizeof(TABLE) - 1;
	char text[32];

	(void)state;
	assert_int_equal(text_of(bytes, SMBIOS_FIRMWARE_VENDOR, text, sizeof(text)), 12);
	assert_string_equal(text, "Maker & Sons");
	assert_int_equal(text_of(bytes, SMBIOS_FIRMWARE_VERSION, text, sizeof(text)), 5);
	assert_string_equal(text, "v1.2?");
	text_of(bytes, SMBIOS_FIRMWARE_DATE, text, sizeof(text));
	assert_string_equal(text, "01/02/2025");
	text_of(bytes, SMBIOS_SYSTEM_MAKER, text, sizeof(text));
	assert_string_equal(text, "ACME");
	assert_int_equal(text_of(bytes, SMBIOS_SYSTEM_PRODUCT, text, sizeof(text)), 0); /* number 0 */
	assert_string_equal(text, "");
	text_of(bytes, SMBIOS_SYSTEM_VERSION, text, sizeof(text));
	assert_string_equal(text, "Rev?A");
	text_of(bytes, SMBIOS_BOARD_PRODUCT, text, sizeof(text));
	assert_string_equal(text, "Board");
}

static void test_text_is_cut_to_its_buffer(void **state)
{
	char text[6] = "xxxxx";

	(void)state;
	assert_int_equal(text_of(sizeof(TABLE) - 1, SMBIOS_FIRMWARE_VENDOR, text, sizeof(text)), 5);
	assert_string_equal(text, "Maker");
	assert_int_equal(text_of(sizeof(TABLE) - 1, SMBIOS_FIRMWARE_VENDOR, text, 0), 0);
}

static void test_a_table_cut_at_every_byte(void **state)
{
	char text[32];

	(void)state;
	for (uint64_t bytes = 0; bytes < sizeof(TABLE) - 1; bytes++)
		for (int which = SMBIOS_FIRMWARE_VENDOR; which <= SMBIOS_BOARD_PRODUCT; which++)
			text_of(bytes, (enum smbios_string)which, text, sizeof(text));
	/* The first structure lacks its last byte. */
	assert_int_equal(text_of(43, SMBIOS_FIRMWARE_VENDOR, text, sizeof(text)), 0);
	assert_int_equal(text_of(44, SMBIOS_FIRMWARE_VENDOR, text, sizeof(text)), 12);
}

static void test_broken_structures(void **state)
{
	static const uint8_t no_such_string[] = {1, 8, 0, 0, 9, 9, 9, 9, 'A', 0, 0};
	static const uint8_t header_short[] = {1, 3, 0, 0, 1, 1, 1, 1, 'A', 0, 0};
	static const uint8_t length_outside[] = {1, 200, 0, 0, 1, 1, 1, 1, 'A', 0, 0};
	static const uint8_t field_missing[] = {1, 4, 0, 0, 'A', 0, 0};
	static const uint8_t behind_the_end[] = {127, 4, 0, 0, 0, 0, 1, 8, 0, 0, 1, 1, 1, 1, 'A', 0, 0};
	char text[8];

	(void)state;
	assert_int_equal(smbios_text(no_such_string, sizeof(no_such_string), SMBIOS_SYSTEM_MAKER, text, 8), 0);
	assert_int_equal(smbios_text(header_short, sizeof(header_short), SMBIOS_SYSTEM_MAKER, text, 8), 0);
	assert_int_equal(smbios_text(length_outside, sizeof(length_outside), SMBIOS_SYSTEM_MAKER, text, 8), 0);
	assert_int_equal(smbios_text(field_missing, sizeof(field_missing), SMBIOS_SYSTEM_MAKER, text, 8), 0);
	assert_int_equal(smbios_text(behind_the_end, sizeof(behind_the_end), SMBIOS_SYSTEM_MAKER, text, 8), 0);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry_points),
		cmocka_unit_test(test_each_byte_of_an_entry_point_counts),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_text_is_cut_to_its_buffer),
		cmocka_unit_test(test_a_table_cut_at_every_byte),
		cmocka_unit_test(test_broken_structures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
