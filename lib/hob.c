/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading hand-off blocks.  RULE: every length is checked against the bytes that remain before anything behind it is read;
 * numbers are read byte by byte, so that a list may stand anywhere.
 */
#include "lib/hob.h"
#include "lib/freestanding/memory.h"
#include "lib/le.h"
#include "lib/uefi_memory.h"

/* Where the fields stand (PI 1.8 volume 3, §5.2 to §5.6); all blocks begin with type, length and four bytes reserved. */
enum {
	HANDOFF_BOOT_MODE = 12,
	HANDOFF_MEMORY_TOP = 16,
	HANDOFF_MEMORY_BOTTOM = 24,
	HANDOFF_FREE_TOP = 32,
	HANDOFF_FREE_BOTTOM = 40,
	HANDOFF_BYTES = 56,
	ALLOCATION_NAME = 8,
	ALLOCATION_START = 24,
	ALLOCATION_LENGTH = 32,
	ALLOCATION_TYPE = 40,
	RESOURCE_TYPE = 24,
	RESOURCE_ATTRIBUTES = 28,
	RESOURCE_START = 32,
	RESOURCE_LENGTH = 40,
	RESOURCE_BYTES = 48,
	GUID_NAME = 8,
	GUID_DATA = 24,
	TYPE_ENTRY_BYTES = 8,
};

/* GUIDs as they stand in memory: 4c19049f-4137-4dd3-9c10-8b97a83ffdfa... */
static const uint8_t type_information_guid[16] = {0x9f, 0x04, 0x19, 0x4c, 0x37, 0x41, 0xd3, 0x4d,
						  0x9c, 0x10, 0x8b, 0x97, 0xa8, 0x3f, 0xfd, 0xfa};
/* ...and the names that PI 1.8 §5.4 gives to allocations: 4ed4bf27-4092-42e9-807d-527b1d00c9bd and so on. */
static const struct {
	uint8_t guid[16];
	const char *name;
} allocation_names[] = {
	{{0x27, 0xbf, 0xd4, 0x4e, 0x92, 0x40, 0xe9, 0x42, 0x80, 0x7d, 0x52, 0x7b, 0x1d, 0x00, 0xc9, 0xbd}, "stack"},
	{{0xcd, 0x33, 0x4b, 0x56, 0x2a, 0xc9, 0x93, 0x45, 0x90, 0xbf, 0x24, 0x73, 0xe4, 0x3c, 0x63, 0x22}, "BSP store"},
	{{0x75, 0x19, 0xe2, 0xf8, 0x99, 0x08, 0x58, 0x4f, 0xa4, 0xbe, 0x55, 0x25, 0xa9, 0xc6, 0xd7, 0x7a}, "module"},
};

static uint32_t minimum_bytes(uint32_t type)
{
	switch (type) {
	case HOB_HANDOFF:
		return HANDOFF_BYTES;
	case HOB_ALLOCATION:
		return HOB_ALLOCATION_BYTES;
	case HOB_RESOURCE:
		return RESOURCE_BYTES;
	case HOB_GUID:
		return GUID_DATA;
	default:
		return HOB_HEADER_BYTES;
	}
}

void hob_begin(struct hob_reader *reader, const void *list, uint64_t bytes)
{
	*reader = (struct hob_reader){.list = list, .bytes = bytes};
}

enum hob_status hob_next(struct hob_reader *reader, struct hob *ret_hob)
{
	const uint8_t *at = reader->list + reader->offset;
	uint64_t left = reader->bytes - reader->offset;
	struct hob hob;

	if (left < HOB_HEADER_BYTES)
		return HOB_CUT;
	hob = (struct hob){.at = at, .type = le_read16(at), .bytes = le_read16(at + 2)};
	if (reader->offset == 0 && hob.type != HOB_HANDOFF)
		return HOB_NO_HANDOFF;
	if (hob.type == HOB_LIST_END)
		return HOB_END;
	if (hob.bytes < HOB_HEADER_BYTES || hob.bytes % 8 != 0)
		return HOB_BAD_LENGTH;
	if (hob.bytes > left)
		return HOB_CUT;
	if (hob.bytes < minimum_bytes(hob.type))
		return HOB_TOO_SHORT;
	reader->offset += hob.bytes;
	*ret_hob = hob;
	return HOB_OK;
}

