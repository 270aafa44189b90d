/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways to break a perfect boot, each for one rule: tables by topic, run by test_handoff_check.c.  An entry changes the fixture
 * before the block is built (what the firmware or the machine is like), or the finished block (what the loader did wrong).
 */
#ifndef TEST_UNIT_BROKEN_BLOCKS_H
#define TEST_UNIT_BROKEN_BLOCKS_H

#include "test/unit/block_fixture.h"

enum { BROKEN_ALSO_MAX = 4 };

struct broken {
	const char *name;
	uint32_t rule;
	enum rule_severity severity;
	void (*before)(struct block_fixture *fixture); /* may be NULL */
	void (*after)(struct block_fixture *fixture);  /* may be NULL; the block is sealed again behind it */
	/* A part of the finding's text, where several checks share a rule; may be NULL. */
	const char *says;
	/* Other rules that must complain, too, because the same fact breaks them. */
	uint32_t also[BROKEN_ALSO_MAX];
	/* The start of the finding; 0 = any.  Needed for information that a perfect boot gives as well. */
	uint64_t start;
	uint32_t dump;   /* 1: without the machine, as on the host */
	uint32_t unsealed; /* 1: the checksum stays wrong */
	uint32_t repeated; /* 1: the rule complains more than once about the same fact */
	uint32_t silent;   /* a rule that must not even inform */
};

struct broken_table {
	const struct broken *entries;
	uint64_t count;
};

extern const struct broken_table broken_frame;    /* K1-K4, K7, K8, K18 as far as they are the loader's */
extern const struct broken_table broken_memory;   /* K5-K38, K43, K44 */
extern const struct broken_table broken_firmware; /* K39-K42, K45-K48 */
extern const struct broken_table broken_machine;  /* M1-M3, M8, M10-M17 */
extern const struct broken_table broken_paging;   /* M4-M7, M9 */

/* Not broken at all: unusual boots about which nobody may complain. */
extern const struct broken_table sound_variants;

#define BROKEN_TABLE(name, array) const struct broken_table name = { array, sizeof(array) / sizeof((array)[0]) }

#endif
