/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * L13 (loader image with NX_COMPAT, 4 KiB sections, no W+X): the sound image, broken field by field; each status of pe_check()
 * must have been seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "test/unit/pe_image.h"

/* One field each: where, its size, the value that breaks it, what must be found, and in which section. */
static const struct {
	uint32_t at, bytes, value;
	enum pe_status status;
	const char *section;
} broken[] = {
	{0, 1, 'm', PE_NOT_PE, ""},
	{60, 4, 0, PE_NOT_PE, ""},
	{60, 4, UINT32_MAX, PE_NOT_PE, ""},
	{60, 4, IMAGE_FILE_BYTES - 23, PE_NOT_PE, ""},
	{COFF - 2, 1, 1, PE_NOT_PE, ""},
	{COFF + PE_COFF_OPTIONAL_BYTES, 2, UINT16_MAX, PE_HEADERS_OUTSIDE_FILE, ""},
	{COFF + PE_COFF_SECTION_COUNT, 2, 200, PE_HEADERS_OUTSIDE_FILE, ""},
	{COFF + PE_COFF_MACHINE, 2, 0xaa64, PE_WRONG_MACHINE, ""},
	{OPTIONAL + PE_OPTIONAL_MAGIC, 2, 0x10b, PE_NOT_PE32_PLUS, ""},
	{COFF + PE_COFF_OPTIONAL_BYTES, 2, 112 + 6 * 8 - 1, PE_OPTIONAL_HEADER_SHORT, ""},
	{COFF + PE_COFF_OPTIONAL_BYTES, 2, 0, PE_OPTIONAL_HEADER_SHORT, ""},
	{OPTIONAL + PE_OPTIONAL_DIRECTORY_COUNT, 4, 5, PE_OPTIONAL_HEADER_SHORT, ""},
	{OPTIONAL + PE_OPTIONAL_SUBSYSTEM, 2, 11, PE_WRONG_SUBSYSTEM, ""},
	{COFF + PE_COFF_FLAGS, 2, PE_FILE_LARGE_ADDRESS, PE_NOT_EXECUTABLE, ""},
	{COFF + PE_COFF_FLAGS, 2, PE_FILE_EXECUTABLE | PE_FILE_RELOCS_STRIPPED, PE_RELOCS_STRIPPED, ""},
	{COFF + PE_COFF_TIMESTAMP, 4, 0x10000, PE_TIMESTAMP, ""},
	{COFF + PE_COFF_SYMBOLS, 4, 0x400, PE_SYMBOL_TABLE, ""},
	{COFF + PE_COFF_SYMBOL_COUNT, 4, 1, PE_SYMBOL_TABLE, ""},
	{OPTIONAL + PE_OPTIONAL_DLL_FLAGS, 2, PE_DLL_DYNAMIC_BASE, PE_NO_NX_COMPAT, ""},
	{OPTIONAL + PE_OPTIONAL_SECTION_ALIGN, 4, 512, PE_BAD_SECTION_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 0, PE_BAD_FILE_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 768, PE_BAD_FILE_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 8192, PE_BAD_FILE_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 4096, PE_BAD_HEADERS_SIZE, ""}, /* allowed, but not what the headers have */
	{COFF + PE_COFF_SECTION_COUNT, 2, 16, PE_BAD_HEADERS_SIZE, ""},        /* allowed, but the headers have no room for them */
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, 0x200, PE_BAD_HEADERS_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, 0x401, PE_BAD_HEADERS_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, 0x10000, PE_BAD_HEADERS_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, IMAGE_FILE_BYTES, PE_SECTION_FILE_OVERLAPS, ".text"},
	{COFF + PE_COFF_SECTION_COUNT, 2, 0, PE_TOO_MANY_SECTIONS, ""},
	{COFF + PE_COFF_SECTION_COUNT, 2, 17, PE_TOO_MANY_SECTIONS, ""},
	{SECTION(RODATA) + 7, 1, 'X', PE_SECTION_UNKNOWN, ".rodataX"},
	{SECTION(SBAT) + 1, 1, 0, PE_SECTION_UNKNOWN, "."},
	{SECTION(TEXT) + PE_SECTION_FLAGS, 4, 0xe0000020, PE_SECTION_WX, ".text"},
	{SECTION(DATA) + PE_SECTION_FLAGS, 4, 0xe0000040, PE_SECTION_WX, ".data"},
	{SECTION(TEXT) + PE_SECTION_FLAGS, 4, 0x60000060, PE_SECTION_PERMISSIONS, ".text"},
	{SECTION(RODATA) + PE_SECTION_FLAGS, 4, 0xc0000040, PE_SECTION_PERMISSIONS, ".rodata"},
	{SECTION(RODATA) + PE_SECTION_FLAGS, 4, 0x60000040, PE_SECTION_PERMISSIONS, ".rodata"},
	{SECTION(DATA) + PE_SECTION_FLAGS, 4, 0x40000040, PE_SECTION_PERMISSIONS, ".data"},
	{SECTION(BSS) + PE_SECTION_FLAGS, 4, 0xc0000040, PE_SECTION_PERMISSIONS, ".bss"},
	{SECTION(RELOC) + PE_SECTION_FLAGS, 4, 0x40000040, PE_SECTION_PERMISSIONS, ".reloc"},
	{SECTION(SBAT) + PE_SECTION_FLAGS, 4, 0x42000040, PE_SECTION_PERMISSIONS, ".sbat"},
	{SECTION(DATA) + PE_SECTION_VIRT_BYTES, 4, 0, PE_SECTION_EMPTY, ".data"},
	{SECTION(SBAT) + PE_SECTION_VIRT_BYTES, 4, 0x1001, PE_SECTION_OUTSIDE_IMAGE, ".sbat"},
	{SECTION(BSS) + PE_SECTION_VIRT_BYTES, 4, UINT32_MAX, PE_SECTION_OUTSIDE_IMAGE, ".bss"},
	{OPTIONAL + PE_OPTIONAL_IMAGE_BYTES, 4, 0x7000, PE_SECTION_OUTSIDE_IMAGE, ".sbat"},
	{SECTION(TEXT) + PE_SECTION_VIRT, 4, 0, PE_SECTION_OVERLAPS, ".text"},
	{SECTION(TEXT) + PE_SECTION_VIRT_BYTES, 4, 0x1001, PE_SECTION_OVERLAPS, ".rodata"},
	{SECTION(DATA) + PE_SECTION_VIRT, 4, 0x2fff, PE_SECTION_OVERLAPS, ".data"},
	{SECTION(DATA) + PE_SECTION_VIRT, 4, 0x3001, PE_SECTION_GAP, ".data"},
	{SECTION(BSS) + PE_SECTION_VIRT_BYTES, 4, 0x1000, PE_SECTION_GAP, ".reloc"},
	{SECTION(BSS) + PE_SECTION_FILE_BYTES, 4, 0x200, PE_SECTION_BSS_IN_FILE, ".bss"},
	{SECTION(SBAT) + PE_SECTION_FILE_BYTES, 4, 0x400, PE_SECTION_OUTSIDE_FILE, ".sbat"},
	{SECTION(TEXT) + PE_SECTION_FILE_OFFSET, 4, 0xfffffe00, PE_SECTION_OUTSIDE_FILE, ".text"},
	{SECTION(RODATA) + PE_SECTION_FILE_BYTES, 4, 0, PE_SECTION_OUTSIDE_FILE, ".rodata"},
	{SECTION(TEXT) + PE_SECTION_FILE_OFFSET, 4, 0x200, PE_SECTION_FILE_OVERLAPS, ".text"},
	{SECTION(RODATA) + PE_SECTION_FILE_OFFSET, 4, 0x400, PE_SECTION_FILE_OVERLAPS, ".rodata"},
	{SECTION(RODATA) + PE_SECTION_FILE_OFFSET, 4, 0x800, PE_SECTION_FILE_GAP, ".rodata"},
	{SECTION(RODATA) + PE_SECTION_FILE_BYTES, 4, 0x1ff, PE_SECTION_FILE_GAP, ".rodata"},
	{OPTIONAL + PE_OPTIONAL_IMAGE_BYTES, 4, 0x9000, PE_BAD_IMAGE_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_IMAGE_BYTES, 4, 0x7fff, PE_BAD_IMAGE_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_ENTRY, 4, 0xfff, PE_ENTRY_OUTSIDE_TEXT, ".text"},
	{OPTIONAL + PE_OPTIONAL_ENTRY, 4, 0x1123, PE_ENTRY_OUTSIDE_TEXT, ".text"},
	{OPTIONAL + PE_OPTIONAL_ENTRY, 4, 0, PE_ENTRY_OUTSIDE_TEXT, ".text"},
	{DIRECTORY(PE_DIRECTORY_RELOC), 4, 0x3000, PE_NO_RELOC, ".reloc"},
	{DIRECTORY(PE_DIRECTORY_RELOC) + 4, 4, 0, PE_NO_RELOC, ".reloc"},
	{DIRECTORY(PE_DIRECTORY_RELOC) + 4, 4, 0x19, PE_BAD_RELOC, ".reloc"},
	{DIRECTORY(PE_DIRECTORY_RELOC) + 4, 4, 16, PE_BAD_RELOC, ".reloc"}, /* half of the second block's header */
	{DIRECTORY(PE_DIRECTORY_RELOC) + 4, 4, 20, PE_BAD_RELOC, ".reloc"}, /* its header, without its entries */
	{0xa00 + 4, 4, 0, PE_BAD_RELOC, ".reloc"},
	{0xa00 + 4, 4, 7, PE_BAD_RELOC, ".reloc"},
	{0xa00 + 4, 4, 10, PE_BAD_RELOC, ".reloc"},
	{0xa00 + 4, 4, 0x80000000, PE_BAD_RELOC, ".reloc"},
	{0xa00 + 8, 2, 0x3008, PE_BAD_RELOC, ".reloc"},     /* HIGHLOW: 32 bits of a 64-bit address */
	{0xa00, 4, 0xfffff000, PE_BAD_RELOC, ".reloc"},     /* target outside every section */
	{0xa00 + 8, 2, 0xa209, PE_BAD_RELOC, ".reloc"},     /* last byte of the target outside .data */
	{0xa00, 4, 0x1000, PE_RELOC_IN_TEXT, ".text"},
	{0xa00, 4, 0x2000, PE_RELOC_IN_TEXT, ".rodata"},
	{0xc00, 1, 'S', PE_BAD_SBAT, ".sbat"},
	{0xc00 + 5, 1, '0', PE_BAD_SBAT, ".sbat"},          /* generation 0 */
	{0xc00 + 5, 1, 'x', PE_BAD_SBAT, ".sbat"},
	{0xc00 + 5, 1, '/', PE_BAD_SBAT, ".sbat"},
	{0xc00 + 8, 1, 0x80, PE_BAD_SBAT, ".sbat"},
	{0xc00 + 5, 1, ',', PE_BAD_SBAT, ".sbat"},          /* an empty field, and seven of them */
	{0xc00 + 6, 1, '1', PE_BAD_SBAT, ".sbat"},          /* five fields */
	{0xc00 + 8, 1, '\t', PE_BAD_SBAT, ".sbat"},
	{0xc00 + 8, 1, 0, PE_BAD_SBAT, ".sbat"},
	{0xc00 + sizeof(sbat) - 2, 1, 'x', PE_BAD_SBAT, ".sbat"}, /* last line without its end */
	{SECTION(SBAT) + PE_SECTION_VIRT_BYTES, 4, 48, PE_BAD_SBAT, ".sbat"}, /* one line only */
	/* All is well but the checksum of a file that was changed: the edges of what is allowed. */
	{SECTION(SBAT) + PE_SECTION_VIRT_BYTES, 4, 0x1000, PE_BAD_CHECKSUM, ""},
	{OPTIONAL + PE_OPTIONAL_ENTRY, 4, 0x1000, PE_BAD_CHECKSUM, ""},
	{OPTIONAL + PE_OPTIONAL_ENTRY, 4, 0x1122, PE_BAD_CHECKSUM, ""},
	{OPTIONAL + PE_OPTIONAL_DIRECTORY_COUNT, 4, 6, PE_BAD_CHECKSUM, ""},
	{0xa00 + 8, 2, 0xa000, PE_BAD_CHECKSUM, ""},
	{0xa00 + 8, 2, 0xa208, PE_BAD_CHECKSUM, ""},
	{DIRECTORY(PE_DIRECTORY_CERTIFICATES) + 4, 4, 8, PE_BAD_CHECKSUM, ""}, /* not behind the sections: not a signature */
	{OPTIONAL + PE_OPTIONAL_CHECKSUM, 4, 0, PE_BAD_CHECKSUM, ""},
	{0x400, 1, 0x90, PE_BAD_CHECKSUM, ""},
	{IMAGE_FILE_BYTES - 1, 1, 1, PE_BAD_CHECKSUM, ""},
};

