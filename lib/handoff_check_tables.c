/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K42: ACPI and SMBIOS entry points and the ACPI tables, by signature and checksum (ACPI 6.5 §5.2.5-§5.2.8, SMBIOS 3.6 §5.2).
 * A wrong sum is a warning: much firmware has one, and the kernel's ACPI interpreter decides.  Pure; every address and length
 * is the firmware's and bounded here.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/freestanding/memory.h"

enum {
	RSDP_BYTES = 20,      /* of ACPI 1.0, covered by the first checksum */
	RSDP2_BYTES = 36,
	SDT_HEADER_BYTES = 36,
	SDT_BYTES_MAX = 16 << 20,
	SDT_COUNT_MAX = 256, /* no machine known has more than some dozens */
	ENTRY_POINT_MAX = 255, /* SMBIOS states its length in one byte */
};

/* The sum of all bytes; 0 is what every checksum here must give.  Returns -1 when a byte cannot be read. */
static int sum_bytes(const struct handoff_check *check, uint64_t phys, uint64_t bytes)
{
	uint8_t buffer[256], sum = 0;

	for (uint64_t done = 0; done < bytes;) {
		uint64_t step = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);

		if (handoff_check_read(check, phys + done, buffer, step) != 0)
			return -1;
		for (uint64_t i = 0; i < step; i++)
			sum = (uint8_t)(sum + buffer[i]);
		done += step;
	}
	return sum;
}

static void warn(const struct handoff_check *check, uint64_t phys, const char *text)
{
	rule_report(check->log, RULE_K(42), RULE_WARNING, phys, 0, text);
}

/* The length of a system description table whose checksum agrees, else 0. */
static uint32_t check_table(const struct handoff_check *check, uint64_t phys)
{
	uint32_t bytes;

	rule_checked(check->log);
	if (phys > UINT64_MAX - SDT_BYTES_MAX || handoff_check_read(check, phys + 4, &bytes, sizeof(bytes)) != 0) {
		warn(check, phys, "an ACPI table is where no memory can be read");
		return 0;
	}
	if (bytes < SDT_HEADER_BYTES || bytes > SDT_BYTES_MAX) {
		warn(check, phys, "an ACPI table has an impossible length");
		return 0;
	}
	if (sum_bytes(check, phys, bytes) != 0) {
		warn(check, phys, "the checksum of an ACPI table does not agree");
		return 0;
	}
	return bytes;
}

/* XSDT or RSDT and every table that it points to. */
static void check_root(const struct handoff_check *check, uint64_t root_phys, uint32_t pointer_bytes)
{
	uint32_t bytes = check_table(check, root_phys);
	uint32_t count = bytes == 0 ? 0 : (bytes - SDT_HEADER_BYTES) / pointer_bytes;

	if (count > SDT_COUNT_MAX) {
		warn(check, root_phys, "the root table of ACPI lists too many tables to be believed");
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t table_phys = 0; /* little-endian: a 32-bit pointer fills the lower half */

		if (handoff_check_read(check, root_phys + SDT_HEADER_BYTES + (uint64_t)i * pointer_bytes, &table_phys,
				       pointer_bytes) == 0 &&
		    table_phys != 0)
			check_table(check, table_phys);
	}
}

static void check_rsdp(const struct handoff_check *check)
{
	uint64_t phys = check->firmware->rsdp_phys, xsdt;
	uint8_t rsdp[RSDP2_BYTES];
	uint32_t rsdt, bytes;

	if (phys == 0) {
		warn(check, 0, "the firmware has no ACPI tables: processors and interrupts must be found in another way");
		return;
	}
	if (handoff_check_read(check, phys, rsdp, RSDP_BYTES) != 0)
		return warn(check, phys, "the root pointer of ACPI cannot be read");
	if (memcmp(rsdp, "RSD PTR ", 8) != 0 || sum_bytes(check, phys, RSDP_BYTES) != 0)
		return warn(check, phys, "the root pointer of ACPI has a wrong signature or checksum");
	if (rsdp[15] < 2) {
		memcpy(&rsdt, rsdp + 16, sizeof(rsdt));
		check_root(check, rsdt, 4);
		return;
	}
	if (handoff_check_read(check, phys, rsdp, RSDP2_BYTES) != 0)
		return warn(check, phys, "the root pointer of ACPI cannot be read");
	memcpy(&bytes, rsdp + 20, sizeof(bytes));
	if (bytes < RSDP2_BYTES || bytes > SDT_BYTES_MAX || sum_bytes(check, phys, bytes) != 0)
		return warn(check, phys, "the root pointer of ACPI has a wrong length or extended checksum");
	memcpy(&xsdt, rsdp + 24, sizeof(xsdt));
	check_root(check, xsdt, 8);
}

/* An SMBIOS entry point: its anchor, and the sum over as many bytes as it says that it has. */
static void check_smbios(const struct handoff_check *check, uint64_t phys, const char *anchor, uint32_t anchor_bytes,
			 uint32_t length_offset)
{
	uint8_t entry[16];

	if (phys == 0)
		return;
	rule_checked(check->log);
	if (handoff_check_read(check, phys, entry, sizeof(entry)) != 0)
		return warn(check, phys, "the SMBIOS entry point cannot be read");
	if (memcmp(entry, anchor, anchor_bytes) != 0 || entry[length_offset] < sizeof(entry) ||
	    sum_bytes(check, phys, entry[length_offset]) != 0)
		warn(check, phys, "the SMBIOS entry point has a wrong signature, length or checksum");
}

void handoff_check_tables(const struct handoff_check *check)
{
	rule_checked(check->log);
	if (check->firmware->rsdp_phys == 0 || (check->input->live != NULL && check->input->live->read_phys != NULL))
		check_rsdp(check);
	if (check->input->live == NULL || check->input->live->read_phys == NULL)
		return;
	check_smbios(check, check->firmware->smbios3_phys, "_SM3_", 5, 6);
	check_smbios(check, check->firmware->smbios_phys, "_SM_", 4, 5);
}
