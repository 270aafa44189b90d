/* SPDX-License-Identifier: BSD-2-Clause */
/* The loader's own image in memory, by its linker script: page-aligned bounds of the sections with their permissions. */
#ifndef LOADER_IMAGE_H
#define LOADER_IMAGE_H

extern char image_base[], image_end[];
extern char image_text_start[], image_text_end[];     /* read, execute */
extern char image_rodata_start[], image_rodata_end[]; /* read; all else is read, write */

#endif
