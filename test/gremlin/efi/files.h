/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks of the file system and of the protocol services; writes.h watches what changes a disk.  A failing call returns an error;
 * a read can fail otherwise, by `how=`:
 *   short   half of what was asked for
 *   end     nothing, as at the end of the file
 *   long    says that it read more than it was asked for
 * and `how=lie` makes a failing GetInfo or GetPosition report 2^40 bytes, `how=null` a failing protocol call succeed with NULL.
 * `noend=1`: no SetPosition finds the end of a file, so that its size must be asked for.
 */
#ifndef TEST_GREMLIN_EFI_FILES_H
#define TEST_GREMLIN_EFI_FILES_H

#include <efi.h>

void files_begin(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, const char *words);
void files_end(void);

#endif
