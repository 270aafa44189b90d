/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The normaliser on hostile maps, judged by its slow checker.  Two encodings: raw bytes as firmware's buffer, which reach
 * every impossible value, and a dense one of 6 bytes a descriptor, in which overlaps, owned ranges and the limits of the rules
 * are frequent.  Buffers have exactly the promised sizes, so that the sanitizer sees a byte too many.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/memory_findings.h"
#include "lib/memory_verify.h"

enum { DESCRIPTORS_MAX = 48, OWNED_MAX = 16, DENSE_BYTES = 6, HEADER_BYTES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Sorted, disjoint and page-aligned by construction: two bytes each, the gap and the length in pages. */
static uint64_t make_owned(const uint8_t *data, size_t bytes, uint64_t wanted, struct handoff_range *ranges)
{
	uint64_t count = 0, at = 0;

	while (count < wanted && 2 * count + 1 < bytes) {
		uint8_t gap = data[2 * count], length = data[2 * count + 1];

		at += (uint64_t)(gap & 0x3f) << (gap & 0x40 ? 18 : 12);
		ranges[count].start_phys = at;
		at += (uint64_t)((length & 0x0f) + 1) << 12;
		ranges[count].end_phys = at;
		ranges[count].type = HANDOFF_MEMORY_LOADER;
		ranges[count].owner = length & 0x10 ? HANDOFF_OWNER_BOOT_RECORD : HANDOFF_OWNER_STACK;
		ranges[count].lifetime = length >> 5;
		ranges[count].index = gap >> 7;
		count++;
	}
	return count;
}

static struct handoff_raw_descriptor make_dense(const uint8_t *data)
{
	static const uint64_t bases[] = {0, 0x80000, 0xf8000, 0x3ffffff8000, 0xffffffff8000, 0xffffffffff8000, UINT64_MAX - 0xffff, 0xf0000};
	static const uint64_t attributes[] = {0xf, 8, 0, 1, 0x800000000000000f, 0x8000000000000000, 0x800f, 0x4000f};
	struct handoff_raw_descriptor descriptor = {
		.type = data[0] & 0x1f,
		.physical_start = bases[data[1] & 7] + ((uint64_t)(data[1] >> 3) << 12),
		.number_of_pages = data[2] & 0x1f,
		.attribute = attributes[data[3] & 7] | (data[3] & 0x80 ? UINT64_C(0x20000) : 0),
	};

	if (data[0] & 0x80)
		descriptor.type = (uint32_t)data[4] << 24;
	if ((data[2] & 0xe0) == 0xe0)
		descriptor.number_of_pages = UINT64_MAX >> (data[4] & 31);
	if (data[5] > 0xf0)
		descriptor.physical_start += data[5];
	return descriptor;
}

/* Both answers must agree; whatever the normaliser accepts must be exactly right. */
static void judge(const struct memory_normalise_input *input)
{
	uint64_t count = input->descriptor_bytes ? input->raw_bytes / input->descriptor_bytes : 0;
	uint64_t out_bytes = (2 * (count + input->owned_count) + 1) * sizeof(struct handoff_range);
	uint64_t work_bytes = memory_normalise_work_bytes(count, input->owned_count), address;
	void *out = malloc(out_bytes), *work = malloc(work_bytes ? work_bytes : 1);
	struct memory_map map;
	struct rule_log log = {0};
	enum memory_normalise_status status;

	if (memory_map_init(&map, out, out_bytes) != MEMORY_MAP_OK)
		abort();
	status = memory_findings_normalise(input, &map, work, work_bytes, &log);
	if (status == MEMORY_NORMALISE_OUT_SMALL || status == MEMORY_NORMALISE_WORK_SMALL)
		abort();
	if (status == MEMORY_NORMALISE_OK && !memory_map_valid(&map))
		abort();
	if (status == MEMORY_NORMALISE_OK && memory_verify(input, map.ranges, map.count, &address) != MEMORY_VERIFY_OK)
		abort();
	free(out);
	free(work);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct handoff_range owned[OWNED_MAX];
	struct handoff_raw_descriptor dense[DESCRIPTORS_MAX];
	struct memory_normalise_input input = {.owned = owned};
	uint64_t i, skip;

	if (bytes < HEADER_BYTES)
		return 0;
	input.descriptor_version = data[1];
	input.physical_bits = data[2];
	input.owned_count = make_owned(data + HEADER_BYTES, bytes - HEADER_BYTES, data[3] % (OWNED_MAX + 1), owned);
	skip = HEADER_BYTES + 2 * input.owned_count;
	if (data[0] & 1) {
		input.descriptor_bytes = data[4] | (uint64_t)data[5] << 8;
		input.raw = data + skip;
		input.raw_bytes = bytes - skip;
		if (input.raw_bytes > 40 * DESCRIPTORS_MAX)
			input.raw_bytes = 40 * DESCRIPTORS_MAX;
	} else {
		for (i = 0; i < DESCRIPTORS_MAX && skip + (i + 1) * DENSE_BYTES <= bytes; i++)
			dense[i] = make_dense(data + skip + i * DENSE_BYTES);
		input.raw = dense;
		input.raw_bytes = i * sizeof(*dense);
		input.descriptor_bytes = sizeof(*dense);
	}
	judge(&input);
	return 0;
}
