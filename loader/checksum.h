/* SPDX-License-Identifier: BSD-2-Clause */
/* The checksums of baton.conf against the files as they are read. */
#ifndef LOADER_CHECKSUM_H
#define LOADER_CHECKSUM_H

#include <efi.h>
#include <stdint.h>
#include "lib/config.h"
#include "lib/sha256.h"

struct boot;

/* A line of baton.conf that demands a checksum of a file. */
struct wanted_checksum {
	struct config_item item; /* its value points into settings.text */
	uint32_t used;           /* 1: a file of this path has been read */
};

/* The bytes of one file so far. */
struct checksum {
	struct boot *boot;
	const char *path;    /* as baton.conf names it, or by default; the caller's */
	uint32_t kinds;      /* CHECKSUM_... that somebody wants to know; 0: none */
	uint32_t crc32c;
	struct sha256 sha256;
};

/* Makes the list of demands from settings.text, which has been read once without a fault.  EFI_OUT_OF_RESOURCES is reported. */
EFI_STATUS checksum_list(struct boot *boot);
/* Frees it. */
void checksum_list_free(struct boot *boot);
/* EFI_INVALID_PARAMETER, reported with its path, when a demand is about a file that was not read. */
EFI_STATUS checksum_list_used(struct boot *boot);

/* Begins with a file: what baton.conf wants to know of it. */
void checksum_begin(struct boot *boot, const char *path, struct checksum *ret_sum);
/* The next bytes of the file, each once and in order. */
void checksum_add(struct checksum *sum, const void *data, uint64_t bytes);
/* EFI_CRC_ERROR, reported with expected and found, when the bytes are not those that any of the demands means. */
EFI_STATUS checksum_end(struct checksum *sum);
/* The three for a file that stands in memory as a whole. */
EFI_STATUS checksum_whole(struct boot *boot, const char *path, const void *data, uint64_t bytes);
/* One demand alone: the first line of the configuration, about the rest of it. */
EFI_STATUS checksum_one(struct boot *boot, const char *path, const struct config_item *item, const void *data, uint64_t bytes);

#endif
