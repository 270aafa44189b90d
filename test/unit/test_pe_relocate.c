/* SPDX-License-Identifier: BSD-2-Clause */
/* The linker's relocations become the firmware's: every byte of the result by hand, and all that must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/elf64_format.h"
#include "test/unit/pe_image.h"

enum { RELA = SECTIONS - 1, RELA_FILE = 0xc00, RELA_VIRT = 0x7000 };

static void write_relocation(uint8_t *file, uint32_t index, uint64_t target, uint64_t type, uint64_t addend)
{
	uint8_t *relocation = file + RELA_FILE + index * ELF64_RELA_BYTES;

	le_write64(relocation + ELF64_R_OFFSET, target);
	le_write64(relocation + ELF64_R_INFO, type);
	le_write64(relocation + ELF64_R_ADDEND, addend);
}

/* As objcopy leaves it: .sbat, then .rela instead of .reloc, no directory, and a header that denies relocations. */
static uint8_t *make_unsealed(uint32_t relocations)
{
	uint8_t *file = make_image();

	memcpy(file + SECTION(RELOC), ".sbat\0\0", 8);
	le_write32(file + SECTION(RELOC) + PE_SECTION_VIRT_BYTES, sizeof(sbat) - 1);
	le_write32(file + SECTION(RELOC) + PE_SECTION_FLAGS, layout[SBAT].flags);
	memcpy(file + layout[RELOC].file_offset, sbat, sizeof(sbat) - 1);
	memcpy(file + SECTION(RELA), ".rela\0\0", 8);
	le_write32(file + SECTION(RELA) + PE_SECTION_VIRT_BYTES, relocations * ELF64_RELA_BYTES);
	memset(file + RELA_FILE, 0, FILE_ALIGN);
	memset(file + DIRECTORY(PE_DIRECTORY_RELOC), 0, 8);
	le_write16(file + COFF + PE_COFF_FLAGS, PE_FILE_EXECUTABLE | PE_FILE_RELOCS_STRIPPED);
	return file;
}

static void assert_blocks(const uint8_t *file, const uint16_t *words, uint32_t bytes)
{
	assert_string_equal((const char *)file + SECTION(RELA), ".reloc");
	assert_int_equal(le_read32(file + SECTION(RELA) + PE_SECTION_VIRT_BYTES), bytes);
	assert_int_equal(le_read32(file + SECTION(RELA) + PE_SECTION_FILE_BYTES), FILE_ALIGN);
	assert_int_equal(le_read32(file + DIRECTORY(PE_DIRECTORY_RELOC)), RELA_VIRT);
	assert_int_equal(le_read32(file + DIRECTORY(PE_DIRECTORY_RELOC) + 4), bytes);
	for (uint32_t i = 0; i < bytes / 2; i++)
		assert_int_equal(le_read16(file + RELA_FILE + 2 * i), words[i]);
	for (uint32_t i = bytes; i < FILE_ALIGN; i++)
		assert_int_equal(file[RELA_FILE + i], 0);
}

static void relocations_become_blocks_in_place(void **state)
{
	static const uint16_t blocks[] = {0x3000, 0, 16, 0, 0xa000, 0xa010, 0xa1f8, 0};
	uint8_t *file = make_unsealed(3), *again;
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	/* Unsorted; the first and the last field of what is stored of .data. */
	write_relocation(file, 0, 0x3010, ELF64_R_X86_64_RELATIVE, 0x1122334455667788);
	write_relocation(file, 1, 0x31f8, ELF64_R_X86_64_RELATIVE, 0x2000);
	write_relocation(file, 2, 0x3000, ELF64_R_X86_64_RELATIVE, 0x1010);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_int_equal(bytes, IMAGE_FILE_BYTES);
	assert_int_equal(le_read64(file + layout[DATA].file_offset), 0x1010);
	assert_int_equal(le_read64(file + layout[DATA].file_offset + 0x10), 0x1122334455667788);
	assert_int_equal(le_read64(file + layout[DATA].file_offset + 0x1f8), 0x2000);
	assert_blocks(file, blocks, sizeof(blocks));
	assert_int_equal(le_read16(file + COFF + PE_COFF_FLAGS), PE_FILE_EXECUTABLE | PE_FILE_LARGE_ADDRESS);
	expect(file, bytes, PE_OK, "", "relocated image", 0);
	/* Again: nothing changes. */
	again = malloc(bytes);
	memcpy(again, file, bytes);
	assert_int_equal(pe_seal(again, bytes, &bytes, &fault), PE_OK);
	assert_memory_equal(again, file, bytes);
	free(again);
	free(file);
}

/* Each page has its block; a field of a section that nobody may write is the check's business. */
/* The linker script always leaves one relocation that does nothing. */
static void none_at_all_become_an_empty_block(void **state)
{
	static const uint16_t blocks[] = {0, 0, 8, 0};
	static const uint16_t one[] = {0x3000, 0, 12, 0, 0xa010, 0};
	uint8_t *file = make_unsealed(1);
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_blocks(file, blocks, sizeof(blocks));
	expect(file, bytes, PE_OK, "", "image without relocations", 0);
	free(file);
	file = make_unsealed(2);
	write_relocation(file, 1, 0x3010, ELF64_R_X86_64_RELATIVE, 0x2000);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_blocks(file, one, sizeof(one));
	free(file);
	/* It has no target. */
	file = make_unsealed(1);
	write_relocation(file, 0, 0x3010, ELF64_R_X86_64_NONE, 0);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_BAD_RELOC);
	free(file);
}

