/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/memory_view.c: the exact lines, because programs read them and consoles break what is longer. */
#include "test/unit/memory_fixture.h"
#include "lib/memory_view.h"

enum { LINES_MAX = 64 };

/* Collects what is shown. */
struct shown {
	char lines[LINES_MAX][MEMORY_VIEW_LINE_MAX];
	uint32_t count;
};

static void take(void *context, const char *line)
{
	struct shown *shown = context;

	assert_true(shown->count < LINES_MAX);
	assert_true(strlen(line) < MEMORY_VIEW_LINE_MAX);
	strcpy(shown->lines[shown->count++], line);
}

/* Descriptors at a stride of 48 with rubbish between them, at an odd address. */
struct raw {
	uint8_t bytes[1 + 32 * 48];
	struct memory_view view;
};

static struct memory_view *make(struct raw *raw, const struct handoff_raw_descriptor *descriptors, uint64_t count)
{
	memset(raw->bytes, 0xee, sizeof(raw->bytes));
	for (uint64_t i = 0; i < count; i++)
		memcpy(raw->bytes + 1 + 48 * i, &descriptors[i], sizeof(descriptors[i]));
	raw->view = (struct memory_view){
		.raw = raw->bytes + 1, .raw_bytes = count * 48, .descriptor_bytes = 48, .descriptor_version = 1};
	return &raw->view;
}

static const struct handoff_raw_descriptor sample[] = {
	{.type = UEFI_CONVENTIONAL, .physical_start = 0, .number_of_pages = 160, .attribute = 0xf},
	{.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = 0x800000, .number_of_pages = 8, .attribute = RT | 0xf},
	{.type = UEFI_CONVENTIONAL, .physical_start = 0x900000, .number_of_pages = 4096, .attribute = 0xf},
	{.type = UEFI_RUNTIME_SERVICES_CODE, .physical_start = 0x2000000, .number_of_pages = 1, .attribute = RT | 0xf},
	{.type = UEFI_MMIO, .physical_start = 0xffc00000, .number_of_pages = 1024, .attribute = RT | 1},
};
#define SAMPLES (sizeof(sample) / sizeof(sample[0]))

static void test_row(void **state)
{
	char head[MEMORY_VIEW_LINE_MAX], line[MEMORY_VIEW_LINE_MAX];

	(void)state;
	memory_view_row(line, 4, &sample[4]);
	assert_string_equal(line, "   4 MemoryMappedIO       00000000ffc00000      1024    4 MiB 8000000000000001");
	memory_view_head(head);
	assert_string_equal(head, "     type                 start                pages     size       attributes");
	assert_int_equal(strlen(head), strlen(line));
}

static void test_row_of_impossible_numbers_fits(void **state)
{
	struct handoff_raw_descriptor descriptor = {
		.type = UINT32_MAX, .physical_start = UINT64_MAX, .number_of_pages = UINT64_MAX, .attribute = UINT64_MAX};
	char line[MEMORY_VIEW_LINE_MAX + 1];

	(void)state;
	line[MEMORY_VIEW_LINE_MAX] = 'x';
	memory_view_row(line, UINT64_MAX, &descriptor);
	assert_int_equal(strlen(line), MEMORY_VIEW_LINE_MAX - 1);
	assert_int_equal(line[MEMORY_VIEW_LINE_MAX], 'x');
}

static void test_file_row(void **state)
{
	struct handoff_raw_descriptor longest = {
		.type = UINT32_MAX, .physical_start = UINT64_MAX, .number_of_pages = UINT64_MAX, .attribute = UINT64_MAX};
	char line[MEMORY_VIEW_FILE_LINE_MAX];

	(void)state;
	memory_view_file_row(line, UINT64_MAX, &longest);
	assert_string_equal(line, "18446744073709551615 4294967295 0xffffffffffffffff 18446744073709551615 0xffffffffffffffff");
	memory_view_file_row(line, 4, &sample[4]);
	assert_string_equal(line, "4 11 0xffc00000 1024 0x8000000000000001");
}

static void test_type(void **state)
{
	char text[24];

	(void)state;
	assert_string_equal(memory_view_type(text, UEFI_UNACCEPTED), "UnacceptedMemoryType");
	assert_string_equal(memory_view_type(text, 0x70000001), "OEM 70000001");
	assert_string_equal(memory_view_type(text, 0x80000001), "OS 80000001");
	assert_string_equal(memory_view_type(text, 16), "unknown 10");
}

static void test_attributes(void **state)
{
	char text[MEMORY_VIEW_ATTRIBUTES_MAX];

	(void)state;
	assert_string_equal(memory_view_attributes(text, 0), "none");
	assert_string_equal(memory_view_attributes(text, RT | 0xf), "UC WC WT WB RUNTIME");
	assert_string_equal(memory_view_attributes(text, 0x800000000000000), "0x800000000000000");
	assert_string_equal(memory_view_attributes(text, UINT64_MAX),
			    "UC WC WT WB UCE WP RP XP NV MORE_RELIABLE RO SP CPU_CRYPTO HOT_PLUGGABLE RUNTIME 0x7fffffffffe00fe0");
}

static void test_count_K4(void **state)
{
	struct memory_view view = {.raw = sample, .raw_bytes = 479, .descriptor_bytes = 48};

	(void)state;
	assert_int_equal(memory_view_count(&view), 9);
	view.descriptor_bytes = 39;
	assert_int_equal(memory_view_count(&view), 0);
	view.descriptor_bytes = 0;
	assert_int_equal(memory_view_count(&view), 0);
	view.descriptor_bytes = 4097;
	assert_int_equal(memory_view_count(&view), 0);
}

