/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake firmware notices: an application that breaks one rule each runs in the place of the loader.  Without these the
 * silence of the other tests would prove nothing.  Here: the exit.
 */
#include "test/loader/application_fixture.h"

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
		cmocka_unit_test_setup(test_L27_L29_L31_L33_before_the_exit, reset),
		cmocka_unit_test_setup(test_L35_after_the_first_exit, reset),
		cmocka_unit_test_setup(test_L35_kept_pointers, reset),
		cmocka_unit_test_setup(test_exit_is_refused, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
