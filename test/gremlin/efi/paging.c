/* SPDX-License-Identifier: BSD-2-Clause */
/* See paging.h.  Intel SDM volume 3A chapter 4.  The firmware's tables may be read-only themselves: CR0.WP is off meanwhile. */
#include "test/gremlin/efi/paging.h"
#include "test/gremlin/efi/channel.h"

#define LARGE UINT64_C(0x80)
#define ADDRESS UINT64_C(0x000ffffffffff000)
#define WRITE_PROTECT (UINT64_C(1) << 16)

enum { LEVELS = 4, TABLES = 192, ENTRIES = 512 };

static uint64_t tables[TABLES][ENTRIES] __attribute__((aligned(4096)));
static uint32_t used;

static uint64_t *root(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	return (uint64_t *)(cr3 & ADDRESS);
}

static uint64_t write_protection(uint64_t wanted)
{
	uint64_t cr0;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"((cr0 & ~WRITE_PROTECT) | wanted) : "memory");
	return cr0 & WRITE_PROTECT;
}

static void flush(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(cr3) : : "memory");
}

/* Replaces a large page of this level by a table of the next smaller ones. */
static void split(uint64_t *entry, uint32_t level)
{
	uint64_t bytes = UINT64_C(1) << (12 + 9 * (level - 2)), *table = tables[used++];

	if (used >= TABLES) {
		say("gremlin: no page tables left");
		channel_leave(0);
	}
	for (uint64_t i = 0; i < ENTRIES; i++)
		table[i] = ((*entry & ADDRESS & ~(bytes - 1)) + i * bytes) | (*entry & ~(ADDRESS | LARGE)) | (level > 2 ? LARGE : 0);
	*entry = (uint64_t)table | (*entry & ~(ADDRESS | LARGE | PAGING_NX)) | PAGING_PRESENT | PAGING_WRITABLE;
}

static uint64_t *find(uint64_t address, int splitting)
{
	uint64_t *table = root();

	for (uint32_t level = LEVELS;; level--) {
		uint64_t *entry = &table[address >> (12 + 9 * (level - 1)) & (ENTRIES - 1)];

		if (level == 1)
			return entry;
		if (!(*entry & PAGING_PRESENT))
			return 0;
		if ((*entry & LARGE) && !splitting)
			return entry;
		if (*entry & LARGE)
			split(entry, level);
		table = (uint64_t *)(*entry & ADDRESS);
	}
}

void paging_change(uint64_t start, uint64_t pages, uint64_t set, uint64_t clear)
{
	uint64_t protection = write_protection(0);

	for (uint64_t i = 0; i < pages; i++) {
		uint64_t *entry = find(start + i * 4096, 1);

		if (entry != 0)
			*entry = (*entry & ~clear) | set;
	}
	flush();
	write_protection(protection);
}

uint64_t paging_look(uint64_t address)
{
	const uint64_t *entry = find(address, 0);

	return entry != 0 ? *entry : 0;
}

/* Visits the tables below `table`, which has `level`; either argument may be nothing. */
static void visit(uint64_t *table, uint32_t level, void (*with)(uint64_t), uint64_t clear)
{
	if (with != 0)
		with((uint64_t)table);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		if (!(table[i] & PAGING_PRESENT))
			continue;
		table[i] &= ~clear;
		if (level > 1 && !(table[i] & LARGE))
			visit((uint64_t *)(table[i] & ADDRESS), level - 1, with, clear);
	}
}

void paging_clear_everywhere(uint64_t clear)
{
	uint64_t protection = write_protection(0);

	visit(root(), LEVELS, 0, clear);
	flush();
	write_protection(protection);
}

void paging_each_table(void (*with)(uint64_t table))
{
	uint64_t protection = write_protection(0);

	visit(root(), LEVELS, with, 0);
	write_protection(protection);
}

/* Permissions of one address on, and of all addresses before it as one number. */
struct permissions {
	uint64_t last, sum;
};

static void add_permissions(struct permissions *all, uint64_t address, uint64_t here)
{
	if (here == all->last)
		return;
	all->last = here;
	all->sum = (all->sum ^ address) * UINT64_C(0x100000001b3);
	all->sum = (all->sum ^ here) * UINT64_C(0x100000001b3);
}

/* What an entry permits is what all those above it permit as well. */
static void collect(struct permissions *all, const uint64_t *table, uint32_t level, uint64_t start, uint64_t above)
{
	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t address = start + (i << (12 + 9 * (level - 1))), entry = table[i];
		uint64_t here = (entry & above & (PAGING_PRESENT | PAGING_WRITABLE)) | ((entry | above) & PAGING_NX);

		if (!(entry & PAGING_PRESENT))
			add_permissions(all, address, 0);
		else if (level == 1 || (entry & LARGE))
			add_permissions(all, address, here);
		else
			collect(all, (const uint64_t *)(entry & ADDRESS), level - 1, address, here);
	}
}

uint64_t paging_permissions(void)
{
	struct permissions all = { .sum = UINT64_C(0xcbf29ce484222325) };

	collect(&all, root(), LEVELS, 0, PAGING_PRESENT | PAGING_WRITABLE);
	return all.sum;
}
