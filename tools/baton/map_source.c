/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A map from a file: what kind of file it is, by its content; its descriptors; the normalised map and its findings.  Rules
 * here: a message for each failure, with the file's name and what was understood; all memory belongs to the source.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "lib/handoff.h"
#include "lib/memory_findings.h"
#include "lib/memory_import.h"
#include "lib/uefi_memory.h"
#include "tools/baton/capture.h"
#include "tools/baton/file.h"
#include "tools/baton/map.h"

static int complain(const struct map_source *source, const char *reason)
{
	fprintf(stderr, "baton: %s: %s\n", source->name, reason);
	return -1;
}

void map_source_problem(struct map_source *source, uint64_t line, const char *text)
{
	struct map_problem *problems = realloc(source->problems, (source->problem_count + 1) * sizeof(*problems));

	if (!problems)
		return;
	problems[source->problem_count++] = (struct map_problem){line, text};
	source->problems = problems;
}

void map_source_complain(const struct map_source *source)
{
	if (source->problem_count == 0)
		return;
	for (uint64_t i = 0; i < source->problem_count; i++) {
		if (source->problems[i].line)
			fprintf(stderr, "baton: %s:%lu: %s\n", source->name, source->problems[i].line, source->problems[i].text);
		else
			fprintf(stderr, "baton: %s: %s\n", source->name, source->problems[i].text);
	}
	fprintf(stderr, "baton: %s: %lu descriptors were understood (%s)\n", source->name, map_source_count(source), source->form);
}

uint64_t map_source_count(const struct map_source *source)
{
	return source->input.raw_bytes / source->input.descriptor_bytes;
}

struct handoff_raw_descriptor map_source_descriptor(const struct map_source *source, uint64_t index)
{
	struct handoff_raw_descriptor descriptor;

	memcpy(&descriptor, (const uint8_t *)source->input.raw + index * source->input.descriptor_bytes, sizeof(descriptor));
	return descriptor;
}

/* --- recognition -------------------------------------------------------------------------------------------------------- */

/* Text has no control characters but blanks, line ends and escape; UTF-16 has a byte order mark. */
static int is_text(const uint8_t *bytes, uint64_t count)
{
	if (count >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
		return 1;
	for (uint64_t i = 0; i < count && i < 65536; i++)
		if (bytes[i] < ' ' && !strchr("\t\n\v\f\r\033\b", bytes[i]))
			return 0;
	return 1;
}

static int is_block(const uint8_t *bytes, uint64_t count)
{
	uint64_t magic = HANDOFF_MAGIC;

	return count >= sizeof(magic) && memcmp(bytes, &magic, sizeof(magic)) == 0;
}

static int has_dump(const uint8_t *bytes, uint64_t count)
{
	return memmem(bytes, count, "baton: dump ", strlen("baton: dump ")) != NULL;
}

static void note_problem(void *context, uint64_t line, const char *text)
{
	map_source_problem(context, line, text);
}

static int from_text(struct map_source *source, const uint8_t *bytes, uint64_t count)
{
	struct memory_import import = {.problem = note_problem, .context = source, .capacity = memory_import_lines(bytes, count)};
	enum memory_import_status status;

	import.descriptors = malloc(import.capacity * sizeof(*import.descriptors) + 1);
	if (!import.descriptors)
		return complain(source, "too large");
	source->raw = import.descriptors;
	status = memory_import_text(&import, bytes, count);
	if (status != MEMORY_IMPORT_OK)
		return complain(source, memory_import_status_name(status));
	if (memmem(bytes, count, "# status: truncated", strlen("# status: truncated")))
		map_source_problem(source, 0, "says of itself that it is truncated");
	source->form = memory_import_form_name(import.form);
	source->input = (struct memory_normalise_input){
		.raw = source->raw, .raw_bytes = import.count * sizeof(*import.descriptors),
		.descriptor_bytes = sizeof(*import.descriptors), .descriptor_version = UEFI_DESCRIPTOR_VERSION};
	return 0;
}

/* K13: does the map make sense when read with this stride? */
static int makes_sense(const struct map_source *source, uint64_t stride)
{
	uint64_t impossible = 0, count = source->input.raw_bytes / stride;

	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor;
		struct handoff_range range;
		uint32_t notes;

		memcpy(&descriptor, (const uint8_t *)source->input.raw + i * stride, sizeof(descriptor));
		memory_range_of(&descriptor, 0, &range, &notes);
		impossible += (uint64_t)memory_range_impossible(notes);
	}
	return count > 0 && impossible <= count / 4;
}

