/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plan of a kernel: good files of each kind give the plan that the interface promises, and each way of breaking one gives
 * its own status.  A higher-half ET_EXEC kernel of three segments is the file that gets broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "test/unit/elf64_file.h"

#define HIGH UINT64_C(0xffffffff80000000)
#define LAST_PAGE UINT64_C(0xfffffffffffff000)
enum { R = ELF64_PF_R, W = ELF64_PF_W, X = ELF64_PF_X };

static void make_kernel(struct elf64_test_file *file)
{
	elf64_test_begin(file, ELF64_TYPE_EXEC, HIGH + 0x1010, 4);
	elf64_test_set(file, 0, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0x1000, HIGH + 0x1000, 0x800, 0x800, 0x1000});
	elf64_test_set(file, 1, (struct elf64_test_header){ELF64_PT_LOAD, R, 0x2010, HIGH + 0x2010, 0x20, 0x20, 0x1000});
	elf64_test_set(file, 2, (struct elf64_test_header){ELF64_PT_LOAD, R | W, 0x3100, HIGH + 0x4100, 0x100, 0x2000, 0x1000});
	elf64_test_set(file, 3, (struct elf64_test_header){ELF64_PT_LOAD + 0x6474e550, R | W, 0, 0, 0, 0, 0x10});
}

static void plans_a_higher_half_kernel(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	make_kernel(&file);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.segment_count, 3);
	assert_int_equal(plan.entry_virt, HIGH + 0x1010);
	assert_int_equal(plan.bias, 0);
	assert_int_equal(plan.base_virt, HIGH + 0x1000);
	assert_int_equal(plan.end_virt, HIGH + 0x7000);
	assert_int_equal(plan.dynamic_virt, 0);
	assert_int_equal(plan.dynamic_bytes, 0);
	assert_int_equal(plan.segments[1].file_offset, 0x2010);
	assert_int_equal(plan.segments[1].page_virt, HIGH + 0x2000);
	assert_int_equal(plan.segments[1].page_bytes, 0x1000);
	assert_int_equal(plan.segments[1].permissions, R);
	assert_int_equal(plan.segments[2].file_offset, 0x3100);
	assert_int_equal(plan.segments[2].file_bytes, 0x100);
	assert_int_equal(plan.segments[2].virt, HIGH + 0x4100);
	assert_int_equal(plan.segments[2].memory_bytes, 0x2000);
	assert_int_equal(plan.segments[2].page_virt, HIGH + 0x4000);
	assert_int_equal(plan.segments[2].page_bytes, 0x3000);
	assert_int_equal(plan.segments[2].align, 0x1000);
	assert_int_equal(plan.segments[2].permissions, R | W);
}

static void says_where_the_program_headers_stand(void **state)
{
	struct elf64_test_file file;
	uint64_t offset = 1, bytes = 2;

	(void)state;
	make_kernel(&file);
	le_write64(file.header + ELF64_E_PHOFF, 0x10000 - 4 * ELF64_PROGRAM_HEADER_BYTES);
	assert_int_equal(elf64_headers(file.header, 64, file.bytes, &offset, &bytes), ELF64_OK);
	assert_int_equal(offset, 0x10000 - 4 * ELF64_PROGRAM_HEADER_BYTES);
	assert_int_equal(bytes, 4 * ELF64_PROGRAM_HEADER_BYTES);
}

static void headers_leave_outputs_on_failure(void **state)
{
	struct elf64_test_file file;
	uint64_t offset = 1, bytes = 2;

	(void)state;
	make_kernel(&file);
	assert_int_equal(elf64_headers(file.header, 63, file.bytes, &offset, &bytes), ELF64_TOO_SHORT);
	assert_int_equal(elf64_headers(file.header, 64, 63, &offset, &bytes), ELF64_TOO_SHORT);
	assert_int_equal(elf64_headers(file.header, 0, 0, &offset, &bytes), ELF64_TOO_SHORT);
	assert_int_equal(elf64_headers(file.header, 64, 64, &offset, &bytes), ELF64_HEADERS_OUTSIDE_FILE);
	assert_int_equal(offset, 1);
	assert_int_equal(bytes, 2);
}

