/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole report on the screen, page by page, when the kernel has nothing left to do: for who has no serial port, and no
 * keyboard that works without a driver.
 */
#ifndef KERNEL_PAGE_TURN_H
#define KERNEL_PAGE_TURN_H

/* The picture, then the report's text, each page for options.page_seconds, round and round.  `kernel` is the struct kernel, whose
   last picture is on the screen.  Returns at once when there is no screen or pages=off was asked for, otherwise never. */
void page_turn(void *kernel);

#endif
