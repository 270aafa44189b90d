/* SPDX-License-Identifier: BSD-2-Clause */
/* See guard.h.  Whether a page is present in the page tables says whether it is allocated. */
#include "test/gremlin/efi/guard.h"
#include "test/gremlin/efi/paging.h"

enum { BLOCKS = 512 };

static struct {
	struct {
		uint64_t start, pages; /* without the guards */
		uint64_t pool;         /* a pool buffer's address, else 0 */
	} blocks[BLOCKS];
	uint32_t count;
	uint64_t bad_frees;
	EFI_BOOT_SERVICES *genuine;
} guard;

void guard_begin(EFI_BOOT_SERVICES *genuine)
{
	guard.genuine = genuine;
	guard.count = 0;
	guard.bad_frees = 0;
}

static EFI_STATUS allocate(EFI_MEMORY_TYPE type, uint64_t pages, uint64_t *ret_start)
{
	EFI_PHYSICAL_ADDRESS start = 0;
	EFI_STATUS status;

	if (guard.count == BLOCKS || pages > UINT64_MAX / EFI_PAGE_SIZE - 2)
		return EFI_OUT_OF_RESOURCES;
	status = guard.genuine->AllocatePages(AllocateAnyPages, type, pages + 2, &start);
	if (EFI_ERROR(status))
		return status;
	__builtin_memset((void *)start, 0xc5, (pages + 2) * EFI_PAGE_SIZE);
	paging_change(start, 1, 0, PAGING_PRESENT);
	paging_change(start + (pages + 1) * EFI_PAGE_SIZE, 1, 0, PAGING_PRESENT);
	guard.blocks[guard.count].start = start + EFI_PAGE_SIZE;
	guard.blocks[guard.count].pages = pages;
	guard.blocks[guard.count++].pool = 0;
	*ret_start = start + EFI_PAGE_SIZE;
	return EFI_SUCCESS;
}

EFI_STATUS guard_allocate_pages(EFI_MEMORY_TYPE type, uint64_t pages, uint64_t *ret_address)
{
	return allocate(type, pages, ret_address);
}

EFI_STATUS guard_allocate_pool(EFI_MEMORY_TYPE type, uint64_t bytes, void **ret_buffer)
{
	uint64_t start = 0, whole = (bytes + 7) & ~UINT64_C(7);
	uint64_t pages = EFI_SIZE_TO_PAGES(whole) + (whole == 0);
	EFI_STATUS status = allocate(type, pages, &start);

	if (EFI_ERROR(status))
		return status;
	guard.blocks[guard.count - 1].pool = start + pages * EFI_PAGE_SIZE - whole;
	*ret_buffer = (void *)guard.blocks[guard.count - 1].pool;
	return EFI_SUCCESS;
}

static EFI_STATUS bad_free(void)
{
	guard.bad_frees++;
	return EFI_NOT_FOUND;
}

EFI_STATUS guard_free_pages(uint64_t address, uint64_t pages)
{
	for (uint32_t i = 0; i < guard.count; i++) {
		uint64_t start = guard.blocks[i].start, end = start + guard.blocks[i].pages * EFI_PAGE_SIZE;

		if (address < start || address >= end)
			continue;
		if (address % EFI_PAGE_SIZE != 0 || pages == 0 || pages > (end - address) / EFI_PAGE_SIZE)
			return bad_free();
		for (uint64_t page = 0; page < pages; page++)
			if (!(paging_look(address + page * EFI_PAGE_SIZE) & PAGING_PRESENT))
				return bad_free();
		paging_change(address, pages, 0, PAGING_PRESENT);
		return EFI_SUCCESS;
	}
	return bad_free();
}

EFI_STATUS guard_free_pool(void *buffer)
{
	for (uint32_t i = 0; i < guard.count; i++)
		if (guard.blocks[i].pool == (uint64_t)buffer && buffer != NULL)
			return guard_free_pages(guard.blocks[i].start, guard.blocks[i].pages);
	return bad_free();
}

void guard_end(struct guard_balance *ret_balance)
{
	struct guard_balance balance = { .bad_frees = guard.bad_frees };

	for (uint32_t i = 0; i < guard.count; i++) {
		uint64_t start = guard.blocks[i].start, pages = guard.blocks[i].pages;

		for (uint64_t page = 0; page < pages; page++)
			balance.left += paging_look(start + page * EFI_PAGE_SIZE) & PAGING_PRESENT;
		paging_change(start - EFI_PAGE_SIZE, pages + 2, PAGING_PRESENT, 0);
		guard.genuine->FreePages(start - EFI_PAGE_SIZE, pages + 2);
	}
	guard.count = 0;
	*ret_balance = balance;
}
