/* SPDX-License-Identifier: BSD-2-Clause */
/* See ramdisk.h.  EFI_BLOCK_IO_PROTOCOL: UEFI 2.10 §13.9.  Each time it is attached the medium is a new one. */
#include "test/disks/efi/ramdisk.h"
#include "lib/freestanding/memory.h"

#define PAGE_BYTES UINT64_C(4096)

/* A vendor's node and the end: UEFI 2.10 §10.3.2.3. */
struct path {
	EFI_DEVICE_PATH vendor;
	UINT8 guid[16];
	EFI_DEVICE_PATH end;
} __attribute__((packed));

static const UINT8 disk_guid[16] = "Baton's disk 01";

static struct {
	EFI_BOOT_SERVICES *services;
	EFI_BLOCK_IO *source;
	EFI_BLOCK_IO protocol;
	EFI_BLOCK_IO_MEDIA media;
	struct path path;
	EFI_HANDLE handle;
	uint8_t *bytes;
	uint64_t sectors, writes;
} disk;

static EFI_STATUS EFIAPI reset(EFI_BLOCK_IO *self, BOOLEAN extended)
{
	(void)self, (void)extended;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *self, UINT32 media, EFI_LBA sector, UINTN bytes, VOID *buffer)
{
	(void)self;
	if (media != disk.media.MediaId)
		return EFI_MEDIA_CHANGED;
	if (bytes % RAMDISK_SECTOR_BYTES != 0)
		return EFI_BAD_BUFFER_SIZE;
	if (sector > disk.sectors || bytes / RAMDISK_SECTOR_BYTES > disk.sectors - sector)
		return EFI_INVALID_PARAMETER;
	memcpy(buffer, disk.bytes + sector * RAMDISK_SECTOR_BYTES, bytes);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI write_blocks(EFI_BLOCK_IO *self, UINT32 media, EFI_LBA sector, UINTN bytes, VOID *buffer)
{
	(void)self, (void)media, (void)sector, (void)bytes, (void)buffer;
	disk.writes++;
	return EFI_WRITE_PROTECTED;
}

static EFI_STATUS EFIAPI flush_blocks(EFI_BLOCK_IO *self)
{
	(void)self;
	return EFI_SUCCESS;
}

/* A whole disk that cannot be written: QEMU was told so for this one only. */
static EFI_BLOCK_IO *find_source(void)
{
	EFI_GUID guid = EFI_BLOCK_IO_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	EFI_BLOCK_IO *found = NULL, *each;
	UINTN count = 0;

	if (EFI_ERROR(disk.services->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles)))
		return NULL;
	for (UINTN i = 0; i < count; i++)
		if (!EFI_ERROR(disk.services->HandleProtocol(handles[i], &guid, (VOID **)&each)) && each->Media->ReadOnly &&
		    each->Media->MediaPresent && !each->Media->LogicalPartition && each->Media->BlockSize == RAMDISK_SECTOR_BYTES)
			found = each;
	disk.services->FreePool(handles);
	return found;
}

static void describe(void)
{
	disk.media = (EFI_BLOCK_IO_MEDIA){
		.MediaPresent = TRUE, .ReadOnly = TRUE, .BlockSize = RAMDISK_SECTOR_BYTES, .LastBlock = disk.sectors - 1,
	};
	/* One by one: a table of addresses would need relocation. */
	disk.protocol.Revision = EFI_BLOCK_IO_INTERFACE_REVISION;
	disk.protocol.Media = &disk.media;
	disk.protocol.Reset = reset;
	disk.protocol.ReadBlocks = read_blocks;
	disk.protocol.WriteBlocks = write_blocks;
	disk.protocol.FlushBlocks = flush_blocks;
	disk.path.vendor = (EFI_DEVICE_PATH){ HARDWARE_DEVICE_PATH, HW_VENDOR_DP, { 20, 0 } };
	memcpy(disk.path.guid, disk_guid, sizeof(disk_guid));
	disk.path.end = (EFI_DEVICE_PATH){ END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, { 4, 0 } };
}

