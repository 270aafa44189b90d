/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relocating a position-independent kernel whose segments stand scattered in memory.  Segment memory has exactly the size
 * that the plan says, so that the sanitizer sees every byte touched outside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "test/unit/elf64_file.h"

/*
 * Text at 0x1000; data at 0x2100 with 0x200 bytes from the file and 0x800 in all: the dynamic section, then the table of
 * relocations, then the words that get relocated.
 */
enum {
	TEXT = 0x1000,
	DATA = 0x2100,
	FILE_BYTES = 0x200,
	MEMORY_BYTES = 0x800,
	DYNAMIC = DATA,
	DYNAMIC_BYTES = 0x80,
	TABLE = DATA + 0x80,
	WORDS = DATA + 0x300,
};

struct kernel {
	struct elf64_plan plan;
	uint8_t *memory[ELF64_SEGMENTS_MAX];
	uint8_t *data; /* where DATA stands */
};

static uint8_t *place_of(struct kernel *kernel, uint64_t link_address)
{
	return kernel->data + (link_address - DATA);
}

static void set_tag(struct kernel *kernel, uint32_t index, uint64_t tag, uint64_t value)
{
	le_write64(place_of(kernel, DYNAMIC) + index * 16, tag);
	le_write64(place_of(kernel, DYNAMIC) + index * 16 + 8, value);
}

static void set_relocation(struct kernel *kernel, uint32_t index, uint64_t offset, uint64_t info, uint64_t addend)
{
	uint8_t *to = place_of(kernel, TABLE) + index * ELF64_RELA_BYTES;

	le_write64(to + ELF64_R_OFFSET, offset);
	le_write64(to + ELF64_R_INFO, info);
	le_write64(to + ELF64_R_ADDEND, addend);
}

/* Relocates the three words at WORDS. */
static void make_kernel(struct kernel *kernel, uint64_t link_base)
{
	struct elf64_test_file file;

	elf64_test_begin(&file, ELF64_TYPE_DYN, link_base + TEXT, 3);
	elf64_test_set(&file, 0, (struct elf64_test_header){ELF64_PT_LOAD, 5, 0x1000, link_base + TEXT, 0x20, 0x20, 0x1000});
	elf64_test_set(&file, 1, (struct elf64_test_header){
					 ELF64_PT_LOAD, 6, 0x2100, link_base + DATA, FILE_BYTES, MEMORY_BYTES, 0x1000});
	elf64_test_set(&file, 2, (struct elf64_test_header){
					 ELF64_PT_DYNAMIC, 6, 0x2100, link_base + DYNAMIC, DYNAMIC_BYTES, DYNAMIC_BYTES, 8});
	assert_int_equal(elf64_test_plan(&file, &kernel->plan), ELF64_OK);
	for (uint32_t i = 0; i < 2; i++)
		kernel->memory[i] = calloc(1, kernel->plan.segments[i].page_bytes);
	kernel->data = kernel->memory[1] + 0x100;
	set_tag(kernel, 0, ELF64_DT_RELA, link_base + TABLE);
	set_tag(kernel, 1, ELF64_DT_RELASZ, 3 * ELF64_RELA_BYTES);
	set_tag(kernel, 2, ELF64_DT_RELAENT, ELF64_RELA_BYTES);
	set_tag(kernel, 3, 0x6ffffff9, 3); /* DT_RELACOUNT: of no concern */
	for (uint32_t i = 0; i < 3; i++)
		set_relocation(kernel, i, link_base + WORDS + i * 8, ELF64_R_X86_64_RELATIVE, link_base + TEXT + i);
}

static void free_kernel(struct kernel *kernel)
{
	free(kernel->memory[0]);
	free(kernel->memory[1]);
}

static void relative_relocations_are_applied(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0);
	assert_int_equal(kernel.plan.bias, ELF64_PIE_BASE - TEXT);
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_OK);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(le_read64(place_of(&kernel, WORDS + i * 8)), kernel.plan.bias + TEXT + i);
	assert_int_equal(le_read64(place_of(&kernel, WORDS + 24)), 0);
	assert_int_equal(kernel.plan.failed_index, 0);
	free_kernel(&kernel);
}

