/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot services table with the gremlin between the firmware and one image, the loader: every entry is replaced by a piece of
 * dispatch.S that looks at the return address.  Calls by anybody else go straight on; the loader's are counted and go to a hook
 * where there is one.  After the first exit attempt every other call of the loader is a trap (L35).
 */
#ifndef TEST_GREMLIN_EFI_SERVICES_H
#define TEST_GREMLIN_EFI_SERVICES_H

#include <efi.h>
#include <stdint.h>

enum { SERVICES_COUNT = 44 };

/* The number of a service: its place behind the table's header. */
#define SERVICE(member) ((__builtin_offsetof(EFI_BOOT_SERVICES, member) - sizeof(EFI_TABLE_HEADER)) / 8)

/* Before anything else: the table that services_below() knows from then on. */
void services_watch(EFI_BOOT_SERVICES *table);
/* Puts the gremlin into the table, for the image at [base, base + bytes).  What the table holds now is what hooks call. */
void services_open(EFI_BOOT_SERVICES *table, const void *base, uint64_t bytes);
/* Takes it out again. */
void services_close(void);
/* The image whose calls are meant, and for which `base` and `bytes` are exchanged: [*base, *base + *bytes). */
void services_exchange(uint64_t *base, uint64_t *bytes);
/* The loader's calls of this service go to `hook`. */
void services_hook(uint64_t service, const void *hook);
/* All services but GetMemoryMap and ExitBootServices become traps for the loader. */
void services_arm_traps(void);
/* What stands behind the hooks. */
EFI_BOOT_SERVICES *services_below(void);
uint64_t services_calls(uint64_t service);
/* 1 when this return address lies in the loader. */
int services_from_loader(const void *return_address);

#endif
