/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * L13 (loader image with NX_COMPAT, 4 KiB sections, no W+X): a minimal sound image, broken field by field; each status of
 * pe_check() must have been seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/le.h"
#include "lib/pe.h"

enum {
	COFF = 0x84,
	OPTIONAL = COFF + PE_COFF_BYTES,
	OPTIONAL_BYTES = 240,
	TABLE = OPTIONAL + OPTIONAL_BYTES,
	HEADERS = 0x400,
	FILE_ALIGN = 0x200,
	IMAGE_FILE_BYTES = HEADERS + 5 * FILE_ALIGN,
	IMAGE_BYTES = 0x8000,
	ROOM = IMAGE_FILE_BYTES + 0x100,
};
enum { TEXT, RODATA, DATA, BSS, RELOC, SBAT, SECTIONS };
#define SECTION(i) (TABLE + (i) * PE_SECTION_BYTES)
#define DIRECTORY(i) (OPTIONAL + PE_OPTIONAL_DIRECTORIES + (i) * 8)

static const struct pe_section layout[SECTIONS] = {
	{".text", 0x1000, 0x123, 0x400, 0x200, 0x60000020},   {".rodata", 0x2000, 0x40, 0x600, 0x200, 0x40000040},
	{".data", 0x3000, 0x210, 0x800, 0x200, 0xc0000040},   {".bss", 0x4000, 0x1100, 0, 0, 0xc0000080},
	{".reloc", 0x6000, 0x18, 0xa00, 0x200, 0x42000040},   {".sbat", 0x7000, 0x60, 0xc00, 0x200, 0x40000040},
};

static const char sbat[] = "sbat,1,SBAT Version,sbat,1,https://example.org/\nbaton,1,Baton,baton,0.1.0,https://example.org/\n";

static void write_sections(uint8_t *file)
{
	for (int i = 0; i < SECTIONS; i++) {
		uint8_t *header = file + SECTION(i);

		memcpy(header, layout[i].name, strlen(layout[i].name));
		le_write32(header + PE_SECTION_VIRT, layout[i].virt);
		le_write32(header + PE_SECTION_VIRT_BYTES, layout[i].virt_bytes);
		le_write32(header + PE_SECTION_FILE_OFFSET, layout[i].file_offset);
		le_write32(header + PE_SECTION_FILE_BYTES, layout[i].file_bytes);
		le_write32(header + PE_SECTION_FLAGS, layout[i].flags);
	}
	memset(file + layout[TEXT].file_offset, 0xc3, 0x123);
	/* One block: a relocation of .data + 8, and one entry that fills up; then an empty block for page 0. */
	le_write32(file + layout[RELOC].file_offset, 0x3000);
	le_write32(file + layout[RELOC].file_offset + 4, 12);
	le_write16(file + layout[RELOC].file_offset + 8, 0xa008);
	le_write32(file + layout[RELOC].file_offset + 16, 12);
	le_write32(file + SECTION(SBAT) + PE_SECTION_VIRT_BYTES, sizeof(sbat) - 1);
	memcpy(file + layout[SBAT].file_offset, sbat, sizeof(sbat) - 1);
}

static void write_checksum(uint8_t *file, uint64_t bytes)
{
	struct pe_image image;

	assert_int_equal(pe_open(file, bytes, &image), PE_OK);
	le_write32(file + OPTIONAL + PE_OPTIONAL_CHECKSUM, pe_checksum(&image));
}

