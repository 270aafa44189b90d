/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every page the loader takes from the firmware, with its purpose: the list becomes HANDOFF_PART_OWNED, or is given back
 * in reverse order when the boot fails (L6, L9, L11).
 */
#ifndef LOADER_PAGES_H
#define LOADER_PAGES_H

#include <efi.h>
#include <stdint.h>
#include "lib/handoff.h"

struct boot;

/* What the last pages of an allocation are for, where that is something else; pages 0: there is none. */
struct page_tail {
	uint64_t pages;
	uint32_t owner, lifetime;
};

struct page_range {
	uint64_t phys;
	uint64_t pages;
	uint32_t owner;     /* HANDOFF_OWNER_... */
	uint32_t lifetime;  /* HANDOFF_LIFETIME_... */
	uint32_t index;
	uint32_t allocated; /* 1: to be given back on failure; 0: only known (the loader's image) */
	struct page_tail tail;
};

/* Addresses at which nothing may be placed; end_phys 0: there are none. */
struct page_hole {
	uint64_t start_phys;
	uint64_t end_phys;
};

struct pages {
	struct page_range *ranges; /* in list_pages pages of their own, owner HANDOFF_OWNER_SCRATCH */
	uint64_t list_pages;
	uint32_t count;
	struct page_hole kernel; /* must stay out of the identity map: where a kernel is linked low */
	struct page_hole stack;  /* around the stack that the firmware started the loader on: its map may call it free */
};

struct page_request {
	EFI_MEMORY_TYPE type; /* EfiLoaderCode, EfiLoaderData, or EfiRuntimeServicesData for the boot record (L6) */
	uint64_t pages;       /* > 0 */
	uint64_t alignment;   /* power of two in bytes, 0 = one page */
	uint64_t remainder;   /* of the address divided by alignment: whole pages, < alignment */
	uint32_t owner, lifetime, index;
	struct page_tail tail; /* of fewer pages: one allocation for two purposes, because each costs the firmware a walk over its map */
};

/*
 * Allocates at any address, checks what came back (L9) and puts it on the list.  EFI_OUT_OF_RESOURCES when there is not
 * enough memory, EFI_DEVICE_ERROR when the firmware keeps returning memory that cannot be used.
 */
EFI_STATUS pages_allocate(struct boot *boot, const struct page_request *request, uint64_t *ret_phys);

/* Keeps everything away from the stack at this address. */
void pages_spare_stack(struct boot *boot, uint64_t stack_phys);
/* 1 when a kernel that is linked low takes addresses of this memory out of the identity map. */
int pages_hidden(const struct boot *boot, uint64_t phys, uint64_t bytes);
/* Gives one allocation back. */
void pages_free(struct boot *boot, uint64_t phys);
/* Notes memory that the loader owns without having allocated it. */
EFI_STATUS pages_own(struct boot *boot, uint64_t phys, uint64_t pages, uint32_t owner, uint32_t lifetime);
/* Gives everything back in reverse order (L11). */
void pages_free_all(struct boot *boot);
/* Writes the list, sorted by address, as handoff ranges; returns their number.  out has room for boot->pages.count + 1, the list
   itself is one of them, and for one more for each request with a tail. */
uint64_t pages_export(const struct boot *boot, struct handoff_range *out);

#endif
