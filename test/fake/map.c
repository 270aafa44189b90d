/* SPDX-License-Identifier: BSD-2-Clause */
/* What memory the fake machine has, who holds it, and the host's memory behind it. */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "lib/uefi_memory.h"
#include "test/fake/fake.h"
#include "test/fake/map.h"

enum { FIRMWARE_PAGES = 8, GARBAGE = 0xa7, FREED = 0xdd };
/* Where single pages come and go while the map grows and shrinks. */
#define CHURN UINT64_C(0x800000000)
#define CHURN_HIGH UINT64_C(0x200000000000)
#define APPEAR_MAX UINT64_C(4096) /* pages */
/* Filling more than this at each end of an allocation shows nothing new and takes long. */
#define FILL_MAX (UINT64_C(1) << 16)

extern char __executable_start[], etext[]; /* the host program: here stands the code of the runtime services */

static struct handoff_range ranges[FAKE_RANGES_MAX];
static uint32_t churned;       /* single pages in the churn region */
static uint32_t allocations;
static uint64_t arena_mapped[2]; /* bytes mapped low and high */

uint64_t fake_ram(void)
{
	return fake.options.high ? FAKE_RAM_HIGH : FAKE_RAM;
}

/* --- the map ------------------------------------------------------------------------------------------------------------ */

/* Runtime memory is marked so; device memory cannot be cached. */
static uint64_t attributes_of(uint32_t type)
{
	switch (type) {
	case UEFI_RUNTIME_SERVICES_CODE:
	case UEFI_RUNTIME_SERVICES_DATA:
		return FAKE_ATTRIBUTES | UEFI_MEMORY_RUNTIME;
	case UEFI_MMIO:
		return UEFI_MEMORY_UC | UEFI_MEMORY_RUNTIME;
	default:
		return FAKE_ATTRIBUTES;
	}
}

void fake_map_set(uint64_t start, uint64_t end, uint32_t type, uint32_t owner, uint32_t backing)
{
	struct handoff_range range = {
		.start_phys = start, .end_phys = end, .type = type, .attributes = attributes_of(type), .owner = owner,
		.lifetime = backing,
		.index = owner == OWNER_LOADER ? ++allocations : 0,
	};

	if (memory_map_set(&fake.memory, range) != MEMORY_MAP_OK)
		fake_violate("the fake's own map is full or got a bad range: 0x%lx-0x%lx", (unsigned long)start,
			     (unsigned long)end);
}

static uint64_t churn(void)
{
	return fake.options.high ? CHURN_HIGH : CHURN;
}

/* Every second page, so that each is a descriptor of its own. */
void fake_map_grow(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++, churned++) {
		uint64_t at = churn() + churned * UINT64_C(8192);

		fake_map_set(at, at + 4096, UEFI_BOOT_SERVICES_DATA, OWNER_FIRMWARE, UNBACKED);
		if (fake.options.dense)
			fake_map_set(at + 4096, at + 8192, UEFI_CONVENTIONAL, OWNER_FIRMWARE, UNBACKED);
	}
}

static void shrink(uint64_t count)
{
	for (uint64_t i = 0; i < count && churned > 0; i++) {
		churned--;
		memory_map_remove(&fake.memory, churn() + churned * UINT64_C(8192), churn() + (churned + 1) * UINT64_C(8192));
	}
}

void fake_memory_change(enum fake_call call)
{
	const struct fake_fault *fault = fake_fault(call, FAKE_GROW);
	uint64_t ram_end = fake_ram() + FAKE_RAM_BYTES_MAX;

	if (fault != NULL)
		fake_map_grow(fault->value);
	fault = fake_fault(call, FAKE_SHRINK);
	if (fault != NULL)
		shrink(fault->value);
	fault = fake_fault(call, FAKE_APPEAR);
	if (fault != NULL)
		fake_map_set(ram_end, ram_end + (1 + fault->value % APPEAR_MAX) * 4096, UEFI_CONVENTIONAL, OWNER_FIRMWARE, UNBACKED);
	fault = fake_fault(call, FAKE_SCATTER);
	for (uint64_t i = 0; fault != NULL && i < fault->value; i++)
		fake_map_set(2 * churn() + (i << 30), 2 * churn() + (i << 30) + 4096, UEFI_CONVENTIONAL, OWNER_FIRMWARE, UNBACKED);
}

uint64_t fake_memory_generation(void)
{
	return fake.memory.key + fake_pool_generation();
}

static int same_descriptor(const struct handoff_range *a, const struct handoff_range *b)
{
	return a->type == b->type && a->attributes == b->attributes && a->end_phys == b->start_phys;
}

