/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzzer without libFuzzer, the same every time: no input, random inputs, each file of its corpus, if it has one
 * (test/fuzz/corpus/NAME), and mutations of each file.  Under ASan and UBSan with any compiler; prints TAP for the test
 * driver.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 1 << 16, MUTATIONS = 100, RANDOM_INPUTS = 2000, RANDOM_BYTES_MAX = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Exactly as many bytes as the input has, so that the sanitizer sees any byte read behind them. */
static void run(const uint8_t *data, size_t bytes)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);

	memcpy(copy, data, bytes);
	LLVMFuzzerTestOneInput(copy, bytes);
	free(copy);
}

/* Marsaglia's xorshift64: any seed but 0. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void run_random(uint64_t seed)
{
	uint8_t data[RANDOM_BYTES_MAX];

	for (int i = 0; i < RANDOM_INPUTS; i++) {
		size_t bytes = next_random(&seed) % (sizeof(data) + 1);

		for (size_t at = 0; at < bytes; at++)
			data[at] = (uint8_t)next_random(&seed);
		run(data, bytes);
	}
}

static void run_mutations(const uint8_t *data, size_t bytes, uint64_t seed)
{
	static const uint8_t odd[] = {0x00, 0x01, 0x7f, 0x80, 0xff, ' ', '=', '\n'};
	uint8_t *copy = malloc(bytes ? bytes : 1);

	for (int i = 0; i < MUTATIONS; i++) {
		size_t length = next_random(&seed) % 4 ? bytes : next_random(&seed) % (bytes + 1);
		uint64_t changes = 1 + next_random(&seed) % 4;

		memcpy(copy, data, bytes);
		for (; length > 0 && changes > 0; changes--) {
			uint8_t *at = copy + next_random(&seed) % length;

			*at = next_random(&seed) % 2 ? odd[next_random(&seed) % sizeof(odd)]
						     : (uint8_t)next_random(&seed);
		}
		run(copy, length);
	}
	free(copy);
}

static int run_file(const char *folder, const char *name)
{
	static uint8_t data[INPUT_BYTES_MAX];
	char path[4096];
	FILE *file;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file)
		return -1;
	bytes = fread(data, 1, sizeof(data), file);
	fclose(file);
	run(data, bytes);
	run_mutations(data, bytes, 1 + bytes);
	return 0;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct dirent **entries = NULL;
	char folder[2048];
	int count, failed = 0;

	(void)argc;
	/* The program bears its fuzzer's name and is run in the tree. */
	snprintf(folder, sizeof(folder), "test/fuzz/corpus/%s", slash ? slash + 1 : argv[0]);
	count = scandir(folder, &entries, is_input, alphasort);
	if (count < 0 && errno != ENOENT) {
		printf("Bail out! %s: %s\n", folder, strerror(errno));
		return 1;
	}
	count = count < 0 ? 0 : count;
	printf("1..3\n");
	run((const uint8_t *)"", 0);
	printf("ok 1 - no input\n");
	run_random(1);
	printf("ok 2 - %d random inputs\n", RANDOM_INPUTS);
	for (int i = 0; i < count; i++) {
		/* For the one that ends the program. */
		printf("# %s/%s\n", folder, entries[i]->d_name);
		fflush(stdout);
		failed |= run_file(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	printf("%s 3 - %d inputs of the corpus, each with %d mutations\n", failed ? "not ok" : "ok", count, MUTATIONS);
	return failed ? 1 : 0;
}