struct hob_handoff hob_handoff(const struct hob *hob)
{
	return (struct hob_handoff){
		.boot_mode = le_read32(hob->at + HANDOFF_BOOT_MODE),
		.memory_bottom = le_read64(hob->at + HANDOFF_MEMORY_BOTTOM),
		.memory_top = le_read64(hob->at + HANDOFF_MEMORY_TOP),
		.free_bottom = le_read64(hob->at + HANDOFF_FREE_BOTTOM),
		.free_top = le_read64(hob->at + HANDOFF_FREE_TOP),
	};
}

struct hob_allocation hob_allocation(const struct hob *hob)
{
	return (struct hob_allocation){
		.name = hob->at + ALLOCATION_NAME,
		.start_phys = le_read64(hob->at + ALLOCATION_START),
		.bytes = le_read64(hob->at + ALLOCATION_LENGTH),
		.memory_type = le_read32(hob->at + ALLOCATION_TYPE),
	};
}

int hob_unused_allocation(const struct hob *hob, struct hob_allocation *ret_allocation)
{
	/* Only the type has changed: PI 1.8 §5.11; a block of this size was an allocation or a resource.  EDK2 marks only
	   allocations, when it joins freed ones. */
	if (hob->type != HOB_UNUSED || hob->bytes != HOB_ALLOCATION_BYTES)
		return 0;
	*ret_allocation = hob_allocation(hob);
	return 1;
}

struct hob_resource hob_resource(const struct hob *hob)
{
	return (struct hob_resource){
		.type = le_read32(hob->at + RESOURCE_TYPE),
		.attributes = le_read32(hob->at + RESOURCE_ATTRIBUTES),
		.start_phys = le_read64(hob->at + RESOURCE_START),
		.bytes = le_read64(hob->at + RESOURCE_LENGTH),
	};
}

int hob_type_information(const struct hob *hob, uint32_t index, struct hob_type_pages *ret_entry)
{
	uint32_t entries;
	const uint8_t *entry;

	if (hob->type != HOB_GUID || memcmp(hob->at + GUID_NAME, type_information_guid, sizeof(type_information_guid)) != 0)
		return 0;
	entries = (hob->bytes - GUID_DATA) / TYPE_ENTRY_BYTES;
	if (index >= entries)
		return 0;
	entry = hob->at + GUID_DATA + index * TYPE_ENTRY_BYTES;
	/* The entry behind the last one has EfiMaxMemoryType, which was 14 when EDK2 defined this and has grown since. */
	if (le_read32(entry) >= UEFI_PERSISTENT)
		return 0;
	*ret_entry = (struct hob_type_pages){.memory_type = le_read32(entry), .pages = le_read32(entry + 4)};
	return 1;
}

int hob_resource_is_memory(uint32_t type)
{
	return type != 2 && type != 6;
}

const char *hob_resource_name(uint32_t type)
{
	static const char *const names[] = {"system memory",         "memory-mapped I/O", "I/O ports",          "firmware device",
					    "memory-mapped I/O port", "reserved memory",   "reserved I/O ports", "unaccepted memory"};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "unknown resource";
}

const char *hob_allocation_name(const uint8_t name[16])
{
	for (uint32_t i = 0; i < sizeof(allocation_names) / sizeof(allocation_names[0]); i++)
		if (memcmp(name, allocation_names[i].guid, 16) == 0)
			return allocation_names[i].name;
	return "";
}

const char *hob_status_name(enum hob_status status)
{
	switch (status) {
	case HOB_OK:
		return "ok";
	case HOB_END:
		return "end of the list";
	case HOB_NO_HANDOFF:
		return "does not begin with a handoff block";
	case HOB_CUT:
		return "the memory ends before the list does";
	case HOB_BAD_LENGTH:
		return "a block of impossible length";
	case HOB_TOO_SHORT:
		return "a block too short for its type";
	}
	return "unknown";
}
