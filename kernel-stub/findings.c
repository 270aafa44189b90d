/* SPDX-License-Identifier: BSD-2-Clause */
/* What the checks found. */
#include "kernel-stub/findings.h"
#include "kernel-stub/print.h"
#include "lib/report.h"

/* Keeps the list sorted by weight, in order of arrival among equals. */
static void keep(struct findings *findings, const struct finding *finding)
{
	uint32_t at = findings->kept_count;

	while (at > 0 && findings->kept[at - 1].severity < finding->severity)
		at--;
	if (at == FINDINGS_KEPT || findings->kept_count == FINDINGS_KEPT)
		findings->dropped++;
	if (at == FINDINGS_KEPT)
		return;
	if (findings->kept_count < FINDINGS_KEPT)
		findings->kept_count++;
	for (uint32_t i = findings->kept_count - 1; i > at; i--)
		findings->kept[i] = findings->kept[i - 1];
	findings->kept[at] = *finding;
}

static void receive(void *context, const struct finding *finding)
{
	char line[REPORT_LINE_MAX];

	report_finding_fact(line, finding);
	print("%s\n", line);
	keep(context, finding);
}

void findings_begin(struct findings *findings)
{
	*findings = (struct findings){.log = {.report = receive, .context = findings}};
}
