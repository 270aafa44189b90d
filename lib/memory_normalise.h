/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From raw EFI descriptors and the list of what the loader owns to the normalised map: for each byte of the address space
 * the result is a function of the descriptors that cover it and the owned range that covers it.  The repairs are rules
 * K6-K38 of the handoff rules, each reported.  O(n log n), no allocation, no recursion; the raw map is never written.
 */
#ifndef LIB_MEMORY_NORMALISE_H
#define LIB_MEMORY_NORMALISE_H

#include <stdint.h>
#include "lib/memory_map.h"
#include "lib/rules.h"

enum memory_normalise_status {
	MEMORY_NORMALISE_OK = 0,
	MEMORY_NORMALISE_BAD_STRIDE, /* K4: descriptor_bytes < 40, no multiple of 8, or > 4096 */
	MEMORY_NORMALISE_EMPTY,      /* K8: no descriptor */
	MEMORY_NORMALISE_STRIDE_ERROR, /* K13: more than a quarter of the descriptors name RAM beyond the physical address width */
	MEMORY_NORMALISE_OWNED_UNSORTED, /* the owned ranges are not sorted, disjoint and page-aligned */
	MEMORY_NORMALISE_WORK_SMALL, /* the work area is smaller than memory_normalise_work_bytes() or misaligned */
	MEMORY_NORMALISE_OUT_SMALL,  /* the output buffer is too small; 2 * (descriptors + owned) + 1 ranges always suffice */
};

struct memory_normalise_input {
	const void *raw;                   /* 8-byte aligned */
	uint64_t raw_bytes;                /* a rest that is no whole descriptor is ignored (K7) */
	uint64_t descriptor_bytes;         /* stride */
	uint32_t descriptor_version;
	uint32_t physical_bits;            /* MAXPHYADDR without encryption bits, 32..52; 0 = unknown, taken as 52 */
	const struct handoff_range *owned; /* sorted and disjoint: the loader's ranges with owner, lifetime, index */
	uint64_t owned_count;
};

uint64_t memory_normalise_work_bytes(uint64_t descriptor_count, uint64_t owned_count);

/*
 * Writes the normalised map into `out` (initialised by the caller, emptied here).  Findings and counts go to log (may be
 * NULL).  On failure out's content is undefined.  work must be 8-byte aligned and not overlap raw or out.
 */
enum memory_normalise_status memory_normalise(const struct memory_normalise_input *input, struct memory_map *out,
					      void *work, uint64_t work_bytes, struct rule_log *log);

/*
 * What one descriptor alone means: type, attributes (after K24/K25/K31 repairs), owner, lifetime by the published table.
 * Returns 0 when the descriptor is dropped (K10, K11, K13).  Page 0 and boot services below 1 MiB are cut out by the
 * caller as memory_range_of() says; shared by the normaliser and its independent checker so that the table stands once.
 */
int memory_range_of(const struct handoff_raw_descriptor *descriptor, uint32_t physical_bits, struct handoff_range *ret_range);

const char *memory_normalise_status_name(enum memory_normalise_status status);

#endif
