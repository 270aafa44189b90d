/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of AllocatePages and FreePages (UEFI 2.10 §7.2.1, §7.2.2).  Runtime and ACPI types are left alone: they outlive the
 * boot phase, and on EDK2 each such allocation rebuilds the memory attributes table (L8).
 */
#include "loader/log.h"
#include "loader/memmap/bench.h"

enum { SOME = 16, FEW = 4 };
#define ALIGNMENT UINT64_C(0x10000)
/* 4 PiB: more than any machine has, but no sum overflows on the way. */
#define TOO_MANY ((UINTN)1 << 40)

static uint64_t bytes_of(uint64_t pages)
{
	return pages * EFI_PAGE_SIZE;
}

static struct result skipped(EFI_STATUS status)
{
	return result_of(VERDICT_SKIP, "no pages to try it with: %s", log_status_name(status));
}

static struct result give(struct bench *bench, uint64_t phys, uint64_t pages)
{
	EFI_STATUS status = bench->services->FreePages(phys, pages);

	if (EFI_ERROR(status))
		return result_of(VERDICT_FAIL, "FreePages of %lu at 0x%lx: %s", (unsigned long)pages, (unsigned long)phys,
				 log_status_name(status));
	return result_pass();
}

static struct result shown_as(struct bench *bench, uint64_t phys, uint64_t pages, uint32_t expected)
{
	uint32_t found = bench_type(bench, phys, bytes_of(pages));
	char name[24], shown[24];

	if (found == expected)
		return result_pass();
	return result_of(VERDICT_FAIL, "0x%lx is in the map as %s, not %s", (unsigned long)phys,
			 found == BENCH_MIXED ? "several" : memory_view_type(shown, found), memory_view_type(name, expected));
}

/* Allocated pages of one type: aligned, in the map as what they are, and memory. */
static struct result one_type(struct bench *bench, EFI_MEMORY_TYPE type)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	EFI_STATUS status = bench->services->AllocatePages(AllocateAnyPages, type, SOME, &phys);
	struct result result;
	char name[24];

	if (EFI_ERROR(status))
		return result_of(VERDICT_FAIL, "%s: %s", memory_view_type(name, type), log_status_name(status));
	if (phys % EFI_PAGE_SIZE != 0)
		return result_of(VERDICT_FAIL, "0x%lx is no address of a page", (unsigned long)phys);
	result = shown_as(bench, phys, SOME, type);
	if (result.verdict == VERDICT_PASS) {
		bench_fill((void *)phys, bytes_of(SOME), (uint8_t)type);
		if (!bench_intact((void *)phys, bytes_of(SOME), (uint8_t)type))
			result = result_of(VERDICT_FAIL, "0x%lx does not keep what is written", (unsigned long)phys);
	}
	result_note(&result, give(bench, phys, SOME));
	return result;
}

struct result services_pages_types(struct bench *bench)
{
	struct result result = result_pass();

	for (EFI_MEMORY_TYPE type = EfiLoaderCode; type <= EfiBootServicesData; type++)
		result_note(&result, one_type(bench, type));
	return result;
}

struct result services_pages_free(struct bench *bench)
{
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, SOME, &phys);
	struct result result;
	uint32_t type;
	char shown[24];

	if (EFI_ERROR(status))
		return skipped(status);
	result = give(bench, phys, SOME);
	type = bench_type(bench, phys, bytes_of(SOME));
	if (type == EfiLoaderData || type == BENCH_MIXED)
		result_note(&result, result_of(VERDICT_FAIL, "freed pages are still in the map as LoaderData"));
	else if (type != EfiConventionalMemory)
		result_note(&result, result_of(VERDICT_QUIRK, "freed pages are in the map as %s", memory_view_type(shown, type)));
	return result;
}

/* Four pages whose last byte is at most `limit`, where there is room for them. */
static struct result below(struct bench *bench, uint64_t limit)
{
	EFI_PHYSICAL_ADDRESS phys = limit;
	EFI_STATUS status = bench->services->AllocatePages(AllocateMaxAddress, EfiLoaderData, FEW, &phys);
	struct result result;

	if (EFI_ERROR(status))
		return result_of(VERDICT_FAIL, "at most 0x%lx: %s, though there is room", (unsigned long)limit, log_status_name(status));
	result = shown_as(bench, phys, FEW, EfiLoaderData);
	if (phys + bytes_of(FEW) - 1 > limit)
		result = result_of(VERDICT_FAIL, "0x%lx and up for at most 0x%lx", (unsigned long)phys, (unsigned long)limit);
	result_note(&result, give(bench, phys, FEW));
	return result;
}