/* A sound image in ROOM bytes of memory, of which the first IMAGE_FILE_BYTES are the file. */
static uint8_t *make_image(void)
{
	uint8_t *file = calloc(1, ROOM), *optional = file + OPTIONAL;

	memcpy(file, "MZ", 2);
	le_write32(file + 60, COFF - 4);
	memcpy(file + COFF - 4, "PE\0", 4);
	le_write16(file + COFF + PE_COFF_MACHINE, PE_MACHINE_X86_64);
	le_write16(file + COFF + PE_COFF_SECTION_COUNT, SECTIONS);
	le_write16(file + COFF + PE_COFF_OPTIONAL_BYTES, OPTIONAL_BYTES);
	le_write16(file + COFF + PE_COFF_FLAGS, PE_FILE_EXECUTABLE | PE_FILE_LARGE_ADDRESS);
	le_write16(optional + PE_OPTIONAL_MAGIC, PE_MAGIC_PE32_PLUS);
	le_write32(optional + PE_OPTIONAL_CODE_BYTES, 0x200);
	le_write32(optional + PE_OPTIONAL_DATA_BYTES, 0x800);
	le_write32(optional + PE_OPTIONAL_BSS_BYTES, 0x1200);
	le_write32(optional + PE_OPTIONAL_ENTRY, 0x1010);
	le_write32(optional + PE_OPTIONAL_CODE_BASE, 0x1000);
	le_write32(optional + PE_OPTIONAL_SECTION_ALIGN, PE_PAGE_BYTES);
	le_write32(optional + PE_OPTIONAL_FILE_ALIGN, FILE_ALIGN);
	le_write32(optional + PE_OPTIONAL_IMAGE_BYTES, IMAGE_BYTES);
	le_write32(optional + PE_OPTIONAL_HEADERS_BYTES, HEADERS);
	le_write16(optional + PE_OPTIONAL_SUBSYSTEM, PE_SUBSYSTEM_EFI_APPLICATION);
	le_write16(optional + PE_OPTIONAL_DLL_FLAGS, PE_DLL_NX_COMPAT | PE_DLL_DYNAMIC_BASE);
	le_write32(optional + PE_OPTIONAL_DIRECTORY_COUNT, 16);
	le_write32(file + DIRECTORY(PE_DIRECTORY_RELOC), layout[RELOC].virt);
	le_write32(file + DIRECTORY(PE_DIRECTORY_RELOC) + 4, layout[RELOC].virt_bytes);
	write_sections(file);
	write_checksum(file, IMAGE_FILE_BYTES);
	return file;
}

static void write_field(uint8_t *file, uint32_t at, uint32_t bytes, uint32_t value)
{
	if (bytes == 1)
		file[at] = (uint8_t)value;
	else if (bytes == 2)
		le_write16(file + at, (uint16_t)value);
	else
		le_write32(file + at, value);
}

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
	{COFF + PE_COFF_TIMESTAMP, 4, 1, PE_TIMESTAMP, ""},
	{COFF + PE_COFF_SYMBOLS, 4, 0x400, PE_SYMBOL_TABLE, ""},
	{COFF + PE_COFF_SYMBOL_COUNT, 4, 1, PE_SYMBOL_TABLE, ""},
	{OPTIONAL + PE_OPTIONAL_DLL_FLAGS, 2, PE_DLL_DYNAMIC_BASE, PE_NO_NX_COMPAT, ""},
	{OPTIONAL + PE_OPTIONAL_SECTION_ALIGN, 4, 512, PE_BAD_SECTION_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 0, PE_BAD_FILE_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 768, PE_BAD_FILE_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 4, 8192, PE_BAD_FILE_ALIGN, ""},
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, 0x200, PE_BAD_HEADERS_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, 0x401, PE_BAD_HEADERS_SIZE, ""},
	{OPTIONAL + PE_OPTIONAL_HEADERS_BYTES, 4, 0x10000, PE_BAD_HEADERS_SIZE, ""},
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

/* Checks a copy of exactly `bytes` bytes, so that the sanitizer sees any byte read behind it. */
static enum pe_status check_copy(const uint8_t *file, uint64_t bytes, struct pe_fault *fault)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	enum pe_status status;

	memcpy(copy, file, bytes);
	status = pe_check(copy, bytes, fault);
	free(copy);
	return status;
}

static void expect(const uint8_t *file, uint64_t bytes, enum pe_status status, const char *section, const char *what, int number)
{
	struct pe_fault fault = {0};
	enum pe_status found = check_copy(file, bytes, &fault);

	if (found != status)
		fail_msg("%s %d: found \"%s\", not \"%s\"", what, number, pe_status_name(found), pe_status_name(status));
	assert_string_equal(fault.section, section);
}

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
	le_write16(sound + OPTIONAL + PE_OPTIONAL_DLL_FLAGS, PE_DLL_NX_COMPAT | PE_DLL_DYNAMIC_BASE);
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
		cmocka_unit_test(seal_repairs_what_objcopy_leaves),
		cmocka_unit_test(seal_closes_holes_and_sizes_empty_sections),
		cmocka_unit_test(seal_survives_absurd_sizes),
		cmocka_unit_test(seal_refuses_what_it_does_not_understand),
		cmocka_unit_test(checksum_counts_an_odd_last_byte_and_not_itself),
	};

	return cmocka_run_group_tests_name("pe", tests, NULL, NULL);
}
