/* SPDX-License-Identifier: BSD-2-Clause */
/* What each of the tests' EFI applications needs of a volume: a whole file in memory, and the device path of a file. */
#ifndef TEST_BOOT_EFI_VOLUME_H
#define TEST_BOOT_EFI_VOLUME_H

#include <efi.h>

enum { VOLUME_PATH_BYTES = 512 };

/* Reads the start of a file, at most *bytes bytes of it, into the caller's buffer; *bytes becomes how many came. */
EFI_STATUS volume_read(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, const CHAR16 *path, VOID *buffer, UINTN *bytes);
/*
 * The volume's device path with a file's path behind it (UEFI 2.10 §10.3.5.4), by which the firmware tells an image where it came
 * from.  name_bytes counts the NUL.  EFI_BUFFER_TOO_SMALL.
 */
EFI_STATUS volume_file_path(const EFI_DEVICE_PATH *volume, const CHAR16 *name, UINTN name_bytes, UINT8 ret_path[VOLUME_PATH_BYTES]);

#endif
