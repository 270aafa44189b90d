/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the loader's image what an enforcing firmware wants (L13)?  Run by the build after each link: no section writable
 * and executable, pages of one permission each, nothing that moves between two builds, .reloc and .sbat as their
 * readers expect.
 * Rules here: pure; the first failure ends the check; later checks rely on earlier ones.
 */
#include "lib/pe.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

static enum pe_status fail(struct pe_fault *fault, enum pe_status status, const char *section, uint64_t found,
			   uint64_t expected)
{
	*fault = (struct pe_fault){.found = found, .expected = expected};
	for (uint32_t i = 0; i < 8 && section[i]; i++)
		fault->section[i] = section[i];
	return status;
}

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

static uint32_t optional32(const struct pe_image *image, uint32_t field)
{
	return le_read32(image->file + image->optional + field);
}

/* Header fields of which some bits have one right value. */
static const struct {
	uint32_t optional; /* 1: in the optional header, 0: in the COFF header */
	uint32_t field;
	uint32_t bytes;
	uint32_t mask;
	uint32_t expected;
	enum pe_status status;
} fixed_fields[] = {
	{0, PE_COFF_MACHINE, 2, UINT16_MAX, PE_MACHINE_X86_64, PE_WRONG_MACHINE},
	{1, PE_OPTIONAL_MAGIC, 2, UINT16_MAX, PE_MAGIC_PE32_PLUS, PE_NOT_PE32_PLUS},
	{1, PE_OPTIONAL_SUBSYSTEM, 2, UINT16_MAX, PE_SUBSYSTEM_EFI_APPLICATION, PE_WRONG_SUBSYSTEM},
	{0, PE_COFF_FLAGS, 2, PE_FILE_EXECUTABLE, PE_FILE_EXECUTABLE, PE_NOT_EXECUTABLE},
	{0, PE_COFF_FLAGS, 2, PE_FILE_RELOCS_STRIPPED, 0, PE_RELOCS_STRIPPED},
	{0, PE_COFF_TIMESTAMP, 4, UINT32_MAX, 0, PE_TIMESTAMP},
	{0, PE_COFF_SYMBOLS, 4, UINT32_MAX, 0, PE_SYMBOL_TABLE},
	{0, PE_COFF_SYMBOL_COUNT, 4, UINT32_MAX, 0, PE_SYMBOL_TABLE},
	{1, PE_OPTIONAL_DLL_FLAGS, 2, PE_DLL_NX_COMPAT, PE_DLL_NX_COMPAT, PE_NO_NX_COMPAT},
	{1, PE_OPTIONAL_SECTION_ALIGN, 4, UINT32_MAX, PE_PAGE_BYTES, PE_BAD_SECTION_ALIGN},
};

static enum pe_status check_fixed_fields(const struct pe_image *image, struct pe_fault *fault)
{
	uint64_t optional_bytes = image->sections - image->optional;

	for (uint32_t i = 0; i < sizeof(fixed_fields) / sizeof(fixed_fields[0]); i++) {
		uint32_t field = fixed_fields[i].field, value;
		const uint8_t *at = image->file + (fixed_fields[i].optional ? image->optional : image->coff) + field;

		/* The magic number is inside the file in any case; it says how long the rest must be. */
		if (fixed_fields[i].optional && field != PE_OPTIONAL_MAGIC &&
		    optional_bytes < PE_OPTIONAL_DIRECTORIES + PE_DIRECTORIES_NEEDED * 8)
			return fail(fault, PE_OPTIONAL_HEADER_SHORT, "", optional_bytes,
				    PE_OPTIONAL_DIRECTORIES + PE_DIRECTORIES_NEEDED * 8);
		value = (fixed_fields[i].bytes == 2 ? le_read16(at) : le_read32(at)) & fixed_fields[i].mask;
		if (value != fixed_fields[i].expected)
			return fail(fault, fixed_fields[i].status, "", value, fixed_fields[i].expected);
	}
	return PE_OK;
}

static enum pe_status check_sizes(const struct pe_image *image, struct pe_fault *fault)
{
	uint32_t align = optional32(image, PE_OPTIONAL_FILE_ALIGN);
	uint32_t headers = optional32(image, PE_OPTIONAL_HEADERS_BYTES);
	uint32_t directories = optional32(image, PE_OPTIONAL_DIRECTORY_COUNT);
	uint64_t table_end = image->sections + image->section_count * (uint64_t)PE_SECTION_BYTES;

	if (directories < PE_DIRECTORIES_NEEDED)
		return fail(fault, PE_OPTIONAL_HEADER_SHORT, "", directories, PE_DIRECTORIES_NEEDED);
	if (align < 512 || align > PE_PAGE_BYTES || (align & (align - 1)) != 0)
		return fail(fault, PE_BAD_FILE_ALIGN, "", align, 512);
	if (image->section_count == 0 || image->section_count > PE_SECTIONS_MAX)
		return fail(fault, PE_TOO_MANY_SECTIONS, "", image->section_count, 0);
	if (headers < table_end || headers % align != 0 || headers > image->bytes)
		return fail(fault, PE_BAD_HEADERS_SIZE, "", headers, round_up(table_end, align));
	return PE_OK;
}

