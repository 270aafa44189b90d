/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report: files about a boot on the volume that the loader came from, with `report = yes` only.
 * \baton\report-DATE-MACHINE.txt is a map file that `baton map` reads, with everything else as comments in front of the map;
 * \baton\last-boot.txt says how the boot before this one ended, and that this one has begun.
 */
#ifndef LOADER_MEMMAP_REPORT_H
#define LOADER_MEMMAP_REPORT_H

#include "lib/handoff.h"
#include "loader/memmap/save.h"

struct boot;

/*
 * Writes both, before exit, of the block that the loader is about to hand over.  A volume that is full, write-protected or
 * broken is no error, nor is an address where there is no such block: it is said, and the boot goes on.
 */
void report_write(struct boot *boot, uint64_t block_phys, const struct machine *machine, const struct memory_view *map);

/* Sections of the report, lines of comment each. */
/* What happened, and what will be handed over. */
void report_boot(struct boot *boot, const struct handoff_header *block, struct save_text *text);
/* Graphics modes and disks. */
void report_devices(struct boot *boot, struct save_text *text);

#endif
