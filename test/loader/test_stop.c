/* SPDX-License-Identifier: BSD-2-Clause */
/* The coded stop (L37): its line, the boot record, the screen, and how it leaves the machine. */
#include <string.h>
#include "test/fake/expect.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void refuse_every_key(void)
{
	fake_add_fault((struct fake_fault){ FAKE_EXIT_BOOT_SERVICES, 0, FAKE_FAIL, EFI_INVALID_PARAMETER });
}

/* Memory for which there are no page tables appears during exit: a stop after the switch. */
static void stop_after_the_switch(void)
{
	fake_add_fault((struct fake_fault){ FAKE_EXIT_BOOT_SERVICES, 1, FAKE_SCATTER, 100 });
}

static void test_line_for_programs(void **state)
{
	static const char line[] = "baton: stop code=1 stage=exit reason=\"the firmware refused every memory map key\" "
				   "a=0x8 b=0x8000000000000002 c=0x0 d=0x0";

	(void)state;
	refuse_every_key();
	expect_stop(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_memory_equal(fake.serial, line, sizeof(line) - 1);
	assert_string_equal(fake.serial + sizeof(line) - 1, "\r\nbaton: short 300G-G251-0835-V1V\r\n");
	assert_non_null(strstr(fake.debug, line));
	assert_string_equal(strstr(fake.debug, "\nbaton: short "), "\nbaton: short 300G-G251-0835-V1V\n");
}

static void test_boot_record(void **state)
{
	const struct handoff_boot_record *record;

	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_EXIT_BOOT_SERVICES, 1, FAKE_GROW, 2000 });
	expect_stop(STOP_EXIT_MAP, HANDOFF_STAGE_EXIT);
	record = fake_memory_record();
	assert_int_equal(record->magic, HANDOFF_BOOT_RECORD_MAGIC);
	assert_int_equal(record->stop_code, STOP_EXIT_MAP);
	assert_int_equal(record->attempts, 1);
	assert_int_equal(record->stop_detail[0], EFI_BUFFER_TOO_SMALL);
	assert_int_equal(record->stop_detail[2], fake.map_capacity);
	assert_int_equal(record->stop_detail[3], 0);
	assert_non_null(strstr(record->log, "segment 0"));
	assert_non_null(strstr(record->log, "\nbaton: stop code=3 stage=exit "));
	assert_int_equal(record->log_bytes, strlen(record->log));
	assert_string_equal(record->log + record->log_bytes - 1, "\n");
	assert_int_not_equal(record->stage_tsc[HANDOFF_STAGE_EXIT], 0);
	assert_int_equal(record->stage_tsc[HANDOFF_STAGE_EXITED], 0);
}

static uint32_t pixel(uint32_t x, uint32_t y)
{
	return ((const uint32_t *)FAKE_FRAMEBUFFER)[y * 800 + x];
}

static uint32_t pixels_unlike(uint32_t rgb)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < 800 * 600; i++)
		count += (((const uint32_t *)FAKE_FRAMEBUFFER)[i] & 0xffffff) != rgb;
	return count;
}

