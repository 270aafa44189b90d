/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake firmware notices: an application that breaks one rule each runs in the place of the loader.  Without these the
 * silence of the other tests would prove nothing.
 */
#include <string.h>
#include "test/fake/expect.h"

static EFI_SYSTEM_TABLE *st;
static EFI_BOOT_SERVICES *bs;
static EFI_HANDLE self;

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void expect_violation(EFI_STATUS (*application)(EFI_HANDLE, EFI_SYSTEM_TABLE *), const char *text)
{
	fake.application = application;
	fake_boot();
	if (fake.end != FAKE_VIOLATION || strncmp(fake.violation, text, strlen(text)) != 0)
		fail_msg("%s was not noticed; end %d, \"%s\"", text, (int)fake.end, fake.violation);
}

static void begin(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	st = system;
	bs = system->BootServices;
	self = image;
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

static EFI_STATUS allocate(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type)
{
	EFI_PHYSICAL_ADDRESS phys = FAKE_RAM + 0x100000;

	return bs->AllocatePages(how, type, 1, &phys);
}

static EFI_STATUS asks_for_an_address(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return allocate(AllocateAddress, EfiLoaderData);
}

static EFI_STATUS asks_for_reserved(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return allocate(AllocateAnyPages, EfiReservedMemoryType);
}

static EFI_STATUS asks_for_runtime_code(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return allocate(AllocateAnyPages, EfiRuntimeServicesCode);
}

static EFI_STATUS asks_for_a_custom_type(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return allocate(AllocateAnyPages, (EFI_MEMORY_TYPE)0x80000001u);
}

static EFI_STATUS frees_twice(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_PHYSICAL_ADDRESS phys;

	begin(image, system);
	bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &phys);
	bs->FreePages(phys, 1);
	return bs->FreePages(phys, 1);
}

static EFI_STATUS frees_too_much(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_PHYSICAL_ADDRESS phys;

	begin(image, system);
	bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &phys);
	return bs->FreePages(phys, 2);
}

static EFI_STATUS frees_a_foreign_pool(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return bs->FreePool(&st);
}

static void test_H46_L10_L11_memory(void **state)
{
	(void)state;
	expect_violation(asks_for_an_address, "L8, L10");
	expect_violation(asks_for_reserved, "L6");
	expect_violation(asks_for_runtime_code, "L6");
	expect_violation(asks_for_a_custom_type, "L6");
	expect_violation(frees_twice, "L11: FreePages");
	expect_violation(frees_too_much, "L11: FreePages");
	expect_violation(frees_a_foreign_pool, "L11: FreePool");
}

static EFI_STATUS leaks_pages(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return allocate(AllocateAnyPages, EfiLoaderData);
}

static EFI_STATUS leaks_pool(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	void *pool;

	begin(image, system);
	return bs->AllocatePool(EfiLoaderData, 8, &pool);
}

static EFI_FILE *open_root(void)
{
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, volume_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *loaded;
	EFI_FILE_IO_INTERFACE *volume;
	EFI_FILE *root;

	bs->HandleProtocol(self, &image_guid, (void **)&loaded);
	bs->HandleProtocol(loaded->DeviceHandle, &volume_guid, (void **)&volume);
	volume->OpenVolume(volume, &root);
	return root;
}

static EFI_STATUS leaks_a_file(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	open_root();
	return EFI_SUCCESS;
}

static void expect_leak(EFI_STATUS (*application)(EFI_HANDLE, EFI_SYSTEM_TABLE *))
{
	char text[256] = "";

	fake.application = application;
	assert_int_equal(fake_boot(), FAKE_RETURNED);
	assert_false(fake_memory_clean(text));
	assert_memory_equal(text, "left behind", 11);
	fake_reset();
}

static void test_leaks(void **state)
{
	(void)state;
	expect_leak(leaks_pages);
	expect_leak(leaks_pool);
	expect_leak(leaks_a_file);
}

/* What is not allocated cannot be touched, by the page in front and behind too. */
static EFI_STATUS looks_around(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_PHYSICAL_ADDRESS phys = 0;
	uint8_t byte;

	begin(image, system);
	bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 3, &phys);
	assert_int_equal(fake_memory_read(phys, &byte, 1), 0);
	assert_int_equal(fake_memory_read(phys + 3 * 4096 - 1, &byte, 1), 0);
	assert_int_equal(fake_memory_read(phys - 1, &byte, 1), -1);
	assert_int_equal(fake_memory_read(phys + 3 * 4096, &byte, 1), -1);
	assert_int_equal(fake_memory_owned(phys, 3 * 4096), 1);
	assert_int_equal(fake_memory_owned(phys, 3 * 4096 + 1), 0);
	bs->FreePages(phys, 3);
	assert_int_equal(fake_memory_read(phys, &byte, 1), -1);
	return EFI_SUCCESS;
}

