/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting by the clock of machine_time(), without interrupts. */
#ifndef KERNEL_ARCH_CLOCK_H
#define KERNEL_ARCH_CLOCK_H

#include <stdint.h>

/* Counts of machine_time() in a second: stated_hz where that can be true, else as measured in 50 ms; where nothing answers that
   could measure it, 4 GHz: a wait is then hardly ever much shorter than asked for, and at 1.4 GHz three times as long. */
uint64_t clock_hz(uint64_t stated_hz);
/* Waits for this many counts of machine_time(). */
void clock_wait(uint64_t counts);

#endif
