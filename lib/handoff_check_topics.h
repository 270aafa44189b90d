/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the checker share: the block taken apart once, the loader's ranges, the map derived again.  Private to
 * handoff_check*.c.  Each topic reports to check->log and changes nothing else.
 */
#ifndef LIB_HANDOFF_CHECK_TOPICS_H
#define LIB_HANDOFF_CHECK_TOPICS_H

#include <stdint.h>
#include "lib/handoff_check.h"
#include "lib/memory_map.h"

struct handoff_check {
	const struct handoff_check_input *input;
	const struct handoff_header *block;
	struct rule_log *log;
	/* Parts that every block has: not NULL. */
	const struct handoff_exit *exit;
	const struct handoff_cpu *cpu;
	const struct handoff_kernel *kernel;
	const struct handoff_firmware *firmware;
	const struct handoff_loader *loader;
	/* Copies in the scratch memory. */
	struct memory_map owned;   /* HANDOFF_PART_OWNED; count = 0 when it is not sorted and disjoint */
	struct memory_map derived; /* the normalised map, derived again; count = 0 when it cannot be */
	void *work;                /* the normaliser's */
	uint64_t work_bytes;
	uint32_t segments_sound;   /* 1: the kernel's segments are possible ones, ascending and disjoint */
};

/* K1-K3: the frame, the map buffer, the attempts.  Returns 0 when nothing further can be read. */
int handoff_check_frame(struct handoff_check *check);
/* K18: what the block announces lies in the loader's ranges, each under its own name. */
void handoff_check_places(struct handoff_check *check);
/* K4-K38, K43, K44: derives the map again, compares it.  Returns 0 after a fatal K4: there is no map to step through. */
int handoff_check_memory(struct handoff_check *check);
/* K39. */
void handoff_check_framebuffer(const struct handoff_check *check);
/* L3, K46: what the loader repaired.  K40, K41: memory attributes table, and where the firmware's tables lie. */
void handoff_check_firmware(const struct handoff_check *check);
/* K42: ACPI and SMBIOS. */
void handoff_check_tables(const struct handoff_check *check);
/* K45-K48: system table and runtime services. */
void handoff_check_runtime(const struct handoff_check *check);
/* M1-M3, M8, M10-M17: registers.  Each architecture has its own. */
void handoff_check_machine(const struct handoff_check *check);
/* M4-M7, M9: stack and page tables. */
void handoff_check_paging(const struct handoff_check *check);

/* 1 when [start, start + bytes) is not empty, does not wrap and lies in one range. */
int handoff_check_inside(const struct handoff_range *range, uint64_t start, uint64_t bytes);
/* The type of the derived map at an address, 0 = not described. */
uint32_t handoff_check_type(const struct handoff_check *check, uint64_t phys);
/* Reads physical memory through live->read_phys: 0, or -1 when there is no such function or the memory is not mapped. */
int handoff_check_read(const struct handoff_check *check, uint64_t phys, void *to, uint64_t bytes);

#endif
