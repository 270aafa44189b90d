/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps out of handoff blocks.  A block brings the firmware's map, the loader's ranges and the physical address width, so that
 * owners are known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/handoff_block.h"
#include "tools/baton/map.h"

static int complain(const struct map_source *source, const char *why)
{
	fprintf(stderr, "baton: %s: handoff block: %s\n", source->name, why);
	return -1;
}

/* The loader's ranges, which a later minor version may have made longer. */
static int copy_owned(struct map_source *source, const struct handoff_header *block)
{
	uint64_t count = handoff_count(block, HANDOFF_PART_OWNED);
	struct handoff_range *owned = malloc(count * sizeof(*owned) + 1);

	if (!owned)
		return complain(source, "too large");
	for (uint64_t i = 0; i < count; i++)
		memcpy(&owned[i], handoff_element(block, HANDOFF_PART_OWNED, i), sizeof(owned[i]));
	source->owned = owned;
	source->input.owned = owned;
	source->input.owned_count = count;
	return 0;
}

int map_source_from_block(struct map_source *source, const struct capture *capture)
{
	enum handoff_block_status status = handoff_block_check(capture->block, capture->bytes);
	const struct handoff_exit *exit;
	const struct handoff_cpu *cpu;
	const void *raw;
	uint64_t raw_bytes;
	uint32_t stride;

	if (status != HANDOFF_BLOCK_OK)
		return complain(source, handoff_block_status_name(status));
	raw = handoff_part(capture->block, HANDOFF_PART_RAW_MAP, &raw_bytes, &stride);
	exit = handoff_part(capture->block, HANDOFF_PART_EXIT, NULL, NULL);
	cpu = handoff_part(capture->block, HANDOFF_PART_CPU, NULL, NULL);
	source->raw = malloc(raw_bytes + 1);
	if (!source->raw || raw_bytes < stride)
		return complain(source, source->raw ? "its memory map is empty" : "too large");
	memcpy(source->raw, raw, raw_bytes);
	source->has_owners = 1;
	source->input = (struct memory_normalise_input){.raw = source->raw, .raw_bytes = raw_bytes, .descriptor_bytes = stride,
							.descriptor_version = exit->descriptor_version,
							.physical_bits = cpu->physical_bits};
	return copy_owned(source, capture->block);
}
