/* SPDX-License-Identifier: BSD-2-Clause */
/* See memory.h. */
#include "test/gremlin/efi/memory.h"
#include "test/gremlin/efi/faults.h"
#include "test/gremlin/efi/guard.h"
#include "test/gremlin/efi/map.h"
#include "test/gremlin/efi/paging.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"

enum { HELD = 64, LOW = 256, FILL_BYTE = 0xaf };
#define FOUR_GIB (UINT64_C(1) << 32)

static struct {
	uint64_t held[HELD], held_pages[HELD]; /* what the loader was given */
	uint32_t held_count;
	uint64_t text, text_pages;
	uint64_t misuses;
	int guarded, high, no_execute;
} memory;

/* All free memory below 4 GiB. */
static struct {
	uint64_t start[LOW], pages[LOW];
	uint32_t count;
} low;

static void note(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type)
{
	if (how == AllocateAddress || (type != EfiLoaderCode && type != EfiLoaderData && type != EfiRuntimeServicesData))
		memory.misuses++;
}

static EFI_STATUS odd_result(EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *address)
{
	EFI_PHYSICAL_ADDRESS limit = 0xfffff;

	if (faults_how("zero"))
		*address = 0;
	else if (faults_how("odd"))
		*address = memory.held_count > 0 ? memory.held[0] + 0x10 : 0x200010;
	else if (faults_how("wrap"))
		*address = UINT64_C(0xfffffffffffff000);
	else if (faults_how("beyond"))
		*address = UINT64_C(1) << 52;
	else if (faults_how("overlap") && memory.held_count > 0)
		*address = memory.held[memory.held_count - 1];
	else if (faults_how("low")) {
		EFI_STATUS status = services_below()->AllocatePages(AllocateMaxAddress, type, pages, &limit);

		if (!EFI_ERROR(status))
			*address = limit;
		return status;
	} else
		return faults_status(EFI_OUT_OF_RESOURCES);
	return EFI_SUCCESS;
}

static EFI_STATUS take_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *address)
{
	if (memory.guarded)
		return guard_allocate_pages(type, pages, address);
	if (memory.high && how != AllocateAnyPages && *address < FOUR_GIB)
		return EFI_NOT_FOUND;
	if (memory.high && how != AllocateAddress) {
		*address = map_free_above(FOUR_GIB, pages);
		if (*address == 0)
			return EFI_OUT_OF_RESOURCES;
		return services_below()->AllocatePages(AllocateAddress, type, pages, address);
	}
	return services_below()->AllocatePages(how, type, pages, address);
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *address)
{
	int failing = faults_call(FAULT_PAGES);
	EFI_STATUS status;

	failing |= pages > 1 && faults_call(FAULT_MULTI);
	failing |= type == EfiRuntimeServicesData && faults_call(FAULT_RUNTIME);
	note(how, type);
	if (failing)
		return odd_result(type, pages, address);
	status = take_pages(how, type, pages, address);
	if (EFI_ERROR(status))
		return status;
	if (memory.no_execute)
		paging_change(*address, pages, PAGING_NX, 0);
	if (memory.held_count < HELD) {
		memory.held_pages[memory.held_count] = pages;
		memory.held[memory.held_count++] = *address;
	}
	if (type == EfiLoaderCode && memory.text == 0) {
		memory.text = *address;
		memory.text_pages = pages;
	}
	return status;
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS address, UINTN pages)
{
	if (faults_call(FAULT_FREE)) {
		if (!faults_how("fill"))
			return faults_status(EFI_DEVICE_ERROR);
		__builtin_memset((void *)address, FILL_BYTE, pages * EFI_PAGE_SIZE);
	}
	/* The loader may give back what it was never really given; from a real firmware that is an error, too. */
	if (address == 0)
		return EFI_NOT_FOUND;
	return memory.guarded ? guard_free_pages(address, pages) : services_below()->FreePages(address, pages);
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	if (faults_call(FAULT_POOL)) {
		if (!faults_how("null"))
			return faults_status(EFI_OUT_OF_RESOURCES);
		*buffer = NULL;
		return EFI_SUCCESS;
	}
	note(AllocateAnyPages, type);
	return memory.guarded ? guard_allocate_pool(type, bytes, buffer) : services_below()->AllocatePool(type, bytes, buffer);
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	if (faults_call(FAULT_FREE) && !faults_how("fill"))
		return faults_status(EFI_DEVICE_ERROR);
	return memory.guarded ? guard_free_pool(buffer) : services_below()->FreePool(buffer);
}

void memory_begin(const char *words)
{
	memory.held_count = 0;
	memory.text = memory.misuses = 0;
	memory.guarded = words_number(words, "guard", 0) != 0;
	memory.no_execute = words_number(words, "nx", 0) != 0;
	memory.high = words_is(words, "place", "high");
	services_hook(SERVICE(AllocatePages), (const void *)allocate_pages);
	services_hook(SERVICE(FreePages), (const void *)free_pages);
	services_hook(SERVICE(AllocatePool), (const void *)allocate_pool);
	services_hook(SERVICE(FreePool), (const void *)free_pool);
}

void memory_end(void)
{
	for (uint32_t i = 0; memory.no_execute && i < memory.held_count; i++)
		paging_change(memory.held[i], memory.held_pages[i], 0, PAGING_NX);
}

void memory_take_low(const char *words)
{
	struct map map;

	low.count = 0;
	if (!words_is(words, "image", "high"))
		return;
	map = map_read();
	for (uint64_t i = 0; i < map.count && low.count < LOW; i++) {
		EFI_MEMORY_DESCRIPTOR *d = &map.entries[i];

		if (d->Type != EfiConventionalMemory || d->PhysicalStart >= FOUR_GIB ||
		    EFI_ERROR(services_below()->AllocatePages(AllocateAddress, EfiBootServicesData, d->NumberOfPages, &d->PhysicalStart)))
			continue;
		low.start[low.count] = d->PhysicalStart;
		low.pages[low.count++] = d->NumberOfPages;
	}
}

void memory_give_low(void)
{
	for (uint32_t i = 0; i < low.count; i++)
		services_below()->FreePages(low.start[i], low.pages[i]);
	low.count = 0;
}

uint64_t memory_text(uint64_t *ret_pages)
{
	*ret_pages = memory.text_pages;
	return memory.text;
}

uint64_t memory_misuses(void)
{
	return memory.misuses;
}