/* One field of the header each. */
static const struct {
	uint32_t at, bytes;
	uint64_t value;
	enum elf64_status status;
} broken_header[] = {
	{0, 1, 'E', ELF64_BAD_MAGIC},
	{1, 1, 'e', ELF64_BAD_MAGIC},
	{2, 1, 'E', ELF64_BAD_MAGIC},
	{3, 1, 0, ELF64_BAD_MAGIC},
	{ELF64_E_CLASS, 1, 1, ELF64_NOT_64_BIT},
	{ELF64_E_DATA, 1, 2, ELF64_NOT_LITTLE_ENDIAN},
	{ELF64_E_IDENT_VERSION, 1, 0, ELF64_BAD_VERSION},
	{ELF64_E_VERSION, 4, 2, ELF64_BAD_VERSION},
	{ELF64_E_MACHINE, 2, 183, ELF64_WRONG_MACHINE},
	{ELF64_E_TYPE, 2, 1, ELF64_NOT_EXECUTABLE},
	{ELF64_E_TYPE, 2, 4, ELF64_NOT_EXECUTABLE},
	{ELF64_E_EHSIZE, 2, 52, ELF64_BAD_HEADER_SIZE},
	{ELF64_E_PHENTSIZE, 2, 32, ELF64_BAD_HEADER_SIZE},
	{ELF64_E_PHENTSIZE, 2, 0, ELF64_BAD_HEADER_SIZE},
	{ELF64_E_PHNUM, 2, 0, ELF64_NO_PROGRAM_HEADERS},
	{ELF64_E_PHNUM, 2, 129, ELF64_TOO_MANY_PROGRAM_HEADERS},
	{ELF64_E_PHNUM, 2, 0xffff, ELF64_TOO_MANY_PROGRAM_HEADERS}, /* PN_XNUM */
	{ELF64_E_PHOFF, 8, 0x10000 - 4 * ELF64_PROGRAM_HEADER_BYTES + 1, ELF64_HEADERS_OUTSIDE_FILE},
	{ELF64_E_PHOFF, 8, 0x10001, ELF64_HEADERS_OUTSIDE_FILE},
	{ELF64_E_PHOFF, 8, UINT64_MAX - 100, ELF64_HEADERS_OUTSIDE_FILE},
	{ELF64_E_ENTRY, 8, 0, ELF64_ENTRY_OUTSIDE_TEXT},
	{ELF64_E_ENTRY, 8, HIGH + 0xfff, ELF64_ENTRY_OUTSIDE_TEXT},
	{ELF64_E_ENTRY, 8, HIGH + 0x1800, ELF64_ENTRY_OUTSIDE_TEXT},
	{ELF64_E_ENTRY, 8, HIGH + 0x2018, ELF64_ENTRY_OUTSIDE_TEXT}, /* constants */
	{ELF64_E_ENTRY, 8, HIGH + 0x4180, ELF64_ENTRY_OUTSIDE_TEXT}, /* data */
	{ELF64_E_ENTRY, 8, UINT64_MAX, ELF64_ENTRY_OUTSIDE_TEXT},
};

static void write_field(uint8_t *to, uint32_t bytes, uint64_t value)
{
	for (uint32_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void each_broken_header_field_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken_header) / sizeof(broken_header[0]); i++) {
		struct elf64_test_file file;
		struct elf64_plan plan;
		enum elf64_status status;

		make_kernel(&file);
		write_field(file.header + broken_header[i].at, broken_header[i].bytes, broken_header[i].value);
		status = elf64_test_plan(&file, &plan);
		if (status != broken_header[i].status)
			fail_msg("field %zu: \"%s\"", i, elf64_status_name(status));
	}
}

