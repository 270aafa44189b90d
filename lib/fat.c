/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FAT32: boot sector, window, chains.  RULES: every offset is computed in 64 bits from numbers that were checked against
 * the size of the volume; a chain is followed no further than its file is long, so that a circle ends.
 */
#include "lib/fat.h"
#include "lib/le.h"

/* The boot sector, by name of the specification. */
enum {
	BPB_BYTES_PER_SECTOR = 11,
	BPB_SECTORS_PER_CLUSTER = 13,
	BPB_RESERVED_SECTORS = 14,
	BPB_NUMBER_OF_FATS = 16,
	BPB_ROOT_ENTRIES = 17,
	BPB_TOTAL_SECTORS_16 = 19,
	BPB_FAT_SECTORS_16 = 22,
	BPB_TOTAL_SECTORS_32 = 32,
	BPB_FAT_SECTORS_32 = 36,
	BPB_EXTENDED_FLAGS = 40,
	BPB_VERSION = 42,
	BPB_ROOT_CLUSTER = 44,
	BOOT_SIGNATURE = 510,
	BOOT_SECTOR_BYTES = 512,

	ONE_FAT_IS_ACTIVE = 0x80,
	CLUSTERS_MIN = 65525, /* fewer would be FAT16, whatever else is said */
	CLUSTERS_MAX = 0x0ffffff5,
	CLUSTER_BYTES_MAX = 64 << 10,
	SECTOR_BYTES_MAX = 4096,
	PAGE_BYTES = 4096,
	FIRST_CLUSTER = 2,
	LINK_MASK = 0x0fffffff,
	LINK_END = 0x0ffffff8,
};

static int is_power_of_two(uint32_t number)
{
	return number != 0 && (number & (number - 1)) == 0;
}

static int is_fat32(const uint8_t *sector)
{
	return le_read16(sector + BOOT_SIGNATURE) == 0xaa55 && le_read16(sector + BPB_ROOT_ENTRIES) == 0 &&
	       le_read16(sector + BPB_TOTAL_SECTORS_16) == 0 && le_read16(sector + BPB_FAT_SECTORS_16) == 0 &&
	       le_read16(sector + BPB_VERSION) == 0 && !(le_read16(sector + BPB_EXTENDED_FLAGS) & ONE_FAT_IS_ACTIVE);
}

static enum fat_status read_geometry(struct fat *fat, const uint8_t *sector)
{
	uint32_t sector_bytes = le_read16(sector + BPB_BYTES_PER_SECTOR), cluster_sectors = sector[BPB_SECTORS_PER_CLUSTER];
	uint64_t reserved = le_read16(sector + BPB_RESERVED_SECTORS), fats = sector[BPB_NUMBER_OF_FATS];
	uint64_t fat_sectors = le_read32(sector + BPB_FAT_SECTORS_32), total = le_read32(sector + BPB_TOTAL_SECTORS_32);
	uint64_t before_data = reserved + fats * fat_sectors, clusters;

	if (!is_power_of_two(sector_bytes) || sector_bytes < BOOT_SECTOR_BYTES || sector_bytes > SECTOR_BYTES_MAX ||
	    !is_power_of_two(cluster_sectors) || cluster_sectors * sector_bytes > CLUSTER_BYTES_MAX)
		return FAT_BAD_GEOMETRY;
	if (reserved == 0 || fats == 0 || before_data >= total || total > fat->volume_bytes / sector_bytes)
		return FAT_BAD_GEOMETRY;
	clusters = (total - before_data) / cluster_sectors;
	if (clusters < CLUSTERS_MIN || clusters > CLUSTERS_MAX || fat_sectors * sector_bytes / 4 < clusters + FIRST_CLUSTER)
		return FAT_BAD_GEOMETRY;
	fat->table_offset = reserved * sector_bytes;
	fat->data_offset = before_data * sector_bytes;
	fat->cluster_bytes = cluster_sectors * sector_bytes;
	fat->cluster_end = (uint32_t)clusters + FIRST_CLUSTER;
	fat->root = le_read32(sector + BPB_ROOT_CLUSTER);
	return FAT_OK;
}

enum fat_status fat_begin(struct fat *fat)
{
	enum fat_status status;
	const uint8_t *sector;

	fat->window_offset = UINT64_MAX;
	fat->window_end = 0;
	sector = fat_window(fat, 0, BOOT_SECTOR_BYTES, &status);
	if (sector == 0)
		return status;
	return is_fat32(sector) ? read_geometry(fat, sector) : FAT_NOT_FAT32;
}

/* A window begins at a multiple of a page and ends with the volume. */
static enum fat_status move_window(struct fat *fat, uint64_t offset)
{
	uint64_t start = offset / PAGE_BYTES * PAGE_BYTES, left = start < fat->volume_bytes ? fat->volume_bytes - start : 0;
	uint64_t bytes = left < fat->window_bytes ? left : fat->window_bytes;

	fat->window_offset = UINT64_MAX;
	fat->window_end = 0;
	if (fat->windows_left == 0)
		return FAT_SCATTERED;
	fat->windows_left--;
	if (bytes == 0 || fat->read(fat->context, start, fat->window, bytes) != 0)
		return FAT_NOT_READ;
	fat->window_offset = start;
	fat->window_end = start + bytes;
	return FAT_OK;
}

const uint8_t *fat_window(struct fat *fat, uint64_t offset, uint32_t bytes, enum fat_status *ret_status)
{
	enum fat_status status = FAT_OK;

	if (offset < fat->window_offset || offset >= fat->window_end)
		status = move_window(fat, offset);
	if (status == FAT_OK && (offset > fat->window_end || fat->window_end - offset < bytes))
		status = FAT_NOT_READ;
	*ret_status = status;
	return status == FAT_OK ? fat->window + (offset - fat->window_offset) : 0;
}

struct fat_chain fat_chain_of(const struct fat *fat, const struct fat_file *file)
{
	return (struct fat_chain){ file->cluster, file->bytes / fat->cluster_bytes + (file->bytes % fat->cluster_bytes != 0) };
}

static uint32_t link_at(const uint8_t *links, uint64_t index)
{
	return le_read32(links + 4 * index) & LINK_MASK;
}

/* How many of `most` clusters from `cluster` on follow each other; links: theirs.  At least 1. */
static uint32_t neighbours(const uint8_t *links, uint32_t cluster, uint64_t most)
{
	uint32_t count = 1;

	while (count < most && link_at(links, count - 1) == cluster + count)
		count++;
	return count;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

enum fat_status fat_next_run(struct fat *fat, struct fat_chain *chain, struct fat_run *ret_run)
{
	const uint32_t first = chain->cluster;
	uint32_t next = first, end = first;
	enum fat_status status;

	if (first >= LINK_END)
		return FAT_END;
	do {
		uint64_t offset = fat->table_offset + UINT64_C(4) * next;
		const uint8_t *links;
		uint32_t count;

		if (chain->left == 0 || next < FIRST_CLUSTER || next >= fat->cluster_end)
			return FAT_BAD_CHAIN;
		links = fat_window(fat, offset, 4, &status);
		if (links == 0)
			return status;
		count = neighbours(links, next, least(least((fat->window_end - offset) / 4, chain->left), fat->cluster_end - next));
		end = next + count;
		next = link_at(links, count - 1);
		chain->left -= count;
	} while (next == end && chain->left > 0);
	chain->cluster = next;
	ret_run->offset = fat->data_offset + (uint64_t)(first - FIRST_CLUSTER) * fat->cluster_bytes;
	ret_run->bytes = (uint64_t)(end - first) * fat->cluster_bytes;
	return FAT_OK;
}
