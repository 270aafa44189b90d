/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of the host tool's subcommands: one operand and a few flags, in any order. */
#ifndef BATON_OPTIONS_H
#define BATON_OPTIONS_H

enum { OPTION_JSON = 1, OPTION_STRICT = 2, OPTION_OUTPUT = 4 };

struct options {
	const char *file;   /* the operand; "-" is standard input */
	const char *output; /* -o FILE; NULL when absent */
	int json;
	int strict;
};

/* Reads argv[2...], what follows a subcommand's action.  Returns 0, or -1 when it is not one operand and allowed options. */
int options_read(int argc, char **argv, unsigned allowed, struct options *ret_options);

#endif
