/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching the table of names; loader/arch/x86_64/symbols.S holds it. */
#include "loader/after/symbols.h"

enum { TABLE_END = 0xffff };

/* In ascending order: how far a function is from the entry before it, the first one from the start of the image (16 bits, low byte
   first); its name, NUL; no name: a function that cannot run after exit. */
extern const uint8_t symbol_table[];

static uint32_t distance_at(const uint8_t *entry)
{
	return entry[0] | (uint32_t)entry[1] << 8;
}

const char *symbols_find(uint64_t offset, uint64_t *ret_start)
{
	const char *name = "";
	uint64_t start = 0;

	for (const uint8_t *entry = symbol_table; distance_at(entry) != TABLE_END && start + distance_at(entry) <= offset; entry++) {
		start += distance_at(entry);
		*ret_start = start;
		name = (const char *)entry + 2;
		for (entry += 2; *entry != '\0'; entry++)
			continue;
	}
	return name;
}
