/* SPDX-License-Identifier: BSD-2-Clause */
/* `baton map`: what its parts share: the options, a map as it was read and understood, and the actions. */
#ifndef BATON_MAP_H
#define BATON_MAP_H

#include <stdint.h>
#include "lib/memory_meaning.h"
#include "lib/memory_normalise.h"
#include "tools/baton/capture.h"
#include "tools/baton/file.h"
#include "tools/baton/json.h"

enum { MAP_FILES_MAX = 1024 };

enum map_theme { MAP_THEME_AUTO, MAP_THEME_LIGHT, MAP_THEME_DARK };

struct map_options {
	const char *files[MAP_FILES_MAX];
	int file_count;
	int json;
	int raw;                /* show: the descriptors as they are */
	int to_raw;             /* convert: binary descriptors instead of the corpus format */
	uint64_t stride;        /* of binary input; 0 = find out */
	uint32_t physical_bits; /* 0 = unknown */
	const char *output;     /* NULL = standard output */
	enum map_theme theme;
};

/* Where the input could not be understood; line 0 is the input as a whole. */
struct map_problem {
	uint64_t line;
	const char *text; /* constant */
};

struct map_source {
	char *name;                /* of the file, for messages */
	const char *form;          /* what it turned out to be */
	struct memory_normalise_input input;
	int has_owners;            /* it came from a handoff block */
	struct map_problem *problems;
	uint64_t problem_count;
	/* After map_source_normalise(). */
	struct memory_map map;
	enum memory_normalise_status status;
	struct finding *findings;
	uint64_t finding_count;
	struct rule_log log;
	/* What the above point into; freed with the source. */
	void *raw, *owned, *ranges;
};

/* Reads and recognises a file, a directory like /sys/firmware/memmap, or standard input ("-").  Returns 0, or -1 after a message. */
int map_source_read(const char *path, const struct map_options *options, struct map_source *ret_source);
/* Derives the normalised map, collects the findings, reports the lack of usable memory (K8).  Returns 0, or -1 without memory. */
int map_source_normalise(struct map_source *source);
void map_source_free(struct map_source *source);
/* Where the input is damaged, one line each, to stderr; then how much was understood. */
void map_source_complain(const struct map_source *source);
void map_source_problem(struct map_source *source, uint64_t line, const char *text);

uint64_t map_source_count(const struct map_source *source);
struct handoff_raw_descriptor map_source_descriptor(const struct map_source *source, uint64_t index);

/* Takes the maps out of a block: fills source->input and returns 0, or -1 after a message. */
int map_source_from_block(struct map_source *source, const struct capture *capture);
/* A directory of ranges as the text of e820 lines.  Returns 0, or -1 after a message. */
int map_directory_read(const char *path, struct file *ret_file);

/* One JSON object with everything about a source but its ranges; the caller ends it. */
void map_json_begin(struct json *json, const char *name, const struct map_source *source);
void map_json_ranges(struct json *json, const struct map_source *source);
void map_json_findings(struct json *json, const struct map_source *source);
void map_json_range(struct json *json, const char *name, const struct handoff_range *range);

/* The actions; each returns an exit code. */
int map_show(const struct map_options *options);
int map_check(const struct map_options *options);
int map_diff(const struct map_options *options);
int map_plot(const struct map_options *options);
int map_convert(const struct map_options *options);

#endif
