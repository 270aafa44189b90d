/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page allocation (L6-L12) from firmware that answers EFI_SUCCESS with memory that cannot be used: case H41.  What it
 * returned is given back only when it can be the loader's; freeing anything else ends the run in the fake.
 */
#include <string.h>
#include "test/fake/expect.h"
#include "test/fake/kernel_file.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void offer(uint32_t at, uint64_t address)
{
	fake_add_fault((struct fake_fault){ FAKE_ALLOCATE_PAGES, at, FAKE_ADDRESS, address });
}

static uint32_t ordinary_allocations(void)
{
	fake_reset();
	expect_kernel();
	return fake.calls[FAKE_ALLOCATE_PAGES];
}

/* One bad answer at every allocation in turn: the loader asks again and boots. */
static void expect_other_memory(uint64_t address)
{
	uint32_t count = ordinary_allocations();

	for (uint32_t at = 1; at <= count; at++) {
		fake_reset();
		fake.options.page_zero = address == 0;
		offer(at, address);
		expect_kernel();
		assert_true(fake.calls[FAKE_ALLOCATE_PAGES] > count);
	}
}

static void test_H41_address_zero(void **state)
{
	(void)state;
	expect_other_memory(0);
}

static void test_H41_unaligned(void **state)
{
	(void)state;
	expect_other_memory(FAKE_RAM + 0x800123);
}

static void test_H41_end_wraps(void **state)
{
	(void)state;
	expect_other_memory(UINT64_MAX & ~UINT64_C(4095));
}

static void test_H41_beyond_the_processor(void **state)
{
	(void)state;
	expect_other_memory(UINT64_C(1) << fake.options.cpu.physical_bits);
}

static void test_H41_L12_below_one_mebibyte(void **state)
{
	(void)state;
	expect_other_memory(0x1000);
}

/* Every allocation in turn is answered with the first and the last page of each one that the loader still has. */
static void test_H41_overlap_with_every_earlier_allocation(void **state)
{
	uint32_t count = ordinary_allocations(), offers = 0;
	struct fake_given given[FAKE_GIVEN_MAX];

	(void)state;
	assert_true(count > 7 && count <= FAKE_GIVEN_MAX);
	memcpy(given, fake.given, sizeof(given));
	for (uint32_t at = 2; at <= count; at++) {
		for (uint32_t earlier = 1; earlier < at; earlier++) {
			const struct fake_given *range = &given[earlier - 1];

			if (range->freed_at != 0 && range->freed_at < at)
				continue;
			for (uint32_t side = 0; side < 2; side++, offers++) {
				fake_reset();
				offer(at, range->phys + (side ? (range->pages - 1) * 4096 : 0));
				expect_kernel();
			}
		}
	}
	assert_true(offers > 50);
}

static void test_H41_overlap_with_the_image(void **state)
{
	(void)state;
	/* From the third allocation on: the image is on the list then. */
	for (uint32_t at = 3; at <= 6; at++) {
		fake_reset();
		offer(at, FAKE_IMAGE + 4096);
		expect_kernel();
	}
}

/* Nothing usable ever comes: an error, not a loop. */
static void test_H41_nothing_but_bad_memory(void **state)
{
	static const uint64_t addresses[] = { 0, FAKE_RAM + 1, UINT64_MAX & ~UINT64_C(4095) };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		fake_reset();
		fake.options.page_zero = 1;
		offer(0, addresses[i]);
		expect_return(EFI_DEVICE_ERROR);
	}
}

/* H42. */
static void test_H42_fragments_of_one_page(void **state)
{
	(void)state;
	fake.options.fragments = 1;
	fake.options.adjacent = 1;
	expect_return(EFI_OUT_OF_RESOURCES);
}

/* More ranges than one page of the loader's list holds. */
static void test_list_grows(void **state)
{
	static char text[16384];
	static const uint32_t counts[] = { 110, 130, 260, 400 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		fake_reset();
		text[0] = '\0';
		for (uint32_t module = 0; module < counts[i]; module++)
			strcat(text, "module = /m\n");
		fake_add_text("\\baton\\baton.conf", text);
		fake_add_text("\\m", "content");
		expect_kernel();
		assert_int_equal(handoff_count(fake.block, HANDOFF_PART_MODULES), counts[i]);
		assert_true(handoff_count(fake.block, HANDOFF_PART_OWNED) > counts[i]);
	}
}

/* ... and each allocation of such a boot fails once. */
static void test_H40_list_grows_and_allocations_fail(void **state)
{
	static char text[16384];

	(void)state;
	text[0] = '\0';
	for (uint32_t module = 0; module < 300; module++)
		strcat(text, "module = /m\n");
	for (uint32_t at = 1;; at++) {
		fake_reset();
		fake_add_text("\\baton\\baton.conf", text);
		fake_add_text("\\m", "content");
		fake_add_fault((struct fake_fault){ FAKE_ALLOCATE_PAGES, at, FAKE_FAIL, EFI_OUT_OF_RESOURCES });
		fake_boot();
		if (fake.fired == 0)
			break;
		expect_return_now();
	}
	assert_true(fake.calls[FAKE_ALLOCATE_PAGES] > 300);
	expect_kernel_now();
}

/* --- a stack in memory that the map calls free --------------------------------------------------------------------------------- */

