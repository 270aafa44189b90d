/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the headers of an image, and the checksum by numbers worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "test/unit/pe_image.h"

static void headers_may_end_with_the_file(void **state)
{
	uint8_t *file = make_image();
	struct pe_image image;
	uint64_t end = TABLE + SECTIONS * PE_SECTION_BYTES;

	(void)state;
	assert_int_equal(pe_open(file, end, &image), PE_OK);
	assert_int_equal(image.section_count, SECTIONS);
	assert_int_equal(pe_open(file, end - 1, &image), PE_HEADERS_OUTSIDE_FILE);
	/* No section, and of the optional header only its magic number. */
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, 0);
	le_write16(file + COFF + PE_COFF_OPTIONAL_BYTES, 0);
	assert_int_equal(pe_open(file, OPTIONAL + 2, &image), PE_OK);
	assert_int_equal(pe_open(file, OPTIONAL + 1, &image), PE_HEADERS_OUTSIDE_FILE);
	assert_int_equal(pe_open(file, OPTIONAL, &image), PE_HEADERS_OUTSIDE_FILE);
	assert_int_equal(pe_open(file, OPTIONAL - 1, &image), PE_NOT_PE);
	free(file);
}

static void checksum_counts_an_odd_last_byte_and_not_itself(void **state)
{
	uint8_t file[0x200] = {0};
	struct pe_image image = {.file = file, .bytes = 0x1ff, .optional = 0x80};

	(void)state;
	file[0x1fe] = 0x12;
	file[0x1ff] = 0xff; /* behind the end */
	assert_int_equal(pe_checksum(&image), 0x12 + 0x1ff);
	le_write32(file + 0x80 + PE_OPTIONAL_CHECKSUM, UINT32_MAX);
	assert_int_equal(pe_checksum(&image), 0x12 + 0x1ff);
	le_write16(file, UINT16_MAX); /* 0xffff + 0x12 carries: 0x12 */
	assert_int_equal(pe_checksum(&image), 0x12 + 0x1ff);
	le_write16(file + 2, 1);
	assert_int_equal(pe_checksum(&image), 0x13 + 0x1ff);
	file[0x80 + PE_OPTIONAL_CHECKSUM + 4] = 0x20; /* the byte behind the field */
	file[0x80 + PE_OPTIONAL_CHECKSUM - 1] = 0x01; /* and the one before it, the upper one of its word */
	assert_int_equal(pe_checksum(&image), 0x133 + 0x1ff);
	le_write16(file + 2, 0xffff - 0x132); /* the sum is 0xffff: nothing to carry, where 0x10000 would carry to 1 */
	file[0] = file[1] = 0;
	assert_int_equal(pe_checksum(&image), 0xffff + 0x1ff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_may_end_with_the_file),
		cmocka_unit_test(checksum_counts_an_odd_last_byte_and_not_itself),
	};

	return cmocka_run_group_tests_name("pe", tests, NULL, NULL);
}