uint64_t fake_memory_write(uint8_t *to)
{
	uint64_t stride = fake.options.descriptor_bytes, bytes = 0;

	for (uint64_t i = 0; i < fake.memory.count; i++) {
		const struct handoff_range *first = &fake.memory.ranges[i], *last = first;

		while (i + 1 < fake.memory.count && same_descriptor(last, &fake.memory.ranges[i + 1]))
			last = &fake.memory.ranges[++i];
		if (to != NULL) {
			struct handoff_raw_descriptor d = {
				.type = first->type, .reserved0 = 0xc3c3c3c3, .physical_start = first->start_phys,
				.number_of_pages = (last->end_phys - first->start_phys) / 4096, .attribute = first->attributes,
			};

			memset(to + bytes, 0x77, stride); /* K32: what lies behind the known fields is garbage */
			memcpy(to + bytes, &d, sizeof(d));
		}
		bytes += stride;
	}
	return bytes;
}

/* --- the memory behind it ---------------------------------------------------------------------------------------------- */

static void map_arena(void)
{
	uint64_t *mapped = &arena_mapped[fake.options.high];
	void *at = (void *)fake_ram();

	if (*mapped != 0)
		return;
	if (mmap(at, FAKE_RAM_BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
		 -1, 0) != at) {
		perror("fake: no memory at the addresses of the fake machine");
		exit(1);
	}
	*mapped = FAKE_RAM_BYTES_MAX;
	ASAN_POISON_MEMORY_REGION(at, FAKE_RAM_BYTES_MAX);
}

static void fill(uint64_t start, uint64_t bytes, int pattern)
{
	if (bytes > 2 * FILL_MAX)
		memset((void *)(start + bytes - FILL_MAX), pattern, FILL_MAX);
	memset((void *)start, pattern, bytes > 2 * FILL_MAX ? FILL_MAX : bytes);
}

void fake_map_open(uint64_t start, uint64_t bytes)
{
	ASAN_UNPOISON_MEMORY_REGION((void *)start, bytes);
	fill(start, bytes, GARBAGE);
}

void fake_map_close(uint64_t start, uint64_t bytes)
{
	fill(start, bytes, FREED);
	ASAN_POISON_MEMORY_REGION((void *)start, bytes);
}

int fake_map_is_backed(uint64_t start)
{
	const struct handoff_range *range = memory_map_find(&fake.memory, start);

	return range != NULL && range->lifetime == BACKED;
}

/* Closes what an earlier run left open. */
static void close_all(void)
{
	for (uint64_t i = 0; i < fake.memory.count; i++) {
		const struct handoff_range *range = &fake.memory.ranges[i];

		if (range->lifetime == BACKED && (range->owner == OWNER_LOADER || range->type != UEFI_CONVENTIONAL))
			ASAN_POISON_MEMORY_REGION((void *)range->start_phys, range->end_phys - range->start_phys);
	}
}

struct fake_firmware_memory fake_firmware_memory(void)
{
	uint8_t *base = (uint8_t *)fake_ram();

	return (struct fake_firmware_memory){ .runtime = base, .acpi = base + 4 * 4096, .boot = base + 5 * 4096 };
}

static void describe_machine(void)
{
	uint64_t ram = fake_ram();
	uint64_t code_end = ((uint64_t)etext + 4095) & ~UINT64_C(4095);

	if (!fake.options.high) {
		fake_map_set(fake.options.page_zero ? 0 : 0x1000, 0xa0000, UEFI_CONVENTIONAL, OWNER_FIRMWARE, UNBACKED);
		fake_map_set(0x100000, 0x300000, UEFI_BOOT_SERVICES_CODE, OWNER_FIRMWARE, UNBACKED);
	}
	fake_map_set((uint64_t)__executable_start, code_end, UEFI_RUNTIME_SERVICES_CODE, OWNER_FIRMWARE, UNBACKED);
	fake_map_set(FAKE_IMAGE, FAKE_IMAGE + FAKE_IMAGE_BYTES, UEFI_LOADER_CODE, OWNER_FIRMWARE, UNBACKED);
	fake_map_set(0xffc00000, UINT64_C(0x100000000), UEFI_MMIO, OWNER_FIRMWARE, UNBACKED);
	fake_map_set(ram, ram + 4 * 4096, UEFI_RUNTIME_SERVICES_DATA, OWNER_FIRMWARE, BACKED);
	fake_map_set(ram + 4 * 4096, ram + 5 * 4096, UEFI_ACPI_RECLAIM, OWNER_FIRMWARE, BACKED);
	fake_map_set(ram + 5 * 4096, ram + FIRMWARE_PAGES * 4096, UEFI_BOOT_SERVICES_DATA, OWNER_FIRMWARE, BACKED);
	fake_map_set(ram + FIRMWARE_PAGES * 4096, ram + fake.options.ram_bytes, UEFI_CONVENTIONAL, OWNER_FIRMWARE, BACKED);
	for (uint64_t page = FIRMWARE_PAGES; fake.options.fragments && page < fake.options.ram_bytes / 4096; page += 2)
		fake_map_set(ram + page * 4096, ram + (page + 1) * 4096, UEFI_BOOT_SERVICES_DATA, OWNER_FIRMWARE, BACKED);
	fake_map_grow(fake.options.descriptors);
}

