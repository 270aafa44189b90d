/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine as firmware describes it, and what normalising it gives, for the tests of the normaliser. */
#ifndef TEST_UNIT_NORMALISE_FIXTURE_H
#define TEST_UNIT_NORMALISE_FIXTURE_H

#include "test/unit/memory_fixture.h"

/* Type, owner and lifetime of a range. */
#define RESERVED HANDOFF_MEMORY_RESERVED, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER
#define USABLE HANDOFF_MEMORY_USABLE, HANDOFF_OWNER_NONE, HANDOFF_LIFETIME_FREE
#define OTHER_LOADER HANDOFF_MEMORY_LOADER, HANDOFF_OWNER_OTHER_LOADER, HANDOFF_LIFETIME_OWN_TABLES
#define BOOT HANDOFF_MEMORY_BOOT_SERVICES, HANDOFF_OWNER_BOOT_SERVICES, HANDOFF_LIFETIME_RUNTIME_MAPPED
#define LOW_BOOT HANDOFF_MEMORY_BOOT_SERVICES, HANDOFF_OWNER_BOOT_SERVICES, HANDOFF_LIFETIME_NEVER
#define MMIO HANDOFF_MEMORY_MMIO, HANDOFF_OWNER_FIRMWARE, HANDOFF_LIFETIME_NEVER
#define RUNTIME_CODE HANDOFF_MEMORY_RUNTIME_CODE, HANDOFF_OWNER_RUNTIME, HANDOFF_LIFETIME_NEVER
#define RUNTIME_DATA HANDOFF_MEMORY_RUNTIME_DATA, HANDOFF_OWNER_RUNTIME, HANDOFF_LIFETIME_NEVER

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A small but complete machine, as firmware describes it. */
static const struct handoff_raw_descriptor machine[] = {
	{.type = UEFI_BOOT_SERVICES_CODE, .physical_start = 0, .number_of_pages = 1, .attribute = RAM},
	{.type = UEFI_CONVENTIONAL, .physical_start = 0x1000, .number_of_pages = 0x9f, .attribute = RAM},
	{.type = UEFI_RESERVED, .physical_start = 0xa0000, .number_of_pages = 0x60, .attribute = 0},
	{.type = UEFI_CONVENTIONAL, .physical_start = 0x100000, .number_of_pages = 0x1f00, .attribute = RAM},
	{.type = UEFI_BOOT_SERVICES_DATA, .physical_start = 0x2000000, .number_of_pages = 0x1000, .attribute = RAM},
	{.type = UEFI_LOADER_DATA, .physical_start = 0x3000000, .number_of_pages = 0x100, .attribute = RAM},
	{.type = UEFI_ACPI_RECLAIM, .physical_start = 0x3100000, .number_of_pages = 0x10, .attribute = RAM},
	{.type = UEFI_ACPI_NVS, .physical_start = 0x3110000, .number_of_pages = 0x10, .attribute = RAM},
	{.type = UEFI_RUNTIME_SERVICES_CODE, .physical_start = 0x3120000, .number_of_pages = 0x20, .attribute = RAM | RT},
	{.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = 0x3140000, .number_of_pages = 0x20, .attribute = RAM | RT},
	{.type = UEFI_MMIO, .physical_start = 0xffc00000, .number_of_pages = 0x400, .attribute = UEFI_MEMORY_UC | RT},
};

static inline void expect_same_map(const struct run *a, const struct run *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->map.count, b->map.count);
	assert_memory_equal(a->map.ranges, b->map.ranges, a->map.count * sizeof(*a->map.ranges));
}

static inline uint32_t type_at(const struct run *run, uint64_t address)
{
	const struct handoff_range *range = memory_map_find(&run->map, address);

	return range ? range->type : 0;
}

#endif
