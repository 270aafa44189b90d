/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the model share: its memory, one byte a page, and the fault of the day. */
#ifndef TEST_MEMMAP_MODEL_STATE_H
#define TEST_MEMMAP_MODEL_STATE_H

#include "test/memmap/model.h"

enum { MODEL_POOLS_MAX = 64, MODEL_ZERO_BYTES = 64 << 10, MODEL_MAP_CAPACITY = 128 << 10 };

struct model {
	enum model_fault fault;
	uint8_t types[MODEL_PAGES]; /* UEFI memory type of each page */
	struct {
		uint64_t base, bytes;
	} pools[MODEL_POOLS_MAX];
	uint64_t key, map_calls;
	EFI_TPL tpl;
	uint64_t big_pool;          /* base of a pool of many pages, for FAULT_POOL_SHARED */
	uint8_t zero[MODEL_ZERO_BYTES], saved[MODEL_ZERO_BYTES]; /* what plays address 0 */
	uint32_t lend;
	EFI_BOOT_SERVICES services;
	struct bench bench;
	uint8_t *maps[2];
};
extern struct model model;

static inline int is(enum model_fault fault)
{
	return model.fault == fault;
}

/* model_map.c */
EFI_STATUS EFIAPI model_get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *stride, UINT32 *version);

#endif
