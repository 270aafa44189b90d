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
int device_path_next(struct device_path *at);

#endif
