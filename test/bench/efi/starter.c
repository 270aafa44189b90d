/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands where the firmware looks for a loader, on a small disk of its own, and waits until QEMU's fw_cfg has its orders:
 * there the machine is saved, to be restored with other orders and with any content on the other disk.  Then it lets the
 * drivers of that disk begin anew, so that nothing is remembered of what was on it, looks once for the folder of loaders
 * as the firmware would have, loads the image that the orders name and starts it.  Orders are one line: a name, then
 * words (test/gremlin/efi/words.h):
 *   image=\EFI\...   what to load
 *   options=TEXT     its load options, `+` for a blank
 *   wait=N           microseconds to wait first, so that runs meet the firmware's timer at other places
 *   holes=N          first make N holes of a page in free memory, so that the map has 2N more descriptors
 *   count=1          say which boot services and file calls the image makes (calls.h)
 * Stamps: `begin` and `loaded` around LoadImage, `start` just before StartImage; `stamp` is what a stamp itself costs.
 */
#include <efi.h>
#include "test/bench/efi/calls.h"
#include "test/bench/efi/stamp.h"
#include "test/boot/efi/volume.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/words.h"

enum { ORDERS_BYTES = 1024, NAME_MAX = 128, POLL_MICROSECONDS = 10000, OWN_DISK_BLOCKS_MAX = 256 << 11 };

static char orders[ORDERS_BYTES];

static EFI_LOADED_IMAGE_PROTOCOL *loaded_image(EFI_BOOT_SERVICES *services, EFI_HANDLE image)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *interface = NULL;

	services->HandleProtocol(image, &guid, (VOID **)&interface);
	return interface;
}

/* A word of the orders as the firmware writes text; returns its bytes, NUL included. */
static UINT32 wide_word(const char *key, CHAR16 wide[NAME_MAX])
{
	char text[NAME_MAX];
	UINT32 count = 0;

	words_copy(orders, key, text, sizeof(text));
	for (; text[count] != '\0'; count++)
		wide[count] = text[count] == '+' ? L' ' : (CHAR16)text[count];
	wide[count++] = 0;
	return count * (UINT32)sizeof(CHAR16);
}

/* The pages between the holes are never given back. */
static void make_holes(EFI_BOOT_SERVICES *services, UINTN count)
{
	EFI_PHYSICAL_ADDRESS phys = 0;

	if (count == 0 || EFI_ERROR(services->AllocatePages(AllocateAnyPages, EfiLoaderData, 2 * count, &phys)))
		return;
	for (UINTN i = 0; i < count; i++)
		services->FreePages(phys + 2 * i * EFI_PAGE_SIZE, 1);
}

static void say_cost_of_stamp(void)
{
	uint64_t before = stamp_now();

	stamp("warm", before);
	stamp("stamp", stamp_now() - before);
}

/* The other disk: the starter's own is smaller. */
static EFI_HANDLE find_disk(EFI_BOOT_SERVICES *services)
{
	EFI_GUID guid = EFI_BLOCK_IO_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL, disk = NULL;
	EFI_BLOCK_IO_PROTOCOL *block_io;
	UINTN count = 0;

	services->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles);
	for (UINTN i = 0; i < count; i++)
		if (!EFI_ERROR(services->HandleProtocol(handles[i], &guid, (VOID **)&block_io)) && !block_io->Media->LogicalPartition &&
		    block_io->Media->MediaPresent && block_io->Media->LastBlock > OWN_DISK_BLOCKS_MAX)
			disk = handles[i];
	if (handles != NULL)
		services->FreePool(handles);
	return disk;
}

/* The volume of the other disk. */
static EFI_HANDLE find_volume(EFI_BOOT_SERVICES *services, EFI_HANDLE own)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL, volume = NULL;
	UINTN count = 0;

	services->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles);
	for (UINTN i = 0; i < count; i++)
		volume = handles[i] != own ? handles[i] : volume;
	if (handles != NULL)
		services->FreePool(handles);
	return volume;
}

/* What the firmware has done when it starts a loader: the drivers run, the loader's folder has been opened. */
static EFI_STATUS begin_anew(EFI_BOOT_SERVICES *services, EFI_HANDLE own, EFI_HANDLE *ret_volume)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_HANDLE disk = find_disk(services);
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	EFI_FILE_HANDLE root, folder;
	EFI_STATUS status;

	if (disk == NULL)
		return EFI_NOT_FOUND;
	services->DisconnectController(disk, NULL, NULL);
	services->ConnectController(disk, NULL, NULL, TRUE);
	*ret_volume = find_volume(services, own);
	status = *ret_volume == NULL ? EFI_NOT_FOUND : services->HandleProtocol(*ret_volume, &guid, (VOID **)&file_system);
	if (!EFI_ERROR(status))
		status = file_system->OpenVolume(file_system, &root);
	if (EFI_ERROR(status))
		return status;
	status = root->Open(root, &folder, u"\\EFI\\BOOT", EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(status))
		folder->Close(folder);
	root->Close(root);
	return status;
}

static EFI_STATUS start(EFI_BOOT_SERVICES *services, EFI_HANDLE self, EFI_HANDLE volume)
{
	EFI_GUID guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_DEVICE_PATH *volume_path = NULL;
	UINT8 path[VOLUME_PATH_BYTES] __attribute__((aligned(8)));
	CHAR16 name[NAME_MAX], options[NAME_MAX];
	EFI_HANDLE image = NULL;
	uint64_t begin, loaded;
	EFI_STATUS status;

	status = services->HandleProtocol(volume, &guid, (VOID **)&volume_path);
	if (!EFI_ERROR(status))
		status = volume_file_path(volume_path, name, wide_word("image", name), path);
	if (EFI_ERROR(status))
		return status;
	begin = stamp_now();
	status = services->LoadImage(FALSE, self, (EFI_DEVICE_PATH *)path, NULL, 0, &image);
	loaded = stamp_now();
	stamp("begin", begin);
	stamp("loaded", loaded);
	stamp("status", status);
	if (EFI_ERROR(status))
		return status;
	loaded_image(services, image)->LoadOptionsSize = wide_word("options", options);
	loaded_image(services, image)->LoadOptions = options;
	if (words_number(orders, "count", 0))
		calls_watch(services, loaded_image(services, image));
	say_cost_of_stamp();
	stamp("start", stamp_now());
	return services->StartImage(image, NULL, NULL);
}

EFI_STATUS EFIAPI starter_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI starter_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_BOOT_SERVICES *services = system->BootServices;
	EFI_HANDLE own = loaded_image(services, self)->DeviceHandle, volume = NULL;
	EFI_STATUS status;

	services->SetWatchdogTimer(0, 0x10000, 0, NULL);
	say("bench: waiting");
	while (channel_read_cases(orders, sizeof(orders)) == 0)
		services->Stall(POLL_MICROSECONDS);
	services->Stall(words_number(orders, "wait", 0));
	make_holes(services, words_number(orders, "holes", 0));
	status = begin_anew(services, own, &volume);
	if (!EFI_ERROR(status))
		status = start(services, self, volume);
	stamp("returned", status);
	stamp_leave();
}
