/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading ELF64 symbol tables (System V ABI, "Symbol Table").  The file may be anything: each offset is checked before it is used. */
#include "tools/baton/elf_symbols.h"
#include <elf.h>
#include <string.h>

/* [offset, offset + bytes) of the file, or NULL when it does not lie in it. */
static const void *part(const struct file *file, uint64_t offset, uint64_t bytes)
{
	if (offset > file->count || bytes > file->count - offset)
		return NULL;
	return file->bytes + offset;
}

/* Entry `index` of a table, copied: nothing in a file is aligned. */
static int entry(const struct file *file, uint64_t table, uint64_t index, void *ret_entry, uint64_t bytes)
{
	uint64_t offset;
	const void *found;

	if (__builtin_mul_overflow(index, bytes, &offset) || __builtin_add_overflow(offset, table, &offset))
		return -1;
	found = part(file, offset, bytes);
	if (found == NULL)
		return -1;
	memcpy(ret_entry, found, bytes);
	return 0;
}

static int header(const struct file *file, Elf64_Ehdr *ret_header)
{
	if (entry(file, 0, 0, ret_header, sizeof(*ret_header)) != 0)
		return -1;
	return memcmp(ret_header->e_ident, ELFMAG, SELFMAG) == 0 && ret_header->e_ident[EI_CLASS] == ELFCLASS64 ? 0 : -1;
}

int elf_symbols_base(const struct file *file, uint64_t *ret_base_virt)
{
	uint64_t base = UINT64_MAX;
	Elf64_Ehdr elf;
	Elf64_Phdr segment;

	if (header(file, &elf) != 0)
		return -1;
	for (uint32_t i = 0; i < elf.e_phnum; i++)
		if (entry(file, elf.e_phoff, i, &segment, sizeof(segment)) == 0 && segment.p_type == PT_LOAD && segment.p_vaddr < base)
			base = segment.p_vaddr;
	if (base == UINT64_MAX)
		return -1;
	*ret_base_virt = base & ~UINT64_C(4095);
	return 0;
}

/* NULL when the name does not end inside its table. */
static const char *name_of(const struct file *file, const Elf64_Shdr *strings, uint32_t offset)
{
	const char *names = part(file, strings->sh_offset, strings->sh_size);

	if (names == NULL || offset >= strings->sh_size || memchr(names + offset, '\0', strings->sh_size - offset) == NULL)
		return NULL;
	return names + offset;
}

/* The nearest function at or below the address in one symbol table; better than *start only when it is nearer. */
static const char *nearest(const struct file *file, const Elf64_Shdr *table, const Elf64_Shdr *strings, uint64_t address,
			   uint64_t *start)
{
	const char *best = NULL;
	Elf64_Sym symbol;

	for (uint64_t i = 0; i < table->sh_size / sizeof(symbol); i++) {
		const char *name;

		if (entry(file, table->sh_offset, i, &symbol, sizeof(symbol)) != 0)
			break;
		/* Entry points in assembler often have no type and no size. */
		if ((ELF64_ST_TYPE(symbol.st_info) != STT_FUNC && ELF64_ST_TYPE(symbol.st_info) != STT_NOTYPE) ||
		    symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS || symbol.st_value > address ||
		    (best != NULL && symbol.st_value < *start))
			continue;
		name = name_of(file, strings, symbol.st_name);
		/* Of two names of one place the function's is better than a label's. */
		if (name == NULL || *name == '\0' ||
		    (best != NULL && symbol.st_value == *start && ELF64_ST_TYPE(symbol.st_info) != STT_FUNC))
			continue;
		best = name;
		*start = symbol.st_value;
	}
	return best;
}

const char *elf_symbols_find(const struct file *file, uint64_t address_virt, uint64_t *ret_start)
{
	Elf64_Ehdr elf;
	Elf64_Shdr table, strings;

	if (header(file, &elf) != 0)
		return NULL;
	for (uint32_t i = 0; i < elf.e_shnum; i++)
		if (entry(file, elf.e_shoff, i, &table, sizeof(table)) == 0 && table.sh_type == SHT_SYMTAB &&
		    entry(file, elf.e_shoff, table.sh_link, &strings, sizeof(strings)) == 0)
			return nearest(file, &table, &strings, address_virt, ret_start);
	return NULL;
}
