/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report: files about this boot on the volume that the loader came from, with `report = yes` only.
 * \baton\report-DATE-MACHINE.txt is a map file that `baton map` reads, with everything else as comments in front of the map;
 * \baton\last-boot.txt says how the boot before this one ended, and that this one has begun.
 */
#ifndef LOADER_REPORT_H
#define LOADER_REPORT_H

#include "loader/save.h"

struct boot;

/* Writes both, before exit.  A volume that is full, write-protected or broken is no error: it is said, and the boot goes on. */
void report_write(struct boot *boot);

/* Sections of the report, lines of comment each. */
void report_boot(struct boot *boot, struct save_text *text);    /* what happened, and what will be handed over */
void report_devices(struct boot *boot, struct save_text *text); /* graphics modes and disks */

#endif
