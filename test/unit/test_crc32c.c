/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C against the vectors of RFC 3720 appendix B.4 and against a division bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/crc32c.h"

/* The polynomial division as the definition words it: slow, and obviously right. */
static uint32_t divide(const uint8_t *data, size_t bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}

static void rfc3720_vectors(void **state)
{
	/* An iSCSI SCSI Read (10) command PDU, the last example of appendix B.4. */
	static const uint8_t command[48] = {
		0x01, 0xc0, [16] = 0x14, [20] = 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, [40] = 0x02};
	uint8_t data[32];

	(void)state;
	memset(data, 0, sizeof(data));
	assert_int_equal(crc32c(0, data, 32), 0x8a9136aa);
	memset(data, 0xff, sizeof(data));
	assert_int_equal(crc32c(0, data, 32), 0x62a8ab43);
	for (uint8_t i = 0; i < 32; i++)
		data[i] = i;
	assert_int_equal(crc32c(0, data, 32), 0x46dd794e);
	for (uint8_t i = 0; i < 32; i++)
		data[i] = (uint8_t)(31 - i);
	assert_int_equal(crc32c(0, data, 32), 0x113fdb5c);
	assert_int_equal(crc32c(0, command, sizeof(command)), 0xd9963a56);
}

static void check_string_and_empty(void **state)
{
	(void)state;
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, "", 0), 0);
	assert_int_equal(crc32c(0, NULL, 0), 0);
	assert_int_equal(crc32c(0x12345678, NULL, 0), 0x12345678);
}

static void every_byte_value_agrees_with_the_division(void **state)
{
	(void)state;
	for (int value = 0; value < 256; value++) {
		uint8_t byte = (uint8_t)value;

		assert_int_equal(crc32c(0, &byte, 1), divide(&byte, 1));
	}
}

static void continues_at_any_split(void **state)
{
	uint8_t data[100];
	uint32_t whole;

	(void)state;
	for (uint8_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 11);
	whole = divide(data, sizeof(data));
	for (size_t split = 0; split <= sizeof(data); split++)
		assert_int_equal(crc32c(crc32c(0, data, split), data + split, sizeof(data) - split), whole);
}

static void each_single_bit_changes_it(void **state)
{
	uint8_t data[64] = {0};
	uint32_t whole = crc32c(0, data, sizeof(data));

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(crc32c(0, data, sizeof(data)), whole);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3720_vectors),
		cmocka_unit_test(check_string_and_empty),
		cmocka_unit_test(every_byte_value_agrees_with_the_division),
		cmocka_unit_test(continues_at_any_split),
		cmocka_unit_test(each_single_bit_changes_it),
	};

	return cmocka_run_group_tests_name("crc32c", tests, NULL, NULL);
}
