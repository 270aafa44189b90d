/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake firmware notices: an application that breaks one rule each runs in the place of the loader.  Without these the
 * silence of the other tests would prove nothing.  Here: memory, files, priority.
 */
#include "test/loader/application_fixture.h"

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

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

static EFI_STATUS asks_under_the_watchdog(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_INPUT_KEY key;

	leaves_the_watchdog(image, system);
	return system->ConIn->ReadKeyStroke(system->ConIn, &key);
}

static EFI_STATUS exits_under_the_watchdog(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	leaves_the_watchdog(image, system);
	return bs->ExitBootServices(image, 0);
}

static EFI_STATUS takes_the_firmwares_code(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return bs->SetWatchdogTimer(0, 0xffff, 0, NULL);
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
	expect_violation(writes_a_file, "something was written to that is not a file of the loader's own");
	fake.options.may_write_files = 1;
	expect_violation(opens_for_writing, "a file was opened for writing that is not the loader's own");
	fake_reset();
	expect_violation(closes_twice, "a file was closed that is not open");
	expect_violation(leaves_the_watchdog, "L2: the watchdog still runs");
	expect_violation(asks_under_the_watchdog, "L2: a person is asked");
	expect_violation(exits_under_the_watchdog, "L2: the watchdog runs at ExitBootServices");
	expect_violation(takes_the_firmwares_code, "L2: code 65535");
	expect_violation(raises_priority_down, "L3");
}

static EFI_STATUS set(EFI_SYSTEM_TABLE *system, CHAR16 *name)
{
	EFI_GUID vendor = { 0x5d9a2e6c, 0xb741, 0x4c4f, { 0x9e, 0x0b, 0x3d, 0x52, 0xa8, 0x71, 0xc6, 0xe4 } };
	uint8_t data[4] = { 0 };

	return system->RuntimeServices->SetVariable(name, &vendor, 7, sizeof(data), data);
}

static void ask_for_room(EFI_SYSTEM_TABLE *system)
{
	UINT64 maximum, remaining, largest;

	system->RuntimeServices->QueryVariableInfo(7, &maximum, &remaining, &largest);
}

static EFI_STATUS writes_a_variable(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	return set(system, L"BatonBlackBox");
}

static EFI_STATUS writes_a_foreign_variable(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	ask_for_room(system);
	return set(system, L"BootOrder");
}

static EFI_STATUS writes_three_times(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	ask_for_room(system);
	set(system, L"BatonBlackBox");
	set(system, L"BatonBlackBox");
	return set(system, L"BatonBlackBox");
}

static EFI_STATUS writes_into_a_full_store(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	begin(image, system);
	fake.options.store_remaining = 100;
	ask_for_room(system);
	return set(system, L"BatonBlackBox");
}

static void test_variables(void **state)
{
	(void)state;
	expect_violation(writes_a_variable, "a variable was written unasked");
	fake.options.may_write_variables = 1;
	expect_violation(writes_a_variable, "a variable was written before anybody asked for the store's room");
	expect_violation(writes_a_foreign_variable, "a variable was written that is not ours");
	expect_violation(writes_three_times, "more than two writes to the variable store");
	fake_reset();
	fake.options.may_write_variables = 1;
	expect_violation(writes_into_a_full_store, "a variable was written into a store that is full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_H46_L10_L11_memory, reset),
		cmocka_unit_test_setup(test_leaks, reset),
		cmocka_unit_test_setup(test_memory_is_poisoned, reset),
		cmocka_unit_test_setup(test_files_watchdog_priority, reset),
		cmocka_unit_test_setup(test_variables, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
