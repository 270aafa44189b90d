/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of what the memory services must refuse (status codes of UEFI 2.10 §7.2.1 to §7.2.5).  RULES: an allocation that is
 * accepted against the specification is freed at once, before anybody looks at the map (E19: old firmware stumbles over types
 * that it does not know); wrong frees lie inside pages of our own; NULL is passed only where address 0 is borrowed memory.
 */
#include "loader/log.h"
#include "loader/memmap/bench.h"

enum { FEW = 4 };

struct result services_refuse_kind(struct bench *bench)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	EFI_STATUS status = bench->services->AllocatePages(MaxAllocateType, EfiLoaderData, 1, &phys);

	if (!EFI_ERROR(status))
		bench->services->FreePages(phys, 1);
	return result_refused(status, EFI_INVALID_PARAMETER);
}

/* Both kinds of allocation with a memory type that nobody may allocate. */
static struct result refuse_type(struct bench *bench, uint32_t type)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	void *buffer = NULL;
	struct result result;
	EFI_STATUS status = bench->services->AllocatePages(AllocateAnyPages, (EFI_MEMORY_TYPE)type, 1, &phys);

	if (!EFI_ERROR(status))
		bench->services->FreePages(phys, 1);
	result = result_refused(status, EFI_INVALID_PARAMETER);
	status = bench->services->AllocatePool((EFI_MEMORY_TYPE)type, 64, &buffer);
	if (!EFI_ERROR(status) && buffer != NULL)
		bench->services->FreePool(buffer);
	result_note(&result, result_refused(status, EFI_INVALID_PARAMETER));
	return result;
}

struct result services_refuse_reserved_types(struct bench *bench)
{
	struct result result = refuse_type(bench, 0x1000);

	result_note(&result, refuse_type(bench, 0x6fffffff));
	return result;
}

struct result services_refuse_persistent(struct bench *bench)
{
	return refuse_type(bench, UEFI_PERSISTENT);
}

/* EDK2 of 2022 knew this type already and gave it out like any other.  Nobody asks for it who is not trying. */
struct result services_refuse_unaccepted(struct bench *bench)
{
	struct result result = refuse_type(bench, UEFI_UNACCEPTED);

	if (result.verdict == VERDICT_FAIL)
		result.verdict = VERDICT_QUIRK;
	return result;
}

struct result services_refuse_free_unaligned(struct bench *bench)
{
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, FEW, &phys);
	struct result result;

	if (EFI_ERROR(status))
		return result_of(VERDICT_SKIP, "no pages to try it with: %s", log_status_name(status));
	result = result_refused(bench->services->FreePages(phys + EFI_PAGE_SIZE + 8, 1), EFI_INVALID_PARAMETER);
	if (bench_type(bench, phys, FEW * EFI_PAGE_SIZE) != EfiLoaderData)
		result = result_of(VERDICT_FAIL, "the map has changed");
	bench->services->FreePages(phys, FEW);
	return result;
}

struct result services_refuse_free_twice(struct bench *bench)
{
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, FEW, &phys);

	if (EFI_ERROR(status))
		return result_of(VERDICT_SKIP, "no pages to try it with: %s", log_status_name(status));
	status = bench->services->FreePages(phys, FEW);
	if (EFI_ERROR(status))
		return result_of(VERDICT_FAIL, "FreePages: %s", log_status_name(status));
	/* Nobody has allocated them meanwhile: at this TPL nobody can. */
	return result_refused(bench->services->FreePages(phys, FEW), EFI_NOT_FOUND);
}

struct result services_refuse_free_null(struct bench *bench)
{
	return result_refused(bench->services->FreePool(NULL), EFI_INVALID_PARAMETER);
}

/* --- NULL for an output ------------------------------------------------------------------------------------------------- */

static struct result not_borrowed(void)
{
	return result_of(VERDICT_SKIP, "address 0 is not memory to lend to a careless firmware");
}

/* *ret_first: what a careless firmware wrote, where it would be an address. */
static struct result null_result(struct bench *bench, EFI_STATUS status, uint64_t *ret_first)
{
	struct result result = result_refused(status, EFI_INVALID_PARAMETER);

	if (bench->zero.give_back(bench->zero.context, ret_first))
		result = result_of(VERDICT_FAIL, "wrote to address 0");
	return result;
}

struct result services_null_pages(struct bench *bench)
{
	struct result result;
	EFI_STATUS status;
	uint64_t phys = 0;

	if (!bench->zero.borrow(bench->zero.context, 8))
		return not_borrowed();
	status = bench->services->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, NULL);
	result = null_result(bench, status, &phys);
	if (!EFI_ERROR(status) && phys != 0)
		bench->services->FreePages(phys, 1);
	return result;
}

struct result services_null_pool(struct bench *bench)
{
	struct result result;
	EFI_STATUS status;
	uint64_t buffer = 0;

	if (!bench->zero.borrow(bench->zero.context, 8))
		return not_borrowed();
	status = bench->services->AllocatePool(EfiLoaderData, 64, NULL);
	result = null_result(bench, status, &buffer);
	if (!EFI_ERROR(status) && buffer != 0)
		bench->services->FreePool((void *)buffer);
	return result;
}

struct result services_null_map_size(struct bench *bench)
{
	UINTN key = 0, stride = 0;
	UINT32 version = 0;
	uint64_t first;
	EFI_STATUS status;

	/* A careless firmware finds a size of 0 there, and no reason to write a map. */
	if (!bench->zero.borrow(bench->zero.context, 8))
		return not_borrowed();
	status = bench->services->GetMemoryMap(NULL, (EFI_MEMORY_DESCRIPTOR *)bench->maps[0], &key, &stride, &version);
	return null_result(bench, status, &first);
}

struct result services_null_map(struct bench *bench)
{
	UINTN bytes = 0, key = 0, stride = 0;
	UINT32 version = 0;
	uint64_t first;
	EFI_STATUS status;

	bench->services->GetMemoryMap(&bytes, (EFI_MEMORY_DESCRIPTOR *)bench->maps[0], &key, &stride, &version);
	if (bytes == 0 || bytes > bench->map_capacity || !bench->zero.borrow(bench->zero.context, bytes))
		return not_borrowed();
	status = bench->services->GetMemoryMap(&bytes, NULL, &key, &stride, &version);
	return null_result(bench, status, &first);
}
