/* SPDX-License-Identifier: BSD-2-Clause */
/* The report on the screen: verdict, physical memory drawn to scale, the machine, the boot, the findings. */
#ifndef KERNEL_PICTURE_H
#define KERNEL_PICTURE_H

#include "kernel-stub/kernel.h"

enum picture_verdict { PICTURE_CHECKING, PICTURE_PASS, PICTURE_FAIL };

/* Draws the whole screen anew; does nothing without one. */
void picture_draw(const struct kernel *kernel, enum picture_verdict verdict);
/* A bar at the bottom of what PICTURE_CHECKING has drawn: what is being done, and how far it is. */
void picture_progress(const struct kernel *kernel, const char *what, uint64_t done, uint64_t total);

#endif