static void rename_section(uint8_t *file, int index, const char *other_name)
{
	memset(file + SECTION(index), 0, 8);
	memcpy(file + SECTION(index), other_name, strlen(other_name));
}

/* Breaks that are more than one field; they return the new size of the file. */
static uint64_t rename_text(uint8_t *file)
{
	rename_section(file, TEXT, ".data");
	le_write32(file + SECTION(TEXT) + PE_SECTION_FLAGS, 0xc0000040);
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, 2);
	le_write32(file + OPTIONAL + PE_OPTIONAL_IMAGE_BYTES, 0x3000);
	return 0x800;
}

static uint64_t drop_reloc(uint8_t *file)
{
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, RELOC);
	le_write32(file + OPTIONAL + PE_OPTIONAL_IMAGE_BYTES, 0x6000);
	return 0xa00;
}

static uint64_t drop_sbat(uint8_t *file)
{
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, SBAT);
	le_write32(file + OPTIONAL + PE_OPTIONAL_IMAGE_BYTES, 0x7000);
	return 0xc00;
}

static uint64_t text_twice(uint8_t *file)
{
	rename_section(file, RODATA, ".text");
	le_write32(file + SECTION(RODATA) + PE_SECTION_FLAGS, 0x60000020);
	return IMAGE_FILE_BYTES;
}

