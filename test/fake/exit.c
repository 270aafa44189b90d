/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GetMemoryMap and ExitBootServices of the fake firmware, and what they watch: L29 (size and outputs set anew before each
 * call), L31 (only the key of the last successful call), L33 (nothing between the two), L35 (nothing but the two after the
 * first exit call).
 */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include "lib/crc32.h"
#include "lib/uefi_memory.h"
#include "test/fake/fake.h"

enum { REST = 0x5a, OVERRUN = 0x66 };

static EFI_BOOT_SERVICES *table;

/* L31: a key says nothing but equal or not. */
static UINTN key_of(uint64_t generation)
{
	switch (fake.options.key) {
	case FAKE_KEY_ZERO:
		return 0;
	case FAKE_KEY_MAX:
		return UINT64_MAX;
	case FAKE_KEY_DECREASING:
		return UINT64_MAX / 2 - generation;
	case FAKE_KEY_GENERATION:
		break;
	}
	return generation;
}

static void check_arguments(const UINTN *bytes, const void *map, const UINTN *key, const UINTN *stride, const UINT32 *version)
{
	if (*key != 0 || *stride != 0 || *version != 0)
		fake_violate("L29: GetMemoryMap called with its outputs not zeroed");
	/* A query of the size, with or without a small buffer, or a look at the map before the exit. */
	if (map == NULL || (map != fake.map_buffer && *bytes < 4096) || fake_is_pool(map))
		return;
	if (!fake_memory_owned((uint64_t)map, *bytes))
		fake_violate("L27: the map buffer is not all the loader's own");
	if (fake.map_buffer != NULL && (fake.map_buffer != map || fake.map_capacity != *bytes))
		fake_violate("L29: GetMemoryMap called with %lu bytes, not with the buffer's %lu", (unsigned long)*bytes,
			     (unsigned long)fake.map_capacity);
	fake.map_buffer = (uint8_t *)map;
	fake.map_capacity = *bytes;
}

static uint64_t changed(enum fake_effect effect, uint64_t value)
{
	const struct fake_fault *fault = fake_fault(FAKE_GET_MEMORY_MAP, effect);

	return fault != NULL ? fault->value : value;
}

/* What EDK2 does as well: the key comes with a failure, too (H17). */
static EFI_STATUS refuse(uint64_t needed, EFI_STATUS status, UINTN *bytes, UINTN *key, UINTN *stride, UINT32 *version)
{
	*bytes = changed(FAKE_MAP_BYTES, status == EFI_BUFFER_TOO_SMALL ? needed : UINT64_C(0x5a5a5a5a5a));
	*key = key_of(fake_memory_generation());
	*stride = changed(FAKE_DESCRIPTOR_BYTES, fake.options.descriptor_bytes);
	*version = fake.options.descriptor_version;
	if (fake.options.probe_garbage) {
		*stride = UINT64_C(0xcccccccccccccccc);
		*version = 0xcccccccc;
	}
	return status;
}

static void keep_copy(uint64_t bytes)
{
	uint64_t kept = bytes < fake.map_capacity ? bytes : fake.map_capacity;

	if (fake.map_buffer == NULL)
		return;
	free(fake.map_copy);
	fake.map_copy = malloc(kept ? kept : 1);
	memcpy(fake.map_copy, fake.map_buffer, kept);
}

static EFI_STATUS serve(uint64_t needed, uint64_t capacity, void *map, UINTN *bytes, UINTN *key, UINTN *stride, UINT32 *version)
{
	const struct fake_fault *overrun = fake_fault(FAKE_GET_MEMORY_MAP, FAKE_OVERRUN);

	fake_memory_write(map);
	/* H7: up to the size it was given, the buffer is the firmware's. */
	memset((uint8_t *)map + needed, REST, capacity - needed);
	if (overrun != NULL)
		memset((uint8_t *)map + capacity, OVERRUN, overrun->value);
	*bytes = changed(FAKE_MAP_BYTES, needed);
	*key = key_of(fake_memory_generation());
	*stride = changed(FAKE_DESCRIPTOR_BYTES, fake.options.descriptor_bytes);
	*version = (UINT32)changed(FAKE_VERSION, fake.options.descriptor_version);
	fake.map_bytes = *bytes;
	fake.map_key = *key;
	fake.map_stride = *stride;
	fake.map_version = *version;
	fake.map_generation = fake_memory_generation();
	keep_copy(*bytes);
	fake.map_good = 1;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *stride, UINT32 *version)
{
	uint64_t capacity = *bytes, needed;
	EFI_STATUS status;

	fake_called(FAKE_GET_MEMORY_MAP);
	fake.map_good = 0;
	check_arguments(bytes, map, key, stride, version);
	fake_memory_change(FAKE_GET_MEMORY_MAP);
	fake.options.descriptor_bytes = changed(FAKE_STRIDE, fake.options.descriptor_bytes);
	needed = fake_memory_write(NULL);
	/* H14b: with a size the buffer must exist; H2: some want one always. */
	if (map == NULL && (capacity != 0 || fake.options.probe_null_invalid))
		return EFI_INVALID_PARAMETER;
	if (capacity < 4096 && fake_fault(FAKE_GET_MEMORY_MAP, FAKE_SUCCEED) != NULL) {
		*bytes = changed(FAKE_SUCCEED, 0);
		return EFI_SUCCESS;
	}
	status = fake_failure(FAKE_GET_MEMORY_MAP);
	if (!EFI_ERROR(status) && capacity < needed + fake.options.extra_bytes) {
		status = EFI_BUFFER_TOO_SMALL;
		needed += fake.options.extra_bytes;
		if (fake.probe_bytes == 0)
			fake.probe_bytes = needed;
	}
	if (EFI_ERROR(status))
		return refuse(needed, status, bytes, key, stride, version);
	if (map == NULL)
		fake_violate("the fake's map is empty");
	return serve(needed, capacity, map, bytes, key, stride, version);
}

