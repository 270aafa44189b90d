/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are loaded beside the kernel. */
#ifndef LOADER_MODULES_H
#define LOADER_MODULES_H

#include <efi.h>

struct boot;

/* Reads every module of the configuration into pages of its own, in the order of the file. */
EFI_STATUS modules_load(struct boot *boot);
/* Frees the list (the modules' pages are on boot->pages). */
void modules_free(struct boot *boot);

#endif
