/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of the kernel's own, in memory from its allocator: what a kernel does next after a handoff.  They map what the
 * loader's do, and the runtime services a second time in the upper half, where SetVirtualAddressMap is to move them.
 */
#ifndef KERNEL_ARCH_ADDRESS_SPACE_H
#define KERNEL_ARCH_ADDRESS_SPACE_H

#include <stdint.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/handoff.h"
#include "lib/memory_map.h"

/* Runtime services at physical address p go to ADDRESS_SPACE_RUNTIME + p: all distances stay, as split images need it. */
#define ADDRESS_SPACE_RUNTIME UINT64_C(0xffffa00000000000)
#define ADDRESS_SPACE_RUNTIME_BYTES (UINT64_C(1) << 46)

/* Builds the tables; cpu is the live one.  NULL when all went well, else what is wrong (a constant text). */
const char *address_space_build(struct page_tables *ret_tables, struct memory_map *pages, const struct handoff_header *block,
				const struct handoff_cpu *cpu);
/* Makes them the processor's. */
void address_space_load(const struct page_tables *tables);
/* Takes the physical addresses of the runtime services away. */
const char *address_space_forget_runtime(struct page_tables *tables, const struct handoff_header *block);

#endif
