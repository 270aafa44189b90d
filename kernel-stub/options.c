/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the command line that the kernel stub understands. */
#include "kernel-stub/options.h"
#include "lib/config.h"

int options_has(const char *cmdline, const char *word, const char *value)
{
	uint32_t bytes = 0;
	const char *found = cmdline ? config_option(cmdline, word, &bytes) : 0;

	if (!found)
		return 0;
	for (uint32_t i = 0; i < bytes; i++)
		if (value[i] != found[i]) /* the NUL of a shorter value ends the comparison */
			return 0;
	return value[bytes] == '\0';
}

/* Seconds of pages=, 0 for off. */
static uint32_t page_seconds(const char *cmdline)
{
	uint32_t bytes = 0, seconds = 0;
	const char *value = cmdline ? config_option(cmdline, "pages", &bytes) : 0;

	if (options_has(cmdline, "pages", "off"))
		return 0;
	for (uint32_t i = 0; value && i < bytes; i++) {
		if (value[i] < '0' || value[i] > '9' || seconds > PAGE_SECONDS_MAX)
			return PAGE_SECONDS;
		seconds = 10 * seconds + (uint32_t)(value[i] - '0');
	}
	return seconds >= 1 && seconds <= PAGE_SECONDS_MAX ? seconds : PAGE_SECONDS;
}

struct options options_read(const char *cmdline)
{
	struct options options = {.leave = LEAVE_POWER_OFF};

	if (options_has(cmdline, "exit", "qemu"))
		options.leave = LEAVE_QEMU;
	if (options_has(cmdline, "exit", "wait"))
		options.leave = LEAVE_WAIT;
	options.dump = options_has(cmdline, "dump", "");
	options.runtime = !options_has(cmdline, "runtime", "off");
	options.svam = !options_has(cmdline, "svam", "off");
	if (options_has(cmdline, "memcheck", "quick"))
		options.memory_check = MEMORY_CHECK_QUICK;
	if (options_has(cmdline, "memcheck", "off"))
		options.memory_check = MEMORY_CHECK_OFF;
	options.page_seconds = page_seconds(cmdline);
	options.strict = options_has(cmdline, "strict", "");
	return options;
}
