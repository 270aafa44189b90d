/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMBIOS: entry points (DSP0134 §5.2), structures and their strings (§6.1).  RULE: every structure is checked to end inside
 * the table, its two NUL bytes included, before anything in it is used.
 */
#include "lib/smbios.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"

enum {
	ENTRY64_BYTES = 24,
	ENTRY32_BYTES = 31,
	HEADER_BYTES = 4, /* type, length of the fixed part, handle */
	TYPE_END = 127,
};

static const struct {
	uint8_t type, offset;
} places[] = {
	[SMBIOS_FIRMWARE_VENDOR] = {0, 4},  [SMBIOS_FIRMWARE_VERSION] = {0, 5}, [SMBIOS_FIRMWARE_DATE] = {0, 8},
	[SMBIOS_SYSTEM_MAKER] = {1, 4},     [SMBIOS_SYSTEM_PRODUCT] = {1, 5},   [SMBIOS_SYSTEM_VERSION] = {1, 6},
	[SMBIOS_BOARD_PRODUCT] = {2, 5},
};

/* The bytes of an entry point add up to zero, over as many as it says that it has. */
static int sums_up(const uint8_t *entry, uint64_t entry_bytes, uint32_t length, uint32_t least)
{
	uint32_t sum = 0;

	if (length < least || length > entry_bytes)
		return 0;
	for (uint32_t i = 0; i < length; i++)
		sum += entry[i];
	return sum % 256 == 0;
}

int smbios_entry(const void *entry, uint64_t entry_bytes, uint64_t *ret_phys, uint64_t *ret_bytes)
{
	const uint8_t *at = entry;

	if (entry_bytes >= ENTRY64_BYTES && memcmp(at, "_SM3_", 5) == 0 && sums_up(at, entry_bytes, at[6], ENTRY64_BYTES)) {
		*ret_phys = le_read64(at + 16);
		*ret_bytes = le_read32(at + 12);
		return 1;
	}
	/* Version 2.1 stated a length of 30 where it is 31. */
	if (entry_bytes >= ENTRY32_BYTES && memcmp(at, "_SM_", 4) == 0 && memcmp(at + 16, "_DMI_", 5) == 0 &&
	    sums_up(at, entry_bytes, at[5] == ENTRY32_BYTES - 1 ? ENTRY32_BYTES : at[5], ENTRY32_BYTES)) {
		*ret_phys = le_read32(at + 24);
		*ret_bytes = le_read16(at + 22);
		return 1;
	}
	return 0;
}

/* First byte behind the structure at `at`, its strings included; NULL when it does not end inside the table. */
static const uint8_t *structure_end(const uint8_t *at, const uint8_t *table_end)
{
	uint64_t left = (uint64_t)(table_end - at);

	if (left < HEADER_BYTES || at[1] < HEADER_BYTES || at[1] > left)
		return (const uint8_t *)0;
	for (at += at[1]; table_end - at >= 2; at++)
		if (at[0] == 0 && at[1] == 0)
			return at + 2;
	return (const uint8_t *)0;
}

static const uint8_t *find_structure(const uint8_t *at, const uint8_t *table_end, uint32_t type, const uint8_t **ret_end)
{
	const uint8_t *end;

	for (; (end = structure_end(at, table_end)) != (const uint8_t *)0 && at[0] != TYPE_END; at = end) {
		if (at[0] != type)
			continue;
		*ret_end = end;
		return at;
	}
	return (const uint8_t *)0;
}

static uint64_t copy_trimmed(const uint8_t *string, char *text, uint64_t text_bytes)
{
	uint64_t count = 0;

	while (*string == ' ')
		string++;
	for (; *string != 0 && count + 1 < text_bytes; string++)
		text[count++] = *string >= 0x20 && *string < 0x7f ? (char)*string : '?';
	while (count > 0 && text[count - 1] == ' ')
		count--;
	text[count] = '\0';
	return count;
}

uint64_t smbios_text(const void *structures, uint64_t bytes, enum smbios_string which, char *text, uint64_t text_bytes)
{
	const uint8_t *end, *structure, *string;
	uint32_t number;

	if (text_bytes == 0)
		return 0;
	text[0] = '\0';
	structure = find_structure(structures, (const uint8_t *)structures + bytes, places[which].type, &end);
	if (structure == (const uint8_t *)0 || structure[1] <= places[which].offset)
		return 0;
	/* Strings count from 1; 0 means that there is none.  The last one is followed by an empty one. */
	number = structure[places[which].offset];
	for (string = structure + structure[1]; number > 1 && *string != 0; number--)
		while (*string++ != 0)
			;
	return number == 1 && string < end ? copy_trimmed(string, text, text_bytes) : 0;
}
