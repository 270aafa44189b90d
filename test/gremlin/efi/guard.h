/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guarded memory (`guard=1`): a page that is not there before and behind each allocation, and freed memory that is not there
 * any more, so that an overrun or a use after free is a page fault.  Pool buffers end at the guard.  Everything goes back to
 * the firmware at the end of a run.
 */
#ifndef TEST_GREMLIN_EFI_GUARD_H
#define TEST_GREMLIN_EFI_GUARD_H

#include <efi.h>
#include <stdint.h>

struct guard_balance {
	uint64_t left;       /* pages that the loader still holds */
	uint64_t bad_frees;  /* frees of what it does not hold */
};

void guard_begin(EFI_BOOT_SERVICES *genuine);
EFI_STATUS guard_allocate_pages(EFI_MEMORY_TYPE type, uint64_t pages, uint64_t *ret_address);
EFI_STATUS guard_allocate_pool(EFI_MEMORY_TYPE type, uint64_t bytes, void **ret_buffer);
EFI_STATUS guard_free_pages(uint64_t address, uint64_t pages);
EFI_STATUS guard_free_pool(void *buffer);
void guard_end(struct guard_balance *ret_balance);

#endif
