/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bench on which the firmware's memory services are tried: what the single tests (services_*.c) share.
 *
 * RULES for every test, so that no firmware brings the machine down through it: it runs at TPL_NOTIFY, where nobody else
 * allocates; it touches memory only that the map says is its own; what it was given it gives back, whatever it found; a wrong
 * answer is reported, never relied on.
 */
#ifndef LOADER_MEMMAP_BENCH_H
#define LOADER_MEMMAP_BENCH_H

#include <efi.h>
#include <stdint.h>
#include "lib/memory_view.h"

enum verdict {
	VERDICT_PASS,
	VERDICT_SKIP,  /* could not be tried here */
	VERDICT_QUIRK, /* not as the specification words it, but a careful program copes */
	VERDICT_FAIL,  /* a program that relies on the specification breaks */
	VERDICT_COUNT,
};

enum { RESULT_DETAIL_MAX = 72 };

struct result {
	enum verdict verdict;
	char detail[RESULT_DETAIL_MAX]; /* what was found; "" when there is nothing to say */
};

/*
 * Address 0, where a firmware that does not check for NULL would read or write.  borrow() makes sure that [0, bytes) is ordinary
 * memory, keeps what it holds and zeroes the first 8 bytes: 1, or 0 when such calls must not be tried.  give_back() puts
 * everything back: 1 when something had been written there; *ret_first is what the first 8 bytes were then.
 */
struct bench_zero {
	int (*borrow)(void *context, uint64_t bytes);
	int (*give_back)(void *context, uint64_t *ret_first);
	void *context;
};

struct bench {
	EFI_BOOT_SERVICES *services;
	uint8_t *maps[2];            /* map_capacity bytes each */
	uint64_t map_capacity;
	uint32_t physical_bits;      /* 0 = unknown */
	struct bench_zero zero;
	int64_t kept[MEMORY_VIEW_TYPES]; /* pages of each type that the map has more after the tests so far: what came and went
					    between them, for consoles and lines of text, does not count */
};

/* A map read into one of the bench's buffers. */
struct bench_map {
	EFI_STATUS status;
	uint64_t key;
	struct memory_view view;
};

/* The current map, into buffer `which`; on an error it is empty. */
struct bench_map bench_map(struct bench *bench, uint32_t which);

enum { BENCH_MIXED = MEMORY_VIEW_TYPES }; /* no single type */
/* The type under which the current map has all of [phys, phys + bytes). */
uint32_t bench_type(struct bench *bench, uint64_t phys, uint64_t bytes);
/* Pages that the current map has of a type. */
uint64_t bench_type_pages(struct bench *bench, uint32_t type);

/* AllocatePages of EfiLoaderData anywhere.  On EFI_SUCCESS the pages are aligned and the map has them as LoaderData, so that
   they may be written; EFI_DEVICE_ERROR for anything else. */
EFI_STATUS bench_take(struct bench *bench, uint64_t pages, uint64_t *ret_phys);

/* Fills memory with a pattern that depends on the seed, and looks whether it is still there. */
void bench_fill(void *to, uint64_t bytes, uint8_t seed);
int bench_intact(const void *at, uint64_t bytes, uint8_t seed);

struct result result_pass(void);
struct result result_of(enum verdict verdict, const char *detail, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the heavier of the two, the earlier of equals. */
void result_note(struct result *result, struct result more);
/* For a call that must fail with `expected`: another error is a quirk, success a failure. */
struct result result_refused(EFI_STATUS status, EFI_STATUS expected);

/* The tests. */
struct result services_map_descriptors(struct bench *bench);
struct result services_map_valid(struct bench *bench);
struct result services_map_size_zero(struct bench *bench);
struct result services_map_size_asked(struct bench *bench);
struct result services_map_size_returned(struct bench *bench);
struct result services_map_too_small(struct bench *bench);
struct result services_map_same_key(struct bench *bench);
struct result services_map_key_allocate(struct bench *bench);
struct result services_map_key_free(struct bench *bench);
struct result services_pool_sizes(struct bench *bench);
struct result services_pool_types(struct bench *bench);
struct result services_pool_apart(struct bench *bench);
struct result services_pool_returns(struct bench *bench);
struct result services_pool_too_large(struct bench *bench);
struct result services_pages_types(struct bench *bench);
struct result services_pages_free(struct bench *bench);
struct result services_pages_below(struct bench *bench);
struct result services_pages_below_zero(struct bench *bench);
struct result services_pages_exact(struct bench *bench);
struct result services_pages_exact_taken(struct bench *bench);
struct result services_pages_aligned(struct bench *bench);
struct result services_pages_too_many(struct bench *bench);
struct result services_refuse_kind(struct bench *bench);
struct result services_refuse_reserved_types(struct bench *bench);
struct result services_refuse_persistent(struct bench *bench);
struct result services_refuse_unaccepted(struct bench *bench);
struct result services_refuse_free_unaligned(struct bench *bench);
struct result services_refuse_free_twice(struct bench *bench);
struct result services_refuse_free_null(struct bench *bench);
struct result services_null_pages(struct bench *bench);
struct result services_null_pool(struct bench *bench);
struct result services_null_map_size(struct bench *bench);
struct result services_null_map(struct bench *bench);
struct result services_all_returned(struct bench *bench);

#endif
