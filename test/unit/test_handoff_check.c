/* SPDX-License-Identifier: BSD-2-Clause */
/* The checker: nothing to complain about after a perfect boot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/block_fixture.h"

static struct block_fixture fixture;

static void a_perfect_boot_passes_with_nothing_but_information(void **state)
{
	struct rule_log log = { 0 };

	(void)state;
	block_fixture_begin(&fixture);
	block_fixture_build(&fixture);
	assert_int_equal(handoff_check(&fixture.input, &log), 1);
	assert_int_equal(log.counts[RULE_FATAL] + log.counts[RULE_REPAIRED] + log.counts[RULE_WARNING], 0);
	assert_true(log.counts[RULE_INFORMATION] > 0);
	assert_int_equal(log.first_fatal, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_perfect_boot_passes_with_nothing_but_information) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
