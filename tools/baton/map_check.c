/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton map check`: what is wrong with a map, by rule, and the proof that its normalised form follows from its descriptors,
 * by the slow checker that shares no algorithm with the normaliser.
 */
#include <stdio.h>
#include "lib/memory_verify.h"
#include "tools/baton/baton.h"
#include "tools/baton/map.h"
#include "tools/baton/terminal.h"

/* The proof takes time with the square of the descriptors: seconds at this number. */
enum { PROOF_DESCRIPTORS_MAX = 4096 };

struct proof {
	const char *result; /* NULL: not carried out */
	uint64_t address;
	int failed;
};

static struct proof prove(const struct map_source *source)
{
	struct proof proof = {0};
	enum memory_verify_status status;

	if (source->status != MEMORY_NORMALISE_OK || map_source_count(source) > PROOF_DESCRIPTORS_MAX)
		return proof;
	status = memory_verify(&source->input, source->map.ranges, source->map.count, &proof.address);
	proof.result = memory_verify_status_name(status);
	proof.failed = status != MEMORY_VERIFY_OK;
	return proof;
}

static enum terminal_style style_of(enum rule_severity severity)
{
	static const enum terminal_style styles[] = {
		[RULE_INFORMATION] = TERMINAL_FAINT,
		[RULE_WARNING] = TERMINAL_YELLOW,
		[RULE_REPAIRED] = TERMINAL_YELLOW,
		[RULE_FATAL] = TERMINAL_RED,
	};

	return styles[severity];
}

static void print_finding(const struct finding *finding)
{
	char name[8];

	printf("  %-4s %s%-8s%s  %s", rule_name(finding->rule, name), terminal_style(style_of(finding->severity)),
	       rule_severity_name(finding->severity), terminal_style(TERMINAL_PLAIN), finding->text);
	if (finding->start || finding->end)
		printf("  0x%lx", finding->start);
	if (finding->end)
		printf(" - 0x%lx", finding->end);
	printf("\n");
}

static void print_source(const struct map_source *source, const struct proof *proof)
{
	const uint32_t *counts = source->log.counts;

	printf("%s: %lu descriptors of %lu bytes, %s\n", source->name, map_source_count(source), source->input.descriptor_bytes,
	       source->form);
	for (int severity = RULE_FATAL; severity >= RULE_INFORMATION; severity--)
		for (uint64_t i = 0; i < source->finding_count; i++)
			if (source->findings[i].severity == (enum rule_severity)severity)
				print_finding(&source->findings[i]);
	if (proof->failed)
		printf("  proof: %s at 0x%lx: this is a bug of baton\n", proof->result, proof->address);
	else if (proof->result)
		printf("  proof: the %lu ranges are what the descriptors say, for every byte\n", source->map.count);
	printf("  %s%s%s: %u checks, %u fatal, %u repaired, %u warnings, %u notes\n",
	       terminal_style(counts[RULE_FATAL] ? TERMINAL_RED : TERMINAL_GREEN), counts[RULE_FATAL] ? "fatal" : "fine",
	       terminal_style(TERMINAL_PLAIN), source->log.checks, counts[RULE_FATAL], counts[RULE_REPAIRED], counts[RULE_WARNING],
	       counts[RULE_INFORMATION]);
}

static void json_source(struct json *json, const struct map_source *source, const struct proof *proof)
{
	map_json_begin(json, NULL, source);
	json_text(json, "status", memory_normalise_status_name(source->status));
	json_number(json, "checks", source->log.checks);
	json_number(json, "fatal", source->log.counts[RULE_FATAL]);
	json_number(json, "repaired", source->log.counts[RULE_REPAIRED]);
	json_number(json, "warnings", source->log.counts[RULE_WARNING]);
	json_number(json, "notes", source->log.counts[RULE_INFORMATION]);
	json_text(json, "proof", proof->result);
	map_json_findings(json, source);
	json_end(json, '}');
}

int map_check(const struct map_options *options)
{
	struct json json = {0};
	int code = BATON_FINE;

	if (options->json) {
		json_begin(&json, NULL, '{');
		json_begin(&json, "maps", '[');
	}
	for (int i = 0; i < options->file_count; i++) {
		struct map_source source;
		struct proof proof;

		if (map_source_read(options->files[i], options, &source) < 0 || map_source_normalise(&source) < 0) {
			code = BATON_UNUSABLE;
			continue;
		}
		proof = prove(&source);
		if (options->json)
			json_source(&json, &source, &proof);
		else
			print_source(&source, &proof);
		map_source_complain(&source);
		if ((source.log.counts[RULE_FATAL] || proof.failed) && code == BATON_FINE)
			code = BATON_FINDING;
		map_source_free(&source);
	}
	if (options->json) {
		json_end(&json, ']');
		json_end(&json, '}');
	}
	return code;
}
