/* SPDX-License-Identifier: BSD-2-Clause */
/* A handoff block from a file of its own or from a serial capture that holds its dump. */
#ifndef BATON_CAPTURE_H
#define BATON_CAPTURE_H

#include <stdint.h>
#include "lib/handoff.h"
#include "tools/baton/file.h"

struct capture {
	const char *name;             /* of the file, for messages */
	struct handoff_header *block; /* 8-byte aligned; nothing of it has been checked but its magic */
	uint64_t bytes;
};

/*
 * Reads a file, or standard input when path is "-": a block begins with its magic, anything else must hold lines of a dump
 * (lib/dump.h).  Of several dumps the last complete one is taken.  Returns 0, or -1 after a message that says at which line a
 * damaged dump broke off and how much was understood.  Free with capture_free().
 */
int capture_read(const char *path, struct capture *ret_capture);
/* The same of a file that has been read already, whose bytes it takes over whatever the result. */
int capture_take(struct file *file, struct capture *ret_capture);
void capture_free(struct capture *capture);

#endif
