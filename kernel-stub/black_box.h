/* SPDX-License-Identifier: BSD-2-Clause */
/* The verdict into the black box (struct handoff_last_boot), so that the next start knows how this boot ended. */
#ifndef KERNEL_BLACK_BOX_H
#define KERNEL_BLACK_BOX_H

struct kernel;

enum black_box_state {
	BLACK_BOX_ABSENT = 0,   /* the configuration wants none */
	BLACK_BOX_NOT_ARMED,    /* there was no room for it, or no runtime service can be called as handed over */
	BLACK_BOX_NOT_CALLABLE, /* not any more, or the command line says no */
	BLACK_BOX_FAILED,
	BLACK_BOX_WRITTEN,
};

/* Into kernel->black_box.  The record's details are checks, fatal, repaired, warned; its code is the first rule that failed. */
void black_box_report(struct kernel *kernel);
const char *black_box_name(enum black_box_state state);

#endif
