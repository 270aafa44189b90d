/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that the firmware may have left running.  One implementation per architecture in arch/<name>/devices.c. */
#ifndef LOADER_ARCH_DEVICES_H
#define LOADER_ARCH_DEVICES_H

#include <stdint.h>

/* Only after exit: until then the firmware's drivers need them.  No network controller writes to memory when this returns (L23).
   Returns how many could. */
uint32_t devices_stop_network(void);

#endif
