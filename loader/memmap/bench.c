/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the memory services share; the rules are in the header. */
#include <stdarg.h>
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "loader/log.h"
#include "loader/memmap/bench.h"

struct bench_map bench_map(struct bench *bench, uint32_t which)
{
	UINTN bytes = bench->map_capacity, key = 0, stride = 0;
	struct bench_map map = { 0 };
	UINT32 version = 0;

	map.status = bench->services->GetMemoryMap(&bytes, (EFI_MEMORY_DESCRIPTOR *)bench->maps[which], &key, &stride, &version);
	if (!EFI_ERROR(map.status) && bytes > bench->map_capacity)
		map.status = EFI_DEVICE_ERROR;
	if (EFI_ERROR(map.status))
		return map;
	map.key = key;
	map.view = (struct memory_view){
		.raw = bench->maps[which], .raw_bytes = bytes, .descriptor_bytes = stride, .descriptor_version = version };
	return map;
}

uint32_t bench_type(struct bench *bench, uint64_t phys, uint64_t bytes)
{
	struct bench_map map = bench_map(bench, 0);
	uint64_t covered[MEMORY_VIEW_TYPES];

	memory_view_overlap(&map.view, phys, phys + bytes, covered);
	for (uint32_t type = 0; type < MEMORY_VIEW_TYPES; type++)
		if (covered[type] == bytes)
			return type;
	return BENCH_MIXED;
}

uint64_t bench_type_pages(struct bench *bench, uint32_t type)
{
	struct bench_map map = bench_map(bench, 0);
	struct memory_view_totals totals;

	memory_view_sum(&map.view, &totals);
	return totals.pages[type];
}

EFI_STATUS bench_take(struct bench *bench, uint64_t pages, uint64_t *ret_phys)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	EFI_STATUS status = bench->services->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &phys);

	if (EFI_ERROR(status))
		return status;
	if (phys % EFI_PAGE_SIZE != 0 || bench_type(bench, phys, pages * EFI_PAGE_SIZE) != EfiLoaderData) {
		bench->services->FreePages(phys, pages);
		return EFI_DEVICE_ERROR;
	}
	*ret_phys = phys;
	return EFI_SUCCESS;
}

void bench_fill(void *to, uint64_t bytes, uint8_t seed)
{
	for (uint64_t i = 0; i < bytes; i++)
		((uint8_t *)to)[i] = (uint8_t)(seed + i % 251);
}

int bench_intact(const void *at, uint64_t bytes, uint8_t seed)
{
	for (uint64_t i = 0; i < bytes; i++)
		if (((const uint8_t *)at)[i] != (uint8_t)(seed + i % 251))
			return 0;
	return 1;
}

struct result result_pass(void)
{
	return (struct result){ .verdict = VERDICT_PASS };
}

struct result result_of(enum verdict verdict, const char *detail, ...)
{
	struct result result = { .verdict = verdict };
	va_list arguments;

	va_start(arguments, detail);
	format_va(result.detail, sizeof(result.detail), detail, arguments);
	va_end(arguments);
	return result;
}

void result_note(struct result *result, struct result more)
{
	if (more.verdict > result->verdict)
		*result = more;
}

struct result result_refused(EFI_STATUS status, EFI_STATUS expected)
{
	if (status == expected)
		return result_pass();
	if (EFI_ERROR(status))
		return result_of(VERDICT_QUIRK, "refused with %s, not %s", log_status_name(status), log_status_name(expected));
	return result_of(VERDICT_FAIL, "accepted, not refused with %s", log_status_name(expected));
}
