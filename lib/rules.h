/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The numbered rules of the handoff and how a check reports against them.  Pure: findings go to the caller's function.
 */
#ifndef LIB_RULES_H
#define LIB_RULES_H

#include <stdint.h>

/*
 * K1..K48 and M1..M18 of the handoff rules, and of the loader's own the one whose breach a kernel is told: L3.  The numbers
 * are stable and appear in reports as "K17", "M6" or "L3".
 */
enum { RULE_K_FIRST = 1, RULE_K_LAST = 48, RULE_M_FIRST = 101, RULE_M_LAST = 118, RULE_L_FIRST = 201, RULE_NUMBER_END = 204 };
#define RULE_K(n) (n)
#define RULE_M(n) (100 + (n))
#define RULE_L(n) (200 + (n))

/* In order of weight. */
enum rule_severity { RULE_INFORMATION = 0, RULE_WARNING = 1, RULE_REPAIRED = 2, RULE_FATAL = 3 };

/* One thing found.  `text` is a constant string, lower case, no full stop; what `start`, `end` mean it says itself. */
struct finding {
	uint32_t rule;               /* RULE_K(n), RULE_M(n) or RULE_L(n) */
	enum rule_severity severity;
	uint64_t start;              /* physical start of the range concerned, or the value found */
	uint64_t end;                /* one past the range, or the value expected; 0 when it says nothing */
	const char *text;
};

/* Where findings go, and the count of what was done.  The caller zeroes the counts; `report` may be NULL. */
struct rule_log {
	void (*report)(void *context, const struct finding *finding);
	void *context;
	uint32_t checks;      /* checks carried out */
	uint32_t counts[4];   /* findings by severity */
	uint32_t first_fatal; /* rule of the first fatal finding, 0 = none */
};

#ifdef RULES_UNHEARD
/* For a world that has nobody to tell: the compiler leaves out each finding with its text, and what is looked at only for it. */
static inline void rule_report(const struct rule_log *log, uint32_t rule, enum rule_severity severity, uint64_t start, uint64_t end,
			       const char *text)
{
	(void)log, (void)rule, (void)severity, (void)start, (void)end, (void)text;
}
static inline void rule_checked(const struct rule_log *log)
{
	(void)log;
}
#else
/* Counts the finding and hands it to log->report.  log may be NULL. */
void rule_report(struct rule_log *log, uint32_t rule, enum rule_severity severity, uint64_t start, uint64_t end,
		 const char *text);
/* Counts one check carried out. */
void rule_checked(struct rule_log *log);
#endif
/* One short sentence: what the rule demands; NULL for a number that is no rule. */
const char *rule_title(uint32_t rule);
/* Writes "K17", "M6" or "L3" and a NUL into name ("?" for a number that is no rule), returns name. */
char *rule_name(uint32_t rule, char name[8]);
const char *rule_severity_name(enum rule_severity severity); /* "info", "warning", "repaired", "fatal" */

#endif
