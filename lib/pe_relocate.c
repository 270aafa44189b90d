/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the linker's relocations to the firmware's.  objcopy copies the ELF relocations (.rela, 24 bytes each) but does not
 * turn them into PE base relocations, so that gnu-efi applications carry code that relocates itself.  Here the section
 * becomes .reloc (2 bytes each) in place, and the firmware relocates the image before its first instruction (Microsoft
 * PE/COFF specification, "The .reloc Section").
 * Rules here: pure; in place; only what can be said by a DIR64 relocation of a writable field; .rela must be the last section.
 */
#include "lib/pe.h"
#include "lib/elf64_format.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

enum { BLOCK_HEADER_BYTES = 8, DIR64 = 10 };

/* Blocks as they are written, over relocations that have been read: a block with one entry is shorter than one of these. */
struct blocks {
	uint8_t *out;
	uint32_t bytes; /* written so far */
	uint32_t begin; /* of the current block */
	uint32_t page;  /* that the current block is for */
};

/* A block is a multiple of 4 bytes: an entry of type 0 fills it up. */
static void end_block(struct blocks *blocks)
{
	if (blocks->bytes % 4 != 0) {
		le_write16(blocks->out + blocks->bytes, 0);
		blocks->bytes += 2;
	}
	if (blocks->bytes > blocks->begin)
		le_write32(blocks->out + blocks->begin + 4, blocks->bytes - blocks->begin);
}

static void add_entry(struct blocks *blocks, uint32_t target)
{
	uint32_t page = target / PE_PAGE_BYTES * PE_PAGE_BYTES;

	if (blocks->bytes == 0 || page != blocks->page) {
		end_block(blocks);
		blocks->begin = blocks->bytes;
		blocks->page = page;
		le_write32(blocks->out + blocks->begin, page);
		blocks->bytes += BLOCK_HEADER_BYTES;
	}
	le_write16(blocks->out + blocks->bytes, (uint16_t)(DIR64 << 12 | (target - page)));
	blocks->bytes += 2;
}

/* By target: blocks want one page after the other, and a target that comes twice shows.  ld leaves them nearly sorted. */
static void sort(uint8_t *relocations, uint32_t bytes)
{
	for (uint32_t end = ELF64_RELA_BYTES; end < bytes; end += ELF64_RELA_BYTES) {
		uint8_t moved[ELF64_RELA_BYTES];
		uint32_t at = end;

		memcpy(moved, relocations + end, sizeof(moved));
		for (; at > 0 && le_read64(relocations + at - ELF64_RELA_BYTES) > le_read64(moved); at -= ELF64_RELA_BYTES)
			memcpy(relocations + at, relocations + at - ELF64_RELA_BYTES, ELF64_RELA_BYTES);
		memcpy(relocations + at, moved, sizeof(moved));
	}
}

/* The eight bytes in the file that become the field at `target` in memory, or NULL. */
static uint8_t *field(uint8_t *file, const struct pe_image *image, uint64_t target)
{
	for (uint32_t i = 0; i < image->section_count; i++) {
		struct pe_section section = pe_section(image, i);
		uint64_t content = pe_section_content(&section);

		if (target >= section.virt && content >= 8 && target - section.virt <= content - 8 &&
		    section.file_offset <= image->bytes && content <= image->bytes - section.file_offset)
			return file + section.file_offset + (target - section.virt);
	}
	return NULL;
}

/* Each field gets its link-time value, to which the firmware adds the image's base. */
static enum pe_status convert(uint8_t *file, const struct pe_image *image, const struct pe_section *rela, struct blocks *blocks,
			      struct pe_fault *ret_fault)
{
	uint64_t least = 0;

	for (uint32_t at = 0; at < rela->virt_bytes; at += ELF64_RELA_BYTES) {
		const uint8_t *relocation = file + rela->file_offset + at;
		uint64_t target = le_read64(relocation + ELF64_R_OFFSET);
		uint8_t *bytes = field(file, image, target);

		ret_fault->found = target;
		if (target == 0 && le_read64(relocation + ELF64_R_INFO) == ELF64_R_X86_64_NONE)
			continue;
		if (le_read64(relocation + ELF64_R_INFO) != ELF64_R_X86_64_RELATIVE || target < least || bytes == NULL ||
		    target >= rela->virt)
			return PE_BAD_RELOC;
		le_write64(bytes, le_read64(relocation + ELF64_R_ADDEND));
		add_entry(blocks, (uint32_t)target);
		least = target + 8;
	}
	end_block(blocks);
	/* None at all: a block without entries. */
	if (blocks->bytes == 0) {
		le_write32(blocks->out, 0);
		le_write32(blocks->out + 4, BLOCK_HEADER_BYTES);
		blocks->bytes = BLOCK_HEADER_BYTES;
	}
	return PE_OK;
}

/* The section, its directory and the flag of the header say what the section has become. */
static void rename_section(uint8_t *file, const struct pe_image *image, const struct pe_section *rela, uint32_t bytes)
{
	uint8_t *header = file + image->sections + (image->section_count - 1) * (uint64_t)PE_SECTION_BYTES;
	uint8_t *directory = file + image->optional + PE_OPTIONAL_DIRECTORIES + PE_DIRECTORY_RELOC * 8;
	uint8_t *flags = file + image->coff + PE_COFF_FLAGS;
	uint32_t align = le_read32(file + image->optional + PE_OPTIONAL_FILE_ALIGN);
	uint64_t stored = align ? ((uint64_t)bytes + align - 1) / align * align : bytes;

	if (stored > rela->file_bytes)
		stored = rela->file_bytes;
	memset(file + rela->file_offset + bytes, 0, rela->file_bytes - bytes);
	memcpy(header, ".reloc\0", 8);
	le_write32(header + PE_SECTION_VIRT_BYTES, bytes);
	le_write32(header + PE_SECTION_FILE_BYTES, (uint32_t)stored);
	le_write32(directory, rela->virt);
	le_write32(directory + 4, bytes);
	le_write16(flags, (uint16_t)(le_read16(flags) & ~PE_FILE_RELOCS_STRIPPED));
}

enum pe_status pe_relocate(void *file, const struct pe_image *image, struct pe_fault *ret_fault)
{
	struct pe_section rela;
	struct blocks blocks = {0};
	enum pe_status status;

	if (!pe_find(image, ".rela", &rela))
		return PE_OK;
	*ret_fault = (struct pe_fault){.section = ".rela", .found = rela.virt_bytes};
	if (pe_find(image, ".reloc", &(struct pe_section){0}))
		return PE_SECTION_TWICE;
	/* Behind it nothing, so that it may shrink; all of it in the file, whole relocations. */
	if (rela.virt != pe_section(image, image->section_count - 1).virt || rela.virt_bytes == 0 ||
	    rela.virt_bytes % ELF64_RELA_BYTES != 0)
		return PE_BAD_RELOC;
	if (rela.file_bytes < rela.virt_bytes || rela.file_offset > image->bytes || rela.file_bytes > image->bytes - rela.file_offset)
		return PE_SECTION_OUTSIDE_FILE;
	blocks.out = (uint8_t *)file + rela.file_offset;
	sort(blocks.out, rela.virt_bytes);
	status = convert(file, image, &rela, &blocks, ret_fault);
	if (status == PE_OK)
		rename_section(file, image, &rela, blocks.bytes);
	return status;
}
