/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32 against published values and a bit-by-bit definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/crc32.h"

static uint32_t by_definition(const uint8_t *data, size_t bytes)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < bytes * 8; i++) {
		uint32_t bit = (crc ^ (uint32_t)(data[i / 8] >> i % 8)) & 1;
		crc = (crc >> 1) ^ (bit ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

static void published_values(void **state)
{
	(void)state;
	const char *fox = "The quick brown fox jumps over the lazy dog";

	assert_int_equal(crc32(0, "", 0), 0);
	assert_int_equal(crc32(0, "123456789", 9), UINT32_C(0xcbf43926)); /* the check value of the CRC catalogue */
	assert_int_equal(crc32(0, fox, strlen(fox)), UINT32_C(0x414fa339));
}

static void agrees_with_the_definition_and_can_be_continued(void **state)
{
	(void)state;
	uint8_t data[256];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 167 + 13);
	for (size_t bytes = 0; bytes <= sizeof(data); bytes++) {
		assert_int_equal(crc32(0, data, bytes), by_definition(data, bytes));
		assert_int_equal(crc32(crc32(0, data, bytes), data + bytes, sizeof(data) - bytes), crc32(0, data, sizeof(data)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values),
		cmocka_unit_test(agrees_with_the_definition_and_can_be_continued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
