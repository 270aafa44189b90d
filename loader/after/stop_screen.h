/* SPDX-License-Identifier: BSD-2-Clause */
/* The coded stop on the framebuffer, large enough to read and to photograph, with a QR code of all that it says. */
#ifndef LOADER_AFTER_STOP_SCREEN_H
#define LOADER_AFTER_STOP_SCREEN_H

#include "lib/handoff.h"
#include "loader/after/stop_report.h"

/* Returns 1 when there is a framebuffer to be read; seconds: how long it will stay. */
int stop_screen_show(const struct handoff_framebuffer *framebuffer, const struct stop_report *report, uint32_t seconds);

#endif
