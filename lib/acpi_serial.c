/* SPDX-License-Identifier: BSD-2-Clause */
/* From the RSDP to the serial console.  Fields are read byte by byte: ACPI aligns nothing. */
#include "lib/acpi_serial.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

enum {
	HEADER_BYTES = 36,       /* of every system description table, ACPI 6.5 table 5.4 */
	TABLE_BYTES_MAX = 65536,
	ENTRIES_MAX = 256,
	/* SPCR, revisions 1 to 4. */
	SPCR_TYPE = 36,
	SPCR_ADDRESS = 40,
	SPCR_BYTES = 52,
	/* DBG2 and its device information structure. */
	DBG2_FIRST = 36,
	DBG2_COUNT = 40,
	DBG2_BYTES = 44,
	DEVICE_BYTES = 22,
	DEVICE_LENGTH = 1,
	DEVICE_TYPE = 12,
	DEVICE_SUBTYPE = 14,
	DEVICE_ADDRESS = 18,
	DEVICE_IS_SERIAL = 0x8000,
	/* Generic address structure, ACPI 6.5 table 5.1. */
	ADDRESS_BYTES = 12,
};

struct reader {
	acpi_serial_read read;
	void *context;
};

struct table {
	const uint8_t *at;
	uint32_t bytes;
};

static int sums_to_zero(const uint8_t *bytes, uint32_t count)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

/* A whole table that is what its header says; at is NULL when it is not. */
static struct table open_table(const struct reader *reader, uint64_t phys)
{
	const uint8_t *header = phys ? reader->read(reader->context, phys, HEADER_BYTES) : 0;
	uint32_t bytes = header ? le_read32(header + 4) : 0;
	const uint8_t *table;

	if (bytes < HEADER_BYTES || bytes > TABLE_BYTES_MAX)
		return (struct table){ 0 };
	table = reader->read(reader->context, phys, bytes);
	if (!table || !sums_to_zero(table, bytes))
		return (struct table){ 0 };
	return (struct table){ table, bytes };
}

/* The first table with this signature that is sound, and its root's pointers of 4 or 8 bytes. */
static struct table find_in(const struct reader *reader, const struct table *root, uint32_t pointer_bytes, const char signature[4])
{
	for (uint32_t i = 0; i < ENTRIES_MAX && HEADER_BYTES + (i + 1) * pointer_bytes <= root->bytes; i++) {
		const uint8_t *pointer = root->at + HEADER_BYTES + i * pointer_bytes;
		struct table table = open_table(reader, pointer_bytes == 8 ? le_read64(pointer) : le_read32(pointer));

		if (table.at && memcmp(table.at, signature, 4) == 0)
			return table;
	}
	return (struct table){ 0 };
}

/* XSDT where there is one, else RSDT. */
static struct table open_root(const struct reader *reader, uint64_t rsdp_phys, uint32_t *ret_pointer_bytes)
{
	const uint8_t *rsdp = rsdp_phys ? reader->read(reader->context, rsdp_phys, 20) : 0;
	struct table root = { 0 };

	if (!rsdp || memcmp(rsdp, "RSD PTR ", 8) != 0 || !sums_to_zero(rsdp, 20))
		return root;
	*ret_pointer_bytes = 4;
	if (rsdp[15] >= 2) {
		const uint8_t *second = reader->read(reader->context, rsdp_phys, 36);

		if (second && sums_to_zero(second, 36))
			root = open_table(reader, le_read64(second + 24));
		if (root.at && memcmp(root.at, "XSDT", 4) == 0) {
			*ret_pointer_bytes = 8;
			return root;
		}
	}
	root = open_table(reader, le_read32(rsdp + 16));
	return root.at && memcmp(root.at, "RSDT", 4) == 0 ? root : (struct table){ 0 };
}

/* A 16550, or something that is driven like one; 0x12 says the same and that the address structure is complete. */
static int is_16550(uint32_t type)
{
	return type == 0 || type == 1 || type == 0x12;
}

static struct acpi_serial at_address(const uint8_t *address)
{
	uint32_t space = address[0], access = address[3];
	struct acpi_serial serial = { .base = le_read64(address + 4), .stride = 1 };

	if (space == 1 && serial.base != 0 && serial.base <= 0xfff8)
		serial.kind = ACPI_SERIAL_IO;
	if (space == 0 && serial.base != 0 && serial.base <= UINT64_MAX - 32) {
		serial.kind = ACPI_SERIAL_MEMORY;
		/* Access size 2 and 3: registers of 16 and 32 bits; 0 is of old, when there were only bytes. */
		serial.stride = access == 3 ? 4 : access == 2 ? 2 : 1;
	}
	return serial;
}

static struct acpi_serial from_spcr(const struct table *table)
{
	if (table->bytes < SPCR_BYTES || !is_16550(table->at[SPCR_TYPE]))
		return (struct acpi_serial){ 0 };
	return at_address(table->at + SPCR_ADDRESS);
}

static struct acpi_serial from_device(const uint8_t *device, uint32_t bytes)
{
	uint32_t address = le_read16(device + DEVICE_ADDRESS);

	if (le_read16(device + DEVICE_TYPE) != DEVICE_IS_SERIAL || !is_16550(le_read16(device + DEVICE_SUBTYPE)) ||
	    address + ADDRESS_BYTES > bytes)
		return (struct acpi_serial){ 0 };
	return at_address(device + address);
}

static struct acpi_serial from_dbg2(const struct table *table)
{
	struct acpi_serial serial = { 0 };
	uint32_t at, count;

	if (table->bytes < DBG2_BYTES)
		return serial;
	at = le_read32(table->at + DBG2_FIRST);
	count = le_read32(table->at + DBG2_COUNT);
	for (uint32_t i = 0; i < count && serial.kind == ACPI_SERIAL_NONE; i++) {
		uint32_t bytes;

		if (at > table->bytes || table->bytes - at < DEVICE_BYTES)
			break;
		bytes = le_read16(table->at + at + DEVICE_LENGTH);
		if (bytes < DEVICE_BYTES || bytes > table->bytes - at)
			break;
		serial = from_device(table->at + at, bytes);
		at += bytes;
	}
	return serial;
}

struct acpi_serial acpi_serial_find(uint64_t rsdp_phys, acpi_serial_read read, void *context)
{
	struct reader reader = { read, context };
	struct acpi_serial serial = { 0 };
	uint32_t pointer_bytes = 0;
	struct table root = open_root(&reader, rsdp_phys, &pointer_bytes), table;

	if (!root.at)
		return serial;
	table = find_in(&reader, &root, pointer_bytes, "SPCR");
	if (table.at)
		serial = from_spcr(&table);
	if (serial.kind != ACPI_SERIAL_NONE)
		return serial;
	table = find_in(&reader, &root, pointer_bytes, "DBG2");
	return table.at ? from_dbg2(&table) : serial;
}
