/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of lib/report.c: the exact lines, because programs read them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/report.h"

static void test_range(void **state)
{
	struct handoff_range range = {.start_phys = 0x1000, .end_phys = 0xa0000, .type = HANDOFF_MEMORY_USABLE,
				      .lifetime = HANDOFF_LIFETIME_FREE};
	char line[REPORT_LINE_MAX];

	(void)state;
	report_range(line, &range);
	assert_string_equal(
		line, "0000000000001000 - 000000000009ffff    636 KiB  usable          nobody          at once");
	range.type = HANDOFF_MEMORY_LOADER;
	range.owner = HANDOFF_OWNER_MODULE;
	range.index = 12;
	range.lifetime = HANDOFF_LIFETIME_WHEN_DONE;
	report_range(line, &range);
	assert_string_equal(line, "0000000000001000 - 000000000009ffff    636 KiB  loader          module 12       "
				  "when you are done with it");
}

static void test_range_head_stands_over_the_columns(void **state)
{
	struct handoff_range range = {.start_phys = 0x1000, .end_phys = 0xa0000, .type = HANDOFF_MEMORY_USABLE,
				      .lifetime = HANDOFF_LIFETIME_FREE};
	char head[REPORT_LINE_MAX], line[REPORT_LINE_MAX];

	(void)state;
	report_range_head(head);
	report_range(line, &range);
	assert_ptr_equal(strstr(head, "type") - head, strstr(line, "usable") - line);
	assert_ptr_equal(strstr(head, "owner") - head, strstr(line, "nobody") - line);
	assert_ptr_equal(strstr(head, "may be") - head, strstr(line, "at once") - line);
}

static void test_range_of_unknown_kinds_fits_its_line(void **state)
{
	struct handoff_range range = {.end_phys = UINT64_MAX, .type = UINT32_MAX, .owner = UINT32_MAX, .lifetime = UINT32_MAX,
				      .index = UINT32_MAX};
	char line[REPORT_LINE_MAX + 8];

	(void)state;
	memset(line, 'x', sizeof line);
	report_range(line, &range);
	assert_non_null(strstr(line, "unknown"));
	assert_true(strlen(line) < REPORT_LINE_MAX);
	assert_int_equal(line[REPORT_LINE_MAX], 'x');
}

static const struct handoff_range sample_map[] = {
	{.start_phys = 0x1000, .end_phys = 0x5000, .type = HANDOFF_MEMORY_USABLE, .lifetime = HANDOFF_LIFETIME_FREE},
	{.start_phys = 0x5000, .end_phys = 0x6000, .type = HANDOFF_MEMORY_LOADER, .lifetime = HANDOFF_LIFETIME_NEVER},
	{.start_phys = 0x6000, .end_phys = 0x8000, .type = HANDOFF_MEMORY_BOOT_SERVICES,
	 .lifetime = HANDOFF_LIFETIME_RUNTIME_MAPPED},
	{.start_phys = 0x9000, .end_phys = 0xa000, .type = HANDOFF_MEMORY_USABLE, .lifetime = HANDOFF_LIFETIME_FREE},
	{.start_phys = 0xa000, .end_phys = 0xb000, .type = HANDOFF_MEMORY_RUNTIME_DATA},
	{.start_phys = 0x100000, .end_phys = 0x200000, .type = HANDOFF_MEMORY_RESERVED},
	{.start_phys = 0xffc00000, .end_phys = 0x100000000, .type = HANDOFF_MEMORY_MMIO},
};
#define SAMPLES (sizeof sample_map / sizeof *sample_map)

static void test_total(void **state)
{
	char line[REPORT_LINE_MAX];

	(void)state;
	assert_int_equal(report_total(line, sample_map, SAMPLES, HANDOFF_MEMORY_USABLE), 0x5000);
	assert_string_equal(line, "usable              20 KiB in 2 ranges");
	assert_int_equal(report_total(line, sample_map, SAMPLES, HANDOFF_MEMORY_LOADER), 0x1000);
	assert_string_equal(line, "loader               4 KiB in 1 range");
	assert_int_equal(report_total(line, sample_map, SAMPLES, HANDOFF_MEMORY_PERSISTENT), 0);
}

static void test_memory_counts_ram_only(void **state)
{
	struct report_memory memory;

	(void)state;
	report_memory(&memory, sample_map, SAMPLES);
	assert_int_equal(memory.ram_bytes, 0x9000);
	assert_int_equal(memory.usable_bytes, 0x7000);
	assert_int_equal(memory.free_bytes, 0x5000);
	assert_int_equal(memory.ram_top, 0xb000);
	report_memory(&memory, NULL, 0);
	assert_int_equal(memory.ram_bytes | memory.ram_top, 0);
}

