/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration space by the two ports of a PC (PCI Local Bus 3.0 §3.2.2.3.2), for lib/pci.h. */
#ifndef KERNEL_PCI_PORTS_H
#define KERNEL_PCI_PORTS_H

#include "lib/pci.h"

extern const struct pci_access pci_ports;

#endif
