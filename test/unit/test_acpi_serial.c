/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial console by ACPI's SPCR and DBG2: every kind of address, every way in which a table can lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/acpi_serial.h"

enum { MEMORY = 4096, RSDP = 0x10, RSDT = 0x100, XSDT = 0x200, SPCR = 0x300, DBG2 = 0x400, OTHER = 0x500 };

struct fixture {
	uint8_t memory[MEMORY]; /* physical addresses 0 to 4095 */
	uint64_t readable;
};

static const void *read_memory(void *context, uint64_t phys, uint64_t bytes)
{
	struct fixture *f = context;

	return phys > f->readable || bytes > f->readable - phys ? NULL : f->memory + phys;
}

static void put(struct fixture *f, uint32_t at, uint64_t value, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		f->memory[at + i] = (uint8_t)(value >> 8 * i);
}

static void make_sum(struct fixture *f, uint32_t start, uint32_t bytes, uint32_t at)
{
	uint8_t sum = 0;

	f->memory[at] = 0;
	for (uint32_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + f->memory[start + i]);
	f->memory[at] = (uint8_t)-sum;
}

static void seal(struct fixture *f, uint32_t at)
{
	make_sum(f, at, (uint32_t)f->memory[at + 4] | (uint32_t)f->memory[at + 5] << 8, at + 9);
}

static void table(struct fixture *f, uint32_t at, const char *signature, uint32_t bytes)
{
	memcpy(f->memory + at, signature, 4);
	put(f, at + 4, bytes, 4);
	seal(f, at);
}

static void address(struct fixture *f, uint32_t at, uint32_t space, uint32_t access, uint64_t base)
{
	f->memory[at] = (uint8_t)space;
	f->memory[at + 1] = 8;
	f->memory[at + 3] = (uint8_t)access;
	put(f, at + 4, base, 8);
}