static void test_screen_is_drawn_and_stays(void **state)
{
	(void)state;
	memset((void *)FAKE_FRAMEBUFFER, 0x11, FAKE_FRAMEBUFFER_BYTES);
	refuse_every_key();
	expect_stop(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(pixel(0, 0), pixel(799, 599));
	assert_int_not_equal(pixel(0, 0), 0x11111111);
	/* Some hundred letters of about 40 pixels. */
	assert_true(pixels_unlike(pixel(0, 0) & 0xffffff) > 4000);
	/* Behind the screen nothing is written. */
	assert_int_equal(((const uint32_t *)FAKE_FRAMEBUFFER)[800 * 600], 0x11111111);
	assert_int_equal(fake.waited_milliseconds, 30000);
}

static void test_without_a_screen_there_is_no_wait(void **state)
{
	(void)state;
	fake.options.graphics = FAKE_GRAPHICS_NONE;
	refuse_every_key();
	expect_stop(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake.waited_milliseconds, 0);
}

/* ResetSystem, then the chipset, then a halt. */
static void test_L37_ways_to_leave(void **state)
{
	(void)state;
	refuse_every_key();
	fake.options.reset_returns = 1;
	fake_boot();
	expect_stop_now(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake.resets, 1);
	assert_int_equal(fake.chipset_resets, 1);
	assert_int_equal(fake.halted, 0);
	fake_reset();
	refuse_every_key();
	fake.options.reset_returns = fake.options.chipset_dead = 1;
	fake_boot();
	expect_stop_now(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake.halted, 1);
}

static void no_reset_system(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	(void)image;
	system->RuntimeServices->ResetSystem = NULL;
}

static void test_firmware_without_reset(void **state)
{
	(void)state;
	refuse_every_key();
	fake.tamper = no_reset_system;
	fake_boot();
	expect_stop_now(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake.resets, 0);
	assert_int_equal(fake.chipset_resets, 1);
}

/* Under our own page tables the firmware's code may be called only where it is executable. */
static void test_after_the_switch(void **state)
{
	(void)state;
	stop_after_the_switch();
	expect_stop(STOP_PAGE_TABLES, HANDOFF_STAGE_SWITCHED);
	fake_reset();
	fake.options.no_attributes_table = 1;
	stop_after_the_switch();
	fake_boot();
	expect_stop_now(STOP_PAGE_TABLES, HANDOFF_STAGE_SWITCHED);
	assert_int_equal(fake.resets, 0);
	assert_int_equal(fake.chipset_resets, 1);
}

/* H36: descriptors of 48 bytes read at a stride of 56. */
static void test_map_that_cannot_be_normalised(void **state)
{
	(void)state;
	fake_add_fault((struct fake_fault){ FAKE_GET_MEMORY_MAP, 4, FAKE_DESCRIPTOR_BYTES, 56 });
	expect_stop(STOP_NORMALISE, HANDOFF_STAGE_SEAL);
}

static void test_exception_of_the_kernel(void **state)
{
	const struct handoff_boot_record *record;

	(void)state;
	expect_kernel();
	fake_exception(14, 2, 0xffffffff80000123, 0xdead000);
	expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
	record = fake_memory_record();
	assert_int_equal(record->stop_detail[0], 14);
	assert_int_equal(record->stop_detail[1], 2);
	assert_int_equal(record->stop_detail[2], 0xffffffff80000123);
	assert_int_equal(record->stop_detail[3], 0xdead000);
	assert_int_equal(fake.resets, 1);
	assert_non_null(strstr(fake.serial, "\r\nbaton: exception vector=14 name=\"page fault\" error=0x2 "
					    "meaning=\"write to a page that is not mapped\" at=kernel+0x123\r\n"
					    "baton: registers RIP=0xffffffff80000123 RSP=0xffff800000001000 R8=0x0\r\nbaton: short "));
	assert_non_null(strstr(record->log, "\nbaton: registers RIP=0xffffffff80000123 "));
}

static void put(uint8_t *at, uint64_t value, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void make_sum(uint8_t *table, uint32_t bytes, uint32_t at)
{
	table[at] = 0;
	for (uint32_t i = 0; i < bytes; i++)
		if (i != at)
			table[at] = (uint8_t)(table[at] - table[i]);
}

static uint64_t console_base; /* of the SPCR */
static uint32_t console_space;
static uint64_t tables_phys;  /* 0: where the fake has its ACPI memory */

/* RSDP, XSDT and SPCR in the firmware's ACPI memory. */
static void name_console(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
	uint8_t *page = fake_firmware_memory().acpi, *xsdt = page + 64, *spcr = page + 128;

	(void)system, (void)image;
	memcpy(page, "RSD PTR ", 8);
	page[15] = 2;
	make_sum(page, 20, 8);
	put(page + 24, tables_phys ? tables_phys : (uint64_t)xsdt, 8);
	make_sum(page, 36, 32);
	memcpy(xsdt, "XSDT", 4);
	put(xsdt + 4, 44, 4);
	put(xsdt + 36, (uint64_t)spcr, 8);
	make_sum(xsdt, 44, 9);
	memset(spcr, 0, 80);
	memcpy(spcr, "SPCR", 4);
	put(spcr + 4, 80, 4);
	spcr[40] = (uint8_t)console_space;
	put(spcr + 44, console_base, 8);
	make_sum(spcr, 80, 9);
}

static void expect_serial_at(uint32_t space, uint64_t base, uint64_t tables, uint16_t serial_io)
{
	fake_reset();
	console_space = space;
	console_base = base;
	tables_phys = tables;
	fake.tamper = name_console;
	refuse_every_key();
	expect_stop(STOP_EXIT_ATTEMPTS, HANDOFF_STAGE_EXIT);
	assert_int_equal(fake.serial_io, serial_io);
}

static void test_serial_line_where_ACPI_says(void **state)
{
	(void)state;
	expect_serial_at(1, 0x2f8, 0, 0x2f8);
	expect_serial_at(1, 0, 0, 0);
	expect_serial_at(0, 0xfe030000, 0, 0);            /* in memory: COM1 is tried */
	expect_serial_at(1, 0x2f8, 0x7ff000000000, 0);    /* tables where no memory is */
	expect_serial_at(1, 0x2f8, FAKE_FRAMEBUFFER, 0);  /* ...or that the map does not show */
}

/* Where an exception struck, by what lies there. */
static void test_the_place_of_an_exception_is_named(void **state)
{
	static const struct {
		uint64_t rip;
		const char *place;
	} places[] = {
		{ FAKE_IMAGE + 0x1000, "at=first+0x0 (loader+0x1000)\r\n" },
		{ FAKE_IMAGE + 0x1fff, "at=first+0xfff (loader+0x1fff)\r\n" },
		{ FAKE_IMAGE + 0xfff, "at=loader+0xfff\r\n" },
		{ FAKE_IMAGE + 0x2000, "at=loader+0x2000\r\n" },
		{ FAKE_IMAGE + 0x2041, "at=second+0x1 (loader+0x2041)\r\n" },
		{ FAKE_IMAGE - 1, "at=0x1fffffff\r\n" },
		{ FAKE_IMAGE + FAKE_IMAGE_BYTES, "at=0x20020000\r\n" },
		{ 0xffffffff80000000, "at=kernel+0x0\r\n" },
		{ 0xffffffff7fffffff, "at=0xffffffff7fffffff\r\n" },
		{ 0, "at=0x0\r\n" },
		{ UINT64_MAX, "at=0xffffffffffffffff\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		fake_reset();
		expect_kernel();
		fake_exception(6, 0, places[i].rip, 0);
		expect_stop_now(STOP_EXCEPTION, HANDOFF_STAGE_JUMP);
		if (strstr(fake.serial, places[i].place) == NULL)
			fail_msg("not %s: %s", places[i].place, fake.serial);
	}
}

/* The log that is nearly full: what fits is kept, and it ends with a NUL. */
static void test_a_full_log_stays_a_text(void **state)
{
	struct handoff_boot_record *record;

	(void)state;
	for (uint32_t room = 0; room < 40; room++) {
		fake_reset();
		expect_kernel();
		record = fake_memory_record();
		memset(record->log, 'x', sizeof(record->log));
		record->log_bytes = (uint32_t)sizeof(record->log) - 1 - room;
		record->log[record->log_bytes] = '\0';
		fake_exception(6, 0, 0, 0);
		record = fake_memory_record();
		assert_int_equal(record->log[sizeof(record->log) - 1], 0);
		assert_int_equal(strlen(record->log), record->log_bytes);
		assert_true(record->log_bytes >= sizeof(record->log) - 1 - room);
	}
}

/* An exception while the stop is reported: no second report, on to the reset. */
static void test_stop_within_a_stop(void **state)
{
	(void)state;
	refuse_every_key();
	fake.options.stop_faults = 1;
	assert_int_equal(fake_boot(), FAKE_STOPPED);
	assert_non_null(strstr(fake.debug, "baton: stop code=1 "));
	assert_null(strstr(fake.debug, "baton: stop code=9 "));
	/* The rest of the report goes on behind the step that failed; the first line is not said again. */
	assert_null(strstr(fake.serial, "baton: stop "));
	assert_non_null(strstr(fake.debug, "\nbaton: short "));
	assert_int_equal(fake.resets, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_line_for_programs, reset),
		cmocka_unit_test_setup(test_boot_record, reset),
		cmocka_unit_test_setup(test_screen_is_drawn_and_stays, reset),
		cmocka_unit_test_setup(test_without_a_screen_there_is_no_wait, reset),
		cmocka_unit_test_setup(test_L37_ways_to_leave, reset),
		cmocka_unit_test_setup(test_firmware_without_reset, reset),
		cmocka_unit_test_setup(test_after_the_switch, reset),
		cmocka_unit_test_setup(test_map_that_cannot_be_normalised, reset),
		cmocka_unit_test_setup(test_exception_of_the_kernel, reset),
		cmocka_unit_test_setup(test_serial_line_where_ACPI_says, reset),
		cmocka_unit_test_setup(test_the_place_of_an_exception_is_named, reset),
		cmocka_unit_test_setup(test_a_full_log_stays_a_text, reset),
		cmocka_unit_test_setup(test_stop_within_a_stop, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
