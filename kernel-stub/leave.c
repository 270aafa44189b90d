/* SPDX-License-Identifier: BSD-2-Clause */
/* How the kernel ends: QEMU's exit port, power-off by the firmware, or a halt, before which the report may stay on the screen. */
#include "kernel-stub/leave.h"
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/print.h"

static enum leave_way chosen = LEAVE_POWER_OFF;
static void (*stay_now)(void *context);
static void *stay_context;

void leave_choose(enum leave_way way)
{
	chosen = way;
}

void leave_stay(void (*stay)(void *context), void *context)
{
	stay_now = stay;
	stay_context = context;
}

_Noreturn void leave(int passed, void (*power_off)(void *context), void *context)
{
	if (chosen == LEAVE_QEMU)
		channels_exit_qemu(passed);
	if (chosen == LEAVE_POWER_OFF && power_off)
		power_off(context);
	print("halted: you may switch the machine off\n");
	if (stay_now && chosen != LEAVE_QEMU)
		stay_now(stay_context);
	machine_halt();
}

_Noreturn void leave_stopped(void)
{
	leave_stay(0, 0);
	leave(0, 0, 0);
}
