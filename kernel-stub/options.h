/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the command line that the kernel stub understands; others are ignored. */
#ifndef KERNEL_OPTIONS_H
#define KERNEL_OPTIONS_H

#include "kernel-stub/leave.h"
#include "kernel-stub/memory_proof.h"

enum { PAGE_SECONDS = 10, PAGE_SECONDS_MAX = 3600 }; /* without a number from 1 to the largest */

struct options {
	enum leave_way leave; /* exit=qemu, exit=wait */
	int dump;             /* dump: print the whole block as checksummed lines */
	int runtime;          /* 0 by runtime=off: no runtime service is called */
	int svam;             /* 0 by svam=off: no SetVirtualAddressMap */
	enum memory_check memory_check; /* memcheck=quick, memcheck=off */
	uint32_t page_seconds; /* pages=SECONDS: how long the screen shows each page; 0 by pages=off: only the picture */
	int strict;           /* strict: W+X mappings are fatal (M7) */
};

/* cmdline may be NULL. */
struct options options_read(const char *cmdline);
/* 1 when the command line has `word=value`, or the bare word when value is "". */
int options_has(const char *cmdline, const char *word, const char *value);

#endif
