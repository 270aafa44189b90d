/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader's image as the firmware loads it: main.c with its data fresh for each run.  The addresses of the image are given to the linker (tools/make/loader-tests.mk).
 */
#include "loader/main.c"
#include "test/fake/fake.h"

void fake_image_load(void)
{
	memset(&after, 0, sizeof(after));
}

EFI_STATUS fake_image_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	return efi_main(image, system);
}
