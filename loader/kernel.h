/* SPDX-License-Identifier: BSD-2-Clause */
/* From an ELF64 file to segments in memory. */
#ifndef LOADER_KERNEL_H
#define LOADER_KERNEL_H

#include <efi.h>

struct boot;

/* Plans, places, reads and relocates the kernel named in the settings: fills boot->plan and boot->segment_phys. */
EFI_STATUS kernel_load(struct boot *boot);

#endif
