/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own ways out of the machine: serial line, debug port, QEMU's exit port. */
#ifndef KERNEL_ARCH_CHANNELS_H
#define KERNEL_ARCH_CHANNELS_H

#include <stdint.h>

/* Finds out which channels exist. */
void channels_open(void);
/* Moves the serial line to the 16550 at this I/O port, if one answers there. */
void channels_move_serial(uint16_t io_port);
/* Writes text to every channel there is. */
void channels_write(const char *text);
/* Ends QEMU with exit status 33 (passed) or 35; returns where there is no isa-debug-exit device. */
void channels_exit_qemu(int passed);

#endif
