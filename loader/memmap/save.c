/* SPDX-License-Identifier: BSD-2-Clause */
/* Saving the map: finds the volume, makes the text, leaves the rest to loader/save.c. */
#include "lib/format.h"
#include "loader/boot.h"
#include "loader/memmap/save.h"

enum { HEAD_BYTES = 1024, STEM_MAX = 32 };

static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

static EFI_STATUS open_root(struct boot *boot, EFI_FILE_HANDLE *ret_root)
{
	EFI_GUID guid = file_system_guid;
	EFI_FILE_IO_INTERFACE *file_system = NULL;
	EFI_HANDLE device = boot->loaded_image->DeviceHandle;
	EFI_STATUS status;

	if (device == NULL || EFI_ERROR(boot->services->HandleProtocol(device, &guid, (void **)&file_system)) || file_system == NULL)
		return EFI_UNSUPPORTED;
	status = file_system->OpenVolume(file_system, ret_root);
	if (EFI_ERROR(status))
		*ret_root = NULL;
	return status;
}

EFI_STATUS save_map(struct boot *boot, const struct machine *machine, const struct memory_view *map, char path[SAVE_PATH_MAX])
{
	SAVE_FILE root = NULL;
	SAVE_TEXT text = { 0 };
	char stem[STEM_MAX];
	EFI_STATUS status = open_root(boot, &root);

	if (!EFI_ERROR(status))
		status = save_text_begin(&text, boot->services, HEAD_BYTES + memory_view_count(map) * MEMORY_VIEW_FILE_LINE_MAX);
	if (EFI_ERROR(status))
		return status;
	save_text_head(&text, machine, map, "memmap.efi");
	save_text_map(&text, map);
	format(stem, sizeof(stem), "memmap-%s", machine->stamp);
	return save_new(root, stem, "map", &text, path);
}
