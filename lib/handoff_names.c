/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the values in a handoff block are called in tables and reports for people.  Pure.  Values of a later minor version
 * are "unknown": handoff.h says how to treat them.
 */
#include "lib/handoff_block.h"
#include "lib/words.h"

/* Each list in the order of its values in handoff.h or of its enum. */

const char *handoff_memory_name(uint32_t type)
{
	static const char names[] = "\0usable\0"
				    "loader\0"
				    "boot services\0"
				    "ACPI tables\0"
				    "ACPI NVS\0"
				    "reserved\0"
				    "device memory\0"
				    "device ports\0"
				    "runtime code\0"
				    "runtime data\0"
				    "unusable\0"
				    "persistent\0"
				    "unaccepted\0"
				    "special purpose";

	return words_nth(names, sizeof(names), type);
}

const char *handoff_owner_name(uint32_t owner)
{
	static const char names[] = "nobody\0"
				    "firmware\0"
				    "runtime services\0"
				    "boot services\0"
				    "ACPI\0"
				    "another loader\0"
				    "\0\0\0\0\0\0\0\0\0\0kernel text\0"
				    "kernel rodata\0"
				    "kernel data\0"
				    "stack\0"
				    "page tables\0"
				    "GDT and TSS\0"
				    "handoff block\0"
				    "module\0"
				    "boot record\0"
				    "loader image\0"
				    "work memory";

	return words_nth(names, sizeof(names), owner);
}

const char *handoff_lifetime_name(uint32_t lifetime)
{
	static const char names[] = "never\0"
				    "at once\0"
				    "when you have your own page tables\0"
				    "when you have left this stack\0"
				    "after ACPI is parsed\0"
				    "after SetVirtualAddressMap\0"
				    "when you are done with it";

	return words_nth(names, sizeof(names), lifetime);
}

const char *handoff_stage_name(uint32_t stage)
{
	static const char names[] = "\0entry\0"
				    "configuration\0"
				    "kernel\0"
				    "modules\0"
				    "graphics\0"
				    "prepare\0"
				    "page tables\0"
				    "exit\0"
				    "exited\0"
				    "switched\0"
				    "seal\0"
				    "jump";

	return words_nth(names, sizeof(names), stage);
}

const char *handoff_block_status_name(enum handoff_block_status status)
{
	static const char names[] = "sound\0"
				    "no block, or misaligned\0"
				    "shorter than a header\0"
				    "not a handoff block\0"
				    "another major version\0"
				    "impossible sizes in the header\0"
				    "checksum does not match\0"
				    "a part lies outside the block\0"
				    "a part stands twice\0"
				    "a part is too short or of uneven size\0"
				    "two parts overlap\0"
				    "a part is missing\0"
				    "a text is outside its part or has no end\0"
				    "a reserved field is not zero";

	return words_nth(names, sizeof(names), (uint32_t)status);
}
