/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every list that lib/words.c reads for lib/: a list has no numbers in it, so each is held here against the names of
 * its numbers.  What must stand in a name is written here, not all of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/config.h"
#include "lib/elf64.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* expected[number] stands in the name of each number, and no two names are the same; gaps are unknown, and so is what follows. */
static void expect_names(const char *(*name)(uint32_t), const char *const expected[], uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *part = expected[i] ? expected[i] : "unknown";

		if (!strstr(name(i), part))
			fail_msg("%u is \"%s\", not \"%s\"", i, name(i), part);
		for (uint32_t other = 0; expected[i] && other < i; other++)
			assert_string_not_equal(name(i), name(other));
	}
	assert_non_null(strstr(name(count), "unknown"));
}

static void memory_types(void **state)
{
	static const char *const expected[] = {
		[HANDOFF_MEMORY_USABLE] = "usable",
		[HANDOFF_MEMORY_LOADER] = "loader",
		[HANDOFF_MEMORY_BOOT_SERVICES] = "boot services",
		[HANDOFF_MEMORY_ACPI_RECLAIM] = "ACPI tables",
		[HANDOFF_MEMORY_ACPI_NVS] = "NVS",
		[HANDOFF_MEMORY_RESERVED] = "reserved",
		[HANDOFF_MEMORY_MMIO] = "device memory",
		[HANDOFF_MEMORY_MMIO_PORT] = "ports",
		[HANDOFF_MEMORY_RUNTIME_CODE] = "runtime code",
		[HANDOFF_MEMORY_RUNTIME_DATA] = "runtime data",
		[HANDOFF_MEMORY_UNUSABLE] = "unusable",
		[HANDOFF_MEMORY_PERSISTENT] = "persistent",
		[HANDOFF_MEMORY_UNACCEPTED] = "unaccepted",
		[HANDOFF_MEMORY_SPECIAL_PURPOSE] = "special",
	};

	(void)state;
	expect_names(handoff_memory_name, expected, COUNT(expected));
}

static void owners(void **state)
{
	static const char *const expected[] = {
		[HANDOFF_OWNER_NONE] = "nobody",
		[HANDOFF_OWNER_FIRMWARE] = "firmware",
		[HANDOFF_OWNER_RUNTIME] = "runtime",
		[HANDOFF_OWNER_BOOT_SERVICES] = "boot services",
		[HANDOFF_OWNER_ACPI] = "ACPI",
		[HANDOFF_OWNER_OTHER_LOADER] = "another loader",
		[HANDOFF_OWNER_KERNEL_TEXT] = "kernel text",
		[HANDOFF_OWNER_KERNEL_RODATA] = "kernel rodata",
		[HANDOFF_OWNER_KERNEL_DATA] = "kernel data",
		[HANDOFF_OWNER_STACK] = "stack",
		[HANDOFF_OWNER_PAGE_TABLES] = "page tables",
		[HANDOFF_OWNER_TABLES] = "GDT",
		[HANDOFF_OWNER_BLOCK] = "block",
		[HANDOFF_OWNER_MODULE] = "module",
		[HANDOFF_OWNER_BOOT_RECORD] = "record",
		[HANDOFF_OWNER_LOADER_IMAGE] = "loader image",
		[HANDOFF_OWNER_SCRATCH] = "work memory",
	};

	(void)state;
	expect_names(handoff_owner_name, expected, COUNT(expected));
}

static void lifetimes(void **state)
{
	static const char *const expected[] = {
		[HANDOFF_LIFETIME_NEVER] = "never",
		[HANDOFF_LIFETIME_FREE] = "at once",
		[HANDOFF_LIFETIME_OWN_TABLES] = "own page tables",
		[HANDOFF_LIFETIME_LEFT_STACK] = "left this stack",
		[HANDOFF_LIFETIME_ACPI_PARSED] = "ACPI",
		[HANDOFF_LIFETIME_RUNTIME_MAPPED] = "SetVirtualAddressMap",
		[HANDOFF_LIFETIME_WHEN_DONE] = "done with it",
	};

	(void)state;
	expect_names(handoff_lifetime_name, expected, COUNT(expected));
}

