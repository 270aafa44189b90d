/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot record: runtime memory with the log and the last stage reached (struct handoff_boot_record). */
#ifndef LOADER_RECORD_H
#define LOADER_RECORD_H

#include <efi.h>

struct boot;

/* Allocates the record, early and anywhere (L8). */
EFI_STATUS record_create(struct boot *boot);
/* Moves the record when it lies where a kernel is linked low (boot->pages.kernel). */
EFI_STATUS record_avoid_kernel(struct boot *boot);

#endif
