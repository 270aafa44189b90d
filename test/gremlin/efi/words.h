/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A case is one line of text: its name, then words `key=value`.  Every piece of the gremlin looks up its own words, so that a
 * new fault needs a new word and nothing else.
 */
#ifndef TEST_GREMLIN_EFI_WORDS_H
#define TEST_GREMLIN_EFI_WORDS_H

#include <stdint.h>

/* The number behind `key=`, decimal or 0x...; `absent` without the word. */
uint64_t words_number(const char *words, const char *key, uint64_t absent);
/* The number at `index` (from 0) of a list `key=1,2,3`; the last one again where the list is shorter; `absent` without it. */
uint64_t words_item(const char *words, const char *key, uint32_t index, uint64_t absent);
/* 1 when the word is `key=value`. */
int words_is(const char *words, const char *key, const char *value);
/* Copies the value of `key=`; "" without the word. */
void words_copy(const char *words, const char *key, char *value, uint32_t bytes);

#endif
