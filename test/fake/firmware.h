/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the fake firmware. */
#ifndef TEST_FAKE_FIRMWARE_H
#define TEST_FAKE_FIRMWARE_H

#include <efi.h>
#include "lib/handoff.h"

/* What GetVariable, GetTime and EFI_RNG_PROTOCOL give, and the system table's words about itself. */
#define FAKE_VENDOR L"Fake Firmware"
#define FAKE_VENDOR_TEXT "Fake Firmware"
#define FAKE_FIRMWARE_REVISION 0x00012345u
#define FAKE_UEFI_REVISION 0x0002000au
#define FAKE_WALL_CLOCK INT64_C(1709210096) /* 2024-02-29 12:34:56 UTC, as 13:34:56 in the zone UTC+1 */
#define FAKE_WALL_CLOCK_ZONE (-60)
#define FAKE_SEED_BYTE 0x91
extern const EFI_GUID fake_volume_guid;

/* Fills memory with all tables as the options want them. */
EFI_SYSTEM_TABLE *fake_firmware_start(void);
EFI_LOADED_IMAGE *fake_loaded_image(void);
/* The firmware installs its memory attributes table anew, elsewhere. */
void fake_attributes_move(void);
/* The entries of a sound memory attributes table: for the code of the runtime services, for their data. */
void fake_attributes_entries(struct handoff_raw_descriptor entries[2]);

#endif