/* One program header of the kernel replaced: which, by what, and what must be found about which. */
static const struct {
	uint32_t index;
	struct elf64_test_header header;
	enum elf64_status status;
	uint32_t failed_index;
} broken_segment[] = {
	{3, {ELF64_PT_INTERP, R, 0x100, 0, 10, 10, 1}, ELF64_INTERPRETER, 3},
	{3, {ELF64_PT_TLS, R, 0x100, 0, 10, 10, 1}, ELF64_TLS, 3},
	/* Outside the file: past its end, across it, wrapping. */
	{0, {ELF64_PT_LOAD, R | X, 0x11000, HIGH + 0x1000, 1, 1, 0x1000}, ELF64_SEGMENT_OUTSIDE_FILE, 0},
	{2, {ELF64_PT_LOAD, R | W, 0xf000, HIGH + 0x4000, 0x1001, 0x2000, 0x1000}, ELF64_SEGMENT_OUTSIDE_FILE, 2},
	{2, {ELF64_PT_LOAD, R | W, 0, HIGH + 0x4000, UINT64_MAX, UINT64_MAX, 0x1000}, ELF64_SEGMENT_OUTSIDE_FILE, 2},
	{2, {ELF64_PT_LOAD, R | W, LAST_PAGE, HIGH + 0x4000, 0x2000, 0x2000, 0x1000}, ELF64_SEGMENT_OUTSIDE_FILE, 2},
	{1, {ELF64_PT_LOAD, R, 0x2010, HIGH + 0x2010, 0x21, 0x20, 0x1000}, ELF64_SEGMENT_FILE_LARGER, 1},
	{1, {ELF64_PT_LOAD, R, 0x2010, HIGH + 0x2010, 0x21, 0, 0x1000}, ELF64_SEGMENT_FILE_LARGER, 1},
	/* Wraps, or its rounded end does, or it stands between the canonical halves. */
	{2, {ELF64_PT_LOAD, R | W, 0, HIGH + 0x4000, 0, UINT64_MAX, 0x1000}, ELF64_SEGMENT_WRAPS, 2},
	{2, {ELF64_PT_LOAD, R | W, 0, LAST_PAGE - 0x1000, 0, 0x1001, 0x1000}, ELF64_SEGMENT_WRAPS, 2},
	{2, {ELF64_PT_LOAD, R | W, 0, LAST_PAGE, 0, 1, 0x1000}, ELF64_SEGMENT_WRAPS, 2},
	{2, {ELF64_PT_LOAD, R | W, 0, UINT64_MAX, 0, 1, 0}, ELF64_SEGMENT_WRAPS, 2},
	{0, {ELF64_PT_LOAD, R | X, 0x1000, 0x00007ffffffff000, 0x800, 0x1001, 0x1000}, ELF64_SEGMENT_WRAPS, 0},
	{0, {ELF64_PT_LOAD, R | X, 0x1000, 0x0000800000000000, 0x800, 0x1000, 0x1000}, ELF64_SEGMENT_WRAPS, 0},
	{0, {ELF64_PT_LOAD, R | X, 0x1000, 0xffff7ffffffff000, 0x800, 0x1000, 0x1000}, ELF64_SEGMENT_WRAPS, 0},
	{0, {ELF64_PT_LOAD, R | X, 0x1000, 0xffff7ffffffff000, 0x800, 0x2000, 0x1000}, ELF64_SEGMENT_WRAPS, 0},
	/* Alignment: no power of two, more than 1 GiB, not congruent. */
	{0, {ELF64_PT_LOAD, R | X, 0x1000, HIGH + 0x1000, 0x800, 0x800, 0x1800}, ELF64_SEGMENT_BAD_ALIGN, 0},
	{0, {ELF64_PT_LOAD, R | X, 0, HIGH, 0x800, 0x800, UINT64_C(1) << 31}, ELF64_SEGMENT_BAD_ALIGN, 0},
	{0, {ELF64_PT_LOAD, R | X, 0, HIGH, 0x800, 0x800, UINT64_MAX}, ELF64_SEGMENT_BAD_ALIGN, 0},
	{0, {ELF64_PT_LOAD, R | X, 0x1000, HIGH + 0x1000, 0x800, 0x800, 3}, ELF64_SEGMENT_BAD_ALIGN, 0},
	{0, {ELF64_PT_LOAD, R | X, 0x1000, HIGH + 0x1008, 0x7f8, 0x7f8, 0x1000}, ELF64_SEGMENT_BAD_ALIGN, 0},
	{0, {ELF64_PT_LOAD, R | X, 0x1004, HIGH + 0x1000, 0x800, 0x800, 8}, ELF64_SEGMENT_BAD_ALIGN, 0},
	{0, {ELF64_PT_LOAD, R | W | X, 0x1000, HIGH + 0x1000, 0x800, 0x800, 0x1000}, ELF64_SEGMENT_WX, 0},
	{2, {ELF64_PT_LOAD, W | X, 0x3100, HIGH + 0x4100, 0x100, 0x100, 0x1000}, ELF64_SEGMENT_WX, 2},
	{0, {ELF64_PT_LOAD, X, 0x1000, HIGH + 0x1000, 0x800, 0x800, 0x1000}, ELF64_SEGMENT_NOT_READABLE, 0},
	{2, {ELF64_PT_LOAD, W, 0x3100, HIGH + 0x4100, 0x100, 0x100, 0x1000}, ELF64_SEGMENT_NOT_READABLE, 2},
	{1, {ELF64_PT_LOAD, 0, 0x2010, HIGH + 0x2010, 0x20, 0x20, 0x1000}, ELF64_SEGMENT_NOT_READABLE, 1},
	{2, {ELF64_PT_LOAD, R | W, 0x3000, HIGH, 0x100, 0x100, 0x1000}, ELF64_SEGMENTS_UNSORTED, 2},
	{1, {ELF64_PT_LOAD, R, 0x2000, 0x200000, 0x20, 0x20, 0x1000}, ELF64_SEGMENTS_UNSORTED, 1},
	{1, {ELF64_PT_LOAD, R, 0x1000, HIGH + 0x1000, 0x800, 0x800, 0x1000}, ELF64_SEGMENTS_OVERLAP, 1},
	{1, {ELF64_PT_LOAD, R, 0x17ff, HIGH + 0x17ff, 1, 1, 0x1000}, ELF64_SEGMENTS_OVERLAP, 1},
	{1, {ELF64_PT_LOAD, R, 0x1800, HIGH + 0x1800, 1, 1, 0x1000}, ELF64_SEGMENTS_SHARE_PAGE, 1},
	{1, {ELF64_PT_LOAD, R, 0x1fff, HIGH + 0x1fff, 1, 1, 0}, ELF64_SEGMENTS_SHARE_PAGE, 1},
	/* The span: two segments more than 1 TiB apart; the larger than memory one is within it and the loader's business. */
	{0, {ELF64_PT_LOAD, R | X, 0x1000, 0x1000, 0x800, 0x800, 0x1000}, ELF64_SPAN_TOO_LARGE, 0},
	{2, {ELF64_PT_LOAD, R | W, 0, 0xffffffff80005000, 0, 0x70000000, 0x1000}, ELF64_OK, 0},
	{3, {ELF64_PT_DYNAMIC, R, 0x2010, HIGH + 0x2010, 0x21, 0x21, 8}, ELF64_BAD_DYNAMIC, 0},
	{3, {ELF64_PT_DYNAMIC, R, 0x2020, HIGH + 0x2020, 0x11, 0x11, 8}, ELF64_BAD_DYNAMIC, 0},
	{3, {ELF64_PT_DYNAMIC, R, 0x3100, HIGH + 0x4200, 0x10, 0x10, 8}, ELF64_BAD_DYNAMIC, 0}, /* in .bss */
	{3, {ELF64_PT_DYNAMIC, R, 0x3100, 0, 0x10, 0x10, 8}, ELF64_BAD_DYNAMIC, 0},
	{3, {ELF64_PT_DYNAMIC, R, 0x3100, HIGH + 0x2010, UINT64_MAX, 0x10, 8}, ELF64_BAD_DYNAMIC, 0},
	{3, {ELF64_PT_DYNAMIC, R, 0x3100, HIGH + 0x2010, 0x20, 0x20, 8}, ELF64_OK, 0},
	{3, {ELF64_PT_DYNAMIC, R, 0, 1, 0, 0, 0}, ELF64_OK, 0},
	/* Allowed: to the very end of the file and of the lower half; nothing in the file at an absurd offset, no alignment, nothing at all. */
	{2, {ELF64_PT_LOAD, R | W, 0xf000, HIGH + 0x4000, 0x1000, 0x1000, 0x1000}, ELF64_OK, 0},
	{2, {ELF64_PT_LOAD, R | W, 0x7ffff000, HIGH + 0x4000, 0, 0x2000, 0x1000}, ELF64_OK, 0},
	{1, {ELF64_PT_LOAD, R, 0x2011, HIGH + 0x2000, 0x20, 0x20, 1}, ELF64_OK, 0},
	{1, {ELF64_PT_LOAD, R, 0x2011, HIGH + 0x2000, 0x20, 0x20, 0}, ELF64_OK, 0},
	{1, {ELF64_PT_LOAD, R | W | X, UINT64_MAX, UINT64_MAX, 0, 0, 3}, ELF64_OK, 0},
};

