/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's runtime services: called in physical mode, moved by SetVirtualAddressMap, called again, and the reset. */
#ifndef KERNEL_RUNTIME_H
#define KERNEL_RUNTIME_H

#include <stdint.h>
#include "kernel-stub/options.h"
#include "lib/handoff_check.h"
#include "lib/memory_map.h"
#include "lib/uefi_runtime.h"

enum runtime_state {
	RUNTIME_SKIPPED = 0,  /* by the command line */
	RUNTIME_NOT_CALLABLE, /* the loader says that they cannot be called */
	RUNTIME_FAILED,
	RUNTIME_WORKS,
};

/* What the services answered. */
struct runtime_answers {
	enum runtime_state state;
	uint64_t time_status, secure_boot_status, boot_current_status; /* EFI_STATUS */
	struct uefi_time time;
	uint16_t boot_current;
	uint8_t secure_boot;
	uint8_t reserved0;
};

struct runtime {
	struct uefi_runtime_services *services; /* where they can be called now; NULL = nowhere */
	struct runtime_answers physical, virtual;
	enum runtime_state moved; /* SetVirtualAddressMap */
};

/* Everything in this order: physical calls, own page tables, SetVirtualAddressMap, virtual calls.  Failures are warnings. */
void runtime_try(struct runtime *ret_runtime, const struct options *options, const struct handoff_header *block,
		 const struct handoff_cpu *cpu, struct memory_map *pages, struct rule_log *log);
/* Powers the machine off by ResetSystem; returns when that is not to be had. */
void runtime_power_off(void *runtime);
const char *runtime_state_name(enum runtime_state state);

#endif
