/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton handoff`: looks at a handoff block away from its machine: what the loader handed over, and whether it keeps
 * the rules, with the checker that kernels run (lib/handoff_check.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/handoff_block.h"
#include "lib/handoff_check.h"
#include "lib/report.h"
#include "tools/baton/baton.h"
#include "tools/baton/capture.h"
#include "tools/baton/file.h"
#include "tools/baton/handoff_show.h"
#include "tools/baton/json.h"
#include "tools/baton/options.h"
#include "tools/baton/terminal.h"

static const char help[] =
	"usage: baton handoff show [--json] FILE\n"
	"       baton handoff check [--json] [--strict] FILE\n"
	"       baton handoff extract FILE -o OUT\n"
	"\n"
	"show     prints what the loader handed to the kernel: memory, kernel, modules, firmware, boot timing, log.\n"
	"check    runs the rules K1-K48, M1-M17 and L3, those that need the live machine against the recorded state only.\n"
	"extract  writes the block as bytes.  It holds the random seed that the kernel was given.\n"
	"\n"
	"FILE is a block as bytes, or a capture of the serial line of a kernel that was started with `dump` on\n"
	"its command line; time stamps and other lines do not matter.  FILE and OUT may be - for standard input\n"
	"and output.\n"
	"\n"
	"  --json     print one JSON object instead\n"
	"  --strict   writable and executable mappings (M7) are fatal\n"
	"\n"
	"Exit codes: 0 fine, 1 a finding of fatal severity, 2 FILE cannot be read or holds no whole block, or\n"
	"wrong usage.\n";

/* Where findings are printed to. */
struct printer {
	struct json *json; /* NULL: for people */
	uint32_t last_rule;
};

static enum terminal_style severity_style(enum rule_severity severity)
{
	static const enum terminal_style styles[] = {
		[RULE_INFORMATION] = TERMINAL_FAINT,
		[RULE_WARNING] = TERMINAL_YELLOW,
		[RULE_REPAIRED] = TERMINAL_YELLOW,
		[RULE_FATAL] = TERMINAL_RED,
	};

	return styles[severity];
}

static void print_finding(struct printer *printer, const struct finding *finding)
{
	const char *title = rule_title(finding->rule);
	char line[REPORT_LINE_MAX];

	report_finding(line, finding);
	printf("  %s%s%s\n", terminal_style(severity_style(finding->severity)), line, terminal_style(TERMINAL_PLAIN));
	if (title && finding->rule != printer->last_rule)
		printf("       the rule: %s\n", title);
	printer->last_rule = finding->rule;
}

static void print_finding_json(struct json *json, const struct finding *finding)
{
	char name[8];

	json_begin(json, NULL, '{');
	json_text(json, "rule", rule_name(finding->rule, name));
	json_text(json, "severity", rule_severity_name(finding->severity));
	json_address(json, "start", finding->start);
	json_address(json, "end", finding->end);
	json_text(json, "text", finding->text);
	json_text(json, "title", rule_title(finding->rule));
	json_end(json, '}');
}

static void take_finding(void *context, const struct finding *finding)
{
	struct printer *printer = context;

	if (printer->json)
		print_finding_json(printer->json, finding);
	else
		print_finding(printer, finding);
}

static int run_checker(const struct capture *capture, int strict, struct rule_log *log)
{
	uint64_t scratch_bytes = handoff_check_scratch_bytes(capture->block, capture->bytes);
	void *scratch = calloc(1, scratch_bytes ? scratch_bytes : 8);
	struct handoff_check_input input = {
		.block = capture->block,
		.block_bytes = capture->bytes,
		.scratch = scratch,
		.scratch_bytes = scratch_bytes,
		.strict = strict ? 1 : 0,
	};
	int good;

	if (!scratch)
		return -1;
	good = handoff_check(&input, log);
	free(scratch);
	return good;
}

static void print_counts(const struct capture *capture, const struct rule_log *log, int good)
{
	char name[8];

	printf("%s: ", capture->name);
	if (good)
		printf("%spass%s", terminal_style(TERMINAL_GREEN), terminal_style(TERMINAL_PLAIN));
	else
		printf("%sfail by %s%s", terminal_style(TERMINAL_RED), rule_name(log->first_fatal, name),
		       terminal_style(TERMINAL_PLAIN));
	printf(": %u checks, %u fatal, %u repaired, %u warnings, %u notes\n", log->checks, log->counts[RULE_FATAL],
	       log->counts[RULE_REPAIRED], log->counts[RULE_WARNING], log->counts[RULE_INFORMATION]);
}

static void print_counts_json(struct json *json, const struct capture *capture, const struct rule_log *log, int good)
{
	char name[8];

	json_text(json, "file", capture->name);
	json_number(json, "bytes", capture->bytes);
	json_bool(json, "pass", good);
	json_text(json, "first_fatal", good ? NULL : rule_name(log->first_fatal, name));
	json_number(json, "checks", log->checks);
	json_number(json, "fatal", log->counts[RULE_FATAL]);
	json_number(json, "repaired", log->counts[RULE_REPAIRED]);
	json_number(json, "warnings", log->counts[RULE_WARNING]);
	json_number(json, "information", log->counts[RULE_INFORMATION]);
}

static int check(const struct capture *capture, const struct options *options)
{
	struct json json = {0};
	struct printer printer = {.json = options->json ? &json : NULL};
	struct rule_log log = {.report = take_finding, .context = &printer};
	int good;

	if (options->json) {
		json_begin(&json, NULL, '{');
		json_begin(&json, "findings", '[');
	}
	good = run_checker(capture, options->strict, &log);
	if (options->json) {
		json_end(&json, ']');
		print_counts_json(&json, capture, &log, good == 1);
		json_end(&json, '}');
	} else {
		print_counts(capture, &log, good == 1);
	}
	return good < 0 ? BATON_UNUSABLE : good ? BATON_FINE : BATON_FINDING;
}

static int show(const struct capture *capture, const struct options *options)
{
	enum handoff_block_status status = handoff_block_check(capture->block, capture->bytes);

	if (status != HANDOFF_BLOCK_OK) {
		fprintf(stderr, "baton: %s: %s\n", capture->name, handoff_block_status_name(status));
		return BATON_FINDING;
	}
	if (options->json)
		handoff_show_json(capture->block);
	else
		handoff_show(capture->block);
	return BATON_FINE;
}

static int extract(const struct capture *capture, const struct options *options)
{
	uint64_t bytes = capture->bytes;

	/* A saved block may be followed by the rest of its memory. */
	if (bytes >= sizeof(struct handoff_header) && capture->block->total_bytes < bytes)
		bytes = capture->block->total_bytes;
	return file_write(options->output, capture->block, bytes) < 0 ? BATON_UNUSABLE : BATON_FINE;
}

static const struct {
	const char *name;
	unsigned allowed;
	int (*run)(const struct capture *capture, const struct options *options);
} actions[] = {
	{"show", OPTION_JSON, show},
	{"check", OPTION_JSON | OPTION_STRICT, check},
	{"extract", OPTION_OUTPUT, extract},
};

int baton_handoff(int argc, char **argv)
{
	struct options options;
	struct capture capture;
	size_t i = 0;
	int code = baton_help(argc, argv, help);

	if (code >= 0)
		return code;
	while (argc >= 2 && i < sizeof(actions) / sizeof(actions[0]) && strcmp(argv[1], actions[i].name) != 0)
		i++;
	if (argc < 2 || i == sizeof(actions) / sizeof(actions[0]) ||
	    options_read(argc, argv, actions[i].allowed, &options) < 0 ||
	    ((actions[i].allowed & OPTION_OUTPUT) && !options.output))
		return baton_usage("handoff");
	if (capture_read(options.file, &capture) < 0)
		return BATON_UNUSABLE;
	code = actions[i].run(&capture, &options);
	capture_free(&capture);
	return code;
}
