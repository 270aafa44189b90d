/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coded stop: the end of every boot that fails after the first ExitBootServices call (L37).  One line on serial, debug
 * port and screen,
 *   baton: stop code=N stage=NAME reason="..." a=0x... b=0x... c=0x... d=0x...
 * the same in the boot record, then reset, or halt when the platform cannot be reset.
 */
#ifndef LOADER_AFTER_STOP_H
#define LOADER_AFTER_STOP_H

#include <stdint.h>

struct after;

/* Codes are stable; what the four details say stands beside each. */
enum stop_code {
	STOP_EXIT_ATTEMPTS = 1, /* the firmware refused every key: attempts, last status */
	STOP_EXIT_STATUS = 2,   /* ExitBootServices failed otherwise: status, attempts */
	STOP_EXIT_MAP = 3,      /* GetMemoryMap failed on a retry: status, bytes asked for, capacity */
	STOP_MAP_INVALID = 4,   /* the map on a retry was unusable: bytes, descriptor size, capacity */
	STOP_MAP_OVERRUN = 5,   /* the firmware wrote behind the map buffer: buffer, capacity */
	STOP_NORMALISE = 6,     /* the map cannot be normalised: memory_normalise_status, descriptors */
	STOP_PAGE_TABLES = 7,   /* no room to map memory that appeared during exit: start, end, page_tables_status */
	STOP_SEAL = 8,          /* the block did not hold its parts: a fault of the loader */
	STOP_EXCEPTION = 9,     /* vector, error code, RIP, CR2 */
};

struct stop_detail {
	uint64_t a, b, c, d;
};

/* Remembers what to report with; before the first ExitBootServices call. */
void stop_prepare(struct after *after);
__attribute__((noreturn)) void stop(enum stop_code code, struct stop_detail detail);

#endif
