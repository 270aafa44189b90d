/* SPDX-License-Identifier: BSD-2-Clause */
/* `baton checksum`: lines for baton.conf, which have the loader refuse a file that does not hold the same bytes as here. */
#include <stdio.h>
#include <string.h>
#include "lib/crc32c.h"
#include "lib/sha256.h"
#include "tools/baton/baton.h"
#include "tools/baton/file.h"

static const char help[] =
	"usage: baton checksum [--sha256] FILE...\n"
	"\n"
	"Prints for each FILE (- is standard input) a line `crc32c = HEX8 FILE`, or with --sha256 `sha256 = HEX64 FILE`.  In\n"
	"\\baton\\baton.conf, with the file's path on the volume in the place of FILE, it has the loader refuse a kernel, module or\n"
	"command line file that differs.  Without a path, as the first line of baton.conf, it covers the rest of that file.\n"
	"CRC-32C finds what a failing disk does, at the speed of memory; SHA-256 also what somebody does on purpose, provided\n"
	"that baton.conf itself is out of their reach.\n"
	"\n"
	"Exit codes: 0 fine, 2 a FILE cannot be read, or wrong usage.\n";

static void print_crc32c(const struct file *file)
{
	printf("crc32c = %08x", crc32c(0, file->bytes, file->count));
}

static void print_sha256(const struct file *file)
{
	struct sha256 sha;
	uint8_t digest[SHA256_BYTES];

	sha256_begin(&sha);
	sha256_add(&sha, file->bytes, file->count);
	sha256_end(&sha, digest);
	printf("sha256 = ");
	for (int i = 0; i < SHA256_BYTES; i++)
		printf("%02x", digest[i]);
}

int baton_checksum(int argc, char **argv)
{
	int code = baton_help(argc, argv, help), first = 1, strong = 0;

	if (code >= 0)
		return code;
	if (argc > 1 && strcmp(argv[1], "--sha256") == 0)
		strong = first++;
	if (first == argc || (argv[first][0] == '-' && argv[first][1] == '-'))
		return baton_usage("checksum");
	for (int i = first; i < argc; i++) {
		struct file file;

		if (file_read(argv[i], &file) < 0)
			return BATON_UNUSABLE;
		if (strong)
			print_sha256(&file);
		else
			print_crc32c(&file);
		printf(" %s\n", argv[i]);
		file_free(&file);
	}
	return BATON_FINE;
}
