/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a FAT32 volume: whatever is found lies inside it, chains end, and reads are as lib/fat.h promises.  The input is the
 * volume's beginning and repeats, so that tables and folders are made of it; its first two bytes choose the size and the window.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/fat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { WINDOWS_MAX = 32, HEAD_BYTES = 2, RUNS_MAX = 1000 };

struct input {
	const uint8_t *data;
	size_t bytes;
	uint64_t volume_bytes;
};

static void require(int condition)
{
	if (!condition)
		abort();
}

static int read_input(void *context, uint64_t offset, void *to, uint64_t bytes)
{
	const struct input *input = context;
	uint8_t *at = to, *end = at + bytes;

	require(offset % 4096 == 0 && bytes > 0 && offset <= input->volume_bytes && bytes <= input->volume_bytes - offset);
	while (at < end) {
		size_t from = offset % input->bytes, piece = input->bytes - from;

		piece = piece < (size_t)(end - at) ? piece : (size_t)(end - at);
		memcpy(at, input->data + from, piece);
		at += piece;
		offset += piece;
	}
	return 0;
}

static void follow(struct fat *fat, const struct fat_file *file)
{
	struct fat_chain chain = fat_chain_of(fat, file);
	uint64_t clusters = chain.left, seen = 0;
	struct fat_run run;

	for (uint32_t i = 0; i < RUNS_MAX && fat_next_run(fat, &chain, &run) == FAT_OK; i++) {
		require(run.bytes > 0 && run.bytes % fat->cluster_bytes == 0 && run.offset >= fat->data_offset);
		require(run.offset <= fat->volume_bytes && run.bytes <= fat->volume_bytes - run.offset);
		seen += run.bytes / fat->cluster_bytes;
		require(seen + chain.left == clusters);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const char *const paths[] = { "\\baton\\kernel.elf", "/INITRD", "a name of three pieces, initrd" };
	struct input input = { data + HEAD_BYTES, bytes - HEAD_BYTES, 0 };
	struct fat fat = { .read = read_input, .context = &input };

	if (bytes < HEAD_BYTES + 512)
		return 0;
	input.volume_bytes = UINT64_C(1) << (data[0] % 44);
	fat.volume_bytes = input.volume_bytes;
	fat.window_bytes = 4096u * (1 + data[1] % 4);
	fat.window = malloc(fat.window_bytes);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct fat_file file;

		fat.windows_left = WINDOWS_MAX;
		if (fat_begin(&fat) != FAT_OK)
			break;
		follow(&fat, &(struct fat_file){ .cluster = fat.root, .bytes = UINT32_MAX });
		fat.windows_left = WINDOWS_MAX;
		if (fat_find(&fat, paths[i], &file) == FAT_OK) {
			require(!file.is_folder);
			follow(&fat, &file);
		}
	}
	free(fat.window);
	return 0;
}
