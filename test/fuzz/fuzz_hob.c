/* SPDX-License-Identifier: BSD-2-Clause */
/* Hand-off block lists from anywhere: all that a reader may ask of every block, in a buffer of exactly the given size. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/hob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint64_t look_at(const struct hob *hob)
{
	struct hob_allocation allocation = {.start_phys = 0};
	struct hob_type_pages entry = {0};
	uint64_t seen = hob->at[hob->bytes - 1];

	if (hob->type == HOB_HANDOFF)
		seen += hob_handoff(hob).free_top;
	if (hob->type == HOB_ALLOCATION) {
		allocation = hob_allocation(hob);
		seen += allocation.bytes + (uint64_t)hob_allocation_name(allocation.name)[0];
	}
	if (hob->type == HOB_RESOURCE)
		seen += hob_resource(hob).bytes;
	if (hob_unused_allocation(hob, &allocation))
		seen += allocation.start_phys;
	for (uint32_t i = 0; hob_type_information(hob, i, &entry); i++)
		seen += entry.pages;
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct hob_reader reader;
	struct hob hob;
	uint64_t read = 0, seen = 0;

	hob_begin(&reader, data, bytes);
	while (hob_next(&reader, &hob) == HOB_OK) {
		read += hob.bytes;
		seen += look_at(&hob);
	}
	/* Every block moves on, and none leads outside. */
	if (read != reader.offset || read > bytes)
		abort();
	return seen == 0 && read > bytes;
}
