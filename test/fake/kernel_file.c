/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels to load: ELF64 header, three program headers, three segments. */
#include <elf.h>
#include <string.h>
#include "test/fake/kernel_file.h"

enum { SEGMENTS = 3, FIRST_OFFSET = 0x1000, STEP = 0x2000 };

static uint8_t file[FIRST_OFFSET + SEGMENTS * STEP];

static const struct {
	uint64_t file_bytes, memory_bytes;
	uint32_t flags;
} parts[SEGMENTS] = {
	{ KERNEL_TEXT_BYTES, KERNEL_TEXT_BYTES, PF_R | PF_X },
	{ KERNEL_RODATA_BYTES, KERNEL_RODATA_BYTES, PF_R },
	{ KERNEL_DATA_BYTES, KERNEL_DATA_MEMORY_BYTES, PF_R | PF_W },
};

uint8_t kernel_byte(uint32_t segment, uint64_t offset)
{
	return (uint8_t)(1 + (segment * 85 + offset) % 251);
}

uint64_t kernel_virt(uint32_t segment)
{
	Elf64_Phdr header;

	memcpy(&header, file + sizeof(Elf64_Ehdr) + segment * sizeof(header), sizeof(header));
	return header.p_vaddr;
}

static Elf64_Phdr program_header(const struct kernel_shape *shape, uint32_t i)
{
	uint64_t link = shape != NULL && shape->link != 0 ? shape->link : KERNEL_LINK;
	uint64_t align = shape != NULL && shape->align != 0 ? shape->align : 0x1000;
	/* In the file the segments stand close together, and congruent to their addresses. */
	uint64_t offset = FIRST_OFFSET + i * STEP + (shape != NULL ? shape->head : 0);
	uint64_t virt = link + i * (align > STEP ? align : STEP);

	virt += (offset - virt) % align;
	return (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = parts[i].flags, .p_offset = offset, .p_vaddr = virt, .p_paddr = virt,
		.p_filesz = parts[i].file_bytes, .p_align = align,
		.p_memsz = parts[i].memory_bytes + (shape != NULL && i == SEGMENTS - 1 ? shape->more : 0),
	};
}

const uint8_t *kernel_file(const struct kernel_shape *shape)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_phoff = sizeof(header),
		.e_ehsize = sizeof(header), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = SEGMENTS,
	};

	memset(file, 0, sizeof(file));
	for (uint32_t i = 0; i < SEGMENTS; i++) {
		Elf64_Phdr segment = program_header(shape, i);

		if (i == 0)
			header.e_entry = segment.p_vaddr + 0x40;
		memcpy(file + sizeof(header) + i * sizeof(segment), &segment, sizeof(segment));
		for (uint64_t at = 0; at < segment.p_filesz; at++)
			file[segment.p_offset + at] = kernel_byte(i, at);
	}
	memcpy(file, &header, sizeof(header));
	return file;
}

uint64_t kernel_file_bytes(void)
{
	return sizeof(file);
}
