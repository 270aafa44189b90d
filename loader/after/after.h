/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After ExitBootServices: no firmware but ResetSystem, no return, no allocation.  This world is compiled without firmware
 * headers, so that a late call of a boot service cannot be written.  All that it needs is in struct after, filled before
 * exit; it lies in the loader's own data, because loader memory may have become read-only under the firmware's page
 * tables (L41, E41).
 */
#ifndef LOADER_AFTER_AFTER_H
#define LOADER_AFTER_AFTER_H

#include <stdint.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/handoff.h"
#include "lib/handoff_block.h"
#include "lib/memory_map.h"
#include "loader/arch/cpu.h"

enum { AFTER_ATTEMPTS_MAX = 8 };

/* EFI_RESET_SYSTEM (UEFI 2.10 §8.5.1): type 0 = cold, 1 = warm, 2 = shutdown. */
typedef void(__attribute__((ms_abi)) *after_reset_system)(uint32_t type, uint64_t status, uint64_t bytes, void *data);

struct after {
	struct cpu cpu;
	struct handoff_boot_record *record;
	uint64_t system_table_phys;       /* 0: not to be touched */
	after_reset_system reset_system;  /* NULL when the firmware has none */
	uint32_t runtime_callable;        /* 1: reset_system can be called under our own page tables */
	uint32_t switched;                /* 1: our own page tables are in force */
	struct handoff_framebuffer framebuffer; /* width 0: none */
	uint16_t serial_io;               /* I/O port of a 16550 that ACPI names; 0: none */
	struct handoff_last_boot black_box; /* of this boot; set_variable_phys 0: not armed */

	/* Written by the exit loop. */
	struct handoff_exit exit;
	struct handoff_attempt attempts[AFTER_ATTEMPTS_MAX];
	uint32_t attempt_count;
	uint32_t stage;
	uint64_t stage_tsc[16];           /* copied into the boot record once it may be written */
	uint64_t descriptor_bytes;

	/* The block under construction and the buffers around it. */
	struct handoff_builder block;
	void *map_buffer;
	uint64_t map_capacity_bytes;
	uint64_t guard_bytes;             /* directly behind the map buffer */
	struct memory_map mapped;         /* what the identity map covers; lies behind the guard */
	uint64_t ranges_bytes;            /* room for the normalised map */
	void *work_buffer;
	uint64_t work_bytes;

	struct page_tables page_tables;
	uint64_t tables_phys;
	uint64_t stack_top_virt;
	uint64_t entry_virt;
	uint64_t kernel_virt, kernel_end_virt; /* all its segments lie between */
};

/* Notes a stage in after only; after_publish_stages() brings it into the boot record. */
void after_stage(struct after *after, uint32_t stage);
/* 1 when runtime services can be called as things are: under the firmware's page tables, or under ours that map them. */
int after_runtime_callable(const struct after *after);
/* The guard page: filled before the exit loop, checked after each map. */
void after_fill_guard(const struct after *after);
int after_guard_intact(const struct after *after);
/* The rest of the boot: switch, complete, seal, jump. */
__attribute__((noreturn, noinline)) void after_exit(struct after *after);

#endif