static int from_binary(struct map_source *source, const uint8_t *bytes, uint64_t count, uint64_t stride)
{
	static const uint64_t usual[] = {48, 40, 56, 64, 80, 96};

	source->raw = malloc(count + 1);
	if (!source->raw)
		return complain(source, "too large");
	memcpy(source->raw, bytes, count);
	source->form = "binary descriptors";
	source->input = (struct memory_normalise_input){.raw = source->raw, .raw_bytes = count, .descriptor_bytes = stride,
							.descriptor_version = UEFI_DESCRIPTOR_VERSION};
	for (size_t i = 0; source->input.descriptor_bytes == 0 && i < sizeof(usual) / sizeof(usual[0]); i++)
		if (count % usual[i] == 0 && makes_sense(source, usual[i]))
			source->input.descriptor_bytes = usual[i];
	if (source->input.descriptor_bytes == 0)
		return complain(source, "no memory map of a known form; if it is a binary dump, give its --stride");
	if (count < source->input.descriptor_bytes)
		return complain(source, "shorter than one descriptor");
	return 0;
}

static int from_capture(struct map_source *source, struct file *file)
{
	struct capture capture;
	int result;

	source->form = is_block(file->bytes, file->count) ? "handoff block" : "dump of a handoff block";
	if (capture_take(file, &capture) < 0)
		return -1;
	result = map_source_from_block(source, &capture);
	capture_free(&capture);
	return result;
}

static int from_file(struct map_source *source, struct file *file, uint64_t stride)
{
	if (file->count == 0)
		return complain(source, "empty");
	if (stride != 0)
		return from_binary(source, file->bytes, file->count, stride);
	if (is_block(file->bytes, file->count) || has_dump(file->bytes, file->count))
		return from_capture(source, file);
	if (!is_text(file->bytes, file->count))
		return from_binary(source, file->bytes, file->count, 0);
	return from_text(source, file->bytes, file->count);
}

static int is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int map_source_read(const char *path, const struct map_options *options, struct map_source *ret_source)
{
	struct map_source source = {.name = strdup(strcmp(path, "-") == 0 ? "standard input" : path)};
	struct file file = {0};
	int result = -1;

	if ((is_directory(path) ? map_directory_read(path, &file) : file_read(path, &file)) == 0)
		result = from_file(&source, &file, options->stride);
	file_free(&file);
	if (result < 0) {
		map_source_free(&source);
		return -1;
	}
	if (options->physical_bits)
		source.input.physical_bits = options->physical_bits;
	*ret_source = source;
	return 0;
}

void map_source_free(struct map_source *source)
{
	free(source->name);
	free(source->problems);
	free(source->findings);
	free(source->raw);
	free(source->owned);
	free(source->ranges);
	*source = (struct map_source){0};
}

/* --- normalising ------------------------------------------------------------------------------------------------------------ */

static void note_finding(void *context, const struct finding *finding)
{
	struct map_source *source = context;
	struct finding *findings = realloc(source->findings, (source->finding_count + 1) * sizeof(*findings));

	if (!findings)
		return;
	findings[source->finding_count++] = *finding;
	source->findings = findings;
}

int map_source_normalise(struct map_source *source)
{
	uint64_t count = map_source_count(source), owned = source->input.owned_count;
	uint64_t ranges_bytes = (2 * (count + owned) + 1) * sizeof(struct handoff_range);
	uint64_t work_bytes = memory_normalise_work_bytes(count, owned);
	void *work = malloc(work_bytes);

	source->ranges = malloc(ranges_bytes);
	if (!work || !source->ranges) {
		free(work);
		return complain(source, "too large");
	}
	source->log = (struct rule_log){.report = note_finding, .context = source};
	memory_map_init(&source->map, source->ranges, ranges_bytes);
	source->status = memory_findings_normalise(&source->input, &source->map, work, work_bytes, &source->log);
	free(work);
	if (source->status != MEMORY_NORMALISE_OK)
		source->map.count = 0;
	else if (memory_map_bytes(&source->map, HANDOFF_MEMORY_USABLE) == 0)
		rule_report(&source->log, RULE_K(8), RULE_FATAL, 0, 0, "there is no usable memory");
	return 0;
}
