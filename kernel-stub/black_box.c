/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict into the black box.  A kernel that only wants to say that all is well deletes the variable, in two lines
 * (lib/handoff.h); this one leaves a record, because its verdict shall arrive in a report that the next start writes.
 * RULES: once; the service is called where it is now, before or after SetVirtualAddressMap, with all arguments on the stack; an
 * exception in it costs a warning, not the kernel.
 */
#include "kernel-stub/black_box.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/kernel.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"

/* A stage of the kernel's own: it has looked at everything. */
enum { STAGE_VERDICT = 0x100 };

struct letter {
	struct uefi_runtime_services *services;
	uint16_t name[16];
	struct uefi_guid vendor;
	uint8_t record[LAST_BOOT_BYTES];
	uint64_t status;
};

static void post(void *context)
{
	struct letter *letter = context;

	letter->status = letter->services->set_variable(letter->name, &letter->vendor, LAST_BOOT_ATTRIBUTES, sizeof letter->record,
							letter->record);
}

static void write_verdict(const struct kernel *kernel, uint8_t record[LAST_BOOT_BYTES])
{
	const struct handoff_exit *exit = handoff_part(kernel->block, HANDOFF_PART_EXIT, 0, 0);
	const struct handoff_loader *loader = handoff_part(kernel->block, HANDOFF_PART_LOADER, 0, 0);
	const struct rule_log *log = &kernel->findings.log;
	struct handoff_last_boot boot = {
		.state = log->counts[RULE_FATAL] == 0 ? HANDOFF_LAST_BOOT_PASSED : HANDOFF_LAST_BOOT_FAILED,
		.stage = STAGE_VERDICT,
		.code = log->first_fatal,
		.attempts = exit->attempts,
		.detail = {log->checks, log->counts[RULE_FATAL], log->counts[RULE_REPAIRED], log->counts[RULE_WARNING]},
		.image_phys = loader->image_phys,
		.wall_clock = loader->wall_clock,
	};

	last_boot_encode(&boot, record);
}

static enum black_box_state try_to_write(struct kernel *kernel, const struct handoff_last_boot *box)
{
	struct letter letter = {.services = kernel->runtime.services};
	struct trap_caught caught;

	if (box->set_variable_phys == 0)
		return BLACK_BOX_NOT_ARMED;
	if (!letter.services)
		return BLACK_BOX_NOT_CALLABLE;
	memcpy(letter.name, box->name, sizeof letter.name);
	memcpy(&letter.vendor, box->vendor_guid, sizeof letter.vendor);
	write_verdict(kernel, letter.record);
	rule_checked(&kernel->findings.log);
	if (traps_try(post, &letter, &caught) != 0) {
		rule_report(&kernel->findings.log, RULE_K(48), RULE_WARNING, caught.instruction_virt, caught.address_virt,
			    "SetVariable ended in an exception: instruction, address");
		return BLACK_BOX_FAILED;
	}
	if (letter.status != UEFI_SUCCESS)
		rule_report(&kernel->findings.log, RULE_K(48), RULE_WARNING, letter.status, 0,
			    "SetVariable failed with this status");
	return letter.status == UEFI_SUCCESS ? BLACK_BOX_WRITTEN : BLACK_BOX_FAILED;
}

void black_box_report(struct kernel *kernel)
{
	const struct handoff_last_boot *box = 0;

	if (kernel->block_sound)
		box = handoff_part(kernel->block, HANDOFF_PART_LAST_BOOT, 0, 0);
	if (box)
		kernel->black_box = try_to_write(kernel, box);
}

const char *black_box_name(enum black_box_state state)
{
	static const char *const names[] = {"absent", "not_armed", "not_callable", "failed", "written"};

	return names[state];
}
