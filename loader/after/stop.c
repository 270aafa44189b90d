/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coded stop.  RULES: works under the firmware's page tables and under ours, with or without a stack of its own, never
 * waits without bound, never returns; a second stop on the way goes on where the first one was interrupted.
 */
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "loader/after/after.h"
#include "loader/after/blackbox.h"
#include "loader/after/stop.h"
#include "loader/after/stop_screen.h"
#include "loader/arch/ports.h"

enum { READING_MILLISECONDS = 10000, LINE_BYTES = 256 };

static struct after *reported; /* who is booting; set once before exit */
static enum step { STEP_NONE, STEP_TELL, STEP_KEEP, STEP_WAIT, STEP_RESET } reached;
static int shown; /* on the screen: somebody may be reading */
static struct {
	enum stop_code code;
	struct stop_detail detail;
} first; /* what the machine is stopped for, whatever else goes wrong on the way */

void stop_prepare(struct after *after)
{
	reported = after;
	reached = STEP_NONE;
	shown = 0;
}

static void note(struct after *after, enum stop_code code, const struct stop_detail *detail)
{
	struct handoff_boot_record *record = after->record;

	record->stop_code = code;
	record->stage = after->stage;
	record->attempts = after->attempt_count;
	record->stop_detail[0] = detail->a;
	record->stop_detail[1] = detail->b;
	record->stop_detail[2] = detail->c;
	record->stop_detail[3] = detail->d;
}

/* 1 the first time: a stop within a stop goes on behind the step that it interrupted. */
static int begins(enum step step)
{
	if (reached >= step)
		return 0;
	reached = step;
	return 1;
}

static void tell(struct after *after, enum stop_code code, const struct stop_detail *detail)
{
	char line[LINE_BYTES];

	format(line, sizeof(line), "baton: stop code=%u stage=%s reason=\"%s\" a=0x%lx b=0x%lx c=0x%lx d=0x%lx", code,
	       handoff_stage_name(after->stage), stop_reason(code), (unsigned long)detail->a, (unsigned long)detail->b,
	       (unsigned long)detail->c, (unsigned long)detail->d);
	debug_port_line(line);
	serial_start();
	serial_line(line);
	note(after, code, detail);
	shown = stop_screen_show(&after->framebuffer, code, after->stage, detail, line);
}

void stop(enum stop_code code, struct stop_detail detail)
{
	struct after *after = reported;

	if (begins(STEP_TELL)) {
		first.code = code;
		first.detail = detail;
		tell(after, code, &detail);
	}
	if (begins(STEP_KEEP))
		blackbox_stopped(after, first.code, &first.detail);
	if (begins(STEP_WAIT) && shown)
		platform_wait(READING_MILLISECONDS);
	/* A runtime service is always legal (L37), but it must be callable under the tables in force. */
	if (begins(STEP_RESET) && after->reset_system != 0 && after_runtime_callable(after))
		after->reset_system(0, 0, 0, 0);
	platform_reset();
	platform_halt();
}
