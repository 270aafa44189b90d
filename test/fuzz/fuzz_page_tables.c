/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables from both sides.  Input: a byte of options; then either commands of 8 bytes that map and unmap, after each of
 * which the walker must see what was asked for, or the bytes of four hostile tables, over which walk and visit must agree.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/arch/x86_64/page_tables.h"

enum { HOSTILE = 1, FIVE_LEVELS = 2, NO_NX = 4, PAGES_1G = 8, ENCRYPTED = 16 };
enum { POOL_PAGES = 48, COMMAND_BYTES = 8, COMMANDS_MAX = 64, HOSTILE_PAGES = 4, VISITS_MAX = 4096 };
#define PAGE UINT64_C(4096)
#define POOL_PHYS UINT64_C(0x10000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint64_t pool[POOL_PAGES * 512] __attribute__((aligned(4096)));

static void require(int holds)
{
	if (!holds)
		abort();
}

static const uint64_t *read_pool(void *context, uint64_t table_phys)
{
	const struct page_tables *tables = context;
	uint64_t offset = table_phys - POOL_PHYS;

	require(table_phys % PAGE == 0);
	return offset < tables->used_pages * PAGE ? pool + offset / 8 : NULL;
}

static struct page_reader reader_of(struct page_tables *tables)
{
	return (struct page_reader){
		.read = read_pool, .context = tables, .root_phys = POOL_PHYS, .encryption_mask = tables->encryption_mask,
		.levels = tables->levels, .physical_bits = tables->physical_bits, .nx = tables->nx,
	};
}

struct command {
	uint64_t virt, phys, bytes;
	uint32_t flags, unmap;
};

/* Few places and many sizes, so that mappings overlap and leaves of all sizes are split. */
static struct command decode(const uint8_t *data)
{
	static const uint64_t places[] = { 0, 0x40000000, 0x7fc0000000, 0x7fffffe00000, 0xffffff8000000000, 0xffffffff80000000,
					   0xffffffffffe00000, 0x00ffffffffe00000 };

	return (struct command){
		.virt = places[data[0] & 7] + ((uint64_t)data[1] << 12) + ((uint64_t)(data[0] >> 3) << 21),
		.phys = ((uint64_t)data[2] << 12) + ((uint64_t)data[3] << 21) + ((uint64_t)(data[4] & 15) << 30),
		.bytes = ((uint64_t)(data[5] & 7) << 30) + ((uint64_t)(data[5] >> 3) << 21) + ((uint64_t)data[6] << 12),
		.flags = data[7] & 15,
		.unmap = data[7] >> 6 == 3,
	};
}

static void expect(struct page_tables *tables, uint64_t virt, uint64_t phys, const struct command *command)
{
	struct page_reader reader = reader_of(tables);
	struct page_mapping mapping;
	enum page_tables_status status = page_tables_walk(&reader, virt, &mapping);
	uint32_t flags = command->flags | (tables->nx ? 0 : PAGE_EXECUTE);

	if (command->unmap) {
		require(status == PAGE_TABLES_NOT_MAPPED);
		return;
	}
	require(status == PAGE_TABLES_OK && mapping.phys == phys && mapping.flags == flags && mapping.user == 0);
}

static void run_command(struct page_tables *tables, const struct command *command)
{
	uint64_t before = tables->used_pages;
	uint64_t bound = page_tables_bound(tables, command->virt, command->unmap ? command->virt & 0xfffffffff000 : command->phys,
					   command->bytes);
	enum page_tables_status status;
	if (command->unmap)
		status = page_tables_unmap(tables, command->virt, command->bytes);
	else
		status = page_tables_map(tables, command->virt, command->phys, command->bytes, command->flags);

	require(tables->used_pages <= POOL_PAGES);
	if (status != PAGE_TABLES_OK) {
		require(status == PAGE_TABLES_POOL_EMPTY || tables->used_pages == before);
		return;
	}
	require(tables->used_pages - before <= bound);
	expect(tables, command->virt, command->phys, command);
	expect(tables, command->virt + command->bytes - 1, command->phys + command->bytes - 1, command);
}

static void build(const uint8_t *data, size_t bytes, uint8_t options)
{
	struct page_tables tables = {
		.pool = pool, .pool_phys = POOL_PHYS, .pool_pages = POOL_PAGES, .levels = options & FIVE_LEVELS ? 5 : 4,
		.physical_bits = 48, .nx = !(options & NO_NX), .pages_1g = (options & PAGES_1G) != 0,
		.encryption_mask = options & ENCRYPTED ? UINT64_C(1) << 51 : 0,
	};

	require(page_tables_init(&tables) == PAGE_TABLES_OK);
	for (size_t at = 0, count = 0; at + COMMAND_BYTES <= bytes && count < COMMANDS_MAX; at += COMMAND_BYTES, count++) {
		struct command command = decode(data + at);

		run_command(&tables, &command);
	}
}

/* --- tables of anybody ------------------------------------------------------------------------------------------------- */

static const uint64_t *read_hostile(void *context, uint64_t table_phys)
{
	(void)context;
	require(table_phys % PAGE == 0);
	return table_phys / PAGE % 8 < HOSTILE_PAGES ? pool + table_phys / PAGE % 8 * 512 : NULL;
}

struct tally {
	const struct page_reader *reader;
	uint64_t visits;
};

static int compare_leaf(void *context, const struct page_mapping *leaf, uint64_t table_phys)
{
	struct tally *tally = context;
	struct page_mapping walked;

	require(table_phys % PAGE == 0);
	if (++tally->visits > VISITS_MAX)
		return 1;
	if (leaf == NULL)
		return 0;
	require(page_tables_walk(tally->reader, leaf->leaf_virt, &walked) == PAGE_TABLES_OK);
	require(memcmp(&walked, leaf, sizeof(walked)) == 0);
	require(leaf->leaf_virt % leaf->leaf_bytes == 0 && leaf->phys % leaf->leaf_bytes == 0);
	return 0;
}

static void read_tables(const uint8_t *data, size_t bytes, uint8_t options)
{
	struct page_reader reader = {
		.read = read_hostile, .root_phys = 0, .levels = options & FIVE_LEVELS ? 5 : 4, .physical_bits = 40,
		.nx = !(options & NO_NX), .encryption_mask = options & ENCRYPTED ? UINT64_C(1) << 47 : 0,
	};
	struct tally tally = { .reader = &reader };

	memset(pool, 0, HOSTILE_PAGES * PAGE);
	/* Sparse: an entry's place and its value, so that a short input reaches all levels. */
	for (size_t at = 0; at + 10 <= bytes; at += 10)
		memcpy(&pool[(data[at] | (size_t)(data[at + 1] & 7) << 8) % (HOSTILE_PAGES * 512)], data + at + 2, 8);
	page_tables_visit(&reader, compare_leaf, &tally);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (bytes < 1)
		return 0;
	if (data[0] & HOSTILE)
		read_tables(data + 1, bytes - 1, data[0]);
	else
		build(data + 1, bytes - 1, data[0]);
	return 0;
}
