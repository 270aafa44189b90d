/* SPDX-License-Identifier: BSD-2-Clause */
/* Load options: what a shell, a boot option or another loader tells an EFI application. */
#ifndef LOADER_OPTIONS_H
#define LOADER_OPTIONS_H

#include <efi.h>
#include <stdint.h>

enum { OPTIONS_BYTES_MAX = 512 };

/*
 * Load options are whatever started us put there: a command line with or without the program's name, or binary data of a
 * boot option.  Only printable ASCII text counts: it is copied to text, NUL-terminated.  Returns its length, 0 for none.
 */
uint32_t options_read(const EFI_LOADED_IMAGE *image, char text[OPTIONS_BYTES_MAX]);

#endif
