/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of memmap.efi are tested: on firmware that keeps to the specification all pass; on firmware that is wrong in one
 * way the test that is there for it says so.  Nothing that was taken is kept, whatever the firmware does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "loader/memmap/services.h"
#include "test/memmap/model.h"

/* All lines of a run. */
static char said[32768];

static void take(void *context, const char *line)
{
	(void)context;
	assert_true(strlen(line) < MEMORY_VIEW_LINE_MAX);
	assert_true(strlen(said) + strlen(line) + 2 < sizeof(said));
	strcat(said, line);
	strcat(said, "\n");
}

static struct services_counts run(enum model_fault fault, uint32_t lend)
{
	const struct memory_view_sink sink = {take, NULL};
	struct services_counts counts;

	said[0] = '\0';
	services_run_all(model_start(fault, lend), &sink, &counts);
	assert_true(model_tpl_restored());
	return counts;
}

static void test_a_good_firmware_passes(void **state)
{
	struct services_counts counts = run(FAULT_NONE, 1);

	(void)state;
	if (counts.of[VERDICT_PASS] != services_count())
		print_message("%s", said);
	assert_int_equal(counts.of[VERDICT_PASS], services_count());
	assert_int_equal(model_left(), 0);
	assert_non_null(strstr(said, "memmap: test 01 pass  UEFI 7.2.3 GetMemoryMap: descriptor size and version\n"));
	assert_non_null(strstr(said, "memmap: tests 34 passed, 0 failed, 0 quirks, 0 skipped\n"));
}

static void test_where_address_0_cannot_be_lent(void **state)
{
	struct services_counts counts = run(FAULT_NONE, 0);

	(void)state;
	assert_int_equal(counts.of[VERDICT_SKIP], 4);
	assert_int_equal(counts.of[VERDICT_PASS], services_count() - 4);
}

