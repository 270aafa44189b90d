/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory services of the fake firmware.  The map is a struct memory_map whose `type` is the UEFI memory type, `owner` says
 * whether the loader holds the pages, `lifetime` whether there is real memory behind the addresses, and `index` keeps
 * neighbouring allocations apart.
 */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "lib/uefi_memory.h"
#include "test/fake/fake.h"
#include "test/fake/firmware.h"

enum { OWNER_FIRMWARE = 0, OWNER_LOADER = 1, BACKED = 0, UNBACKED = 1, POOLS_MAX = 64, FIRMWARE_PAGES = 8 };
enum { GARBAGE = 0xa7, FREED = 0xdd };
/* Where single pages come and go while the map grows and shrinks. */
#define CHURN UINT64_C(0x800000000)
#define CHURN_HIGH UINT64_C(0x200000000000)
#define APPEAR_MAX UINT64_C(4096) /* pages */
/* Filling more than this at each end of an allocation shows nothing new and takes long. */
#define FILL_MAX (UINT64_C(1) << 16)

extern char __executable_start[], etext[]; /* the host program: here stands the code of the runtime services */

static struct handoff_range ranges[FAKE_RANGES_MAX];
static void *pools[POOLS_MAX];
static uint32_t churned;       /* single pages in the churn region */
static uint32_t allocations;
static uint64_t pool_generation;
static uint64_t arena_mapped[2]; /* bytes mapped low and high */

uint64_t fake_ram(void)
{
	return fake.options.high ? FAKE_RAM_HIGH : FAKE_RAM;
}

/* --- the map ------------------------------------------------------------------------------------------------------------ */

static void set(uint64_t start, uint64_t end, uint32_t type, uint64_t attributes, uint32_t owner, uint32_t backing)
{
	struct handoff_range range = {
		.start_phys = start, .end_phys = end, .type = type, .attributes = attributes, .owner = owner, .lifetime = backing,
		.index = owner == OWNER_LOADER ? ++allocations : 0,
	};

	if (memory_map_set(&fake.memory, range) != MEMORY_MAP_OK)
		fake_violate("the fake's own map is full or got a bad range: 0x%lx-0x%lx", (unsigned long)start, (unsigned long)end);
}

static uint64_t churn(void)
{
	return fake.options.high ? CHURN_HIGH : CHURN;
}

