/* SPDX-License-Identifier: BSD-2-Clause */
/* See faults.h. */
#include "test/gremlin/efi/faults.h"
#include "test/gremlin/efi/words.h"

/* Names, and groups of them, as they stand behind `fail=`. */
static const struct {
	char name[12];
	uint32_t kinds;
} names[] = {
	{ "pages", 1u << FAULT_PAGES },
	{ "multi", 1u << FAULT_MULTI },
	{ "runtime", 1u << FAULT_RUNTIME },
	{ "pool", 1u << FAULT_POOL },
	{ "memory", 1u << FAULT_PAGES | 1u << FAULT_POOL },
	{ "free", 1u << FAULT_FREE },
	{ "protocol", 1u << FAULT_PROTOCOL },
	{ "volume", 1u << FAULT_VOLUME },
	{ "open", 1u << FAULT_OPEN },
	{ "info", 1u << FAULT_INFO },
	{ "read", 1u << FAULT_READ },
	{ "seek", 1u << FAULT_SEEK },
	{ "file", 1u << FAULT_VOLUME | 1u << FAULT_OPEN | 1u << FAULT_INFO | 1u << FAULT_READ | 1u << FAULT_SEEK },
	{ "map", 1u << FAULT_MAP },
	{ "write", 1u << FAULT_WRITE },
};

static struct {
	const char *words;
	uint32_t kinds;
	uint64_t k, times, calls, hits;
} faults;

void faults_begin(const char *words, uint64_t k)
{
	faults.words = words;
	faults.kinds = 0;
	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (words_is(words, "fail", names[i].name))
			faults.kinds = names[i].kinds;
	faults.k = words_number(words, "k", k);
	faults.times = words_number(words, "times", 1);
	faults.calls = faults.hits = 0;
}

int faults_is_sweep(const char *words)
{
	char kind[12];

	words_copy(words, "fail", kind, sizeof(kind));
	return kind[0] != '\0' && words_number(words, "k", 0) == 0;
}

int faults_call(enum fault_kind kind)
{
	if (!(faults.kinds >> kind & 1))
		return 0;
	faults.calls++;
	if (faults.calls < faults.k || (faults.times != 0 && faults.calls >= faults.k + faults.times))
		return 0;
	faults.hits++;
	return 1;
}

int faults_how(const char *way)
{
	return words_is(faults.words, "how", way);
}

EFI_STATUS faults_status(EFI_STATUS usual)
{
	uint64_t code = words_number(faults.words, "status", 0);

	return code == 0 ? usual : EFI_ERROR_MASK | code;
}

uint64_t faults_hits(void)
{
	return faults.hits;
}
