/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole boots on decent firmware: what the block says is what the firmware, the files and the processor said. */
#include <string.h>
#include "test/fake/expect.h"
#include "test/fake/firmware.h"
#include "test/fake/kernel_file.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void test_least(void **state)
{
	const struct handoff_header *block;
	const struct handoff_exit *exit;

	(void)state;
	block = expect_kernel();
	exit = expect_exit();
	assert_int_equal(exit->attempts, 1);
	assert_int_equal(exit->probe_bytes, fake.probe_bytes);
	assert_null(handoff_part(block, HANDOFF_PART_CMDLINE, NULL, NULL));
	assert_null(handoff_part(block, HANDOFF_PART_MODULES, NULL, NULL));
	assert_int_equal(expect_findings.log.counts[RULE_REPAIRED], 0);
	assert_true(fake.calls[FAKE_WATCHDOG] > 1 && fake.watchdog_seconds == 0); /* L2 */
	/* L8: one runtime allocation. */
	assert_non_null(fake_memory_record());
}

/* L27: max(2 * probe, probe + 64 KiB). */
static void test_L27_capacity(void **state)
{
	static const uint32_t descriptors[] = { 0, 1000, 2000, 4000 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		uint64_t twice, more;

		fake_reset();
		fake.options.descriptors = descriptors[i];
		expect_kernel();
		twice = 2 * fake.probe_bytes;
		more = fake.probe_bytes + 65536;
		assert_true(fake.map_capacity >= twice && fake.map_capacity >= more);
		assert_true(fake.map_capacity < (twice > more ? twice : more) + 4096);
		assert_int_equal(fake.map_capacity % 4096, 0);
	}
}

static void check_strings(const struct handoff_header *block)
{
	const struct handoff_firmware *firmware = expect_firmware();
	const struct handoff_loader *loader = expect_loader();

	assert_string_equal(handoff_string(block, firmware->vendor_offset), FAKE_VENDOR_TEXT);
	assert_string_equal(handoff_string(block, loader->version_offset), "Baton 0.1.0");
}

static void test_firmware_facts(void **state)
{
	const struct handoff_header *block;
	const struct handoff_firmware *firmware;
	const struct handoff_loader *loader;

	(void)state;
	block = expect_kernel();
	check_strings(block);
	firmware = expect_firmware();
	loader = expect_loader();
	assert_int_equal(firmware->system_table_phys, fake_ram());
	assert_int_equal(firmware->runtime_services_phys, fake_ram() + 4096);
	assert_int_equal(firmware->rsdp_phys, fake_ram() + 4 * 4096);
	assert_int_equal(firmware->memory_attributes_phys, fake_ram() + 7 * 4096);
	assert_int_equal(firmware->smbios3_phys | firmware->smbios_phys | firmware->device_tree_phys, 0);
	assert_int_equal(firmware->firmware_revision, FAKE_FIRMWARE_REVISION);
	assert_int_equal(firmware->uefi_revision, FAKE_UEFI_REVISION);
	assert_int_equal(firmware->flags, HANDOFF_FIRMWARE_RUNTIME_CALLABLE);
	assert_int_equal(firmware->secure_boot, HANDOFF_SECURE_BOOT_OFF);
	assert_memory_equal(firmware->boot_volume_guid, &fake_volume_guid, 16);
	assert_int_equal(loader->image_phys, FAKE_IMAGE);
	assert_int_equal(loader->image_bytes, FAKE_IMAGE_BYTES);
	assert_int_equal(loader->boot_record_phys, (uint64_t)fake_memory_record());
	assert_int_equal(loader->wall_clock, FAKE_WALL_CLOCK);
	assert_int_equal(loader->wall_clock_zone, FAKE_WALL_CLOCK_ZONE);
	assert_int_equal(loader->tsc_hz, fake.options.cpu.tsc_hz);
}

static void test_processor_facts(void **state)
{
	const struct handoff_header *block;
	const struct handoff_cpu *cpu;
	const struct handoff_kernel *kernel;

	(void)state;
	block = expect_kernel();
	cpu = expect_part(HANDOFF_PART_CPU);
	kernel = expect_part(HANDOFF_PART_KERNEL);
	assert_int_equal(cpu->paging_levels, 4);
	assert_int_equal(cpu->physical_bits, 39);
	assert_int_equal(cpu->cr3, kernel->page_tables_phys);
	assert_int_equal(kernel->entry_virt, KERNEL_LINK + 0x40);
	assert_int_equal(kernel->entry_virt, fake.entry_virt);
	assert_int_equal(kernel->stack_virt + kernel->stack_bytes, fake.stack_top_virt);
	assert_int_equal(kernel->bias, 0);
	assert_int_equal(kernel->base_virt, KERNEL_LINK);
	assert_int_equal(kernel->file_bytes, kernel_file_bytes());
	assert_int_equal(((const struct handoff_segment *)handoff_element(block, HANDOFF_PART_SEGMENTS, 0))->permissions,
			 HANDOFF_SEGMENT_READ | HANDOFF_SEGMENT_EXECUTE);
}

