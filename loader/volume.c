/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the boot volume.  RULES: read only, nothing is ever written to a disk; sizes and counts that the file system
 * reports are not believed: every read is checked against what arrived (short reads, files that change).  What fails is tried
 * once more with new handles: drivers keep a handle bad after its first error, also where the disk has recovered, and after a
 * change of media the volume itself is another one.
 */
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/device_path.h"
#include "loader/extents.h"
#include "loader/firmware.h"
#include "loader/log.h"
#include "loader/pool.h"
#include "loader/source.h"
#include "loader/volume.h"

static const EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static const EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static const EFI_GUID file_info_guid = EFI_FILE_INFO_ID;

/* One call may ask for this much: some drivers take UINT32 sizes. */
#define READ_BYTES_MAX (UINT64_C(1) << 30)
/* SetPosition() takes this for the end of the file. */
#define POSITION_END UINT64_MAX

/* UEFI 2.10 §10.3.5.1, table 10.49: a hard drive node is 42 bytes, unaligned; gnu-efi's struct is padded. */
enum { HARD_DRIVE_BYTES = 42, HARD_DRIVE_SIGNATURE = 24, HARD_DRIVE_SIGNATURE_TYPE = 41 };

/* The hard drive node of the volume's device path has the partition's GUID. */
static void note_partition_guid(struct boot *boot)
{
	struct device_path at = { .node = firmware_protocol_of(boot, boot->volume_handle, &device_path_guid) };

	while (device_path_next(&at))
		if (at.type == MEDIA_DEVICE_PATH && at.subtype == MEDIA_HARDDRIVE_DP && at.length >= HARD_DRIVE_BYTES &&
		    at.node[HARD_DRIVE_SIGNATURE_TYPE] == SIGNATURE_TYPE_GUID)
			memcpy(boot->firmware.boot_volume_guid, at.node + HARD_DRIVE_SIGNATURE,
			       sizeof(boot->firmware.boot_volume_guid));
}

static EFI_FILE_IO_INTERFACE *file_system_of(struct boot *boot)
{
	return firmware_protocol_of(boot, boot->volume_handle, &file_system_guid);
}

static EFI_STATUS open_root(struct boot *boot, EFI_FILE_IO_INTERFACE *file_system)
{
	EFI_STATUS status = file_system->OpenVolume(file_system, &boot->volume);

	if (EFI_ERROR(status))
		boot->volume = NULL;
	return status;
}

EFI_STATUS volume_open(struct boot *boot)
{
	EFI_FILE_IO_INTERFACE *file_system;
	EFI_STATUS status;

	boot->loaded_image = firmware_protocol_of(boot, boot->image, &loaded_image_guid);
	if (boot->loaded_image == NULL)
		return log_error(boot, EFI_UNSUPPORTED, "the firmware does not describe the loader's own image");
	boot->volume_handle = boot->loaded_image->DeviceHandle;
	file_system = file_system_of(boot);
	if (file_system == NULL)
		return log_error(boot, EFI_UNSUPPORTED,
				 "the loader was not started from a file system (network boot?): start it from the disk of its kernel");
	status = open_root(boot, file_system);
	if (EFI_ERROR(status))
		return log_error(boot, status, "the boot volume cannot be opened: check its file system");
	note_partition_guid(boot);
	return EFI_SUCCESS;
}

void volume_close(struct boot *boot)
{
	if (boot->volume != NULL)
		boot->volume->Close(boot->volume);
	boot->volume = NULL;
}

static void volume_close_file(struct source_file *file)
{
	EFI_FILE_HANDLE handle = file->handle;

	handle->Close(handle);
}

/* ASCII path to UCS-2; anything else has been refused by the configuration's reader. */
static EFI_STATUS widen(const char *path, CHAR16 *wide, uint32_t capacity)
{
	uint32_t count = 0;

	for (; path[count] != '\0'; count++) {
		if (count + 1 >= capacity || (unsigned char)path[count] >= 0x80)
			return EFI_INVALID_PARAMETER;
		wide[count] = path[count] == '/' ? L'\\' : (CHAR16)path[count];
	}
	wide[count] = 0;
	return EFI_SUCCESS;
}

