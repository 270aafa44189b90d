/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory services of the fake firmware: pages from the map of map.c, pool from the host's heap. */
#include <stdlib.h>
#include <string.h>
#include "lib/uefi_memory.h"
#include "test/fake/fake.h"
#include "test/fake/firmware.h"
#include "test/fake/map.h"

enum { POOLS_MAX = 64, GARBAGE = 0xa7 };

static void *pools[POOLS_MAX];
static uint64_t pool_generation;

/* Gives the loader [start, start + pages): also where no sane firmware would. */
static void give(uint64_t start, uint64_t pages, uint32_t type)
{
	uint32_t backing = fake_map_is_backed(start) ? BACKED : UNBACKED;

	if (backing == BACKED)
		fake_map_open(start, pages * 4096);
	fake_map_set(start, start + pages * 4096, type, OWNER_LOADER, backing);
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
		.policy = how == AllocateMaxAddress ? MEMORY_MAP_AT_MOST :
			  how == AllocateAddress    ? MEMORY_MAP_EXACTLY :
						      MEMORY_MAP_ANY,
		.address_phys = *memory,
		.from_type = UEFI_CONVENTIONAL,
		.from_lifetime = BACKED,
		.pages = pages + !fake.options.adjacent, /* the page behind an allocation stays free and poisoned */
	};
	const struct fake_fault *fault;
	EFI_STATUS status;
	uint64_t start;

	fake_called(FAKE_ALLOCATE_PAGES);
	/* Under a limit only where a kernel's own addresses or the stack are in the way, at an address only for a segment's alignment. */
	if (how != AllocateAnyPages && fake_memory_record() == NULL && fake.options.stack_phys == 0)
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
	fake_map_grow(fake.options.growth);
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
	uint32_t backing = fake_map_is_backed(memory) ? BACKED : UNBACKED;
	struct handoff_range back = { .type = UEFI_CONVENTIONAL, .attributes = FAKE_ATTRIBUTES, .lifetime = backing };

	fake_called(FAKE_FREE_PAGES);
	if (memory_map_free(&fake.memory, memory, pages, OWNER_LOADER, back) != MEMORY_MAP_OK)
		fake_violate("L11: FreePages of what the loader does not own: %lu pages at 0x%lx", (unsigned long)pages,
			     (unsigned long)memory);
	if (backing == BACKED)
		fake_map_close(memory, pages * 4096);
	fake.pages_allocated -= pages;
	note_freed(memory, pages);
	return fake_failure(FAKE_FREE_PAGES); /* H45: firmware that says no afterwards */
}

void fake_pools_reset(void)
{
	for (uint32_t i = 0; i < POOLS_MAX; i++) {
		free(pools[i]);
		pools[i] = NULL;
	}
	pool_generation = 0;
}

uint64_t fake_pool_generation(void)
{
	return pool_generation;
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
	fake_map_grow(fake.options.growth);
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