static void stages(void **state)
{
	static const char *const expected[HANDOFF_STAGE_COUNT] = {
		[HANDOFF_STAGE_ENTRY] = "entry",       [HANDOFF_STAGE_CONFIG] = "configuration",
		[HANDOFF_STAGE_KERNEL] = "kernel",     [HANDOFF_STAGE_MODULES] = "modules",
		[HANDOFF_STAGE_GRAPHICS] = "graphics", [HANDOFF_STAGE_PREPARE] = "prepare",
		[HANDOFF_STAGE_PAGE_TABLES] = "page",  [HANDOFF_STAGE_EXITED] = "exited",
		[HANDOFF_STAGE_SWITCHED] = "switched", [HANDOFF_STAGE_SEAL] = "seal",
		[HANDOFF_STAGE_JUMP] = "jump",         [HANDOFF_STAGE_EXIT] = "exit",
	};

	(void)state;
	expect_names(handoff_stage_name, expected, COUNT(expected));
}

static const char *block_status(uint32_t status)
{
	return handoff_block_status_name((enum handoff_block_status)status);
}

static void block_statuses(void **state)
{
	static const char *const expected[] = {
		[HANDOFF_BLOCK_OK] = "sound",
		[HANDOFF_BLOCK_NULL] = "no block",
		[HANDOFF_BLOCK_TOO_SHORT] = "shorter than a header",
		[HANDOFF_BLOCK_BAD_MAGIC] = "not a handoff block",
		[HANDOFF_BLOCK_BAD_VERSION] = "version",
		[HANDOFF_BLOCK_BAD_SIZE] = "sizes in the header",
		[HANDOFF_BLOCK_BAD_CHECKSUM] = "checksum",
		[HANDOFF_BLOCK_PART_OUTSIDE] = "outside the block",
		[HANDOFF_BLOCK_PART_TWICE] = "twice",
		[HANDOFF_BLOCK_PART_SHORT] = "too short or",
		[HANDOFF_BLOCK_PART_OVERLAP] = "overlap",
		[HANDOFF_BLOCK_PART_MISSING] = "missing",
		[HANDOFF_BLOCK_BAD_STRING] = "text",
		[HANDOFF_BLOCK_BAD_RESERVED] = "reserved",
	};

	(void)state;
	expect_names(block_status, expected, COUNT(expected));
}

static const char *elf_status(uint32_t status)
{
	return elf64_status_name((enum elf64_status)status);
}

/* The help of each follows its name in the list, so these hold both in their places. */
static void elf_statuses(void **state)
{
	static const char *const expected[ELF64_STATUS_COUNT] = {
		[ELF64_OK] = "fine",
		[ELF64_TOO_SHORT] = "too short",
		[ELF64_BAD_MAGIC] = "not an ELF",
		[ELF64_NOT_64_BIT] = "64-bit",
		[ELF64_NOT_LITTLE_ENDIAN] = "endian",
		[ELF64_BAD_VERSION] = "version",
		[ELF64_WRONG_MACHINE] = "machine",
		[ELF64_NOT_EXECUTABLE] = "not an executable",
		[ELF64_BAD_HEADER_SIZE] = "of unknown size",
		[ELF64_NO_PROGRAM_HEADERS] = "no program headers",
		[ELF64_TOO_MANY_PROGRAM_HEADERS] = "too many program headers",
		[ELF64_HEADERS_OUTSIDE_FILE] = "program headers reach outside",
		[ELF64_INTERPRETER] = "dynamic linker",
		[ELF64_TLS] = "thread-local",
		[ELF64_TOO_MANY_SEGMENTS] = "too many loadable",
		[ELF64_SEGMENT_OUTSIDE_FILE] = "segment reaches outside",
		[ELF64_SEGMENT_FILE_LARGER] = "larger in the file",
		[ELF64_SEGMENT_WRAPS] = "canonical",
		[ELF64_SEGMENT_BAD_ALIGN] = "alignment",
		[ELF64_SEGMENT_WX] = "writable and executable",
		[ELF64_SEGMENT_NOT_READABLE] = "not readable",
		[ELF64_SEGMENTS_UNSORTED] = "ascending",
		[ELF64_SEGMENTS_OVERLAP] = "overlap",
		[ELF64_SEGMENTS_SHARE_PAGE] = "share a page",
		[ELF64_NO_SEGMENTS] = "nothing to load",
		[ELF64_SPAN_TOO_LARGE] = "far apart",
		[ELF64_PAGE_ZERO] = "page zero",
		[ELF64_ENTRY_OUTSIDE_TEXT] = "entry point",
		[ELF64_BAD_DYNAMIC] = "dynamic section",
		[ELF64_UNKNOWN_RELOCATION] = "R_X86_64_RELATIVE",
		[ELF64_RELOCATION_OUTSIDE] = "relocation outside",
	};

	(void)state;
	expect_names(elf_status, expected, COUNT(expected));
	assert_string_equal(elf64_status_help(ELF64_OK), "nothing to do");
	assert_non_null(strstr(elf64_status_help(ELF64_TLS), "__thread"));
	assert_non_null(strstr(elf64_status_help(ELF64_RELOCATION_OUTSIDE), "-fpie"));
}

