/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LoadImage, StartImage and UnloadImage of the fake firmware, for the one application that the loader starts: whatever the file
 * holds, memmap.efi's own sources run, on the same firmware and under the same faults.
 */
#define efi_main memmap_main
#include "loader/memmap/main.c"
#undef efi_main
#include "test/fake/fake.h"
#include "test/fake/firmware.h"

/* Loaded: its handle, memory of the firmware. */
static struct {
	EFI_HANDLE handle;
	EFI_LOADED_IMAGE image;
} loaded;

EFI_LOADED_IMAGE *fake_application_image(EFI_HANDLE handle)
{
	return handle != NULL && handle == loaded.handle ? &loaded.image : NULL;
}

static void unload(EFI_SYSTEM_TABLE *system)
{
	system->BootServices->FreePool(loaded.handle);
	fake.calls[FAKE_FREE_POOL]--; /* its own */
	loaded.handle = NULL;
}

/* The path of the file: of the volume, then its name. */
static int names_the_file(const EFI_DEVICE_PATH *path)
{
	const char *name = FAKE_APPLICATION;

	while (path->Type != END_DEVICE_PATH_TYPE && path->SubType != MEDIA_FILEPATH_DP)
		path = (const EFI_DEVICE_PATH *)((const uint8_t *)path + path->Length[0]);
	for (const uint8_t *at = (const uint8_t *)(path + 1); path->Type == MEDIA_DEVICE_PATH; at += 2, name++) {
		if (at[0] != (uint8_t)*name || at[1] != 0)
			return 0;
		if (*name == '\0')
			return at + 2 == (const uint8_t *)path + path->Length[0] && at[2] == END_DEVICE_PATH_TYPE;
	}
	return 0;
}

static EFI_STATUS EFIAPI load_image(BOOLEAN policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path, VOID *source, UINTN bytes,
				    EFI_HANDLE *ret_image)
{
	EFI_STATUS status;

	fake_called(FAKE_LOAD_IMAGE);
	status = fake_failure(FAKE_LOAD_IMAGE);
	if (policy || parent != (EFI_HANDLE)FAKE_IMAGE || source != NULL || bytes != 0 || !names_the_file(path))
		fake_violate("LoadImage: parent %p, source %p", parent, source);
	if (fake.watchdog_seconds == 0)
		fake.unwatched_accesses++;
	if (fake_find_file(FAKE_APPLICATION) == NULL)
		return EFI_NOT_FOUND;
	if (fake_fault(FAKE_LOAD_IMAGE, FAKE_NULL)) {
		*ret_image = NULL;
		return EFI_SUCCESS;
	}
	/* UEFI 2.10 §7.4.1: what may not be started is loaded all the same. */
	if (EFI_ERROR(status) && status != EFI_SECURITY_VIOLATION)
		return status;
	loaded.handle = fake_pool(1);
	if (loaded.handle == NULL)
		return EFI_OUT_OF_RESOURCES;
	loaded.image = (EFI_LOADED_IMAGE){ .ParentHandle = parent, .DeviceHandle = fake_loaded_image()->DeviceHandle };
	*ret_image = loaded.handle;
	return status;
}

static EFI_STATUS EFIAPI start_image(EFI_HANDLE image, UINTN *exit_bytes, CHAR16 **exit_data)
{
	EFI_SYSTEM_TABLE *system = (EFI_SYSTEM_TABLE *)fake_firmware_memory().runtime;
	EFI_STATUS status;

	fake_called(FAKE_START_IMAGE);
	status = fake_failure(FAKE_START_IMAGE);
	if (image != loaded.handle || exit_bytes != NULL || exit_data != NULL)
		fake_violate("StartImage of %p", image);
	if (!EFI_ERROR(status))
		status = memmap_main(image, system);
	unload(system);
	return status;
}

static EFI_STATUS EFIAPI unload_image(EFI_HANDLE image)
{
	fake_called(FAKE_UNLOAD_IMAGE);
	if (image == NULL || image != loaded.handle)
		fake_violate("UnloadImage of %p", image);
	unload((EFI_SYSTEM_TABLE *)fake_firmware_memory().runtime);
	return EFI_SUCCESS;
}

EFI_STATUS fake_application_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	return memmap_main(image, system);
}

void fake_application_services(EFI_BOOT_SERVICES *services)
{
	loaded.handle = NULL;
	services->LoadImage = load_image;
	services->StartImage = start_image;
	services->UnloadImage = unload_image;
}
