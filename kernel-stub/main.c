/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel stub: takes over the machine, checks everything that it was handed, proves it by use, reports, and leaves.
 * RULES: interrupts stay off; no firmware header is seen.
 */
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/page_turn.h"
#include "kernel-stub/steps.h"

void kernel_main(const struct entry_state *entry)
{
	static struct kernel kernel;

	kernel.entry = entry;
	channels_open();
	machine_capture(entry, &kernel.live);
	traps_load();
	machine_repair();
	findings_begin(&kernel.findings);
	step_find_block(&kernel);
	step_open_serial(&kernel);
	step_open_screen(&kernel);
	step_open_pages(&kernel);
	step_check(&kernel);
	if (step_passed(&kernel))
		step_use(&kernel);
	step_black_box(&kernel);
	step_report(&kernel);
	step_verdict(&kernel);
	leave_stay(page_turn, &kernel);
	leave(step_passed(&kernel), runtime_power_off, &kernel.runtime);
}