static void test_end_K11(void **state)
{
	struct handoff_raw_descriptor wraps = {.physical_start = UINT64_MAX - 4095, .number_of_pages = 2};
	struct handoff_raw_descriptor huge = {.physical_start = 0, .number_of_pages = UINT64_C(1) << 52};

	(void)state;
	assert_int_equal(memory_view_end(&sample[4]), 0x100000000);
	assert_int_equal(memory_view_end(&wraps), UINT64_MAX);
	assert_int_equal(memory_view_end(&huge), UINT64_MAX);
}

static void test_rows(void **state)
{
	struct shown shown = {.count = 0};
	struct memory_view_sink sink = {take, &shown};
	struct raw raw;
	char line[MEMORY_VIEW_LINE_MAX];

	(void)state;
	memory_view_rows(make(&raw, sample, SAMPLES), &sink);
	assert_int_equal(shown.count, SAMPLES + 1);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		memory_view_row(line, i, &sample[i]);
		assert_string_equal(shown.lines[i + 1], line);
	}
}

static void test_summary(void **state)
{
	static const char *const expected[] = {
		"5 descriptors of 48 bytes, version 1",
		"conventional 16 MiB, runtime services 36 KiB",
		"RuntimeServicesCode          1 descriptor           1 pages     4 KiB",
		"RuntimeServicesData          1 descriptor           8 pages    32 KiB",
		"ConventionalMemory           2 descriptors       4256 pages  16.6 MiB",
		"MemoryMappedIO               1 descriptor        1024 pages     4 MiB",
		"               f      2 descriptors UC WC WT WB",
		"800000000000000f      2 descriptors UC WC WT WB RUNTIME",
		"8000000000000001      1 descriptor  UC RUNTIME",
	};
	struct shown shown = {.count = 0};
	struct memory_view_sink sink = {take, &shown};
	struct raw raw;

	(void)state;
	memory_view_summary(make(&raw, sample, SAMPLES), &sink);
	for (uint32_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_string_equal(shown.lines[i], expected[i]);
	assert_int_equal(shown.count, sizeof(expected) / sizeof(expected[0]));
}

static void test_summary_of_more_attributes_than_it_keeps(void **state)
{
	struct handoff_raw_descriptor many[20] = {{0}};
	struct shown shown = {.count = 0};
	struct memory_view_sink sink = {take, &shown};
	struct raw raw;

	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		many[i] = (struct handoff_raw_descriptor){.type = 0x70000000, .number_of_pages = UINT64_MAX, .attribute = i};
	memory_view_summary(make(&raw, many, 20), &sink);
	assert_string_equal(shown.lines[2], "other types                 20 descriptors 18446744073709551615 pages  16.0 EiB");
	assert_int_equal(shown.count, 3 + 16 + 1);
	assert_string_equal(shown.lines[shown.count - 1], "4 descriptors with other attributes");
}

static void test_overlap(void **state)
{
	uint64_t bytes[MEMORY_VIEW_TYPES];
	struct raw raw;
	struct memory_view *view = make(&raw, sample, SAMPLES);

	(void)state;
	memory_view_overlap(view, 0x9f000, 0x803000, bytes);
	assert_int_equal(bytes[UEFI_CONVENTIONAL], 0x1000);
	assert_int_equal(bytes[UEFI_RUNTIME_SERVICES_DATA], 0x3000);
	assert_int_equal(bytes[UEFI_MMIO], 0);
	memory_view_overlap(view, 0, UINT64_MAX, bytes);
	assert_int_equal(bytes[UEFI_CONVENTIONAL], 4256 * 4096);
	assert_int_equal(bytes[UEFI_MMIO], 4 * MIB);
	memory_view_overlap(view, 0x900000, 0x900000, bytes);
	assert_int_equal(bytes[UEFI_CONVENTIONAL], 0);
}

static void test_readable(void **state)
{
	static const struct handoff_raw_descriptor pieces[] = {
		{.type = UEFI_BOOT_SERVICES_DATA, .physical_start = 0x3000, .number_of_pages = 1},
		{.type = UEFI_RESERVED, .physical_start = 0x2000, .number_of_pages = 1},
		{.type = UEFI_MMIO, .physical_start = 0x4000, .number_of_pages = 1},
		{.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = 0x1000, .number_of_pages = 1},
		{.type = UEFI_UNACCEPTED, .physical_start = 0x8000, .number_of_pages = 1},
		{.type = 0x70000000, .physical_start = 0x9000, .number_of_pages = 1},
		{.type = UEFI_ACPI_NVS, .physical_start = UINT64_MAX - 0xfff, .number_of_pages = 4},
	};
	struct raw raw;
	struct memory_view *view = make(&raw, pieces, sizeof(pieces) / sizeof(pieces[0]));

	(void)state;
	assert_int_equal(memory_view_readable(view, 0x1008), 0x2ff8);
	assert_int_equal(memory_view_readable(view, 0x3fff), 1);
	assert_int_equal(memory_view_readable(view, 0x4000), 0);
	assert_int_equal(memory_view_readable(view, 0xfff), 0);
	assert_int_equal(memory_view_readable(view, 0x8000), 0);
	assert_int_equal(memory_view_readable(view, 0x9000), 0);
	assert_int_equal(memory_view_readable(view, UINT64_MAX - 0xfff), 0xfff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_row_of_impossible_numbers_fits),
		cmocka_unit_test(test_file_row),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_count_K4),
		cmocka_unit_test(test_end_K11),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_summary_of_more_attributes_than_it_keeps),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
