/* SPDX-License-Identifier: BSD-2-Clause */
/* The volume that the loader was started from, through EFI_SIMPLE_FILE_SYSTEM_PROTOCOL. */
#ifndef LOADER_VOLUME_H
#define LOADER_VOLUME_H

#include <efi.h>

struct boot;

/* Finds the loader's own image and opens the root of its volume; EFI_UNSUPPORTED, reported, when it came from no file system
   (network boot). */
EFI_STATUS volume_open(struct boot *boot);
/* Closes the root directory (L21).  Harmless when nothing is open. */
void volume_close(struct boot *boot);

#endif
