/* SPDX-License-Identifier: BSD-2-Clause */
/* Colour for people: escape sequences when standard output is a terminal that wants them, else empty strings. */
#ifndef BATON_TERMINAL_H
#define BATON_TERMINAL_H

enum terminal_style { TERMINAL_PLAIN, TERMINAL_BOLD, TERMINAL_FAINT, TERMINAL_RED, TERMINAL_YELLOW, TERMINAL_GREEN };

/* What switches to a style.  Empty when NO_COLOR is set (no-color.org) or TERM is "dumb". */
const char *terminal_style(enum terminal_style style);

#endif
