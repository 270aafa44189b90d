/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the command line of a subcommand.  Rules here: anything that is not understood is wrong usage. */
#include <string.h>
#include "tools/baton/options.h"

/* Takes in one option that has no value; returns 0 when it is none of the allowed. */
static int take_flag(const char *argument, unsigned allowed, struct options *options)
{
	if ((allowed & OPTION_JSON) && strcmp(argument, "--json") == 0)
		options->json = 1;
	else if ((allowed & OPTION_STRICT) && strcmp(argument, "--strict") == 0)
		options->strict = 1;
	else
		return 0;
	return 1;
}

int options_read(int argc, char **argv, unsigned allowed, struct options *ret_options)
{
	struct options options = {0};
	int operands_only = 0;

	for (int i = 2; i < argc; i++) {
		if (operands_only || argv[i][0] != '-' || argv[i][1] == '\0') {
			if (options.file)
				return -1;
			options.file = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			operands_only = 1;
		} else if ((allowed & OPTION_OUTPUT) && strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
			options.output = argv[++i];
		} else if (!take_flag(argv[i], allowed, &options)) {
			return -1;
		}
	}
	if (!options.file)
		return -1;
	*ret_options = options;
	return 0;
}
