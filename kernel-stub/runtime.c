/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's runtime services (UEFI 2.10 §8).  RULES: interrupts are off and stay off; every argument lies on the stack,
 * which is identity-mapped, so that its address means the same to the firmware before and after the move; every call may
 * end in an exception without ending the kernel (E35); whatever fails here is the firmware's fault and only a warning.
 */
#include "kernel-stub/runtime.h"
#include "kernel-stub/arch/address_space.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/pages.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"
#include "lib/uefi_memory.h"

static void warn(struct rule_log *log, uint64_t start, uint64_t end, const char *text)
{
	rule_report(log, RULE_K(48), RULE_WARNING, start, end, text);
}

/* --- calls ------------------------------------------------------------------------------------------------------------ */

struct questions {
	struct uefi_runtime_services *services;
	struct runtime_answers *answers;
};

static void ask(void *context)
{
	static const uint16_t secure_boot[] = u"SecureBoot", boot_current[] = u"BootCurrent";
	struct questions *questions = context;
	struct runtime_answers *answers = questions->answers;
	struct uefi_guid global = UEFI_GLOBAL_VARIABLE;
	uint64_t bytes = sizeof answers->secure_boot;
	/* The name must stand where the firmware sees it at the same address: on the stack. */
	uint16_t name[16];

	answers->time_status = questions->services->get_time(&answers->time, 0);
	memcpy(name, secure_boot, sizeof secure_boot);
	answers->secure_boot_status = questions->services->get_variable(name, &global, 0, &bytes, &answers->secure_boot);
	memcpy(name, boot_current, sizeof boot_current);
	bytes = sizeof answers->boot_current;
	answers->boot_current_status = questions->services->get_variable(name, &global, 0, &bytes, &answers->boot_current);
}

/* A platform may leave a service out at run time (§8.1); then it says so. */
static int status_sane(uint64_t status)
{
	return status == UEFI_SUCCESS || status == UEFI_UNSUPPORTED || status == UEFI_NOT_FOUND;
}

static int time_sane(const struct runtime_answers *answers)
{
	const struct uefi_time *t = &answers->time;

	if (answers->time_status != UEFI_SUCCESS)
		return 1;
	return t->year >= 1900 && t->year <= 9999 && t->month >= 1 && t->month <= 12 && t->day >= 1 && t->day <= 31 &&
	       t->hour <= 23 && t->minute <= 59;
}

static void call(struct uefi_runtime_services *services, struct runtime_answers *ret_answers, struct rule_log *log)
{
	struct runtime_answers answers = {0};
	struct questions questions = {services, &answers};
	struct trap_caught caught;

	rule_checked(log);
	answers.state = RUNTIME_FAILED;
	if (traps_try(ask, &questions, &caught) != 0)
		warn(log, caught.instruction_virt, caught.address_virt,
		     "a runtime service ended in an exception: instruction, address");
	else if (!status_sane(answers.time_status) || !time_sane(&answers))
		warn(log, answers.time_status, 0, "GetTime failed with this status");
	else if (!status_sane(answers.secure_boot_status) || !status_sane(answers.boot_current_status))
		warn(log, answers.secure_boot_status, answers.boot_current_status, "GetVariable failed with these statuses");
	else
		answers.state = RUNTIME_WORKS;
	*ret_answers = answers;
}

/* K48: what is called lies in runtime code.  `offset` is the distance of virtual from physical addresses; after the move
   nobody calls SetVirtualAddressMap any more, and firmware leaves it where it was. */
static int pointers_sane(const struct uefi_runtime_services *services, const struct memory_map *pages, uint64_t offset)
{
	const uint64_t pointers[] = {
		(uintptr_t)services->get_time, (uintptr_t)services->get_variable, (uintptr_t)services->reset_system,
		offset ? (uintptr_t)services->get_time : (uintptr_t)services->set_virtual_address_map};

	for (unsigned i = 0; i < sizeof pointers / sizeof *pointers; i++) {
		const struct handoff_range *range = memory_map_find(pages, pointers[i] - offset);

		if (!range || range->type != HANDOFF_MEMORY_RUNTIME_CODE)
			return 0;
	}
	return 1;
}

/* --- the move --------------------------------------------------------------------------------------------------------- */

struct move {
	struct uefi_runtime_services *services;
	void *map;
	uint64_t bytes;
	uint64_t descriptor_bytes;
	uint32_t descriptor_version;
	uint64_t status;
};

/* The RUNTIME descriptors of the raw map, each as long as it came, with their new addresses (L43).  0, or -1 when there is no
   memory for the list or a range lies too high for the new place. */