static const char *config_status(uint32_t status)
{
	return config_status_name((enum config_status)status);
}

static void config_statuses(void **state)
{
	static const char *const expected[] = {
		[CONFIG_OK] = "fine",
		[CONFIG_END] = "end of the file",
		[CONFIG_NO_EQUALS] = "key = value",
		[CONFIG_UNKNOWN_KEY] = "unknown key",
		[CONFIG_TWICE] = "second time",
		[CONFIG_EMPTY_VALUE] = "no value",
		[CONFIG_LINE_TOO_LONG] = "line of more",
		[CONFIG_PATH_TOO_LONG] = "path or name",
		[CONFIG_BAD_VALUE] = "neither yes nor no",
		[CONFIG_CONTROL_CHARACTER] = "control character",
		[CONFIG_BAD_UTF8] = "UTF-8",
		[CONFIG_BAD_CHECKSUM] = "hexadecimal digits",
		[CONFIG_CHECKSUM_NOT_FIRST] = "first line",
	};

	(void)state;
	expect_names(config_status, expected, COUNT(expected));
}

static const char *page_tables_status(uint32_t status)
{
	return page_tables_status_name((enum page_tables_status)status);
}

static void page_tables_statuses(void **state)
{
	static const char *const expected[] = {
		[PAGE_TABLES_OK] = "no error",
		[PAGE_TABLES_BAD_ARGUMENT] = "argument",
		[PAGE_TABLES_NOT_CANONICAL] = "canonical",
		[PAGE_TABLES_BAD_PHYSICAL] = "physical address",
		[PAGE_TABLES_POOL_EMPTY] = "page left",
		[PAGE_TABLES_NOT_MAPPED] = "not mapped",
		[PAGE_TABLES_WX] = "executable",
	};

	(void)state;
	expect_names(page_tables_status, expected, COUNT(expected));
}

static const char *last_boot_status(uint32_t status)
{
	return last_boot_status_name(status);
}

static void last_boot_statuses(void **state)
{
	static const char *const expected[] = {
		[LAST_BOOT_OK] = "sound",
		[LAST_BOOT_NOT_READ] = "does not give it out",
		[LAST_BOOT_BAD_ATTRIBUTES] = "attributes",
		[LAST_BOOT_SHORT] = "shorter",
		[LAST_BOOT_BAD_MAGIC] = "not a record",
		[LAST_BOOT_BAD_VERSION] = "version",
		[LAST_BOOT_BAD_LENGTH] = "another length",
		[LAST_BOOT_BAD_CHECKSUM] = "checksum",
		[LAST_BOOT_BAD_VALUE] = "does not exist",
	};

	(void)state;
	expect_names(last_boot_status, expected, COUNT(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_types),
		cmocka_unit_test(owners),
		cmocka_unit_test(lifetimes),
		cmocka_unit_test(stages),
		cmocka_unit_test(block_statuses),
		cmocka_unit_test(elf_statuses),
		cmocka_unit_test(config_statuses),
		cmocka_unit_test(page_tables_statuses),
		cmocka_unit_test(last_boot_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