static void kernel_linked_high_gets_its_addends(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0xffffffff90000000);
	assert_int_equal(kernel.plan.bias, 0);
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_OK);
	assert_int_equal(le_read64(place_of(&kernel, WORDS)), 0xffffffff90001000);
	free_kernel(&kernel);
}

static void kernel_without_dynamic_section_is_left_alone(void **state)
{
	struct elf64_plan plan = {0};

	(void)state;
	assert_int_equal(elf64_relocate(&plan, NULL), ELF64_OK);
}

/* One change each to the dynamic section (index >= 0) or to relocation -1 - index. */
static const struct {
	int index;
	uint64_t a, b, c;
	enum elf64_status status;
	uint32_t failed_index;
} changes[] = {
	{3, ELF64_DT_NEEDED, 1, 0, ELF64_INTERPRETER, 0},
	{3, ELF64_DT_PLTRELSZ, 24, 0, ELF64_UNKNOWN_RELOCATION, 0},
	{3, ELF64_DT_RELSZ, 16, 0, ELF64_UNKNOWN_RELOCATION, 0},
	{3, ELF64_DT_RELRSZ, 8, 0, ELF64_UNKNOWN_RELOCATION, 0},
	{3, ELF64_DT_PLTRELSZ, 0, 0, ELF64_OK, 0},
	{1, ELF64_DT_RELASZ, 25, 0, ELF64_BAD_DYNAMIC, 0},
	{1, ELF64_DT_RELASZ, 24 * 100, 0, ELF64_BAD_DYNAMIC, 0},
	{1, ELF64_DT_RELASZ, UINT64_MAX / 24 * 24, 0, ELF64_BAD_DYNAMIC, 0},
	{1, ELF64_DT_RELASZ, 0x180, 0, ELF64_OK, 0},           /* ends with the file's bytes; zero is R_X86_64_NONE */
	{1, ELF64_DT_RELASZ, 0x180 + 24, 0, ELF64_BAD_DYNAMIC, 0},
	{1, ELF64_DT_RELASZ, 0, 0, ELF64_OK, 0},
	{2, ELF64_DT_RELAENT, 16, 0, ELF64_BAD_DYNAMIC, 0},
	{2, 0x6ffffffb, 0, 0, ELF64_BAD_DYNAMIC, 0},           /* no DT_RELAENT at all */
	{0, ELF64_DT_RELA, 0, 0, ELF64_BAD_DYNAMIC, 0},
	{0, ELF64_DT_RELA, DATA - 1, 0, ELF64_BAD_DYNAMIC, 0},
	{0, ELF64_DT_RELA, DATA + FILE_BYTES, 0, ELF64_BAD_DYNAMIC, 0},
	{0, ELF64_DT_RELA, UINT64_MAX - 8, 0, ELF64_BAD_DYNAMIC, 0},
	{0, ELF64_DT_NULL, 0, 0, ELF64_OK, 0},                 /* ends at once: no relocations */
	{-2, WORDS, ELF64_R_X86_64_NONE, 1, ELF64_OK, 0},
	{-2, WORDS, 1, TEXT, ELF64_UNKNOWN_RELOCATION, 1},     /* R_X86_64_64 */
	{-3, WORDS, 37, TEXT, ELF64_UNKNOWN_RELOCATION, 2},    /* R_X86_64_IRELATIVE */
	{-3, WORDS, UINT64_C(1) << 32 | 8, TEXT, ELF64_UNKNOWN_RELOCATION, 2}, /* RELATIVE with a symbol */
	{-1, TEXT, ELF64_R_X86_64_RELATIVE, 0, ELF64_RELOCATION_OUTSIDE, 0},   /* code */
	{-1, 0, ELF64_R_X86_64_RELATIVE, 0, ELF64_RELOCATION_OUTSIDE, 0},
	{-1, DATA - 1, ELF64_R_X86_64_RELATIVE, 0, ELF64_RELOCATION_OUTSIDE, 0},
	{-1, DATA, ELF64_R_X86_64_RELATIVE, 0, ELF64_OK, 0},
	{-1, DATA + MEMORY_BYTES - 8, ELF64_R_X86_64_RELATIVE, 0, ELF64_OK, 0}, /* in .bss: last eight bytes */
	{-1, DATA + MEMORY_BYTES - 7, ELF64_R_X86_64_RELATIVE, 0, ELF64_RELOCATION_OUTSIDE, 0},
	{-2, UINT64_MAX, ELF64_R_X86_64_RELATIVE, 0, ELF64_RELOCATION_OUTSIDE, 1},
};

