/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The typist: presses keys for an application that leakcheck starts, as its load options name them.
 *   keys=mNNq  presses m, page down twice, q.  Capitals are keys without a letter: U up, D down, P page up, N page down,
 *              H home, E end, X escape, S blank.
 *   noconsole  starts it without a console, as firmware without a screen does
 */
#ifndef TEST_BOOT_EFI_TYPIST_H
#define TEST_BOOT_EFI_TYPIST_H

#include <efi.h>

void typist_start(EFI_SYSTEM_TABLE *table, const CHAR16 *options);
void typist_end(void);

#endif
