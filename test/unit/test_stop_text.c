/* SPDX-License-Identifier: BSD-2-Clause */
/* What a coded stop says: every code, every detail, every vector, and the error codes of exceptions (Intel SDM volume 3A §6.13). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/stop_text.h"

static void test_every_code_has_its_reason(void **state)
{
	(void)state;
	for (uint32_t code = STOP_EXIT_ATTEMPTS; code <= STOP_EXCEPTION; code++) {
		assert_string_not_equal(stop_reason((enum stop_code)code), "unknown");
		assert_string_not_equal(stop_reason((enum stop_code)code), "");
		for (uint32_t other = STOP_EXIT_ATTEMPTS; other < code; other++)
			assert_string_not_equal(stop_reason((enum stop_code)code), stop_reason((enum stop_code)other));
	}
	assert_string_equal(stop_reason(STOP_EXIT_ATTEMPTS), "the firmware refused every memory map key");
	assert_string_equal(stop_reason(STOP_SEAL), "the handoff block is too small: a fault of the loader");
	assert_string_equal(stop_reason(STOP_EXCEPTION), "a processor exception that the kernel does not handle yet");
	assert_string_equal(stop_reason((enum stop_code)0), "unknown");
	assert_string_equal(stop_reason((enum stop_code)(STOP_EXCEPTION + 1)), "unknown");
	assert_string_equal(stop_reason((enum stop_code)UINT32_MAX), "unknown");
}

static void test_details_are_those_of_the_header(void **state)
{
	static const uint32_t used[] = { 0, 2, 2, 3, 3, 2, 2, 3, 2, 4 };

	(void)state;
	for (uint32_t code = 0; code <= STOP_EXCEPTION; code++)
		for (uint32_t detail = 0; detail < 5; detail++)
			assert_int_equal(stop_detail_name((enum stop_code)code, detail) != NULL, detail < used[code]);
	assert_string_equal(stop_detail_name(STOP_EXIT_MAP, 2), "bytes given");
	assert_string_equal(stop_detail_name(STOP_EXCEPTION, 0), "vector");
	assert_string_equal(stop_detail_name(STOP_EXCEPTION, 3), "CR2");
	assert_null(stop_detail_name((enum stop_code)(STOP_EXCEPTION + 1), 0));
}

static void test_vectors_have_their_names(void **state)
{
	static const struct {
		uint64_t vector;
		const char *name;
	} names[] = { { 0, "division" }, { 2, "non-maskable interrupt" }, { 6, "invalid opcode" }, { 8, "double fault" },
		      { 13, "general protection" }, { 14, "page fault" }, { 15, "" }, { 18, "machine check" },
		      { 21, "control protection" }, { 22, "" }, { 255, "" }, { UINT64_MAX, "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(stop_exception_name(names[i].vector), names[i].name);
}

static void test_error_codes_are_decoded(void **state)
{
	static const struct {
		uint64_t vector, error;
		const char *text;
	} cases[] = {
		{ 14, 0x0, "read from a page that is not mapped" },
		{ 14, 0x2, "write to a page that is not mapped" },
		{ 14, 0x3, "write to a page that does not permit it" },
		{ 14, 0x11, "execution of a page that does not permit it" },
		{ 14, 0x10, "execution of a page that is not mapped" },
		{ 14, 0x9, "read from a page that has a reserved bit set" },
		{ 14, 0x6, "user-mode write to a page that is not mapped" },
		{ 13, 0x0, "" },
		{ 13, 0x402, "IDT vector 0x80" },
		{ 13, 0x403, "IDT vector 0x80, from outside" },
		{ 13, 0x18, "GDT selector 0x18" },
		{ 11, 0x1c, "LDT selector 0x18" },
		{ 10, 0xfff8, "GDT selector 0xfff8" },
		{ 8, 0, "" },
		{ 6, 0x2, "" },
	};
	char text[STOP_ERROR_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(text, '!', sizeof(text));
		stop_error_text(text, cases[i].vector, cases[i].error);
		assert_string_equal(text, cases[i].text);
	}
	/* The longest. */
	stop_error_text(text, 14, 0x1f);
	assert_true(strlen(text) < STOP_ERROR_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_has_its_reason),
		cmocka_unit_test(test_details_are_those_of_the_header),
		cmocka_unit_test(test_vectors_have_their_names),
		cmocka_unit_test(test_error_codes_are_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
