/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot volume of the fake firmware: fake.files.  Read only, unless the options let the loader write: then it may make files of
 * its own and overwrite those, and nothing else.
 */
#include <stdlib.h>
#include <string.h>
#include "test/fake/fake.h"

/* An open file; the protocol comes first, so that a handle is a pointer to this. */
struct handle {
	EFI_FILE protocol;
	struct fake_file *file; /* NULL: the root directory */
	uint64_t position;
	int bad;                      /* as drivers are: after one error every further call fails */
	struct handle *next;
};

static EFI_FILE_IO_INTERFACE file_system;
static struct handle *open_handles;

static EFI_STATUS EFIAPI file_open(EFI_FILE *directory, EFI_FILE **ret_file, CHAR16 *path, UINT64 mode, UINT64 attributes);
static EFI_STATUS EFIAPI file_close(EFI_FILE *file);
static EFI_STATUS EFIAPI file_read(EFI_FILE *file, UINTN *bytes, VOID *to);
static EFI_STATUS EFIAPI file_set_position(EFI_FILE *file, UINT64 position);
static EFI_STATUS EFIAPI file_get_position(EFI_FILE *file, UINT64 *ret_position);
static EFI_STATUS EFIAPI file_get_info(EFI_FILE *file, EFI_GUID *what, UINTN *bytes, VOID *to);

static EFI_STATUS EFIAPI file_write(EFI_FILE *file, UINTN *bytes, VOID *from);
static EFI_STATUS EFIAPI file_flush(EFI_FILE *file);
static EFI_STATUS EFIAPI file_delete(EFI_FILE *file);

static EFI_STATUS EFIAPI forbidden(void)
{
	fake_violate("the attributes of a file were changed");
}

/* The failure that strikes this call on the handle, or the one that struck before. */
static EFI_STATUS handle_failure(EFI_FILE *file, enum fake_call call)
{
	struct handle *handle = (struct handle *)file;
	EFI_STATUS status = fake_failure(call);

	if (status == EFI_NOT_FOUND)
		return status;
	if (EFI_ERROR(status))
		handle->bad = 1;
	return handle->bad && !EFI_ERROR(status) ? EFI_DEVICE_ERROR : status;
}

static EFI_FILE *new_handle(struct fake_file *file)
{
	struct handle *handle = calloc(1, sizeof(*handle));

	handle->protocol = (EFI_FILE){
		.Open = file_open, .Close = file_close, .Read = file_read, .SetPosition = file_set_position,
		.GetPosition = file_get_position, .GetInfo = file_get_info,
		.Delete = file_delete, .Write = file_write, .Flush = file_flush,
		.SetInfo = (EFI_FILE_SET_INFO)(void *)forbidden,
	};
	handle->file = file;
	handle->next = open_handles;
	open_handles = handle;
	fake.open_files++;
	return &handle->protocol;
}

static int same_path(const char *path, const CHAR16 *wide)
{
	while (*path != '\0' && *path == (char)*wide && *wide < 0x80)
		path++, wide++;
	return *path == '\0' && *wide == 0;
}

/* An empty file or folder of the loader's own. */
static struct fake_file *make_file(const CHAR16 *wide, UINT64 attributes)
{
	char path[128] = "";

	for (uint32_t i = 0; wide[i] != 0 && i < sizeof(path) - 1; i++)
		path[i] = (char)wide[i];
	return fake_write_file(path, (attributes & EFI_FILE_DIRECTORY) != 0);
}

/* What a driver does with a disk may never end, or take its time. */
static void note_access(uint64_t bytes)
{
	fake.unwatched_accesses += fake.watchdog_seconds < 300 + bytes / (64 << 10);
}

