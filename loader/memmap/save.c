/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving.  RULES: the text is made before a file is created; a file that could not be written whole is deleted; every
 * handle is closed on every path.
 */
#include <stdarg.h>
#include "lib/format.h"
#include "loader/boot.h"
#include "loader/memmap/save.h"

enum { HEAD_BYTES = 1024, NAMES_MAX = 9 };

static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

/* --- the text ---------------------------------------------------------------------------------------------------------- */

struct text {
	char *bytes;
	uint64_t used, capacity;
};

static void add(struct text *text, const char *line, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *line, ...)
{
	va_list arguments;

	va_start(arguments, line);
	text->used += (uint64_t)format_va(text->bytes + text->used, text->capacity - text->used, line, arguments);
	va_end(arguments);
}

/* The capacity is that of the longest lines: nothing is cut. */
static void write_text(struct text *text, const struct machine *machine, const struct memory_view *map)
{
	uint64_t count = memory_view_count(map);
	char line[MEMORY_VIEW_FILE_LINE_MAX];

	add(text, "# machine: %s\n", machine->name);
	add(text, "# firmware: %s; BIOS %s\n", machine->firmware, machine->bios);
	add(text, "# os: none, before ExitBootServices\n");
	add(text, "# source: memmap.efi of " LOADER_VERSION ", %s\n", machine->time);
	add(text, "# status: complete\n");
	add(text, "# form: memmap.efi, as GetMemoryMap returned it; descriptors of %lu bytes, version %u\n",
	    (unsigned long)map->descriptor_bytes, map->descriptor_version);
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(map, i);

		memory_view_file_row(line, i, &descriptor);
		add(text, "%s\n", line);
	}
}

static EFI_STATUS make_text(struct boot *boot, const struct machine *machine, const struct memory_view *map, struct text *ret_text)
{
	struct text text = { .capacity = HEAD_BYTES + memory_view_count(map) * MEMORY_VIEW_FILE_LINE_MAX };
	EFI_STATUS status = boot->services->AllocatePool(EfiLoaderData, text.capacity, (void **)&text.bytes);

	if (EFI_ERROR(status) || text.bytes == NULL)
		return EFI_OUT_OF_RESOURCES;
	write_text(&text, machine, map);
	*ret_text = text;
	return EFI_SUCCESS;
}

/* --- the file ---------------------------------------------------------------------------------------------------------- */

static void close_file(EFI_FILE_HANDLE *file)
{
	if (*file != NULL)
		(*file)->Close(*file);
}

#define FILE_HANDLE __attribute__((cleanup(close_file))) EFI_FILE_HANDLE

static EFI_STATUS open_root(struct boot *boot, EFI_FILE_HANDLE *ret_root)
{
	EFI_GUID guid = file_system_guid;
	EFI_FILE_IO_INTERFACE *file_system = NULL;
	EFI_HANDLE device = boot->loaded_image->DeviceHandle;

	if (device == NULL || EFI_ERROR(boot->services->HandleProtocol(device, &guid, (void **)&file_system)) || file_system == NULL)
		return EFI_UNSUPPORTED;
	return file_system->OpenVolume(file_system, ret_root);
}

static EFI_STATUS open_path(EFI_FILE_HANDLE root, const char *path, UINT64 mode, UINT64 attributes, EFI_FILE_HANDLE *ret_file)
{
	CHAR16 wide[SAVE_PATH_MAX];
	uint32_t count = 0;

	for (; path[count] != '\0'; count++)
		wide[count] = (CHAR16)path[count];
	wide[count] = 0;
	return root->Open(root, ret_file, wide, mode, attributes);
}

static int exists(EFI_FILE_HANDLE root, const char *path)
{
	FILE_HANDLE file = NULL;
	EFI_STATUS status = open_path(root, path, EFI_FILE_MODE_READ, 0, &file);

	if (EFI_ERROR(status))
		file = NULL;
	return status != EFI_NOT_FOUND;
}

/* A name that is not taken: a clock that stands still, or none at all, must not cost an earlier map. */
static EFI_STATUS free_name(EFI_FILE_HANDLE root, const char *stamp, char path[SAVE_PATH_MAX])
{
	format(path, SAVE_PATH_MAX, "\\baton\\memmap-%s.map", stamp);
	for (unsigned i = 2; exists(root, path); i++) {
		if (i > NAMES_MAX)
			return EFI_ACCESS_DENIED;
		format(path, SAVE_PATH_MAX, "\\baton\\memmap-%s-%u.map", stamp, i);
	}
	return EFI_SUCCESS;
}

static EFI_STATUS write_file(EFI_FILE_HANDLE root, const char *path, const struct text *text)
{
	FILE_HANDLE file = NULL;
	UINTN bytes = text->used;
	EFI_STATUS status = open_path(root, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0, &file);

	if (EFI_ERROR(status)) {
		file = NULL;
		return status;
	}
	status = file->Write(file, &bytes, text->bytes);
	if (!EFI_ERROR(status) && bytes != text->used)
		status = EFI_VOLUME_FULL;
	if (!EFI_ERROR(status))
		status = file->Flush(file);
	if (EFI_ERROR(status)) {
		file->Delete(file); /* which closes it, whatever comes of it (UEFI 2.10 §13.5) */
		file = NULL;
	}
	return status;
}

static EFI_STATUS make_folder(EFI_FILE_HANDLE root)
{
	FILE_HANDLE folder = NULL;
	EFI_STATUS status = open_path(root, "\\baton", EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE,
				      EFI_FILE_DIRECTORY, &folder);

	if (EFI_ERROR(status))
		folder = NULL;
	return status;
}

EFI_STATUS save_map(struct boot *boot, const struct machine *machine, const struct memory_view *map, char path[SAVE_PATH_MAX])
{
	FILE_HANDLE root = NULL;
	struct text text = { 0 };
	EFI_STATUS status = open_root(boot, &root);

	if (EFI_ERROR(status)) {
		root = NULL;
		return status;
	}
	status = make_text(boot, machine, map, &text);
	if (EFI_ERROR(status))
		return status;
	status = make_folder(root);
	if (!EFI_ERROR(status))
		status = free_name(root, machine->stamp, path);
	if (!EFI_ERROR(status))
		status = write_file(root, path, &text);
	boot->services->FreePool(text.bytes);
	return status;
}