EFI_STATUS ramdisk_load(EFI_BOOT_SERVICES *services)
{
	EFI_PHYSICAL_ADDRESS address = 0;
	EFI_STATUS status;

	disk.services = services;
	disk.source = find_source();
	if (disk.source == NULL)
		return EFI_NOT_FOUND;
	disk.sectors = disk.source->Media->LastBlock + 1;
	status = services->AllocatePages(AllocateAnyPages, EfiBootServicesData,
					 (disk.sectors * RAMDISK_SECTOR_BYTES + PAGE_BYTES - 1) / PAGE_BYTES, &address);
	if (EFI_ERROR(status))
		return status;
	disk.bytes = (uint8_t *)address;
	describe();
	return disk.source->ReadBlocks(disk.source, disk.source->Media->MediaId, 0, disk.sectors * RAMDISK_SECTOR_BYTES, disk.bytes);
}

EFI_STATUS ramdisk_change(uint32_t sector, uint32_t offset, const void *data, uint32_t bytes)
{
	if (sector >= disk.sectors || offset > RAMDISK_SECTOR_BYTES || bytes > RAMDISK_SECTOR_BYTES - offset)
		return EFI_INVALID_PARAMETER;
	memcpy(disk.bytes + (uint64_t)sector * RAMDISK_SECTOR_BYTES + offset, data, bytes);
	return EFI_SUCCESS;
}

EFI_STATUS ramdisk_restore(uint32_t sector)
{
	return disk.source->ReadBlocks(disk.source, disk.source->Media->MediaId, sector, RAMDISK_SECTOR_BYTES,
				       disk.bytes + (uint64_t)sector * RAMDISK_SECTOR_BYTES);
}

EFI_STATUS ramdisk_attach(void)
{
	EFI_GUID block_io = EFI_BLOCK_IO_PROTOCOL_GUID, device_path = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_STATUS status;

	disk.handle = NULL;
	disk.media.MediaId++;
	status = disk.services->InstallProtocolInterface(&disk.handle, &device_path, EFI_NATIVE_INTERFACE, &disk.path);
	if (!EFI_ERROR(status))
		status = disk.services->InstallProtocolInterface(&disk.handle, &block_io, EFI_NATIVE_INTERFACE, &disk.protocol);
	if (EFI_ERROR(status))
		return status;
	/* Where nothing can be made of it no driver connects: that is an outcome, not an error. */
	disk.services->ConnectController(disk.handle, NULL, NULL, TRUE);
	return EFI_SUCCESS;
}

static int is_ours(EFI_HANDLE handle)
{
	EFI_GUID guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	const struct path *path = NULL;

	return !EFI_ERROR(disk.services->HandleProtocol(handle, &guid, (VOID **)&path)) && path->vendor.Type == HARDWARE_DEVICE_PATH &&
	       path->vendor.SubType == HW_VENDOR_DP && memcmp(path->guid, disk_guid, sizeof(disk_guid)) == 0;
}

EFI_HANDLE ramdisk_file_system(void)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL, found = NULL;
	UINTN count = 0;

	if (EFI_ERROR(disk.services->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles)))
		return NULL;
	for (UINTN i = 0; i < count && found == NULL; i++)
		found = is_ours(handles[i]) ? handles[i] : NULL;
	disk.services->FreePool(handles);
	return found;
}

EFI_STATUS ramdisk_detach(void)
{
	EFI_GUID block_io = EFI_BLOCK_IO_PROTOCOL_GUID, device_path = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_STATUS status;

	disk.services->DisconnectController(disk.handle, NULL, NULL);
	status = disk.services->UninstallProtocolInterface(disk.handle, &block_io, &disk.protocol);
	if (!EFI_ERROR(status))
		status = disk.services->UninstallProtocolInterface(disk.handle, &device_path, &disk.path);
	return status;
}

uint64_t ramdisk_writes(void)
{
	return disk.writes;
}
