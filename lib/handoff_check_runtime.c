/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K45-K48: may the runtime services be called?  The system table must be itself, cleaned of what ended with
 * ExitBootServices, and its runtime services must point into runtime services code (UEFI 2.10 §4.3, §4.5, §7.4.6).  None is
 * fatal: after a warning here a kernel runs without runtime services.  Pure; the tables are read through the caller.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/crc32.h"
#include "lib/handoff_block.h"

#define SYSTEM_TABLE_SIGNATURE UINT64_C(0x5453595320494249)  /* "IBI SYST" */
#define RUNTIME_TABLE_SIGNATURE UINT64_C(0x56524553544e5552) /* "RUNTSERV" */

/* EFI_TABLE_HEADER. */
struct table_header {
	uint64_t signature;
	uint32_t revision;
	uint32_t header_bytes;
	uint32_t crc32;
	uint32_t reserved;
};

/* EFI_SYSTEM_TABLE of a 64-bit machine. */
struct system_table {
	struct table_header header;
	uint64_t vendor;
	uint64_t firmware_revision;
	uint64_t console_in_handle, console_in;
	uint64_t console_out_handle, console_out;
	uint64_t standard_error_handle, standard_error;
	uint64_t runtime_services;
	uint64_t boot_services;
	uint64_t table_count;
	uint64_t tables;
};
_Static_assert(sizeof(struct system_table) == 120, "EFI_SYSTEM_TABLE has 120 bytes");

/* EFI_RUNTIME_SERVICES: 14 functions. */
enum { RUNTIME_FUNCTIONS = 14, TABLE_BYTES_MAX = 4096 };
struct runtime_table {
	struct table_header header;
	uint64_t functions[RUNTIME_FUNCTIONS];
};
_Static_assert(sizeof(struct runtime_table) == 136, "EFI_RUNTIME_SERVICES has 136 bytes");

/* K47: CRC-32 over header_bytes with the field itself taken as zero. */
static int checksum_agrees(const struct handoff_check *check, uint64_t phys, struct table_header header, uint32_t least_bytes)
{
	uint8_t buffer[64];
	uint32_t expected = header.crc32;

	if (header.header_bytes < least_bytes || header.header_bytes > TABLE_BYTES_MAX)
		return 0;
	header.crc32 = 0;
	uint32_t crc = crc32(0, &header, sizeof(header));
	for (uint64_t done = sizeof(header); done < header.header_bytes;) {
		uint64_t step = header.header_bytes - done < sizeof(buffer) ? header.header_bytes - done : sizeof(buffer);

		if (handoff_check_read(check, phys + done, buffer, step) != 0)
			return 0;
		crc = crc32(crc, buffer, step);
		done += step;
	}
	return crc == expected;
}

static void check_checksum(const struct handoff_check *check, uint64_t phys, struct table_header header, uint32_t least_bytes)
{
	rule_checked(check->log);
	if (!checksum_agrees(check, phys, header, least_bytes))
		rule_report(check->log, RULE_K(47), RULE_WARNING, phys, header.crc32,
			    "the checksum of a UEFI table does not agree: do not call runtime services");
}

/* K45: where the table is, which a dump shows, too. */
static void check_place(const struct handoff_check *check)
{
	uint64_t phys = check->firmware->system_table_phys;
	uint32_t type = handoff_check_type(check, phys);

	rule_checked(check->log);
	if (phys == 0)
		rule_report(check->log, RULE_K(45), RULE_WARNING, 0, 0, "there is no system table: no runtime services");
	else if (type == HANDOFF_MEMORY_RUNTIME_CODE)
		rule_report(check->log, RULE_K(45), RULE_WARNING, phys, type,
			    "the system table is in runtime services code, not data: map it writable for SetVirtualAddressMap");
	else if (check->derived.count > 0 && type != HANDOFF_MEMORY_RUNTIME_DATA)
		rule_report(check->log, RULE_K(45), RULE_WARNING, phys, type,
			    "the system table is not in runtime services data: it may be overwritten before it is called");
}

