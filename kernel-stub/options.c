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
	options.strict = options_has(cmdline, "strict", "");
	return options;
}
