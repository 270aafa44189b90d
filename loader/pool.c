/* SPDX-License-Identifier: BSD-2-Clause */
/* Pool memory.  RULE: firmware that reports success and gives nothing is believed the second. */
#include "loader/boot.h"
#include "loader/log.h"
#include "loader/pool.h"

void *pool_allocate(struct boot *boot, uint64_t bytes, const char *what)
{
	void *memory = NULL;

	if (!EFI_ERROR(boot->services->AllocatePool(EfiLoaderData, bytes, &memory)) && memory != NULL)
		return memory;
	log_error(boot, EFI_OUT_OF_RESOURCES, "no memory: %lu bytes for %s", (unsigned long)bytes, what);
	return NULL;
}

void pool_free(struct boot *boot, void *memory)
{
	if (memory != NULL)
		boot->services->FreePool(memory);
}