/* Every second page, so that each is a descriptor of its own. */
static void grow(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++, churned++) {
		uint64_t at = churn() + churned * UINT64_C(8192);

		set(at, at + 4096, UEFI_BOOT_SERVICES_DATA, FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
		if (fake.options.dense)
			set(at + 4096, at + 8192, UEFI_CONVENTIONAL, FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
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

	if (fault != NULL)
		grow(fault->value);
	fault = fake_fault(call, FAKE_SHRINK);
	if (fault != NULL)
		shrink(fault->value);
	fault = fake_fault(call, FAKE_APPEAR);
	if (fault != NULL)
		set(fake_ram() + FAKE_RAM_BYTES_MAX, fake_ram() + FAKE_RAM_BYTES_MAX + (1 + fault->value % APPEAR_MAX) * 4096, UEFI_CONVENTIONAL,
		    FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
	fault = fake_fault(call, FAKE_SCATTER);
	for (uint64_t i = 0; fault != NULL && i < fault->value; i++)
		set(2 * churn() + (i << 30), 2 * churn() + (i << 30) + 4096, UEFI_CONVENTIONAL, FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
}

uint64_t fake_memory_generation(void)
{
	return fake.memory.key + pool_generation;
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

static void open_memory(uint64_t start, uint64_t bytes)
{
	ASAN_UNPOISON_MEMORY_REGION((void *)start, bytes);
	fill(start, bytes, GARBAGE);
}

static void close_memory(uint64_t start, uint64_t bytes)
{
	fill(start, bytes, FREED);
	ASAN_POISON_MEMORY_REGION((void *)start, bytes);
}

static int is_backed(uint64_t start)
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
	for (uint32_t i = 0; i < POOLS_MAX; i++) {
		free(pools[i]);
		pools[i] = NULL;
	}
}

struct fake_firmware_memory fake_firmware_memory(void)
{
	uint8_t *base = (uint8_t *)fake_ram();

	return (struct fake_firmware_memory){ .runtime = base, .acpi = base + 4 * 4096, .boot = base + 5 * 4096 };
}

static void describe_machine(void)
{
	uint64_t ram = fake_ram(), rt = FAKE_ATTRIBUTES | UEFI_MEMORY_RUNTIME;
	uint64_t code_end = ((uint64_t)etext + 4095) & ~UINT64_C(4095);

	if (!fake.options.high) {
		set(fake.options.page_zero ? 0 : 0x1000, 0xa0000, UEFI_CONVENTIONAL, FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
		set(0x100000, 0x300000, UEFI_BOOT_SERVICES_CODE, FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
	}
	set((uint64_t)__executable_start, code_end, UEFI_RUNTIME_SERVICES_CODE, rt, OWNER_FIRMWARE, UNBACKED);
	set(FAKE_IMAGE, FAKE_IMAGE + FAKE_IMAGE_BYTES, UEFI_LOADER_CODE, FAKE_ATTRIBUTES, OWNER_FIRMWARE, UNBACKED);
	set(0xffc00000, UINT64_C(0x100000000), UEFI_MMIO, UEFI_MEMORY_UC | UEFI_MEMORY_RUNTIME, OWNER_FIRMWARE, UNBACKED);
	set(ram, ram + 4 * 4096, UEFI_RUNTIME_SERVICES_DATA, rt, OWNER_FIRMWARE, BACKED);
	set(ram + 4 * 4096, ram + 5 * 4096, UEFI_ACPI_RECLAIM, FAKE_ATTRIBUTES, OWNER_FIRMWARE, BACKED);
	set(ram + 5 * 4096, ram + FIRMWARE_PAGES * 4096, UEFI_BOOT_SERVICES_DATA, FAKE_ATTRIBUTES, OWNER_FIRMWARE, BACKED);
	set(ram + FIRMWARE_PAGES * 4096, ram + fake.options.ram_bytes, UEFI_CONVENTIONAL, FAKE_ATTRIBUTES, OWNER_FIRMWARE, BACKED);
	for (uint64_t page = FIRMWARE_PAGES; fake.options.fragments && page < fake.options.ram_bytes / 4096; page += 2)
		set(ram + page * 4096, ram + (page + 1) * 4096, UEFI_BOOT_SERVICES_DATA, FAKE_ATTRIBUTES, OWNER_FIRMWARE, BACKED);
	grow(fake.options.descriptors);
}

void fake_memory_start(void)
{
	close_all();
	map_arena();
	memory_map_init(&fake.memory, ranges, sizeof(ranges));
	churned = 0;
	allocations = 0;
	pool_generation = 0;
	describe_machine();
	open_memory(fake_ram(), FIRMWARE_PAGES * 4096);
	memset((void *)fake_ram(), 0, FIRMWARE_PAGES * 4096);
	free(fake.initial);
	fake.initial_count = fake.memory.count;
	fake.initial = malloc(fake.memory.count * sizeof(*fake.initial));
	memcpy(fake.initial, fake.memory.ranges, fake.memory.count * sizeof(*fake.initial));
}

/* --- services ---------------------------------------------------------------------------------------------------------- */

/* Gives the loader [start, start + pages): also where no sane firmware would. */
static void give(uint64_t start, uint64_t pages, uint32_t type)
{
	uint32_t backing = is_backed(start) ? BACKED : UNBACKED;

	if (backing == BACKED)
		open_memory(start, pages * 4096);
	set(start, start + pages * 4096, type,
	    type == UEFI_RUNTIME_SERVICES_DATA ? FAKE_ATTRIBUTES | UEFI_MEMORY_RUNTIME : FAKE_ATTRIBUTES, OWNER_LOADER, backing);
	fake.pages_allocated += pages;
}

/* A hostile answer.  Only where nobody else's memory lies is it really handed out. */
static EFI_STATUS give_address(uint64_t address, uint64_t pages, uint32_t type, EFI_PHYSICAL_ADDRESS *memory)
{
	const struct handoff_range *range = memory_map_find(&fake.memory, address);

	if (address % 4096 == 0 && range != NULL && range->type == UEFI_CONVENTIONAL) {
		if (pages * 4096 > range->end_phys - address)
			return EFI_OUT_OF_RESOURCES;
		give(address, pages, type);
	}
	*memory = address;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *memory)
{
	struct memory_map_request request = {
		.policy = how == AllocateMaxAddress ? MEMORY_MAP_AT_MOST : how == AllocateAddress ? MEMORY_MAP_EXACTLY : MEMORY_MAP_ANY,
		.address_phys = *memory,
		.from_type = UEFI_CONVENTIONAL,
		.from_lifetime = BACKED,
		.pages = pages + !fake.options.adjacent, /* the page behind an allocation stays free and poisoned */
	};
	const struct fake_fault *fault;
	EFI_STATUS status;
	uint64_t start;

	fake_called(FAKE_ALLOCATE_PAGES);
	/* Under a limit only where a kernel's own addresses are in the way, at an address only for a segment's alignment. */
	if (how != AllocateAnyPages && fake_memory_record() == NULL)
		fake_violate("L8, L10: AllocatePages of kind %d", (int)how);
	if (type != EfiLoaderCode && type != EfiLoaderData && type != EfiRuntimeServicesData)
		fake_violate("L6: AllocatePages with type %d", (int)type);
	fake_memory_change(FAKE_ALLOCATE_PAGES);
	status = fake_failure(FAKE_ALLOCATE_PAGES);
	if (EFI_ERROR(status))
		return status;
	if (fake_fault(FAKE_ALLOCATE_PAGES, FAKE_MOVE))
		fake_attributes_move();
	fault = fake_fault(FAKE_ALLOCATE_PAGES, FAKE_ADDRESS);
	if (fault != NULL)
		return give_address(fault->value, pages, type, memory);
	if (pages == 0 || pages > UINT64_MAX / 4096 - 1)
		return pages == 0 ? EFI_INVALID_PARAMETER : EFI_OUT_OF_RESOURCES;
	if (memory_map_place(&fake.memory, &request, &start) != MEMORY_MAP_OK)
		return EFI_OUT_OF_RESOURCES;
	give(start, pages, type);
	grow(fake.options.growth);
	if (fake.calls[FAKE_ALLOCATE_PAGES] <= FAKE_GIVEN_MAX)
		fake.given[fake.calls[FAKE_ALLOCATE_PAGES] - 1] = (struct fake_given){ .phys = start, .pages = pages };
	*memory = start;
	return EFI_SUCCESS;
}

static void note_freed(uint64_t phys, uint64_t pages)
{
	for (uint32_t i = 0; i < FAKE_GIVEN_MAX; i++)
		if (fake.given[i].phys == phys && fake.given[i].pages == pages)
			fake.given[i].freed_at = fake.calls[FAKE_ALLOCATE_PAGES];
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS memory, UINTN pages)
{
	uint32_t backing = is_backed(memory) ? BACKED : UNBACKED;
	struct handoff_range back = { .type = UEFI_CONVENTIONAL, .attributes = FAKE_ATTRIBUTES, .lifetime = backing };

	fake_called(FAKE_FREE_PAGES);
	if (memory_map_free(&fake.memory, memory, pages, OWNER_LOADER, back) != MEMORY_MAP_OK)
		fake_violate("L11: FreePages of what the loader does not own: %lu pages at 0x%lx", (unsigned long)pages,
			     (unsigned long)memory);
	if (backing == BACKED)
		close_memory(memory, pages * 4096);
	fake.pages_allocated -= pages;
	note_freed(memory, pages);
	return fake_failure(FAKE_FREE_PAGES); /* H45: firmware that says no afterwards */
}

void *fake_pool(uint64_t bytes)
{
	for (uint32_t i = 0; i < POOLS_MAX; i++) {
		if (pools[i] != NULL)
			continue;
		pools[i] = malloc(bytes ? bytes : 1);
		memset(pools[i], GARBAGE, bytes);
		pool_generation++;
		fake.pool_count++;
		return pools[i];
	}
	fake_violate("more than %d pool allocations at a time", POOLS_MAX);
}

int fake_is_pool(const void *buffer)
{
	for (uint32_t i = 0; i < POOLS_MAX; i++)
		if (buffer != NULL && pools[i] == buffer)
			return 1;
	return 0;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	EFI_STATUS status;

	fake_called(FAKE_ALLOCATE_POOL);
	if (type != EfiLoaderData)
		fake_violate("L6: AllocatePool with type %d", (int)type);
	status = fake_failure(FAKE_ALLOCATE_POOL);
	if (EFI_ERROR(status))
		return status;
	*buffer = fake_fault(FAKE_ALLOCATE_POOL, FAKE_NULL) ? NULL : fake_pool(bytes);
	grow(fake.options.growth);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	fake_called(FAKE_FREE_POOL);
	for (uint32_t i = 0; i < POOLS_MAX; i++) {
		if (buffer == NULL || pools[i] != buffer)
			continue;
		free(buffer);
		pools[i] = NULL;
		pool_generation++;
		fake.pool_count--;
		return fake_failure(FAKE_FREE_POOL);
	}
	fake_violate("L11: FreePool of what AllocatePool did not return: %p", buffer);
}

void fake_memory_services(EFI_BOOT_SERVICES *services)
{
	services->AllocatePages = allocate_pages;
	services->FreePages = free_pages;
	services->AllocatePool = allocate_pool;
	services->FreePool = free_pool;
}

/* L40: boot services memory is anybody's now; here it cannot even be read. */
void fake_memory_exited(void)
{
	for (uint64_t i = 0; i < fake.memory.count; i++) {
		const struct handoff_range *range = &fake.memory.ranges[i];

		if (range->lifetime == BACKED && (range->type == UEFI_BOOT_SERVICES_DATA || range->type == UEFI_BOOT_SERVICES_CODE))
			close_memory(range->start_phys, range->end_phys - range->start_phys);
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

	if (range == NULL || bytes > range->end_phys - phys || (range->lifetime != BACKED && range->type != UEFI_RUNTIME_SERVICES_CODE) ||
	    __asan_region_is_poisoned((void *)phys, bytes) != NULL)
		return -1;
	memcpy(to, (const void *)phys, bytes);
	return 0;
}

int fake_memory_clean(char text[256])
{
	/* What the firmware itself let appear lies behind RAM and above all else. */
	memory_map_remove(&fake.memory, fake_ram() + FAKE_RAM_BYTES_MAX, fake_ram() + FAKE_RAM_BYTES_MAX + APPEAR_MAX * 4096);
	memory_map_remove(&fake.memory, churn(), UINT64_MAX & ~UINT64_C(4095));
	while (fake.initial_count > 0 && fake.initial[fake.initial_count - 1].start_phys >= churn())
		fake.initial_count--;
	if (fake.pages_allocated != 0 || fake.pool_count != 0 || fake.open_files != 0)
		snprintf(text, 256, "left behind: %lu pages, %u pools, %u files", (unsigned long)fake.pages_allocated, fake.pool_count,
			 fake.open_files);
	else if (fake.memory.count != fake.initial_count ||
		 memcmp(fake.memory.ranges, fake.initial, fake.initial_count * sizeof(*fake.initial)) != 0)
		snprintf(text, 256, "the memory map is not what it was: %lu ranges, %lu before", (unsigned long)fake.memory.count,
			 (unsigned long)fake.initial_count);
	else
		return 1;
	return 0;
}
