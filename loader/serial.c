/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a coded stop finds the serial line, asked before exit.  RULE: ACPI tables are read only where the memory map shows memory that the
 * page tables map; what they say is a wish: after exit the port is used when a 16550 answers there.
 */
#include "lib/acpi_serial.h"
#include "loader/address_space.h"
#include "loader/after/after.h"
#include "loader/boot.h"
#include "loader/log.h"
#include "loader/serial.h"

static const void *read_mapped(void *context, uint64_t phys, uint64_t bytes)
{
	return address_space_covers(context, phys, bytes) ? (const void *)phys : NULL;
}

void serial_find(struct boot *boot, struct after *after)
{
	struct acpi_serial serial = acpi_serial_find(boot->firmware.rsdp_phys, read_mapped, &after->mapped);

	if (serial.kind == ACPI_SERIAL_IO)
		after->serial_io = (uint16_t)serial.base;
	if (serial.kind != ACPI_SERIAL_NONE)
		log_line(boot, "serial console: %s 0x%lx", serial.kind == ACPI_SERIAL_IO ? "I/O port" : "in memory, not used:",
			 (unsigned long)serial.base);
}
