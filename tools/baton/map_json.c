/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps as JSON: the members that the actions of `baton map` share.  baton.1 documents them. */
#include <stddef.h>
#include "lib/handoff_block.h"
#include "tools/baton/map.h"

void map_json_begin(struct json *json, const char *name, const struct map_source *source)
{
	json_begin(json, name, '{');
	json_text(json, "file", source->name);
	json_text(json, "form", source->form);
	json_number(json, "descriptors", map_source_count(source));
	json_number(json, "descriptor_bytes", source->input.descriptor_bytes);
	json_begin(json, "problems", '[');
	for (uint64_t i = 0; i < source->problem_count; i++) {
		json_begin(json, NULL, '{');
		json_number(json, "line", source->problems[i].line);
		json_text(json, "text", source->problems[i].text);
		json_end(json, '}');
	}
	json_end(json, ']');
}

void map_json_range(struct json *json, const char *name, const struct handoff_range *range)
{
	json_begin(json, name, '{');
	json_address(json, "start", range->start_phys);
	json_address(json, "end", range->end_phys);
	json_number(json, "bytes", range->end_phys - range->start_phys);
	json_text(json, "type", handoff_memory_name(range->type));
	json_address(json, "attributes", range->attributes);
	json_text(json, "owner", handoff_owner_name(range->owner));
	json_number(json, "index", range->index);
	json_text(json, "usable", handoff_lifetime_name(range->lifetime));
	json_text(json, "meaning", memory_meaning_of(range));
	json_end(json, '}');
}

void map_json_ranges(struct json *json, const struct map_source *source)
{
	json_begin(json, "ranges", '[');
	for (uint64_t i = 0; i < source->map.count; i++)
		map_json_range(json, NULL, &source->map.ranges[i]);
	json_end(json, ']');
}

void map_json_findings(struct json *json, const struct map_source *source)
{
	char name[8];

	json_begin(json, "findings", '[');
	for (uint64_t i = 0; i < source->finding_count; i++) {
		const struct finding *finding = &source->findings[i];

		json_begin(json, NULL, '{');
		json_text(json, "rule", rule_name(finding->rule, name));
		json_text(json, "severity", rule_severity_name(finding->severity));
		json_address(json, "start", finding->start);
		json_address(json, "end", finding->end);
		json_text(json, "text", finding->text);
		json_end(json, '}');
	}
	json_end(json, ']');
}
