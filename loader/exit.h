/* SPDX-License-Identifier: BSD-2-Clause */
/* The final memory map and ExitBootServices. */
#ifndef LOADER_EXIT_H
#define LOADER_EXIT_H

#include <efi.h>
#include <stdint.h>

struct after;
struct boot;

enum {
	EXIT_ATTEMPTS_MAX = 8,        /* L34 */
	EXIT_SLACK_BYTES = 64 << 10,  /* L27: 1365 descriptors of 48 bytes */
	EXIT_GUARD_BYTES = 4096,      /* behind the map buffer, filled with a pattern (L27, H7) */
};

/* Asks how large the map is (L28).  The caller reports errors: the firmware's status, or EFI_DEVICE_ERROR for an impossible
   size. */
EFI_STATUS exit_probe_map(struct boot *boot, uint64_t *ret_bytes);
/* The size of buffer for a map that was probed as `needed` bytes: max(2 * needed, needed + slack), whole pages (L27). */
uint64_t exit_map_capacity(uint64_t needed);
/* Reads the map into the block's buffer: for the page tables, before exit.  Errors are reported. */
EFI_STATUS exit_read_map(struct boot *boot, uint64_t *ret_map_bytes, uint64_t *ret_descriptor_bytes);
/*
 * The exit loop.  EFI_SUCCESS: boot services are gone, after has the map's figures and the attempts.  An error: nothing was
 * exited, the first GetMemoryMap failed, and it has been reported.  A failure after the first ExitBootServices call does
 * not return: it ends in a coded stop (L37).
 */
EFI_STATUS exit_boot_services(struct boot *boot, struct after *after);

#endif
