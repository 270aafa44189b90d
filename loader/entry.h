/* SPDX-License-Identifier: BSD-2-Clause */
/* From the PE entry point to the first line of C that may use addresses: the same for each of our EFI applications. */
#ifndef LOADER_ENTRY_H
#define LOADER_ENTRY_H

#include <efi.h>
#include <elf.h>

/* What the firmware calls: relocates the image, then calls efi_main(). */
EFI_STATUS EFIAPI loader_entry(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
/* The application's own: its status goes to the firmware. */
EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/* gnu-efi: applies the image's own relocations. */
EFI_STATUS _relocate(long base, Elf64_Dyn *dynamic, EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
extern Elf64_Dyn _DYNAMIC[];

#endif
