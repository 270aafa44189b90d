/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The black box in a coded stop.  RULES: called when the stop has been told in every other way, because firmware may hang or
 * fault here; the second and last write of this boot: what has begun is never begun again, so that an exception in the
 * firmware, which comes back as a stop within this one, goes on without it.
 */
#include "lib/format.h"
#include "lib/last_boot.h"
#include "loader/after/after.h"
#include "loader/after/blackbox.h"
#include "loader/arch/ports.h"

enum { LINE_BYTES = 80 };

static void say(const char *text, uint64_t status)
{
	char line[LINE_BYTES];

	format(line, sizeof(line), "baton: black box %s: status 0x%lx", text, (unsigned long)status);
	debug_port_line(line);
	serial_line(line);
}

void blackbox_stopped(struct after *after, enum stop_code code, const struct stop_detail *detail)
{
	struct handoff_last_boot *box = &after->black_box;
	handoff_set_variable set_variable = (handoff_set_variable)box->set_variable_phys;
	uint8_t record[LAST_BOOT_BYTES];
	uint64_t status;

	if (set_variable == 0 || !after_runtime_callable(after))
		return;
	box->set_variable_phys = 0;
	box->state = HANDOFF_LAST_BOOT_STOPPED;
	box->stage = after->stage;
	box->code = code;
	box->attempts = after->attempt_count;
	box->detail[0] = detail->a;
	box->detail[1] = detail->b;
	box->detail[2] = detail->c;
	box->detail[3] = detail->d;
	last_boot_encode(box, record);
	status = set_variable(box->name, box->vendor_guid, LAST_BOOT_ATTRIBUTES, sizeof(record), record);
	say(status == 0 ? "written" : "not written", status);
}
