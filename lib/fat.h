/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the bytes of a file stand on a FAT32 volume (Microsoft, FAT32 File System Specification 1.03): read only, and
 * only what is ordinary.  Whatever is not – FAT12 and FAT16, a second opinion about the tables, a chain that is longer or
 * shorter than the file – is refused, because the firmware's own driver is there to judge it.  Pure: the volume is read
 * through a function of the caller, a window at a time; nothing in it is believed.
 */
#ifndef LIB_FAT_H
#define LIB_FAT_H

#include <stdint.h>

enum fat_status {
	FAT_OK = 0,
	FAT_END,           /* of a chain */
	FAT_NOT_READ,      /* the caller's function failed */
	FAT_NOT_FAT32,     /* no boot sector of FAT32 (specification, "Boot Sector and BPB") */
	FAT_BAD_GEOMETRY,  /* sizes that contradict each other or the disk */
	FAT_BAD_CHAIN,     /* a link outside the volume, into a free or bad cluster, or on behind the end of the file */
	FAT_NO_FILE,       /* no such name, a folder where a file is wanted, or a file where a folder is */
	FAT_SCATTERED,     /* too many windows: so badly fragmented that nothing is won */
};

/* A volume.  The caller fills the first part. */
struct fat {
	/* Reads `bytes` bytes at `offset` of the volume; 0, or anything else when they are not all there. */
	int (*read)(void *context, uint64_t offset, void *to, uint64_t bytes);
	void *context;
	uint64_t volume_bytes;  /* of the partition */
	uint8_t *window;        /* memory for reading tables: a multiple of 4096 bytes, at least one such page */
	uint32_t window_bytes;
	uint32_t windows_left;  /* how many may still be read */

	/* fat_begin() fills the rest. */
	uint64_t window_offset; /* of what the window holds; UINT64_MAX = nothing */
	uint64_t window_end;
	uint64_t table_offset;  /* of the first FAT, in bytes from the start of the volume, as all offsets here */
	uint64_t data_offset;   /* of cluster 2 */
	uint32_t cluster_bytes;
	uint32_t cluster_end;   /* clusters are 2 to cluster_end - 1 */
	uint32_t root;          /* first cluster of the root directory */
};

/* A place in a chain. */
struct fat_chain {
	uint32_t cluster;       /* the next one */
	uint32_t left;          /* how many may still come */
};

/* Clusters that stand side by side. */
struct fat_run {
	uint64_t offset;
	uint64_t bytes;
};

/* A file, or a folder. */
struct fat_file {
	uint32_t cluster;
	uint32_t bytes;         /* 0 for a folder */
	uint32_t is_folder;
};

/* Reads the boot sector.  FAT_NOT_READ, FAT_NOT_FAT32, FAT_BAD_GEOMETRY. */
enum fat_status fat_begin(struct fat *fat);
/*
 * Bytes of the volume that the window holds, or reads; NULL when they cannot be read (FAT_NOT_READ, FAT_SCATTERED in
 * *ret_status). [offset, offset + bytes) must not reach over a multiple of 4096.  Valid until the next call for this
 * volume.
 */
const uint8_t *fat_window(struct fat *fat, uint64_t offset, uint32_t bytes, enum fat_status *ret_status);
/* The chain of a file: as many clusters as its bytes need. */
struct fat_chain fat_chain_of(const struct fat *fat, const struct fat_file *file);
/*
 * The next run of a chain, as long as it gets.  FAT_END where the chain ends: then a file is whole if none is left.
 * FAT_BAD_CHAIN for a link that leads nowhere, and when more clusters would come than are left; FAT_NOT_READ,
 * FAT_SCATTERED.
 */
enum fat_status fat_next_run(struct fat *fat, struct fat_chain *chain, struct fat_run *ret_run);
/* Looks up a path of ASCII with / or \ between its parts, by long and by short names, without regard to case.  All errors. */
enum fat_status fat_find(struct fat *fat, const char *path, struct fat_file *ret_file);

#endif
