/* SPDX-License-Identifier: BSD-2-Clause */
/* Which machine this is, in words: the head of what is shown and saved. */
#ifndef LOADER_MEMMAP_MACHINE_H
#define LOADER_MEMMAP_MACHINE_H

#include "lib/memory_view.h"

struct boot;

struct machine {
	char name[128];     /* maker, product, version, board; "unknown" */
	char firmware[80];  /* the UEFI revision, vendor and revision of the firmware */
	char bios[128];     /* its vendor, version and date by SMBIOS; "unknown" */
	char time[24];      /* "2025-01-31 14:25:30"; "unknown" */
	char stamp[20];     /* "20250131-142530"; "undated" */
};

/* Needs the map to know what of the firmware's tables may be read. */
void machine_describe(struct boot *boot, const struct memory_view *map, struct machine *ret_machine);

#endif