static uint64_t text_larger_in_file(uint8_t *file)
{
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, 1);
	le_write32(file + SECTION(TEXT) + PE_SECTION_FILE_BYTES, 0x1200);
	return 0x1600;
}

static uint64_t empty_sbat(uint8_t *file)
{
	memset(file + layout[SBAT].file_offset, 0, sizeof(sbat));
	return IMAGE_FILE_BYTES;
}

static uint64_t block_without_entries(uint8_t *file)
{
	le_write32(file + DIRECTORY(PE_DIRECTORY_RELOC) + 4, 20);
	le_write32(file + layout[RELOC].file_offset + 16, 8);
	return IMAGE_FILE_BYTES;
}

static uint64_t block_of_odd_size(uint8_t *file)
{
	le_write32(file + DIRECTORY(PE_DIRECTORY_RELOC) + 4, 14);
	le_write32(file + layout[RELOC].file_offset + 4, 14);
	le_write16(file + layout[RELOC].file_offset + 12, 0);
	return IMAGE_FILE_BYTES;
}

static uint64_t text_of_a_whole_page(uint8_t *file)
{
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, 1);
	le_write32(file + SECTION(TEXT) + PE_SECTION_FILE_BYTES, 0x1000);
	return 0x1400;
}

/* The least optional header that has the directories needed. */
static uint64_t short_optional_header(uint8_t *file)
{
	uint32_t bytes = PE_OPTIONAL_DIRECTORIES + PE_DIRECTORIES_NEEDED * 8;

	memmove(file + OPTIONAL + bytes, file + TABLE, SECTIONS * PE_SECTION_BYTES);
	le_write16(file + COFF + PE_COFF_OPTIONAL_BYTES, (uint16_t)bytes);
	return IMAGE_FILE_BYTES;
}

