/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of the kernel stub, in the order in which main.c takes them; each fills its part of struct kernel. */
#ifndef KERNEL_STEPS_H
#define KERNEL_STEPS_H

#include "kernel-stub/kernel.h"

/* Finds out how much of the block can be read, whether its frame is sound, and what the command line asks for. */
void step_find_block(struct kernel *kernel);
/* Moves the serial line to where ACPI says the console is (SPCR, DBG2). */
void step_open_serial(struct kernel *kernel);
/* Sets up the page allocator. */
void step_open_pages(struct kernel *kernel);
/* Takes over the framebuffer and says on it that the checks are running. */
void step_open_screen(struct kernel *kernel);
/* Runs every rule that looks. */
void step_check(struct kernel *kernel);
/* 1 as long as no finding is fatal. */
int step_passed(const struct kernel *kernel);
/* Proves the memory map and the runtime services by using them; only when nothing fatal was found. */
void step_use(struct kernel *kernel);
/* The tables, the facts and the dump. */
void step_black_box(struct kernel *kernel);
void step_report(const struct kernel *kernel);
/* The last line, and the last picture. */
void step_verdict(const struct kernel *kernel);

#endif
