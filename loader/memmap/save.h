/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files on the volume that memmap.efi came from, and only where somebody asked for them: a text made whole in memory, then
 * written by one call.
 */
#ifndef LOADER_MEMMAP_SAVE_H
#define LOADER_MEMMAP_SAVE_H

#include <efi.h>
#include "lib/memory_view.h"
#include "loader/memmap/machine.h"

enum { SAVE_PATH_MAX = 96 };

struct boot;

/* Text in pool memory.  What does not fit is left out, and the text says so at its end. */
struct save_text {
	EFI_BOOT_SERVICES *services;
	char *bytes;
	uint64_t used, capacity;
	uint32_t is_cut;
};

/* EFI_OUT_OF_RESOURCES without memory for it; give it back with save_text_free(), or declare it with SAVE_TEXT. */
EFI_STATUS save_text_begin(struct save_text *text, EFI_BOOT_SERVICES *services, uint64_t capacity);
void save_text_free(struct save_text *text);
#define SAVE_TEXT __attribute__((cleanup(save_text_free))) struct save_text
void save_text_add(struct save_text *text, const char *line, ...) __attribute__((format(printf, 2, 3)));
/* The head of a map file of test/maps, by `program`: machine, firmware, source, form. */
void save_text_head(struct save_text *text, const struct machine *machine, const struct memory_view *map, const char *program);
/* A line for each descriptor.  Room for one is MEMORY_VIEW_FILE_LINE_MAX. */
void save_text_map(struct save_text *text, const struct memory_view *map);

/* An open file or folder that closes itself at the end of its scope; NULL = none. */
void save_close(EFI_FILE_HANDLE *file);
/* Opens the root of the volume that the application came from; EFI_UNSUPPORTED when it came from none.  NULL on failure. */
EFI_STATUS save_root(struct boot *boot, EFI_FILE_HANDLE *ret_root);
#define SAVE_FILE __attribute__((cleanup(save_close))) EFI_FILE_HANDLE

/*
 * Writes \baton\STEM.SUFFIX, or \baton\STEM-2.SUFFIX... where that is taken: no file is ever overwritten.  On EFI_SUCCESS path
 * is its name.  Otherwise nothing is left behind: EFI_WRITE_PROTECTED, EFI_VOLUME_FULL, EFI_ACCESS_DENIED when all names are
 * taken, or what else the file system says.  Nothing is reported.
 */
EFI_STATUS save_new(EFI_FILE_HANDLE root, const char *stem, const char *suffix, const struct save_text *text,
		    char path[SAVE_PATH_MAX]);
/* Writes the file `path` in the folder \baton, over the bytes of one that is there: with texts of one length neither the file's
   size nor the volume's free space changes again. */
EFI_STATUS save_over(EFI_FILE_HANDLE root, const char *path, const struct save_text *text);

#endif
