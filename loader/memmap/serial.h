/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on the first serial port, for a machine whose firmware has no console. */
#ifndef LOADER_MEMMAP_SERIAL_H
#define LOADER_MEMMAP_SERIAL_H

#include <efi.h>

struct boot;

/* Something that log_line() can print on: only OutputString is there.  NULL when the firmware has no serial port. */
SIMPLE_TEXT_OUTPUT_INTERFACE *serial_console(struct boot *boot);

#endif
