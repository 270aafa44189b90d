/* SPDX-License-Identifier: BSD-2-Clause */
/* The tests of the firmware's memory services, as UEFI 2.10 §7.2 words them, one after the other. */
#ifndef LOADER_MEMMAP_SERVICES_H
#define LOADER_MEMMAP_SERVICES_H

#include <stdint.h>
#include "lib/memory_view.h"
#include "loader/memmap/bench.h"

struct services_counts {
	uint32_t of[VERDICT_COUNT];
};

uint32_t services_count(void);
/* The line for programs and people: "memmap: test 07 pass  7.2.1 AllocatePages: ..."; number from 1. */
void services_line(char line[MEMORY_VIEW_LINE_MAX], uint32_t number, enum verdict verdict);
/* Runs test `number` at TPL_NOTIFY. */
struct result services_run(struct bench *bench, uint32_t number);

/* Runs all on a prepared bench: a line each, a second one where there is something to say, and the count at the end. */
void services_run_all(struct bench *bench, const struct memory_view_sink *sink, struct services_counts *ret_counts);

#endif
