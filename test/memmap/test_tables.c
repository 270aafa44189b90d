/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What memmap.efi makes of the firmware's tables - hand-off blocks, memory attributes, SMBIOS - when they are sound, absent,
 * damaged, or where the map has no memory.  The tables stand at the end of a page that is followed by nothing readable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>
#include "loader/boot.h"
#include "loader/memmap/attributes.h"
#include "loader/memmap/hobs.h"
#include "loader/memmap/machine.h"

enum { PAGE = 4096, ROOM = 16 << 10, MAP_MAX = 8 };

static uint8_t *page;              /* mapped; the one behind it is not */
static char said[ROOM];
static CHAR16 vendor[] = {'X', 0};
static EFI_CONFIGURATION_TABLE table;
static EFI_SYSTEM_TABLE system_table = {.ConfigurationTable = &table, .NumberOfTableEntries = 1};
static EFI_RUNTIME_SERVICES runtime;
static struct boot boot = {.system = &system_table, .runtime = &runtime};
static struct handoff_raw_descriptor map[MAP_MAX];
static struct memory_view view = {.raw = map, .descriptor_bytes = 40, .descriptor_version = 1};

static const EFI_GUID hob_list = {0x7739f24c, 0x93d7, 0x11d4, {0x9a, 0x3a, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static const EFI_GUID smbios3 = {0xf2fd1544, 0x9794, 0x4a2c, {0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94}};

static void take(void *context, const char *line)
{
	(void)context;
	assert_true(strlen(line) < MEMORY_VIEW_LINE_MAX);
	assert_true(strlen(said) + strlen(line) + 2 < sizeof(said));
	strcat(said, line);
	strcat(said, "\n");
}
static const struct memory_view_sink sink = {take, NULL};

static void assert_said(const char *text)
{
	if (strstr(said, text) == NULL)
		fail_msg("\"%s\" is missing in\n%s", text, said);
}

static int reset(void **state)
{
	(void)state;
	if (page == NULL) {
		page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_int_equal(mprotect(page + PAGE, PAGE, PROT_NONE), 0);
	}
	memset(page, 0, PAGE);
	memset(map, 0, sizeof(map));
	map[0] = (struct handoff_raw_descriptor){
		.type = UEFI_BOOT_SERVICES_DATA, .physical_start = (uint64_t)page, .number_of_pages = 1, .attribute = 0xf};
	map[1] = (struct handoff_raw_descriptor){.type = UEFI_CONVENTIONAL, .physical_start = 0, .number_of_pages = 16};
	map[2] = (struct handoff_raw_descriptor){.type = UEFI_RUNTIME_SERVICES_CODE, .physical_start = 0x10000, .number_of_pages = 16};
	map[3] = (struct handoff_raw_descriptor){.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = 0x20000, .number_of_pages = 16};
	view.raw_bytes = 4 * 40;
	said[0] = '\0';
	boot.firmware.memory_attributes_phys = 0;
	system_table.FirmwareVendor = vendor;
	memset(&table, 0, sizeof(table));
	return 0;
}

/* Puts bytes at the very end of the readable page; the table of this GUID stands there. */
static void place(const EFI_GUID *guid, const void *bytes, uint64_t count)
{
	memcpy(page + PAGE - count, bytes, count);
	table.VendorGuid = *guid;
	table.VendorTable = page + PAGE - count;
}

/* --- hand-off blocks ------------------------------------------------------------------------------------------------------ */

struct block {
	uint16_t type, bytes;
	uint32_t reserved;
	uint64_t words[5];
};

static const struct {
	struct block handoff;
	uint64_t handoff_end;
	struct block blocks[8];
	uint64_t pool[4];
	uint64_t end;
} sound = {
	.handoff = {1, 56, 0, {9, 0x30000, 0, 0x2f000, 0x1000}},
	.blocks = {
		{3, 48, 0, {0, 0, 0 | 7ull << 32, 0, 0x18000}},      /* system memory, all of it in the map */
		{3, 48, 0, {0, 0, 0 | 7ull << 32, 0x30000, 0x2000}}, /* none of it */
		{3, 48, 0, {0, 0, 2 | 7ull << 32, 0x6000, 0x40}},    /* I/O ports */
		{2, 48, 0, {0, 0, 0x10000, 0x10000, 5}},             /* runtime code, as in the map */
		{2, 48, 0, {0, 0, 0x1e000, 0x4000, 5}},              /* half code, half data */
		{2, 48, 0, {0, 0, 0x2000, 0x1000, 7}},               /* freed again */
		{0xfffe, 48, 0, {0, 0, 0x5000, 0x1000, 7}},          /* and marked unused */
		{2, 48, 0, {0, 0, 0x3000, 0x1000, 4}},               /* boot services data, freed since */
	},
	.pool = {7 | 32ull << 16, 1, 2, 3},
	.end = 0xffff | 8ull << 16,
};

static void test_a_sound_list_of_blocks(void **state)
{
	(void)state;
	place(&hob_list, &sound, sizeof(sound));
	hobs_show(&boot, &view, &sink);
	assert_said("boot mode 0, memory 0x0-0x30000\n");
	assert_said("of which 0x1000-0x2f000 was still free at the end\n");
	assert_said("marked unused: allocation of 0x1000 bytes at 0x5000\n");
	assert_said("0000000000000000   96 KiB system memory        ConventionalMemory and more\n");
	assert_said("0000000000030000    8 KiB system memory        not in the map\n");
	assert_said("0000000000006000     64 B I/O ports\n");
	assert_said("0000000000010000   64 KiB RuntimeServicesCode  RuntimeServicesCode\n");
	assert_said("000000000001e000   16 KiB RuntimeServicesCode  RuntimeServicesCode and more\n");
	assert_said("0000000000002000    4 KiB ConventionalMemory   ConventionalMemory\n");
	assert_said("0000000000003000    4 KiB BootServicesData     ConventionalMemory\n");
	assert_said("pools that the pre-EFI phase could never free: 1 with 24 B\n");
	assert_said("allocations that it freed again: 1 with 4 KiB\n");
	assert_said("blocks that it marked unused: 1\n");
	assert_said("other allocations: 1 are in the map as they were, 2 are not\n");
	assert_said("system memory: 104 KiB, of which 8 KiB are not in the map\n");
	assert_said("memmap: hobs blocks=10 resources=3 allocations=4 pools=1 missing=8192 end=ok\n");
}

static void test_a_list_of_blocks_cut_at_every_word(void **state)
{
	for (uint64_t bytes = 8; bytes < sizeof(sound); bytes += 8) {
		reset(state);
		place(&hob_list, &sound, bytes);
		hobs_show(&boot, &view, &sink);
		assert_said("end=bad\n");
		assert_said("the list is damaged: the memory ends before the list does\n");
	}
}

static void test_no_list_of_blocks(void **state)
{
	(void)state;
	hobs_show(&boot, &view, &sink);
	assert_said("memmap: hobs none\n");
}

static void test_a_list_of_blocks_outside_the_map(void **state)
{
	(void)state;
	place(&hob_list, &sound, sizeof(sound));
	map[0].physical_start += 2 * PAGE;
	hobs_show(&boot, &view, &sink);
	assert_said("memmap: hobs unreadable\n");
}

/* --- memory attributes table ---------------------------------------------------------------------------------------------- */

struct attributes {
	uint32_t version, entries, entry_bytes, flags;
	struct handoff_raw_descriptor list[2];
};

static void place_attributes(const struct attributes *attributes, uint64_t bytes)
{
	memcpy(page + PAGE - bytes, attributes, bytes);
	boot.firmware.memory_attributes_phys = (uint64_t)page + PAGE - bytes;
}

static const struct attributes sound_attributes = {
	.version = 1, .entries = 2, .entry_bytes = 40,
	.list = {{.type = 5, .physical_start = 0x10000, .number_of_pages = 16, .attribute = 0x8000000000020000},
		 {.type = 6, .physical_start = 0x1f000, .number_of_pages = 3, .attribute = 0x8000000000004000}},
};

static void test_attributes(void **state)
{
	struct attributes wrong = sound_attributes;

	(void)state;
	place_attributes(&sound_attributes, sizeof(sound_attributes));
	attributes_show(&boot, &view, &sink);
	assert_said("   0 RuntimeServicesCode  0000000000010000        16   64 KiB 8000000000020000\n");
	assert_said("memmap: attributes entries=2 outside=0\n");

	reset(state);
	wrong.list[1].physical_start = 0x2f000; /* reaches behind the runtime data */
	place_attributes(&wrong, sizeof(wrong));
	attributes_show(&boot, &view, &sink);
	assert_said("memmap: attributes entries=2 outside=1\n");
}

static void test_attributes_that_cannot_be_read(void **state)
{
	static const struct {
		uint32_t entries, entry_bytes;
		uint64_t bytes;
	} cases[] = {{3, 40, sizeof(struct attributes)}, {2, 48, sizeof(struct attributes)}, {2, 39, sizeof(struct attributes)},
		     {0, 40, sizeof(struct attributes)}, {UINT32_MAX, UINT32_MAX, sizeof(struct attributes)}, {2, 40, 15}};

	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct attributes attributes = sound_attributes;

		reset(state);
		attributes.entries = cases[i].entries;
		attributes.entry_bytes = cases[i].entry_bytes;
		place_attributes(&attributes, cases[i].bytes);
		attributes_show(&boot, &view, &sink);
		assert_said("memmap: attributes unreadable\n");
	}
	reset(state);
	attributes_show(&boot, &view, &sink);
	assert_said("memmap: attributes none\n");
}

/* --- the machine's names -------------------------------------------------------------------------------------------------- */

static EFI_TIME now;

static EFI_STATUS EFIAPI get_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
	(void)capabilities;
	*time = now;
	return EFI_SUCCESS;
}

