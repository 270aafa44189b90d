/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing and reading the handoff block: the directory, parts by type, strings, the seal.  Pure; used by the loader to
 * build the block, by kernels and the host tool to read it, by tests to break it.
 */
#ifndef LIB_HANDOFF_BLOCK_H
#define LIB_HANDOFF_BLOCK_H

#include <stdint.h>
#include "lib/handoff.h"

enum { HANDOFF_BLOCK_PARTS_MAX = 32 }; /* room for directory entries that the builder keeps */

/* A block under construction: [block, block + capacity) is the caller's and zeroed. */
struct handoff_builder {
	struct handoff_header *header;
	uint64_t capacity_bytes;
	uint64_t used_bytes;      /* next free offset, 8-byte aligned */
	uint32_t failed;          /* 1 once something did not fit: seal() then refuses */
	uint32_t reserved0;
};

/*
 * The order of a boot: begin; add what is known; reserve the parts that are written later; last of all reserve RAW_MAP, into
 * which GetMemoryMap writes directly.  After ExitBootServices: trim RAW_MAP to what came, reserve MEMORY behind it, normalise
 * into it, trim it, seal.  Nothing but the space behind the last part is ever used twice, so places stay valid.
 *
 * Whatever does not fit or is inconsistent sets `failed`; the calls after it do nothing and seal() returns -1.
 */

/* Starts a block: header and an empty directory of HANDOFF_BLOCK_PARTS_MAX entries.  capacity_bytes and block_phys are
   multiples of a page, block is 8-byte aligned. */
void handoff_block_begin(struct handoff_builder *builder, void *block, uint64_t capacity_bytes, uint64_t block_phys);
/* Appends a part of `bytes` bytes (copied from data, or zeroed when data is NULL) plus a NUL byte; returns its place or NULL.
   bytes is a multiple of entry_bytes; 0 adds nothing and is no failure. */
void *handoff_block_add(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, const void *data, uint64_t bytes);
/* Appends a part that is written later: reserves max_bytes (no NUL); handoff_block_trim() sets its final size. */
void *handoff_block_reserve(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, uint64_t max_bytes);
/* Sets bytes and entry_bytes of a part to no more than it has and zeroes the rest; when it is the last one, the space behind
   its end is used again.  0 bytes take the part out of the directory. */
void handoff_block_trim(struct handoff_builder *builder, uint32_t type, uint32_t entry_bytes, uint64_t bytes);
/* All of handoff_block_seal() but the checksum, which is zero: for who has a faster one.  0, or -1 when something had not fitted. */
int handoff_block_finish(struct handoff_builder *builder);
/* Fills total_bytes and the checksum; returns 0, or -1 when something had not fitted.  May be called again after a change. */
int handoff_block_seal(struct handoff_builder *builder);

/* Offset of a part's first byte in the block under construction, 0 = absent. */
uint64_t handoff_block_offset(const struct handoff_builder *builder, uint32_t type);

/* What can be wrong with the frame of a block, in the order of the checks (K1, K2). */
enum handoff_block_status {
	HANDOFF_BLOCK_OK = 0,
	HANDOFF_BLOCK_NULL,         /* no block, or not 8-byte aligned */
	HANDOFF_BLOCK_TOO_SHORT,    /* fewer bytes than a header */
	HANDOFF_BLOCK_BAD_MAGIC,
	HANDOFF_BLOCK_BAD_VERSION,  /* another major version */
	HANDOFF_BLOCK_BAD_SIZE,     /* header_bytes, part_bytes, total_bytes or capacity_bytes impossible, or total > bytes given */
	HANDOFF_BLOCK_BAD_CHECKSUM,
	HANDOFF_BLOCK_PART_OUTSIDE, /* a part reaches outside [directory end, total_bytes), or is misaligned */
	HANDOFF_BLOCK_PART_TWICE,
	HANDOFF_BLOCK_PART_SHORT,   /* empty, smaller than the v1.0 struct, or bytes no multiple of entry_bytes */
	HANDOFF_BLOCK_PART_OVERLAP, /* two parts share bytes */
	HANDOFF_BLOCK_PART_MISSING, /* a part that every block has is absent */
	HANDOFF_BLOCK_BAD_STRING,   /* a string offset outside STRINGS, or text without its NUL */
	HANDOFF_BLOCK_BAD_RESERVED, /* a reserved field is not zero in a block of our own minor version */
};

/*
 * Checks everything about the frame, so that every accessor below is safe.  bytes: how much is readable at block.  The
 * stride of RAW_MAP is the firmware's and judged by K4 and K7, not here: before that nobody steps through that part.
 */
enum handoff_block_status handoff_block_check(const void *block, uint64_t bytes);

/* A part's first byte and size, or NULL with *ret_bytes = 0 when absent.  ret_entry_bytes and ret_bytes may be NULL. */
const void *handoff_part(const struct handoff_header *block, uint32_t type, uint64_t *ret_bytes, uint32_t *ret_entry_bytes);
/* Element `index` of an array part, or NULL beyond its end. */
const void *handoff_element(const struct handoff_header *block, uint32_t type, uint64_t index);
/* Elements of an array part. */
uint64_t handoff_count(const struct handoff_header *block, uint32_t type);
/* A string by its offset; "" for offset 0 and for any that is not in STRINGS. */
const char *handoff_string(const struct handoff_header *block, uint64_t offset);

/* Names for people: "usable", "kernel text", "when you have your own page tables", ...; "unknown" for other values. */
const char *handoff_memory_name(uint32_t type);
const char *handoff_owner_name(uint32_t owner);
const char *handoff_lifetime_name(uint32_t lifetime);
const char *handoff_stage_name(uint32_t stage);
const char *handoff_block_status_name(enum handoff_block_status status);

#endif
