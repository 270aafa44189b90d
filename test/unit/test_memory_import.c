/* SPDX-License-Identifier: BSD-2-Clause */
/* The importers: lines as the programs print them, one of each kind, and damage. */
#include "test/unit/import_fixture.h"

/* --- one of each form --------------------------------------------------------------------------------------------------- */

static void linux_with_inclusive_ends(void **state)
{
	const struct import_run *run = import(
		"[    0.000000] efi: EFI v2.7 by EDK II\n"
		"[    0.000000] efi: ACPI=0x7fb7e000 ACPI 2.0=0x7fb7e014\n"
		"[    0.000000] efi: mem00: [Boot Code   |   |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000000fff] (0MB)\n"
		"[    0.000000] efi: mem01: [Conventional|   |MR|CC|SP|NV|XP|RP|WP|RO|UCE|WB|WT|WC|UC] range=[0x0000000000001000-0x000000000009ffff] (0MB)\n"
		"[    0.000000] efi: mem02: [MMIO        |RUN|  |  |  |  |  |  |  |   |  |  |  |UC] range=[0x00000000ffc00000-0x00000000ffffffff] (4MB)\n"
		"[    0.000000] efi: mem03: [type=2147483649|attr=0x070000000000000f] range=[0x0000000100000000-0x0000000100000fff] (0MB)\n"
		"[    0.000000] efi: mem04: [Unaccepted  |   |HP|  |  |  |  |  |  |  |   |  |  |  |  ] range=[0x0000000100001000-0x0000000100001fff] (0MB)\n"
		"[    0.000000] efi: Remove mem02: MMIO range=[0xffc00000-0xffffffff] (4MB) from e820 map\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_LINUX);
	assert_int_equal(run->import.count, 5);
	assert_null(run->first_problem);
	expect(run, 0, 3, 0, 1, 0xf);
	expect(run, 1, 7, 0x1000, 0x9f, 0xff01f);
	expect(run, 2, 11, 0xffc00000, 0x400, RT | 1);
	expect(run, 3, 0x80000001, 0x100000000, 1, 0x070000000000000f);
	expect(run, 4, 15, 0x100001000, 1, UEFI_MEMORY_HOT_PLUGGABLE);
}

static void linux_with_exclusive_ends_and_a_journal(void **state)
{
	const struct import_run *run = import(
		"Apr 28 07:55:19 host kernel: [    0.000000] efi: mem00: [Boot Code          |   |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000001000) (0MB)\r\n"
		"Apr 28 07:55:19 host kernel: [    0.000000] efi: mem01: [Conventional Memory|   |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000001000-0x0000000000020000) (0MB)\r\n"
		"Apr 28 07:55:19 host kernel: [    0.000000] efi: mem02: [ACPI Memory NVS    |   |  |  |  |   |WB|WT|WC|UC] range=[0x000000000006c000-0x000000000006d000) (0MB)\r\n"
		"Apr 28 07:55:19 host kernel: [    0.000000] efi: mem03: [Memory Mapped I/O  |RUN|  |  |  |   |  |  |  |UC] range=[0x00000000ff000000-0x0000000100000000) (16MB)\r\n");

	(void)state;
	assert_int_equal(run->import.count, 4);
	expect(run, 1, 7, 0x1000, 0x1f, 0xf);
	expect(run, 2, 10, 0x6c000, 1, 0xf);
	expect(run, 3, 11, 0xff000000, 0x1000, RT | 1);
	assert_null(run->first_problem);
}

static void linux_with_numbers(void **state)
{
	const struct import_run *run = import("EFI: mem00: type=7, attr=0xf, range=[0x0000000000000000-0x000000000009f000) (0MB)\n"
					      "<6>[    0.000000] efi: mem01: type=6, attr=0x800000000000000f, range=[0x00000000ae0d3000-0x00000000ae374000) (2MB)\n");

	(void)state;
	assert_int_equal(run->import.count, 2);
	expect(run, 0, 7, 0, 0x9f, 0xf);
	expect(run, 1, 6, 0xae0d3000, 0x2a1, 0x800000000000000f);
}

static void linux_on_arm_without_numbering(void **state)
{
	const struct import_run *run = import("[    0.000000] efi: Processing EFI memory map:\n"
					      "[    0.000000] efi:   0x000080000000-0x00008007ffff [Memory Mapped I/O  |RUN|  |  |  |   |  |  |  |UC]*\n"
					      "[    0.000000] efi:   0x000080080000-0x0000801fffff [Loader Data        |   |  |  |  |   |WB|WT|WC|UC]\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_LINUX);
	assert_int_equal(run->import.count, 2);
	expect(run, 0, 11, 0x80000000, 0x80, RT | 1);
	expect(run, 1, 2, 0x80080000, 0x180, 0xf);
	assert_null(run->first_problem);
}

static void linux_with_entries_it_calls_invalid(void **state)
{
	const struct import_run *run = import(
		"[    0.000000] [Firmware Bug]: efi: Invalid EFI memory map entries:\n"
		"[    0.000000] efi: mem00: [Reserved    |   |  |  |  |  |  |  |  |   |  |  |  |  ] range=[0x0000000000000000-0x0000000000000000] (invalid)\n"
		"[    0.000000] efi: mem01: [type=12336|attr=0x0e410686300e4105] range=[0x100e420000000176-0x8c290f26248d200e175] (invalid)\n");

	(void)state;
	assert_int_equal(run->import.count, 2);
	expect(run, 0, 0, 0, 0, 0);
	expect(run, 1, 12336, 0x100e420000000176, UINT64_C(10099337841085325326), 0xe410686300e4105);
}

static void xen(void **state)
{
	const struct import_run *run = import("(XEN) EFI memory map:\n"
					      "(XEN)  0000000000000-0000000057fff type=7 attr=000000000000000f\n"
					      "(XEN) [2024-01-01 10:00:00]  0000000058000-0000000058fff type=0 attr=000000000000000f\n"
					      "(XEN)  00000fe000000-00000fe010fff type=11 attr=8000000000000001\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_XEN);
	assert_int_equal(run->import.count, 3);
	expect(run, 0, 7, 0, 0x58, 0xf);
	expect(run, 1, 0, 0x58000, 1, 0xf);
	expect(run, 2, 11, 0xfe000000, 0x11, RT | 1);
}

static const char shell_text[] =
	"Shell> memmap\r\n"
	"Type       Start            End              # Pages          Attributes\r\n"
	"BS_Code    0000000000000000-0000000000000FFF 0000000000000001 000000000000000F\r\n"
	"Available  0000000000001000-000000000009FFFF 000000000000009F 000000000000000F\r\n"
	"80000001   0000000000100000-00000000001FFFFF 0000000000000100 000000000000000F\r\n"
	"MMIO       00000000FFC00000-00000000FFFFFFFF 0000000000000400 8000000000000001\r\n"
	" \r\n"
	"  Reserved  :              4 Pages (16,384 Bytes)\r\n"
	"  LoaderCode:            256 Pages (1,048,576 Bytes)\r\n"
	"  Available :         10,806 Pages (44,261,376 Bytes)\r\n"
	"Total Memory: 123 MB (129,000,000) Bytes\r\n";

static void shell(void **state)
{
	const struct import_run *run = import(shell_text);

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_SHELL);
	assert_int_equal(run->import.count, 4);
	assert_null(run->first_problem);
	expect(run, 0, 3, 0, 1, 0xf);
	expect(run, 1, 7, 0x1000, 0x9f, 0xf);
	expect(run, 2, 0x80000001, 0x100000, 0x100, 0xf);
	expect(run, 3, 11, 0xffc00000, 0x400, RT | 1);
}

static void shell_of_efi_1(void **state)
{
	const struct import_run *run = import("available   0000000000000000-000000000008EFFF  000000000000008F 000000000000000F\n"
					      "BS_data     000000007C650000-000000007C697FFF  0000000000000048 000000000000000F\n"
					      "MemMapIO    00000000E00F8000-00000000E00F8FFF  0000000000000001 8000000000000000\n");

	(void)state;
	assert_int_equal(run->import.count, 3);
	expect(run, 0, 7, 0, 0x8f, 0xf);
	expect(run, 1, 4, 0x7c650000, 0x48, 0xf);
	expect(run, 2, 11, 0xe00f8000, 1, RT);
}

static void shell_in_standard_format(void **state)
{
	const struct import_run *run = import("ShellCommand,\"memmap\"\n"
					      "MemoryMap,\"BootServiceCode\",\"0\",\"FFF\",\"1\",\"F\"\n"
					      "MemoryMap,\"ACPIReclaimMemory\",\"7F8000\",\"7F8FFF\",\"1\",\"F\"\n"
					      "MemoryMapSummary,\"4096\",\"0\"\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_SHELL);
	assert_int_equal(run->import.count, 2);
	expect(run, 0, 3, 0, 1, 0xf);
	expect(run, 1, 9, 0x7f8000, 1, 0xf);
}

static void grub(void **state)
{
	const struct import_run *run = import("grub> lsefimmap\n"
					      "Type      Physical start  - end             #Pages        Size Attributes\n"
					      "reserved  0000000000000000-0000000000000fff 00000001      4KiB WB\n"
					      "conv-mem  0000000000001000-0000000007ef5fff 00007ef5 130004KiB UC WC WT WB\n"
					      "RT-data   0000000007ef6000-0000000007f09fff 00000014     80KiB RT WB\n"
					      "Unk 0f    0000000007f0a000-0000000007f0afff 00000001      4KiB UC XP\n"
					      "IO-ports  0000000007f0b000-0000000007f0bfff 00000001    4KB UC\n"
					      "Unk zz    0000000007f0c000-0000000007f0cfff 00000001      4KiB UC\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_GRUB);
	assert_int_equal(run->import.count, 5);
	assert_null(run->first_problem);
	expect(run, 0, 0, 0, 1, 8);
	expect(run, 1, 7, 0x1000, 0x7ef5, 0xf);
	expect(run, 2, 6, 0x7ef6000, 0x14, RT | 8);
	expect(run, 3, 15, 0x7f0a000, 1, UEFI_MEMORY_UC | UEFI_MEMORY_XP);
	expect(run, 4, 12, 0x7f0b000, 1, 1);
}

static void freebsd(void **state)
{
	const struct import_run *run = import("                   Type     Physical      Virtual   #Pages Attr\n"
					      "       BootServicesCode 000000000000            0 00000001 UC WC WT WB \n"
					      "     ConventionalMemory 000000001000 000000000000 0000009f UC WC WT WB \n"
					      "    RuntimeServicesData 00007fb54000 0x7fb54000 00000024 UC WC WT WB RUNTIME\n"
					      "         MemoryMappedIO 0000ffc00000            0 00000400 UC RUNTIME\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_FREEBSD);
	assert_int_equal(run->import.count, 4);
	expect(run, 0, 3, 0, 1, 0xf);
	expect(run, 1, 7, 0x1000, 0x9f, 0xf);
	expect(run, 2, 6, 0x7fb54000, 0x24, RT | 0xf);
	assert_int_equal(run->descriptors[2].virtual_start, 0x7fb54000);
	expect(run, 3, 11, 0xffc00000, 0x400, RT | 1);
}

static void e820_in_both_spellings(void **state)
{
	const struct import_run *run = import("[    0.000000] BIOS-provided physical RAM map:\n"
					      "[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
					      "[    0.000000] BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved\n"
					      "[    0.000000] BIOS-e820: [mem 0x000000007ffe0000-0x000000007fffffff] ACPI data\n"
					      "[    0.000000] BIOS-e820: [mem 0x0000000080000000-0x0000000080000fff] ACPI NVS\n"
					      " BIOS-e820: 0000000100000000 - 0000000140000000 (usable)\n"
					      " BIOS-e820: [mem 0x140000000-0x140000fff] type 20\n"
					      " BIOS-e820: [mem 0x140001000-0x140001fff] soft reserved\n"
					      " BIOS-e820: [mem 0x140002000-0x140002fff] persistent (type 7)\n"
					      " BIOS-e820: [mem 0x140003000-0x140003fff] unusable\n"
					      " BIOS-e820: [mem 0x140004000-0x140004fff] ACPI Non-volatile Storage\n"
					      " BIOS-e820: [mem 0x140005000-0x140005fff] ACPI Tables\n"
					      " BIOS-e820: [mem 0x140006000-0x1400063ff] System RAM\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_E820);
	assert_int_equal(run->import.count, 12);
	expect(run, 0, 7, 0, 0x9f, 0xf);       /* cut to pages */
	expect(run, 1, 0, 0x9f000, 1, 0);      /* widened to pages */
	expect(run, 2, 9, 0x7ffe0000, 0x20, 0xf);
	expect(run, 3, 10, 0x80000000, 1, 0xf);
	expect(run, 4, 7, 0x100000000, 0x40000, 0xf);
	expect(run, 5, 0, 0x140000000, 1, 0);
	expect(run, 6, 7, 0x140001000, 1, 0xf | UEFI_MEMORY_SP);
	expect(run, 7, 14, 0x140002000, 1, 0xf | UEFI_MEMORY_NV);
	expect(run, 8, 8, 0x140003000, 1, 0xf);
	expect(run, 9, 10, 0x140004000, 1, 0xf);
	expect(run, 10, 9, 0x140005000, 1, 0xf);
	expect(run, 11, 7, 0x140006000, 0, 0xf); /* less than a page of RAM is none */
	assert_null(run->first_problem);
}

static void the_efi_map_goes_before_e820(void **state)
{
	const struct import_run *run = import(
		"BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable\n"
		"BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable\n"
		"efi: mem00: [Boot Code   |   |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000000fff] (0MB)\n");

	(void)state;
	assert_int_equal(run->import.form, MEMORY_IMPORT_LINUX);
	assert_int_equal(run->import.count, 1);
}

/* --- damage ----------------------------------------------------------------------------------------------------------------- */

static void lost_lines_are_noticed_by_their_numbers(void **state)
{
	const struct import_run *run = import("# comment\n0 7 0x0 1 0xf\n1 7 0x1000 1 0xf\n\n4 7 0x4000 1 0xf\n5 7 0x5000 1 0xf\n");

	(void)state;
	assert_int_equal(run->import.count, 4);
	assert_int_equal(run->import.problem_count, 1);
	expect_problem(run, 5, "missing before this line");
	run = import("3 7 0x0 1 0xf\n");
	expect_problem(run, 1, "missing before this line");
	run = import("0 7 0x0 1 0xf\n1 7 0x1000 1 0xf\n1 7 0x1000 1 0xf\n");
	expect_problem(run, 3, "goes back");
}

static void a_second_map_is_not_mixed_into_the_first(void **state)
{
	const struct import_run *run = import("0 7 0x0 1 0xf\n1 7 0x1000 1 0xf\n0 7 0x0 5 0xf\n1 7 0x1000 1 0xf\n");

	(void)state;
	assert_int_equal(run->import.count, 2);
	expect(run, 0, 7, 0, 1, 0xf);
	expect_problem(run, 3, "second map");
}

static void damaged_lines_are_named_and_left_out(void **state)
{
	static const char *const lines[] = {
		"1 7 0x1000 159\n",
		"1 7 0x1000 159 0x\n",
		"1 7 0x1000 159 0xfx\n",
		"1 7 0x1000 99999999999999999999 0xf\n",
		"1 4294967296 0x1000 1 0xf\n",
		"1 7 0x10000000000000000 1 0xf\n",
	};
	char text[256];
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		const struct import_run *run;

		snprintf(text, sizeof(text), "0 7 0x0 1 0xf\n%s2 7 0x2000 1 0xf\n", lines[i]);
		run = import(text);
		assert_int_equal(run->import.count, 2);
		assert_int_equal(run->import.problem_count, 1);
		expect_problem(run, 2, "damaged");
	}
}

static void damaged_lines_of_every_form(void **state)
{
	static const struct {
		enum memory_import_form form;
		const char *sound, *damaged;
	} cases[] = {
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [Boot Da"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [Boot Code|WB] range=[0x1000-0x1fff"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [Boot Code|WB] range=[0x1000-0x1ff8]"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [Boot Code|XX] range=[0x1000-0x1fff]"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [Root Code|WB] range=[0x1000-0x1fff]"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [Boot Code|WB] range=[0x2000-0x0fff]"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: type=7, attr=0x"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [type=99999999999|WB] range=[0x1000-0x1fff]"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)", "efi: mem01: [type=7|attr=0xfz] range=[0x1000-0x1fff]"},
		{MEMORY_IMPORT_LINUX, "efi: mem00: [Boot Code|WB] range=[0x0-0xfff] (0MB)",
		 "efi: mem01: [Boot Code|WB] range=[0x000000000000000000000000000001000-0x1fff]"}, /* 33 digits */
		{MEMORY_IMPORT_LINUX, "efi: 0x000080000000-0x00008007ffff [Boot Code|WB]", "efi: 0x000080080000-0x0000800fffff [Boot Co"},
		{MEMORY_IMPORT_XEN, "(XEN)  0000-0fff type=7 attr=000000000000000f", "(XEN)  1000-1fff type=7 at"},
		{MEMORY_IMPORT_SHELL, "BS_Code    00000000-00000FFF 00000001 0000000F", "BS_Code    00001000-00001FFF 000000"},
		{MEMORY_IMPORT_SHELL, "MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\"", "MemoryMap,\"Available\",\"1000\",\"1FFF\",\"1\""},
		{MEMORY_IMPORT_SHELL, "MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\"", "MemoryMap,\"Nonsense\",\"1000\",\"1FFF\",\"1\",\"F\""},
		{MEMORY_IMPORT_GRUB, "BS-code   00000000-00000fff 00000001   4KiB WB", "BS-code   00001000-00001fff 00000001   4KiB WB?"},
		{MEMORY_IMPORT_FREEBSD, "LoaderData 000000000000 0 00000001 WB", "LoaderData 000000001000 0 pages"},
		{MEMORY_IMPORT_FREEBSD, "LoaderData 000000000000 0 00000001 WB", "<INVALID> 000000001000 0 00000001 WB"},
		{MEMORY_IMPORT_E820, "BIOS-e820: [mem 0x0-0x9ffff] usable", "BIOS-e820: [mem 0x100000-0x1fffff] us"},
		{MEMORY_IMPORT_E820, "BIOS-e820: [mem 0x0-0x9ffff] usable", "BIOS-e820: [mem 0x200000-0x1ffffe] usable"},
		{MEMORY_IMPORT_E820, "BIOS-e820: [mem 0x0-0x9ffff] usable", "BIOS-e820: [mem 0x0-0xffffffffffffffff] reserved"},
	};
	char text[256];
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		const struct import_run *run;

		snprintf(text, sizeof(text), "%s\nsome other line\n%s", cases[i].sound, cases[i].damaged);
		run = import(text);
		assert_int_equal(run->import.form, cases[i].form);
		assert_int_equal(run->import.count, 1);
		expect_problem(run, 3, "damaged");
	}
}

static void an_end_that_disagrees_with_the_pages_is_named(void **state)
{
	const struct import_run *run = import("BS_Code    0000000000000000-0000000000001FFF 0000000000000001 000000000000000F\n");

	(void)state;
	expect(run, 0, 3, 0, 1, 0xf);
	expect_problem(run, 1, "disagree");
	run = import("reserved  0000000000000000-0000000000000fff 00000002      4KiB WB\n");
	expect(run, 0, 0, 0, 2, 8);
	expect_problem(run, 1, "disagree");
	run = import("MemoryMap,\"Available\",\"0\",\"1FFF\",\"1\",\"F\"\n");
	expect_problem(run, 1, "disagree");
}

static void what_is_no_map_is_unknown(void **state)
{
	static const char *const texts[] = {"", "\n", "hello\n", "efi: mem", "0 7\n", "Reserved : 4 Pages\n", "\x1b[", "\xff\xfe", "\xff\xfe\n",
					    "2024-01-01 type=7\n", "BIOS-e820: nothing\n"};
	static struct import_run run;
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		assert_int_equal(import_bytes(&run, texts[i], strlen(texts[i])), MEMORY_IMPORT_UNKNOWN);
		assert_int_equal(run.import.count, 0);
	}
}

static void a_full_buffer_keeps_what_came_before(void **state)
{
	static const char text[] = "0 7 0x0 1 0xf\n1 7 0x1000 1 0xf\n2 7 0x2000 1 0xf\n";
	struct handoff_raw_descriptor two[2];
	struct memory_import import = {.descriptors = two, .capacity = 2};

	(void)state;
	assert_int_equal(memory_import_text(&import, text, sizeof(text) - 1), MEMORY_IMPORT_FULL);
	assert_int_equal(import.count, 2);
	assert_int_equal(two[1].physical_start, 0x1000);
	assert_int_equal(memory_import_lines(text, sizeof(text) - 1), 3);
	assert_int_equal(memory_import_lines(text, sizeof(text) - 2), 3);
	assert_int_equal(memory_import_lines("", 0), 0);
}

/* --- what surrounds the text -------------------------------------------------------------------------------------------- */

static void utf16_files_of_the_shell(void **state)
{
	static struct import_run run;
	uint8_t wide[2 * sizeof(shell_text)];
	uint64_t i, cut;

	(void)state;
	wide[0] = 0xff;
	wide[1] = 0xfe;
	for (i = 0; i + 1 < sizeof(shell_text); i++) {
		wide[2 + 2 * i] = (uint8_t)shell_text[i];
		wide[3 + 2 * i] = 0;
	}
	assert_int_equal(import_bytes(&run, wide, 2 * sizeof(shell_text)), MEMORY_IMPORT_OK);
	assert_int_equal(run.import.count, 4);
	expect(&run, 3, 11, 0xffc00000, 0x400, RT | 1);
	for (cut = 0; cut < sizeof(wide); cut++) /* no length reads beyond the end */
		import_bytes(&run, wide, cut);
}

static void terminals_and_byte_order_marks(void **state)
{
	const struct import_run *run = import("\xef\xbb\xbf\x1b[0m\x1b[37m\x1b[40mBS_Code    0000000000000000-0000\x1b[12;1H000000000FFF "
					      "0000000000000001 000000000000000F\x1b[0m\n");

	(void)state;
	assert_int_equal(run->import.count, 1);
	expect(run, 0, 3, 0, 1, 0xf);
}

static void only_whole_byte_order_marks_count(void **state)
{
	static struct import_run run;

	(void)state;
	assert_int_equal(import_bytes(&run, "\xff?\n0 7 0x0 1 0xf\n", 17), MEMORY_IMPORT_OK);
	assert_int_equal(import_bytes(&run, "?\xfe\n0 7 0x0 1 0xf\n", 17), MEMORY_IMPORT_OK);
	assert_int_equal(import_bytes(&run, "\xef\xaa\xaa" "0 7 0x0 1 0xf\n", 17), MEMORY_IMPORT_UNKNOWN);
	assert_int_equal(import_bytes(&run, "\xef\xbb\xaa" "0 7 0x0 1 0xf\n", 17), MEMORY_IMPORT_UNKNOWN);
	assert_int_equal(import_bytes(&run, "\xef\xbb\xbf" "0 7 0x0 1 0xf\n", 17), MEMORY_IMPORT_OK);
}

static void lines_without_end(void **state)
{
	static struct import_run run;
	static char text[5000];

	(void)state;
	memset(text, '0', sizeof(text));
	assert_int_equal(import_bytes(&run, text, sizeof(text)), MEMORY_IMPORT_UNKNOWN);
	memcpy(text + sizeof(text) - 15, "\n0 7 0x0 1 0xf\n", 15);
	assert_int_equal(import_bytes(&run, text, sizeof(text)), MEMORY_IMPORT_OK);
	assert_int_equal(run.import.count, 1);
}

static void names_of_forms_and_statuses(void **state)
{
	int a, b;

	(void)state;
	for (a = MEMORY_IMPORT_NONE; a <= MEMORY_IMPORT_FORM_COUNT - 1; a++)
		for (b = MEMORY_IMPORT_NONE; b < a; b++)
			assert_string_not_equal(memory_import_form_name((enum memory_import_form)a),
						memory_import_form_name((enum memory_import_form)b));
	assert_string_equal(memory_import_form_name(MEMORY_IMPORT_FORM_COUNT), "unknown");
	for (a = MEMORY_IMPORT_OK; a <= MEMORY_IMPORT_FULL; a++)
		for (b = MEMORY_IMPORT_OK; b < a; b++)
			assert_string_not_equal(memory_import_status_name((enum memory_import_status)a),
						memory_import_status_name((enum memory_import_status)b));
	assert_string_equal(memory_import_status_name((enum memory_import_status)9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_with_inclusive_ends),
		cmocka_unit_test(linux_with_exclusive_ends_and_a_journal),
		cmocka_unit_test(linux_with_numbers),
		cmocka_unit_test(linux_on_arm_without_numbering),
		cmocka_unit_test(linux_with_entries_it_calls_invalid),
		cmocka_unit_test(xen),
		cmocka_unit_test(shell),
		cmocka_unit_test(shell_of_efi_1),
		cmocka_unit_test(shell_in_standard_format),
		cmocka_unit_test(grub),
		cmocka_unit_test(freebsd),
		cmocka_unit_test(e820_in_both_spellings),
		cmocka_unit_test(the_efi_map_goes_before_e820),
		cmocka_unit_test(lost_lines_are_noticed_by_their_numbers),
		cmocka_unit_test(a_second_map_is_not_mixed_into_the_first),
		cmocka_unit_test(damaged_lines_are_named_and_left_out),
		cmocka_unit_test(damaged_lines_of_every_form),
		cmocka_unit_test(an_end_that_disagrees_with_the_pages_is_named),
		cmocka_unit_test(what_is_no_map_is_unknown),
		cmocka_unit_test(a_full_buffer_keeps_what_came_before),
		cmocka_unit_test(utf16_files_of_the_shell),
		cmocka_unit_test(terminals_and_byte_order_marks),
		cmocka_unit_test(only_whole_byte_order_marks_count),
		cmocka_unit_test(lines_without_end),
		cmocka_unit_test(names_of_forms_and_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
