/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the headers of the loader's image, for pe_check() and pe_seal(), and the words for what can be wrong with it.
 * Rules here: pure; every offset is checked against the file before it is used, in 64 bits, where sums of 32-bit fields
 * cannot overflow.
 */
#include "lib/pe.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

enum pe_status pe_open(const void *file, uint64_t bytes, struct pe_image *ret_image)
{
	struct pe_image image = {.file = file, .bytes = bytes};
	uint64_t signature;

	if (bytes < PE_DOS_BYTES)
		return PE_TOO_SHORT;
	signature = le_read32(image.file + PE_DOS_PE_OFFSET);
	if (memcmp(image.file, "MZ", 2) != 0)
		return PE_NOT_PE;
	if (signature + 4 + PE_COFF_BYTES > bytes || memcmp(image.file + signature, "PE\0", 4) != 0)
		return PE_NOT_PE;
	image.coff = signature + 4;
	image.optional = image.coff + PE_COFF_BYTES;
	image.sections = image.optional + le_read16(image.file + image.coff + PE_COFF_OPTIONAL_BYTES);
	image.section_count = le_read16(image.file + image.coff + PE_COFF_SECTION_COUNT);
	if (image.optional + 2 > bytes || image.sections + image.section_count * (uint64_t)PE_SECTION_BYTES > bytes)
		return PE_HEADERS_OUTSIDE_FILE;
	*ret_image = image;
	return PE_OK;
}

struct pe_section pe_section(const struct pe_image *image, uint32_t index)
{
	const uint8_t *header = image->file + image->sections + index * (uint64_t)PE_SECTION_BYTES;
	struct pe_section section = {
		.virt = le_read32(header + PE_SECTION_VIRT),
		.virt_bytes = le_read32(header + PE_SECTION_VIRT_BYTES),
		.file_offset = le_read32(header + PE_SECTION_FILE_OFFSET),
		.file_bytes = le_read32(header + PE_SECTION_FILE_BYTES),
		.flags = le_read32(header + PE_SECTION_FLAGS),
	};

	/* A name of 8 characters has no NUL in the file; the struct's ninth byte is one. */
	memcpy(section.name, header, 8);
	return section;
}

static int same_name(const char *left, const char *right)
{
	while (*left && *left == *right)
		left++, right++;
	return *left == *right;
}

int pe_find(const struct pe_image *image, const char *name, struct pe_section *ret_section)
{
	for (uint32_t i = 0; i < image->section_count; i++) {
		struct pe_section section = pe_section(image, i);

		if (same_name(section.name, name)) {
			*ret_section = section;
			return 1;
		}
	}
	return 0;
}

uint32_t pe_section_flags(const char *name)
{
	static const struct {
		char name[9];
		uint32_t flags;
	} kinds[] = {
		{".text", PE_SECTION_CODE | PE_SECTION_READ | PE_SECTION_EXECUTE},
		{".rodata", PE_SECTION_DATA | PE_SECTION_READ},
		{".data", PE_SECTION_DATA | PE_SECTION_READ | PE_SECTION_WRITE},
		{".bss", PE_SECTION_BSS | PE_SECTION_READ | PE_SECTION_WRITE},
		{".reloc", PE_SECTION_DATA | PE_SECTION_READ | PE_SECTION_DISCARDABLE},
		{".sbat", PE_SECTION_DATA | PE_SECTION_READ},
	};

	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (same_name(kinds[i].name, name))
			return kinds[i].flags;
	return 0;
}

uint32_t pe_section_content(const struct pe_section *section)
{
	return section->file_bytes < section->virt_bytes ? section->file_bytes : section->virt_bytes;
}

uint32_t pe_checksum(const struct pe_image *image)
{
	uint64_t field = image->optional + PE_OPTIONAL_CHECKSUM;
	uint64_t sum = 0;

	/* The sum of all 16-bit words, carries added in again, then the length; the field itself counts as zero. */
	for (uint64_t i = 0; i < image->bytes; i++)
		if (i < field || i >= field + 4)
			sum += (uint64_t)image->file[i] << (i % 2 * 8);
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint32_t)((sum + image->bytes) & UINT32_MAX);
}

