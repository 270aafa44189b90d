/* SPDX-License-Identifier: BSD-2-Clause */
/* Device paths (UEFI 2.10 §10.2), step by step.  RULE: the path is the firmware's; a damaged one leads nobody astray. */
#ifndef LOADER_DEVICE_PATH_H
#define LOADER_DEVICE_PATH_H

#include <efi.h>
#include <stdint.h>

/* A place in a path; begin with { .node = the path's first byte }, which may be NULL. */
struct device_path {
	const uint8_t *node; /* of `length` bytes after device_path_next() has returned 1 */
	uint32_t type, subtype, length;
	uint32_t steps;
};

/* 1: at the first or the next node; 0: at the end, or where the path makes no sense. */
static inline int device_path_next(struct device_path *at)
{
	enum { NODES_MAX = 64, HEAD_BYTES = 4 };

	at->node = at->node == NULL ? NULL : at->node + at->length;
	if (at->node == NULL || at->steps++ == NODES_MAX)
		return 0;
	at->type = at->node[0] & 0x7f;
	at->subtype = at->node[1];
	at->length = (uint32_t)at->node[2] | (uint32_t)at->node[3] << 8;
	return at->type != END_DEVICE_PATH_TYPE && at->length >= HEAD_BYTES;
}

#endif
