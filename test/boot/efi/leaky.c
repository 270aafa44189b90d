/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands in for the loader where leakcheck itself is tested: takes what its load options name and does not give it back. */
#include <efi.h>

static int is(const CHAR16 *options, const char *word)
{
	while (*word != '\0' && *options == (CHAR16)*word) {
		options++;
		word++;
	}
	return *word == '\0' && *options == 0;
}

static EFI_STATUS leave_file_open(EFI_BOOT_SERVICES *services, EFI_HANDLE volume_handle)
{
	EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_FILE_HANDLE root, file;
	EFI_STATUS status = services->HandleProtocol(volume_handle, &file_system, (VOID **)&volume);

	if (!EFI_ERROR(status))
		status = volume->OpenVolume(volume, &root);
	if (EFI_ERROR(status))
		return status;
	status = root->Open(root, &file, (CHAR16 *)u"\\leakcheck.txt", EFI_FILE_MODE_READ, 0);
	root->Close(root);
	return status;
}

EFI_STATUS EFIAPI leaky_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS EFIAPI leaky_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = table->BootServices;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	EFI_PHYSICAL_ADDRESS pages = 0;
	EFI_EVENT event;
	VOID *pool;
	EFI_STATUS status = services->HandleProtocol(self, &loaded_image, (VOID **)&image);

	if (EFI_ERROR(status))
		return status;
	if (is(image->LoadOptions, "pages"))
		return services->AllocatePages(AllocateAnyPages, EfiLoaderData, 3, &pages);
	if (is(image->LoadOptions, "parts")) {
		/* The first and the last of five go back, the others not. */
		status = services->AllocatePages(AllocateAnyPages, EfiLoaderData, 5, &pages);
		if (!EFI_ERROR(status))
			status = services->FreePages(pages + 4 * EFI_PAGE_SIZE, 1);
		return EFI_ERROR(status) ? status : services->FreePages(pages, 1);
	}
	if (is(image->LoadOptions, "runtime"))
		return services->AllocatePages(AllocateAnyPages, EfiRuntimeServicesData, 2, &pages);
	if (is(image->LoadOptions, "pool"))
		return services->AllocatePool(EfiLoaderData, 40, &pool);
	if (is(image->LoadOptions, "event"))
		return services->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &event);
	if (is(image->LoadOptions, "file"))
		return leave_file_open(services, image->DeviceHandle);
	if (!is(image->LoadOptions, "nothing"))
		return EFI_INVALID_PARAMETER;
	/* Takes and gives back, in two parts. */
	status = services->AllocatePages(AllocateAnyPages, EfiLoaderData, 3, &pages);
	if (!EFI_ERROR(status))
		status = services->FreePages(pages, 1);
	return EFI_ERROR(status) ? status : services->FreePages(pages + EFI_PAGE_SIZE, 2);
}