static uint64_t only_a_dos_header(uint8_t *file)
{
	(void)file;
	return 64;
}

static uint64_t trailing_bytes(uint8_t *file)
{
	(void)file;
	return IMAGE_FILE_BYTES + 8;
}

static uint64_t signature_beyond_end(uint8_t *file)
{
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES), IMAGE_FILE_BYTES);
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES) + 4, 0x10);
	return IMAGE_FILE_BYTES + 8;
}

static uint64_t odd_signature(uint8_t *file)
{
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES), IMAGE_FILE_BYTES);
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES) + 4, 7);
	return IMAGE_FILE_BYTES + 7;
}

static uint64_t no_header(uint8_t *file)
{
	(void)file;
	return 63;
}

static uint64_t half_a_file(uint8_t *file)
{
	(void)file;
	return IMAGE_FILE_BYTES - 1;
}

static const struct {
	uint64_t (*change)(uint8_t *file);
	enum pe_status status;
	const char *section;
} changed[] = {
	{no_header, PE_TOO_SHORT, ""},
	{only_a_dos_header, PE_NOT_PE, ""},
	{short_optional_header, PE_BAD_CHECKSUM, ""},
	{block_without_entries, PE_BAD_CHECKSUM, ""},
	{block_of_odd_size, PE_BAD_RELOC, ".reloc"},
	{text_of_a_whole_page, PE_BAD_IMAGE_SIZE, ""},
	{half_a_file, PE_SECTION_OUTSIDE_FILE, ".sbat"},
	{rename_text, PE_NO_TEXT, ".text"},
	{drop_reloc, PE_NO_RELOC, ".reloc"},
	{drop_sbat, PE_NO_SBAT, ".sbat"},
	{text_twice, PE_SECTION_TWICE, ".text"},
	{text_larger_in_file, PE_SECTION_FILE_LARGER, ".text"},
	{empty_sbat, PE_BAD_SBAT, ".sbat"},
	{trailing_bytes, PE_TRAILING_BYTES, ""},
	{signature_beyond_end, PE_TRAILING_BYTES, ""},
	{odd_signature, PE_BAD_FILE_SIZE, ""},
};

