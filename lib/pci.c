/* SPDX-License-Identifier: BSD-2-Clause */
/* See pci.h.  PCI Local Bus 3.0 §6.1, §6.2; PCI-to-PCI Bridge 1.2 §3.2.5. */
#include "lib/pci.h"

enum {
	BUSES = 256,
	DEVICES = 32,
	FUNCTIONS = 8,
	IDENTIFIERS = 0x00,
	COMMAND = 0x04,    /* status, written with ones to clear, in the upper half */
	CLASS = 0x08,
	HEADER_TYPE = 0x0c,
	BRIDGE_BUSES = 0x18,
	NOBODY = 0xffff,
	BUS_MASTER = 1 << 2,
	CLASS_NETWORK = 0x02,
	TYPE_BRIDGE = 0x01,
	MULTIPLE_FUNCTIONS = 0x80,
};

/* Buses that bridges have named. */
struct buses {
	uint32_t bits[BUSES / 32];
};

/* 1 when the function could write to memory. */
static uint32_t stop(const struct pci_access *access, uint32_t function)
{
	uint32_t command = access->read(access->context, function | COMMAND);

	if (!(command & BUS_MASTER))
		return 0;
	access->write(access->context, function | COMMAND, command & 0xffff & ~(uint32_t)BUS_MASTER);
	/* The answer to a read comes behind all that the function has sent before (PCI Express 5.0 §2.4.1). */
	access->read(access->context, function | COMMAND);
	return 1;
}

/* One function; returns its header type. */
static uint32_t look(const struct pci_access *access, uint32_t function, struct buses *buses, uint32_t *stopped)
{
	uint32_t type = access->read(access->context, function | HEADER_TYPE) >> 16 & 0xff;
	uint32_t bus = access->read(access->context, function | BRIDGE_BUSES) >> 8 & 0xff;

	if ((type & ~(uint32_t)MULTIPLE_FUNCTIONS) == TYPE_BRIDGE)
		buses->bits[bus / 32] |= UINT32_C(1) << bus % 32;
	else if (access->read(access->context, function | CLASS) >> 24 == CLASS_NETWORK)
		*stopped += stop(access, function);
	return type;
}

static uint32_t stop_bus(const struct pci_access *access, uint32_t bus, struct buses *buses)
{
	uint32_t stopped = 0;

	for (uint32_t device = 0; device < DEVICES; device++) {
		uint32_t functions = 1;

		for (uint32_t i = 0; i < functions; i++) {
			uint32_t function = bus << 16 | device << 11 | i << 8;

			if ((access->read(access->context, function | IDENTIFIERS) & 0xffff) == NOBODY)
				continue;
			if (look(access, function, buses, &stopped) & MULTIPLE_FUNCTIONS)
				functions = FUNCTIONS;
		}
	}
	return stopped;
}

uint32_t pci_stop_network(const struct pci_access *access)
{
	struct buses buses = {{1}};
	uint32_t stopped = 0;

	/* What lies behind a bridge has a higher number than what is before it. */
	for (uint32_t bus = 0; bus < BUSES; bus++)
		if (buses.bits[bus / 32] >> bus % 32 & 1)
			stopped += stop_bus(access, bus, &buses);
	return stopped;
}
