/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What memory types mean, in words: to a UEFI application before ExitBootServices, to an operating system afterwards, and
 * what an operating system may do with a range of the normalised map; and how much memory that makes.  Pure; texts are
 * constant, lower case, no full stop.
 */
#ifndef LIB_MEMORY_MEANING_H
#define LIB_MEMORY_MEANING_H

#include <stdint.h>
#include "lib/handoff.h"

/* UEFI 2.10 §7.2.1, tables "Memory Type Usage before / after ExitBootServices"; any 32-bit type. */
const char *memory_meaning_before_exit(uint32_t uefi_type);
const char *memory_meaning_after_exit(uint32_t uefi_type);

/* What an operating system may do with a range, from its type, owner and lifetime. */
const char *memory_meaning_of(const struct handoff_range *range);

/* Where every byte of a map goes: each range counts in exactly one of these. */
enum memory_meaning_class {
	MEMORY_MEANING_FREE,        /* usable at once */
	MEMORY_MEANING_RECLAIMABLE, /* usable later: boot services, loader, ACPI tables, special purpose */
	MEMORY_MEANING_KEPT,        /* RAM in the kernel's own hands for good, as its text */
	MEMORY_MEANING_RUNTIME,     /* runtime services and the boot record */
	MEMORY_MEANING_LOST,        /* RAM that nobody gets: ACPI NVS, unusable, boot services below 1 MiB */
	MEMORY_MEANING_RESERVED,    /* RAM or not: the map does not say */
	MEMORY_MEANING_DEVICE,      /* not RAM */
	MEMORY_MEANING_OTHER,       /* persistent, unaccepted */
	MEMORY_MEANING_CLASS_COUNT,
};

enum memory_meaning_class memory_meaning_class(const struct handoff_range *range);
const char *memory_meaning_class_name(enum memory_meaning_class class);

struct memory_meaning_totals {
	uint64_t bytes[MEMORY_MEANING_CLASS_COUNT];
	uint64_t ranges[MEMORY_MEANING_CLASS_COUNT];
	uint64_t gap_bytes;    /* not described, between the first and the last range */
	uint64_t gaps;
	uint64_t ram_end_phys; /* end of the highest range that is RAM for certain; 0 = none */
};

void memory_meaning_sum(const struct handoff_range *ranges, uint64_t count, struct memory_meaning_totals *ret_totals);

#endif
