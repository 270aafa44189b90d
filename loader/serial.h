/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial line of a coded stop, where ACPI says that it is not at COM1. */
#ifndef LOADER_SERIAL_H
#define LOADER_SERIAL_H

struct after;
struct boot;

/* Fills after->serial_io from SPCR or DBG2.  When the address space has been built and the tables of the firmware are known. */
void serial_find(struct boot *boot, struct after *after);

#endif
