/* SPDX-License-Identifier: BSD-2-Clause */
/* See calls.h.  An open file has its functions in memory of its own, so they can be replaced for the image's files alone. */
#include "lib/freestanding/memory.h"
#include "test/bench/efi/calls.h"
#include "test/bench/efi/stamp.h"

enum { CALLS_MAX = 1024 };

struct call {
	uint64_t number, at, bytes;
};

/* calls_entry.S knows this struct. */
struct calls_state {
	uint64_t base, end;
	uint64_t count;
	const void *below[CALLS_SERVICES];
	struct call log[CALLS_MAX];
};
_Static_assert(__builtin_offsetof(struct calls_state, log) == 24 + CALLS_SERVICES * 8, "calls_entry.S: LOG");
_Static_assert(sizeof(EFI_BOOT_SERVICES) == sizeof(EFI_TABLE_HEADER) + CALLS_SERVICES * 8, "calls_entry.S has an entry for each");

extern struct calls_state calls_state;
struct calls_state calls_state;
extern const char calls_entries[];

static EFI_EXIT_BOOT_SERVICES exit_below;
static EFI_VOLUME_OPEN open_volume_below;
static EFI_BLOCK_READ read_blocks_below;
static struct _EFI_FILE_HANDLE files_below;

static int from_image(const void *return_address)
{
	return (uint64_t)return_address >= calls_state.base && (uint64_t)return_address < calls_state.end;
}

static void note(uint64_t number, uint64_t bytes)
{
	struct call *call = &calls_state.log[calls_state.count];

	*call = (struct call){ .number = number, .at = stamp_now(), .bytes = bytes };
	calls_state.count += calls_state.count < CALLS_MAX - 1;
}

static EFI_STATUS EFIAPI read_file(struct _EFI_FILE_HANDLE *file, UINTN *bytes, VOID *buffer)
{
	note(CALLS_READ, *bytes);
	return files_below.Read(file, bytes, buffer);
}

static EFI_STATUS EFIAPI set_position(struct _EFI_FILE_HANDLE *file, UINT64 position)
{
	note(CALLS_SET_POSITION, 0);
	return files_below.SetPosition(file, position);
}

static EFI_STATUS EFIAPI get_info(struct _EFI_FILE_HANDLE *file, EFI_GUID *kind, UINTN *bytes, VOID *buffer)
{
	note(CALLS_GET_INFO, 0);
	return files_below.GetInfo(file, kind, bytes, buffer);
}

static EFI_STATUS EFIAPI close_file(struct _EFI_FILE_HANDLE *file)
{
	note(CALLS_CLOSE, 0);
	return files_below.Close(file);
}

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *folder, struct _EFI_FILE_HANDLE **file, CHAR16 *name, UINT64 mode,
				   UINT64 attributes);

static void hook(struct _EFI_FILE_HANDLE *file)
{
	files_below = *file;
	file->Open = open_file;
	file->Close = close_file;
	file->Read = read_file;
	file->SetPosition = set_position;
	file->GetInfo = get_info;
}

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *folder, struct _EFI_FILE_HANDLE **file, CHAR16 *name, UINT64 mode,
				   UINT64 attributes)
{
	EFI_STATUS status;

	note(CALLS_OPEN, 0);
	status = files_below.Open(folder, file, name, mode, attributes);
	if (!EFI_ERROR(status))
		hook(*file);
	return status;
}

static EFI_STATUS EFIAPI open_volume(struct _EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, struct _EFI_FILE_HANDLE **root)
{
	EFI_STATUS status = open_volume_below(volume, root);

	if (from_image(__builtin_return_address(0))) {
		note(CALLS_OPEN_VOLUME, 0);
		if (!EFI_ERROR(status))
			hook(*root);
	}
	return status;
}

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO_PROTOCOL *block_io, UINT32 media, EFI_LBA lba, UINTN bytes, VOID *buffer)
{
	if (from_image(__builtin_return_address(0)))
		note(CALLS_READ_BLOCKS, bytes);
	return read_blocks_below(block_io, media, lba, bytes, buffer);
}

static void say_calls(void)
{
	for (uint64_t i = 0; i < calls_state.count; i++) {
		stamp("call", calls_state.log[i].number);
		stamp("at", calls_state.log[i].at);
		stamp("bytes", calls_state.log[i].bytes);
	}
	calls_state.count = 0;
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
	note(((uint64_t)__builtin_offsetof(EFI_BOOT_SERVICES, ExitBootServices) - sizeof(EFI_TABLE_HEADER)) / 8, 0);
	say_calls();
	return exit_below(image, key);
}

void calls_watch(EFI_BOOT_SERVICES *services, EFI_LOADED_IMAGE_PROTOCOL *image)
{
	EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID, block_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	EFI_BLOCK_IO_PROTOCOL *block_io;
	const void **members = (const void **)(services + 1) - CALLS_SERVICES;

	if (!EFI_ERROR(services->HandleProtocol(image->DeviceHandle, &file_system_guid, (VOID **)&file_system))) {
		open_volume_below = file_system->OpenVolume;
		file_system->OpenVolume = open_volume;
	}
	if (!EFI_ERROR(services->HandleProtocol(image->DeviceHandle, &block_guid, (VOID **)&block_io))) {
		read_blocks_below = block_io->ReadBlocks;
		block_io->ReadBlocks = read_blocks;
	}
	calls_state.base = (uint64_t)image->ImageBase;
	calls_state.end = calls_state.base + image->ImageSize;
	exit_below = services->ExitBootServices;
	for (uint64_t i = 0; i < CALLS_SERVICES; i++) {
		calls_state.below[i] = members[i];
		members[i] = calls_entries + 16 * i;
	}
	services->ExitBootServices = exit_boot_services;
}
