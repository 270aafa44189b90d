/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader's own output channels, which need no firmware: usable at any time.  One implementation per architecture in
 * arch/<name>/ports.c.  A channel that is not there swallows its text; nothing here waits without bound.
 */
#ifndef LOADER_ARCH_PORTS_H
#define LOADER_ARCH_PORTS_H

#include <stdint.h>

/* One line and a line end on QEMU's (and Bochs') debug port 0xE9, when it is there. */
void debug_port_line(const char *line);
/*
 * Sets up a 16550 (115200 8N1): the one at this I/O port, if one answers there, else the first one of a PC; 0: that one at once.  Leaves
 * interrupts off.  Only after exit: before, the firmware owns it.
 */
void serial_start(uint16_t io_port);
/* One line and CR LF on the 16550 that serial_start() found. */
void serial_line(const char *line);
/* Resets the machine without firmware; returns when nothing helped. */
void platform_reset(void);
/* Waits for about this many milliseconds without firmware or interrupts. */
void platform_wait(unsigned milliseconds);
/* Interrupts off, for ever. */
__attribute__((noreturn)) void platform_halt(void);

#endif
