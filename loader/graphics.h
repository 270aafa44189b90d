/* SPDX-License-Identifier: BSD-2-Clause */
/* The graphics output protocol: choose a mode, describe its framebuffer. */
#ifndef LOADER_GRAPHICS_H
#define LOADER_GRAPHICS_H

struct boot;

/* Fills boot->framebuffer; leaves width 0 when there is no linear framebuffer.  Never fails: a boot without a screen is fine. */
void graphics_start(struct boot *boot);

#endif