static void each_page_has_its_block(void **state)
{
	static const uint16_t blocks[] = {0x2000, 0, 12, 0, 0xa008, 0, 0x3000, 0, 12, 0, 0xa008, 0xa018};
	uint8_t *file = make_unsealed(3);
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	write_relocation(file, 0, 0x2008, ELF64_R_X86_64_RELATIVE, 1);
	write_relocation(file, 1, 0x3008, ELF64_R_X86_64_RELATIVE, 2);
	write_relocation(file, 2, 0x3018, ELF64_R_X86_64_RELATIVE, 3);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_blocks(file, blocks, sizeof(blocks));
	expect(file, bytes, PE_RELOC_IN_TEXT, ".rodata", "constants", 0);
	free(file);
}

/* A sector of relocations may become less than a sector: the file shrinks with it. */
static void the_file_shrinks_with_the_section(void **state)
{
	uint8_t *file = make_unsealed(21);
	struct pe_fault fault;
	uint64_t bytes;

	(void)state;
	le_write32(file + OPTIONAL + PE_OPTIONAL_FILE_ALIGN, 64);
	for (uint32_t i = 0; i < 21; i++)
		write_relocation(file, i, 0x3000 + 8 * i, ELF64_R_X86_64_RELATIVE, i);
	assert_int_equal(pe_seal(file, IMAGE_FILE_BYTES, &bytes, &fault), PE_OK);
	assert_int_equal(le_read32(file + SECTION(RELA) + PE_SECTION_VIRT_BYTES), 8 + 22 * 2);
	assert_int_equal(bytes, RELA_FILE + 64);
	free(file);
}

static void refused(uint8_t *file, uint64_t bytes, enum pe_status status, uint64_t found)
{
	struct pe_fault fault;

	assert_int_equal(pe_seal(file, bytes, &bytes, &fault), status);
	assert_string_equal(fault.section, ".rela");
	assert_int_equal(fault.found, found);
	free(file);
}

static void relocations_that_the_firmware_cannot_do_are_refused(void **state)
{
	static const struct {
		uint64_t target, type;
	} bad[] = {
		{0x3008, 1},                                  /* R_X86_64_64: names a symbol */
		{0x3008, UINT64_C(1) << 32 | ELF64_R_X86_64_RELATIVE},
		{0x3100, ELF64_R_X86_64_RELATIVE},            /* twice */
		{0x3107, ELF64_R_X86_64_RELATIVE},            /* overlaps */
		{0x31f9, ELF64_R_X86_64_RELATIVE},            /* its last byte is not stored */
		{0x4000, ELF64_R_X86_64_RELATIVE},            /* .bss */
		{0xff8, ELF64_R_X86_64_RELATIVE},             /* the headers */
		{0x7000, ELF64_R_X86_64_RELATIVE},            /* .rela itself */
		{UINT64_MAX - 7, ELF64_R_X86_64_RELATIVE},
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *file = make_unsealed(2);

		write_relocation(file, 0, 0x3100, ELF64_R_X86_64_RELATIVE, 0);
		write_relocation(file, 1, bad[i].target, bad[i].type, 0);
		refused(file, IMAGE_FILE_BYTES, PE_BAD_RELOC, bad[i].target);
	}
}

static void sections_that_cannot_become_reloc_are_refused(void **state)
{
	uint8_t *file = make_unsealed(1);

	(void)state;
	le_write32(file + SECTION(RELA) + PE_SECTION_VIRT_BYTES, ELF64_RELA_BYTES + 8);
	refused(file, IMAGE_FILE_BYTES, PE_BAD_RELOC, ELF64_RELA_BYTES + 8);
	refused(make_unsealed(0), IMAGE_FILE_BYTES, PE_BAD_RELOC, 0);
	refused(make_unsealed(22), IMAGE_FILE_BYTES, PE_SECTION_OUTSIDE_FILE, 22 * ELF64_RELA_BYTES);
	refused(make_unsealed(1), IMAGE_FILE_BYTES - 1, PE_SECTION_OUTSIDE_FILE, ELF64_RELA_BYTES);
	/* Not the last. */
	file = make_unsealed(1);
	memcpy(file + SECTION(RELOC), ".rela\0\0", 8);
	memcpy(file + SECTION(RELA), ".sbat\0\0", 8);
	refused(file, IMAGE_FILE_BYTES, PE_BAD_RELOC, sizeof(sbat) - 1);
	/* Beside one that is there already. */
	file = make_unsealed(1);
	memcpy(file + SECTION(BSS), ".reloc\0", 8);
	refused(file, IMAGE_FILE_BYTES, PE_SECTION_TWICE, ELF64_RELA_BYTES);
}

/* An image that nobody sealed does not pass for one. */
static void the_check_refuses_what_was_not_relocated(void **state)
{
	uint8_t *file = make_unsealed(1);

	(void)state;
	le_write16(file + COFF + PE_COFF_FLAGS, PE_FILE_EXECUTABLE | PE_FILE_LARGE_ADDRESS);
	expect(file, IMAGE_FILE_BYTES, PE_SECTION_UNKNOWN, ".rela", "unsealed image", 0);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relocations_become_blocks_in_place),
		cmocka_unit_test(none_at_all_become_an_empty_block),
		cmocka_unit_test(each_page_has_its_block),
		cmocka_unit_test(the_file_shrinks_with_the_section),
		cmocka_unit_test(relocations_that_the_firmware_cannot_do_are_refused),
		cmocka_unit_test(sections_that_cannot_become_reloc_are_refused),
		cmocka_unit_test(the_check_refuses_what_was_not_relocated),
	};

	return cmocka_run_group_tests_name("pe_relocate", tests, NULL, NULL);
}