static void each_broken_entry_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct kernel kernel;
		enum elf64_status status;

		make_kernel(&kernel, 0);
		if (changes[i].index >= 0)
			set_tag(&kernel, (uint32_t)changes[i].index, changes[i].a, changes[i].b);
		else
			set_relocation(&kernel, (uint32_t)(-1 - changes[i].index), changes[i].a, changes[i].b, changes[i].c);
		status = elf64_relocate(&kernel.plan, kernel.memory);
		if (status != changes[i].status)
			fail_msg("change %zu: \"%s\"", i, elf64_status_name(status));
		assert_int_equal(kernel.plan.failed_index, changes[i].failed_index);
		free_kernel(&kernel);
	}
}

static void dynamic_section_without_end_is_read_to_its_size(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0);
	for (uint32_t i = 3; i < DYNAMIC_BYTES / 16; i++)
		set_tag(&kernel, i, 0x6ffffff9, 1);
	kernel.plan.dynamic_bytes += 15; /* the rest is no whole entry */
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_OK);
	assert_int_equal(le_read64(place_of(&kernel, WORDS)), kernel.plan.bias + TEXT);
	free_kernel(&kernel);
}

static void the_last_entry_of_a_dynamic_section_counts(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0);
	for (uint32_t i = 3; i < DYNAMIC_BYTES / 16; i++)
		set_tag(&kernel, i, 0x6ffffff9, 1);
	set_tag(&kernel, DYNAMIC_BYTES / 16 - 1, ELF64_DT_RELASZ, 25);
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_BAD_DYNAMIC);
	free_kernel(&kernel);
}

static void what_follows_the_table_is_not_applied(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0);
	set_relocation(&kernel, 3, WORDS, ELF64_R_X86_64_RELATIVE, 0);
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_OK);
	assert_int_equal(le_read64(place_of(&kernel, WORDS)), kernel.plan.bias + TEXT);
	free_kernel(&kernel);
}

static void relocations_may_rewrite_their_own_table(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0);
	/* The first one changes the target of the second one to an address outside. */
	set_relocation(&kernel, 0, TABLE + ELF64_RELA_BYTES, ELF64_R_X86_64_RELATIVE, 0);
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_RELOCATION_OUTSIDE);
	assert_int_equal(kernel.plan.failed_index, 1);
	free_kernel(&kernel);
}

static void plan_with_a_dynamic_section_elsewhere_is_refused(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel, 0);
	kernel.plan.dynamic_virt += FILE_BYTES;
	assert_int_equal(elf64_relocate(&kernel.plan, kernel.memory), ELF64_BAD_DYNAMIC);
	free_kernel(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relative_relocations_are_applied),
		cmocka_unit_test(kernel_linked_high_gets_its_addends),
		cmocka_unit_test(kernel_without_dynamic_section_is_left_alone),
		cmocka_unit_test(each_broken_entry_is_found),
		cmocka_unit_test(dynamic_section_without_end_is_read_to_its_size),
		cmocka_unit_test(the_last_entry_of_a_dynamic_section_counts),
		cmocka_unit_test(what_follows_the_table_is_not_applied),
		cmocka_unit_test(relocations_may_rewrite_their_own_table),
		cmocka_unit_test(plan_with_a_dynamic_section_elsewhere_is_refused),
	};

	return cmocka_run_group_tests_name("elf64_relocate", tests, NULL, NULL);
}
