/* SPDX-License-Identifier: BSD-2-Clause */
/* The black box's record: what is written reads back, and nothing else is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/last_boot.h"
#include "lib/stop_text.h"

static const struct handoff_last_boot fault = {
	.state = HANDOFF_LAST_BOOT_STOPPED, .stage = HANDOFF_STAGE_JUMP, .code = STOP_EXCEPTION, .attempts = 3,
	.detail = { 14, 2, UINT64_C(0xffffffff80001234), 0x10 }, .image_phys = 0xdf8f000, .wall_clock = -5,
};

static uint8_t record[LAST_BOOT_BYTES];

static void seal(void)
{
	uint32_t crc;

	memset(record + 12, 0, 4);
	crc = crc32c(0, record, sizeof(record));
	for (uint32_t i = 0; i < 4; i++)
		record[12 + i] = (uint8_t)(crc >> 8 * i);
}

static void a_record_reads_back(void **state)
{
	(void)state;
	for (uint32_t kind = HANDOFF_LAST_BOOT_ARMED; kind <= HANDOFF_LAST_BOOT_FAILED; kind++) {
		struct handoff_last_boot boot = fault, back;

		boot.state = kind;
		last_boot_encode(&boot, record);
		memset(&back, 0xaa, sizeof(back));
		assert_int_equal(last_boot_decode(record, sizeof(record), &back), LAST_BOOT_OK);
		assert_memory_equal(&back, &boot, sizeof(boot));
	}
}

/* The format is fixed: another loader version must read it. */
static void the_bytes_are_these(void **state)
{
	static const uint8_t head[] = "BatonBox\x01\0\x50\0";

	(void)state;
	last_boot_encode(&fault, record);
	assert_memory_equal(record, head, 12);
	assert_int_equal(record[16], HANDOFF_LAST_BOOT_STOPPED);
	assert_int_equal(record[20], 12);
	assert_int_equal(record[24], 9);
	assert_int_equal(record[28], 3);
	assert_int_equal(record[32], 14);
	assert_int_equal(record[48], 0x34);
	assert_int_equal(record[55], 0xff);
	assert_int_equal(record[65], 0xf0);
	assert_int_equal(record[72], 0xfb);
}

/* As a part of the block: what is not believed says so and nothing else. */
static void expect_refused(const void *data, uint64_t bytes, enum last_boot_status why)
{
	const struct handoff_last_boot expected = { .state = HANDOFF_LAST_BOOT_UNREADABLE, .detail = { (uint64_t)why } };
	struct handoff_last_boot back;

	memset(&back, 0xaa, sizeof(back));
	assert_int_equal(last_boot_decode(data, bytes, &back), why);
	assert_memory_equal(&back, &expected, sizeof(back));
}

static void every_fault_is_refused_by_its_name(void **state)
{
	(void)state;
	last_boot_encode(&fault, record);
	expect_refused(record, 0, LAST_BOOT_SHORT);
	expect_refused(record, 15, LAST_BOOT_SHORT);
	expect_refused(record, LAST_BOOT_BYTES - 1, LAST_BOOT_BAD_LENGTH);
	record[0]++;
	expect_refused(record, sizeof(record), LAST_BOOT_BAD_MAGIC);
	record[0]--;
	record[8] = 2;
	seal();
	expect_refused(record, sizeof(record), LAST_BOOT_BAD_VERSION);
	record[8] = 0;
	seal();
	expect_refused(record, sizeof(record), LAST_BOOT_BAD_VERSION);
	record[8] = 1;
	record[10]++;
	seal();
	expect_refused(record, sizeof(record), LAST_BOOT_BAD_LENGTH);
	record[10]--;
	static const uint32_t states[] = { 0, HANDOFF_LAST_BOOT_NONE, HANDOFF_LAST_BOOT_UNREADABLE, 255 };
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		record[16] = (uint8_t)states[i];
		seal();
		expect_refused(record, sizeof(record), LAST_BOOT_BAD_VALUE);
	}
}