static void expect_cmdline(const char *text)
{
	uint64_t bytes = 0;
	const char *cmdline = handoff_part(expect_kernel(), HANDOFF_PART_CMDLINE, &bytes, NULL);

	assert_non_null(cmdline);
	assert_int_equal(bytes, strlen(text));
	assert_string_equal(cmdline, text);
}

static void test_cmdline_file(void **state)
{
	(void)state;
	fake_add_text("\\baton\\cmdline.txt", "one two\r\n\tthree \n\n");
	expect_cmdline("one two   three");
}

static void test_cmdline_in_configuration_wins(void **state)
{
	(void)state;
	fake_add_text("\\baton\\cmdline.txt", "not this");
	fake_add_text("\\baton\\baton.conf", "# comment\ncmdline = root=/dev/sda  quiet\n");
	expect_cmdline("root=/dev/sda  quiet");
}

static void test_empty_cmdline_is_absent(void **state)
{
	(void)state;
	fake_add_text("\\baton\\cmdline.txt", " \r\n");
	assert_null(handoff_part(expect_kernel(), HANDOFF_PART_CMDLINE, NULL, NULL));
}

static const struct {
	const char *path, *name;
	uint64_t bytes;
} modules[] = {
	{ "\\a.img", "first", 1 },
	{ "\\dir\\b.img", "/dir/b.img", 4096 },
	{ "\\empty", "nothing in it", 0 },
	{ "\\c", "last", 70001 },
};