void fake_memory_start(void)
{
	close_all();
	map_arena();
	memory_map_init(&fake.memory, ranges, sizeof(ranges));
	churned = 0;
	allocations = 0;
	fake_pools_reset();
	describe_machine();
	fake_map_open(fake_ram(), FIRMWARE_PAGES * 4096);
	memset((void *)fake_ram(), 0, FIRMWARE_PAGES * 4096);
	free(fake.initial);
	fake.initial_count = fake.memory.count;
	fake.initial = malloc(fake.memory.count * sizeof(*fake.initial));
	memcpy(fake.initial, fake.memory.ranges, fake.memory.count * sizeof(*fake.initial));
}

/* L40: boot services memory is anybody's now; here it cannot even be read. */
void fake_memory_exited(void)
{
	for (uint64_t i = 0; i < fake.memory.count; i++) {
		const struct handoff_range *range = &fake.memory.ranges[i];

		if (range->lifetime == BACKED && (range->type == UEFI_BOOT_SERVICES_DATA || range->type == UEFI_BOOT_SERVICES_CODE))
			fake_map_close(range->start_phys, range->end_phys - range->start_phys);
	}
}

/* --- what is left -------------------------------------------------------------------------------------------------------- */

int fake_memory_owned(uint64_t phys, uint64_t bytes)
{
	for (uint64_t at = phys & ~UINT64_C(4095); at < phys + bytes; at += 4096) {
		const struct handoff_range *range = memory_map_find(&fake.memory, at);

		if (range == NULL || range->owner != OWNER_LOADER)
			return 0;
	}
	return 1;
}

struct handoff_boot_record *fake_memory_record(void)
{
	for (uint64_t i = 0; i < fake.memory.count; i++) {
		const struct handoff_range *range = &fake.memory.ranges[i];

		if (range->owner == OWNER_LOADER && range->type == UEFI_RUNTIME_SERVICES_DATA)
			return (struct handoff_boot_record *)range->start_phys;
	}
	return NULL;
}

int fake_memory_read(uint64_t phys, void *to, uint64_t bytes)
{
	const struct handoff_range *range = memory_map_find(&fake.memory, phys);

	if (range == NULL || bytes > range->end_phys - phys ||
	    (range->lifetime != BACKED && range->type != UEFI_RUNTIME_SERVICES_CODE) ||
	    __asan_region_is_poisoned((void *)phys, bytes) != NULL)
		return -1;
	memcpy(to, (const void *)phys, bytes);
	return 0;
}

int fake_memory_clean(char text[256])
{
	uint64_t ram_end = fake_ram() + FAKE_RAM_BYTES_MAX;

	/* What the firmware itself let appear lies behind RAM and above all else. */
	memory_map_remove(&fake.memory, ram_end, ram_end + APPEAR_MAX * 4096);
	memory_map_remove(&fake.memory, churn(), UINT64_MAX & ~UINT64_C(4095));
	while (fake.initial_count > 0 && fake.initial[fake.initial_count - 1].start_phys >= churn())
		fake.initial_count--;
	if (fake.pages_allocated != 0 || fake.pool_count != 0 || fake.open_files != 0)
		snprintf(text, 256, "left behind: %lu pages, %u pools, %u files", (unsigned long)fake.pages_allocated,
			 fake.pool_count, fake.open_files);
	else if (fake.memory.count != fake.initial_count ||
		 memcmp(fake.memory.ranges, fake.initial, fake.initial_count * sizeof(*fake.initial)) != 0)
		snprintf(text, 256, "the memory map is not what it was: %lu ranges, %lu before", (unsigned long)fake.memory.count,
			 (unsigned long)fake.initial_count);
	else
		return 1;
	return 0;
}
