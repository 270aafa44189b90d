/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text to the channels, or to whoever has asked for it. */
#include <stdarg.h>
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/print.h"
#include "lib/format.h"

static void (*taker)(void *context, const char *text);
static void *taker_context;

void print_to(void (*write)(void *context, const char *text), void *context)
{
	taker = write;
	taker_context = context;
}

void print(const char *text, ...)
{
	char line[PRINT_MAX];
	va_list arguments;

	va_start(arguments, text);
	format_va(line, sizeof line, text, arguments);
	va_end(arguments);
	if (taker)
		taker(taker_context, line);
	else
		channels_write(line);
}