static enum pe_status check_flags(const struct pe_section *section, struct pe_fault *fault)
{
	const uint32_t wx = PE_SECTION_WRITE | PE_SECTION_EXECUTE;
	uint32_t flags = pe_section_flags(section->name);

	if (flags == 0)
		return fail(fault, PE_SECTION_UNKNOWN, section->name, section->flags, 0);
	if ((section->flags & wx) == wx)
		return fail(fault, PE_SECTION_WX, section->name, section->flags, flags);
	if (section->flags != flags)
		return fail(fault, PE_SECTION_PERMISSIONS, section->name, section->flags, flags);
	return PE_OK;
}

/* expected_virt: the page after the headers or the section before. */
static enum pe_status check_place(const struct pe_image *image, const struct pe_section *section,
				  uint64_t expected_virt, struct pe_fault *fault)
{
	uint64_t end = (uint64_t)section->virt + section->virt_bytes;
	uint64_t image_bytes = optional32(image, PE_OPTIONAL_IMAGE_BYTES);

	if (section->virt_bytes == 0)
		return fail(fault, PE_SECTION_EMPTY, section->name, 0, 0);
	if (end > image_bytes)
		return fail(fault, PE_SECTION_OUTSIDE_IMAGE, section->name, end, image_bytes);
	if (section->virt < expected_virt)
		return fail(fault, PE_SECTION_OVERLAPS, section->name, section->virt, expected_virt);
	if (section->virt > expected_virt)
		return fail(fault, PE_SECTION_GAP, section->name, section->virt, expected_virt);
	return PE_OK;
}

/* expected_offset: the end of the headers or of the section before.  Signatures do not cover what lies in a gap. */
static enum pe_status check_file_range(const struct pe_image *image, const struct pe_section *section,
				       uint64_t expected_offset, struct pe_fault *fault)
{
	uint32_t align = optional32(image, PE_OPTIONAL_FILE_ALIGN);
	uint64_t end = (uint64_t)section->file_offset + section->file_bytes;

	if (section->flags & PE_SECTION_BSS) {
		if (section->file_bytes > 0)
			return fail(fault, PE_SECTION_BSS_IN_FILE, section->name, section->file_bytes, 0);
		return PE_OK;
	}
	if (section->file_bytes == 0 || end > image->bytes)
		return fail(fault, PE_SECTION_OUTSIDE_FILE, section->name, end, image->bytes);
	if (section->file_offset < expected_offset)
		return fail(fault, PE_SECTION_FILE_OVERLAPS, section->name, section->file_offset, expected_offset);
	if (section->file_offset > expected_offset || section->file_bytes % align != 0)
		return fail(fault, PE_SECTION_FILE_GAP, section->name, section->file_offset, expected_offset);
	if (section->file_bytes > round_up(section->virt_bytes, PE_PAGE_BYTES))
		return fail(fault, PE_SECTION_FILE_LARGER, section->name, section->file_bytes, section->virt_bytes);
	return PE_OK;
}

static int stands_before(const struct pe_image *image, uint32_t index)
{
	struct pe_section section = pe_section(image, index), first;
	struct pe_image before = *image;

	before.section_count = index;
	return pe_find(&before, section.name, &first);
}

/* Nothing but the signature may follow the sections: firmware hashes it, other tools do not. */
static enum pe_status check_file_end(const struct pe_image *image, uint64_t end, struct pe_fault *fault)
{
	uint32_t directory = PE_OPTIONAL_DIRECTORIES + PE_DIRECTORY_CERTIFICATES * 8;
	uint64_t certificates = optional32(image, directory), certificate_bytes = optional32(image, directory + 4);

	if (certificate_bytes > 0 && certificates == round_up(end, 8))
		end = certificates + certificate_bytes;
	if (end != image->bytes)
		return fail(fault, PE_TRAILING_BYTES, "", image->bytes, end);
	if (image->bytes % 8 != 0)
		return fail(fault, PE_BAD_FILE_SIZE, "", image->bytes, round_up(image->bytes, 8));
	return PE_OK;
}

static enum pe_status check_sections(const struct pe_image *image, struct pe_fault *fault)
{
	uint64_t file_end = optional32(image, PE_OPTIONAL_HEADERS_BYTES);
	uint64_t virt_end = round_up(file_end, PE_PAGE_BYTES);
	uint32_t image_bytes = optional32(image, PE_OPTIONAL_IMAGE_BYTES);

