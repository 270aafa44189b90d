/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The normaliser with everything that there is to say about a map: for the kernel, tests and tools.  The loader, which has
 * nobody to tell, calls memory_normalise() alone and does not carry this file.
 */
#ifndef LIB_MEMORY_FINDINGS_H
#define LIB_MEMORY_FINDINGS_H

#include "lib/memory_normalise.h"

/*
 * memory_normalise(), and then the findings that change nothing in the result: about the frame (K5-K7, K9), about single
 * descriptors and their order (K10-K15, K21-K31, K38, K43, K44) and about the normalised map (K20, K34-K37).  Each range for
 * repairs, warnings and fatal ones; once per map, with the first range, for information.  Of a map that cannot be normalised
 * only what the frame shows.  log is not NULL.
 */
enum memory_normalise_status memory_findings_normalise(const struct memory_normalise_input *input, struct memory_map *out,
						       void *work, uint64_t work_bytes, struct rule_log *log);

#endif
