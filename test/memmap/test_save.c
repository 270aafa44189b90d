/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving the map, against a volume in memory: what is written can be read back, no file is ever overwritten, and whatever
 * goes wrong leaves no file, no open handle and no memory behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/memory_import.h"
#include "loader/boot.h"
#include "loader/memmap/save_map.h"

enum { FILES_MAX = 128, FILE_BYTES = 64 << 10, HANDLES_MAX = 8 };

enum fault { FAULT_NONE, FAULT_NO_VOLUME, FAULT_OPEN_VOLUME, FAULT_FOLDER, FAULT_CREATE, FAULT_READ_ERROR, FAULT_WRITE, FAULT_SHORT, FAULT_FLUSH, FAULT_MEMORY };

static struct {
	enum fault fault;
	struct {
		char name[64];
		uint32_t is_folder;
		uint64_t bytes;
		char data[FILE_BYTES];
	} files[FILES_MAX];
	uint32_t count;
	uint32_t open, pools;
	struct {
		EFI_FILE protocol;
		uint32_t file; /* FILES_MAX: the root */
		uint32_t used;
	} handles[HANDLES_MAX];
} volume;

static EFI_STATUS EFIAPI open_file(EFI_FILE *folder, EFI_FILE **ret_file, CHAR16 *name, UINT64 mode, UINT64 attributes);

static uint32_t index_of(EFI_FILE *file)
{
	for (uint32_t i = 0; i < HANDLES_MAX; i++)
		if (&volume.handles[i].protocol == file && volume.handles[i].used)
			return i;
	fail_msg("a handle that is not open was used");
	return 0;
}

