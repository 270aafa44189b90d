/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * H40, L11: whichever call of the firmware fails, and whenever, before the first ExitBootServices: the boot goes on without
 * it, or control returns with one message and the machine exactly as it was.
 *
 * Every call that a full boot makes fails once, in each way that it can, and every pair of calls.
 */
#include <stdio.h>
#include <string.h>
#include "lib/crc32c.h"
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

/* The ways in which calls fail. */
static const struct {
	enum fake_call call;
	enum fake_effect effect;
	uint64_t value;
	enum { MUST_RETURN, MAY_BOOT, MUST_BOOT } once; /* what a single such fault does: files are tried again */
} ways[] = {
	/* At an address or under a limit there are other places. */
	{ FAKE_ALLOCATE_PAGES, FAKE_FAIL, EFI_OUT_OF_RESOURCES, MAY_BOOT },
	{ FAKE_ALLOCATE_PAGES, FAKE_FAIL, EFI_INVALID_PARAMETER, MAY_BOOT },
	{ FAKE_ALLOCATE_POOL, FAKE_FAIL, EFI_OUT_OF_RESOURCES, MUST_RETURN },
	{ FAKE_ALLOCATE_POOL, FAKE_NULL, 0, MUST_RETURN },
	{ FAKE_FREE_PAGES, FAKE_FAIL, EFI_NOT_FOUND, MAY_BOOT },
	{ FAKE_FREE_POOL, FAKE_FAIL, EFI_INVALID_PARAMETER, MAY_BOOT },
	{ FAKE_HANDLE_PROTOCOL, FAKE_FAIL, EFI_UNSUPPORTED, MAY_BOOT },
	{ FAKE_HANDLE_PROTOCOL, FAKE_NULL, 0, MAY_BOOT },
	{ FAKE_LOCATE_PROTOCOL, FAKE_FAIL, EFI_NOT_FOUND, MAY_BOOT },
	{ FAKE_LOCATE_PROTOCOL, FAKE_NULL, 0, MAY_BOOT },
	{ FAKE_OPEN_VOLUME, FAKE_FAIL, EFI_VOLUME_CORRUPTED, MUST_RETURN },
	{ FAKE_OPEN_VOLUME, FAKE_FAIL, EFI_MEDIA_CHANGED, MUST_RETURN },
	{ FAKE_OPEN, FAKE_FAIL, EFI_DEVICE_ERROR, MUST_BOOT },
	{ FAKE_OPEN, FAKE_FAIL, EFI_NOT_FOUND, MAY_BOOT },
	{ FAKE_OPEN, FAKE_NULL, 0, MUST_BOOT },
	{ FAKE_GET_INFO, FAKE_FAIL, EFI_DEVICE_ERROR, MUST_BOOT },
	/* A kernel's size is only a limit: what its headers ask for arrives. */
	{ FAKE_GET_INFO, FAKE_STATED_BYTES, UINT64_MAX, MAY_BOOT },
	{ FAKE_GET_INFO, FAKE_STATED_BYTES, 1, MAY_BOOT },
	{ FAKE_GET_POSITION, FAKE_FAIL, EFI_DEVICE_ERROR, MUST_BOOT },
	/* No end: then it is asked for. */
	{ FAKE_GET_POSITION, FAKE_STATED_BYTES, UINT64_MAX, MAY_BOOT },
	{ FAKE_GET_POSITION, FAKE_STATED_BYTES, UINT64_C(5) << 30, MAY_BOOT },
	{ FAKE_GET_POSITION, FAKE_STATED_BYTES, 100000, MAY_BOOT },
	{ FAKE_GET_POSITION, FAKE_STATED_BYTES, 1, MAY_BOOT },
	{ FAKE_SET_POSITION, FAKE_FAIL, EFI_DEVICE_ERROR, MUST_BOOT },
	{ FAKE_READ, FAKE_FAIL, EFI_DEVICE_ERROR, MUST_BOOT },
	{ FAKE_READ, FAKE_FAIL, EFI_MEDIA_CHANGED, MUST_BOOT },
	{ FAKE_READ, FAKE_FAIL, EFI_VOLUME_CORRUPTED, MUST_BOOT },
	{ FAKE_READ, FAKE_END, 0, MUST_RETURN },
	{ FAKE_READ, FAKE_LONG, 0, MUST_RETURN },
	{ FAKE_READ, FAKE_SHORT, 0, MAY_BOOT },
	{ FAKE_GET_MEMORY_MAP, FAKE_FAIL, EFI_DEVICE_ERROR, MUST_RETURN },
	{ FAKE_GET_MEMORY_MAP, FAKE_FAIL, EFI_UNSUPPORTED, MUST_RETURN },
	{ FAKE_GET_MEMORY_MAP, FAKE_FAIL, EFI_BUFFER_TOO_SMALL, MAY_BOOT },
	{ FAKE_GET_MEMORY_MAP, FAKE_FAIL, EFI_INVALID_PARAMETER, MAY_BOOT },
	{ FAKE_GET_VARIABLE, FAKE_FAIL, EFI_NOT_FOUND, MAY_BOOT },
	{ FAKE_GET_VARIABLE, FAKE_FAIL, EFI_DEVICE_ERROR, MAY_BOOT },
	{ FAKE_GET_TIME, FAKE_FAIL, EFI_DEVICE_ERROR, MAY_BOOT },
	{ FAKE_GET_RNG, FAKE_FAIL, EFI_NOT_READY, MAY_BOOT },
	{ FAKE_QUERY_MODE, FAKE_FAIL, EFI_DEVICE_ERROR, MAY_BOOT },
	{ FAKE_SET_MODE, FAKE_FAIL, EFI_DEVICE_ERROR, MAY_BOOT },
	{ FAKE_WATCHDOG, FAKE_FAIL, EFI_UNSUPPORTED, MAY_BOOT },
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static uint8_t module[5000];

/* A boot that uses everything: configuration, checksums, command line, modules, random numbers, a mode that must be searched. */
static void prepare(void)
{
	static char conf[256];
	const uint8_t *kernel;

	fake_reset();
	fake.options.rng = 1;
	memset(module, 0x33, sizeof(module));
	fake_add_text("\\baton\\cmdline.txt", "some words");
	/* Its alignment makes the loader search the map, and its link address give memory back. */
	kernel = kernel_file(&(struct kernel_shape){ .align = 0x10000, .link = FAKE_RAM + fake.options.ram_bytes - 0x10000 });
	fake_add_file("\\baton\\kernel.elf", kernel, kernel_file_bytes());
	snprintf(conf, sizeof(conf), "module = \\one\nmodule = \\two with a name\nresolution = 640x480\ncrc32c = %08x \\baton\\kernel.elf\n"
		 "crc32c = %08x \\two\n", crc32c(0, kernel, kernel_file_bytes()), crc32c(0, module, 17));
	fake_add_text("\\baton\\baton.conf", conf);
	fake_add_file("\\one", module, sizeof(module));
	fake_add_file("\\two", module, 17);
}

static void strike(uint32_t way, uint32_t at)
{
	/* Who can seek the end is not asked for it. */
	fake.options.no_end |= ways[way].call == FAKE_GET_INFO;
	fake_add_fault((struct fake_fault){ ways[way].call, at, ways[way].effect, ways[way].value });
}

/* Either everything is right or everything is as before. */
static void expect_either(void)
{
	fake_boot();
	if (fake.end == FAKE_KERNEL)
		expect_kernel_now();
	else
		expect_return_now();
}

/* Every way, at every call that is made. */
static void test_H40_every_single_fault(void **state)
{
	uint32_t runs = 0, returned = 0;

	(void)state;
	for (uint32_t way = 0; way < WAYS; way++) {
		for (uint32_t at = 1;; at++) {
			prepare();
			strike(way, at);
			expect_either();
			if (fake.fired == 0)
				break; /* there was no such call any more */
			if (ways[way].once != MAY_BOOT && fake.end != (ways[way].once == MUST_BOOT ? FAKE_KERNEL : FAKE_RETURNED))
				fail_msg("way %u at call %u: ended %d", way, at, (int)fake.end);
			runs++;
			returned += fake.end == FAKE_RETURNED;
		}
		/* Each way is seen at least once. */
		assert_true(fake.calls[ways[way].call] > 0);
	}
	print_message("%u runs with one fault, %u returned to the firmware\n", runs, returned);
	assert_true(runs > 150 && returned > 100);
}

/* A service that never works. */
static void test_H40_calls_that_always_fail(void **state)
{
	(void)state;
	for (uint32_t way = 0; way < WAYS; way++) {
		prepare();
		strike(way, 0);
		expect_either();
		assert_int_not_equal(fake.fired, 0);
		assert_true(ways[way].once == MAY_BOOT || fake.end == FAKE_RETURNED);
	}
}

static void test_H40_every_pair(void **state)
{
	uint32_t runs = 0;

	(void)state;
	for (uint32_t first = 0; first < WAYS; first++)
		for (uint32_t at = 1, struck = 1; struck; at++)
			for (uint32_t second = first; second < WAYS; second++)
				for (uint32_t then = second == first ? at + 1 : 1;; then++) {
					prepare();
					strike(first, at);
					strike(second, then);
					expect_either();
					runs++;
					struck = fake.calls[ways[first].call] >= at;
					if (fake.calls[ways[second].call] < then)
						break;
				}
	print_message("%u runs with two faults\n", runs);
}

/* What only the end of memory shows: every size of RAM from nothing to enough. */
static void test_H40_every_size_of_memory(void **state)
{
	uint32_t booted = 0, returned = 0;

	(void)state;
	for (uint64_t pages = 9; pages < 400; pages++) {
		prepare();
		fake.options.ram_bytes = pages * 4096;
		expect_either();
		booted += fake.end == FAKE_KERNEL;
		returned += fake.end == FAKE_RETURNED;
		/* More memory is never worse. */
		assert_true(booted == 0 || fake.end == FAKE_KERNEL);
	}
	assert_true(booted > 50 && returned > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_H40_every_single_fault),
		cmocka_unit_test(test_H40_calls_that_always_fail),
		cmocka_unit_test(test_H40_every_size_of_memory),
		cmocka_unit_test(test_H40_every_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
