/* SPDX-License-Identifier: BSD-2-Clause */
/* One call of an importer with what it returned and complained of, for the tests of all of them. */
#ifndef TEST_UNIT_IMPORT_FIXTURE_H
#define TEST_UNIT_IMPORT_FIXTURE_H

#include "test/unit/maps_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct import_run {
	struct handoff_raw_descriptor descriptors[MAP_DESCRIPTORS_MAX];
	struct memory_import import;
	uint64_t first_problem_line;
	const char *first_problem;
};

static inline void note_problem(void *context, uint64_t line, const char *text)
{
	struct import_run *run = context;

	if (run->first_problem)
		return;
	run->first_problem_line = line;
	run->first_problem = text;
}

static inline enum memory_import_status import_bytes(struct import_run *run, const void *text, uint64_t bytes)
{
	void *copy = malloc(bytes + 1); /* so that the sanitizer sees a byte too many */
	enum memory_import_status status;

	memset(run, 0, sizeof(*run));
	memcpy(copy, text, bytes);
	run->import = (struct memory_import){.descriptors = run->descriptors, .capacity = MAP_DESCRIPTORS_MAX,
					     .problem = note_problem, .context = run};
	copy = realloc(copy, bytes ? bytes : 1);
	status = memory_import_text(&run->import, copy, bytes);
	free(copy);
	return status;
}

static inline struct import_run *import(const char *text)
{
	static struct import_run run;

	assert_int_equal(import_bytes(&run, text, strlen(text)), MEMORY_IMPORT_OK);
	return &run;
}

static inline void expect(const struct import_run *run, uint64_t index, uint32_t type, uint64_t start, uint64_t pages, uint64_t attribute)
{
	assert_true(index < run->import.count);
	assert_int_equal(run->descriptors[index].type, type);
	assert_int_equal(run->descriptors[index].physical_start, start);
	assert_int_equal(run->descriptors[index].number_of_pages, pages);
	assert_int_equal(run->descriptors[index].attribute, attribute);
}

static inline void expect_problem(const struct import_run *run, uint64_t line, const char *part)
{
	assert_non_null(run->first_problem);
	assert_int_equal(run->first_problem_line, line);
	assert_non_null(strstr(run->first_problem, part));
}

#endif
