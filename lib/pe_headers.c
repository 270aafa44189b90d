/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Smaller headers for the loader's image: objcopy 2.40 writes a program for DOS and 16 directories, with which five sections need a
 * second block of the file.  Firmware reads the directories up to the relocations; Linux's EFI image has no more either.
 * Rules here: pure; in place; bytes only move towards the beginning; what is not understood, or gains nothing, stays as it is.
 */
#include "lib/pe.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

/* Where things stand afterwards. */
enum {
	SIGNATURE = PE_DOS_BYTES,
	COFF = SIGNATURE + 4,
	OPTIONAL = COFF + PE_COFF_BYTES,
	OPTIONAL_BYTES = PE_OPTIONAL_DIRECTORIES + PE_DIRECTORIES_NEEDED * 8,
	SECTIONS = OPTIONAL + OPTIONAL_BYTES,
};

/* The lowest offset of a section's bytes; the file's size where no section has any. */
static uint64_t sections_begin(const struct pe_image *image)
{
	uint64_t begin = image->bytes;

	for (uint32_t i = 0; i < image->section_count; i++) {
		struct pe_section section = pe_section(image, i);

		if (section.file_bytes > 0 && section.file_offset < begin)
			begin = section.file_offset;
	}
	return begin;
}

static void move_headers(uint8_t *file, const struct pe_image *image, uint64_t table_bytes)
{
	memmove(file + SIGNATURE, file + image->coff - 4, 4 + PE_COFF_BYTES);
	memmove(file + OPTIONAL, file + image->optional, OPTIONAL_BYTES);
	memmove(file + SECTIONS, file + image->sections, table_bytes);
	le_write32(file + PE_DOS_PE_OFFSET, SIGNATURE);
	le_write16(file + COFF + PE_COFF_OPTIONAL_BYTES, OPTIONAL_BYTES);
	le_write32(file + OPTIONAL + PE_OPTIONAL_DIRECTORY_COUNT, PE_DIRECTORIES_NEEDED);
}

/* Sections whose bytes have moved; one without bytes has no place in the file. */
static void move_sections(uint8_t *file, uint32_t count, uint64_t begin, uint64_t by)
{
	for (uint32_t i = 0; i < count; i++) {
		uint8_t *field = file + SECTIONS + i * (uint64_t)PE_SECTION_BYTES + PE_SECTION_FILE_OFFSET;
		uint32_t offset = le_read32(field);

		if (offset >= begin)
			le_write32(field, (uint32_t)(offset - by));
	}
}

uint64_t pe_trim_headers(void *file, uint64_t bytes)
{
	uint64_t table_bytes, begin, end, align;
	struct pe_image image;

	if (pe_open(file, bytes, &image) != PE_OK || image.coff < COFF || image.sections - image.optional < OPTIONAL_BYTES)
		return bytes;
	table_bytes = image.section_count * (uint64_t)PE_SECTION_BYTES;
	begin = sections_begin(&image);
	align = le_read32(image.file + image.optional + PE_OPTIONAL_FILE_ALIGN);
	if (align == 0 || begin < image.sections + table_bytes)
		return bytes;
	end = (SECTIONS + table_bytes + align - 1) / align * align;
	if (begin <= end || (begin - end) % align != 0)
		return bytes;
	move_headers(file, &image, table_bytes);
	move_sections(file, image.section_count, begin, begin - end);
	memset((uint8_t *)file + SECTIONS + table_bytes, 0, end - SECTIONS - table_bytes);
	memmove((uint8_t *)file + end, (uint8_t *)file + begin, bytes - begin);
	return bytes - (begin - end);
}
