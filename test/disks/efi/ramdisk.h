/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk in memory: a copy of QEMU's read-only second disk, which the firmware's own partition and file system drivers read. */
#ifndef TEST_DISKS_EFI_RAMDISK_H
#define TEST_DISKS_EFI_RAMDISK_H

#include <efi.h>
#include <stdint.h>

enum { RAMDISK_SECTOR_BYTES = 512 };

/* Finds the read-only disk and copies it. */
EFI_STATUS ramdisk_load(EFI_BOOT_SERVICES *services);
/* Changes bytes of one sector. */
EFI_STATUS ramdisk_change(uint32_t sector, uint32_t offset, const void *data, uint32_t bytes);
/* Makes a sector what it is on the real disk again. */
EFI_STATUS ramdisk_restore(uint32_t sector);
/* Shows the disk to the firmware and has drivers connected to it. */
EFI_STATUS ramdisk_attach(void);
/* The handle of a file system on it; NULL without any. */
EFI_HANDLE ramdisk_file_system(void);
/* Takes it away again. */
EFI_STATUS ramdisk_detach(void);
/* How often somebody wanted to write to it. */
uint64_t ramdisk_writes(void);

#endif