static EFI_STATUS EFIAPI close_file(EFI_FILE *file)
{
	volume.handles[index_of(file)].used = 0;
	volume.open--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI delete_file(EFI_FILE *file)
{
	volume.files[volume.handles[index_of(file)].file].name[0] = '\0';
	return close_file(file);
}

static EFI_STATUS EFIAPI write_file(EFI_FILE *file, UINTN *bytes, VOID *from)
{
	uint32_t at = volume.handles[index_of(file)].file;

	if (volume.fault == FAULT_WRITE)
		return EFI_VOLUME_FULL;
	if (volume.fault == FAULT_SHORT)
		*bytes /= 2;
	assert_true(*bytes <= FILE_BYTES);
	memcpy(volume.files[at].data, from, *bytes);
	volume.files[at].bytes = *bytes;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI flush_file(EFI_FILE *file)
{
	index_of(file);
	return volume.fault == FAULT_FLUSH ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_FILE *handle_for(uint32_t file)
{
	for (uint32_t i = 0; i < HANDLES_MAX; i++) {
		if (volume.handles[i].used)
			continue;
		volume.handles[i].used = 1;
		volume.handles[i].file = file;
		volume.handles[i].protocol = (EFI_FILE){
			.Open = open_file, .Close = close_file, .Delete = delete_file, .Write = write_file, .Flush = flush_file};
		volume.open++;
		return &volume.handles[i].protocol;
	}
	fail_msg("too many open files");
	return NULL;
}

static void add_file(const char *name, uint32_t is_folder)
{
	assert_true(volume.count < FILES_MAX);
	strcpy(volume.files[volume.count].name, name);
	volume.files[volume.count++].is_folder = is_folder;
}

static EFI_STATUS EFIAPI open_file(EFI_FILE *folder, EFI_FILE **ret_file, CHAR16 *name, UINT64 mode, UINT64 attributes)
{
	char narrow[64] = "";

	index_of(folder);
	for (uint32_t i = 0; name[i] != 0; i++)
		narrow[i] = (char)name[i];
	if (volume.fault == FAULT_READ_ERROR && mode == EFI_FILE_MODE_READ)
		return EFI_DEVICE_ERROR;
	if ((mode & EFI_FILE_MODE_WRITE) && volume.fault == (attributes ? FAULT_FOLDER : FAULT_CREATE))
		return EFI_WRITE_PROTECTED;
	for (uint32_t i = 0; i < volume.count; i++) {
		if (strcmp(volume.files[i].name, narrow) != 0)
			continue;
		assert_true(volume.files[i].is_folder || mode == EFI_FILE_MODE_READ); /* nothing that exists is ever written */
		*ret_file = handle_for(i);
		return EFI_SUCCESS;
	}
	if (!(mode & EFI_FILE_MODE_CREATE))
		return EFI_NOT_FOUND;
	add_file(narrow, attributes == EFI_FILE_DIRECTORY);
	*ret_file = handle_for(volume.count - 1);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *self, EFI_FILE **root)
{
	(void)self;
	if (volume.fault == FAULT_OPEN_VOLUME)
		return EFI_NO_MEDIA;
	*root = handle_for(FILES_MAX);
	return EFI_SUCCESS;
}

static EFI_FILE_IO_INTERFACE file_system = {.OpenVolume = open_volume};

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *protocol, VOID **interface)
{
	(void)handle;
	(void)protocol;
	*interface = &file_system;
	return volume.fault == FAULT_NO_VOLUME ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	(void)type;
	if (volume.fault == FAULT_MEMORY)
		return EFI_OUT_OF_RESOURCES;
	*buffer = malloc(bytes);
	volume.pools++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	free(buffer);
	volume.pools--;
	return EFI_SUCCESS;
}

/* --- the tests ---------------------------------------------------------------------------------------------------------- */

static const struct handoff_raw_descriptor sample[] = {
	{.type = UEFI_CONVENTIONAL, .physical_start = 0x1000, .number_of_pages = 159, .attribute = 0xf},
	{.type = 0x70000001, .physical_start = 0x100000, .number_of_pages = 2, .attribute = UINT64_MAX},
	{.type = UINT32_MAX, .physical_start = UINT64_MAX - 4095, .number_of_pages = UINT64_MAX, .attribute = UINT64_MAX},
};
enum { SAMPLES = sizeof(sample) / sizeof(sample[0]) };

static EFI_STATUS save(char path[SAVE_PATH_MAX])
{
	static EFI_BOOT_SERVICES services = {.AllocatePool = allocate_pool, .FreePool = free_pool, .HandleProtocol = handle_protocol};
	EFI_LOADED_IMAGE image = {.DeviceHandle = &volume};
	struct boot boot = {.services = &services, .loaded_image = &image};
	struct machine machine = {.name = "Maker Model", .firmware = "UEFI 2.7 by X", .bios = "v1", .time = "2025-01-31 14:25:30",
				  .stamp = "20250131-142530"};
	struct memory_view view = {.raw = sample, .raw_bytes = sizeof(sample), .descriptor_bytes = 40, .descriptor_version = 1};
	EFI_STATUS status = save_map(&boot, &machine, &view, path);

	assert_int_equal(volume.open, 0);
	assert_int_equal(volume.pools, 0);
	return status;
}

static int reset(void **state)
{
	(void)state;
	memset(&volume, 0, sizeof(volume));
	return 0;
}

static uint32_t find(const char *name)
{
	for (uint32_t i = 0; i < volume.count; i++)
		if (strcmp(volume.files[i].name, name) == 0)
			return i;
	return FILES_MAX;
}

static void test_what_is_saved_can_be_read(void **state)
{
	struct handoff_raw_descriptor read[16];
	struct memory_import import = {.descriptors = read, .capacity = 16};
	char path[SAVE_PATH_MAX];
	uint32_t file;

	(void)state;
	assert_int_equal(save(path), EFI_SUCCESS);
	assert_string_equal(path, "\\baton\\memmap-20250131-142530.map");
	assert_true(volume.files[find("\\baton")].is_folder);
	file = find(path);
	assert_int_not_equal(file, FILES_MAX);
	assert_memory_equal(volume.files[file].data, "# machine: Maker Model\n# firmware: UEFI 2.7 by X; BIOS v1\n", 57);
	assert_int_equal(memory_import_text(&import, volume.files[file].data, volume.files[file].bytes), MEMORY_IMPORT_OK);
	assert_int_equal(import.form, MEMORY_IMPORT_CORPUS);
	assert_int_equal(import.problem_count, 0);
	assert_int_equal(import.count, SAMPLES);
	assert_memory_equal(read, sample, sizeof(sample));
}

static void test_no_file_is_overwritten(void **state)
{
	char path[SAVE_PATH_MAX];

	(void)state;
	add_file("\\baton", 1);
	assert_int_equal(save(path), EFI_SUCCESS);
	assert_int_equal(save(path), EFI_SUCCESS);
	assert_string_equal(path, "\\baton\\memmap-20250131-142530-2.map");
	for (uint32_t i = 3; i <= 99; i++)
		assert_int_equal(save(path), EFI_SUCCESS);
	assert_string_equal(path, "\\baton\\memmap-20250131-142530-99.map");
	assert_int_equal(save(path), EFI_ACCESS_DENIED);
}

static void test_what_goes_wrong_leaves_no_file(void **state)
{
	static const struct {
		enum fault fault;
		EFI_STATUS status;
	} cases[] = {
		{FAULT_NO_VOLUME, EFI_UNSUPPORTED}, {FAULT_OPEN_VOLUME, EFI_NO_MEDIA},	 {FAULT_FOLDER, EFI_WRITE_PROTECTED},
		{FAULT_CREATE, EFI_WRITE_PROTECTED}, {FAULT_READ_ERROR, EFI_ACCESS_DENIED}, {FAULT_WRITE, EFI_VOLUME_FULL},
		{FAULT_SHORT, EFI_VOLUME_FULL},	    {FAULT_FLUSH, EFI_DEVICE_ERROR},	 {FAULT_MEMORY, EFI_OUT_OF_RESOURCES},
	};
	char path[SAVE_PATH_MAX];

	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset(state);
		volume.fault = cases[i].fault;
		assert_int_equal(save(path), cases[i].status);
		assert_int_equal(find("\\baton\\memmap-20250131-142530.map"), FILES_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_saved_can_be_read, reset),
		cmocka_unit_test_setup(test_no_file_is_overwritten, reset),
		cmocka_unit_test_setup(test_what_goes_wrong_leaves_no_file, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