enum { BROKEN_COUNT = sizeof(broken) / sizeof(broken[0]), CHANGED_COUNT = sizeof(changed) / sizeof(changed[0]) };

static void l13_sound_image_passes(void **state)
{
	uint8_t *file = make_image();

	(void)state;
	expect(file, IMAGE_FILE_BYTES, PE_OK, "", "sound image", 0);
	free(file);
}

static void l13_zeros_behind_the_sbat_text_do_not_matter(void **state)
{
	uint8_t *file = make_image();

	(void)state;
	le_write32(file + SECTION(SBAT) + PE_SECTION_VIRT_BYTES, 0x200);
	write_checksum(file, IMAGE_FILE_BYTES);
	expect(file, IMAGE_FILE_BYTES, PE_OK, "", "padded .sbat", 0);
	free(file);
}

static void l13_signed_image_passes(void **state)
{
	uint8_t *file = make_image();

	(void)state;
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES), IMAGE_FILE_BYTES);
	le_write32(file + DIRECTORY(PE_DIRECTORY_CERTIFICATES) + 4, 0x40);
	write_checksum(file, IMAGE_FILE_BYTES + 0x40);
	expect(file, IMAGE_FILE_BYTES + 0x40, PE_OK, "", "signed image", 0);
	free(file);
}

static void l13_each_broken_field_is_found(void **state)
{
	(void)state;
	for (int i = 0; i < BROKEN_COUNT; i++) {
		uint8_t *file = make_image();

		write_field(file, broken[i].at, broken[i].bytes, broken[i].value);
		expect(file, IMAGE_FILE_BYTES, broken[i].status, broken[i].section, "field", i);
		free(file);
	}
}

static void l13_each_broken_layout_is_found(void **state)
{
	(void)state;
	for (int i = 0; i < CHANGED_COUNT; i++) {
		uint8_t *file = calloc(1, 2 * ROOM), *image = make_image();
		uint64_t bytes;

		memcpy(file, image, ROOM);
		bytes = changed[i].change(file);
		expect(file, bytes, changed[i].status, changed[i].section, "layout", i);
		free(image);
		free(file);
	}
}

static void every_status_is_shown_and_has_words(void **state)
{
	(void)state;
	for (uint32_t status = PE_OK; status < PE_STATUS_COUNT; status++) {
		int shown = status == PE_OK;

		for (int i = 0; i < BROKEN_COUNT; i++)
			shown |= broken[i].status == status;
		for (int i = 0; i < CHANGED_COUNT; i++)
			shown |= changed[i].status == status;
		assert_non_null(pe_status_name(status));
		assert_true(strlen(pe_status_help(status)) > 0);
		if (!shown)
			fail_msg("nothing shows \"%s\"", pe_status_name(status));
	}
	assert_string_equal(pe_status_name(PE_STATUS_COUNT), "unknown status");
	assert_string_equal(pe_status_help(PE_STATUS_COUNT), "");
}

static void truncation_anywhere_is_found(void **state)
{
	uint8_t *file = make_image();

	(void)state;
	for (uint64_t bytes = 0; bytes < IMAGE_FILE_BYTES; bytes++) {
		struct pe_fault fault;

		assert_int_not_equal(check_copy(file, bytes, &fault), PE_OK);
	}
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(l13_sound_image_passes),
		cmocka_unit_test(l13_zeros_behind_the_sbat_text_do_not_matter),
		cmocka_unit_test(l13_signed_image_passes),
		cmocka_unit_test(l13_each_broken_field_is_found),
		cmocka_unit_test(l13_each_broken_layout_is_found),
		cmocka_unit_test(every_status_is_shown_and_has_words),
		cmocka_unit_test(truncation_anywhere_is_found),
	};

	return cmocka_run_group_tests_name("pe_check", tests, NULL, NULL);
}
