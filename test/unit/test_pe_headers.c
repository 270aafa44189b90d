/* SPDX-License-Identifier: BSD-2-Clause */
/* Trimming the headers of the loader's image: they fit one block of the file, and everything else is found where they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "test/unit/pe_image.h"

/* After trimming: "PE" right behind the header for DOS, six directories. */
enum { TRIMMED_OPTIONAL = 64 + 4 + PE_COFF_BYTES, TRIMMED_TABLE = TRIMMED_OPTIONAL + 160, SAVED = 0x200 };

static void trimmed_image_is_sound_and_smaller(void **state)
{
	uint8_t *file = make_image(), *before = make_image();
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	memset(file + 64, 0xee, COFF - 4 - 64); /* the program for DOS */
	bytes = pe_trim_headers(file, IMAGE_FILE_BYTES);
	assert_int_equal(bytes, IMAGE_FILE_BYTES - SAVED);
	assert_memory_equal(file + HEADERS - SAVED, before + HEADERS, IMAGE_FILE_BYTES - HEADERS);
	for (int i = 0; i < SECTIONS; i++) {
		const uint8_t *now = file + TRIMMED_TABLE + i * PE_SECTION_BYTES, *then = before + SECTION(i);
		uint32_t offset = layout[i].file_offset;

		assert_memory_equal(now, then, PE_SECTION_FILE_OFFSET);
		assert_int_equal(le_read32(now + PE_SECTION_FILE_OFFSET), offset ? offset - SAVED : 0);
		assert_int_equal(le_read32(now + PE_SECTION_FLAGS), layout[i].flags);
	}
	for (uint32_t at = TRIMMED_TABLE + SECTIONS * PE_SECTION_BYTES; at < HEADERS - SAVED; at++)
		assert_int_equal(file[at], 0);
	assert_int_equal(le_read32(file + TRIMMED_OPTIONAL + PE_OPTIONAL_DIRECTORY_COUNT), PE_DIRECTORIES_NEEDED);
	assert_int_equal(pe_seal(file, bytes, &bytes, &fault), PE_OK);
	assert_int_equal(bytes, IMAGE_FILE_BYTES - SAVED);
	expect(file, bytes, PE_OK, "", "trimmed image", 0);
	assert_int_equal(le_read32(file + TRIMMED_OPTIONAL + PE_OPTIONAL_HEADERS_BYTES), HEADERS - SAVED);
	free(before);
	free(file);
}

static void assert_left_alone(uint8_t *file, uint64_t bytes)
{
	uint8_t *before = malloc(ROOM);

	memcpy(before, file, ROOM);
	assert_int_equal(pe_trim_headers(file, bytes), bytes);
	assert_memory_equal(file, before, ROOM);
	free(before);
	free(file);
}

static uint8_t *spoilt(uint32_t at, uint32_t bytes, uint32_t value)
{
	uint8_t *file = make_image();

	write_field(file, at, bytes, value);
	return file;
}

static void trimming_leaves_alone_what_gains_nothing_or_is_not_understood(void **state)
{
	uint8_t *file = make_image();
	uint64_t bytes = pe_trim_headers(file, IMAGE_FILE_BYTES);

	(void)state;
	assert_left_alone(file, bytes); /* a second time */
	assert_left_alone(make_image(), 100);
	assert_left_alone(spoilt(0, 1, 'X'), IMAGE_FILE_BYTES);
	assert_left_alone(spoilt(OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 0), IMAGE_FILE_BYTES);
	assert_left_alone(spoilt(COFF + PE_COFF_OPTIONAL_BYTES, 2, 159), IMAGE_FILE_BYTES);
	/* Seven section headers need a second block all the same. */
	assert_left_alone(spoilt(COFF + PE_COFF_SECTION_COUNT, 2, 7), IMAGE_FILE_BYTES);
	/* Sections in the table, and sections that a whole block cannot move. */
	assert_left_alone(spoilt(SECTION(TEXT) + PE_SECTION_FILE_OFFSET, 4, TABLE), IMAGE_FILE_BYTES);
	assert_left_alone(spoilt(SECTION(TEXT) + PE_SECTION_FILE_OFFSET, 4, 0x3f8), IMAGE_FILE_BYTES);
	/* "PE" inside the header for DOS. */
	file = make_image();
	memcpy(file + 48, "PE\0", 4);
	le_write16(file + 48 + 4 + PE_COFF_OPTIONAL_BYTES, OPTIONAL_BYTES);
	le_write32(file + 60, 48);
	assert_left_alone(file, IMAGE_FILE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trimmed_image_is_sound_and_smaller),
		cmocka_unit_test(trimming_leaves_alone_what_gains_nothing_or_is_not_understood),
	};

	return cmocka_run_group_tests_name("pe_headers", tests, NULL, NULL);
}
