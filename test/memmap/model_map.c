/* SPDX-License-Identifier: BSD-2-Clause */
/* GetMemoryMap of the model: the runs of equal pages as descriptors, damaged as the fault of the day demands. */
#include <string.h>
#include "lib/uefi_memory.h"
#include "test/memmap/model_state.h"

enum { STRIDE = 48, RUNS_MAX = 512, SPARE = 3 };

static void damage(struct handoff_raw_descriptor *list, uint64_t count)
{
	struct handoff_raw_descriptor *last = &list[count - 1];

	if (is(FAULT_ZERO_PAGES))
		last->number_of_pages = 0;
	if (is(FAULT_OVERLAP))
		last->physical_start = MODEL_ARENA;
	if (is(FAULT_MISALIGNED))
		last->physical_start += 8;
	if (is(FAULT_WRAPS))
		last->number_of_pages = UINT64_MAX;
	if (is(FAULT_UNKNOWN_TYPE))
		last->type = 0x1234;
	if (is(FAULT_BEYOND))
		*last = (struct handoff_raw_descriptor){
			.type = UEFI_CONVENTIONAL, .physical_start = UINT64_C(1) << 40, .number_of_pages = 1, .attribute = 0xf};
	if (is(FAULT_RUNTIME_MISSING))
		last->type = UEFI_RUNTIME_SERVICES_DATA;
	if (is(FAULT_MAP_RESTLESS) && model.map_calls % 2 == 0)
		last->attribute ^= UEFI_MEMORY_WB;
}

static uint64_t make_map(struct handoff_raw_descriptor list[RUNS_MAX])
{
	uint64_t count = 0;

	list[count++] = (struct handoff_raw_descriptor){.type = UEFI_RESERVED, .physical_start = 0, .number_of_pages = 1};
	for (uint64_t at = 0, end; at < MODEL_PAGES; at = end) {
		for (end = at; end < MODEL_PAGES && model.types[end] == model.types[at]; end++)
			;
		list[count++] = (struct handoff_raw_descriptor){.type = model.types[at], .physical_start = MODEL_ARENA + at * 4096,
								.number_of_pages = end - at, .attribute = 0xf};
	}
	list[count++] = (struct handoff_raw_descriptor){.type = UEFI_MMIO, .physical_start = 0xffc00000, .number_of_pages = 1024,
							.attribute = UEFI_MEMORY_UC};
	if (is(FAULT_MAP_GROWS) && model.map_calls % 2 == 0)
		list[count++] = (struct handoff_raw_descriptor){.type = UEFI_RESERVED, .physical_start = 0xfec00000, .number_of_pages = 1};
	damage(list, count);
	return count;
}

static void write_map(uint8_t *to, const struct handoff_raw_descriptor *list, uint64_t count, uint64_t stride)
{
	for (uint64_t i = 0; i < count; i++) {
		memset(to + i * stride, 0x77, stride);
		memcpy(to + i * stride, &list[i], stride < sizeof(list[i]) ? stride : sizeof(list[i]));
	}
}

/* A size query or a buffer too small. */
static EFI_STATUS too_small(UINTN *bytes, uint8_t *map, uint64_t needed, UINTN *stride, const struct handoff_raw_descriptor *list)
{
	uint64_t given = *bytes;

	*bytes = needed;
	*stride = is(FAULT_QUERY_STRIDE) ? 0 : STRIDE;
	if (given == 0 && is(FAULT_QUERY_NOTHING))
		*bytes = 0;
	if (given == 0 && is(FAULT_QUERY_SUCCEEDS))
		return EFI_SUCCESS;
	if (given == 0 && is(FAULT_QUERY_INVALID))
		return EFI_INVALID_PARAMETER;
	if (given == 0 && is(FAULT_ASKS_TOO_LITTLE))
		*bytes = needed - STRIDE;
	if (given > 0 && is(FAULT_SMALL_SAYS_LESS))
		*bytes = STRIDE;
	if (given > 0 && is(FAULT_SMALL_WRITES))
		write_map(map, list, 2, STRIDE);
	return given > 0 && given < STRIDE && is(FAULT_SMALL_SUCCEEDS) ? EFI_SUCCESS : EFI_BUFFER_TOO_SMALL;
}

EFI_STATUS EFIAPI model_get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *stride, UINT32 *version)
{
	struct handoff_raw_descriptor list[RUNS_MAX];
	uint64_t count, size, needed;

	if (bytes == NULL)
		return is(FAULT_NULL_ACCEPTED) ? EFI_BUFFER_TOO_SMALL : EFI_INVALID_PARAMETER;
	model.map_calls++;
	if (is(FAULT_NO_MAP))
		return EFI_DEVICE_ERROR;
	count = make_map(list);
	size = count * STRIDE;
	needed = size + (is(FAULT_RETURNS_TOO_LITTLE) ? SPARE * STRIDE : 0);
	*version = is(FAULT_VERSION) ? 2 : 1;
	*key = model.key + (is(FAULT_KEY_RESTLESS) ? model.map_calls : 0);
	if (*bytes < needed)
		return too_small(bytes, (uint8_t *)map, needed, stride, list);
	*stride = is(FAULT_STRIDE) ? 36 : STRIDE;
	if (map == NULL) {
		if (is(FAULT_NULL_WRITES))
			write_map(model.zero, list, count, STRIDE);
		return is(FAULT_NULL_WRITES) || is(FAULT_NULL_ACCEPTED) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
	}
	write_map((uint8_t *)map, list, count, *stride);
	if (is(FAULT_OVERRUN))
		memset((uint8_t *)map + *bytes, 0x55, *bytes < MODEL_MAP_CAPACITY ? 8 : 0);
	if (is(FAULT_RETURNS_TOO_MUCH) && *bytes < MODEL_MAP_CAPACITY)
		size = *bytes + STRIDE;
	*bytes = size + (is(FAULT_BYTES_ODD) ? 8 : 0);
	return EFI_SUCCESS;
}
