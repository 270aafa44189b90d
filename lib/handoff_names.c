/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the values in a handoff block are called in tables and reports for people.  Pure.  Values of a later minor version
 * are "unknown": handoff.h says how to treat them.
 */
#include "lib/handoff_block.h"

/* names[value], or "unknown" beyond the table and in its gaps. */
static const char *name_of(const char *const names[], uint64_t count, uint32_t value)
{
	return value < count && names[value] != 0 ? names[value] : "unknown";
}
#define NAME_OF(names, value) name_of(names, sizeof(names) / sizeof((names)[0]), value)

const char *handoff_memory_name(uint32_t type)
{
	static const char *const names[] = {
		[HANDOFF_MEMORY_USABLE] = "usable",
		[HANDOFF_MEMORY_LOADER] = "loader",
		[HANDOFF_MEMORY_BOOT_SERVICES] = "boot services",
		[HANDOFF_MEMORY_ACPI_RECLAIM] = "ACPI tables",
		[HANDOFF_MEMORY_ACPI_NVS] = "ACPI NVS",
		[HANDOFF_MEMORY_RESERVED] = "reserved",
		[HANDOFF_MEMORY_MMIO] = "device memory",
		[HANDOFF_MEMORY_MMIO_PORT] = "device ports",
		[HANDOFF_MEMORY_RUNTIME_CODE] = "runtime code",
		[HANDOFF_MEMORY_RUNTIME_DATA] = "runtime data",
		[HANDOFF_MEMORY_UNUSABLE] = "unusable",
		[HANDOFF_MEMORY_PERSISTENT] = "persistent",
		[HANDOFF_MEMORY_UNACCEPTED] = "unaccepted",
		[HANDOFF_MEMORY_SPECIAL_PURPOSE] = "special purpose",
	};

	return NAME_OF(names, type);
}

const char *handoff_owner_name(uint32_t owner)
{
	static const char *const names[] = {
		[HANDOFF_OWNER_NONE] = "nobody",
		[HANDOFF_OWNER_FIRMWARE] = "firmware",
		[HANDOFF_OWNER_RUNTIME] = "runtime services",
		[HANDOFF_OWNER_BOOT_SERVICES] = "boot services",
		[HANDOFF_OWNER_ACPI] = "ACPI",
		[HANDOFF_OWNER_OTHER_LOADER] = "another loader",
		[HANDOFF_OWNER_KERNEL_TEXT] = "kernel text",
		[HANDOFF_OWNER_KERNEL_RODATA] = "kernel rodata",
		[HANDOFF_OWNER_KERNEL_DATA] = "kernel data",
		[HANDOFF_OWNER_STACK] = "stack",
		[HANDOFF_OWNER_PAGE_TABLES] = "page tables",
		[HANDOFF_OWNER_TABLES] = "GDT and TSS",
		[HANDOFF_OWNER_BLOCK] = "handoff block",
		[HANDOFF_OWNER_MODULE] = "module",
		[HANDOFF_OWNER_BOOT_RECORD] = "boot record",
		[HANDOFF_OWNER_LOADER_IMAGE] = "loader image",
		[HANDOFF_OWNER_SCRATCH] = "work memory",
	};

	return NAME_OF(names, owner);
}

const char *handoff_lifetime_name(uint32_t lifetime)
{
	static const char *const names[] = {
		[HANDOFF_LIFETIME_NEVER] = "never",
		[HANDOFF_LIFETIME_FREE] = "at once",
		[HANDOFF_LIFETIME_OWN_TABLES] = "when you have your own page tables",
		[HANDOFF_LIFETIME_LEFT_STACK] = "when you have left this stack",
		[HANDOFF_LIFETIME_ACPI_PARSED] = "after ACPI is parsed",
		[HANDOFF_LIFETIME_RUNTIME_MAPPED] = "after SetVirtualAddressMap",
		[HANDOFF_LIFETIME_WHEN_DONE] = "when you are done with it",
	};

	return NAME_OF(names, lifetime);
}

const char *handoff_stage_name(uint32_t stage)
{
	static const char *const names[] = {
		[HANDOFF_STAGE_ENTRY] = "entry",
		[HANDOFF_STAGE_CONFIG] = "configuration",
		[HANDOFF_STAGE_KERNEL] = "kernel",
		[HANDOFF_STAGE_MODULES] = "modules",
		[HANDOFF_STAGE_GRAPHICS] = "graphics",
		[HANDOFF_STAGE_PREPARE] = "prepare",
		[HANDOFF_STAGE_PAGE_TABLES] = "page tables",
		[HANDOFF_STAGE_EXIT] = "exit",
		[HANDOFF_STAGE_EXITED] = "exited",
		[HANDOFF_STAGE_SWITCHED] = "switched",
		[HANDOFF_STAGE_SEAL] = "seal",
		[HANDOFF_STAGE_JUMP] = "jump",
	};

	return NAME_OF(names, stage);
}

const char *handoff_block_status_name(enum handoff_block_status status)
{
	static const char *const names[] = {
		[HANDOFF_BLOCK_OK] = "sound",
		[HANDOFF_BLOCK_NULL] = "no block, or misaligned",
		[HANDOFF_BLOCK_TOO_SHORT] = "shorter than a header",
		[HANDOFF_BLOCK_BAD_MAGIC] = "not a handoff block",
		[HANDOFF_BLOCK_BAD_VERSION] = "another major version",
		[HANDOFF_BLOCK_BAD_SIZE] = "impossible sizes in the header",
		[HANDOFF_BLOCK_BAD_CHECKSUM] = "checksum does not match",
		[HANDOFF_BLOCK_PART_OUTSIDE] = "a part lies outside the block",
		[HANDOFF_BLOCK_PART_TWICE] = "a part stands twice",
		[HANDOFF_BLOCK_PART_SHORT] = "a part is too short or of uneven size",
		[HANDOFF_BLOCK_PART_OVERLAP] = "two parts overlap",
		[HANDOFF_BLOCK_PART_MISSING] = "a part is missing",
		[HANDOFF_BLOCK_BAD_STRING] = "a text is outside its part or has no end",
		[HANDOFF_BLOCK_BAD_RESERVED] = "a reserved field is not zero",
	};

	return NAME_OF(names, (uint32_t)status);
}
