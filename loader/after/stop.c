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
#include "loader/after/stop_report.h"
#include "loader/after/stop_screen.h"
#include "loader/arch/ports.h"
#include "loader/arch/tables.h"

enum { READING_SECONDS = 30 };

static struct after *reported; /* who is booting; set once before exit */
static enum step { STEP_NONE, STEP_TELL, STEP_SHOW, STEP_KEEP, STEP_WAIT, STEP_RESET } reached;
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

/* The boot record's log stays text that ends with a NUL. */
static void log_line(struct handoff_boot_record *record, const char *line)
{
	uint32_t used = record->log_bytes;

	if (used < sizeof(record->log) - 1)
		record->log_bytes += (uint32_t)format(record->log + used, sizeof(record->log) - used, "%s\n", line);
	if (record->log_bytes > sizeof(record->log) - 1)
		record->log_bytes = sizeof(record->log) - 1;
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

/* The line that matters most, and the record. */
static void tell(struct after *after, enum stop_code code, const struct stop_detail *detail)
{
	char line[STOP_LINE_BYTES];

	format(line, sizeof(line), "baton: stop code=%u stage=%s reason=\"%s\" a=0x%lx b=0x%lx c=0x%lx d=0x%lx", code,
	       handoff_stage_name(after->stage), stop_reason(code), (unsigned long)detail->a, (unsigned long)detail->b,
	       (unsigned long)detail->c, (unsigned long)detail->d);
	debug_port_line(line);
	serial_start(after->serial_io);
	serial_line(line);
	note(after, code, detail);
	log_line(after->record, line);
}

/* All there is to say. */
static void show(struct after *after, const struct stop_exception *exception)
{
	struct stop_report report;
	char line[STOP_LINE_BYTES];

	stop_report_fill(&report, after, first.code, &first.detail, exception);
	for (uint32_t i = 0; stop_report_line(line, &report, i); i++) {
		debug_port_line(line);
		serial_line(line);
		log_line(after->record, line);
	}
	shown = stop_screen_show(&after->framebuffer, &report, READING_SECONDS);
}

__attribute__((noreturn)) static void stop_with(enum stop_code code, const struct stop_detail *detail,
						const struct stop_exception *exception)
{
	struct after *after = reported;
	int is_first = begins(STEP_TELL);

	if (is_first) {
		first.code = code;
		first.detail = *detail;
		/* Until the switch an exception would be the firmware's, whose handlers report nothing or halt for ever. */
		if (!after->switched)
			tables_catch(after->tables_phys);
		tell(after, code, detail);
	}
	/* Of an exception on the way only the numbers of the first are left. */
	if (begins(STEP_SHOW))
		show(after, is_first ? exception : 0);
	if (begins(STEP_KEEP))
		blackbox_stopped(after, first.code, &first.detail);
	if (begins(STEP_WAIT) && shown)
		platform_wait(READING_SECONDS * 1000);
	/* A runtime service is always legal (L37), but it must be callable under the tables in force. */
	if (begins(STEP_RESET) && after->reset_system != 0 && after_runtime_callable(after))
		after->reset_system(0, 0, 0, 0);
	platform_reset();
	platform_halt();
}

void stop(enum stop_code code, struct stop_detail detail)
{
	stop_with(code, &detail, 0);
}

void stop_exception(const struct stop_exception *exception)
{
	struct stop_detail detail = { exception->vector, exception->error, exception->instruction_virt, exception->address_virt };

	stop_with(STOP_EXCEPTION, &detail, exception);
}
