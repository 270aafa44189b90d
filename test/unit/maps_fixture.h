/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The corpus of real machines in test/maps, for the tests that replay it.  Run from the root of the tree, or with MAPS_DIR
 * naming the folder.
 */
#ifndef TEST_UNIT_MAPS_FIXTURE_H
#define TEST_UNIT_MAPS_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include "test/unit/memory_fixture.h"
#include "lib/memory_import.h"

enum { MAPS_MAX = 256, MAP_NAME_MAX = 256, MAP_DESCRIPTORS_MAX = 4096 };

struct maps {
	char names[MAPS_MAX][MAP_NAME_MAX];
	uint64_t count;
};

static inline const char *maps_directory(void)
{
	return getenv("MAPS_DIR") ? getenv("MAPS_DIR") : "test/maps";
}

static inline int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Names of all .map files, sorted. */
static inline void maps_list(struct maps *maps)
{
	DIR *directory = opendir(maps_directory());
	struct dirent *entry;

	assert_non_null(directory);
	maps->count = 0;
	while ((entry = readdir(directory))) {
		size_t length = strlen(entry->d_name);

		if (length < 4 || length >= MAP_NAME_MAX || strcmp(entry->d_name + length - 4, ".map") != 0)
			continue;
		assert_true(maps->count < MAPS_MAX);
		strcpy(maps->names[maps->count++], entry->d_name);
	}
	closedir(directory);
	qsort(maps->names, maps->count, MAP_NAME_MAX, compare_names);
	assert_true(maps->count >= 46);
}

/* A file of the corpus, NUL-terminated; NULL when there is none. */
static inline char *maps_read(const char *name, uint64_t *ret_bytes)
{
	char path[2 * MAP_NAME_MAX];
	char *text;
	FILE *file;
	long bytes;

	snprintf(path, sizeof(path), "%s/%s", maps_directory(), name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	bytes = ftell(file);
	assert_true(bytes >= 0);
	rewind(file);
	text = calloc(1, (size_t)bytes + 1);
	assert_int_equal(fread(text, 1, (size_t)bytes, file), bytes);
	fclose(file);
	*ret_bytes = (uint64_t)bytes;
	return text;
}

#endif
