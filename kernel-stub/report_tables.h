/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for people: tables of what was handed over and of what was found. */
#ifndef KERNEL_REPORT_TABLES_H
#define KERNEL_REPORT_TABLES_H

#include "kernel-stub/kernel.h"

/* The block's frame is sound. */
void report_tables(const struct kernel *kernel);
/* The findings that were kept, the weightiest first. */
void report_findings(const struct findings *findings);

#endif
