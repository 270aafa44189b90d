/* SPDX-License-Identifier: BSD-2-Clause */
/* See words.h. */
#include "test/gremlin/efi/words.h"
#include "lib/config.h"

static uint32_t digit(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint32_t)(c - 'a') + 10;
	return 16;
}

/* Stops at the first character that is no digit; returns where. */
static uint32_t number_at(const char *text, uint32_t bytes, uint64_t *ret_number)
{
	uint32_t at = 0, base = 10;
	uint64_t number = 0;

	if (bytes > 2 && text[0] == '0' && text[1] == 'x') {
		base = 16;
		at = 2;
	}
	for (; at < bytes && digit(text[at]) < base; at++)
		number = number * base + digit(text[at]);
	*ret_number = number;
	return at;
}

uint64_t words_item(const char *words, const char *key, uint32_t index, uint64_t absent)
{
	uint32_t bytes = 0;
	const char *value = config_option(words, key, &bytes);
	uint64_t number = absent;

	for (uint32_t i = 0, at = 0; value != 0 && i <= index && at < bytes; i++)
		at += number_at(value + at, bytes - at, &number) + 1;
	return number;
}

uint64_t words_number(const char *words, const char *key, uint64_t absent)
{
	return words_item(words, key, 0, absent);
}

void words_copy(const char *words, const char *key, char *value, uint32_t bytes)
{
	uint32_t count = 0, at = 0;
	const char *found = config_option(words, key, &count);

	for (; found != 0 && at < count && at + 1 < bytes; at++)
		value[at] = found[at];
	value[at] = '\0';
}

int words_is(const char *words, const char *key, const char *value)
{
	char found[32];
	uint32_t at = 0;

	words_copy(words, key, found, sizeof(found));
	while (found[at] != '\0' && found[at] == value[at])
		at++;
	return value[at] == '\0' && found[at] == '\0' && at > 0;
}
