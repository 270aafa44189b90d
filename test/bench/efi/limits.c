/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no loader can do for less: an application that loads the payload in one way and leaves boot services.  Its orders are the
 * starter's line:
 *   how=exit                        only the memory map and ExitBootServices
 *   how=read file=\... chunk=N      the firmware's FAT driver, N bytes a call (0: all in one)
 *   how=blocks lba=N bytes=N chunk=N   BlockIo.ReadBlocks of the partition, N bytes a call
 * Stamps: `read` and `done` around the reading, `kernel` at the end.
 */
#include <efi.h>
#include "lib/freestanding/memory.h"
#include "test/bench/efi/payload.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/words.h"

enum { ORDERS_BYTES = 1024, NAME_MAX = 128, MAP_BYTES = 64 << 10, INFO_BYTES = 512 };

static char orders[ORDERS_BYTES];
static UINT8 map[MAP_BYTES] __attribute__((aligned(8)));

static EFI_STATUS allocate(EFI_BOOT_SERVICES *services, uint64_t bytes, void **ret_memory)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	EFI_STATUS status = services->AllocatePages(AllocateAnyPages, EfiLoaderData, bytes / EFI_PAGE_SIZE + 1, &phys);

	*ret_memory = (void *)phys;
	return status;
}

static EFI_STATUS open_file(EFI_BOOT_SERVICES *services, EFI_HANDLE volume, EFI_FILE_HANDLE *ret_file, uint64_t *ret_bytes)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID, info_guid = EFI_FILE_INFO_ID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	UINT8 info[INFO_BYTES] __attribute__((aligned(8)));
	UINTN bytes = sizeof(info);
	CHAR16 wide[NAME_MAX];
	char name[NAME_MAX];
	EFI_FILE_HANDLE root;
	EFI_STATUS status;
	UINT32 i = 0;

	words_copy(orders, "file", name, sizeof(name));
	do
		wide[i] = (CHAR16)name[i];
	while (name[i++] != '\0');
	status = services->HandleProtocol(volume, &guid, (VOID **)&file_system);
	if (!EFI_ERROR(status))
		status = file_system->OpenVolume(file_system, &root);
	if (!EFI_ERROR(status))
		status = root->Open(root, ret_file, wide, EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(status))
		status = (*ret_file)->GetInfo(*ret_file, &info_guid, &bytes, info);
	*ret_bytes = EFI_ERROR(status) ? 0 : ((EFI_FILE_INFO *)info)->FileSize;
	return status;
}

static EFI_STATUS read_file(EFI_BOOT_SERVICES *services, EFI_HANDLE volume, void **ret_memory, uint64_t *ret_bytes)
{
	uint64_t chunk = words_number(orders, "chunk", 0), at = 0;
	EFI_FILE_HANDLE file = NULL;
	EFI_STATUS status = open_file(services, volume, &file, ret_bytes);

	if (!EFI_ERROR(status))
		status = allocate(services, *ret_bytes, ret_memory);
	while (!EFI_ERROR(status) && at < *ret_bytes) {
		UINTN bytes = chunk == 0 || *ret_bytes - at < chunk ? *ret_bytes - at : chunk;

		status = file->Read(file, &bytes, (UINT8 *)*ret_memory + at);
		at += bytes;
	}
	return status;
}

static EFI_STATUS read_blocks(EFI_BOOT_SERVICES *services, EFI_HANDLE volume, void **ret_memory, uint64_t *ret_bytes)
{
	EFI_GUID guid = EFI_BLOCK_IO_PROTOCOL_GUID;
	EFI_BLOCK_IO_PROTOCOL *block_io;
	EFI_STATUS status = services->HandleProtocol(volume, &guid, (VOID **)&block_io);
	uint64_t lba = words_number(orders, "lba", 0), chunk = words_number(orders, "chunk", 0);

	*ret_bytes = words_number(orders, "bytes", 0);
	chunk = chunk == 0 ? *ret_bytes : chunk;
	if (!EFI_ERROR(status))
		status = allocate(services, *ret_bytes, ret_memory);
	for (uint64_t at = 0; !EFI_ERROR(status) && at < *ret_bytes; at += chunk)
		status = block_io->ReadBlocks(block_io, block_io->Media->MediaId, lba + at / block_io->Media->BlockSize,
					      *ret_bytes - at < chunk ? *ret_bytes - at : chunk, (UINT8 *)*ret_memory + at);
	return status;
}

static EFI_STATUS exit_boot_services(EFI_BOOT_SERVICES *services, EFI_HANDLE self)
{
	UINTN bytes = sizeof(map), key, entry_bytes;
	UINT32 version;
	EFI_STATUS status = services->GetMemoryMap(&bytes, (EFI_MEMORY_DESCRIPTOR *)map, &key, &entry_bytes, &version);

	return EFI_ERROR(status) ? status : services->ExitBootServices(self, key);
}

EFI_STATUS EFIAPI limits_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI limits_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = system->BootServices;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	uint64_t asked = stamp_now(), read, done, bytes = 0;
	void *payload = NULL;
	EFI_STATUS status;

	channel_read_cases(orders, sizeof(orders));
	read = stamp_now();
	status = services->HandleProtocol(self, &guid, (VOID **)&image);
	if (!EFI_ERROR(status) && words_is(orders, "how", "read"))
		status = read_file(services, image->DeviceHandle, &payload, &bytes);
	if (!EFI_ERROR(status) && words_is(orders, "how", "blocks"))
		status = read_blocks(services, image->DeviceHandle, &payload, &bytes);
	done = stamp_now();
	if (!EFI_ERROR(status))
		status = exit_boot_services(services, self);
	stamp("kernel", stamp_now());
	/* Reading the orders is no loader's work. */
	stamp("orders", read - asked);
	stamp("read", read);
	stamp("done", done);
	stamp("limits", status);
	payload_check(payload, bytes);
	stamp_leave();
}
