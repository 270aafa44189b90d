/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replays the maps of real machines in test/maps: each is read, normalised and proven, and its findings are compared with
 * those recorded next to it (NAME.findings: rule, severity, count), which were reviewed by eye.  A machine that booted has no
 * fatal finding.  To add a machine: put NAME.map there, run this test with MAPS_UPDATE=1, read NAME.findings.
 */
#include "test/unit/maps_fixture.h"
#include "lib/memory_verify.h"

struct counts {
	uint32_t of[RULE_NUMBER_END][4];
};

static void count(void *context, const struct finding *finding)
{
	struct counts *counts = context;

	counts->of[finding->rule][finding->severity]++;
}

/* "K15 repaired 1\n" for each rule and severity that was seen. */
static char *describe(const struct counts *counts)
{
	char *text = NULL, name[8];
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);
	uint32_t rule, severity;

	for (rule = 0; rule < RULE_NUMBER_END; rule++)
		for (severity = 0; severity < 4; severity++)
			if (counts->of[rule][severity])
				fprintf(to, "%s %s %u\n", rule_name(rule, name), rule_severity_name((enum rule_severity)severity),
					counts->of[rule][severity]);
	fclose(to);
	return text;
}

static void compare_or_update(const char *map_name, const char *text)
{
	char name[MAP_NAME_MAX + 16], path[2 * MAP_NAME_MAX + 16];
	uint64_t bytes;
	char *recorded;

	snprintf(name, sizeof(name), "%.*s.findings", (int)strlen(map_name) - 4, map_name);
	if (getenv("MAPS_UPDATE")) {
		FILE *to;

		snprintf(path, sizeof(path), "%s/%s", maps_directory(), name);
		to = fopen(path, "w");
		assert_non_null(to);
		fputs(text, to);
		fclose(to);
	}
	recorded = maps_read(name, &bytes);
	if (!recorded)
		fail_msg("%s is missing: run with MAPS_UPDATE=1 and review it", name);
	if (strcmp(recorded, text) != 0)
		print_error("%s:\n", map_name);
	assert_string_equal(text, recorded);
	free(recorded);
}

static void replay(const char *name)
{
	struct handoff_raw_descriptor *descriptors = calloc(MAP_DESCRIPTORS_MAX, sizeof(*descriptors));
	struct memory_import import = {.descriptors = descriptors, .capacity = MAP_DESCRIPTORS_MAX};
	struct counts counts = {0};
	struct run run;
	uint64_t bytes, address;
	char *text = maps_read(name, &bytes), *found;

	assert_int_equal(memory_import_text(&import, text, bytes), MEMORY_IMPORT_OK);
	run_prepare(&run, descriptors, import.count, 40);
	run.input.physical_bits = 0; /* not known of these machines */
	run.log = (struct rule_log){.report = count, .context = &counts};
	run_now(&run);
	if (run.status == MEMORY_NORMALISE_OK)
		assert_int_equal(memory_verify(&run.input, run.map.ranges, run.map.count, &address), MEMORY_VERIFY_OK);
	if (strstr(text, "# status: complete")) {
		assert_int_equal(run.status, MEMORY_NORMALISE_OK);
		assert_int_equal(run.log.counts[RULE_FATAL], 0);
		assert_true(memory_map_bytes(&run.map, HANDOFF_MEMORY_USABLE) > 16 * MIB);
	}
	found = describe(&counts);
	compare_or_update(name, found);
	free(found);
	free(text);
	free(descriptors);
	run_free(&run);
}

static void machines_that_booted_have_no_fatal_finding(void **state)
{
	static struct maps maps;
	uint64_t i;

	(void)state;
	maps_list(&maps);
	for (i = 0; i < maps.count; i++)
		replay(maps.names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_that_booted_have_no_fatal_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
