/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables from anywhere, in memory that ends where the input does: whatever is found is an address that a driver may use. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/acpi_serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct memory {
	const uint8_t *at;
	uint64_t bytes;
};

static const void *read_memory(void *context, uint64_t phys, uint64_t bytes)
{
	const struct memory *memory = context;

	return phys > memory->bytes || bytes > memory->bytes - phys ? NULL : memory->at + phys;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct memory memory = { data, bytes };
	struct acpi_serial found = acpi_serial_find(16, read_memory, &memory);

	if (found.kind == ACPI_SERIAL_NONE)
		return 0;
	if (found.base == 0 || (found.stride != 1 && found.stride != 2 && found.stride != 4))
		abort();
	if (found.kind == ACPI_SERIAL_IO && (found.base > 0xfff8 || found.stride != 1))
		abort();
	if (found.base > UINT64_MAX - 8 * (uint64_t)found.stride)
		abort();
	return 0;
}
