/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything that the kernel stub learns, in the order in which it learns it. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "kernel-stub/arch/entry.h"
#include "kernel-stub/black_box.h"
#include "kernel-stub/findings.h"
#include "kernel-stub/memory_proof.h"
#include "kernel-stub/options.h"
#include "kernel-stub/runtime.h"
#include "lib/acpi_serial.h"
#include "lib/handoff_check.h"
#include "lib/memory_map.h"
#include "lib/screen.h"

struct kernel {
	const struct entry_state *entry;
	struct handoff_live live;
	struct findings findings;
	const struct handoff_header *block;
	uint64_t block_bytes;     /* readable at block */
	int block_sound;          /* its frame is: every part can be read */
	const char *cmdline;      /* NULL = none */
	struct options options;
	struct acpi_serial serial; /* the console by ACPI */
	struct screen screen;
	struct memory_map pages;  /* the allocator */
	struct memory_proof proof;
	struct runtime runtime;
	enum black_box_state black_box;
};

#endif