static int list_runtime(struct move *move, struct memory_map *pages, const struct handoff_header *block)
{
	const struct handoff_exit *exit = handoff_part(block, HANDOFF_PART_EXIT, 0, 0);
	uint32_t stride;
	uint64_t raw_bytes;
	const char *raw = handoff_part(block, HANDOFF_PART_RAW_MAP, &raw_bytes, &stride);
	char *to = pages_take(pages, raw_bytes, 0, PAGES_OWNER_RUNTIME);

	move->map = to;
	move->descriptor_bytes = stride;
	move->descriptor_version = exit->descriptor_version;
	for (uint64_t i = 0; to && i < handoff_count(block, HANDOFF_PART_RAW_MAP); i++) {
		struct handoff_raw_descriptor *d = (void *)(to + move->bytes);

		memcpy(d, raw + i * stride, stride);
		if (!(d->attribute & UEFI_MEMORY_RUNTIME))
			continue;
		if (d->physical_start >= ADDRESS_SPACE_RUNTIME_BYTES)
			return -1;
		d->virtual_start = ADDRESS_SPACE_RUNTIME + d->physical_start;
		move->bytes += stride;
	}
	return to ? 0 : -1;
}

/* The firmware relocates its images in place, constants beside their code included: pages that these tables rightly map
   read-only.  The processor lets us write to them, for this one call. */
static void move_now(void *context)
{
	struct move *move = context;

	machine_write_protection(0);
	move->status = move->services->set_virtual_address_map(move->bytes, move->descriptor_bytes, move->descriptor_version,
							       move->map);
}

/* Calls it once, under the new tables.  0 when the services have moved. */
static int call_move(struct runtime *runtime, struct move *move, struct rule_log *log)
{
	struct trap_caught caught;
	int failed = traps_try(move_now, move, &caught);

	machine_write_protection(1);
	if (failed) {
		warn(log, caught.instruction_virt, caught.address_virt,
		     "SetVirtualAddressMap ended in an exception: instruction, address");
		runtime->services = 0; /* half moved: neither address is safe any more */
		return -1;
	}
	if (move->status != UEFI_SUCCESS) {
		warn(log, move->status, 0, "SetVirtualAddressMap failed with this status");
		return -1;
	}
	return 0;
}

static void move_services(struct runtime *runtime, const struct handoff_header *block, const struct handoff_cpu *cpu,
			  struct memory_map *pages, struct rule_log *log)
{
	struct move move = {.services = runtime->services};
	struct page_tables tables;
	const char *problem = address_space_build(&tables, pages, block, cpu);

	runtime->moved = RUNTIME_FAILED;
	rule_checked(log);
	if (problem || list_runtime(&move, pages, block) != 0) {
		warn(log, 0, 0, problem ? problem : "the runtime services have no new place");
		return;
	}
	address_space_load(&tables);
	if (call_move(runtime, &move, log) != 0)
		return;
	runtime->moved = RUNTIME_WORKS;
	runtime->services = (void *)((uintptr_t)runtime->services + ADDRESS_SPACE_RUNTIME);
	/* What still uses a physical address shows by an exception. */
	problem = address_space_forget_runtime(&tables, block);
	if (problem)
		warn(log, 0, 0, problem);
}

/* --- in order --------------------------------------------------------------------------------------------------------- */

static void start(struct runtime *runtime, const struct options *options, const struct handoff_header *block,
		  const struct memory_map *pages, struct rule_log *log)
{
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, 0, 0);
	struct uefi_runtime_services *services = (void *)(uintptr_t)firmware->runtime_services_phys;

	*runtime = (struct runtime){0};
	if (!options->runtime)
		return;
	runtime->physical.state = runtime->virtual.state = runtime->moved = RUNTIME_NOT_CALLABLE;
	if (!(firmware->flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE) || !services)
		return;
	if (pointers_sane(services, pages, 0))
		runtime->services = services;
	else
		warn(log, (uintptr_t)services, 0, "runtime services that do not lie in runtime code are not called");
}

void runtime_try(struct runtime *ret_runtime, const struct options *options, const struct handoff_header *block,
		 const struct handoff_cpu *cpu, struct memory_map *pages, struct rule_log *log)
{
	struct runtime *runtime = ret_runtime;

	start(runtime, options, block, pages, log);
	if (!runtime->services)
		return;
	call(runtime->services, &runtime->physical, log);
	if (!options->svam) {
		runtime->moved = runtime->virtual.state = RUNTIME_SKIPPED;
		return;
	}
	move_services(runtime, block, cpu, pages, log);
	if (runtime->moved != RUNTIME_WORKS)
		return;
	if (pointers_sane(runtime->services, pages, ADDRESS_SPACE_RUNTIME)) {
		call(runtime->services, &runtime->virtual, log);
	} else {
		warn(log, (uintptr_t)runtime->services, 0, "runtime services did not move to their new addresses");
		runtime->services = 0;
	}
}

static void reset_now(void *context)
{
	struct runtime *runtime = context;

	runtime->services->reset_system(UEFI_RESET_SHUTDOWN, UEFI_SUCCESS, 0, 0);
}

void runtime_power_off(void *context)
{
	struct runtime *runtime = context;

	if (runtime->services)
		traps_try(reset_now, runtime, 0);
}

const char *runtime_state_name(enum runtime_state state)
{
	static const char *const names[] = {"skipped", "not_callable", "failed", "works"};

	return names[state];
}
