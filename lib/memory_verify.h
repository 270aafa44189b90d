/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coverage proof: an independent, slow and simple check that a normalised map is the function of raw descriptors and
 * owned ranges that memory_normalise.h defines, for every byte of the address space.  It shares with the normaliser only the
 * table of single descriptors (memory_range.h): no sort, no heap, no state from one address to the next.
 */
#ifndef LIB_MEMORY_VERIFY_H
#define LIB_MEMORY_VERIFY_H

#include <stdint.h>
#include "lib/memory_normalise.h"

enum memory_verify_status {
	MEMORY_VERIFY_OK = 0,
	MEMORY_VERIFY_BAD_INPUT, /* no descriptors can be read: stride impossible or no descriptor */
	MEMORY_VERIFY_BAD_MAP,   /* a range is empty, misaligned, unsorted, overlaps or should be one with its neighbour */
	MEMORY_VERIFY_MISSING,   /* memory that was described or is owned is not in the map */
	MEMORY_VERIFY_EXTRA,     /* the map has memory that nothing describes */
	MEMORY_VERIFY_WRONG,     /* type, attributes, owner, lifetime or index are not what they must be */
};

/*
 * Checks the `count` ranges against the input.  Needs no memory of its own; time is O((d + o + count) * (d + o)) for d descriptors and o
 * owned ranges: 300 descriptors take milliseconds.  On any status but OK and BAD_INPUT *ret_address_phys (may be NULL) is the first
 * address at which the map is wrong.
 */
enum memory_verify_status memory_verify(const struct memory_normalise_input *input, const struct handoff_range *ranges,
					uint64_t count, uint64_t *ret_address_phys);

const char *memory_verify_status_name(enum memory_verify_status status);

#endif
