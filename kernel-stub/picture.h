/* SPDX-License-Identifier: BSD-2-Clause */
/* The report on the screen: verdict, physical memory drawn to scale, the machine, the boot, the findings. */
#ifndef KERNEL_PICTURE_H
#define KERNEL_PICTURE_H

#include "kernel-stub/kernel.h"

enum picture_verdict { PICTURE_CHECKING, PICTURE_PASS, PICTURE_FAIL };

/* Draws the whole screen anew; does nothing without one. */
void picture_draw(const struct kernel *kernel, enum picture_verdict verdict);

#endif