static void each_broken_program_header_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken_segment) / sizeof(broken_segment[0]); i++) {
		struct elf64_test_file file;
		struct elf64_plan plan;
		enum elf64_status status;

		make_kernel(&file);
		elf64_test_set(&file, broken_segment[i].index, broken_segment[i].header);
		status = elf64_test_plan(&file, &plan);
		if (status != broken_segment[i].status)
			fail_msg("header %zu: \"%s\"", i, elf64_status_name(status));
		if (plan.failed_index != broken_segment[i].failed_index)
			fail_msg("header %zu: about program header %u", i, plan.failed_index);
	}
}

static void empty_segments_do_not_count(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	make_kernel(&file);
	elf64_test_set(&file, 1, (struct elf64_test_header){ELF64_PT_LOAD, R, 0, 0, 0, 0, 0});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.segment_count, 2);
	for (uint32_t i = 0; i < 3; i++)
		elf64_test_set(&file, i, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, HIGH, 0, 0, 0});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_NO_SEGMENTS);
}

static void sixteen_segments_and_no_more(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	elf64_test_begin(&file, ELF64_TYPE_EXEC, 0x10000, 17);
	for (uint32_t i = 0; i < 16; i++)
		elf64_test_set(&file, i, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, 0x10000 + i * 0x1000, 8, 8, 0});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.segment_count, 16);
	elf64_test_set(&file, 16, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, 0x20000, 8, 8, 0});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_TOO_MANY_SEGMENTS);
	assert_int_equal(plan.failed_index, 16);
}

