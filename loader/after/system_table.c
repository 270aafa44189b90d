/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The EFI system table as successful firmware leaves it (UEFI 2.10 §7.4.6): no boot services, no consoles, a checksum that
 * fits.  RULE: our own page tables are in force; the table is runtime data and stays the firmware's in all else.
 */
#include "lib/crc32.h"
#include "loader/after/system_table.h"

/* EFI_SYSTEM_TABLE (UEFI 2.10 §4.3), 64-bit. */
struct system_table {
	uint64_t signature;
	uint32_t revision;
	uint32_t header_bytes;
	uint32_t crc32; /* of header_bytes with this field zero */
	uint32_t reserved0;
	uint64_t vendor;
	uint32_t vendor_revision;
	uint32_t padding0;
	uint64_t console_in_handle, console_in;
	uint64_t console_out_handle, console_out;
	uint64_t error_handle, error;
	uint64_t runtime_services, boot_services;
	uint64_t table_count, tables;
};
_Static_assert(sizeof(struct system_table) == 120, "EFI_SYSTEM_TABLE has 120 bytes");

int system_table_clean(uint64_t system_table_phys)
{
	struct system_table *table = (struct system_table *)system_table_phys;

	if (!(table->console_in_handle | table->console_in | table->console_out_handle | table->console_out |
	      table->error_handle | table->error | table->boot_services))
		return 0;
	table->console_in_handle = table->console_in = 0;
	table->console_out_handle = table->console_out = 0;
	table->error_handle = table->error = 0;
	table->boot_services = 0;
	table->crc32 = 0;
	if (table->header_bytes >= 24 && table->header_bytes <= sizeof(*table))
		table->crc32 = crc32(0, table, table->header_bytes);
	return 1;
}
