/* SPDX-License-Identifier: BSD-2-Clause */
/* The end, where there is nothing left to do. */
#include "kernel-stub/arch/machine.h"

_Noreturn void machine_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
