/* SPDX-License-Identifier: BSD-2-Clause */
/* The report for people, on the serial line: tables of what was handed over and of what was found. */
#ifndef KERNEL_REPORT_TABLES_H
#define KERNEL_REPORT_TABLES_H

#include "kernel-stub/kernel.h"

/* The block's frame is sound. */
void report_tables(const struct kernel *kernel);

#endif
