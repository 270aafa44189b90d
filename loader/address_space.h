/* SPDX-License-Identifier: BSD-2-Clause */
/* The page tables that the kernel starts on. */
#ifndef LOADER_ADDRESS_SPACE_H
#define LOADER_ADDRESS_SPACE_H

#include <efi.h>
#include <stdint.h>

struct boot;
struct memory_map;

/* Builds boot->page_tables as lib/handoff.h promises; what the identity map covers comes back in *ret_mapped, whose ranges lie
   in boot->ranges_buffer.  Errors are reported. */
EFI_STATUS address_space_build(struct boot *boot, struct memory_map *ret_mapped);
/* 1 when all of [phys, phys + bytes) is RAM of this identity map. */
int address_space_covers(const struct memory_map *mapped, uint64_t phys, uint64_t bytes);

#endif
