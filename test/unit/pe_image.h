/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A minimal sound loader image of six sections, for the tests of lib/pe*.c: they break it.  Include it after cmocka.h.
 */
#ifndef TEST_PE_IMAGE_H
#define TEST_PE_IMAGE_H

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
	{".text", 0x1000, 0x123, 0x400, 0x200, 0x60000020}, {".rodata", 0x2000, 0x40, 0x600, 0x200, 0x40000040},
	{".data", 0x3000, 0x210, 0x800, 0x200, 0xc0000040}, {".bss", 0x4000, 0x1100, 0, 0, 0xc0000080},
	{".reloc", 0x6000, 0x18, 0xa00, 0x200, 0x42000040}, {".sbat", 0x7000, 0, 0xc00, 0x200, 0x40000040},
};

static const char sbat[] =
	"sbat,1,SBAT Version,sbat,1,https://example.org/\nbaton,190,Baton,baton,0.1.0,https://example.org/~baton\n";

static inline void write_sections(uint8_t *file)
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
	/* One block: a relocation of .data + 8, and one entry that fills up; then a block of two of these. */
	le_write32(file + layout[RELOC].file_offset, 0x3000);
	le_write32(file + layout[RELOC].file_offset + 4, 12);
	le_write16(file + layout[RELOC].file_offset + 8, 0xa008);
	le_write32(file + layout[RELOC].file_offset + 12, 0x3000);
	le_write32(file + layout[RELOC].file_offset + 16, 12);
	le_write32(file + SECTION(SBAT) + PE_SECTION_VIRT_BYTES, sizeof(sbat) - 1);
	memcpy(file + layout[SBAT].file_offset, sbat, sizeof(sbat) - 1);
}

static inline void write_checksum(uint8_t *file, uint64_t bytes)
{
	struct pe_image image;

	assert_int_equal(pe_open(file, bytes, &image), PE_OK);
	le_write32(file + OPTIONAL + PE_OPTIONAL_CHECKSUM, pe_checksum(&image));
}

/* A sound image in ROOM bytes of memory, of which the first IMAGE_FILE_BYTES are the file. */
static inline uint8_t *make_image(void)
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

static inline void write_field(uint8_t *file, uint32_t at, uint32_t bytes, uint32_t value)
{
	if (bytes == 1)
		file[at] = (uint8_t)value;
	else if (bytes == 2)
		le_write16(file + at, (uint16_t)value);
	else
		le_write32(file + at, value);
}

/* Checks a copy of exactly `bytes` bytes, so that the sanitizer sees any byte read behind it. */
static inline enum pe_status check_copy(const uint8_t *file, uint64_t bytes, struct pe_fault *fault)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	enum pe_status status;

	memcpy(copy, file, bytes);
	status = pe_check(copy, bytes, fault);
	free(copy);
	return status;
}

static inline void expect(const uint8_t *file, uint64_t bytes, enum pe_status status, const char *section,
			  const char *what, int number)
{
	struct pe_fault fault = {0};
	enum pe_status found = check_copy(file, bytes, &fault);

	if (found != status)
		fail_msg("%s %d: found \"%s\", not \"%s\"", what, number, pe_status_name(found),
			 pe_status_name(status));
	assert_string_equal(fault.section, section);
}

#endif
