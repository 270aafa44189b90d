/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's memory map for looking at: not the one that is handed over, see exit.h for that. */
#ifndef LOADER_MAP_READ_H
#define LOADER_MAP_READ_H

#include <efi.h>
#include <stdint.h>
#include "lib/memory_view.h"

struct boot;

struct map_snapshot {
	void *buffer;             /* pool memory */
	uint64_t capacity_bytes;
	uint64_t key;
	struct memory_view view;  /* into buffer */
};

/* Allocates a buffer with room to spare, then reads the map, which shows the buffer too.  The caller reports errors:
   EFI_OUT_OF_RESOURCES without memory for it, EFI_DEVICE_ERROR for an impossible map, else the firmware's status. */
EFI_STATUS map_snapshot_take(struct boot *boot, struct map_snapshot *ret_snapshot);
/* Gives the buffer back; harmless on one that is zero. */
void map_snapshot_free(struct boot *boot, struct map_snapshot *snapshot);

#endif