static EFI_STATUS EFIAPI trap(void)
{
	fake_violate("L35: a boot service other than GetMemoryMap and ExitBootServices was called after the first exit call");
}

/* H57: whoever kept a copy of another pointer finds out. */
static void poison_services(EFI_EXIT_BOOT_SERVICES exit_services)
{
	void **slot = (void **)((uint8_t *)table + sizeof(table->Hdr)), **end = (void **)(table + 1);

	while (slot < end)
		*slot++ = (void *)trap;
	table->GetMemoryMap = get_memory_map;
	table->ExitBootServices = exit_services;
}

static void clear_system_table(void)
{
	EFI_SYSTEM_TABLE *system = (EFI_SYSTEM_TABLE *)fake_firmware_memory().runtime;

	system->ConsoleInHandle = system->ConsoleOutHandle = system->StandardErrorHandle = NULL;
	system->ConIn = NULL;
	system->ConOut = system->StdErr = NULL;
	system->BootServices = NULL;
	system->Hdr.CRC32 = 0;
	system->Hdr.CRC32 = crc32(0, system, system->Hdr.HeaderSize);
}

/* L27, H7: the page behind the buffer shows whoever writes too much. */
static int guard_is_filled(void)
{
	const uint8_t *guard = fake.map_buffer + fake.map_capacity;
	uint32_t at = 1;

	while (at < 4096 && guard[at] == guard[0])
		at++;
	return at == 4096 && guard[0] != 0 && guard[0] != 0xff;
}

/* The state in which firmware is entitled to be called. */
static void check_quiet(enum fake_call before, EFI_HANDLE image)
{
	if (fake.watchdog_seconds != 0)
		fake_violate("L2: the watchdog runs at ExitBootServices");
	if (before != FAKE_GET_MEMORY_MAP)
		fake_violate("L33: call %d between GetMemoryMap and ExitBootServices", (int)before);
	if (!fake.map_good)
		fake_violate("L31: ExitBootServices after a GetMemoryMap that failed");
	if (!guard_is_filled())
		fake_violate("L27: the guard page behind the map buffer is not filled with a pattern");
	if (image != (EFI_HANDLE)FAKE_IMAGE)
		fake_violate("L33: ExitBootServices with a foreign image handle");
	if (fake.open_files != 0)
		fake_violate("L21: %u files are open at ExitBootServices", fake.open_files);
	if (fake.pool_count != 0)
		fake_violate("%u pool allocations outlive ExitBootServices without an owner", fake.pool_count);
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
	enum fake_call before = fake.last_call;
	EFI_STATUS status;

	fake_called(FAKE_EXIT_BOOT_SERVICES);
	check_quiet(before, image);
	if (fake.exit_tried++ == 0)
		poison_services(exit_boot_services);
	fake_memory_change(FAKE_EXIT_BOOT_SERVICES);
	status = fake_failure(FAKE_EXIT_BOOT_SERVICES);
	if (status != EFI_SUCCESS)
		return status;
	if (fake.options.tpl != TPL_APPLICATION || fake.map_generation != fake_memory_generation() || key != fake.map_key)
		return EFI_INVALID_PARAMETER;
	fake.exited = 1;
	if (!fake.options.leave_table)
		clear_system_table();
	fake_memory_exited();
	return EFI_SUCCESS;
}

void fake_exit_services(EFI_BOOT_SERVICES *services)
{
	table = services;
	services->GetMemoryMap = get_memory_map;
	services->ExitBootServices = exit_boot_services;
}
