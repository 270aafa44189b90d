/* SPDX-License-Identifier: BSD-2-Clause */
/* A FAT32 volume in memory, small as they get: clusters of one sector, one FAT. */
#ifndef TEST_UNIT_FAT_VOLUME_H
#define TEST_UNIT_FAT_VOLUME_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/fat.h"
#include "lib/le.h"

enum {
	VOLUME_SECTOR = 512,
	VOLUME_RESERVED = 32,
	VOLUME_FAT_SECTORS = 513,
	VOLUME_CLUSTERS = 65536,
	VOLUME_TABLE = VOLUME_RESERVED * VOLUME_SECTOR,
	VOLUME_DATA = (VOLUME_RESERVED + VOLUME_FAT_SECTORS) * VOLUME_SECTOR,
	VOLUME_BYTES = VOLUME_DATA + VOLUME_CLUSTERS * VOLUME_SECTOR,
	VOLUME_ROOT = 2,
	VOLUME_END = 0x0fffffff,
	VOLUME_WINDOW = 8192,
};

struct fat_volume {
	uint8_t *bytes;
	uint64_t fail_at; /* a read that covers this offset fails; UINT64_MAX: none does */
	uint32_t reads;
	struct fat fat;
};

static inline int volume_read(void *context, uint64_t offset, void *to, uint64_t bytes)
{
	struct fat_volume *volume = context;

	volume->reads++;
	/* What lib/fat.h promises to whoever reads. */
	if (offset % 4096 != 0 || offset > VOLUME_BYTES || bytes > VOLUME_BYTES - offset || bytes == 0)
		abort();
	if (volume->fail_at >= offset && volume->fail_at - offset < bytes)
		return -1;
	memcpy(to, volume->bytes + offset, bytes);
	return 0;
}

static inline void volume_link(struct fat_volume *volume, uint32_t cluster, uint32_t next)
{
	le_write32(volume->bytes + VOLUME_TABLE + 4 * cluster, next);
}

/* Clusters first to last, one after the other, then `next`. */
static inline void volume_chain(struct fat_volume *volume, uint32_t first, uint32_t last, uint32_t next)
{
	for (uint32_t cluster = first; cluster < last; cluster++)
		volume_link(volume, cluster, cluster + 1);
	volume_link(volume, last, next);
}

static inline uint8_t *volume_cluster(struct fat_volume *volume, uint32_t cluster)
{
	return volume->bytes + VOLUME_DATA + (uint64_t)(cluster - 2) * VOLUME_SECTOR;
}

static inline struct fat_volume volume_make(void)
{
	struct fat_volume volume = { .bytes = calloc(1, VOLUME_BYTES), .fail_at = UINT64_MAX };
	uint8_t *sector = volume.bytes;

	le_write16(sector + 11, VOLUME_SECTOR);
	sector[13] = 1;
	le_write16(sector + 14, VOLUME_RESERVED);
	sector[16] = 1;
	le_write32(sector + 32, VOLUME_BYTES / VOLUME_SECTOR);
	le_write32(sector + 36, VOLUME_FAT_SECTORS);
	le_write32(sector + 44, VOLUME_ROOT);
	le_write16(sector + 510, 0xaa55);
	volume_link(&volume, VOLUME_ROOT, VOLUME_END);
	return volume;
}

/* Ready for fat_begin(). */
static inline struct fat *volume_open(struct fat_volume *volume)
{
	volume->fat = (struct fat){ .read = volume_read, .context = volume, .volume_bytes = VOLUME_BYTES,
				    .window = malloc(VOLUME_WINDOW), .window_bytes = VOLUME_WINDOW, .windows_left = 1000 };
	return &volume->fat;
}

static inline void volume_free(struct fat_volume *volume)
{
	free(volume->fat.window);
	free(volume->bytes);
}

/* A directory entry with a short name of 11 characters. */
static inline void volume_entry(uint8_t *entry, const char *name, uint8_t attribute, uint32_t cluster, uint32_t bytes)
{
	memset(entry, 0, 32);
	memcpy(entry, name, 11);
	entry[11] = attribute;
	le_write16(entry + 20, (uint16_t)(cluster >> 16));
	le_write16(entry + 26, (uint16_t)(cluster & 0xffff));
	le_write32(entry + 28, bytes);
}

static inline uint8_t volume_checksum(const char *name)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < 11; i++)
		sum = (uint8_t)((sum >> 1) + (sum << 7) + (uint8_t)name[i]);
	return sum;
}

/* The pieces of a long name, last piece first; returns how many entries they take. */
static inline uint32_t volume_long_name(uint8_t *entries, const char *name, uint8_t checksum)
{
	static const uint8_t places[13] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
	uint32_t length = (uint32_t)strlen(name), count = (length + 12) / 13;

	for (uint32_t number = count; number > 0; number--) {
		uint8_t *entry = entries + 32 * (count - number);

		memset(entry, 0, 32);
		entry[0] = (uint8_t)(number | (number == count ? 0x40 : 0));
		entry[11] = 0x0f;
		entry[13] = checksum;
		for (uint32_t i = 0; i < 13; i++) {
			uint32_t at = (number - 1) * 13 + i;

			le_write16(entry + places[i], at < length ? (uint8_t)name[at] : at == length ? 0 : 0xffff);
		}
	}
	return count;
}

#endif
