/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checker: rules K1-K48, M1-M17 and L3 over a handoff block, in the kernel, on the host and in tests.  Without a live
 * machine (host, dumps) the rules that need one are checked against the recorded state only.
 */
#ifndef LIB_HANDOFF_CHECK_H
#define LIB_HANDOFF_CHECK_H

#include <stdint.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/handoff.h"
#include "lib/rules.h"

/* The machine as the kernel finds it. */
struct handoff_live {
	struct handoff_cpu cpu;      /* live registers; the firmware_... fields are not compared */
	uint64_t rsp_at_entry;       /* as the first instruction saw it */
	uint64_t fs_base, gs_base;
	struct page_reader reader;   /* reads the tables that CR3 points to; nx as EFER.NXE says */
	/* Reads `bytes` bytes at a physical address into to; returns 0, or -1 when it is not mapped.  NULL: memory that is not
	   in the block is not looked at (K40-K42, K45-K48). */
	int (*read_phys)(void *context, uint64_t phys, void *to, uint64_t bytes);
	void *context;
	uint32_t network_masters;    /* network controllers that could write to memory (lib/pci.h) */
	uint32_t reserved0;
};

struct handoff_check_input {
	const void *block;
	uint64_t block_bytes;            /* readable bytes at block */
	const struct handoff_live *live; /* NULL: not on the machine */
	void *scratch;                   /* 8-byte aligned, for deriving the normalised map again */
	uint64_t scratch_bytes;          /* handoff_check_scratch_bytes(block) after the frame was found good */
	uint64_t kernel_minimum_bytes;   /* K8: the kernel's own minimum of usable RAM; 0 = one page */
	uint32_t strict;                 /* 1: M7 (W^X) is fatal instead of a warning */
	uint32_t reserved0;
};

/* Scratch that handoff_check() needs for this block; 0 when the frame of the block is not sound. */
uint64_t handoff_check_scratch_bytes(const void *block, uint64_t block_bytes);

/*
 * Runs every rule that the input allows and reports to log (may be NULL).  Never reads outside the block, the scratch and what
 * the callbacks give, and writes to the scratch only.  Stops early only after a fatal finding in K1-K4, or with a fatal K17
 * when the scratch is too small: nothing further can be read safely then.
 *
 * What the rules' list leaves open is decided so: attempts that do not fit the map are K2; kernel segments, stack, page
 * tables, modules, loader image and boot record that lie outside the loader's ranges of that name are K18; a normalised map
 * that is not the one derived again is K18 where the loader owns the first range that differs, else K17; a service for the black
 * box (HANDOFF_PART_LAST_BOOT) that cannot be called is K48, and what that part says of the last boot judges nobody.
 *
 * Returns 1 when no finding was fatal, else 0.
 */
int handoff_check(const struct handoff_check_input *input, struct rule_log *log);

#endif
