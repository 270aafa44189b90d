/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes the loader's place on the disk, waits, and then starts the real one from the same volume, \EFI\BATON\LOADER.EFI, with the
 * firmware untouched.  While it waits the machine is saved; in a restored one QEMU's fw_cfg says that the time has come.
 */
#include <efi.h>
#include "test/gremlin/efi/channel.h"

static const CHAR16 loader_path[] = L"\\EFI\\BATON\\LOADER.EFI";

/* The volume's device path, then the file (UEFI 2.10 §10.3.5.4).  Returns 0 when it does not fit. */
static UINTN make_path(const UINT8 *volume, UINT8 *path, UINTN capacity)
{
	const UINTN node = 4 + sizeof(loader_path);
	UINTN used = 0;

	while ((volume[used] & 0x7f) != END_DEVICE_PATH_TYPE) {
		UINTN length = volume[used + 2] | (UINTN)volume[used + 3] << 8;

		if (used + length + node + 4 > capacity)
			return 0;
		for (UINTN i = 0; i < length; i++)
			path[used + i] = volume[used + i];
		used += length;
	}
	path[used] = MEDIA_DEVICE_PATH;
	path[used + 1] = MEDIA_FILEPATH_DP;
	path[used + 2] = (UINT8)node;
	path[used + 3] = 0;
	for (UINTN i = 0; i < sizeof(loader_path); i++)
		path[used + 4 + i] = ((const UINT8 *)loader_path)[i];
	used += node;
	path[used] = END_DEVICE_PATH_TYPE;
	path[used + 1] = END_ENTIRE_DEVICE_PATH_SUBTYPE;
	path[used + 2] = 4;
	path[used + 3] = 0;
	return used + 4;
}

EFI_STATUS EFIAPI waiter_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI waiter_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = system->BootServices;
	UINT8 path[512] __attribute__((aligned(8)));
	EFI_LOADED_IMAGE *image;
	EFI_HANDLE loader = NULL;
	EFI_STATUS status;
	void *volume;
	char text[8];

	say("waiter: waiting");
	while (channel_read_cases(text, sizeof(text)) == 0)
		services->Stall(1000);
	status = services->HandleProtocol(self, &image_guid, (void **)&image);
	if (!EFI_ERROR(status))
		status = services->HandleProtocol(image->DeviceHandle, &path_guid, &volume);
	if (!EFI_ERROR(status) && make_path(volume, path, sizeof(path)) == 0)
		status = EFI_BUFFER_TOO_SMALL;
	if (!EFI_ERROR(status))
		status = services->LoadImage(FALSE, self, (EFI_DEVICE_PATH *)path, NULL, 0, &loader);
	if (!EFI_ERROR(status))
		status = services->StartImage(loader, NULL, NULL);
	say("waiter: back with status 0x%lx", (unsigned long)status);
	return status;
}
