/* SPDX-License-Identifier: BSD-2-Clause */
/* What a handoff block says, for people and for programs, on standard output.  The block's frame has been checked. */
#ifndef BATON_HANDOFF_SHOW_H
#define BATON_HANDOFF_SHOW_H

#include "lib/handoff.h"

void handoff_show(const struct handoff_header *block);
/* One JSON object.  The random seed is left out; its source is named. */
void handoff_show_json(const struct handoff_header *block);

/* Words for values, "unknown" for those of a later version. */
const char *handoff_show_secure_boot(uint32_t secure_boot);
const char *handoff_show_seed(const struct handoff_seed *seed); /* "none" for NULL */
/* "r-x" */
void handoff_show_rights(char text[4], uint32_t permissions);
/* "2026-11-21T12:27:05Z", or "" for 0. */
void handoff_show_time(char text[32], int64_t wall_clock);

#endif
