/* SPDX-License-Identifier: BSD-2-Clause */
/* Load options (UEFI 2.10 §9.1).  RULE: hostile input; nothing is read beyond the stated size, nothing else is believed. */
#include "lib/le.h"
#include "loader/options.h"

uint32_t options_read(const EFI_LOADED_IMAGE *image, char text[OPTIONS_BYTES_MAX])
{
	/* They may begin at an odd address: in a boot option they follow a device path (UEFI 2.10 §3.1.3). */
	const uint8_t *options = image->LoadOptions;
	uint32_t count = image->LoadOptionsSize / sizeof(CHAR16), bytes = 0;

	text[0] = '\0';
	if (options == NULL || count >= OPTIONS_BYTES_MAX)
		return 0;
	for (; bytes < count; bytes++) {
		uint32_t character = le_read16(options + 2 * bytes);

		if (character == 0)
			break;
		if (character < 0x20 || character > 0x7e) {
			text[0] = '\0';
			return 0;
		}
		text[bytes] = (char)character;
	}
	text[bytes] = '\0';
	return bytes;
}
