/* SPDX-License-Identifier: BSD-2-Clause */
/* What this boot was asked to do: load options, baton.conf, the command line. */
#ifndef LOADER_SETTINGS_H
#define LOADER_SETTINGS_H

#include <efi.h>

struct boot;

/* Fills boot->settings.  A missing configuration or command line file is fine; a bad one is reported. */
EFI_STATUS settings_read(struct boot *boot);
/* Frees its texts. */
void settings_free(struct boot *boot);

#endif
