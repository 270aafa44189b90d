/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The black box before exit: an EFI variable with the fate of the last boot, armed anew for this one.  All of it only with
 * `blackbox = yes`; what is missing or fails costs the black box, never the boot.  Format: lib/last_boot.h.
 */
#ifndef LOADER_BLACKBOX_H
#define LOADER_BLACKBOX_H

struct boot;

/* Reads the variable into boot->last_boot and says what happened; on the console when it did not go well. */
void blackbox_read(struct boot *boot);
/* Arms it, when the variable store has room: the first of at most two writes a boot.  Logs why not. */
void blackbox_arm(struct boot *boot);
/* Deletes what was armed: the boot is given up before the firmware was left. */
void blackbox_disarm(struct boot *boot);

#endif
