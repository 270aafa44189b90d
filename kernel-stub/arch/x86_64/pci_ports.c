/* SPDX-License-Identifier: BSD-2-Clause */
/* See pci_ports.h.  One processor, interrupts off: the two accesses belong together. */
#include "kernel-stub/arch/x86_64/pci_ports.h"
#include "kernel-stub/arch/x86_64/port_io.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };
#define CONFIG_ENABLE UINT32_C(0x80000000)

static uint32_t config_read(void *context, uint32_t address)
{
	(void)context;
	port_write32(CONFIG_ADDRESS, CONFIG_ENABLE | address);
	return port_read32(CONFIG_DATA);
}

static void config_write(void *context, uint32_t address, uint32_t value)
{
	(void)context;
	port_write32(CONFIG_ADDRESS, CONFIG_ENABLE | address);
	port_write32(CONFIG_DATA, value);
}

const struct pci_access pci_ports = {config_read, config_write, 0};
