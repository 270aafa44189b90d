/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving.  RULES: the text is made before a file is created; a file that could not be written whole is deleted, unless it was
 * there before; every handle is closed on every path.
 */
#include <stdarg.h>
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/memmap/save.h"

enum { NAMES_MAX = 99 };

static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

/* --- the text ---------------------------------------------------------------------------------------------------------- */

/* There is room for this behind the capacity. */
static const char cut[] = "# cut: no room for the rest\n";

EFI_STATUS save_text_begin(struct save_text *text, EFI_BOOT_SERVICES *services, uint64_t capacity)
{
	*text = (struct save_text){ .services = services, .capacity = capacity };
	if (EFI_ERROR(services->AllocatePool(EfiLoaderData, capacity + sizeof(cut), (void **)&text->bytes)))
		text->bytes = NULL;
	return text->bytes == NULL ? EFI_OUT_OF_RESOURCES : EFI_SUCCESS;
}

void save_text_free(struct save_text *text)
{
	if (text->bytes != NULL)
		text->services->FreePool(text->bytes);
	text->bytes = NULL;
}

void save_text_add(struct save_text *text, const char *line, ...)
{
	uint64_t room = text->capacity - text->used, bytes;
	va_list arguments;

	if (text->is_cut)
		return;
	va_start(arguments, line);
	bytes = (uint64_t)format_va(text->bytes + text->used, room, line, arguments);
	va_end(arguments);
	if (bytes < room) {
		text->used += bytes;
		return;
	}
	memcpy(text->bytes + text->used, cut, sizeof(cut));
	text->used += sizeof(cut) - 1;
	text->is_cut = 1;
}

void save_text_head(struct save_text *text, const struct machine *machine, const struct memory_view *map, const char *program)
{
	save_text_add(text, "# machine: %s\n", machine->name);
	save_text_add(text, "# firmware: %s; BIOS %s\n", machine->firmware, machine->bios);
	save_text_add(text, "# os: none, before ExitBootServices\n");
	save_text_add(text, "# source: %s of " LOADER_VERSION ", %s\n", program, machine->time);
	save_text_add(text, "# status: complete\n");
	save_text_add(text, "# form: %s, as GetMemoryMap returned it; descriptors of %lu bytes, version %u\n", program,
		      (unsigned long)map->descriptor_bytes, map->descriptor_version);
}

void save_text_map(struct save_text *text, const struct memory_view *map)
{
	uint64_t count = memory_view_count(map);
	char line[MEMORY_VIEW_FILE_LINE_MAX];

	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(map, i);

		memory_view_file_row(line, i, &descriptor);
		save_text_add(text, "%s\n", line);
	}
}

/* --- the file ---------------------------------------------------------------------------------------------------------- */

void save_close(EFI_FILE_HANDLE *file)
{
	if (*file != NULL)
		(*file)->Close(*file);
	*file = NULL;
}

EFI_STATUS save_root(struct boot *boot, EFI_FILE_HANDLE *ret_root)
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

/* NULL in *ret_file unless it is open. */
static EFI_STATUS open_path(EFI_FILE_HANDLE root, const char *path, UINT64 mode, UINT64 attributes, EFI_FILE_HANDLE *ret_file)
{
	CHAR16 wide[SAVE_PATH_MAX];
	uint32_t count = 0;
	EFI_STATUS status;

	for (; path[count] != '\0'; count++)
		wide[count] = (CHAR16)path[count];
	wide[count] = 0;
	status = root->Open(root, ret_file, wide, mode, attributes);
	if (EFI_ERROR(status))
		*ret_file = NULL;
	return !EFI_ERROR(status) && *ret_file == NULL ? EFI_DEVICE_ERROR : status;
}

/* Whatever is not surely absent is there. */
static int exists(EFI_FILE_HANDLE root, const char *path)
{
	SAVE_FILE file = NULL;

	return open_path(root, path, EFI_FILE_MODE_READ, 0, &file) != EFI_NOT_FOUND;
}

/* A name that is not taken: a clock that stands still, or none at all, must not cost an earlier file. */
static EFI_STATUS free_name(EFI_FILE_HANDLE root, const char *stem, const char *suffix, char path[SAVE_PATH_MAX])
{
	format(path, SAVE_PATH_MAX, "\\baton\\%s.%s", stem, suffix);
	for (unsigned i = 2; exists(root, path); i++) {
		if (i > NAMES_MAX)
			return EFI_ACCESS_DENIED;
		format(path, SAVE_PATH_MAX, "\\baton\\%s-%u.%s", stem, i, suffix);
	}
	return EFI_SUCCESS;
}

static EFI_STATUS write_whole(EFI_FILE_HANDLE file, const struct save_text *text)
{
	UINTN bytes = text->used;
	EFI_STATUS status = file->Write(file, &bytes, text->bytes);

	if (!EFI_ERROR(status) && bytes != text->used)
		status = EFI_VOLUME_FULL;
	return EFI_ERROR(status) ? status : file->Flush(file);
}

static EFI_STATUS write_file(EFI_FILE_HANDLE root, const char *path, const struct save_text *text, int is_new)
{
	SAVE_FILE file = NULL;
	EFI_STATUS status = open_path(root, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0, &file);

	if (EFI_ERROR(status))
		return status;
	status = write_whole(file, text);
	if (EFI_ERROR(status) && is_new) {
		file->Delete(file); /* which closes it, whatever comes of it (UEFI 2.10 §13.5) */
		file = NULL;
	}
	return status;
}

static EFI_STATUS make_folder(EFI_FILE_HANDLE root)
{
	SAVE_FILE folder = NULL;

	return open_path(root, "\\baton", EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, EFI_FILE_DIRECTORY,
			 &folder);
}

EFI_STATUS save_new(EFI_FILE_HANDLE root, const char *stem, const char *suffix, const struct save_text *text,
		    char path[SAVE_PATH_MAX])
{
	EFI_STATUS status = make_folder(root);

	if (!EFI_ERROR(status))
		status = free_name(root, stem, suffix, path);
	return EFI_ERROR(status) ? status : write_file(root, path, text, 1);
}

EFI_STATUS save_over(EFI_FILE_HANDLE root, const char *path, const struct save_text *text)
{
	EFI_STATUS status = make_folder(root);

	return EFI_ERROR(status) ? status : write_file(root, path, text, !exists(root, path));
}
