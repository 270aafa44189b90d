/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads like the definition in memory_normalise.h: for one address, look at all descriptors and all owned ranges and say
 * what the map must say there; find the next address at which anything begins or ends; go on from there.  Between two such
 * addresses nothing can change, so that all bytes are covered.  Run by tests and fuzzers on every input and by the kernel
 * stub on its own map.
 */
#include "lib/memory_verify.h"
#include "lib/freestanding/memory.h"
#include "lib/uefi_memory.h"

#define FIRST_PAGE_END HANDOFF_PAGE_BYTES
#define FIRST_MIB_END UINT64_C(0x100000)

/* What holds at one address, and up to where at least. */
struct spot {
	uint64_t address;
	uint64_t next;              /* the nearest boundary above, UINT64_MAX = none */
	struct handoff_range winner; /* of the descriptors; type 0 = no descriptor */
	struct handoff_range owned;  /* end 0 = not owned */
};

static void note_boundary(struct spot *spot, uint64_t boundary)
{
	if (boundary > spot->address && boundary < spot->next)
		spot->next = boundary;
}

static int contains(const struct handoff_range *range, uint64_t address)
{
	return range->start_phys <= address && address < range->end_phys;
}

/* K17: the more restrictive type, then the lower attributes. */
static int is_stronger(const struct handoff_range *a, const struct handoff_range *b)
{
	uint32_t rank_a = memory_range_rank(a->type), rank_b = memory_range_rank(b->type);

	return rank_a < rank_b || (rank_a == rank_b && a->attributes < b->attributes);
}

static void look_at_descriptors(const struct memory_normalise_input *input, struct spot *spot)
{
	uint64_t count = input->raw_bytes / input->descriptor_bytes, i;

	for (i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor;
		struct handoff_range range;

		memcpy(&descriptor, (const uint8_t *)input->raw + i * input->descriptor_bytes, sizeof(descriptor));
		if (!memory_range_of(&descriptor, input->physical_bits, &range, NULL))
			continue;
		note_boundary(spot, range.start_phys);
		note_boundary(spot, range.end_phys);
		if (contains(&range, spot->address) && (spot->winner.type == 0 || is_stronger(&range, &spot->winner)))
			spot->winner = range;
	}
}

static void look_at_owned(const struct memory_normalise_input *input, struct spot *spot)
{
	uint64_t i;

	for (i = 0; i < input->owned_count; i++) {
		note_boundary(spot, input->owned[i].start_phys);
		note_boundary(spot, input->owned[i].end_phys);
		if (contains(&input->owned[i], spot->address))
			spot->owned = input->owned[i];
	}
}

static int can_be_owned(uint32_t type)
{
	return type == 0 || type == HANDOFF_MEMORY_USABLE || type == HANDOFF_MEMORY_BOOT_SERVICES || type == HANDOFF_MEMORY_LOADER;
}

/* What the map must say at the spot; type 0 = nothing. */
static struct handoff_range expected(const struct spot *spot)
{
	struct handoff_range range = spot->winner;
	int is_owned = spot->owned.end_phys != 0;

	range.index = 0;
	if (spot->address < FIRST_PAGE_END && can_be_owned(range.type) && (range.type != 0 || is_owned)) {
		range.type = HANDOFF_MEMORY_RESERVED;
		range.owner = HANDOFF_OWNER_FIRMWARE;
		range.lifetime = HANDOFF_LIFETIME_NEVER;
	} else if (is_owned && can_be_owned(range.type)) {
		range.type = HANDOFF_MEMORY_LOADER;
		range.owner = spot->owned.owner;
		range.lifetime = spot->owned.lifetime;
		range.index = spot->owned.index;
	} else if (is_owned && range.type == HANDOFF_MEMORY_RUNTIME_DATA && spot->owned.owner == HANDOFF_OWNER_BOOT_RECORD) {
		range.owner = HANDOFF_OWNER_BOOT_RECORD;
		range.lifetime = HANDOFF_LIFETIME_NEVER;
		range.index = spot->owned.index;
	} else if (range.type == HANDOFF_MEMORY_BOOT_SERVICES && spot->address < FIRST_MIB_END) {
		range.lifetime = HANDOFF_LIFETIME_NEVER;
	}
	return range;
}