static void as_many_program_headers_as_allowed(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	make_kernel(&file);
	le_write16(file.header + ELF64_E_PHNUM, ELF64_PROGRAM_HEADERS_MAX);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.segment_count, 3);
}

static void size_of_absent_program_headers_does_not_matter(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	make_kernel(&file);
	le_write16(file.header + ELF64_E_PHNUM, 0);
	le_write16(file.header + ELF64_E_PHENTSIZE, 0);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_NO_PROGRAM_HEADERS);
}

static void segment_may_end_with_the_lower_half(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	elf64_test_begin(&file, ELF64_TYPE_EXEC, 0x00007ffffffff000, 1);
	elf64_test_set(&file, 0, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, 0x00007ffffffff000, 8, 0x1000, 0});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.end_virt, 0x0000800000000000);
}

static void segment_without_bytes_reads_nothing(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	make_kernel(&file);
	elf64_test_set(&file, 2, (struct elf64_test_header){ELF64_PT_LOAD, R | W, 0x7ffff000, HIGH + 0x4000, 0, 0x2000, 0x1000});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.segments[2].file_offset, 0);
	assert_int_equal(plan.segments[2].file_bytes, 0);
}

static void second_dynamic_section_is_found(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	make_kernel(&file);
	le_write16(file.header + ELF64_E_PHNUM, 5);
	for (uint32_t i = 3; i < 5; i++)
		elf64_test_set(&file, i, (struct elf64_test_header){ELF64_PT_DYNAMIC, R, 0, HIGH + 0x2010, 0x10, 0x10, 8});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_BAD_DYNAMIC);
	assert_int_equal(plan.failed_index, 4);
}

static void missing_program_headers_are_found(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;
	uint8_t *few = malloc(4 * ELF64_PROGRAM_HEADER_BYTES - 1);

	(void)state;
	make_kernel(&file);
	memcpy(few, file.program_headers, 4 * ELF64_PROGRAM_HEADER_BYTES - 1);
	assert_int_equal(elf64_plan(file.header, few, 4 * ELF64_PROGRAM_HEADER_BYTES - 1, file.bytes, &plan),
			 ELF64_HEADERS_OUTSIDE_FILE);
	free(few);
}

static void page_zero_is_refused_for_fixed_addresses_only(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;
	const struct elf64_test_header text = {ELF64_PT_LOAD, R | X, 0, 0, 0x100, 0x100, 0x1000};
	const struct elf64_test_header first_page = {ELF64_PT_LOAD, R | X, 0x1000, 0x1000, 0x100, 0x100, 0x1000};

	(void)state;
	elf64_test_begin(&file, ELF64_TYPE_EXEC, 0x10, 1);
	elf64_test_set(&file, 0, text);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_PAGE_ZERO);
	elf64_test_begin(&file, ELF64_TYPE_DYN, 0x10, 1);
	elf64_test_set(&file, 0, text);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	elf64_test_begin(&file, ELF64_TYPE_EXEC, 0x1010, 1);
	elf64_test_set(&file, 0, first_page);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
}

