/* SPDX-License-Identifier: BSD-2-Clause */
/* The EFI system table after exit. */
#ifndef LOADER_AFTER_SYSTEM_TABLE_H
#define LOADER_AFTER_SYSTEM_TABLE_H

#include <stdint.h>

/* Clears the pointers to boot services and consoles, should the firmware have left them, and corrects the checksum (L42).
   Returns 1 when something had to be done. */
int system_table_clean(uint64_t system_table_phys);

#endif