/* K46. */
static void check_cleaned(const struct handoff_check *check, const struct system_table *table)
{
	rule_checked(check->log);
	if ((table->boot_services | table->console_in_handle | table->console_in | table->console_out_handle |
	     table->console_out | table->standard_error_handle | table->standard_error) != 0)
		rule_report(check->log, RULE_K(46), RULE_REPAIRED, table->boot_services, table->console_out,
			    "the system table still points to boot services or consoles: never follow them");
}

/* K48.  A function in device memory or ROM is legal, one in RAM that is no runtime code is not. */
static void check_functions(const struct handoff_check *check, const struct runtime_table *table)
{
	const struct handoff_live *live = check->input->live;
	uint32_t callable = check->firmware->flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE;

	rule_checked(check->log);
	for (uint32_t i = 0; i < RUNTIME_FUNCTIONS; i++) {
		uint64_t function = table->functions[i];
		uint32_t type = handoff_check_type(check, function);
		struct page_mapping mapping;

		if (type != HANDOFF_MEMORY_RUNTIME_CODE && type != HANDOFF_MEMORY_MMIO) {
			rule_report(check->log, RULE_K(48), RULE_WARNING, function, i,
				    "a runtime service is outside runtime services code: do not call runtime services");
			return;
		}
		if (callable && (page_tables_walk(&live->reader, function, &mapping) != PAGE_TABLES_OK ||
				 mapping.phys != function || !(mapping.flags & PAGE_EXECUTE))) {
			rule_report(check->log, RULE_K(48), RULE_WARNING, function, i,
				    "a runtime service is said to be callable but is not mapped executable");
			return;
		}
	}
}

static void check_runtime_table(const struct handoff_check *check, uint64_t phys)
{
	struct runtime_table table;

	rule_checked(check->log);
	if (phys == 0 || phys != check->firmware->runtime_services_phys ||
	    handoff_check_read(check, phys, &table, sizeof(table)) != 0 || table.header.signature != RUNTIME_TABLE_SIGNATURE) {
		rule_report(check->log, RULE_K(45), RULE_WARNING, phys, check->firmware->runtime_services_phys,
			    "the system table leads to no runtime services table, or to another than announced");
		return;
	}
	check_checksum(check, phys, table.header, sizeof(table));
	if (check->derived.count > 0)
		check_functions(check, &table);
}

/* K48: the service that the black box is to be cleared with (v1.1).  What the record says of the last boot judges nobody. */
static void check_black_box(const struct handoff_check *check)
{
	const struct handoff_last_boot *boot = handoff_part(check->block, HANDOFF_PART_LAST_BOOT, NULL, NULL);
	uint64_t phys = boot == NULL ? 0 : boot->set_variable_phys;
	uint32_t type = handoff_check_type(check, phys);

	if (phys == 0)
		return;
	rule_checked(check->log);
	if (!(check->firmware->flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE))
		rule_report(check->log, RULE_K(48), RULE_WARNING, phys, 0,
			    "the black box has a service to call, but runtime services cannot be called: do not");
	else if (check->derived.count > 0 && type != HANDOFF_MEMORY_RUNTIME_CODE && type != HANDOFF_MEMORY_MMIO)
		rule_report(check->log, RULE_K(48), RULE_WARNING, phys, type,
			    "the service for the black box is outside runtime services code: do not call it");
}

void handoff_check_runtime(const struct handoff_check *check)
{
	uint64_t phys = check->firmware->system_table_phys;
	struct system_table table;

	check_place(check);
	check_black_box(check);
	if (phys == 0 || check->input->live == NULL || check->input->live->read_phys == NULL)
		return;
	if (handoff_check_read(check, phys, &table, sizeof(table)) != 0 || table.header.signature != SYSTEM_TABLE_SIGNATURE) {
		rule_report(check->log, RULE_K(45), RULE_WARNING, phys, 0,
			    "what is announced as the system table is none: no runtime services");
		return;
	}
	check_checksum(check, phys, table.header, sizeof(table));
	check_cleaned(check, &table);
	check_runtime_table(check, table.runtime_services);
}