/* What the file system says of a file. */
static EFI_STATUS ask_size(EFI_FILE_HANDLE handle, uint64_t *ret_bytes, uint32_t *ret_is_directory)
{
	/* EFI_FILE_INFO carries the name: long ones need more room than a path may have here. */
	_Alignas(8) uint8_t buffer[sizeof(EFI_FILE_INFO) + 2 * 512];
	UINTN bytes = sizeof(buffer);
	EFI_FILE_INFO *info = (EFI_FILE_INFO *)buffer;
	EFI_STATUS status = handle->GetInfo(handle, (EFI_GUID *)&file_info_guid, &bytes, buffer);

	if (EFI_ERROR(status))
		return status;
	if (bytes < __builtin_offsetof(EFI_FILE_INFO, FileName))
		return EFI_DEVICE_ERROR;
	*ret_bytes = info->FileSize;
	*ret_is_directory = (info->Attribute & EFI_FILE_DIRECTORY) != 0;
	return EFI_SUCCESS;
}

/*
 * Size of an open file, and that it is one.  The end is sought (UEFI 2.10 §13.5, SetPosition), because EDK2's FAT driver flushes
 * the disk each time that it is asked for EFI_FILE_INFO.  Whatever has no end, directories above all, or is empty is asked.
 */
static EFI_STATUS file_size(EFI_FILE_HANDLE handle, uint64_t *ret_bytes, uint32_t *ret_is_directory)
{
	UINT64 end = 0;

	if (EFI_ERROR(handle->SetPosition(handle, POSITION_END)) || EFI_ERROR(handle->GetPosition(handle, &end)) || end == 0 ||
	    end == POSITION_END)
		return ask_size(handle, ret_bytes, ret_is_directory);
	*ret_bytes = end;
	*ret_is_directory = 0;
	return EFI_SUCCESS;
}

/* An open file and what it says of itself. */
struct opened {
	EFI_FILE_HANDLE handle;
	uint64_t bytes;
	uint32_t is_directory;
};

static EFI_STATUS open_file(struct boot *boot, CHAR16 *path, struct opened *ret_file)
{
	struct opened file = { 0 };
	EFI_STATUS status = boot->volume->Open(boot->volume, &file.handle, path, EFI_FILE_MODE_READ, 0);

	if (EFI_ERROR(status) || file.handle == NULL)
		return EFI_ERROR(status) ? status : EFI_DEVICE_ERROR;
	status = file_size(file.handle, &file.bytes, &file.is_directory);
	if (EFI_ERROR(status))
		file.handle->Close(file.handle);
	else
		*ret_file = file;
	return status;
}

/* The same with new handles for everything. */
static EFI_STATUS open_file_anew(struct boot *boot, CHAR16 *path, struct opened *ret_file)
{
	EFI_FILE_IO_INTERFACE *file_system;
	EFI_STATUS status;

	volume_close(boot);
	file_system = file_system_of(boot);
	status = file_system == NULL ? EFI_NO_MEDIA : open_root(boot, file_system);
	return EFI_ERROR(status) ? status : open_file(boot, path, ret_file);
}

static EFI_STATUS read_once(EFI_FILE_HANDLE handle, uint64_t offset, uint8_t *to, uint64_t bytes)
{
	EFI_STATUS status = handle->SetPosition(handle, offset);

	while (!EFI_ERROR(status) && bytes > 0) {
		UINTN chunk = bytes < READ_BYTES_MAX ? bytes : READ_BYTES_MAX, wanted = chunk;

		status = handle->Read(handle, &chunk, to);
		if (EFI_ERROR(status))
			break;
		if (chunk == 0 || chunk > wanted)
			return chunk == 0 ? EFI_END_OF_FILE : EFI_PROTOCOL_ERROR;
		to += chunk;
		bytes -= chunk;
	}
	return status;
}

/* Close, open, and read once more. */
static EFI_STATUS read_anew(struct source_file *file, uint64_t offset, void *to, uint64_t bytes)
{
	CHAR16 wide[sizeof(struct boot_path)];
	struct opened opened;
	EFI_STATUS status = widen(file->name, wide, sizeof(wide) / sizeof(wide[0]));

	source_close(file);
	if (!EFI_ERROR(status))
		status = open_file_anew(file->boot, wide, &opened);
	if (EFI_ERROR(status))
		return status;
	file->handle = opened.handle;
	return opened.bytes == file->bytes ? read_once(opened.handle, offset, to, bytes) : EFI_MEDIA_CHANGED;
}

