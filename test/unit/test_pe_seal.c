/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealing the loader's image: what objcopy leaves is repaired, nothing else is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "test/unit/pe_image.h"

/* What pe_seal() sets, spoilt. */
static uint64_t spoil(uint8_t *file)
{
	uint8_t *optional = file + OPTIONAL;

	le_write32(file + COFF + PE_COFF_TIMESTAMP, 0x65000000);
	le_write32(file + COFF + PE_COFF_SYMBOLS, IMAGE_FILE_BYTES);
	le_write32(file + COFF + PE_COFF_SYMBOL_COUNT, 2);
	le_write16(file + COFF + PE_COFF_FLAGS, PE_FILE_EXECUTABLE);
	memset(file + IMAGE_FILE_BYTES, 0xaa, 40);
	le_write32(optional + PE_OPTIONAL_CODE_BYTES, 0);
	le_write32(optional + PE_OPTIONAL_DATA_BYTES, 0);
	le_write32(optional + PE_OPTIONAL_BSS_BYTES, 0);
	le_write32(optional + PE_OPTIONAL_CODE_BASE, 0);
	le_write32(optional + PE_OPTIONAL_IMAGE_BYTES, 0x1000);
	le_write32(optional + PE_OPTIONAL_HEADERS_BYTES, 0x200);
	le_write16(optional + PE_OPTIONAL_DLL_FLAGS, 0);
	le_write32(optional + PE_OPTIONAL_CHECKSUM, 0x1234);
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES), IMAGE_FILE_BYTES);
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES) + 4, 40);
	for (int i = 0; i < SECTIONS; i++)
		le_write32(file + SECTION(i) + PE_SECTION_FLAGS, 0xe0000040);
	return IMAGE_FILE_BYTES + 40;
}

static void seal_repairs_what_objcopy_leaves(void **state)
{
	uint8_t *file = make_image(), *sound = make_image();
	struct pe_fault fault;
	uint64_t bytes = spoil(file);

	(void)state;
	/* What stands behind the section table is not a section; one that ends with its page needs no further page. */
	memset(file + TABLE + SECTIONS * PE_SECTION_BYTES, 0xff, HEADERS - TABLE - SECTIONS * PE_SECTION_BYTES);
	memset(sound + TABLE + SECTIONS * PE_SECTION_BYTES, 0xff, HEADERS - TABLE - SECTIONS * PE_SECTION_BYTES);
	le_write32(file + SECTION(SBAT) + PE_SECTION_VIRT_BYTES, 0x1000);
	le_write32(sound + SECTION(SBAT) + PE_SECTION_VIRT_BYTES, 0x1000);
	write_checksum(sound, IMAGE_FILE_BYTES);
	assert_int_equal(pe_seal(file, bytes, &bytes, &fault), PE_OK);
	assert_int_equal(bytes, IMAGE_FILE_BYTES);
	assert_memory_equal(file, sound, IMAGE_FILE_BYTES);
	expect(file, bytes, PE_OK, "", "sealed image", 0);
	/* Again: nothing changes. */
	assert_int_equal(pe_seal(file, bytes, &bytes, &fault), PE_OK);
	assert_int_equal(bytes, IMAGE_FILE_BYTES);
	assert_memory_equal(file, sound, IMAGE_FILE_BYTES);
	free(sound);
	free(file);
}

static void seal_closes_holes_and_sizes_empty_sections(void **state)
{
	uint8_t *file = make_image();
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	le_write32(file + SECTION(BSS) + PE_SECTION_VIRT_BYTES, 0x80);
	le_write32(file + SECTION(RODATA) + PE_SECTION_VIRT_BYTES, 0);
	le_write32(file + SECTION(BSS) + PE_SECTION_FILE_OFFSET, 0xffff0000); /* of no bytes */
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_int_equal(le_read32(file + SECTION(BSS) + PE_SECTION_VIRT_BYTES), 0x2000);
	assert_int_equal(le_read32(file + SECTION(RODATA) + PE_SECTION_VIRT_BYTES), 0x200);
	expect(file, bytes, PE_OK, "", "sealed image", 0);
	free(file);
}

/* Nonsense in a header is none of the sealer's business, but must not lead it astray; the check finds it. */
static void seal_survives_absurd_sizes(void **state)
{
	uint8_t *file = make_image();
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	le_write32(file + SECTION(SBAT) + PE_SECTION_VIRT, UINT32_MAX - 1);
	le_write32(file + SECTION(SBAT) + PE_SECTION_VIRT_BYTES, UINT32_MAX);
	le_write32(file + SECTION(RELOC) + PE_SECTION_VIRT, 0);
	le_write32(file + SECTION(RELOC) + PE_SECTION_FILE_OFFSET, 0);
	le_write32(file + OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 0);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_int_equal(bytes, IMAGE_FILE_BYTES);
	assert_int_equal(le_read32(file + OPTIONAL + PE_OPTIONAL_IMAGE_BYTES), UINT32_MAX);
	assert_int_not_equal(check_copy(file, bytes, &fault), PE_OK);
	free(file);
}

/* A refused file is not written to. */
static void seal_refuses(uint32_t at, uint32_t value, enum pe_status status, const char *section)
{
	uint8_t *file = make_image(), *before = make_image();
	struct pe_fault fault;
	uint64_t bytes = 1;

	write_field(file, at, 2, value);
	write_field(before, at, 2, value);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), status);
	assert_string_equal(fault.section, section);
	assert_int_equal(bytes, 1);
	assert_memory_equal(file, before, ROOM);
	free(before);
	free(file);
}

static void seal_refuses_what_it_does_not_understand(void **state)
{
	(void)state;
	seal_refuses(0, 0, PE_NOT_PE, "");
	seal_refuses(OPTIONAL + PE_OPTIONAL_MAGIC, 0x10b, PE_NOT_PE32_PLUS, "");
	seal_refuses(COFF + PE_COFF_OPTIONAL_BYTES, 100, PE_OPTIONAL_HEADER_SHORT, "");
	seal_refuses(SECTION(DATA) + 5, 'X', PE_SECTION_UNKNOWN, ".dataX");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_repairs_what_objcopy_leaves),
		cmocka_unit_test(seal_closes_holes_and_sizes_empty_sections),
		cmocka_unit_test(seal_survives_absurd_sizes),
		cmocka_unit_test(seal_refuses_what_it_does_not_understand),
	};

	return cmocka_run_group_tests_name("pe_seal", tests, NULL, NULL);
}
