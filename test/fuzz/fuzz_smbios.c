/* SPDX-License-Identifier: BSD-2-Clause */
/* SMBIOS from anywhere: the input as an entry point and as structures, in a buffer of exactly the given size. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/smbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint64_t phys, table_bytes;
	char text[16];

	smbios_entry(data, bytes, &phys, &table_bytes);
	for (int which = SMBIOS_FIRMWARE_VENDOR; which <= SMBIOS_BOARD_PRODUCT; which++) {
		uint64_t length = smbios_text(data, bytes, (enum smbios_string)which, text, sizeof(text));

		if (length != strlen(text) || (length > 0 && (text[0] == ' ' || text[length - 1] == ' ')))
			abort();
	}
	return 0;
}
