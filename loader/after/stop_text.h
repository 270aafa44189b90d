/* SPDX-License-Identifier: BSD-2-Clause */
/* What a coded stop says to people: its reason and what the four details are. */
#ifndef LOADER_AFTER_STOP_TEXT_H
#define LOADER_AFTER_STOP_TEXT_H

#include <stdint.h>
#include "loader/after/stop.h"

/* One sentence without a full stop. */
const char *stop_reason(enum stop_code code);
/* Name of detail 0..3 (a..d), or NULL when the code does not use it. */
const char *stop_detail_name(enum stop_code code, uint32_t detail);
/* "page fault", ...: the processor's name of an exception vector, "" for others. */
const char *stop_exception_name(uint64_t vector);

#endif
