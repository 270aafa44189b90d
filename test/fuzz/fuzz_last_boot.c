/* SPDX-License-Identifier: BSD-2-Clause */
/* A black box's record from anywhere: what is believed is written back byte for byte, and every text ends. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/last_boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void decode(const uint8_t *data, size_t bytes)
{
	struct handoff_last_boot boot;
	uint8_t again[LAST_BOOT_BYTES];
	char text[LAST_BOOT_TEXT_MAX];

	memset(&boot, 0xaa, sizeof(boot));
	enum last_boot_status status = last_boot_decode(data, bytes, &boot);
	if (strlen(last_boot_text(text, &boot)) >= sizeof(text) - 1)
		abort();
	if (status != LAST_BOOT_OK) {
		if (boot.state != HANDOFF_LAST_BOOT_UNREADABLE || boot.stage != 0 || boot.set_variable_phys != 0)
			abort();
		return;
	}
	last_boot_encode(&boot, again);
	if (bytes != sizeof(again) || memcmp(again, data, sizeof(again)) != 0)
		abort();
}

/* Once as it comes, once with a right checksum, which no mutation finds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint8_t sealed[LAST_BOOT_BYTES];
	uint32_t crc;

	decode(data, bytes);
	if (bytes != sizeof(sealed))
		return 0;
	memcpy(sealed, data, sizeof(sealed));
	memset(sealed + 12, 0, 4);
	crc = crc32c(0, sealed, sizeof(sealed));
	for (uint32_t i = 0; i < 4; i++)
		sealed[12 + i] = (uint8_t)(crc >> 8 * i);
	decode(sealed, sizeof(sealed));
	return 0;
}
