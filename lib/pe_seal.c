/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What objcopy 2.40 cannot do to the loader's image: its relocations (pe_relocate.c), NX_COMPAT, exact flags for each section, sizes that agree with the
 * sections, no time of build and no symbol table (both differ between builds and confuse signing tools).
 * Rules here: pure; in place; the same input gives the same output.
 */
#include "lib/pe.h"
#include "lib/le.h"

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

static uint32_t saturate(uint64_t value)
{
	return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void set_or(uint8_t *field, uint32_t flags)
{
	le_write16(field, (uint16_t)(le_read16(field) | flags));
}

/* Flags by name; VirtualSize up to the next section, so that no hole of unknown permission is left. */
static void seal_section(uint8_t *file, const struct pe_image *image, uint32_t index)
{
	uint8_t *header = file + image->sections + index * (uint64_t)PE_SECTION_BYTES;
	struct pe_section section = pe_section(image, index);
	uint64_t bytes = section.virt_bytes ? section.virt_bytes : section.file_bytes;

	if (index + 1 < image->section_count) {
		struct pe_section next = pe_section(image, index + 1);

		if (next.virt > round_up(section.virt + bytes, PE_PAGE_BYTES))
			bytes = next.virt - section.virt;
	}
	le_write32(header + PE_SECTION_VIRT_BYTES, saturate(bytes));
	le_write32(header + PE_SECTION_FLAGS, pe_section_flags(section.name));
}

/* What the sections sum up to. */
struct totals {
	uint64_t code, data, bss; /* bytes by kind */
	uint64_t code_base;
	uint64_t image_end;
	uint64_t file_begin; /* lowest offset of a section's bytes */
	uint64_t file_end;
};

static void add_section(struct totals *totals, const struct pe_section *section, uint64_t align)
{
	uint64_t image_end = round_up((uint64_t)section->virt + section->virt_bytes, PE_PAGE_BYTES);
	uint64_t file_end = (uint64_t)section->file_offset + section->file_bytes;

	if (section->flags & PE_SECTION_CODE) {
		totals->code += section->file_bytes;
		totals->code_base = section->virt;
	} else if (section->flags & PE_SECTION_BSS) {
		totals->bss += round_up(section->virt_bytes, align);
	} else {
		totals->data += section->file_bytes;
	}
	if (image_end > totals->image_end)
		totals->image_end = image_end;
	if (section->file_bytes > 0 && section->file_offset < totals->file_begin)
		totals->file_begin = section->file_offset;
	if (section->file_bytes > 0 && file_end > totals->file_end)
		totals->file_end = file_end;
}

static void seal_headers(uint8_t *file, const struct pe_image *image, const struct totals *totals)
{
	uint8_t *coff = file + image->coff, *optional = file + image->optional;

	le_write32(coff + PE_COFF_TIMESTAMP, 0);
	le_write32(coff + PE_COFF_SYMBOLS, 0);
	le_write32(coff + PE_COFF_SYMBOL_COUNT, 0);
	set_or(coff + PE_COFF_FLAGS, PE_FILE_LARGE_ADDRESS);
	/* The file ends with its last section: a signature is gone with the rest. */
	le_write32(optional + PE_OPTIONAL_DIRECTORIES + PE_DIRECTORY_CERTIFICATES * 8, 0);
	le_write32(optional + PE_OPTIONAL_DIRECTORIES + PE_DIRECTORY_CERTIFICATES * 8 + 4, 0);
	le_write32(optional + PE_OPTIONAL_CODE_BYTES, saturate(totals->code));
	le_write32(optional + PE_OPTIONAL_DATA_BYTES, saturate(totals->data));
	le_write32(optional + PE_OPTIONAL_BSS_BYTES, saturate(totals->bss));
	le_write32(optional + PE_OPTIONAL_CODE_BASE, saturate(totals->code_base));
	le_write32(optional + PE_OPTIONAL_IMAGE_BYTES, saturate(totals->image_end));
	/* All bytes in front of the sections: a signature covers the headers and the sections, nothing between them. */
	le_write32(optional + PE_OPTIONAL_HEADERS_BYTES, saturate(totals->file_begin));
	set_or(optional + PE_OPTIONAL_DLL_FLAGS, PE_DLL_NX_COMPAT | PE_DLL_DYNAMIC_BASE);
}

/* What must hold before anything is written: the fields are there, ... */
static enum pe_status check_headers(const struct pe_image *image, struct pe_fault *ret_fault)
{
	*ret_fault = (struct pe_fault){.found = image->sections - image->optional};
	if (le_read16(image->file + image->optional) != PE_MAGIC_PE32_PLUS)
		return PE_NOT_PE32_PLUS;
	if (image->sections - image->optional < PE_OPTIONAL_DIRECTORIES + PE_DIRECTORIES_NEEDED * 8)
		return PE_OPTIONAL_HEADER_SHORT;
	return PE_OK;
}

/* ...and each section's flags are known. */
static enum pe_status check_sections(const struct pe_image *image, struct pe_fault *ret_fault)
{
	for (uint32_t i = 0; i < image->section_count; i++) {
		struct pe_section section = pe_section(image, i);

		for (uint32_t c = 0; c < sizeof(section.name); c++)
			ret_fault->section[c] = section.name[c];
		ret_fault->found = section.flags;
		if (pe_section_flags(section.name) == 0)
			return PE_SECTION_UNKNOWN;
	}
	return PE_OK;
}

enum pe_status pe_seal(void *file, uint64_t bytes, uint64_t *ret_bytes, struct pe_fault *ret_fault)
{
	struct pe_image image;
	struct totals totals = {0};
	uint32_t align;
	enum pe_status status = pe_open(file, bytes, &image);

	*ret_fault = (struct pe_fault){.found = bytes};
	if (status == PE_OK)
		status = check_headers(&image, ret_fault);
	if (status == PE_OK)
		status = pe_relocate(file, &image, ret_fault);
	if (status == PE_OK)
		status = check_sections(&image, ret_fault);
	if (status != PE_OK)
		return status;
	align = le_read32(image.file + image.optional + PE_OPTIONAL_FILE_ALIGN);
	totals.file_begin = bytes;
	totals.file_end = image.sections + image.section_count * (uint64_t)PE_SECTION_BYTES;
	for (uint32_t i = 0; i < image.section_count; i++) {
		struct pe_section section;

		seal_section(file, &image, i);
		section = pe_section(&image, i);
		add_section(&totals, &section, align ? align : 1);
	}
	seal_headers(file, &image, &totals);
	/* What follows the last section is the symbol table that the header no longer names. */
	if (totals.file_end < bytes)
		image.bytes = totals.file_end;
	le_write32((uint8_t *)file + image.optional + PE_OPTIONAL_CHECKSUM, pe_checksum(&image));
	*ret_bytes = image.bytes;
	return PE_OK;
}
