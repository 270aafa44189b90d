/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SetVirtualAddressMap as the kernel finds it after an exit that is real (H80-H82): code of the gremlin in runtime memory.  Word:
 *   svam=N   it returns the error N;  svam=fault  it reads memory that no descriptor describes
 */
#ifndef TEST_GREMLIN_EFI_RUNTIME_H
#define TEST_GREMLIN_EFI_RUNTIME_H

#include <efi.h>

/* Changes the table for good, its checksum included. */
void runtime_begin(EFI_SYSTEM_TABLE *system, const char *words);

#endif
