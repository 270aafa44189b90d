/* SPDX-License-Identifier: BSD-2-Clause */
/* The graphics output protocol: choose a mode, describe its framebuffer. */
#ifndef LOADER_GRAPHICS_H
#define LOADER_GRAPHICS_H

#include <efi.h>

struct boot;

/* Fills boot->framebuffer; leaves width 0 when there is no linear framebuffer.  Never fails: a boot without a screen is fine. */
void graphics_start(struct boot *boot);
/* The graphics output of the console, or any; NULL when there is none. */
EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics_find(struct boot *boot);

#endif