static int same_kind(const struct handoff_range *a, const struct handoff_range *b)
{
	return a->attributes == b->attributes && a->type == b->type && a->owner == b->owner && a->lifetime == b->lifetime &&
	       a->index == b->index;
}

/* Sorted, disjoint, aligned and merged, whatever they say. */
static int well_formed(const struct handoff_range *ranges, uint64_t count, uint64_t *ret_address)
{
	uint64_t i;

	for (i = 0; i < count; i++) {
		int alone = ranges[i].type != 0 && ranges[i].start_phys < ranges[i].end_phys &&
			    ranges[i].start_phys % HANDOFF_PAGE_BYTES == 0 && ranges[i].end_phys % HANDOFF_PAGE_BYTES == 0;

		*ret_address = ranges[i].start_phys;
		if (!alone || (i > 0 && ranges[i].start_phys < ranges[i - 1].end_phys))
			return 0;
		if (i > 0 && ranges[i].start_phys == ranges[i - 1].end_phys && same_kind(&ranges[i], &ranges[i - 1]))
			return 0;
	}
	return 1;
}

/* The range of the map at the spot, or NULL. */
static const struct handoff_range *look_at_map(const struct handoff_range *ranges, uint64_t count, struct spot *spot)
{
	const struct handoff_range *found = NULL;
	uint64_t i;

	for (i = 0; i < count; i++) {
		note_boundary(spot, ranges[i].start_phys);
		note_boundary(spot, ranges[i].end_phys);
		if (contains(&ranges[i], spot->address))
			found = &ranges[i];
	}
	return found;
}

enum memory_verify_status memory_verify(const struct memory_normalise_input *input, const struct handoff_range *ranges,
					uint64_t count, uint64_t *ret_address_phys)
{
	uint64_t unused, *at = ret_address_phys ? ret_address_phys : &unused, address = 0;

	if (input->descriptor_bytes < UEFI_DESCRIPTOR_BYTES_MIN || input->raw_bytes < input->descriptor_bytes)
		return MEMORY_VERIFY_BAD_INPUT;
	if (!well_formed(ranges, count, at))
		return MEMORY_VERIFY_BAD_MAP;
	while (address != UINT64_MAX) {
		struct spot spot = {.address = address, .next = UINT64_MAX};
		const struct handoff_range *found = look_at_map(ranges, count, &spot);
		struct handoff_range wanted;

		note_boundary(&spot, FIRST_PAGE_END);
		note_boundary(&spot, FIRST_MIB_END);
		look_at_descriptors(input, &spot);
		look_at_owned(input, &spot);
		wanted = expected(&spot);
		*at = address;
		if (wanted.type != 0 && !found)
			return MEMORY_VERIFY_MISSING;
		if (wanted.type == 0 && found)
			return MEMORY_VERIFY_EXTRA;
		if (found && !same_kind(found, &wanted))
			return MEMORY_VERIFY_WRONG;
		address = spot.next;
	}
	return MEMORY_VERIFY_OK;
}

const char *memory_verify_status_name(enum memory_verify_status status)
{
	switch (status) {
	case MEMORY_VERIFY_OK:
		return "ok";
	case MEMORY_VERIFY_BAD_INPUT:
		return "no descriptors to compare with";
	case MEMORY_VERIFY_BAD_MAP:
		return "ranges not sorted, disjoint, aligned and merged";
	case MEMORY_VERIFY_MISSING:
		return "described memory is missing";
	case MEMORY_VERIFY_EXTRA:
		return "memory that nothing describes";
	case MEMORY_VERIFY_WRONG:
		return "wrong type, attributes, owner, lifetime or index";
	}
	return "unknown";
}
