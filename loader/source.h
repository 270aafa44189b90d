/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where bytes come from: the one interface between the loader and any place a kernel, module or text can be read from.
 * Today it is the volume the loader was started from (volume.c); sections of a signed image or a network are others.
 */
#ifndef LOADER_SOURCE_H
#define LOADER_SOURCE_H

#include <efi.h>
#include <stdint.h>

struct boot;

/* An open file of a source.  Close with source_close(), or declare it with SOURCE_FILE. */
struct source_file {
	const char *name;      /* for messages; the caller's, valid while the file is open */
	uint64_t bytes;        /* size when it was opened */
	struct boot *boot;
	void *handle;          /* the source's own; NULL = not open */
	/* Reads exactly `bytes` bytes at `offset` into physical memory; EFI_END_OF_FILE when the file has become shorter. */
	EFI_STATUS (*read)(struct source_file *file, uint64_t offset, void *to, uint64_t bytes);
	void (*close)(struct source_file *file);
};

static inline void source_close(struct source_file *file)
{
	if (file->handle != NULL)
		file->close(file);
	file->handle = NULL;
}

/* A file that closes itself at the end of its scope. */
#define SOURCE_FILE __attribute__((cleanup(source_close))) struct source_file

/*
 * Opens a file for reading.  EFI_NOT_FOUND is not reported when `optional` is set; everything else is, with the name.
 */
EFI_STATUS source_open(struct boot *boot, const char *path, uint32_t optional, struct source_file *ret_file);
/* Reads a whole small file into pool memory with a NUL behind it; the caller frees *ret_text. */
EFI_STATUS source_read_text(struct source_file *file, uint64_t limit_bytes, char **ret_text);

#endif
