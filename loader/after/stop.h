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
#include "lib/stop_text.h"

struct after;

struct stop_detail {
	uint64_t a, b, c, d;
};

/* Remembers what to report with; before the first ExitBootServices call. */
void stop_prepare(struct after *after);
__attribute__((noreturn)) void stop(enum stop_code code, struct stop_detail detail);

#endif
