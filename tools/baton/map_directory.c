/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /sys/firmware/memmap and copies of it: a directory for each range with the files start, end (inclusive) and type.  It is
 * the kernel's e820 map, so it becomes the text of e820 lines and takes the same way as they.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/baton/map.h"

static int by_number(const struct dirent **a, const struct dirent **b)
{
	long left = atol((*a)->d_name), right = atol((*b)->d_name);

	return (left > right) - (left < right);
}

static int is_number(const struct dirent *entry)
{
	return entry->d_name[0] != '\0' && strspn(entry->d_name, "0123456789") == strlen(entry->d_name);
}

/* The first line of directory/range/name without its end; "" when it cannot be read. */
static void read_line(const char *directory, const char *range, const char *name, char line[64])
{
	char path[4096];
	FILE *file;

	line[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s/%s", directory, range, name) >= (int)sizeof(path))
		return;
	file = fopen(path, "r");
	if (!file)
		return;
	if (!fgets(line, 64, file))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	fclose(file);
}

int map_directory_read(const char *path, struct file *ret_file)
{
	struct dirent **ranges;
	char *text = NULL;
	size_t bytes;
	FILE *to;
	int count = scandir(path, &ranges, is_number, by_number);

	if (count < 0) {
		fprintf(stderr, "baton: %s: %s\n", path, strerror(errno));
		return -1;
	}
	to = open_memstream(&text, &bytes);
	for (int i = 0; i < count; i++) {
		char start[64], end[64], type[64];

		read_line(path, ranges[i]->d_name, "start", start);
		read_line(path, ranges[i]->d_name, "end", end);
		read_line(path, ranges[i]->d_name, "type", type);
		fprintf(to, "BIOS-e820: [mem %s-%s] %s\n", start, end, type);
		free(ranges[i]);
	}
	free(ranges);
	fclose(to);
	*ret_file = (struct file){.bytes = (uint8_t *)text, .count = bytes, .name = path};
	return 0;
}
