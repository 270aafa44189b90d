/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of the small test kernels: an ordinary C function as entry point, the loader's GDT, IDT and stack left in place, and a
 * verdict at the end.
 */
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/leave.h"
#include "kernel-stub/options.h"
#include "kernel-stub/print.h"
#include "lib/handoff_block.h"
#include "test/kernels/test_kernel.h"

void _start(const struct handoff_header *block, uint64_t magic);

static const char *run(const struct handoff_header *block, uint64_t magic)
{
	const char *cmdline;

	if (magic != HANDOFF_MAGIC || handoff_block_check(block, block->capacity_bytes) != HANDOFF_BLOCK_OK)
		return "the handoff block is not sound";
	cmdline = handoff_part(block, HANDOFF_PART_CMDLINE, 0, 0);
	leave_choose(options_read(cmdline).leave);
	return test_kernel(block, cmdline ? cmdline : "");
}

void _start(const struct handoff_header *block, uint64_t magic)
{
	const struct handoff_exit *exit;
	const char *wrong;

	channels_open();
	wrong = run(block, magic);
	if (wrong) {
		print("baton: verdict fail rule=test text=\"%s\"\n", wrong);
	} else {
		exit = handoff_part(block, HANDOFF_PART_EXIT, 0, 0);
		print("baton: verdict pass checks=1 repaired=0 warned=0 attempts=%u\n", (unsigned)exit->attempts);
	}
	leave(!wrong, 0, 0);
}
