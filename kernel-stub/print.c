/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text to the channels. */
#include <stdarg.h>
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/print.h"
#include "lib/format.h"

void print(const char *text, ...)
{
	char line[PRINT_MAX];
	va_list arguments;

	va_start(arguments, text);
	format_va(line, sizeof line, text, arguments);
	va_end(arguments);
	channels_write(line);
}
