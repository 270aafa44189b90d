/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files in memory, for the host tool.  Messages about failures go to stderr. */
#ifndef BATON_FILE_H
#define BATON_FILE_H

#include <stdint.h>

struct file {
	uint8_t *bytes;
	uint64_t count;
	const char *name; /* for messages */
};

/* Reads a file, or standard input when path is "-".  Returns 0, or -1 after a message.  Free with file_free(). */
int file_read(const char *path, struct file *ret_file);
/* Makes count bytes the content of a file, "-" being standard output.  Returns 0, or -1 after a message. */
int file_write(const char *path, const void *bytes, uint64_t count);
void file_free(struct file *file);

#endif
