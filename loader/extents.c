/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See extents.h.  RULES: read only; nothing that the volume says is believed, and nothing is retried or repaired here:
 * the firmware's own driver is the judge of all that is unusual.  Block requests are whole blocks inside the partition
 * (UEFI 2.10 §13.9).
 */
#include "lib/fat.h"
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/extents.h"
#include "loader/firmware.h"
#include "loader/log.h"
#include "loader/source.h"

static const EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;

enum {
	WINDOW_BYTES = 64 << 10,
	WINDOWS_MAX = 1024,     /* the tables of a file of 16 GiB, if they lie side by side */
	BLOCK_BYTES_MAX = 4096,
};
/* Below this the driver is as fast. */
#define EXTENTS_BYTES_MIN (UINT64_C(1) << 20)
/* One request: some drivers take UINT32 sizes. */
#define REQUEST_BYTES_MAX (UINT64_C(1) << 30)

/* Whole blocks of the partition. */
static int read_blocks(void *context, uint64_t offset, void *to, uint64_t bytes)
{
	EFI_BLOCK_IO *block_io = context;
	const EFI_BLOCK_IO_MEDIA *media = block_io->Media;

	return EFI_ERROR(block_io->ReadBlocks(block_io, media->MediaId, offset / media->BlockSize, bytes, to));
}

static EFI_BLOCK_IO *find_block_io(struct boot *boot)
{
	EFI_BLOCK_IO *block_io = firmware_protocol_of(boot, boot->volume_handle, &block_io_guid);
	const EFI_BLOCK_IO_MEDIA *media;

	if (block_io == NULL)
		return NULL;
	media = block_io->Media;
	if (media == NULL || !media->MediaPresent || media->BlockSize < 512 || media->BlockSize > BLOCK_BYTES_MAX ||
	    (media->BlockSize & (media->BlockSize - 1)) != 0 || media->LastBlock >= UINT64_MAX / BLOCK_BYTES_MAX ||
	    (media->IoAlign & (media->IoAlign - 1)) != 0)
		return NULL;
	return block_io;
}

/* A piece of a run: whole blocks go where they stay, the last bytes of a file through the window. */
static enum fat_status read_piece(struct fat *fat, uint64_t offset, uint8_t *to, uint64_t bytes)
{
	const EFI_BLOCK_IO_MEDIA *media = ((EFI_BLOCK_IO *)fat->context)->Media;
	uint64_t whole = bytes / media->BlockSize * media->BlockSize, step;
	enum fat_status status = FAT_OK;
	const uint8_t *rest;

	if (offset % media->BlockSize != 0 || (media->IoAlign > 1 && (uint64_t)to % media->IoAlign != 0))
		return FAT_NOT_READ;
	for (uint64_t at = 0; at < whole; at += step) {
		step = whole - at < REQUEST_BYTES_MAX ? whole - at : REQUEST_BYTES_MAX;
		if (read_blocks(fat->context, offset + at, to + at, step) != 0)
			return FAT_NOT_READ;
	}
	if (whole == bytes)
		return FAT_OK;
	rest = fat_window(fat, offset + whole, (uint32_t)(bytes - whole), &status);
	if (rest != NULL)
		memcpy(to + whole, rest, bytes - whole);
	return status;
}

/* Walks the whole chain, so that its end is seen too. */
static enum fat_status read_chain(struct fat *fat, struct fat_chain chain, uint64_t offset, uint8_t *to, uint64_t bytes,
				  uint32_t *ret_runs)
{
	uint64_t at = 0, end = offset + bytes; /* of the file */
	enum fat_status status;
	struct fat_run run;

	while ((status = fat_next_run(fat, &chain, &run)) == FAT_OK) {
		uint64_t from = offset > at ? offset : at, until = end < at + run.bytes ? end : at + run.bytes;

		if (from < until)
			status = read_piece(fat, run.offset + (from - at), to + (from - offset), until - from);
		if (status != FAT_OK)
			return status;
		at += run.bytes;
		*ret_runs += 1;
	}
	return status == FAT_END && chain.left > 0 ? FAT_BAD_CHAIN : status;
}

static enum fat_status read_file(struct fat *fat, const struct source_file *file, uint64_t offset, void *to, uint64_t bytes,
				 uint32_t *ret_runs)
{
	struct fat_file found = { 0 };
	enum fat_status status = fat_begin(fat);

	if (status == FAT_OK)
		status = fat_find(fat, file->name, &found);
	if (status == FAT_OK && found.bytes != file->bytes)
		status = FAT_NO_FILE;
	return status == FAT_OK ? read_chain(fat, fat_chain_of(fat, &found), offset, to, bytes, ret_runs) : status;
}

EFI_STATUS extents_read(struct source_file *file, uint64_t offset, void *to, uint64_t bytes)
{
	struct boot *boot = file->boot;
	struct fat fat = { .read = read_blocks, .window_bytes = WINDOW_BYTES, .windows_left = WINDOWS_MAX };
	const struct page_request request = {
		.type = EfiLoaderData,
		.pages = WINDOW_BYTES / EFI_PAGE_SIZE,
		.owner = HANDOFF_OWNER_SCRATCH,
		.lifetime = HANDOFF_LIFETIME_FREE,
	};
	EFI_BLOCK_IO *block_io;
	uint64_t window = 0;
	uint32_t runs = 0;
	enum fat_status status;

	if (bytes < EXTENTS_BYTES_MIN || offset > file->bytes || bytes > file->bytes - offset)
		return EFI_UNSUPPORTED;
	block_io = find_block_io(boot);
	/* Pages, and not pool: aligned for any device. */
	if (block_io == NULL || EFI_ERROR(pages_allocate(boot, &request, &window)))
		return EFI_UNSUPPORTED;
	fat.context = block_io;
	fat.volume_bytes = (block_io->Media->LastBlock + 1) * block_io->Media->BlockSize;
	fat.window = (uint8_t *)window;
	status = read_file(&fat, file, offset, to, bytes, &runs);
	pages_free(boot, window);
	log_line(boot, "%s: %u runs of blocks, status %u", file->name, runs, (unsigned)status);
	return status == FAT_END ? EFI_SUCCESS : EFI_UNSUPPORTED;
}
