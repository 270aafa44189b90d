/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables in a pool whose physical address is not its virtual one, and how tests look at them. */
#ifndef TEST_UNIT_PAGE_TABLES_FIXTURE_H
#define TEST_UNIT_PAGE_TABLES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lib/arch/x86_64/page_tables.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define TIB (KIB * GIB)
#define PAGE (4 * KIB)
#define TOP_2G UINT64_C(0xffffffff80000000)
#define POOL_PHYS UINT64_C(0x123456000)
#define NX (UINT64_C(1) << 63)

enum { POOL_PAGES = 64 };

static uint64_t pool[POOL_PAGES * 512] __attribute__((aligned(4096)));

static inline struct page_tables make(uint32_t levels)
{
	struct page_tables tables = {
		.pool = pool, .pool_phys = POOL_PHYS, .pool_pages = POOL_PAGES, .levels = levels, .physical_bits = 46,
		.nx = 1, .pages_1g = 1,
	};

	memset(pool, 0xa5, sizeof(pool)); /* a table page that is not cleared shows at once */
	assert_int_equal(page_tables_init(&tables), PAGE_TABLES_OK);
	return tables;
}

static inline const uint64_t *read_pool(void *context, uint64_t table_phys)
{
	const struct page_tables *tables = context;
	uint64_t offset = table_phys - tables->pool_phys;

	return table_phys >= tables->pool_phys && offset < tables->used_pages * PAGE ? tables->pool + offset / 8 : NULL;
}

static inline struct page_reader reader_of(struct page_tables *tables)
{
	return (struct page_reader){
		.read = read_pool, .context = tables, .root_phys = tables->pool_phys, .levels = tables->levels,
		.encryption_mask = tables->encryption_mask, .physical_bits = tables->physical_bits, .nx = tables->nx,
	};
}

static inline enum page_tables_status walk(struct page_tables *tables, uint64_t virt, struct page_mapping *ret)
{
	struct page_reader reader = reader_of(tables);

	return page_tables_walk(&reader, virt, ret);
}

static inline void expect_mapped(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t leaf_bytes, uint32_t flags)
{
	struct page_mapping mapping;

	assert_int_equal(walk(tables, virt, &mapping), PAGE_TABLES_OK);
	assert_int_equal(mapping.phys, phys);
	assert_int_equal(mapping.leaf_bytes, leaf_bytes);
	assert_int_equal(mapping.leaf_virt, virt & ~(leaf_bytes - 1));
	assert_int_equal(mapping.flags, flags);
	assert_int_equal(mapping.user, 0);
}

static inline void expect_unmapped(struct page_tables *tables, uint64_t virt)
{
	struct page_mapping mapping;

	assert_int_equal(walk(tables, virt, &mapping), PAGE_TABLES_NOT_MAPPED);
}

struct tally {
	uint64_t tables, leaves, bytes, last_virt, stop_after;
};

static inline int add_up(void *context, const struct page_mapping *mapping, uint64_t table_phys)
{
	struct tally *tally = context;

	assert_true(table_phys >= POOL_PHYS && table_phys < POOL_PHYS + sizeof(pool));
	if (mapping == NULL)
		return ++tally->tables == tally->stop_after ? 7 : 0;
	if (tally->leaves++ > 0)
		assert_true(mapping->leaf_virt > tally->last_virt);
	tally->last_virt = mapping->leaf_virt;
	tally->bytes += mapping->leaf_bytes;
	return 0;
}

#endif
