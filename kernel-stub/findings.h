/* SPDX-License-Identifier: BSD-2-Clause */
/* What the checks found: told at once as lines for programs, the weightiest kept for the report and the screen. */
#ifndef KERNEL_FINDINGS_H
#define KERNEL_FINDINGS_H

#include "lib/rules.h"

enum { FINDINGS_KEPT = 64 };

struct findings {
	struct rule_log log; /* hand &findings.log to the checks */
	struct finding kept[FINDINGS_KEPT];
	uint32_t kept_count;
	uint32_t dropped;    /* lighter ones that found no room */
};

void findings_begin(struct findings *findings);

#endif
