/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model: one byte a page says its memory type.  Every service first does what is right; where the fault of the day is
 * asked about, it does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lib/uefi_memory.h"
#include "loader/arch/cpu.h"
#include "loader/arch/ports.h"
#include "test/memmap/model_state.h"

/* From FIRST_USED on memory belongs to the firmware; of it nothing is given out, but some is free at the end. */
enum { FIRST_USED = 4000, FREE_AT_END = 8 };

struct model model;

/* What of the loader is linked asks for these. */
void debug_port_line(const char *line)
{
	(void)line;
}

int cpu_random(const struct cpu *cpu, uint8_t seed[32])
{
	(void)cpu;
	(void)seed;
	return -1;
}

static uint64_t page_of(uint64_t phys)
{
	return (phys - MODEL_ARENA) / 4096;
}

static int in_arena(uint64_t phys, uint64_t pages)
{
	return phys >= MODEL_ARENA && page_of(phys) < MODEL_PAGES && pages <= MODEL_PAGES - page_of(phys);
}

static void set_pages(uint64_t phys, uint64_t pages, uint32_t type)
{
	memset(&model.types[page_of(phys)], (int)type, pages);
}

static int all_are(uint64_t phys, uint64_t pages, int free)
{
	for (uint64_t i = 0; i < pages; i++)
		if ((model.types[page_of(phys) + i] == UEFI_CONVENTIONAL) != free)
			return 0;
	return 1;
}

/* --- pages ------------------------------------------------------------------------------------------------------------- */

static int is_allowed(uint32_t type)
{
	if (type == UEFI_PERSISTENT)
		return is(FAULT_PERSISTENT);
	if (type == UEFI_UNACCEPTED)
		return is(FAULT_UNACCEPTED);
	return type < UEFI_MEMORY_TYPE_COUNT || type >= 0x70000000 || is(FAULT_RESERVED_TYPE);
}

/* From the top, at most `limit` at the end; 0 when there is none. */
static uint64_t place(uint64_t pages, uint64_t limit)
{
	for (uint64_t at = pages <= FIRST_USED ? FIRST_USED - pages + 1 : 0; at-- > 1;) {
		uint64_t phys = MODEL_ARENA + at * 4096;

		if (phys + pages * 4096 - 1 <= limit && all_are(phys, pages, 1))
			return phys;
	}
	return 0;
}

