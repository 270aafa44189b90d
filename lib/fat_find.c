/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FAT32: names.  A file has a short name of 8 and 3 characters, and before it in the directory, last piece first, the
 * pieces of its long name if it has one (specification, "Long Directory Entries").  RULE: no piece is stored: each is
 * compared where it stands, and counts only if all of them come in order and carry the short name's checksum.
 */
#include "lib/fat.h"
#include "lib/le.h"

enum {
	ENTRY_BYTES = 32,
	ENTRY_ATTRIBUTE = 11,
	ENTRY_CLUSTER_HIGH = 20,
	ENTRY_CLUSTER_LOW = 26,
	ENTRY_SIZE = 28,
	LONG_CHECKSUM = 13,

	FIRST_BYTE_END = 0x00,
	FIRST_BYTE_FREE = 0xe5,
	ATTRIBUTE_VOLUME = 0x08,
	ATTRIBUTE_FOLDER = 0x10,
	ATTRIBUTE_LONG = 0x0f,
	LAST_PIECE = 0x40,
	PIECE_CHARACTERS = 13,
	SHORT_STEM = 8,
	SHORT_BYTES = 11,
	FOLDER_BYTES_MAX = 2 << 20, /* specification: 65,536 entries */
};

/* One part of a path. */
struct name {
	const char *text;
	uint32_t bytes;
};

/* How much of a long name has been seen. */
struct pieces {
	uint32_t next;     /* the number of the piece that must come next; 0 = all were there */
	uint32_t matching;
	uint8_t checksum;
};

static char upper(char character)
{
	return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A') : character;
}

/* The name as a directory has it: stem and extension in capitals, filled with blanks. */
static int is_short_name(const struct name *name, const uint8_t *entry)
{
	uint32_t at = 0, i = 0;

	for (; at < SHORT_BYTES; at++) {
		char wanted = ' ';

		if (at == SHORT_STEM && i < name->bytes && name->text[i++] != '.')
			return 0;
		if (i < name->bytes && !(at < SHORT_STEM && name->text[i] == '.'))
			wanted = upper(name->text[i++]);
		if (entry[at] != (uint8_t)wanted)
			return 0;
	}
	return i == name->bytes;
}

/* The character of a long name at `index`: a 0 ends it, ones fill it. */
static uint16_t wanted_character(const struct name *name, uint32_t index)
{
	if (index < name->bytes)
		return (uint8_t)upper(name->text[index]);
	return index == name->bytes ? 0 : 0xffff;
}

static int is_piece(const struct name *name, uint32_t number, const uint8_t *entry)
{
	static const uint8_t places[PIECE_CHARACTERS] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };

	for (uint32_t i = 0; i < PIECE_CHARACTERS; i++) {
		uint16_t found = le_read16(entry + places[i]);

		if (found < 0x80)
			found = (uint8_t)upper((char)found);
		if (found != wanted_character(name, (number - 1) * PIECE_CHARACTERS + i))
			return 0;
	}
	return 1;
}

static void add_piece(struct pieces *pieces, const struct name *name, const uint8_t *entry)
{
	uint32_t number = entry[0] & (LAST_PIECE - 1u);

	if (entry[0] & LAST_PIECE) {
		pieces->matching = number == (name->bytes + PIECE_CHARACTERS - 1) / PIECE_CHARACTERS;
		pieces->checksum = entry[LONG_CHECKSUM];
	} else if (number != pieces->next || entry[LONG_CHECKSUM] != pieces->checksum) {
		pieces->matching = 0;
	}
	pieces->matching = pieces->matching && number > 0 && is_piece(name, number, entry);
	pieces->next = number - 1;
}

static uint8_t short_checksum(const uint8_t *entry)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < SHORT_BYTES; i++)
		sum = (uint8_t)((sum >> 1) + (sum << 7) + entry[i]);
	return sum;
}

/* FAT_OK: here it is; FAT_NO_FILE: not in this folder; FAT_END: look on. */
static enum fat_status look_at(const uint8_t *entry, const struct name *name, struct pieces *pieces, struct fat_file *ret_file)
{
	const struct pieces seen = *pieces;

	if (entry[0] == FIRST_BYTE_END)
		return FAT_NO_FILE;
	if (entry[0] != FIRST_BYTE_FREE && entry[ENTRY_ATTRIBUTE] == ATTRIBUTE_LONG) {
		add_piece(pieces, name, entry);
		return FAT_END;
	}
	pieces->matching = 0;
	if (entry[0] == FIRST_BYTE_FREE || entry[ENTRY_ATTRIBUTE] & ATTRIBUTE_VOLUME)
		return FAT_END;
	if (!is_short_name(name, entry) && !(seen.matching && seen.next == 0 && seen.checksum == short_checksum(entry)))
		return FAT_END;
	*ret_file = (struct fat_file){
		.cluster = (uint32_t)le_read16(entry + ENTRY_CLUSTER_HIGH) << 16 | le_read16(entry + ENTRY_CLUSTER_LOW),
		.bytes = le_read32(entry + ENTRY_SIZE),
		.is_folder = (entry[ENTRY_ATTRIBUTE] & ATTRIBUTE_FOLDER) != 0,
	};
	return FAT_OK;
}

static enum fat_status find_in_folder(struct fat *fat, uint32_t cluster, const struct name *name, struct fat_file *ret_file)
{
	struct fat_chain chain = { cluster, FOLDER_BYTES_MAX / fat->cluster_bytes };
	struct pieces pieces = { 0 };
	struct fat_run run;
	enum fat_status status;

	while ((status = fat_next_run(fat, &chain, &run)) == FAT_OK)
		for (uint64_t at = 0; at < run.bytes; at += ENTRY_BYTES) {
			const uint8_t *entry = fat_window(fat, run.offset + at, ENTRY_BYTES, &status);

			if (entry == 0)
				return status;
			status = look_at(entry, name, &pieces, ret_file);
			if (status != FAT_END)
				return status;
		}
	/* A folder may end with its chain. */
	return status == FAT_END ? FAT_NO_FILE : status;
}

static int is_separator(char character)
{
	return character == '/' || character == '\\';
}

enum fat_status fat_find(struct fat *fat, const char *path, struct fat_file *ret_file)
{
	struct fat_file at = { .cluster = fat->root, .is_folder = 1 };
	enum fat_status status = FAT_OK;

	while (status == FAT_OK) {
		struct name name = { path, 0 };

		if (is_separator(*path)) {
			path++;
			continue;
		}
		while (path[name.bytes] != '\0' && !is_separator(path[name.bytes]))
			name.bytes++;
		if (name.bytes == 0)
			break;
		status = at.is_folder ? find_in_folder(fat, at.cluster, &name, &at) : FAT_NO_FILE;
		path += name.bytes;
	}
	if (status == FAT_OK && at.is_folder)
		status = FAT_NO_FILE;
	if (status == FAT_OK)
		*ret_file = at;
	return status;
}
