/* SPDX-License-Identifier: BSD-2-Clause */
/* See volume.h.  RULE: every handle is closed on every path, or the tests would count leaks of their own. */
#include "test/boot/efi/volume.h"
#include "lib/freestanding/memory.h"

EFI_STATUS volume_read(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, const CHAR16 *path, VOID *buffer, UINTN *bytes)
{
	EFI_FILE_HANDLE root, file;
	EFI_STATUS status = volume->OpenVolume(volume, &root);

	if (EFI_ERROR(status))
		return status;
	status = root->Open(root, &file, (CHAR16 *)path, EFI_FILE_MODE_READ, 0);
	root->Close(root);
	if (EFI_ERROR(status))
		return status;
	status = file->Read(file, bytes, buffer);
	file->Close(file);
	return status;
}

EFI_STATUS volume_file_path(const EFI_DEVICE_PATH *volume, const CHAR16 *name, UINTN name_bytes, UINT8 ret_path[VOLUME_PATH_BYTES])
{
	const EFI_DEVICE_PATH *from = volume;
	EFI_DEVICE_PATH *node;
	UINTN used = 0;

	for (; !IsDevicePathEnd(from); from = NextDevicePathNode(from))
		used += DevicePathNodeLength(from);
	if (used + SIZE_OF_FILEPATH_DEVICE_PATH + name_bytes + sizeof(EFI_DEVICE_PATH) > VOLUME_PATH_BYTES)
		return EFI_BUFFER_TOO_SMALL;
	memcpy(ret_path, volume, used);
	node = (VOID *)(ret_path + used);
	node->Type = MEDIA_DEVICE_PATH;
	node->SubType = MEDIA_FILEPATH_DP;
	SetDevicePathNodeLength(node, SIZE_OF_FILEPATH_DEVICE_PATH + name_bytes);
	memcpy(ret_path + used + SIZE_OF_FILEPATH_DEVICE_PATH, name, name_bytes);
	node = NextDevicePathNode(node);
	SetDevicePathEndNode(node);
	return EFI_SUCCESS;
}
