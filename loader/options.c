/* SPDX-License-Identifier: BSD-2-Clause */
/* Load options (UEFI 2.10 §9.1).  RULE: hostile input; nothing is read beyond the stated size, nothing else is believed. */
#include "loader/options.h"

uint32_t options_read(const EFI_LOADED_IMAGE *image, char text[OPTIONS_BYTES_MAX])
{
	const CHAR16 *options = image->LoadOptions;
	uint32_t count = image->LoadOptionsSize / sizeof(CHAR16), bytes = 0;

	text[0] = '\0';
	if (options == NULL || count >= OPTIONS_BYTES_MAX)
		return 0;
	for (; bytes < count && options[bytes] != 0; bytes++) {
		if (options[bytes] < 0x20 || options[bytes] > 0x7e) {
			text[0] = '\0';
			return 0;
		}
		text[bytes] = (char)options[bytes];
	}
	text[bytes] = '\0';
	return bytes;
}
