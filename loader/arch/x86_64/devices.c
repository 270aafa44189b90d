/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space by its two ports, as every PC has them (PCI Local Bus 3.0 §3.2.2.3.2): the first segment, without the
 * firmware.  RULE: interrupts are off and nobody else runs, so the two accesses belong together.
 */
#include "lib/pci.h"
#include "loader/arch/devices.h"
#include "loader/arch/x86_64/io.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };
#define CONFIG_ENABLE UINT32_C(0x80000000)

static uint32_t config_read(void *context, uint32_t address)
{
	(void)context;
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | address);
	return in32(CONFIG_DATA);
}

static void config_write(void *context, uint32_t address, uint32_t value)
{
	(void)context;
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | address);
	out32(CONFIG_DATA, value);
}

uint32_t devices_stop_network(void)
{
	return pci_stop_network(&(struct pci_access){ .read = config_read, .write = config_write });
}
