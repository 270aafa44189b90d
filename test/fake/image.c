/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader's image as the firmware loads it: main.c with its data fresh for each run, and a relocation that is already
 * done.  The addresses of the image are given to the linker (tools/make/loader-tests.mk).
 */
#include "loader/main.c"
#include "test/fake/fake.h"

EFI_STATUS _relocate(long base, Elf64_Dyn *dynamic, EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	(void)dynamic;
	(void)image;
	(void)system;
	return base == (long)FAKE_IMAGE ? EFI_SUCCESS : EFI_LOAD_ERROR;
}

void fake_image_load(void)
{
	memset(&after, 0, sizeof(after));
}

EFI_STATUS fake_image_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	return loader_entry(image, system);
}