static void test_memory_is_poisoned(void **state)
{
	(void)state;
	fake.application = looks_around;
	assert_int_equal(fake_boot(), FAKE_RETURNED);
}

/* --- files, console, priority ---------------------------------------------------------------------------------------------- */

static EFI_STATUS opens_for_writing(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_FILE *root, *file;

	begin(image, system);
	root = open_root();
	return root->Open(root, &file, L"\\baton\\kernel.elf", EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0);
}

static EFI_STATUS writes_a_file(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_FILE *root;
	UINTN bytes = 0;

	begin(image, system);
	root = open_root();
	return root->Write(root, &bytes, NULL);
}

static EFI_STATUS closes_twice(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_FILE *root;
	EFI_FILE copy;

	begin(image, system);
	root = open_root();
	copy = *root;
	copy.Close(root);
	return copy.Close(root);
}

static EFI_STATUS leaves_the_watchdog(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return bs->SetWatchdogTimer(300, 0x10000, 0, NULL);
}

static EFI_STATUS raises_priority_down(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	bs->RaiseTPL(TPL_NOTIFY);
	bs->RaiseTPL(TPL_CALLBACK);
	return EFI_SUCCESS;
}

static void test_files_watchdog_priority(void **state)
{
	(void)state;
	expect_violation(opens_for_writing, "a file was opened for writing");
	expect_violation(writes_a_file, "a file was written");
	fake_reset();
	expect_violation(closes_twice, "a file was closed that is not open");
	expect_violation(leaves_the_watchdog, "L2");
	expect_violation(raises_priority_down, "L3");
}

/* --- the exit --------------------------------------------------------------------------------------------------------------- */

struct map {
	EFI_PHYSICAL_ADDRESS buffer;
	UINTN bytes, key, stride;
	UINT32 version;
};

enum { PAGES = 16 };

/* As a good loader does: buffer, guard page, map. */
static struct map good_map(void)
{
	struct map map = { 0 };

	bs->AllocatePages(AllocateAnyPages, EfiLoaderData, PAGES + 1, &map.buffer);
	memset((void *)(map.buffer + PAGES * 4096), 0xb5, 4096);
	map.bytes = PAGES * 4096;
	bs->GetMemoryMap(&map.bytes, (EFI_MEMORY_DESCRIPTOR *)map.buffer, &map.key, &map.stride, &map.version);
	return map;
}

static EFI_STATUS is_good(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_EXIT_BOOT_SERVICES exit_services;

	begin(image, system);
	exit_services = bs->ExitBootServices;
	return exit_services(self, good_map().key);
}

static EFI_STATUS keeps_the_size(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct map map;

	begin(image, system);
	map = good_map();
	map.key = map.stride = 0;
	map.version = 0;
	return bs->GetMemoryMap(&map.bytes, (EFI_MEMORY_DESCRIPTOR *)map.buffer, &map.key, &map.stride, &map.version);
}

static EFI_STATUS keeps_the_outputs(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct map map;

	begin(image, system);
	map = good_map();
	map.bytes = PAGES * 4096;
	return bs->GetMemoryMap(&map.bytes, (EFI_MEMORY_DESCRIPTOR *)map.buffer, &map.key, &map.stride, &map.version);
}

static EFI_STATUS prints_before_the_exit(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct map map;

	begin(image, system);
	map = good_map();
	st->ConOut->OutputString(st->ConOut, L"leaving");
	return bs->ExitBootServices(self, map.key);
}

static EFI_STATUS exits_after_a_failure(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct map map = { 0 };

	begin(image, system);
	bs->GetMemoryMap(&map.bytes, NULL, &map.key, &map.stride, &map.version);
	return bs->ExitBootServices(self, map.key);
}

static EFI_STATUS exits_for_another(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return bs->ExitBootServices(bs, good_map().key);
}

static EFI_STATUS has_no_guard(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct map map;

	begin(image, system);
	map = good_map();
	((uint8_t *)map.buffer)[PAGES * 4096 + 7] = 0;
	return bs->ExitBootServices(self, map.key);
}

static EFI_STATUS exits_with_an_open_file(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	open_root();
	return bs->ExitBootServices(self, good_map().key);
}

static EFI_STATUS exits_with_pool(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	void *pool;

	begin(image, system);
	bs->AllocatePool(EfiLoaderData, 8, &pool);
	return bs->ExitBootServices(self, good_map().key);
}

