/* SPDX-License-Identifier: BSD-2-Clause */
/* The black box in a coded stop: how this boot ended goes into the EFI variable that was armed for it. */
#ifndef LOADER_AFTER_BLACKBOX_H
#define LOADER_AFTER_BLACKBOX_H

#include "loader/after/stop.h"

struct after;

/* Writes it, once, when it is armed and runtime services can be called at this moment; says on the serial line what came of it. */
void blackbox_stopped(struct after *after, enum stop_code code, const struct stop_detail *detail);

#endif