static void every_flipped_bit_is_seen(void **state)
{
	struct handoff_last_boot back;

	(void)state;
	last_boot_encode(&fault, record);
	for (uint32_t bit = 0; bit < 8 * LAST_BOOT_BYTES; bit++) {
		record[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(last_boot_decode(record, sizeof(record), &back), LAST_BOOT_OK);
		assert_int_equal(back.state, HANDOFF_LAST_BOOT_UNREADABLE);
		record[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* A record that a power cut tore: the beginning is new, the rest is old or erased flash. */
static void every_torn_record_is_seen(void **state)
{
	struct handoff_last_boot armed = fault, back;
	uint8_t old[LAST_BOOT_BYTES], torn[LAST_BOOT_BYTES];

	(void)state;
	armed.state = HANDOFF_LAST_BOOT_ARMED;
	armed.stage = HANDOFF_STAGE_EXIT;
	last_boot_encode(&armed, old);
	last_boot_encode(&fault, record);
	for (uint32_t at = 1; at < LAST_BOOT_BYTES; at++)
		for (int erased = 0; erased < 2; erased++) {
			memcpy(torn, record, sizeof(torn));
			for (uint32_t i = at; i < LAST_BOOT_BYTES; i++)
				torn[i] = erased ? 0xff : old[i];
			if (memcmp(torn, record, sizeof(torn)) != 0 && memcmp(torn, old, sizeof(torn)) != 0)
				assert_int_not_equal(last_boot_decode(torn, sizeof(torn), &back), LAST_BOOT_OK);
		}
}

static const char *text_of(uint32_t kind, uint32_t code)
{
	static char text[LAST_BOOT_TEXT_MAX];
	struct handoff_last_boot boot = fault;

	boot.state = kind;
	boot.code = code;
	return last_boot_text(text, &boot);
}

static void people_are_told_what_happened(void **state)
{
	struct handoff_last_boot unreadable = last_boot_unreadable(LAST_BOOT_BAD_CHECKSUM);
	char text[LAST_BOOT_TEXT_MAX];

	(void)state;
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_STOPPED, STOP_EXCEPTION),
			    "the last boot stopped at stage 12 (jump): a processor exception that the kernel does not handle yet, "
			    "vector 14 (page fault), error code 0x2, RIP 0xffffffff80001234, CR2 0x10; attempts 3");
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_STOPPED, STOP_EXIT_ATTEMPTS),
			    "the last boot stopped at stage 12 (jump): the firmware refused every memory map key, attempts 0xe, "
			    "last status 0x2; attempts 3");
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_STOPPED, 4711),
			    "the last boot stopped at stage 12 (jump): unknown; attempts 3");
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_ARMED, 0),
			    "the last boot began to leave the firmware at stage 12 (jump), and nobody has reported back");
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_PASSED, 0),
			    "the kernel of the last boot reported success: code 0, details 14 2 18446744071562072628 16; attempts 3");
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_FAILED, 7),
			    "the kernel of the last boot reported a failure: code 7, details 14 2 18446744071562072628 16; attempts 3");
	assert_string_equal(text_of(HANDOFF_LAST_BOOT_NONE, 0), "no record of the last boot");
	assert_string_equal(text_of(99, 0), "the record of the last boot is of an unknown state");
	assert_string_equal(last_boot_text(text, &unreadable),
			    "the record of the last boot is not to be trusted: checksum does not match");
}

/* The longest text there is, from a hostile record. */
static void no_text_is_cut_or_overflows(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 20; code++) {
		struct handoff_last_boot boot = { .state = HANDOFF_LAST_BOOT_STOPPED, .stage = UINT32_MAX, .code = code,
						  .attempts = UINT32_MAX,
						  .detail = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };
		char text[LAST_BOOT_TEXT_MAX];

		last_boot_text(text, &boot);
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_non_null(strstr(text, "; attempts 4294967295"));
		boot.state = HANDOFF_LAST_BOOT_FAILED;
		assert_non_null(strstr(last_boot_text(text, &boot), "; attempts 4294967295"));
	}
}

static void the_variable_has_its_name(void **state)
{
	struct handoff_last_boot boot = { 0 };

	(void)state;
	last_boot_name_variable(&boot);
	assert_memory_equal(boot.name, u"BatonBlackBox", 28);
	assert_int_equal(boot.vendor_guid[0], 0x6c);
	assert_int_equal(boot.vendor_guid[7] >> 4, 4);    /* a random GUID... */
	assert_int_equal(boot.vendor_guid[8] & 0xc0, 0x80); /* ...of RFC 4122 */
}

static void every_value_has_a_name(void **state)
{
	(void)state;
	for (uint32_t i = HANDOFF_LAST_BOOT_NONE; i <= HANDOFF_LAST_BOOT_UNREADABLE; i++)
		assert_string_not_equal(last_boot_state_name(i), "unknown");
	for (uint32_t i = LAST_BOOT_OK; i <= LAST_BOOT_BAD_VALUE; i++)
		assert_string_not_equal(last_boot_status_name(i), "unknown");
	assert_string_equal(last_boot_state_name(0), "unknown");
	assert_string_equal(last_boot_state_name(HANDOFF_LAST_BOOT_UNREADABLE + 1), "unknown");
	assert_string_equal(last_boot_status_name(LAST_BOOT_BAD_VALUE + 1), "unknown");
	assert_string_equal(last_boot_status_name(UINT64_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_reads_back),
		cmocka_unit_test(the_bytes_are_these),
		cmocka_unit_test(every_fault_is_refused_by_its_name),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(every_torn_record_is_seen),
		cmocka_unit_test(people_are_told_what_happened),
		cmocka_unit_test(no_text_is_cut_or_overflows),
		cmocka_unit_test(the_variable_has_its_name),
		cmocka_unit_test(every_value_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