/* ACPI 2.0, an SPCR that says port 0x2f8, a DBG2 with a network port and then a serial one in memory. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->readable = MEMORY;
	memcpy(f->memory + RSDP, "RSD PTR ", 8);
	f->memory[RSDP + 15] = 2;
	put(f, RSDP + 16, RSDT, 4);
	make_sum(f, RSDP, 20, RSDP + 8);
	put(f, RSDP + 20, 36, 4);
	put(f, RSDP + 24, XSDT, 8);
	make_sum(f, RSDP, 36, RSDP + 32);
	put(f, RSDT + 36, OTHER, 4);
	put(f, RSDT + 40, DBG2, 4);
	table(f, RSDT, "RSDT", 44);
	put(f, XSDT + 36, OTHER, 8);
	put(f, XSDT + 44, SPCR, 8);
	put(f, XSDT + 52, DBG2, 8);
	table(f, XSDT, "XSDT", 60);
	table(f, OTHER, "FACP", 100);
	address(f, SPCR + 40, 1, 1, 0x2f8);
	table(f, SPCR, "SPCR", 80);
	put(f, DBG2 + 36, 44, 4);
	put(f, DBG2 + 40, 2, 4);
	put(f, DBG2 + 44 + 1, 22, 2);
	put(f, DBG2 + 44 + 12, 0x8003, 2);
	put(f, DBG2 + 66 + 1, 40, 2);
	put(f, DBG2 + 66 + 12, 0x8000, 2);
	put(f, DBG2 + 66 + 14, 0x12, 2);
	put(f, DBG2 + 66 + 18, 22, 2);
	address(f, DBG2 + 66 + 22, 0, 3, 0xfe030000);
	table(f, DBG2, "DBG2", 106);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void expect(struct fixture *f, enum acpi_serial_kind kind, uint64_t base, uint32_t stride)
{
	struct acpi_serial found = acpi_serial_find(RSDP, read_memory, f);

	assert_int_equal(found.kind, kind);
	if (kind == ACPI_SERIAL_NONE)
		return;
	assert_int_equal(found.base, base);
	assert_int_equal(found.stride, stride);
}

static void expect_dbg2(struct fixture *f)
{
	expect(f, ACPI_SERIAL_MEMORY, 0xfe030000, 4);
}

static void test_spcr_comes_first(void **state)
{
	expect(*state, ACPI_SERIAL_IO, 0x2f8, 1);
}

static void test_addresses(void **state)
{
	static const struct {
		uint32_t space, access;
		uint64_t base;
		enum acpi_serial_kind kind;
		uint32_t stride;
	} cases[] = {
		{ 1, 0, 0x3f8, ACPI_SERIAL_IO, 1 },
		{ 1, 3, 0xfff8, ACPI_SERIAL_IO, 1 },
		{ 0, 0, 0x90000000, ACPI_SERIAL_MEMORY, 1 },
		{ 0, 1, 0x90000000, ACPI_SERIAL_MEMORY, 1 },
		{ 0, 2, 0x90000000, ACPI_SERIAL_MEMORY, 2 },
		{ 0, 3, UINT64_C(0x9000000000), ACPI_SERIAL_MEMORY, 4 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		address(f, SPCR + 40, cases[i].space, cases[i].access, cases[i].base);
		seal(f, SPCR);
		expect(f, cases[i].kind, cases[i].base, cases[i].stride);
	}
}

/* Then it is DBG2's turn. */
static void test_addresses_that_cannot_be(void **state)
{
	static const struct {
		uint32_t space;
		uint64_t base;
	} cases[] = { { 1, 0 }, { 1, 0xfff9 }, { 1, 0x103f8 }, { 0, 0 }, { 0, UINT64_MAX - 3 }, { 2, 0x3f8 }, { 255, 0x3f8 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		address(f, SPCR + 40, cases[i].space, 1, cases[i].base);
		seal(f, SPCR);
		expect_dbg2(f);
	}
}

static void test_other_hardware_is_not_ours(void **state)
{
	struct fixture *f = *state;

	for (uint32_t type = 0; type < 256; type++) {
		f->memory[SPCR + 36] = (uint8_t)type;
		seal(f, SPCR);
		if (type == 0 || type == 1 || type == 0x12)
			expect(f, ACPI_SERIAL_IO, 0x2f8, 1);
		else
			expect_dbg2(f);
	}
	put(f, DBG2 + 66 + 14, 3, 2);
	seal(f, DBG2);
	expect(f, ACPI_SERIAL_NONE, 0, 0);
}

static void test_rsdt_where_there_is_no_xsdt(void **state)
{
	struct fixture *f = *state;

	f->memory[RSDP + 15] = 0;
	make_sum(f, RSDP, 20, RSDP + 8);
	expect_dbg2(f); /* which is all that the RSDT names */
	setup(state);
	free(f);
	f = *state;
	f->memory[XSDT + 10]++; /* its checksum */
	expect_dbg2(f);
	f->memory[RSDT + 10]++;
	expect(f, ACPI_SERIAL_NONE, 0, 0);
}

static void test_a_wrong_checksum_anywhere_is_no_table(void **state)
{
	struct fixture *f = *state;

	f->memory[SPCR + 60]++;
	expect_dbg2(f);
	f->memory[DBG2 + 100]++;
	expect(f, ACPI_SERIAL_NONE, 0, 0);
	f->memory[SPCR + 60]--;
	expect(f, ACPI_SERIAL_IO, 0x2f8, 1);
	f->memory[RSDP]++;
	expect(f, ACPI_SERIAL_NONE, 0, 0);
	assert_int_equal(acpi_serial_find(0, read_memory, f).kind, ACPI_SERIAL_NONE);
	assert_int_equal(acpi_serial_find(MEMORY, read_memory, f).kind, ACPI_SERIAL_NONE);
	assert_int_equal(acpi_serial_find(UINT64_MAX, read_memory, f).kind, ACPI_SERIAL_NONE);
}

static void test_lengths_that_lie(void **state)
{
	static const uint64_t lengths[] = { 0, 35, 36, 51, 0x10000, 0x10001, UINT32_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		put(f, SPCR + 4, lengths[i], 4);
		if (lengths[i] >= 36 && lengths[i] < MEMORY)
			seal(f, SPCR);
		expect_dbg2(f);
	}
	for (uint32_t bytes = 36; bytes < 106; bytes++) {
		put(f, DBG2 + 4, bytes, 4);
		seal(f, DBG2);
		expect(f, ACPI_SERIAL_NONE, 0, 0);
	}
}

static void test_dbg2_offsets_that_lie(void **state)
{
	static const struct {
		uint32_t at, bytes;
		uint64_t value;
	} lies[] = { { 36, 4, 107 }, { 36, 4, UINT32_MAX }, { 36, 4, 85 }, { 40, 4, 0 }, { 40, 4, 1 }, { 45, 2, 21 }, { 45, 2, 0 },
		     { 45, 2, 63 }, { 45, 2, 65535 }, { 67, 2, 41 }, { 84, 2, 29 }, { 84, 2, 65535 }, { 78, 2, 0x8001 } };

	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		struct fixture *f;

		free(*state);
		setup(state);
		f = *state;
		f->memory[SPCR]++; /* not there */
		expect_dbg2(f);
		put(f, DBG2 + lies[i].at, lies[i].value, lies[i].bytes);
		seal(f, DBG2);
		expect(f, ACPI_SERIAL_NONE, 0, 0);
	}
}

/* Memory that ends anywhere. */
static void test_memory_that_cannot_be_read(void **state)
{
	struct fixture *f = *state;

	for (f->readable = 0; f->readable < SPCR + 80; f->readable++)
		assert_int_not_equal(acpi_serial_find(RSDP, read_memory, f).kind, ACPI_SERIAL_IO);
	expect(f, ACPI_SERIAL_IO, 0x2f8, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_spcr_comes_first),
		T(test_addresses),
		T(test_addresses_that_cannot_be),
		T(test_other_hardware_is_not_ours),
		T(test_rsdt_where_there_is_no_xsdt),
		T(test_a_wrong_checksum_anywhere_is_no_table),
		T(test_lengths_that_lie),
		T(test_dbg2_offsets_that_lie),
		T(test_memory_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
