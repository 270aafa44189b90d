/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks of the memory services.  A failing AllocatePages (`fail=pages`...) returns an error, or with `how=` succeeds with
 *   zero      address 0
 *   odd       an address that is not page-aligned
 *   low       memory below 1 MiB
 *   wrap      the last page of the address space
 *   beyond    an address that no processor has
 *   overlap   memory that the loader already has
 * and a failing AllocatePool with `how=null` succeeds with NULL.  A failing free gives back nothing; `how=fill` overwrites
 * what is given back and succeeds.  `place=high` puts all pages above 4 GiB, `nx=1` makes them not executable;
 * `image=high` puts the loader itself above 4 GiB.
 */
#ifndef TEST_GREMLIN_EFI_MEMORY_H
#define TEST_GREMLIN_EFI_MEMORY_H

#include <efi.h>
#include <stdint.h>

void memory_begin(const char *words);
/* What nx=1 has done to the firmware's tables is undone. */
void memory_end(void);
/* With `image=high`, around LoadImage: no memory below 4 GiB is free, so that the image comes to lie above. */
void memory_take_low(const char *words);
void memory_give_low(void);
/* The kernel's text: the loader's first EfiLoaderCode allocation; 0 before. */
uint64_t memory_text(uint64_t *ret_pages);
/* Allocations of types that a loader must not use (L6, L7), and requests for a fixed address (L10). */
uint64_t memory_misuses(void);

#endif