static void test_modules(void **state)
{
	static uint8_t data[70001];
	const struct handoff_header *block;

	(void)state;
	for (uint32_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(1 + i % 250);
	for (uint32_t i = 0; i < 4; i++)
		fake_add_file(modules[i].path, data + i, modules[i].bytes - (i && modules[i].bytes ? i : 0));
	fake_add_text("\\baton\\baton.conf", "module = \\a.img first\r\nmodule = /dir/b.img\r\nverbose = no\r\n"
					    "module = \\empty nothing in it\r\nmodule = /c last\r\n");
	block = expect_kernel();
	assert_int_equal(handoff_count(block, HANDOFF_PART_MODULES), 4);
	for (uint32_t i = 0; i < 4; i++) {
		const struct handoff_module *module = handoff_element(block, HANDOFF_PART_MODULES, i);
		uint64_t bytes = modules[i].bytes - (i && modules[i].bytes ? i : 0);

		assert_string_equal(handoff_string(block, module->name_offset), modules[i].name);
		assert_int_equal(module->bytes, bytes);
		assert_int_equal(module->phys != 0, bytes != 0);
		assert_memory_equal((void *)module->phys, data + i, bytes);
		for (uint64_t at = bytes; at % 4096 != 0; at++)
			assert_int_equal(((const uint8_t *)module->phys)[at], 0);
	}
}

static void test_configuration_names_the_kernel(void **state)
{
	(void)state;
	fake_add_file("\\other\\k", kernel_file(&(struct kernel_shape){ .link = 0xffffffffa0000000 }), kernel_file_bytes());
	fake_remove_file("\\baton\\kernel.elf");
	fake_add_text("\\baton\\baton.conf", "kernel = /other/k\n");
	expect_kernel();
	assert_int_equal(fake.entry_virt, 0xffffffffa0000040);
}

static void test_load_options_name_the_configuration(void **state)
{
	(void)state;
	fake.options.load_options = "BOOTX64.EFI conf=\\my.conf nowait";
	fake_add_text("\\baton\\baton.conf", "not a configuration");
	fake_add_text("\\my.conf", "cmdline = mine\n");
	expect_cmdline("mine");
}

static void test_garbage_load_options_count_as_none(void **state)
{
	(void)state;
	fake.options.load_options = "conf=\\my.conf \001\377";
	fake_add_text("\\my.conf", "cmdline = mine\n");
	assert_null(handoff_part(expect_kernel(), HANDOFF_PART_CMDLINE, NULL, NULL));
}

static void test_verbose_speaks_on_the_console(void **state)
{
	(void)state;
	fake_add_text("\\baton\\baton.conf", "verbose = yes\n");
	assert_int_equal(fake_boot(), FAKE_KERNEL);
	expect_console("segment 0");
}

static void expect_seed(uint32_t source, uint8_t byte)
{
	const struct handoff_seed *seed;

	expect_kernel();
	seed = expect_part(HANDOFF_PART_SEED);
	assert_int_equal(seed->source, source);
	assert_int_equal(seed->bytes, 32);
	for (uint32_t i = 0; i < 32; i++)
		assert_int_equal(seed->seed[i], byte);
}

static void test_seed_sources(void **state)
{
	(void)state;
	expect_seed(HANDOFF_SEED_RDSEED, 0x52);
	fake_reset();
	fake.options.rng = 1;
	expect_seed(HANDOFF_SEED_EFI_RNG, FAKE_SEED_BYTE);
	fake_reset();
	fake.options.rng = 1;
	fake_add_fault((struct fake_fault){ FAKE_GET_RNG, 1, FAKE_FAIL, EFI_DEVICE_ERROR });
	expect_seed(HANDOFF_SEED_RDSEED, 0x52);
	fake_reset();
	fake.options.cpu.rdseed = 0;
	assert_null(handoff_part(expect_kernel(), HANDOFF_PART_SEED, NULL, NULL));
}

static void test_secure_boot_states(void **state)
{
	(void)state;
	fake.options.secure_boot = -1;
	expect_kernel();
	assert_int_equal(expect_firmware()->secure_boot, HANDOFF_SECURE_BOOT_OFF);
	fake_reset();
	fake.options.setup_mode = 1;
	expect_kernel();
	assert_int_equal(expect_firmware()->secure_boot, HANDOFF_SECURE_BOOT_SETUP);
}

/* L18: as deep as the firmware's. */
static void test_L18_five_levels(void **state)
{
	(void)state;
	fake.options.cpu.paging_levels = 5;
	expect_kernel();
}

/* H72, H77: processors without 1 GiB pages and without NX. */
static void test_H72_H77_old_processor(void **state)
{
	(void)state;
	fake.options.cpu.pages_1g = 0;
	fake.options.cpu.nx = 0;
	expect_kernel();
}

/* E34, H42: all RAM lies above 4 GiB. */
static void test_H42_high_memory_only(void **state)
{
	(void)state;
	fake.options.high = 1;
	fake.options.cpu.physical_bits = 46;
	expect_kernel();
	assert_true((uint64_t)fake.block > UINT64_C(1) << 32);
}

static void test_allocations_side_by_side(void **state)
{
	(void)state;
	fake.options.adjacent = 1;
	expect_kernel();
}

/* The alignment of a segment holds for its physical address too, whatever the file's offsets; the slack goes back. */
static void test_aligned_segments(void **state)
{
	(void)state;
	fake_add_kernel(&(struct kernel_shape){ .align = 0x200000 });
	expect_kernel();
	assert_int_not_equal(kernel_virt(0) % 0x200000, 0);
	for (uint32_t i = 0; i < 3; i++) {
		const struct handoff_segment *segment = handoff_element(fake.block, HANDOFF_PART_SEGMENTS, i);

		assert_int_equal((segment->phys ^ segment->virt) % 0x200000, 0);
	}
}

/* What stands in front of a segment in its first page, and behind it in its last, is zero. */
static void test_segments_within_pages(void **state)
{
	(void)state;
	fake_add_kernel(&(struct kernel_shape){ .head = 0x234 });
	expect_kernel();
	assert_int_equal(kernel_virt(0) % 4096, 0x234);
}

/* Nothing of one boot is left in the next: a second start of the same image after an error. */
static void test_boot_after_a_failed_boot(void **state)
{
	(void)state;
	fake_remove_file("\\baton\\kernel.elf");
	expect_return(EFI_NOT_FOUND);
	fake_reset();
	expect_kernel();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_least, reset),
		cmocka_unit_test_setup(test_L27_capacity, reset),
		cmocka_unit_test_setup(test_firmware_facts, reset),
		cmocka_unit_test_setup(test_processor_facts, reset),
		cmocka_unit_test_setup(test_cmdline_file, reset),
		cmocka_unit_test_setup(test_cmdline_in_configuration_wins, reset),
		cmocka_unit_test_setup(test_empty_cmdline_is_absent, reset),
		cmocka_unit_test_setup(test_modules, reset),
		cmocka_unit_test_setup(test_configuration_names_the_kernel, reset),
		cmocka_unit_test_setup(test_load_options_name_the_configuration, reset),
		cmocka_unit_test_setup(test_garbage_load_options_count_as_none, reset),
		cmocka_unit_test_setup(test_verbose_speaks_on_the_console, reset),
		cmocka_unit_test_setup(test_seed_sources, reset),
		cmocka_unit_test_setup(test_secure_boot_states, reset),
		cmocka_unit_test_setup(test_L18_five_levels, reset),
		cmocka_unit_test_setup(test_H72_H77_old_processor, reset),
		cmocka_unit_test_setup(test_H42_high_memory_only, reset),
		cmocka_unit_test_setup(test_allocations_side_by_side, reset),
		cmocka_unit_test_setup(test_aligned_segments, reset),
		cmocka_unit_test_setup(test_segments_within_pages, reset),
		cmocka_unit_test_setup(test_boot_after_a_failed_boot, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
