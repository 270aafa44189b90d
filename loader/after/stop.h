/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coded stop: the end of every boot that fails after the first ExitBootServices call (L37).  On serial line and debug port
 *   baton: stop code=N stage=NAME reason="..." a=0x... b=0x... c=0x... d=0x...
 *   baton: exception vector=N name="..." error=0x... meaning="..." at=PLACE       (of an exception, with its registers)
 *   baton: registers RIP=0x... ...
 *   baton: short XXXX-XXXX-...
 * the same in the boot record and, in words and as a QR code, on the screen; then reset, or halt when the platform cannot be
 * reset.  `baton stop decode` explains the short form.
 */
#ifndef LOADER_AFTER_STOP_H
#define LOADER_AFTER_STOP_H

#include <stdint.h>
#include "lib/stop_text.h"

struct after;

struct stop_detail {
	uint64_t a, b, c, d;
};

/* An exception as the processor's handler found it. */
struct stop_exception {
	uint64_t vector, error;
	uint64_t instruction_virt; /* RIP */
	uint64_t address_virt;     /* CR2 */
	const uint64_t *registers;
	const char *names;         /* of the registers, STOP_REGISTER_NAME bytes each, blanks at their ends */
	uint32_t count;            /* of the registers */
};
enum { STOP_REGISTER_NAME = 3 };

/* Remembers what to report with; before the first ExitBootServices call. */
void stop_prepare(struct after *after);
__attribute__((noreturn, noinline)) void stop(enum stop_code code, struct stop_detail detail);
/* For the processor's handlers: stops with STOP_EXCEPTION; within another stop, at once and without a word. */
__attribute__((noreturn, noinline)) void stop_exception(const struct stop_exception *exception);

#endif