static EFI_STATUS EFIAPI file_open(EFI_FILE *directory, EFI_FILE **ret_file, CHAR16 *path, UINT64 mode, UINT64 attributes)
{
	EFI_STATUS status;

	fake_called(FAKE_OPEN);
	note_access(0);
	/* "Nothing is ever written to a disk" but where the configuration says so. */
	if (mode != EFI_FILE_MODE_READ && !fake.options.may_write_files)
		fake_violate("a file was opened for writing unasked");
	status = handle_failure(directory, FAKE_OPEN);
	if (EFI_ERROR(status))
		return status;
	for (uint32_t i = 0; i < FAKE_FILES_MAX; i++) {
		if (fake.files[i].path == NULL || !same_path(fake.files[i].path, path))
			continue;
		if ((mode & EFI_FILE_MODE_WRITE) && !fake.files[i].written)
			fake_violate("a file was opened for writing that is not the loader's own");
		*ret_file = fake_fault(FAKE_OPEN, FAKE_NULL) ? NULL : new_handle(&fake.files[i]);
		return EFI_SUCCESS;
	}
	if (!(mode & EFI_FILE_MODE_CREATE))
		return EFI_NOT_FOUND;
	*ret_file = fake_fault(FAKE_OPEN, FAKE_NULL) ? NULL : new_handle(make_file(path, attributes));
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_write(EFI_FILE *file, UINTN *bytes, VOID *from)
{
	struct handle *handle = (struct handle *)file;
	uint64_t count = *bytes, end;
	EFI_STATUS status;

	fake_called(FAKE_WRITE);
	note_access(*bytes);
	if (handle->file == NULL || !handle->file->written || handle->file->directory)
		fake_violate("something was written to that is not a file of the loader's own");
	status = handle_failure(file, FAKE_WRITE);
	if (EFI_ERROR(status))
		return status;
	if (fake_fault(FAKE_WRITE, FAKE_SHORT))
		count /= 2;
	end = handle->position + count;
	if (end > handle->file->bytes) {
		handle->file->data = realloc((void *)handle->file->data, end);
		handle->file->bytes = end;
	}
	memcpy((uint8_t *)handle->file->data + handle->position, from, count);
	handle->position = end;
	*bytes = count;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_flush(EFI_FILE *file)
{
	fake_called(FAKE_FLUSH);
	return handle_failure(file, FAKE_FLUSH);
}

/* UEFI 2.10 §13.5: the handle is closed whatever comes of it, and a failure is a warning. */
static EFI_STATUS EFIAPI file_delete(EFI_FILE *file)
{
	struct handle *handle = (struct handle *)file;
	struct fake_file *which = handle->file;
	EFI_STATUS status;

	fake_called(FAKE_DELETE);
	if (which == NULL || !which->written)
		fake_violate("a file was deleted that is not the loader's own");
	status = fake_failure(FAKE_DELETE);
	fake.calls[FAKE_CLOSE]--; /* it is no call of the loader */
	file_close(file);
	if (EFI_ERROR(status))
		return EFI_WARN_DELETE_FAILURE;
	fake_remove_file(which->path);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_close(EFI_FILE *file)
{
	struct handle **at = &open_handles;

	fake_called(FAKE_CLOSE);
	while (*at != NULL && &(*at)->protocol != file)
		at = &(*at)->next;
	if (*at == NULL)
		fake_violate("a file was closed that is not open");
	*at = (*at)->next;
	free(file);
	fake.open_files--;
	return EFI_SUCCESS;
}

/* UEFI 2.10 §13.5: all ones are the end of the file; a directory can only begin anew. */
static EFI_STATUS EFIAPI file_set_position(EFI_FILE *file, UINT64 position)
{
	struct handle *handle = (struct handle *)file;
	EFI_STATUS status;

	fake_called(FAKE_SET_POSITION);
	status = handle_failure(file, FAKE_SET_POSITION);
	if (EFI_ERROR(status))
		return status;
	if ((handle->file->directory && position != 0) || (position == UINT64_MAX && fake.options.no_end))
		return EFI_UNSUPPORTED;
	handle->position = position == UINT64_MAX ? handle->file->bytes : position;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_get_position(EFI_FILE *file, UINT64 *ret_position)
{
	const struct fake_fault *stated;
	EFI_STATUS status;

	fake_called(FAKE_GET_POSITION);
	status = handle_failure(file, FAKE_GET_POSITION);
	if (EFI_ERROR(status))
		return status;
	stated = fake_fault(FAKE_GET_POSITION, FAKE_STATED_BYTES);
	*ret_position = stated != NULL ? stated->value : ((struct handle *)file)->position;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_read(EFI_FILE *file, UINTN *bytes, VOID *to)
{
	struct handle *handle = (struct handle *)file;
	uint64_t size = handle->file->bytes, left = handle->position < size ? size - handle->position : 0;
	uint64_t count = *bytes < left ? *bytes : left;
	EFI_STATUS status;

	fake_called(FAKE_READ);
	note_access(count);
	status = handle_failure(file, FAKE_READ);
	if (EFI_ERROR(status))
		return status;
	if (fake_fault(FAKE_READ, FAKE_SHORT))
		count = (count + 1) / 2;
	if (fake_fault(FAKE_READ, FAKE_END))
		count = 0;
	if (count > 0)
		memcpy(to, (const uint8_t *)handle->file->data + handle->position, count);
	handle->position += count;
	fake.bytes_read += count;
	*bytes = fake_fault(FAKE_READ, FAKE_LONG) ? *bytes + 1 : count;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_get_info(EFI_FILE *file, EFI_GUID *what, UINTN *bytes, VOID *to)
{
	const struct handle *handle = (const struct handle *)file;
	const struct fake_fault *stated;
	EFI_FILE_INFO info = { .Size = __builtin_offsetof(EFI_FILE_INFO, FileName) + 32, .FileSize = handle->file->bytes };
	EFI_GUID known = EFI_FILE_INFO_ID;
	EFI_STATUS status;

	fake_called(FAKE_GET_INFO);
	if (memcmp(what, &known, sizeof(known)) != 0)
		return EFI_UNSUPPORTED;
	status = handle_failure(file, FAKE_GET_INFO);
	if (EFI_ERROR(status))
		return status;
	if (*bytes < info.Size) {
		*bytes = info.Size;
		return EFI_BUFFER_TOO_SMALL;
	}
	stated = fake_fault(FAKE_GET_INFO, FAKE_STATED_BYTES);
	if (stated != NULL)
		info.FileSize = stated->value;
	info.Attribute = handle->file->directory ? EFI_FILE_DIRECTORY : EFI_FILE_READ_ONLY;
	if (fake_fault(FAKE_GET_INFO, FAKE_NOTHING)) {
		*bytes = fake_fault(FAKE_GET_INFO, FAKE_NOTHING)->value;
		return EFI_SUCCESS;
	}
	memset(to, 0, info.Size);
	memcpy(to, &info, __builtin_offsetof(EFI_FILE_INFO, FileName));
	*bytes = info.Size;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *self, EFI_FILE **ret_root)
{
	EFI_STATUS status;

	(void)self;
	fake_called(FAKE_OPEN_VOLUME);
	status = fake_failure(FAKE_OPEN_VOLUME);
	if (!EFI_ERROR(status))
		*ret_root = new_handle(NULL);
	return status;
}

EFI_FILE_IO_INTERFACE *fake_file_system(void)
{
	file_system = (EFI_FILE_IO_INTERFACE){ .Revision = EFI_FILE_IO_INTERFACE_REVISION, .OpenVolume = open_volume };
	return &file_system;
}

void fake_files_close(void)
{
	while (open_handles != NULL) {
		struct handle *handle = open_handles;

		open_handles = handle->next;
		free(handle);
	}
}