static const struct {
	const char *name;
	const char *help;
} words[PE_STATUS_COUNT] = {
	[PE_OK] = {"fine", "nothing to do"},
	[PE_TOO_SHORT] = {"file too short", "give the .EFI file that objcopy wrote"},
	[PE_NOT_PE] = {"not a PE file", "give the .EFI file that objcopy wrote, not the ELF file it was made from"},
	[PE_HEADERS_OUTSIDE_FILE] = {"headers reach outside the file", "the file is truncated: build it again"},
	[PE_WRONG_MACHINE] = {"wrong machine", "build for x86-64: objcopy --target=efi-app-x86_64"},
	[PE_NOT_PE32_PLUS] = {"not PE32+", "build for x86-64: objcopy --target=efi-app-x86_64"},
	[PE_OPTIONAL_HEADER_SHORT] = {"optional header too short", "it needs the data directories up to the relocations"},
	[PE_WRONG_SUBSYSTEM] = {"not an EFI application", "pass --subsystem=10 to objcopy"},
	[PE_NOT_EXECUTABLE] = {"not marked executable", "link the image before it is converted"},
	[PE_RELOCS_STRIPPED] = {"relocations stripped", "link as a shared object and keep .reloc"},
	[PE_TIMESTAMP] = {"time stamp is not zero", "run `baton pe seal`: two builds must give the same bytes"},
	[PE_SYMBOL_TABLE] = {"has a symbol table", "run `baton pe seal`: signing tools disagree about its hash"},
	[PE_NO_NX_COMPAT] = {"NX_COMPAT is not set", "run `baton pe seal`"},
	[PE_BAD_SECTION_ALIGN] = {"section alignment is not 4096", "pass --section-alignment=4096 to objcopy"},
	[PE_BAD_FILE_ALIGN] = {"file alignment is not 512 to 4096", "pass --file-alignment=512 to objcopy"},
	[PE_BAD_HEADERS_SIZE] = {"SizeOfHeaders is wrong", "run `baton pe seal`"},
	[PE_TOO_MANY_SECTIONS] = {"no section, or too many", "copy the loader's six sections only: objcopy -j"},
	[PE_SECTION_UNKNOWN] = {"unknown section", "put its input into a known section in the linker script"},
	[PE_SECTION_TWICE] = {"section stands twice", "collect its input in one output section"},
	[PE_SECTION_WX] = {"section is writable and executable", "run `baton pe seal`; keep data out of .text"},
	[PE_SECTION_PERMISSIONS] = {"section has wrong flags", "run `baton pe seal`"},
	[PE_SECTION_EMPTY] = {"section is empty", "leave it out of the linker script"},
	[PE_SECTION_OUTSIDE_IMAGE] = {"section ends behind SizeOfImage", "run `baton pe seal`"},
	[PE_SECTION_OVERLAPS] = {"section overlaps the one before it",
				 "sections must ascend: align each to 4096 in the linker script"},
	[PE_SECTION_GAP] = {"section leaves a hole before it or starts inside a page",
			    "align each section to 4096 in the linker script and run `baton pe seal`"},
	[PE_SECTION_BSS_IN_FILE] = {"uninitialised section has bytes in the file", "make .bss NOBITS in the linker script"},
	[PE_SECTION_OUTSIDE_FILE] = {"section's bytes are not all in the file", "the file is truncated: build it again"},
	[PE_SECTION_FILE_OVERLAPS] = {"section shares bytes in the file with the headers or another section",
				      "convert with objcopy again"},
	[PE_SECTION_FILE_GAP] = {"section leaves unused bytes before it in the file", "convert with objcopy again"},
	[PE_SECTION_FILE_LARGER] = {"section has more bytes in the file than in memory", "convert with objcopy again"},
	[PE_BAD_IMAGE_SIZE] = {"SizeOfImage is not the end of the last section", "run `baton pe seal`"},
	[PE_NO_TEXT] = {"no .text", "put the code into .text in the linker script"},
	[PE_ENTRY_OUTSIDE_TEXT] = {"entry point outside .text", "name a function of .text in ENTRY() of the linker script"},
	[PE_NO_RELOC] = {"no .reloc section or directory", "run `baton pe seal`, which makes it of the linker's .rela"},
	[PE_BAD_RELOC] = {"malformed or unknown relocation",
			  "link with -shared -Bsymbolic, .rela as the last section, and run `baton pe seal`"},
	[PE_RELOC_IN_TEXT] = {"relocation in a section that is not writable",
			      "keep constants that hold addresses in .data (.data.rel.ro)"},
	[PE_NO_SBAT] = {"no .sbat section", "shim refuses images without one: keep .sbat in the linker script"},
	[PE_BAD_SBAT] = {"malformed .sbat",
			 "lines of six comma-separated fields, \"sbat,1,...\" first, generation a number from 1"},
	[PE_TRAILING_BYTES] = {"bytes behind the last section", "run `baton pe seal`"},
	[PE_BAD_FILE_SIZE] = {"file size is no multiple of 8", "convert with objcopy --file-alignment=512"},
	[PE_BAD_CHECKSUM] = {"checksum is wrong", "run `baton pe seal` after the last change to the file"},
};

const char *pe_status_name(enum pe_status status)
{
	return (uint32_t)status < PE_STATUS_COUNT ? words[status].name : "unknown status";
}

const char *pe_status_help(enum pe_status status)
{
	return (uint32_t)status < PE_STATUS_COUNT ? words[status].help : "";
}
