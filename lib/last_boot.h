/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record in the black box: an EFI variable that the loader arms before ExitBootServices (`blackbox = yes`), that a coded
 * stop or the kernel overwrites with how it ended, and that the next start reads.  Anybody may have written what comes back:
 * nothing of it is believed before magic, version, length, checksum and values have passed.  Pure.
 *
 * Format, little-endian, LAST_BOOT_BYTES in all:
 *    0 u64 magic            8 u16 version (1)    10 u16 length        12 u32 CRC-32C of all with this field zero
 *   16 u32 state           20 u32 stage          24 u32 code          28 u32 attempts
 *   32 u64 detail[4]       64 u64 image_phys     72 i64 wall_clock
 * with the fields of struct handoff_last_boot.
 */
#ifndef LIB_LAST_BOOT_H
#define LIB_LAST_BOOT_H

#include <stdint.h>
#include "lib/handoff.h"

#define LAST_BOOT_MAGIC UINT64_C(0x786f426e6f746142) /* "BatonBox" as little-endian bytes */
enum { LAST_BOOT_VERSION = 1, LAST_BOOT_BYTES = 80, LAST_BOOT_TEXT_MAX = 256 };

/* NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS (UEFI 2.10 §8.2). */
enum { LAST_BOOT_ATTRIBUTES = 7 };

/* Why a record is not believed, in the order of the checks; detail[0] of HANDOFF_LAST_BOOT_UNREADABLE. */
enum last_boot_status {
	LAST_BOOT_OK = 0,
	LAST_BOOT_NOT_READ = 1,       /* the firmware does not give it out, or it is too long */
	LAST_BOOT_BAD_ATTRIBUTES = 2, /* not LAST_BOOT_ATTRIBUTES */
	LAST_BOOT_SHORT = 3,          /* no room for magic, version and length */
	LAST_BOOT_BAD_MAGIC = 4,
	LAST_BOOT_BAD_VERSION = 5,
	LAST_BOOT_BAD_LENGTH = 6,
	LAST_BOOT_BAD_CHECKSUM = 7,
	LAST_BOOT_BAD_VALUE = 8,      /* a state that no record has */
};

/* Enters name and vendor GUID of the variable, "BatonBlackBox-5d9a2e6c-b741-4c4f-9e0b-3d52a871c6e4". */
void last_boot_name_variable(struct handoff_last_boot *boot);
/* Writes the record of a boot whose state is ARMED, STOPPED, PASSED or FAILED. */
void last_boot_encode(const struct handoff_last_boot *boot, uint8_t ret_record[LAST_BOOT_BYTES]);
/*
 * Reads one.  *ret_boot is always set: its first eight fields from the record, or, after any status but LAST_BOOT_OK, the state
 * HANDOFF_LAST_BOOT_UNREADABLE with the status in detail[0].  The fields about the variable stay zero.
 */
enum last_boot_status last_boot_decode(const void *record, uint64_t bytes, struct handoff_last_boot *ret_boot);
/* What is handed over of a record that is not believed. */
struct handoff_last_boot last_boot_unreadable(enum last_boot_status why);

/* "the last boot stopped at stage 12 (jump): ...": one line for people, without a full stop.  Returns text. */
char *last_boot_text(char text[LAST_BOOT_TEXT_MAX], const struct handoff_last_boot *boot);
/* "armed", "stopped", ...; "unknown" for values of a later version. */
const char *last_boot_state_name(uint32_t state);
const char *last_boot_status_name(uint64_t status);

#endif