static void place_smbios(const char *structures, uint64_t bytes)
{
	uint8_t entry[24] = "_SM3_";
	uint64_t phys = (uint64_t)page + PAGE - bytes;
	uint32_t size = 0x10000; /* what it may have at most */
	uint8_t sum = 0;

	memcpy(page + PAGE - bytes, structures, bytes);
	entry[6] = sizeof(entry);
	memcpy(entry + 12, &size, 4);
	memcpy(entry + 16, &phys, 8);
	for (uint32_t i = 0; i < sizeof(entry); i++)
		sum = (uint8_t)(sum + entry[i]);
	entry[5] = (uint8_t)-sum;
	memcpy(page, entry, sizeof(entry));
	table.VendorGuid = smbios3;
	table.VendorTable = page;
}

static void test_machine(void **state)
{
	static const char structures[] = "\x00\x09\x01\x00\x01\x02\x00\x00\x00" "Maker\0v1\0\0" "\x01\x08\x02\x00\x01\x02\x00\x00" "ACME\0Box\0\0" "\x7f\x04\x03\x00\0";
	struct machine machine;

	(void)state;
	place_smbios(structures, sizeof(structures));
	system_table.Hdr.Revision = 2 << 16 | 70;
	system_table.FirmwareRevision = 0x10000;
	runtime.GetTime = get_time;
	now = (EFI_TIME){.Year = 2025, .Month = 1, .Day = 31, .Hour = 14, .Minute = 25, .Second = 9};
	machine_describe(&boot, &view, &machine);
	assert_string_equal(machine.name, "ACME Box");
	assert_string_equal(machine.bios, "Maker v1");
	assert_string_equal(machine.firmware, "UEFI 2.7 by X, revision 0x10000");
	assert_string_equal(machine.time, "2025-01-31 14:25:09");
	assert_string_equal(machine.stamp, "20250131-142509");
}