static void test_L27_L29_L31_L33_before_the_exit(void **state)
{
	(void)state;
	fake.application = is_good;
	assert_int_equal(fake_boot(), FAKE_RETURNED);
	assert_int_equal(fake.status, EFI_SUCCESS);
	assert_int_equal(fake.exited, 1);
	fake_reset();
	expect_violation(keeps_the_size, "L29: GetMemoryMap called with ");
	fake_reset();
	expect_violation(keeps_the_outputs, "L29: GetMemoryMap called with its outputs");
	fake_reset();
	expect_violation(prints_before_the_exit, "L33");
	fake_reset();
	expect_violation(exits_after_a_failure, "L31");
	fake_reset();
	expect_violation(exits_for_another, "L33");
	fake_reset();
	expect_violation(has_no_guard, "L27");
	fake_reset();
	expect_violation(exits_with_an_open_file, "L21");
	fake_reset();
	expect_violation(exits_with_pool, "1 pool allocations");
}

static EFI_STATUS (*late)(void);

/* The first exit call fails; then the application does something. */
static EFI_STATUS acts_after_a_refused_exit(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	bs->ExitBootServices(self, good_map().key ^ 1);
	return late();
}

static EFI_STATUS late_stall(void)
{
	return bs->Stall(1);
}

static EFI_STATUS late_allocation(void)
{
	return allocate(AllocateAnyPages, EfiLoaderData);
}

static EFI_STATUS late_free_pool(void)
{
	return bs->FreePool(NULL);
}

static EFI_STATUS late_copy(void)
{
	bs->CopyMem(NULL, NULL, 0);
	return EFI_SUCCESS;
}

static EFI_STATUS late_output(void)
{
	return st->ConOut->OutputString(st->ConOut, L"too late");
}

static void test_L35_after_the_first_exit(void **state)
{
	static EFI_STATUS (*const ways[])(void) = { late_stall, late_allocation, late_free_pool, late_copy, late_output };

	(void)state;
	for (uint32_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fake_reset();
		late = ways[i];
		expect_violation(acts_after_a_refused_exit, "L35");
	}
}

/* A pointer kept from before does not help. */
static EFI_STATUS (EFIAPI *kept_stall)(UINTN);

static EFI_STATUS late_kept(void)
{
	return kept_stall(1);
}

static EFI_STATUS keeps_a_pointer(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	kept_stall = system->BootServices->Stall;
	late = late_kept;
	return acts_after_a_refused_exit(image, system);
}

static EFI_STATUS uses_the_map_after_success(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_GET_MEMORY_MAP get_memory_map = system->BootServices->GetMemoryMap;
	struct map map = { 0 };

	is_good(image, system);
	return get_memory_map(&map.bytes, NULL, &map.key, &map.stride, &map.version);
}

static void test_L35_kept_pointers(void **state)
{
	(void)state;
	expect_violation(keeps_a_pointer, "L35");
	fake_reset();
	expect_violation(uses_the_map_after_success, "L35");
}

/* H55, H16: what makes ExitBootServices refuse. */
static EFI_STATUS exits_at_a_raised_priority(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_STATUS status;

	begin(image, system);
	bs->RaiseTPL(TPL_CALLBACK);
	status = bs->ExitBootServices(self, good_map().key);
	assert_int_equal(fake.exited, 0);
	return status;
}

static EFI_STATUS exits_with_an_old_map(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct map map;

	begin(image, system);
	fake_add_fault((struct fake_fault){ FAKE_EXIT_BOOT_SERVICES, 1, FAKE_GROW, 1 });
	map = good_map();
	return bs->ExitBootServices(self, map.key);
}

static void test_exit_is_refused(void **state)
{
	(void)state;
	fake.application = exits_at_a_raised_priority;
	fake_boot();
	assert_int_equal(fake.status, EFI_INVALID_PARAMETER);
	for (int key = FAKE_KEY_GENERATION; key <= FAKE_KEY_DECREASING; key++) {
		fake_reset();
		fake.options.key = (enum fake_key)key;
		fake.application = exits_with_an_old_map;
		fake_boot();
		assert_int_equal(fake.status, EFI_INVALID_PARAMETER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_H46_L10_L11_memory, reset),
		cmocka_unit_test_setup(test_leaks, reset),
		cmocka_unit_test_setup(test_memory_is_poisoned, reset),
		cmocka_unit_test_setup(test_files_watchdog_priority, reset),
		cmocka_unit_test_setup(test_L27_L29_L31_L33_before_the_exit, reset),
		cmocka_unit_test_setup(test_L35_after_the_first_exit, reset),
		cmocka_unit_test_setup(test_L35_kept_pointers, reset),
		cmocka_unit_test_setup(test_exit_is_refused, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