/* A PIE with code at `virt`, constants 2 pages on that hold the dynamic section, all aligned to `align`. */
static enum elf64_status plan_pie(uint64_t virt, uint64_t align, uint64_t data_bytes, struct elf64_plan *plan)
{
	struct elf64_test_file file;

	elf64_test_begin(&file, ELF64_TYPE_DYN, virt + 0x20, 3);
	elf64_test_set(&file, 0, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, virt, 0x100, 0x100, 0});
	elf64_test_set(&file, 1, (struct elf64_test_header){
					 ELF64_PT_LOAD, R | W, (virt + 0x2000) % align, virt + 0x2000, 0x100, data_bytes, align});
	elf64_test_set(&file, 2, (struct elf64_test_header){ELF64_PT_DYNAMIC, R, 0x2010, virt + 0x2010, 0x40, 0x40, 8});
	file.bytes = UINT64_C(1) << 40;
	return elf64_test_plan(&file, plan);
}

static void pie_linked_low_moves_to_the_base(void **state)
{
	static const uint64_t bases[] = {0, 0x1000, 0x400000, 0x401000, 0x7fffffffc000};
	static const uint64_t aligns[] = {0x1000, 0x200000, 0x40000000};
	struct elf64_plan plan;

	(void)state;
	for (size_t i = 0; i < 5 * 3; i++) {
		uint64_t virt = bases[i / 3], align = aligns[i % 3];
		uint64_t start = ELF64_PIE_BASE + virt % align;

		assert_int_equal(plan_pie(virt, align, 0x100, &plan), ELF64_OK);
		assert_int_equal(plan.base_virt, start);
		assert_int_equal(plan.bias, start - virt);
		assert_int_equal(plan.bias % align, 0);
		assert_int_equal(plan.entry_virt, start + 0x20);
		assert_int_equal(plan.dynamic_virt, start + 0x2010);
		assert_int_equal(plan.end_virt, start + 0x3000);
		assert_int_equal(plan.segments[1].virt, start + 0x2000);
		assert_int_equal(plan.segments[1].page_virt, start + 0x2000);
		assert_int_equal(plan.segments[1].align, align);
		assert_int_equal(plan.segments[0].align, 0x1000);
	}
}

static void pie_without_dynamic_section_has_none(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;

	(void)state;
	elf64_test_begin(&file, ELF64_TYPE_DYN, 0x1000, 1);
	elf64_test_set(&file, 0, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, 0x1000, 8, 8, 0});
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.bias, ELF64_PIE_BASE - 0x1000);
	assert_int_equal(plan.dynamic_virt, 0);
}

static void pie_linked_high_stays(void **state)
{
	struct elf64_plan plan;

	(void)state;
	assert_int_equal(plan_pie(0xffff800000000000, 0x1000, 0x100, &plan), ELF64_OK);
	assert_int_equal(plan.bias, 0);
	assert_int_equal(plan.base_virt, 0xffff800000000000);
	assert_int_equal(plan.dynamic_virt, 0xffff800000002010);
}

static void pie_larger_than_the_room_above_its_base_is_refused(void **state)
{
	const uint64_t room = LAST_PAGE - ELF64_PIE_BASE;
	struct elf64_plan plan;

	(void)state;
	assert_int_equal(plan_pie(0x1000, 0x1000, room - 0x2000, &plan), ELF64_OK);
	assert_int_equal(plan.end_virt, LAST_PAGE);
	assert_int_equal(plan_pie(0x1000, 0x1000, room - 0x2000 + 1, &plan), ELF64_SPAN_TOO_LARGE);
	/* The alignment takes a part of the room. */
	assert_int_equal(plan_pie(0x3ffff000, 0x40000000, room - 0x2000 - 0x3ffff000, &plan), ELF64_OK);
	assert_int_equal(plan.end_virt, LAST_PAGE);
	assert_int_equal(plan_pie(0x3ffff000, 0x40000000, room - 0x2000 - 0x3fffe000, &plan), ELF64_SPAN_TOO_LARGE);
}

