/* SPDX-License-Identifier: BSD-2-Clause */
/* The host tool's subcommands.  Each gets its own arguments, argv[0] being its name, and returns the exit code. */
#ifndef BATON_H
#define BATON_H

enum {
	BATON_FINE = 0,
	BATON_FINDING = 1,  /* understood, and something is wrong with it */
	BATON_UNUSABLE = 2, /* unreadable or not understood, or wrong usage */
};

int baton_checksum(int argc, char **argv);
int baton_handoff(int argc, char **argv);
int baton_kernel(int argc, char **argv);
int baton_map(int argc, char **argv);
int baton_pe(int argc, char **argv);
int baton_stop(int argc, char **argv);

/* Prints help to stdout and returns BATON_FINE when the arguments ask for it, else returns -1. */
int baton_help(int argc, char **argv, const char *help);
/* Prints "baton NAME: wrong usage" and where help is to be had; returns BATON_UNUSABLE. */
int baton_usage(const char *name);

#endif
