/* SPDX-License-Identifier: BSD-2-Clause */
/* The coded stop on the framebuffer, large enough to read and to photograph. */
#ifndef LOADER_AFTER_STOP_SCREEN_H
#define LOADER_AFTER_STOP_SCREEN_H

#include <stdint.h>
#include "lib/handoff.h"
#include "loader/after/stop.h"

/* line: the one for programs.  Returns 1 when there is a framebuffer to be read. */
int stop_screen_show(const struct handoff_framebuffer *framebuffer, enum stop_code code, uint32_t stage,
		     const struct stop_detail *detail, const char *line);

#endif
