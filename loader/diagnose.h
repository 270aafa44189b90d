/* SPDX-License-Identifier: BSD-2-Clause */
/* What is found out about a machine only when somebody asks: by memmap.efi, which the loader starts. */
#ifndef LOADER_DIAGNOSE_H
#define LOADER_DIAGNOSE_H

struct boot;

/* Shows the memory map on the firmware's console when the key m waits in the keyboard.  Never an error: the boot goes on. */
void diagnose_map_if_asked(struct boot *boot);
/* With `report = yes`: has the files about this boot written, before exit, of what the block says.  Never an error either. */
void diagnose_report(struct boot *boot);

#endif
