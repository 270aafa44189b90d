/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for programs: `baton: fact key=value ...`; every key stands once.  Texts stand in quotes and hold none. */
#ifndef KERNEL_REPORT_FACTS_H
#define KERNEL_REPORT_FACTS_H

#include "kernel-stub/kernel.h"

/* The block's frame is sound. */
void report_facts(const struct kernel *kernel);
/* The whole block as lines that a host tool turns back into bytes (lib/dump.h). */
void report_dump(const struct kernel *kernel);

#endif
