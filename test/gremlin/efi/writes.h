/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader writes: files (open for writing, write, create, delete, set information, flush) and variables.  It writes
 * nothing that its configuration does not ask for, so the first write of a run ends it (exit_trapped()); with the word
 *   writes=asked   writes reach the firmware or fail (`fail=write`), and the report says how many there were
 */
#ifndef TEST_GREMLIN_EFI_WRITES_H
#define TEST_GREMLIN_EFI_WRITES_H

#include <efi.h>
#include <stdint.h>

/* Puts the gremlin before SetVariable; not where the exit will be real and writes are asked for, because the loader and the kernel
   then keep the function's address. */
void writes_begin(EFI_SYSTEM_TABLE *system, const char *words);
/* Takes it away: after a run, and before an exit that is real, because a kernel compares the table's checksum. */
void writes_end(void);
/* The loader is about to write by this function of the firmware.  Returns only when that was asked for: EFI_SUCCESS, or the error
   with which the write shall fail. */
EFI_STATUS writes_note(const char *function);
/* How many there were in this run. */
uint64_t writes_count(void);

#endif