/* Two pages that are one, as with an address line that is stuck. */
static void alias(uint64_t phys)
{
	int file = memfd_create("alias", 0);

	if (file < 0 || ftruncate(file, 4096) != 0 ||
	    mmap((void *)phys, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED ||
	    mmap((void *)(phys + 4096), 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
		perror("model: no two pages that are one");
		exit(1);
	}
	close(file);
}

static uint32_t shown_type(uint32_t type)
{
	/* Types that a byte cannot hold are never in the map: they are given back at once. */
	return type < UEFI_MEMORY_TYPE_COUNT ? type : UEFI_RESERVED;
}

static EFI_STATUS place_exactly(uint64_t wanted, uint64_t pages, uint64_t *ret_phys)
{
	if (is(FAULT_EXACT_REFUSED) || !in_arena(wanted, pages))
		return EFI_NOT_FOUND;
	if (!all_are(wanted, pages, 1))
		return is(FAULT_EXACT_TAKEN) ? EFI_SUCCESS : EFI_NOT_FOUND;
	*ret_phys = is(FAULT_EXACT_ELSEWHERE) ? place(pages, wanted - 1) : wanted;
	return EFI_SUCCESS;
}

static EFI_STATUS choose(EFI_ALLOCATE_TYPE how, UINTN pages, uint64_t wanted, uint64_t *ret_phys)
{
	*ret_phys = 0;
	if (pages > MODEL_PAGES)
		return is(FAULT_TOO_MANY) ? EFI_SUCCESS : EFI_OUT_OF_RESOURCES;
	if (how == AllocateAddress)
		return place_exactly(wanted, pages, ret_phys);
	if (how == AllocateMaxAddress && wanted == 0 && is(FAULT_BELOW_ZERO))
		wanted = UINT64_MAX;
	if (how == AllocateMaxAddress && wanted > MODEL_ARENA && is(FAULT_BELOW_REFUSED))
		return EFI_NOT_FOUND;
	if (how == AllocateMaxAddress && wanted > 0 && is(FAULT_BELOW_IGNORED)) {
		*ret_phys = MODEL_ARENA + (MODEL_PAGES - FREE_AT_END) * UINT64_C(4096);
		return EFI_SUCCESS;
	}
	*ret_phys = place(pages, how == AllocateMaxAddress ? wanted : UINT64_MAX);
	return *ret_phys != 0 ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *memory)
{
	EFI_STATUS status;
	uint64_t phys;

	if (how >= MaxAllocateType && !is(FAULT_KIND))
		return is(FAULT_KIND_STATUS) ? EFI_UNSUPPORTED : EFI_INVALID_PARAMETER;
	if (!is_allowed((uint32_t)type) || (memory == NULL && !is(FAULT_NULL_WRITES)))
		return memory == NULL && is(FAULT_NULL_ACCEPTED) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
	if (is(FAULT_PAGES_REFUSED))
		return EFI_OUT_OF_RESOURCES;
	status = choose(how, pages, memory != NULL ? *memory : 0, &phys);
	if (EFI_ERROR(status) || phys == 0)
		return status;
	set_pages(phys, pages, is(FAULT_PAGES_TYPE) ? UEFI_RESERVED : shown_type((uint32_t)type));
	if (is(FAULT_PAGE_OF_FIRMWARE))
		set_pages(MODEL_ARENA + 4096, 1, UEFI_BOOT_SERVICES_DATA);
	model.key += !is(FAULT_KEY_KEPT_ALLOCATE);
	if (is(FAULT_PAGES_ALIASED) && pages == 16)
		alias(phys);
	if (is(FAULT_PAGES_UNALIGNED) && how == AllocateAnyPages)
		phys += 8;
	if (memory != NULL)
		*memory = phys;
	else
		memcpy(model.zero, &phys, sizeof(phys));
	return EFI_SUCCESS;
}

/* A part of an allocation: what lies next to it stays allocated. */
static int is_part(uint64_t phys, uint64_t pages)
{
	return model.types[page_of(phys) + pages] == UEFI_LOADER_DATA || model.types[page_of(phys) - 1] == UEFI_LOADER_DATA;
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS memory, UINTN pages)
{
	uint64_t phys = memory & ~UINT64_C(4095);

	if (memory % 4096 != 0) {
		if (is(FAULT_FREE_UNALIGNED_DOES))
			set_pages(phys, pages, UEFI_CONVENTIONAL);
		if (is(FAULT_FREE_UNALIGNED) || is(FAULT_FREE_UNALIGNED_DOES))
			return EFI_SUCCESS;
		if (!is(FAULT_PAGES_UNALIGNED))
			return EFI_INVALID_PARAMETER;
	}
	if (!in_arena(phys, pages) || !all_are(phys, pages, 0))
		return is(FAULT_FREE_TWICE) ? EFI_SUCCESS : EFI_NOT_FOUND;
	if (is_part(phys, pages) && is(FAULT_SLACK_REFUSED))
		return EFI_NOT_FOUND;
	if (is(FAULT_PAGES_KEPT) || (is(FAULT_SLACK_KEPT) && is_part(phys, pages)))
		return EFI_SUCCESS;
	set_pages(phys, pages, is(FAULT_PAGES_BACK_AS_OTHER) ? UEFI_BOOT_SERVICES_DATA : UEFI_CONVENTIONAL);
	if (is(FAULT_PAGE_LEAKS) && pages == 4)
		set_pages(MODEL_ARENA + 4096, 1, UEFI_LOADER_CODE);
	model.key += !is(FAULT_KEY_KEPT_FREE);
	return EFI_SUCCESS;
}

/* --- pool -------------------------------------------------------------------------------------------------------------- */

static uint64_t pages_of(uint64_t bytes)
{
	return (bytes + 4095) / 4096;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **buffer)
{
	uint64_t phys, slot = 0;

	if (!is_allowed((uint32_t)type) || (buffer == NULL && !is(FAULT_NULL_WRITES)))
		return buffer == NULL && is(FAULT_NULL_ACCEPTED) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
	if (bytes > MODEL_PAGES * UINT64_C(4096))
		return is(FAULT_POOL_HUGE) ? EFI_SUCCESS : EFI_OUT_OF_RESOURCES;
	if (is(FAULT_POOL_REFUSED) && bytes == 4097)
		return EFI_OUT_OF_RESOURCES;
	if (is(FAULT_POOL_NULL) && bytes == 40) {
		*buffer = NULL;
		return EFI_SUCCESS;
	}
	phys = place(pages_of(bytes), UINT64_MAX);
	if (is(FAULT_POOL_SHARED) && bytes == 4096 && model.big_pool != 0)
		phys = model.big_pool;
	else
		set_pages(phys, pages_of(bytes), is(FAULT_POOL_TYPE) ? UEFI_BOOT_SERVICES_DATA : shown_type((uint32_t)type));
	model.big_pool = bytes == 4095 ? phys : model.big_pool;
	if (is(FAULT_POOL_UNALIGNED) && bytes == 7)
		phys += 4;
	while (model.pools[slot].base != 0)
		slot++;
	model.pools[slot].base = phys;
	model.pools[slot].bytes = bytes;
	model.key++;
	if (buffer != NULL)
		*buffer = (VOID *)phys;
	else
		memcpy(model.zero, &phys, sizeof(phys));
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	for (uint32_t i = 0; i < MODEL_POOLS_MAX; i++) {
		uint64_t base = model.pools[i].base, pages = pages_of(model.pools[i].bytes);

		if (buffer == NULL || base != (uint64_t)buffer)
			continue;
		model.pools[i].base = 0;
		model.key++;
		if (is(FAULT_POOL_KEPT))
			return EFI_SUCCESS;
		if (is(FAULT_POOL_HALF_KEPT) && pages > 16)
			pages /= 2;
		set_pages(base & ~UINT64_C(4095), pages, UEFI_CONVENTIONAL);
		return is(FAULT_POOL_FREE_REFUSED) ? EFI_INVALID_PARAMETER : EFI_SUCCESS;
	}
	return is(FAULT_FREE_NULL) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
}

/* --- the rest ---------------------------------------------------------------------------------------------------------- */

static EFI_TPL EFIAPI raise_tpl(EFI_TPL tpl)
{
	EFI_TPL before = model.tpl;

	model.tpl = tpl;
	return before;
}

static VOID EFIAPI restore_tpl(EFI_TPL tpl)
{
	model.tpl = tpl;
}

static int borrow(void *context, uint64_t bytes)
{
	(void)context;
	if (!model.lend || bytes > MODEL_ZERO_BYTES)
		return 0;
	memcpy(model.saved, model.zero, MODEL_ZERO_BYTES);
	memset(model.zero, 0, 8);
	return 1;
}

static int give_back(void *context, uint64_t *ret_first)
{
	int changed;

	(void)context;
	memcpy(ret_first, model.zero, 8);
	changed = *ret_first != 0 || memcmp(model.zero + 8, model.saved + 8, MODEL_ZERO_BYTES - 8) != 0;
	memcpy(model.zero, model.saved, MODEL_ZERO_BYTES);
	return changed;
}

static void map_arena(int flags)
{
	void *at = (void *)MODEL_ARENA;

	if (mmap(at, MODEL_PAGES * UINT64_C(4096), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0) != at) {
		perror("model: no memory at the addresses of the model");
		exit(1);
	}
}

struct bench *model_start(enum model_fault fault, uint32_t lend)
{
	static int mapped;

	map_arena(mapped++ ? MAP_FIXED : MAP_FIXED_NOREPLACE);
	free(model.maps[0]);
	free(model.maps[1]);
	memset(&model, 0, sizeof(model));
	model.fault = fault;
	model.lend = lend;
	model.tpl = TPL_APPLICATION;
	memset(model.types, UEFI_CONVENTIONAL, FIRST_USED);
	memset(model.types + FIRST_USED, UEFI_BOOT_SERVICES_DATA, MODEL_PAGES - FREE_AT_END - FIRST_USED);
	memset(model.types + MODEL_PAGES - FREE_AT_END, UEFI_CONVENTIONAL, FREE_AT_END);
	memset(model.zero, 0xf0, sizeof(model.zero));
	model.services = (EFI_BOOT_SERVICES){
		.RaiseTPL = raise_tpl, .RestoreTPL = restore_tpl, .AllocatePages = allocate_pages, .FreePages = free_pages,
		.GetMemoryMap = model_get_memory_map, .AllocatePool = allocate_pool, .FreePool = free_pool,
	};
	for (uint32_t i = 0; i < 2; i++)
		model.maps[i] = malloc(MODEL_MAP_CAPACITY);
	model.bench = (struct bench){
		.services = &model.services, .maps = {model.maps[0], model.maps[1]}, .map_capacity = MODEL_MAP_CAPACITY, .physical_bits = 40,
		.zero = {.borrow = borrow, .give_back = give_back},
	};
	return &model.bench;
}

uint64_t model_left(void)
{
	uint64_t left = 0;

	for (uint32_t i = 0; i < MODEL_PAGES; i++)
		left += model.types[i] != UEFI_CONVENTIONAL && (i < FIRST_USED || i >= MODEL_PAGES - FREE_AT_END);
	return left;
}

int model_tpl_restored(void)
{
	return model.tpl == TPL_APPLICATION;
}
