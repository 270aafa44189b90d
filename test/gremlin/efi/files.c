/* SPDX-License-Identifier: BSD-2-Clause */
/* See files.h.  An open file has its functions in memory of its own, so that they can be replaced for the loader's files alone. */
#include "test/gremlin/efi/files.h"
#include "test/gremlin/efi/faults.h"
#include "test/gremlin/efi/graphics.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"
#include "test/gremlin/efi/writes.h"

static struct {
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_VOLUME_OPEN open_volume;
	struct _EFI_FILE_HANDLE below; /* the functions behind the hooks: the same for all files of the driver */
	int no_end;                    /* of files: who wants a size must ask for it */
} files;

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *folder, struct _EFI_FILE_HANDLE **file, CHAR16 *name, UINT64 mode,
				   UINT64 attributes);

static EFI_STATUS EFIAPI read_file(struct _EFI_FILE_HANDLE *file, UINTN *bytes, VOID *buffer)
{
	if (!faults_call(FAULT_READ))
		return files.below.Read(file, bytes, buffer);
	if (faults_how("short")) {
		*bytes = *bytes > 1 ? *bytes / 2 : *bytes;
		return files.below.Read(file, bytes, buffer);
	}
	if (faults_how("end")) {
		*bytes = 0;
		return EFI_SUCCESS;
	}
	if (faults_how("long")) {
		*bytes += 1;
		return EFI_SUCCESS;
	}
	return faults_status(EFI_DEVICE_ERROR);
}

static EFI_STATUS EFIAPI get_info(struct _EFI_FILE_HANDLE *file, EFI_GUID *kind, UINTN *bytes, VOID *buffer)
{
	EFI_STATUS status;

	if (!faults_call(FAULT_INFO))
		return files.below.GetInfo(file, kind, bytes, buffer);
	if (!faults_how("lie"))
		return faults_status(EFI_DEVICE_ERROR);
	status = files.below.GetInfo(file, kind, bytes, buffer);
	if (!EFI_ERROR(status))
		((EFI_FILE_INFO *)buffer)->FileSize = UINT64_C(1) << 40;
	return status;
}

/* The loader learns the size of a file from the position of its end. */
static EFI_STATUS EFIAPI get_position(struct _EFI_FILE_HANDLE *file, UINT64 *position)
{
	if (!faults_call(FAULT_INFO))
		return files.below.GetPosition(file, position);
	if (!faults_how("lie"))
		return faults_status(EFI_DEVICE_ERROR);
	*position = UINT64_C(1) << 40;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_position(struct _EFI_FILE_HANDLE *file, UINT64 position)
{
	if (position == UINT64_MAX && files.no_end)
		return EFI_UNSUPPORTED;
	return faults_call(FAULT_SEEK) ? faults_status(EFI_DEVICE_ERROR) : files.below.SetPosition(file, position);
}

static EFI_STATUS EFIAPI write_file(struct _EFI_FILE_HANDLE *file, UINTN *bytes, VOID *buffer)
{
	EFI_STATUS status = writes_note("Write");

	return EFI_ERROR(status) ? status : files.below.Write(file, bytes, buffer);
}

static EFI_STATUS EFIAPI set_info(struct _EFI_FILE_HANDLE *file, EFI_GUID *kind, UINTN bytes, VOID *buffer)
{
	EFI_STATUS status = writes_note("SetInfo");

	return EFI_ERROR(status) ? status : files.below.SetInfo(file, kind, bytes, buffer);
}

static EFI_STATUS EFIAPI delete_file(struct _EFI_FILE_HANDLE *file)
{
	EFI_STATUS status = writes_note("Delete");

	return EFI_ERROR(status) ? status : files.below.Delete(file);
}

static EFI_STATUS EFIAPI flush_file(struct _EFI_FILE_HANDLE *file)
{
	EFI_STATUS status = writes_note("Flush");

	return EFI_ERROR(status) ? status : files.below.Flush(file);
}

static void hook(struct _EFI_FILE_HANDLE *file)
{
	files.below = *file;
	file->Open = open_file;
	file->Read = read_file;
	file->GetInfo = get_info;
	file->GetPosition = get_position;
	file->SetPosition = set_position;
	file->Write = write_file;
	file->SetInfo = set_info;
	file->Delete = delete_file;
	file->Flush = flush_file;
}

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *folder, struct _EFI_FILE_HANDLE **file, CHAR16 *name, UINT64 mode,
				   UINT64 attributes)
{
	EFI_STATUS status = mode != EFI_FILE_MODE_READ ? writes_note("Open") : EFI_SUCCESS;

	if (EFI_ERROR(status))
		return status;
	if (faults_call(FAULT_OPEN))
		return faults_status(EFI_DEVICE_ERROR);
	status = files.below.Open(folder, file, name, mode, attributes);
	if (!EFI_ERROR(status))
		hook(*file);
	return status;
}

static EFI_STATUS EFIAPI open_volume(struct _EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, struct _EFI_FILE_HANDLE **root)
{
	EFI_STATUS status;

	if (!services_from_loader(__builtin_return_address(0)))
		return files.open_volume(volume, root);
	if (faults_call(FAULT_VOLUME))
		return faults_status(EFI_DEVICE_ERROR);
	status = files.open_volume(volume, root);
	if (!EFI_ERROR(status))
		hook(*root);
	return status;
}

static EFI_STATUS fail_protocol(VOID **interface)
{
	*interface = NULL;
	return faults_how("null") ? EFI_SUCCESS : faults_status(EFI_UNSUPPORTED);
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
	if (faults_call(FAULT_PROTOCOL))
		return fail_protocol(interface);
	if (graphics_wanted(guid))
		return graphics_protocol(interface);
	return services_below()->HandleProtocol(handle, guid, interface);
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **interface)
{
	if (faults_call(FAULT_PROTOCOL))
		return fail_protocol(interface);
	if (graphics_wanted(guid))
		return graphics_protocol(interface);
	return services_below()->LocateProtocol(guid, registration, interface);
}

void files_begin(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, const char *words)
{
	files.volume = volume;
	files.open_volume = volume->OpenVolume;
	files.no_end = words_number(words, "noend", 0) != 0;
	volume->OpenVolume = open_volume;
	graphics_begin(words);
	services_hook(SERVICE(HandleProtocol), (const void *)handle_protocol);
	services_hook(SERVICE(LocateProtocol), (const void *)locate_protocol);
}

void files_end(void)
{
	files.volume->OpenVolume = files.open_volume;
}