/* What is wrong, and the line that must say so. */
static const struct {
	enum model_fault fault;
	const char *line;   /* behind "memmap: test " */
	const char *detail; /* a part of the line behind it; NULL: none */
	uint32_t leaks;     /* 1: this firmware itself keeps pages */
} cases[] = {
	{FAULT_NO_MAP, "01 fail ", "no map: Device Error", 0},
	{FAULT_NO_MAP, "02 fail ", "no map: Device Error", 0},
	{FAULT_NO_MAP, "07 fail ", "no map: Device Error", 0},
	{FAULT_NO_MAP, "08 skip ", "no page to allocate", 0},
	{FAULT_STRIDE, "01 fail ", "a descriptor size of 36", 0},
	{FAULT_VERSION, "01 quirk", "version 2", 0},
	{FAULT_BYTES_ODD, "01 fail ", "no multiple of 48", 0},
	{FAULT_ZERO_PAGES, "02 fail ", "without pages", 0},
	{FAULT_OVERLAP, "02 fail ", "overlap", 0},
	{FAULT_MISALIGNED, "02 fail ", "not page-aligned", 0},
	{FAULT_WRAPS, "02 fail ", "wraps", 0},
	{FAULT_UNKNOWN_TYPE, "02 fail ", "undefined", 0},
	{FAULT_BEYOND, "02 fail ", "beyond the physical address width", 0},
	{FAULT_RUNTIME_MISSING, "02 quirk", "without the attribute RUNTIME", 0},
	{FAULT_QUERY_SUCCEEDS, "03 fail ", "accepted, not refused with Buffer Too Small", 0},
	{FAULT_QUERY_INVALID, "03 quirk", "refused with Invalid Parameter", 0},
	{FAULT_QUERY_NOTHING, "03 fail ", "given as 0", 0},
	{FAULT_QUERY_STRIDE, "03 quirk", "descriptor size of 0", 0},
	{FAULT_QUERY_NOTHING, "04 skip ", "asked size is 0", 0},
	{FAULT_ASKS_TOO_LITTLE, "04 quirk", "is too small", 0},
	{FAULT_OVERRUN, "04 fail ", "wrote behind a buffer", 0},
	{FAULT_RETURNS_TOO_MUCH, "04 fail ", "returned in a buffer of", 0},
	{FAULT_RETURNS_TOO_LITTLE, "05 quirk", "is too small", 0},
	{FAULT_OVERRUN, "05 fail ", "wrote behind a buffer", 0},
	{FAULT_SMALL_SUCCEEDS, "06 fail ", "accepted", 0},
	{FAULT_SMALL_WRITES, "06 fail ", "wrote behind a buffer of 40", 0},
	{FAULT_SMALL_SAYS_LESS, "06 fail ", "says 48", 0},
	{FAULT_KEY_RESTLESS, "07 fail ", "without a change", 0},
	{FAULT_MAP_RESTLESS, "07 fail ", "is another", 0},
	{FAULT_MAP_GROWS, "07 fail ", "different size", 0},
	{FAULT_KEY_KEPT_ALLOCATE, "08 fail ", "before and after an allocation", 0},
	{FAULT_KEY_KEPT_FREE, "09 fail ", "before and after giving pages back", 0},
	{FAULT_POOL_REFUSED, "10 fail ", "AllocatePool of 4097 bytes: Out of Resources", 0},
	{FAULT_POOL_NULL, "10 fail ", "AllocatePool of 40 bytes", 0},
	{FAULT_POOL_UNALIGNED, "10 fail ", "not 8-byte aligned", 0},
	{FAULT_POOL_FREE_REFUSED, "10 fail ", "FreePool of 1 bytes", 0},
	{FAULT_POOL_TYPE, "11 fail ", "pool of LoaderCode is in the map as BootServicesData", 0},
	{FAULT_POOL_TYPE, "12 skip ", "no buffer that may be written", 0},
	{FAULT_POOL_SHARED, "12 fail ", "shares memory", 0},
	{FAULT_POOL_KEPT, "13 fail ", "pages of LoaderData before", 1},
	{FAULT_POOL_HALF_KEPT, "13 quirk", "pages of LoaderData before", 1},
	{FAULT_POOL_FREE_REFUSED, "13 fail ", "FreePool of 1048576 bytes", 0},
	{FAULT_POOL_HUGE, "14 fail ", "accepted", 0},
	{FAULT_PAGES_REFUSED, "15 fail ", "LoaderCode: Out of Resources", 0},
	{FAULT_PAGES_REFUSED, "16 skip ", "no pages to try it with", 0},
	{FAULT_PAGES_TYPE, "15 fail ", "as Reserved, not LoaderCode", 0},
	{FAULT_PAGES_UNALIGNED, "15 fail ", "no address of a page", 1},
	{FAULT_PAGES_UNALIGNED, "16 skip ", "Device Error", 1},
	{FAULT_PAGES_ALIASED, "15 fail ", "does not keep what is written", 0},
	{FAULT_PAGES_KEPT, "16 fail ", "still in the map as LoaderData", 1},
	{FAULT_PAGES_BACK_AS_OTHER, "16 quirk", "in the map as BootServicesData", 1},
	{FAULT_BELOW_IGNORED, "17 fail ", "and up for at most", 0},
	{FAULT_BELOW_REFUSED, "17 fail ", "though there is room", 0},
	{FAULT_BELOW_ZERO, "18 fail ", "accepted", 0},
	{FAULT_EXACT_REFUSED, "19 fail ", "Not Found", 0},
	{FAULT_EXACT_ELSEWHERE, "19 fail ", "instead of", 0},
	{FAULT_EXACT_TAKEN, "20 fail ", "accepted", 0},
	{FAULT_SLACK_REFUSED, "21 fail ", "FreePages of", 1},
	{FAULT_SLACK_KEPT, "21 fail ", "still in the map as LoaderData", 1},
	{FAULT_TOO_MANY, "22 fail ", "accepted", 0},
	{FAULT_KIND, "23 fail ", "accepted", 0},
	{FAULT_KIND_STATUS, "23 quirk", "refused with Unsupported, not Invalid Parameter", 0},
	{FAULT_RESERVED_TYPE, "24 fail ", "accepted", 0},
	{FAULT_PERSISTENT, "25 fail ", "accepted", 0},
	{FAULT_UNACCEPTED, "26 quirk", "accepted", 0},
	{FAULT_FREE_UNALIGNED, "27 fail ", "accepted", 0},
	{FAULT_FREE_UNALIGNED_DOES, "27 fail ", "the map has changed", 1},
	{FAULT_FREE_TWICE, "28 fail ", "accepted", 0},
	{FAULT_FREE_NULL, "29 fail ", "accepted", 0},
	{FAULT_NULL_WRITES, "30 fail ", "wrote to address 0", 0},
	{FAULT_NULL_ACCEPTED, "30 fail ", "accepted", 0},
	{FAULT_NULL_WRITES, "31 fail ", "wrote to address 0", 0},
	{FAULT_NULL_ACCEPTED, "31 fail ", "accepted", 0},
	{FAULT_NULL_ACCEPTED, "32 quirk", "refused with Buffer Too Small", 0},
	{FAULT_NULL_WRITES, "33 fail ", "wrote to address 0", 0},
	{FAULT_NULL_ACCEPTED, "33 fail ", "accepted", 0},
	{FAULT_PAGE_LEAKS, "34 fail ", "1 pages of LoaderCode more than before", 1},
	{FAULT_PAGE_OF_FIRMWARE, "34 quirk", "1 pages of BootServicesData more than before", 1},
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

/* The line of the test, and the one behind it. */
static int is_said(const char *line, const char *detail)
{
	const char *at, *next;
	char start[64];

	snprintf(start, sizeof(start), "memmap: test %s", line);
	at = strstr(said, start);
	if (at == NULL)
		return 0;
	next = strchr(at, '\n') + 1;
	at = strstr(next, detail);
	return at != NULL && at < strchr(next, '\n') && strncmp(next, "        ", 8) == 0;
}

static void test_each_fault_is_found(void **state)
{
	uint32_t missed = 0;

	(void)state;
	for (uint32_t i = 0; i < CASES; i++) {
		run(cases[i].fault, 1);
		if (!is_said(cases[i].line, cases[i].detail)) {
			print_error("fault %d: no \"%s ... %s\" in\n%s", (int)cases[i].fault, cases[i].line, cases[i].detail, said);
			missed++;
		} else if (!cases[i].leaks && model_left() != 0) {
			print_error("fault %d: %lu pages were not given back\n", (int)cases[i].fault, (unsigned long)model_left());
			missed++;
		}
	}
	assert_int_equal(missed, 0);
}

/* A fault without a case, and a test that no case shows failing, are gaps. */
static void test_every_fault_and_every_test_has_a_case(void **state)
{
	uint8_t fault_seen[FAULT_COUNT] = {0}, test_seen[100] = {0};

	(void)state;
	for (uint32_t i = 0; i < CASES; i++) {
		fault_seen[cases[i].fault] = 1;
		if (strncmp(cases[i].line + 3, "skip", 4) != 0)
			test_seen[(cases[i].line[0] - '0') * 10 + cases[i].line[1] - '0'] = 1;
	}
	for (uint32_t fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++)
		if (!fault_seen[fault])
			fail_msg("fault %u has no case", fault);
	for (uint32_t number = 1; number <= services_count(); number++)
		if (!test_seen[number])
			fail_msg("test %u is never seen failing", number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_firmware_passes),
		cmocka_unit_test(test_where_address_0_cannot_be_lent),
		cmocka_unit_test(test_each_fault_is_found),
		cmocka_unit_test(test_every_fault_and_every_test_has_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
