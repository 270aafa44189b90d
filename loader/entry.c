/* SPDX-License-Identifier: BSD-2-Clause */
/* The PE entry point.  RULE: before the relocation nothing with an address in it may be used. */
#include "loader/entry.h"
#include "loader/image.h"

EFI_STATUS EFIAPI loader_entry(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	if (_relocate((long)image_base, _DYNAMIC, image, system) != EFI_SUCCESS)
		return EFI_LOAD_ERROR;
	return efi_main(image, system);
}