static void test_a_machine_without_names(void **state)
{
	struct machine machine;

	(void)state;
	runtime.GetTime = NULL;
	machine_describe(&boot, &view, &machine);
	assert_string_equal(machine.name, "unknown");
	assert_string_equal(machine.bios, "unknown");
	assert_string_equal(machine.stamp, "undated");
	runtime.GetTime = get_time;
	now = (EFI_TIME){.Year = 2025, .Month = 13, .Day = 1};
	machine_describe(&boot, &view, &machine);
	assert_string_equal(machine.stamp, "undated");
	assert_string_equal(machine.time, "unknown");
	/* A table that the map does not have. */
	place_smbios("\x01\x08\x02\x00\x01\x02\x00\x00" "ACME\0Box\0", 18);
	map[0].physical_start += 2 * PAGE;
	machine_describe(&boot, &view, &machine);
	assert_string_equal(machine.name, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_sound_list_of_blocks, reset),
		cmocka_unit_test_setup(test_a_list_of_blocks_cut_at_every_word, reset),
		cmocka_unit_test_setup(test_no_list_of_blocks, reset),
		cmocka_unit_test_setup(test_a_list_of_blocks_outside_the_map, reset),
		cmocka_unit_test_setup(test_attributes, reset),
		cmocka_unit_test_setup(test_attributes_that_cannot_be_read, reset),
		cmocka_unit_test_setup(test_machine, reset),
		cmocka_unit_test_setup(test_a_machine_without_names, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
