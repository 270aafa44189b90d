/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of AllocatePool and FreePool (UEFI 2.10 §7.2.4, §7.2.5). */
#include "loader/log.h"
#include "loader/memmap/bench.h"

enum { SIZES = 10, MIB = 1 << 20, TYPE_BYTES = 64 << 10 };
static const UINTN sizes[SIZES] = { 1, 7, 8, 40, 100, 4095, 4096, 4097, 65536, MIB };

static struct result refused(const char *what, UINTN bytes, EFI_STATUS status)
{
	return result_of(VERDICT_FAIL, "%s of %lu bytes: %s", what, (unsigned long)bytes, log_status_name(status));
}

/* Allocates every size; what could not be had stays NULL. */
static struct result take_all(struct bench *bench, void *buffers[SIZES])
{
	struct result result = result_pass();

	for (uint32_t i = 0; i < SIZES; i++) {
		EFI_STATUS status = bench->services->AllocatePool(EfiLoaderData, sizes[i], &buffers[i]);

		if (EFI_ERROR(status))
			buffers[i] = NULL;
		if (buffers[i] == NULL)
			result_note(&result, refused("AllocatePool", sizes[i], EFI_ERROR(status) ? status : EFI_DEVICE_ERROR));
	}
	return result;
}

static struct result free_all(struct bench *bench, void *buffers[SIZES])
{
	struct result result = result_pass();

	for (uint32_t i = 0; i < SIZES; i++) {
		EFI_STATUS status = buffers[i] == NULL ? EFI_SUCCESS : bench->services->FreePool(buffers[i]);

		if (EFI_ERROR(status))
			result_note(&result, refused("FreePool", sizes[i], status));
	}
	return result;
}

struct result services_pool_sizes(struct bench *bench)
{
	void *buffers[SIZES] = { NULL };
	struct result result = take_all(bench, buffers);

	for (uint32_t i = 0; i < SIZES; i++)
		if ((uint64_t)buffers[i] % 8 != 0)
			result_note(&result, result_of(VERDICT_FAIL, "%lu bytes at 0x%lx: not 8-byte aligned",
						       (unsigned long)sizes[i], (unsigned long)buffers[i]));
	result_note(&result, free_all(bench, buffers));
	return result;
}

/* The types that an application may use for memory that does not outlive it. */
struct result services_pool_types(struct bench *bench)
{
	struct result result = result_pass();

	for (EFI_MEMORY_TYPE type = EfiLoaderCode; type <= EfiBootServicesData; type++) {
		void *buffer = NULL;
		char name[24], shown[24];
		EFI_STATUS status = bench->services->AllocatePool(type, TYPE_BYTES, &buffer);
		uint32_t found;

		if (EFI_ERROR(status)) {
			result_note(&result, result_of(VERDICT_FAIL, "%s: %s", memory_view_type(name, type), log_status_name(status)));
			continue;
		}
		found = bench_type(bench, (uint64_t)buffer, TYPE_BYTES);
		if (found != (uint32_t)type)
			result_note(&result, result_of(VERDICT_FAIL, "pool of %s is in the map as %s", memory_view_type(name, type),
						       found == BENCH_MIXED ? "several" : memory_view_type(shown, found)));
		bench->services->FreePool(buffer);
	}
	return result;
}

struct result services_pool_apart(struct bench *bench)
{
	void *buffers[SIZES] = { NULL };
	struct result result = take_all(bench, buffers);
	uint32_t written = 0;

	/* Only memory that is ours by the map is written. */
	for (uint32_t i = 0; i < SIZES; i++) {
		if (buffers[i] == NULL || bench_type(bench, (uint64_t)buffers[i], sizes[i]) != EfiLoaderData)
			continue;
		bench_fill(buffers[i], sizes[i], (uint8_t)(i + 1));
		written |= 1u << i;
	}
	for (uint32_t i = 0; i < SIZES; i++)
		if ((written & 1u << i) && !bench_intact(buffers[i], sizes[i], (uint8_t)(i + 1)))
			result_note(&result, result_of(VERDICT_FAIL, "the buffer of %lu bytes shares memory with another",
						       (unsigned long)sizes[i]));
	if (written == 0)
		result_note(&result, result_of(VERDICT_SKIP, "no buffer that may be written"));
	free_all(bench, buffers);
	return result;
}

struct result services_pool_returns(struct bench *bench)
{
	uint64_t before = bench_type_pages(bench, EfiLoaderData), held, after;
	void *buffer = NULL;
	EFI_STATUS status = bench->services->AllocatePool(EfiLoaderData, MIB, &buffer);

	if (EFI_ERROR(status))
		return refused("AllocatePool", MIB, status);
	held = bench_type_pages(bench, EfiLoaderData);
	status = bench->services->FreePool(buffer);
	after = bench_type_pages(bench, EfiLoaderData);
	if (EFI_ERROR(status))
		return refused("FreePool", MIB, status);
	if (after >= held)
		return result_of(VERDICT_FAIL, "%lu pages of LoaderData before, %lu after", (unsigned long)before, (unsigned long)after);
	if (after != before)
		return result_of(VERDICT_QUIRK, "%lu pages of LoaderData before, %lu after", (unsigned long)before, (unsigned long)after);
	return result_pass();
}

struct result services_pool_too_large(struct bench *bench)
{
	void *buffer = NULL;
	/* More than any machine has, but no sum overflows on the way. */
	EFI_STATUS status = bench->services->AllocatePool(EfiLoaderData, (UINTN)1 << 60, &buffer);

	if (!EFI_ERROR(status) && buffer != NULL)
		bench->services->FreePool(buffer);
	return result_refused(status, EFI_OUT_OF_RESOURCES);
}
