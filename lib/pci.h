/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space, as far as a handoff needs it: network controllers that a firmware leaves running write what they
 * receive into memory that is somebody else's by then (L23, M17).  Pure: the caller brings the access to configuration space.
 */
#ifndef LIB_PCI_H
#define LIB_PCI_H

#include <stdint.h>

/* Access to configuration space.  address: bus << 16 | device << 11 | function << 8 | offset, a multiple of 4 (PCI Local Bus 3.0
   §3.2.2.3.2).  What is not there reads as all ones. */
struct pci_access {
	uint32_t (*read)(void *context, uint32_t address);
	void (*write)(void *context, uint32_t address, uint32_t value);
	void *context;
};

/*
 * Takes the right to write to memory (Bus Master Enable) from every function of class 02h, network controller, on bus 0 and
 * behind its bridges; a driver gives it back when it takes the controller over, as it must after any start.  Everything that such
 * a function has sent has reached memory when this returns.  Returns how many had the right.  Nothing that configuration space
 * says makes it take more than 65,536 looks at a function.
 */
uint32_t pci_stop_network(const struct pci_access *access);

#endif
