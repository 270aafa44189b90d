/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what the kernel stub keeps of the findings, and of the words it understands (kernel-stub/findings.c, options.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "kernel-stub/findings.h"
#include "kernel-stub/options.h"
#include "kernel-stub/print.h"

static unsigned printed;

void print(const char *text, ...)
{
	(void)text;
	printed++;
}

static void test_findings_are_kept_by_weight_in_order_of_arrival(void **state)
{
	static const struct {
		uint32_t rule;
		enum rule_severity severity;
	} in[] = {{1, RULE_INFORMATION}, {2, RULE_REPAIRED}, {3, RULE_FATAL}, {4, RULE_INFORMATION},
		  {5, RULE_FATAL},       {6, RULE_WARNING},  {7, RULE_REPAIRED}};
	static const uint32_t out[] = {3, 5, 2, 7, 6, 1, 4};
	struct findings findings;

	(void)state;
	findings_begin(&findings);
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		rule_report(&findings.log, in[i].rule, in[i].severity, 0, 0, "");
	assert_int_equal(findings.kept_count, sizeof out / sizeof *out);
	for (size_t i = 0; i < sizeof out / sizeof *out; i++)
		assert_int_equal(findings.kept[i].rule, out[i]);
	assert_int_equal(findings.log.first_fatal, 3);
	assert_int_equal(findings.dropped, 0);
}

static void test_the_lightest_are_dropped_when_there_are_too_many(void **state)
{
	struct findings findings;

	(void)state;
	printed = 0;
	findings_begin(&findings);
	for (unsigned i = 0; i < FINDINGS_KEPT + 10; i++)
		rule_report(&findings.log, RULE_K(20), RULE_INFORMATION, i, 0, "");
	rule_report(&findings.log, RULE_K(18), RULE_FATAL, 0, 0, "");
	assert_int_equal(findings.kept_count, FINDINGS_KEPT);
	assert_int_equal(findings.dropped, 11);
	assert_int_equal(findings.kept[0].rule, RULE_K(18));
	assert_int_equal(findings.kept[FINDINGS_KEPT - 1].start, FINDINGS_KEPT - 2);
	/* None is missing from the lines for programs. */
	assert_int_equal(printed, FINDINGS_KEPT + 11);
}

static void test_options(void **state)
{
	struct options options = options_read(NULL);

	(void)state;
	assert_int_equal(options.leave, LEAVE_POWER_OFF);
	assert_false(options.dump || options.strict);
	assert_true(options.runtime && options.svam);
	options = options_read("quiet exit=qemu dump svam=off");
	assert_int_equal(options.leave, LEAVE_QEMU);
	assert_true(options.dump && options.runtime && !options.svam);
	options = options_read("strict runtime=off exit=wait");
	assert_int_equal(options.leave, LEAVE_WAIT);
	assert_true(options.strict && !options.runtime && options.svam);
	options = options_read("exit=qem exit=qemux runtime=offf dumpx strict=no");
	assert_int_equal(options.leave, LEAVE_POWER_OFF);
	assert_true(!options.dump && !options.strict && options.runtime);
}

static void test_seconds_of_a_page(void **state)
{
	static const struct {
		const char *cmdline;
		uint32_t seconds;
	} cases[] = {
		{NULL, PAGE_SECONDS},          {"", PAGE_SECONDS},           {"pages=off", 0},
		{"exit=wait pages=1", 1},      {"pages=3600 strict", 3600},  {"pages=007", 7},
		{"pages", PAGE_SECONDS},       {"pages=", PAGE_SECONDS},     {"pages=0", PAGE_SECONDS},
		{"pages=3601", PAGE_SECONDS},  {"pages=-1", PAGE_SECONDS},   {"pages=5s", PAGE_SECONDS},
		{"pages=offf", PAGE_SECONDS},  {"xpages=off", PAGE_SECONDS}, {"pages=4294967297", PAGE_SECONDS},
		{"pages=99999999999999999999", PAGE_SECONDS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(options_read(cases[i].cmdline).page_seconds, cases[i].seconds);
}

static void test_option_values_are_compared_whole(void **state)
{
	(void)state;
	assert_true(options_has("break=wx", "break", "wx"));
	assert_false(options_has("break=wx-text", "break", "wx"));
	assert_false(options_has("break=wx", "break", "wx-text"));
	assert_false(options_has("break", "break", "wx"));
	assert_false(options_has("", "break", "wx"));
	assert_true(options_has("dump", "dump", ""));
	assert_false(options_has("dump=1", "dump", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings_are_kept_by_weight_in_order_of_arrival),
		cmocka_unit_test(test_the_lightest_are_dropped_when_there_are_too_many),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_seconds_of_a_page),
		cmocka_unit_test(test_option_values_are_compared_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
