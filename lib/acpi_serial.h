/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a machine's serial console is, from ACPI: the Serial Port Console Redirection Table (SPCR), else the first serial port of the
 * Debug Port Table 2 (DBG2; both by Microsoft), found through RSDP and XSDT or RSDT (ACPI 6.5 §5.2.5 to §5.2.8).  Pure: memory is read
 * through the caller's function, and none of it is believed: lengths, checksums and offsets are checked before they are used.
 */
#ifndef LIB_ACPI_SERIAL_H
#define LIB_ACPI_SERIAL_H

#include <stdint.h>

enum acpi_serial_kind {
	ACPI_SERIAL_NONE = 0,
	ACPI_SERIAL_IO = 1,     /* a 16550 at an I/O port */
	ACPI_SERIAL_MEMORY = 2, /* a 16550 in device memory */
};

struct acpi_serial {
	enum acpi_serial_kind kind;
	uint64_t base;   /* port number, or physical address */
	uint32_t stride; /* bytes from one register to the next: 1, 2 or 4 */
};

/* Returns where `bytes` bytes of physical memory can be read, or NULL when they cannot. */
typedef const void *(*acpi_serial_read)(void *context, uint64_t phys, uint64_t bytes);

/* kind NONE when there is no such table or nothing in it can be used. */
struct acpi_serial acpi_serial_find(uint64_t rsdp_phys, acpi_serial_read read, void *context);

#endif
