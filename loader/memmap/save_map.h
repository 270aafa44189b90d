/* SPDX-License-Identifier: BSD-2-Clause */
/* The map as a file of the volume that memmap.efi was started from. */
#ifndef LOADER_MEMMAP_SAVE_MAP_H
#define LOADER_MEMMAP_SAVE_MAP_H

#include "loader/memmap/save.h"

struct boot;

/*
 * Writes \baton\memmap-DATE.map in the form of test/maps; never over a file that is there.  On EFI_SUCCESS path is its name.
 * Otherwise nothing is left behind: EFI_UNSUPPORTED when the application came from no volume, EFI_OUT_OF_RESOURCES, or what
 * save_new() says.  None of this is reported: a map that is not saved is no error.
 */
EFI_STATUS save_map(struct boot *boot, const struct machine *machine, const struct memory_view *map, char path[SAVE_PATH_MAX]);

#endif
