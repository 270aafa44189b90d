/* SPDX-License-Identifier: BSD-2-Clause */
/* A graphics output protocol of the gremlin's own (`gop=none|blt|zero|small|mask|short|high|higher|gone`), H73. */
#ifndef TEST_GREMLIN_EFI_GRAPHICS_H
#define TEST_GREMLIN_EFI_GRAPHICS_H

#include <efi.h>

void graphics_begin(const char *words);
/* 1 when this is the protocol's GUID and the case has something to say about it. */
int graphics_wanted(const EFI_GUID *guid);
EFI_STATUS graphics_protocol(VOID **interface);

#endif
