/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of x86-64, 4 or 5 levels (Intel SDM volume 3A chapter 4), built in a pool that the caller gives.  Pure: the
 * same code builds them in the loader and on the host, and the walker reads any tables through the caller's function.
 *
 * Upper levels permit everything (writable, executable, supervisor); leaves alone decide.  No entry is global or open to
 * CPL 3; accessed and dirty bits are set beforehand, so that the processor never writes to a table.
 */
#ifndef LIB_ARCH_X86_64_PAGE_TABLES_H
#define LIB_ARCH_X86_64_PAGE_TABLES_H

#include <stdint.h>

enum page_tables_status {
	PAGE_TABLES_OK = 0,
	PAGE_TABLES_BAD_ARGUMENT,  /* misaligned, zero size, unknown flags, or the fields of init() are impossible */
	PAGE_TABLES_NOT_CANONICAL, /* virtual range not canonical for the depth, or it wraps */
	PAGE_TABLES_BAD_PHYSICAL,  /* physical range beyond physical_bits; in walk() an entry with reserved bits set */
	PAGE_TABLES_POOL_EMPTY,
	PAGE_TABLES_NOT_MAPPED,
	PAGE_TABLES_WX,            /* write and execute asked for together */
};

/* Permissions and memory type of a mapping.  Readable always; write-back unless WC or UC. */
enum {
	PAGE_WRITE = 1,
	PAGE_EXECUTE = 2,
	PAGE_WRITE_COMBINING = 4, /* PAT entry 4 of HANDOFF_PAT */
	PAGE_UNCACHED = 8,        /* PAT entry 3 */
};

struct page_tables {
	uint64_t *pool;          /* page-aligned, as the caller can write it */
	uint64_t pool_phys;      /* the same place for the processor */
	uint64_t pool_pages;
	uint64_t used_pages;     /* the first one is the root */
	uint64_t encryption_mask; /* or-ed into every entry that points to RAM (not WC, not UC); 0 without memory encryption */
	uint32_t levels;         /* 4 or 5 */
	uint32_t physical_bits;  /* 32..52 */
	uint32_t nx;             /* 1: the NX bit may be used; 0: everything is executable for the processor */
	uint32_t pages_1g;       /* 1: 1 GiB leaves may be used */
};

/* Fields pool..pages_1g but used_pages are the caller's; zeroes the root. */
enum page_tables_status page_tables_init(struct page_tables *tables);

/*
 * Maps [virt, virt + bytes) to phys.  Uses the largest leaves that fit where no table stands yet.  What was mapped there
 * before is replaced, larger leaves are split as needed.  On POOL_EMPTY a part may have been mapped; after any other
 * failure nothing has changed.
 */
enum page_tables_status page_tables_map(struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t bytes,
					uint32_t flags);

/* Removes the mappings of [virt, virt + bytes); unmapped parts stay unmapped.  Tables that become empty stay in use. */
enum page_tables_status page_tables_unmap(struct page_tables *tables, uint64_t virt, uint64_t bytes);

/*
 * An upper bound of the table pages that one map() of this range can use up, whatever is mapped already; with phys = virt
 * also the bound of an unmap().  The range is one that map() accepts; 0 for any other.
 */
uint64_t page_tables_bound(const struct page_tables *tables, uint64_t virt, uint64_t phys, uint64_t bytes);

/* How a page is mapped, as the processor would see it. */
struct page_mapping {
	uint64_t phys;       /* of the byte asked for, without the encryption mask */
	uint64_t leaf_virt;  /* first byte of the leaf */
	uint64_t leaf_bytes; /* 4 KiB, 2 MiB or 1 GiB */
	uint32_t flags;      /* PAGE_... that hold over all levels */
	uint32_t user;       /* 1: accessible at CPL 3 */
	uint32_t pat_index;  /* 0..7; PAGE_WRITE_COMBINING stands for 4, PAGE_UNCACHED for 3 */
	uint32_t reserved0;
};

/*
 * Reads tables that may be anybody's: read(context, phys) returns the 512 entries of the table at phys or NULL.  What it
 * returned must stay readable until walk() or visit() returns.
 */
struct page_reader {
	const uint64_t *(*read)(void *context, uint64_t table_phys);
	void *context;
	uint64_t root_phys;
	uint64_t encryption_mask;
	uint32_t levels;
	uint32_t physical_bits;
	uint32_t nx;         /* EFER.NXE: without it bit 63 is reserved */
	uint32_t reserved0;
};

/* NOT_MAPPED when an entry on the way is not present; BAD_PHYSICAL when an entry has reserved bits or read gave NULL. */
enum page_tables_status page_tables_walk(const struct page_reader *reader, uint64_t virt, struct page_mapping *ret_mapping);

/*
 * Calls visit for every leaf (mapping != NULL, table_phys = the table that holds it) and for every reference to a table
 * page (mapping == NULL, table_phys = its address; before it is read), in ascending order of table index.  Stops when visit
 * returns non-zero and returns that, else 0; -1 when a table cannot be read or an entry has reserved bits.  Tables that
 * refer to themselves make this long: visit counts the tables and stops.
 */
int page_tables_visit(const struct page_reader *reader,
		      int (*visit)(void *context, const struct page_mapping *mapping, uint64_t table_phys), void *context);

const char *page_tables_status_name(enum page_tables_status status);

#endif
