/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking a name up.  Pure; lists are short, and nobody is in a hurry who needs a name. */
#include "lib/words.h"

const char *words_nth(const char *list, uint64_t bytes, uint64_t number)
{
	for (uint64_t at = 0; at < bytes; at++) {
		if (number == 0)
			return list[at] != '\0' ? list + at : "unknown";
		number -= list[at] == '\0';
	}
	return "unknown";
}
