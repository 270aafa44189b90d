/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `baton pe`: the last step of linking the loader, and the check that fails the build when its image loses a property
 * (L13).  The work is done in lib/pe*.c; this file reads, prints and writes.
 */
#include <stdio.h>
#include <string.h>
#include "lib/format.h"
#include "lib/pe.h"
#include "tools/baton/baton.h"
#include "tools/baton/file.h"

static const char help[] =
	"usage: baton pe seal FILE\n"
	"       baton pe check FILE\n"
	"\n"
	"seal   does to FILE, which objcopy wrote, what objcopy cannot: the linker's relocations (.rela) become the\n"
	"       firmware's (.reloc); section flags by name, NX_COMPAT, sizes, no time stamp, no symbol table, checksum.\n"
	"       Sealing twice changes nothing.  A signature is removed.\n"
	"check  tells whether FILE is what a UEFI firmware with memory protection and shim want: PE32+ EFI\n"
	"       application for x86-64; sections .text .rodata .data .bss .reloc .sbat with their flags, 4 KiB apart,\n"
	"       side by side, none writable and executable; NX_COMPAT; sizes; entry in .text; relocations; .sbat;\n"
	"       checksum.\n"
	"       FILE may be - for standard input.\n"
	"\n"
	"Exit codes: 0 fine, 1 a check failed, 2 FILE cannot be read or is no PE file, or wrong usage.\n";

static int print_fault(const char *name, enum pe_status status, const struct pe_fault *fault)
{
	fprintf(stderr, "%s: ", name);
	if (fault->section[0])
		fprintf(stderr, "section %s: ", fault->section);
	fprintf(stderr, "%s (%s 0x%lx", pe_status_name(status), status == PE_BAD_SBAT ? "line" : "found", fault->found);
	if (fault->expected)
		fprintf(stderr, ", expected 0x%lx", fault->expected);
	fprintf(stderr, ")\n  %s\n", pe_status_help(status));
	return status <= PE_HEADERS_OUTSIDE_FILE ? BATON_UNUSABLE : BATON_FINDING;
}

static int check(const char *path)
{
	struct file file;
	struct pe_fault fault;
	enum pe_status status;
	char size[16];
	int code = BATON_FINE;

	if (file_read(path, &file) < 0)
		return BATON_UNUSABLE;
	status = pe_check(file.bytes, file.count, &fault);
	if (status != PE_OK)
		code = print_fault(file.name, status, &fault);
	else
		printf("%s: a sound EFI image, %s\n", file.name, format_bytes(size, file.count));
	file_free(&file);
	return code;
}

static int seal(const char *path)
{
	struct file file;
	struct pe_fault fault;
	enum pe_status status;
	uint64_t bytes;
	int code = BATON_FINE;

	if (file_read(path, &file) < 0)
		return BATON_UNUSABLE;
	status = pe_seal(file.bytes, pe_trim_headers(file.bytes, file.count), &bytes, &fault);
	if (status != PE_OK)
		code = print_fault(file.name, status, &fault);
	else if (file_write(path, file.bytes, bytes) < 0)
		code = BATON_UNUSABLE;
	file_free(&file);
	return code;
}

int baton_pe(int argc, char **argv)
{
	int code = baton_help(argc, argv, help);

	if (code >= 0)
		return code;
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return check(argv[2]);
	if (argc == 3 && strcmp(argv[1], "seal") == 0)
		return seal(argv[2]);
	return baton_usage("pe");
}
