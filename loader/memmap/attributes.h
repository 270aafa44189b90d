/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory attributes table (UEFI 2.10 §4.6.4) next to the memory map, where the firmware has one. */
#ifndef LOADER_MEMMAP_ATTRIBUTES_H
#define LOADER_MEMMAP_ATTRIBUTES_H

#include "lib/memory_view.h"

struct boot;

void attributes_show(const struct boot *boot, const struct memory_view *map, const struct memory_view_sink *sink);

#endif
