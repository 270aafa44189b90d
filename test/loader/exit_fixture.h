/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the memory map and of the exit share. */
#ifndef TEST_LOADER_EXIT_FIXTURE_H
#define TEST_LOADER_EXIT_FIXTURE_H

#include "test/fake/expect.h"

/* The GetMemoryMap calls of an undisturbed boot. */
enum { PROBE = 1, SECOND_PROBE = 2, FOR_TABLES = 3, FIRST = 4, SECOND = 5 };

static inline int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static inline void on_map(uint32_t at, enum fake_effect effect, uint64_t value)
{
	fake_add_fault((struct fake_fault){ FAKE_GET_MEMORY_MAP, at, effect, value });
}

static inline void on_exit_call(uint32_t at, enum fake_effect effect, uint64_t value)
{
	fake_add_fault((struct fake_fault){ FAKE_EXIT_BOOT_SERVICES, at, effect, value });
}

static inline void expect_attempts(uint32_t attempts)
{
	expect_kernel();
	assert_int_equal(expect_exit()->attempts, attempts);
}

/* H7: the page behind the buffer is as the loader filled it.  (After a successful exit the block grows over it.) */
static inline void expect_guard_intact(void)
{
	for (uint32_t i = 0; i < 4096; i++)
		assert_int_equal(fake.map_buffer[fake.map_capacity + i], 0xb5);
}

/* Size of the map that the exit loop of an undisturbed boot gets. */
static inline uint64_t ordinary_map_bytes(void)
{
	fake_reset();
	expect_kernel();
	return fake.map_bytes;
}

#endif