/* By extents, else through the driver, and after an error once more. */
static EFI_STATUS read_somehow(struct source_file *file, uint64_t offset, void *to, uint64_t bytes)
{
	EFI_STATUS status = extents_read(file, offset, to, bytes);

	if (EFI_ERROR(status))
		status = read_once(file->handle, offset, to, bytes);
	/* What has ended ends again, and a driver that claims to have read more than it was asked for is not asked again. */
	if (!EFI_ERROR(status) || status == EFI_END_OF_FILE || status == EFI_PROTOCOL_ERROR)
		return status;
	log_line(file->boot, "%s: reading at offset %lu failed (%s), once more", file->name, (unsigned long)offset,
		 log_status_name(status));
	return read_anew(file, offset, to, bytes);
}

static EFI_STATUS volume_read(struct source_file *file, uint64_t offset, void *to, uint64_t bytes)
{
	EFI_STATUS status;

	firmware_watchdog_start(file->boot, bytes);
	status = read_somehow(file, offset, to, bytes);
	firmware_watchdog_stop(file->boot);
	if (status == EFI_END_OF_FILE)
		return log_error(file->boot, status, "%s: the file ends before its stated size of %lu bytes",
				 file->name, (unsigned long)file->bytes);
	if (EFI_ERROR(status))
		return log_error(file->boot, status, "%s: reading at offset %lu failed", file->name, (unsigned long)offset);
	return EFI_SUCCESS;
}

/* Open, and after an error once more. */
static EFI_STATUS open_somehow(struct boot *boot, const char *path, CHAR16 *wide, struct opened *ret_file)
{
	EFI_STATUS first = open_file(boot, wide, ret_file), status;

	if (!EFI_ERROR(first) || first == EFI_NOT_FOUND)
		return first;
	log_line(boot, "%s: opening failed (%s), once more", path, log_status_name(first));
	status = open_file_anew(boot, wide, ret_file);
	/* Only a volume that can be read says that a file is not there. */
	return status == EFI_NOT_FOUND ? first : status;
}

EFI_STATUS source_open(struct boot *boot, const char *path, uint32_t optional, struct source_file *ret_file)
{
	CHAR16 wide[sizeof(struct boot_path)];
	struct opened opened = { 0 };
	EFI_STATUS status = widen(path, wide, sizeof(wide) / sizeof(wide[0]));

	if (EFI_ERROR(status))
		return log_error(boot, status, "%s: a path must be ASCII and shorter than %u characters", path,
				 (unsigned)sizeof(struct boot_path));
	firmware_watchdog_start(boot, 0);
	status = open_somehow(boot, path, wide, &opened);
	firmware_watchdog_stop(boot);
	if (status == EFI_NOT_FOUND && optional)
		return status;
	if (EFI_ERROR(status))
		return log_error(boot, status, "%s: cannot be opened on the boot volume", path);
	if (opened.is_directory) {
		opened.handle->Close(opened.handle);
		return log_error(boot, EFI_INVALID_PARAMETER, "%s: is a directory, not a file", path);
	}
	*ret_file = (struct source_file){
		.name = path,
		.bytes = opened.bytes,
		.boot = boot,
		.handle = opened.handle,
		.read = volume_read,
		.close = volume_close_file,
	};
	return EFI_SUCCESS;
}

EFI_STATUS source_read_text(struct source_file *file, uint64_t limit_bytes, char **ret_text)
{
	struct boot *boot = file->boot;
	EFI_STATUS status;
	char *text;

	if (file->bytes > limit_bytes)
		return log_error(boot, EFI_BAD_BUFFER_SIZE, "%s: %lu bytes are too many for a text file (limit %lu)", file->name,
				 (unsigned long)file->bytes, (unsigned long)limit_bytes);
	text = pool_allocate(boot, file->bytes + 1, file->name);
	if (text == NULL)
		return EFI_OUT_OF_RESOURCES;
	status = file->read(file, 0, text, file->bytes);
	if (EFI_ERROR(status)) {
		pool_free(boot, text);
		return status;
	}
	text[file->bytes] = '\0';
	*ret_text = text;
	return EFI_SUCCESS;
}