static void span_of_one_tebibyte_is_allowed(void **state)
{
	struct elf64_test_file file;
	struct elf64_plan plan;
	struct elf64_test_header bss = {ELF64_PT_LOAD, R | W, 0, 0xffffff0000002000, 0, ELF64_SPAN_MAX - 0x1000 - 0x1000, 0};

	(void)state;
	elf64_test_begin(&file, ELF64_TYPE_EXEC, 0xffffff0000001000, 2);
	elf64_test_set(&file, 0, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, 0xffffff0000001000, 8, 8, 0});
	/* The top TiB lacks its last page, and a byte more would touch it. */
	bss.memory_bytes -= 0x1000;
	elf64_test_set(&file, 1, bss);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.end_virt, LAST_PAGE);

	le_write64(file.header + ELF64_E_ENTRY, 0x1000);
	elf64_test_set(&file, 0, (struct elf64_test_header){ELF64_PT_LOAD, R | X, 0, 0x1000, 8, 8, 0});
	bss = (struct elf64_test_header){ELF64_PT_LOAD, R | W, 0, 0x2000, 0, ELF64_SPAN_MAX - 0x1000, 0};
	elf64_test_set(&file, 1, bss);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_OK);
	assert_int_equal(plan.end_virt - plan.base_virt, ELF64_SPAN_MAX);
	bss.memory_bytes++;
	elf64_test_set(&file, 1, bss);
	assert_int_equal(elf64_test_plan(&file, &plan), ELF64_SPAN_TOO_LARGE);
}

static void every_status_has_words_and_is_shown(void **state)
{
	/* Shown by tests of their own, here and in test_elf64_relocate.c. */
	uint64_t shown = UINT64_C(1) << ELF64_OK | UINT64_C(1) << ELF64_TOO_SHORT | UINT64_C(1) << ELF64_NO_SEGMENTS |
			 UINT64_C(1) << ELF64_TOO_MANY_SEGMENTS | UINT64_C(1) << ELF64_PAGE_ZERO |
			 UINT64_C(1) << ELF64_UNKNOWN_RELOCATION | UINT64_C(1) << ELF64_RELOCATION_OUTSIDE;

	(void)state;
	for (size_t i = 0; i < sizeof(broken_header) / sizeof(broken_header[0]); i++)
		shown |= UINT64_C(1) << broken_header[i].status;
	for (size_t i = 0; i < sizeof(broken_segment) / sizeof(broken_segment[0]); i++)
		shown |= UINT64_C(1) << broken_segment[i].status;
	for (uint32_t status = ELF64_OK; status < ELF64_STATUS_COUNT; status++) {
		assert_non_null(elf64_status_name(status));
		assert_true(strlen(elf64_status_help(status)) > 0);
		if (!(shown & UINT64_C(1) << status))
			fail_msg("nothing shows \"%s\"", elf64_status_name(status));
		for (uint32_t other = ELF64_OK; other < status; other++)
			assert_string_not_equal(elf64_status_name(status), elf64_status_name(other));
	}
	assert_string_equal(elf64_status_name(ELF64_STATUS_COUNT), "unknown status");
	assert_string_equal(elf64_status_help(ELF64_STATUS_COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_a_higher_half_kernel),
		cmocka_unit_test(says_where_the_program_headers_stand),
		cmocka_unit_test(headers_leave_outputs_on_failure),
		cmocka_unit_test(each_broken_header_field_is_found),
		cmocka_unit_test(each_broken_program_header_is_found),
		cmocka_unit_test(empty_segments_do_not_count),
		cmocka_unit_test(sixteen_segments_and_no_more),
		cmocka_unit_test(as_many_program_headers_as_allowed),
		cmocka_unit_test(size_of_absent_program_headers_does_not_matter),
		cmocka_unit_test(segment_may_end_with_the_lower_half),
		cmocka_unit_test(segment_without_bytes_reads_nothing),
		cmocka_unit_test(second_dynamic_section_is_found),
		cmocka_unit_test(missing_program_headers_are_found),
		cmocka_unit_test(page_zero_is_refused_for_fixed_addresses_only),
		cmocka_unit_test(pie_linked_low_moves_to_the_base),
		cmocka_unit_test(pie_without_dynamic_section_has_none),
		cmocka_unit_test(pie_linked_high_stays),
		cmocka_unit_test(pie_larger_than_the_room_above_its_base_is_refused),
		cmocka_unit_test(span_of_one_tebibyte_is_allowed),
		cmocka_unit_test(every_status_has_words_and_is_shown),
	};

	return cmocka_run_group_tests_name("elf64", tests, NULL, NULL);
}