	for (uint32_t i = 0; i < image->section_count; i++) {
		struct pe_section section = pe_section(image, i);
		enum pe_status status;

		if (stands_before(image, i))
			return fail(fault, PE_SECTION_TWICE, section.name, i, 0);
		status = check_flags(&section, fault);
		if (status == PE_OK)
			status = check_place(image, &section, virt_end, fault);
		if (status == PE_OK)
			status = check_file_range(image, &section, file_end, fault);
		if (status != PE_OK)
			return status;
		virt_end = round_up((uint64_t)section.virt + section.virt_bytes, PE_PAGE_BYTES);
		file_end += section.file_bytes;
	}
	if (image_bytes != virt_end)
		return fail(fault, PE_BAD_IMAGE_SIZE, "", image_bytes, virt_end);
	return check_file_end(image, file_end, fault);
}

static enum pe_status check_entry(const struct pe_image *image, struct pe_fault *fault)
{
	uint32_t entry = optional32(image, PE_OPTIONAL_ENTRY);
	struct pe_section text;

	if (!pe_find(image, ".text", &text))
		return fail(fault, PE_NO_TEXT, ".text", 0, 0);
	if (entry < text.virt || entry - text.virt >= pe_section_content(&text))
		return fail(fault, PE_ENTRY_OUTSIDE_TEXT, ".text", entry, text.virt);
	return PE_OK;
}

/* A DIR64 relocation rewrites eight bytes: they must lie in one section that may be written. */
static enum pe_status check_target(const struct pe_image *image, uint64_t target, struct pe_fault *fault)
{
	for (uint32_t i = 0; i < image->section_count; i++) {
		struct pe_section section = pe_section(image, i);

		if (target < section.virt || target + 8 > (uint64_t)section.virt + section.virt_bytes)
			continue;
		if (!(section.flags & PE_SECTION_WRITE))
			return fail(fault, PE_RELOC_IN_TEXT, section.name, target, 0);
		return PE_OK;
	}
	return fail(fault, PE_BAD_RELOC, ".reloc", target, 0);
}

/* Blocks of a page address, their own size, and 16-bit entries of a type and an offset in the page. */
static enum pe_status check_blocks(const struct pe_image *image, const uint8_t *blocks, uint32_t bytes,
				   struct pe_fault *fault)
{
	enum { BLOCK_HEADER = 8, ABSOLUTE = 0, DIR64 = 10 };

	while (bytes > 0) {
		uint32_t size = bytes >= BLOCK_HEADER ? le_read32(blocks + 4) : 0;

		if (size < BLOCK_HEADER || size > bytes || size % 4 != 0)
			return fail(fault, PE_BAD_RELOC, ".reloc", size, 0);
		for (uint32_t at = BLOCK_HEADER; at < size; at += 2) {
			uint32_t entry = le_read16(blocks + at);
			enum pe_status status = PE_OK;

			if (entry >> 12 == DIR64)
				status = check_target(image, (uint64_t)le_read32(blocks) + (entry & 0xfff), fault);
			else if (entry >> 12 != ABSOLUTE)
				status = fail(fault, PE_BAD_RELOC, ".reloc", entry, 0);
			if (status != PE_OK)
				return status;
		}
		blocks += size;
		bytes -= size;
	}
	return PE_OK;
}

enum pe_status pe_check_reloc(const struct pe_image *image, struct pe_fault *ret_fault)
{
	uint32_t directory = PE_OPTIONAL_DIRECTORIES + PE_DIRECTORY_RELOC * 8;
	uint32_t virt = optional32(image, directory), bytes = optional32(image, directory + 4);
	struct pe_section section;

	if (!pe_find(image, ".reloc", &section) || virt != section.virt || bytes == 0)
		return fail(ret_fault, PE_NO_RELOC, ".reloc", virt, 0);
	if (bytes > pe_section_content(&section))
		return fail(ret_fault, PE_BAD_RELOC, ".reloc", bytes, pe_section_content(&section));
	return check_blocks(image, image->file + section.file_offset, bytes, ret_fault);
}

static enum pe_status check_checksum(const struct pe_image *image, struct pe_fault *fault)
{
	uint32_t found = optional32(image, PE_OPTIONAL_CHECKSUM), expected = pe_checksum(image);

	return found == expected ? PE_OK : fail(fault, PE_BAD_CHECKSUM, "", found, expected);
}

enum pe_status pe_check(const void *file, uint64_t bytes, struct pe_fault *ret_fault)
{
	static enum pe_status (*const checks[])(const struct pe_image *, struct pe_fault *) = {
		check_fixed_fields, check_sizes,   check_sections, check_entry,
		pe_check_reloc,     pe_check_sbat, check_checksum,
	};
	struct pe_image image;
	enum pe_status status = pe_open(file, bytes, &image);

	if (status != PE_OK)
		return fail(ret_fault, status, "", bytes, 0);
	for (uint32_t i = 0; status == PE_OK && i < sizeof(checks) / sizeof(checks[0]); i++)
		status = checks[i](&image, ret_fault);
	return status;
}
