/* SPDX-License-Identifier: BSD-2-Clause */
/* What a loader is about to start, in one number that the host works out from the undamaged files (test/disks/expected.py). */
#ifndef TEST_DISKS_EFI_SIGNATURE_H
#define TEST_DISKS_EFI_SIGNATURE_H

#include <stdint.h>
#include "lib/handoff.h"

/*
 * CRC-32 over the block's kernel, modules and command line and over the memory that they stand in: for each segment virtual
 * address, bytes, permissions (64 bits each) and content; the entry point; for each module bytes, content and name; the command
 * line.
 */
uint32_t signature(const struct handoff_header *block);

#endif
