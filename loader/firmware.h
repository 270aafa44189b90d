/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader needs of the firmware as a whole: a sane start, its tables, its clock, its random numbers. */
#ifndef LOADER_FIRMWARE_H
#define LOADER_FIRMWARE_H

#include <efi.h>
#include <stdint.h>

struct boot;

/* Validates the system table, switches the watchdog off, makes sure of TPL_APPLICATION (L1-L3, L5).  On failure nothing has
   been reported: there may be no way to. */
EFI_STATUS firmware_start(struct boot *boot, EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
/*
 * The watchdog around what a firmware's drivers do with a disk: one that never comes back from a damaged file system (seen in a folder
 * whose clusters form a ring) ends in a reset and not in silence (L2).  For an access of this many bytes; off again as soon as it is
 * over, since a person at a screen has all the time there is.
 */
void firmware_watchdog_start(struct boot *boot, uint64_t bytes);
void firmware_watchdog_stop(struct boot *boot);
/* The protocol of this GUID on a handle, which may be NULL; and the first one in the system.  NULL: there is none. */
void *firmware_protocol_of(struct boot *boot, EFI_HANDLE handle, const EFI_GUID *guid);
void *firmware_protocol(struct boot *boot, const EFI_GUID *guid);
/* State of Secure Boot: HANDOFF_SECURE_BOOT_... */
uint32_t firmware_secure_boot(struct boot *boot);
/* Collects vendor facts, wall clock and random seed into boot->firmware, ->loader and ->seed. */
void firmware_describe(struct boot *boot);
/* Finds RSDP, SMBIOS, device tree and memory attributes table: after the last runtime allocation (L25). */
void firmware_tables(struct boot *boot);
/* Address of a configuration table by its GUID (UEFI 2.10 §4.6), 0 = not there. */
uint64_t firmware_table(const struct boot *boot, const EFI_GUID *guid);
/* FirmwareVendor as UTF-8; returns its length without the NUL. */
uint32_t firmware_vendor(const struct boot *boot, char *text, uint32_t bytes);

#endif
