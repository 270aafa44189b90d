/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for programs: lines `baton: fact key=value`; every key stands once, the value goes to the end of the line. */
#ifndef KERNEL_REPORT_FACTS_H
#define KERNEL_REPORT_FACTS_H

#include "kernel-stub/kernel.h"

/* The block's frame is sound. */
void report_facts(const struct kernel *kernel);
/* The whole block as lines that a host tool turns back into bytes (lib/dump.h). */
void report_dump(const struct kernel *kernel);

#endif
