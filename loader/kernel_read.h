/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of a kernel's file: each read once, to where it stays, and shown to its checksum in the order of the file. */
#ifndef LOADER_KERNEL_READ_H
#define LOADER_KERNEL_READ_H

#include <efi.h>
#include <stdint.h>
#include "lib/elf64.h"
#include "loader/source.h"

enum { KERNEL_HEAD_BYTES = 4096, KERNEL_PIECES_MAX = ELF64_SEGMENTS_MAX + 2 };

/* Bytes of the file with a place in memory. */
struct kernel_piece {
	uint64_t offset, bytes;
	uint8_t *memory;
	uint32_t here; /* 1: they have been read */
};

struct kernel_file {
	struct source_file source;
	uint64_t head_bytes;             /* 4096, or what the file has */
	uint8_t head[KERNEL_HEAD_BYTES]; /* its first bytes */
	uint8_t program_headers[ELF64_PROGRAM_HEADERS_MAX * ELF64_PROGRAM_HEADER_BYTES];
	uint32_t piece_count;
	struct kernel_piece pieces[KERNEL_PIECES_MAX];
};

/* Reads the first bytes: in most files all the headers. */
EFI_STATUS kernel_read_head(struct kernel_file *file);
/* Puts the program headers, which stand at offset, into file->program_headers; bytes must fit there. */
EFI_STATUS kernel_read_program_headers(struct kernel_file *file, uint64_t offset, uint64_t bytes);
/* Says where bytes of the file shall stand.  No more than ELF64_SEGMENTS_MAX of these. */
void kernel_read_to(struct kernel_file *file, uint64_t offset, uint64_t bytes, void *memory);
/*
 * Reads what has a place and is not here yet; with a checksum demanded, all other bytes of the file as well, and checks it:
 * EFI_CRC_ERROR.  What several places want is read for one and copied to the others.
 */
EFI_STATUS kernel_read_all(struct kernel_file *file);

#endif
