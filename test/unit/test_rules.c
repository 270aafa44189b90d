/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, titles and the counting of findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/rules.h"

static void every_rule_has_its_own_title(void **state)
{
	uint32_t rule, other, titled = 0;

	(void)state;
	for (rule = 0; rule < RULE_NUMBER_END; rule++) {
		int is_rule = (rule >= RULE_K_FIRST && rule <= RULE_K_LAST) || (rule >= RULE_M_FIRST && rule <= RULE_M_LAST) ||
			      rule == RULE_L(3);

		assert_int_equal(rule_title(rule) != NULL, is_rule);
		titled += is_rule;
		for (other = 0; is_rule && other < rule; other++)
			assert_true(!rule_title(other) || strcmp(rule_title(rule), rule_title(other)) != 0);
	}
	assert_int_equal(titled, 48 + 18 + 1);
	assert_null(rule_title(RULE_NUMBER_END));
	assert_null(rule_title(UINT32_MAX));
}

static void names_are_those_of_the_reports(void **state)
{
	char name[8];

	(void)state;
	assert_string_equal(rule_name(RULE_K(1), name), "K1");
	assert_string_equal(rule_name(RULE_K(9), name), "K9");
	assert_string_equal(rule_name(RULE_K(10), name), "K10");
	assert_string_equal(rule_name(RULE_K(48), name), "K48");
	assert_string_equal(rule_name(RULE_M(1), name), "M1");
	assert_string_equal(rule_name(RULE_M(6), name), "M6");
	assert_string_equal(rule_name(RULE_M(18), name), "M18");
	assert_string_equal(rule_name(RULE_L(3), name), "L3");
	assert_string_equal(rule_name(0, name), "?");
	assert_string_equal(rule_name(49, name), "?");
	assert_string_equal(rule_name(100, name), "?");
	assert_string_equal(rule_name(119, name), "?");
	assert_string_equal(rule_name(200, name), "?");
	assert_string_equal(rule_name(202, name), "?");
	assert_string_equal(rule_name(204, name), "?");
	assert_string_equal(rule_name(UINT32_MAX, name), "?");
}

static void severities_have_names(void **state)
{
	(void)state;
	assert_string_equal(rule_severity_name(RULE_INFORMATION), "info");
	assert_string_equal(rule_severity_name(RULE_WARNING), "warning");
	assert_string_equal(rule_severity_name(RULE_REPAIRED), "repaired");
	assert_string_equal(rule_severity_name(RULE_FATAL), "fatal");
}

static void keep(void *context, const struct finding *finding)
{
	*(struct finding *)context = *finding;
}

static void findings_are_counted_and_handed_on(void **state)
{
	struct finding last = {0};
	struct rule_log log = {.report = keep, .context = &last};

	(void)state;
	rule_report(&log, RULE_K(17), RULE_REPAIRED, 0x1000, 0x2000, "overlap");
	assert_int_equal(last.rule, 17);
	assert_int_equal(last.severity, RULE_REPAIRED);
	assert_int_equal(last.start, 0x1000);
	assert_int_equal(last.end, 0x2000);
	assert_string_equal(last.text, "overlap");
	assert_int_equal(log.first_fatal, 0);
	rule_report(&log, RULE_M(6), RULE_FATAL, 1, 2, "first");
	rule_report(&log, RULE_K(8), RULE_FATAL, 1, 2, "second");
	rule_report(&log, RULE_K(6), RULE_WARNING, 1, 2, "warning");
	rule_checked(&log);
	rule_checked(&log);
	assert_int_equal(log.first_fatal, RULE_M(6));
	assert_int_equal(log.counts[RULE_FATAL], 2);
	assert_int_equal(log.counts[RULE_WARNING], 1);
	assert_int_equal(log.counts[RULE_REPAIRED], 1);
	assert_int_equal(log.counts[RULE_INFORMATION], 0);
	assert_int_equal(log.checks, 2);
}

static void a_log_or_its_function_may_be_absent(void **state)
{
	struct rule_log log = {0};

	(void)state;
	rule_report(NULL, RULE_K(1), RULE_FATAL, 0, 0, "");
	rule_checked(NULL);
	rule_report(&log, RULE_K(1), RULE_FATAL, 0, 0, "");
	assert_int_equal(log.counts[RULE_FATAL], 1);
	assert_int_equal(log.first_fatal, RULE_K(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_its_own_title),
		cmocka_unit_test(names_are_those_of_the_reports),
		cmocka_unit_test(severities_have_names),
		cmocka_unit_test(findings_are_counted_and_handed_on),
		cmocka_unit_test(a_log_or_its_function_may_be_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
