/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of hand-off blocks (HOBs) in which the pre-EFI phase told the rest of the firmware what memory there is and what
 * of it was already in use (UEFI Platform Initialization specification 1.8, volume 3, chapters 4 and 5).  Firmware that
 * keeps the list publishes it as a configuration table.  Pure: reads the bytes that the caller says may be read, believes
 * none of them, follows no pointer.
 */
#ifndef LIB_HOB_H
#define LIB_HOB_H

#include <stdint.h>

enum {
	HOB_HANDOFF = 0x0001,    /* the first one */
	HOB_ALLOCATION = 0x0002, /* memory in use */
	HOB_RESOURCE = 0x0003,   /* memory or I/O that the machine has */
	HOB_GUID = 0x0004,       /* data of whoever owns the GUID */
	HOB_POOL = 0x0007,       /* a pool allocation; it lies in the list itself, where it can never be freed */
	HOB_UNUSED = 0xfffe,     /* meant nothing any more: to be skipped */
	HOB_LIST_END = 0xffff,
};
enum { HOB_HEADER_BYTES = 8, HOB_ALLOCATION_BYTES = 48 };

enum hob_status {
	HOB_OK = 0,
	HOB_END,        /* the end of the list, as it should be */
	HOB_NO_HANDOFF, /* the first block is no handoff block: not a list */
	HOB_CUT,        /* the readable bytes end before the list does */
	HOB_BAD_LENGTH, /* a block shorter than its header, or no multiple of 8 */
	HOB_TOO_SHORT,  /* a block shorter than what its type holds */
};

/* Reads from front to back; fields are set by hob_begin(). */
struct hob_reader {
	const uint8_t *list;
	uint64_t bytes;  /* readable at list */
	uint64_t offset; /* of the next block */
};

struct hob {
	const uint8_t *at; /* its header */
	uint32_t type;     /* HOB_...; other values are other blocks */
	uint32_t bytes;    /* with the header */
};

void hob_begin(struct hob_reader *reader, const void *list, uint64_t bytes);
/* The next block; HOB_END at the end.  After any status but HOB_OK reading stops.  What HOB_OK returned is as long as its type
   needs, so that the functions below may be called. */
enum hob_status hob_next(struct hob_reader *reader, struct hob *ret_hob);

struct hob_handoff {
	uint32_t boot_mode;
	uint32_t reserved0;
	uint64_t memory_bottom, memory_top; /* what the pre-EFI phase used of RAM */
	uint64_t free_bottom, free_top;     /* and what of it was still free at its end */
};
struct hob_handoff hob_handoff(const struct hob *hob);

struct hob_allocation {
	const uint8_t *name; /* GUID, 16 bytes */
	uint64_t start_phys;
	uint64_t bytes;
	uint32_t memory_type; /* UEFI's; ConventionalMemory: allocated once and freed again */
	uint32_t reserved0;
};
struct hob_allocation hob_allocation(const struct hob *hob);
/* 1 for a block that is marked unused and was an allocation; then *ret_allocation is what it said. */
int hob_unused_allocation(const struct hob *hob, struct hob_allocation *ret_allocation);

enum { HOB_RESOURCE_MEMORY = 0, HOB_RESOURCE_MMIO = 1, HOB_RESOURCE_RESERVED = 5, HOB_RESOURCE_UNACCEPTED = 7 };
struct hob_resource {
	uint32_t type; /* HOB_RESOURCE_... */
	uint32_t attributes;
	uint64_t start_phys; /* or the first I/O port */
	uint64_t bytes;
};
struct hob_resource hob_resource(const struct hob *hob);

/* Memory type information: how many pages of each type the last boot needed, so that the firmware sets as many aside (EDK2). */
struct hob_type_pages {
	uint32_t memory_type, pages;
};
/* Entry `index` of such a block: 1, or 0 behind the last entry and when hob is none. */
int hob_type_information(const struct hob *hob, uint32_t index, struct hob_type_pages *ret_entry);

/* 1 for resources that are addresses of memory, 0 for I/O ports. */
int hob_resource_is_memory(uint32_t type);

const char *hob_resource_name(uint32_t type);          /* "system memory" */
const char *hob_allocation_name(const uint8_t name[16]); /* "stack"; "" for a GUID without a known name */
const char *hob_status_name(enum hob_status status);

#endif
