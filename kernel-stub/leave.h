/* SPDX-License-Identifier: BSD-2-Clause */
/* How the kernel ends. */
#ifndef KERNEL_LEAVE_H
#define KERNEL_LEAVE_H

enum leave_way {
	LEAVE_POWER_OFF, /* by ResetSystem; halts where that is not to be had */
	LEAVE_QEMU,      /* isa-debug-exit, status 33 or 35 */
	LEAVE_WAIT,      /* halts, for a look at the screen */
};

void leave_choose(enum leave_way way);

/* What to do while the machine stays on: stay(context) is called before leave() halts, and may never return.
   Not for LEAVE_QEMU, and not by leave_stopped(). */
void leave_stay(void (*stay)(void *context), void *context);

/* Ends the kernel after its verdict.  `power_off` is called for LEAVE_POWER_OFF and may return; NULL = not to be had. */
_Noreturn void leave(int passed, void (*power_off)(void *context), void *context);
/* Ends it where nothing more can be trusted: no call into the firmware. */
_Noreturn void leave_stopped(void);

#endif