struct result services_pages_below(struct bench *bench)
{
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, FEW, &phys);
	struct result result;

	if (EFI_ERROR(status))
		return skipped(status);
	/* What has just been given back is the room. */
	result = give(bench, phys, FEW);
	result_note(&result, below(bench, phys + bytes_of(FEW) - 1));
	result_note(&result, below(bench, phys + bytes_of(FEW) + 99)); /* a limit need not be the end of a page */
	return result;
}

/* Either of the two ways to say that there is none. */
static struct result none(struct bench *bench, EFI_STATUS status, uint64_t phys, uint64_t pages)
{
	if (!EFI_ERROR(status))
		bench->services->FreePages(phys, pages);
	return status == EFI_OUT_OF_RESOURCES ? result_pass() : result_refused(status, EFI_NOT_FOUND);
}

struct result services_pages_below_zero(struct bench *bench)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	EFI_STATUS status = bench->services->AllocatePages(AllocateMaxAddress, EfiLoaderData, 1, &phys);

	return none(bench, status, phys, 1);
}

struct result services_pages_exact(struct bench *bench)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	uint64_t wanted = 0;
	EFI_STATUS status = bench_take(bench, FEW, &wanted);
	struct result result;

	if (EFI_ERROR(status))
		return skipped(status);
	result = give(bench, wanted, FEW);
	phys = wanted;
	status = bench->services->AllocatePages(AllocateAddress, EfiLoaderData, FEW, &phys);
	if (EFI_ERROR(status))
		return result_of(VERDICT_FAIL, "0x%lx, which was just freed: %s", (unsigned long)wanted, log_status_name(status));
	if (phys != wanted)
		result = result_of(VERDICT_FAIL, "0x%lx instead of 0x%lx", (unsigned long)phys, (unsigned long)wanted);
	else
		result_note(&result, shown_as(bench, phys, FEW, EfiLoaderData));
	result_note(&result, give(bench, phys, FEW));
	return result;
}

struct result services_pages_exact_taken(struct bench *bench)
{
	EFI_PHYSICAL_ADDRESS again;
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, FEW, &phys);
	struct result result;

	if (EFI_ERROR(status))
		return skipped(status);
	again = phys + EFI_PAGE_SIZE;
	status = bench->services->AllocatePages(AllocateAddress, EfiLoaderData, 1, &again);
	/* Accepted: these pages are given back once, with the others. */
	result = status == EFI_OUT_OF_RESOURCES ? result_pass() : result_refused(status, EFI_NOT_FOUND);
	result_note(&result, give(bench, phys, FEW));
	return result;
}

/* As loaders do it: more than is needed, then the slack at both ends goes back. */
struct result services_pages_aligned(struct bench *bench)
{
	uint64_t slack = ALIGNMENT / EFI_PAGE_SIZE - 1, phys = 0, start, head, tail;
	EFI_STATUS status = bench_take(bench, SOME + slack, &phys);
	struct result result = result_pass();

	if (EFI_ERROR(status))
		return skipped(status);
	start = (phys + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	head = (start - phys) / EFI_PAGE_SIZE;
	tail = slack - head;
	if (head > 0)
		result_note(&result, give(bench, phys, head));
	if (tail > 0)
		result_note(&result, give(bench, start + bytes_of(SOME), tail));
	result_note(&result, shown_as(bench, start, SOME, EfiLoaderData));
	if (head > 0 && bench_type(bench, phys, bytes_of(head)) == EfiLoaderData)
		result_note(&result, result_of(VERDICT_FAIL, "the slack in front is still in the map as LoaderData"));
	if (tail > 0 && bench_type(bench, start + bytes_of(SOME), bytes_of(tail)) == EfiLoaderData)
		result_note(&result, result_of(VERDICT_FAIL, "the slack behind is still in the map as LoaderData"));
	result_note(&result, give(bench, start, SOME));
	return result;
}

struct result services_pages_too_many(struct bench *bench)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	EFI_STATUS status = bench->services->AllocatePages(AllocateAnyPages, EfiLoaderData, TOO_MANY, &phys);

	return none(bench, status, phys, TOO_MANY);
}