/* 128 KiB below it and 64 KiB above belong to the firmware and to the loader itself, whatever is allocated how. */
static void expect_stack_spared(uint64_t alignment)
{
	uint64_t start = (fake.options.stack_phys - 0x20000) & ~UINT64_C(4095), end = fake.options.stack_phys + 0xf000;

	if (alignment != 0)
		fake_add_kernel(&(struct kernel_shape){ .align = alignment, .more = 0x30000 });
	expect_kernel();
	for (uint64_t i = 0; i < handoff_count(fake.block, HANDOFF_PART_OWNED); i++) {
		const struct handoff_range *range = handoff_element(fake.block, HANDOFF_PART_OWNED, i);

		assert_true(range->end_phys <= start || range->start_phys >= end);
	}
}

/* Where the firmware's next page comes from, in the middle, and where the first aligned place is. */
static void test_L9_stack_in_free_memory(void **state)
{
	static const uint64_t alignments[] = { 0, 0x10000, 0x200000 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		for (uint32_t place = 0; place < 4; place++) {
			uint64_t top, places[4];

			fake_reset();
			top = FAKE_RAM + fake.options.ram_bytes;
			places[0] = top - 0x1008;
			places[1] = top - 0x30010;
			places[2] = FAKE_RAM + 0xcf90;
			places[3] = FAKE_RAM + 0x200f90;
			fake.options.stack_phys = places[place];
			expect_stack_spared(alignments[i]);
		}
	}
}

/* --- a kernel linked at low addresses ---------------------------------------------------------------------------------------- */

static void link_at(uint64_t link, uint64_t more)
{
	fake_add_kernel(&(struct kernel_shape){ .link = link, .more = more });
}

/* Where it is linked, nothing may lie that is needed after the kernel's addresses hold there. */
static void expect_window_kept(void)
{
	const struct handoff_kernel *kernel;

	expect_kernel();
	kernel = expect_part(HANDOFF_PART_KERNEL);
	for (uint64_t i = 0; i < handoff_count(fake.block, HANDOFF_PART_OWNED); i++) {
		const struct handoff_range *range = handoff_element(fake.block, HANDOFF_PART_OWNED, i);

		if (range->owner != HANDOFF_OWNER_SCRATCH)
			assert_true(range->end_phys <= kernel->base_virt || range->start_phys >= kernel->end_virt);
	}
}

/* The firmware would give out just that memory: its top, of a few pages or of all but little. */
static void test_low_kernel_keeps_its_window(void **state)
{
	static const uint64_t more[] = { 0, 0x10000, 0x100000, 0x2000000, 0x3000000 };

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		fake_reset();
		fake.options.ram_bytes = UINT64_C(128) << 20;
		link_at(FAKE_RAM + fake.options.ram_bytes - 0x9000 - more[i], more[i]);
		expect_window_kept();
	}
}

static void test_H40_low_kernel_and_allocations_fail(void **state)
{
	(void)state;
	for (uint32_t at = 1;; at++) {
		fake_reset();
		link_at(FAKE_RAM + fake.options.ram_bytes - 0x109000, 0x100000);
		fake_add_fault((struct fake_fault){ FAKE_ALLOCATE_PAGES, at, FAKE_FAIL, EFI_OUT_OF_RESOURCES });
		fake_boot();
		if (fake.end == FAKE_KERNEL)
			expect_kernel_now();
		else
			expect_return_now();
		if (fake.fired == 0)
			break;
	}
	assert_int_equal(fake.end, FAKE_KERNEL);
}

/* There the loader's own writes would land in the kernel. */
static void test_low_kernel_over_the_system_table(void **state)
{
	const EFI_SYSTEM_TABLE *system = (const EFI_SYSTEM_TABLE *)FAKE_RAM;

	(void)state;
	fake.options.leave_table = 1;
	link_at(FAKE_RAM - 0x4000, 0);
	assert_int_equal(fake_boot(), FAKE_KERNEL);
	assert_non_null(system->BootServices);
	assert_false(expect_firmware()->flags & HANDOFF_FIRMWARE_TABLE_CLEANED);
}

static void test_kernel_linked_over_the_loader(void **state)
{
	(void)state;
	link_at(FAKE_IMAGE + 0x4000, 0);
	expect_return(EFI_LOAD_ERROR);
	expect_console("link it elsewhere");
	fake_reset();
	link_at(FAKE_IMAGE - 0x4000, 0);
	expect_return(EFI_LOAD_ERROR);
	fake_reset();
	link_at(FAKE_IMAGE + FAKE_IMAGE_BYTES, 0);
	expect_kernel();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_H41_address_zero, reset),
		cmocka_unit_test_setup(test_H41_unaligned, reset),
		cmocka_unit_test_setup(test_H41_end_wraps, reset),
		cmocka_unit_test_setup(test_H41_beyond_the_processor, reset),
		cmocka_unit_test_setup(test_H41_L12_below_one_mebibyte, reset),
		cmocka_unit_test_setup(test_H41_overlap_with_every_earlier_allocation, reset),
		cmocka_unit_test_setup(test_H41_overlap_with_the_image, reset),
		cmocka_unit_test_setup(test_H41_nothing_but_bad_memory, reset),
		cmocka_unit_test_setup(test_H42_fragments_of_one_page, reset),
		cmocka_unit_test_setup(test_list_grows, reset),
		cmocka_unit_test_setup(test_H40_list_grows_and_allocations_fail, reset),
		cmocka_unit_test_setup(test_L9_stack_in_free_memory, reset),
		cmocka_unit_test_setup(test_low_kernel_keeps_its_window, reset),
		cmocka_unit_test_setup(test_H40_low_kernel_and_allocations_fail, reset),
		cmocka_unit_test_setup(test_low_kernel_over_the_system_table, reset),
		cmocka_unit_test_setup(test_kernel_linked_over_the_loader, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
