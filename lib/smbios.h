/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What SMBIOS says about the machine in words: maker, model, version of the firmware (DMTF DSP0134 3.6).  Only what a person
 * needs to name a machine.  Pure: reads the bytes that the caller says may be read and believes none of them.
 */
#ifndef LIB_SMBIOS_H
#define LIB_SMBIOS_H

#include <stdint.h>

enum { SMBIOS_ENTRY_BYTES = 31 }; /* enough of either entry point; the 64-bit one has 24 */

/* Where the structures are, from an entry point of either kind: 1, or 0 when it has no anchor or a wrong checksum. */
int smbios_entry(const void *entry, uint64_t entry_bytes, uint64_t *ret_phys, uint64_t *ret_bytes);

/* A string of one structure: its type, and the offset in it of the byte with the string's number. */
enum smbios_string {
	SMBIOS_FIRMWARE_VENDOR,
	SMBIOS_FIRMWARE_VERSION,
	SMBIOS_FIRMWARE_DATE,
	SMBIOS_SYSTEM_MAKER,
	SMBIOS_SYSTEM_PRODUCT,
	SMBIOS_SYSTEM_VERSION,
	SMBIOS_BOARD_PRODUCT,
};

/*
 * Copies the string from the first structure of its type into text, NUL-terminated, cut to what fits, trimmed, with '?' for
 * anything but printable ASCII.  "" when the structures do not have it.  Returns the length.
 */
uint64_t smbios_text(const void *structures, uint64_t bytes, enum smbios_string which, char *text, uint64_t text_bytes);

#endif
