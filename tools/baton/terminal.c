/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether to colour, and with what (ECMA-48 8.3.117).  Rules here: never in a pipe or file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/baton/terminal.h"

static int wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]) && terminal && strcmp(terminal, "dumb") != 0;
}

const char *terminal_style(enum terminal_style style)
{
	static const char *const sequences[] = {
		[TERMINAL_PLAIN] = "\033[0m", [TERMINAL_BOLD] = "\033[1m",    [TERMINAL_FAINT] = "\033[2m",
		[TERMINAL_RED] = "\033[31m",  [TERMINAL_YELLOW] = "\033[33m", [TERMINAL_GREEN] = "\033[32m",
	};

	return wants_colour() ? sequences[style] : "";
}
