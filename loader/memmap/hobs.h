/* SPDX-License-Identifier: BSD-2-Clause */
/* The hand-off blocks of the pre-EFI phase next to the memory map, where the firmware publishes them. */
#ifndef LOADER_MEMMAP_HOBS_H
#define LOADER_MEMMAP_HOBS_H

#include "lib/memory_view.h"

struct boot;

void hobs_show(const struct boot *boot, const struct memory_view *map, const struct memory_view_sink *sink);

#endif
