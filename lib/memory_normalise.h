/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From raw EFI descriptors and the list of what the loader owns to the normalised map: for each byte of the address space
 * the result is a function of the descriptors that cover it and the owned range that covers it, whatever the order of the
 * descriptors:
 *   1. Of the descriptors that cover the byte (after the table of memory_range.h: K10-K14, K21-K31) the most restrictive type
 *      wins (K17: unusable, runtime code, runtime data, MMIO, MMIO port, NVS, reserved, ACPI reclaim, unaccepted, persistent,
 *      special purpose, loader, boot services, usable), among equals the numerically lower attributes.  It wins whole.
 *   2. Page zero is RESERVED, owner FIRMWARE, lifetime NEVER, where a usable, loader or boot services descriptor won, or only
 *      an owned range covers it (K33).
 *   3. Where an owned range covers the byte and the winner is loader, usable or boot services (K19): LOADER with the owned
 *      range's owner, lifetime and index.  Without any descriptor the same with attributes 0 (K18, fatal).  Under any other
 *      winner the winner stays (K18, fatal), but a boot record in runtime services data is right: RUNTIME_DATA, owner
 *      BOOT_RECORD, lifetime NEVER, index of the owned range.
 *   4. Boot services memory below 1 MiB has lifetime NEVER (K36).
 *   5. Where there is neither descriptor nor owned range there is no range (K20).
 * Findings here are only those of the input (K4, K8, K13) and of the sweep (K16-K19, K33); memory_findings.h has the rest.
 * Where the rules name two severities the heavier one is reported.  O(n log n), no allocation, no recursion; the raw map is
 * never written.
 */
#ifndef LIB_MEMORY_NORMALISE_H
#define LIB_MEMORY_NORMALISE_H

#include <stdint.h>
#include "lib/freestanding/memory.h"
#include "lib/memory_map.h"
#include "lib/memory_range.h"
#include "lib/rules.h"

enum memory_normalise_status {
	MEMORY_NORMALISE_OK = 0,
	MEMORY_NORMALISE_BAD_STRIDE, /* K4: descriptor_bytes < 40, no multiple of 8, or > 4096 */
	MEMORY_NORMALISE_EMPTY,      /* K8: no descriptor */
	MEMORY_NORMALISE_STRIDE_ERROR, /* K13: more than a quarter of the descriptors are impossible: RAM beyond the physical
					  address width, misaligned or wrapping.  No map of a firmware, but of a wrong stride */
	MEMORY_NORMALISE_OWNED_UNSORTED, /* the owned ranges are not sorted, disjoint and page-aligned */
	MEMORY_NORMALISE_WORK_SMALL, /* the work area is smaller than memory_normalise_work_bytes() or misaligned */
	MEMORY_NORMALISE_OUT_SMALL,  /* the output buffer is too small; 2 * (descriptors + owned) + 1 ranges always suffice */
};

struct memory_normalise_input {
	const void *raw;                   /* any alignment */
	uint64_t raw_bytes;                /* a rest that is no whole descriptor is ignored (K7) */
	uint64_t descriptor_bytes;         /* stride */
	uint32_t descriptor_version;
	uint32_t physical_bits;            /* MAXPHYADDR without encryption bits, 32..52; 0 = unknown, taken as 52 */
	const struct handoff_range *owned; /* sorted and disjoint: the loader's ranges with owner, lifetime, index */
	uint64_t owned_count;
};

/* Reads descriptor `index` of the input, below raw_bytes / descriptor_bytes. */
static inline void memory_normalise_read(const struct memory_normalise_input *input, uint64_t index,
					 struct handoff_raw_descriptor *ret_descriptor)
{
	memcpy(ret_descriptor, (const uint8_t *)input->raw + index * input->descriptor_bytes, sizeof(*ret_descriptor));
}

/* Size of the work area; UINT64_MAX when no such area can exist. */
uint64_t memory_normalise_work_bytes(uint64_t descriptor_count, uint64_t owned_count);

/*
 * Writes the normalised map into `out` (initialised by the caller, emptied here).  Findings go to log (may be
 * NULL).  On failure out's content is undefined.  work must be 8-byte aligned and not overlap raw or out.
 */
enum memory_normalise_status memory_normalise(const struct memory_normalise_input *input, struct memory_map *out,
					      void *work, uint64_t work_bytes, struct rule_log *log);

const char *memory_normalise_status_name(enum memory_normalise_status status);

#endif
