/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large files without the firmware's FAT driver: that one takes some 240 instructions for each cluster, and 35,000 for
 * each piece of a fragmented file.  Here the chain is walked once (lib/fat.h) and each run of clusters is one block
 * request into the final pages.
 */
#ifndef LOADER_EXTENTS_H
#define LOADER_EXTENTS_H

#include <efi.h>
#include <stdint.h>

struct source_file;

/*
 * Reads [offset, offset + bytes) of a file of the boot volume, or refuses: then the firmware's driver shall do it, and
 * whatever has been written to `to` counts for nothing.  It refuses what is small, what is not a plain FAT32 volume that
 * agrees with the firmware about the file's size, and everything that fails.  Nothing is reported but what a log wants.
 */
EFI_STATUS extents_read(struct source_file *file, uint64_t offset, void *to, uint64_t bytes);

#endif
