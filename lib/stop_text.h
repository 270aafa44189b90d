/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The codes of the loader's coded stops and what they say to people: the reason, what the four details are, what a processor exception
 * means.  Shared by the loader, which stops, and by who explains a stop later: the next start and `baton stop`.
 */
#ifndef LIB_STOP_TEXT_H
#define LIB_STOP_TEXT_H

#include <stdint.h>

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

enum { STOP_ERROR_BYTES = 64 };

/* One sentence without a full stop; "unknown" for a code that is none. */
const char *stop_reason(enum stop_code code);
/* Name of detail 0..3 (a..d), or NULL when the code does not use it. */
const char *stop_detail_name(enum stop_code code, uint32_t detail);
/* "page fault", ...: the processor's name of an exception vector, "" for others. */
const char *stop_exception_name(uint64_t vector);
/* What the error code of an exception says (Intel SDM volume 3A §6.13, §6.15): "write to a page that is not mapped",
   "GDT selector 0x20"; "" when it says nothing. */
void stop_error_text(char text[STOP_ERROR_BYTES], uint64_t vector, uint64_t error);

#endif