static void test_duration(void **state)
{
	static const struct {
		uint64_t cycles, hz;
		const char *text;
	} samples[] = {
		{0, 0, "0.000 Mcycles"},
		{1234567, 0, "1.234 Mcycles"},
		{1234567, 999, "1.234 Mcycles"},
		{2500000, 1000000000, "2.500 ms"},
		{2500999, 1000000000, "2.500 ms"},
		{UINT64_MAX, 1000, "18446744073709551615.000 ms"},
		{UINT64_MAX, UINT64_MAX, "1000.000 ms"},
		{UINT64_MAX / 2, UINT64_MAX, "500.000 ms"},
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		report_duration(text, samples[i].cycles, samples[i].hz);
		assert_string_equal(text, samples[i].text);
	}
}

static void test_stage(void **state)
{
	char line[REPORT_LINE_MAX];

	(void)state;
	report_stage(line, "page tables", 5000000, 1500000, 1000000000);
	assert_string_equal(line, "page tables    at        5.000 ms, took        1.500 ms");
}

static void test_finding_for_people(void **state)
{
	struct finding finding = {RULE_K(17), RULE_REPAIRED, 0x1000, 0x2000, "ranges overlap"};
	char line[REPORT_LINE_MAX];

	(void)state;
	report_finding(line, &finding);
	assert_string_equal(line, "K17  repaired  ranges overlap  (0x1000, 0x2000)");
	finding.end = 0;
	report_finding(line, &finding);
	assert_string_equal(line, "K17  repaired  ranges overlap  (0x1000)");
	finding.start = 0;
	report_finding(line, &finding);
	assert_string_equal(line, "K17  repaired  ranges overlap");
}

static void test_finding_of_any_length_fits_its_line(void **state)
{
	char text[400], line[REPORT_LINE_MAX + 8];
	struct finding finding = {RULE_M(6), RULE_FATAL, UINT64_MAX, UINT64_MAX, text};

	(void)state;
	for (size_t length = 0; length < sizeof text; length++) {
		memset(text, 'y', length);
		text[length] = '\0';
		memset(line, 'x', sizeof line);
		report_finding(line, &finding);
		assert_true(strlen(line) < REPORT_LINE_MAX);
		assert_int_equal(line[REPORT_LINE_MAX], 'x');
		memset(line, 'x', sizeof line);
		report_finding_fact(line, &finding);
		assert_true(strlen(line) < REPORT_LINE_MAX);
		assert_int_equal(line[REPORT_LINE_MAX], 'x');
	}
}

static void test_finding_for_programs(void **state)
{
	struct finding finding = {RULE_M(6), RULE_FATAL, 0x1000, 0, "not mapped"};
	char line[REPORT_LINE_MAX];

	(void)state;
	report_finding_fact(line, &finding);
	assert_string_equal(line, "baton: finding rule=M6 severity=fatal start=0x1000 end=0x0 text=\"not mapped\"");
}

static void test_verdict(void **state)
{
	struct rule_log log = {.checks = 65, .counts = {[RULE_INFORMATION] = 3, [RULE_WARNING] = 2, [RULE_REPAIRED] = 1}};
	char line[REPORT_LINE_MAX];

	(void)state;
	report_verdict(line, &log, 4);
	assert_string_equal(line, "baton: verdict pass checks=65 repaired=1 warned=2 attempts=4");
	log.counts[RULE_FATAL] = 2;
	log.first_fatal = RULE_K(18);
	report_verdict(line, &log, 4);
	assert_string_equal(line, "baton: verdict fail rule=K18 checks=65 fatal=2 repaired=1 warned=2 attempts=4");
}

static void test_one_line(void **state)
{
	char text[8];

	(void)state;
	report_one_line(text, sizeof text, "a\"b\n\x7f");
	assert_string_equal(text, "a\"b??");
	report_one_line(text, sizeof text, "123456789");
	assert_string_equal(text, "1234567");
	report_one_line(text, 1, "x");
	assert_string_equal(text, "");
	text[0] = 'z';
	report_one_line(text, 0, "x");
	assert_int_equal(text[0], 'z');
}

static void test_guid(void **state)
{
	static const uint8_t esp[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
					0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
	char text[37];

	(void)state;
	report_guid(text, esp);
	assert_string_equal(text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_range_head_stands_over_the_columns),
		cmocka_unit_test(test_range_of_unknown_kinds_fits_its_line),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_memory_counts_ram_only),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_stage),
		cmocka_unit_test(test_finding_for_people),
		cmocka_unit_test(test_finding_of_any_length_fits_its_line),
		cmocka_unit_test(test_finding_for_programs),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_guid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
