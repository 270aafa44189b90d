/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory maps as people have them, in text: logs, bug reports, screen captures.  Each is read back into EFI descriptors, in
 * the order of the text, so that the same code judges it as judges a live map.  The form is recognised by the content.  Text
 * may be UTF-8 or, as the UEFI shell writes files, UTF-16 with a byte order mark; lines may carry time stamps, journal
 * prefixes and terminal escape sequences.  Pure; every input is hostile.
 */
#ifndef LIB_MEMORY_IMPORT_H
#define LIB_MEMORY_IMPORT_H

#include <stdint.h>
#include "lib/handoff.h"

enum memory_import_form {
	MEMORY_IMPORT_NONE = 0,
	MEMORY_IMPORT_CORPUS,  /* index type 0xstart pages 0xattribute, as in test/maps */
	MEMORY_IMPORT_LINUX,   /* efi: memNN: [Boot Data|...] range=[0x...-0x...], or type=4, attr=0xf, range=[...), or without index */
	MEMORY_IMPORT_XEN,     /* (XEN) 0000000000000-0000000000fff type=3 attr=000000000000000f */
	MEMORY_IMPORT_SHELL,   /* memmap of the UEFI shell, also of EFI 1.x, also with -sfo */
	MEMORY_IMPORT_GRUB,    /* lsefimmap */
	MEMORY_IMPORT_FREEBSD, /* boot -v, memmap of the loader, sysctl machdep.efi_map */
	MEMORY_IMPORT_E820,    /* BIOS-e820: of Linux: a secondary source, used when there is nothing better */
	MEMORY_IMPORT_FORM_COUNT,
};

enum memory_import_status {
	MEMORY_IMPORT_OK = 0,
	MEMORY_IMPORT_UNKNOWN, /* no line of any known form */
	MEMORY_IMPORT_FULL,    /* more descriptors than the buffer holds; those before are there */
};

/* What the text could not say, with the number of the line (from 1).  Texts are constant, lower case, no full stop. */


struct memory_import {
	struct handoff_raw_descriptor *descriptors; /* the caller's buffer */
	uint64_t capacity;                          /* entries; the number of lines always suffices */
	/* What could not be understood, with the number of the line (from 1); the text is constant.  May be NULL. */
	void (*problem)(void *context, uint64_t line, const char *text);
	void *context;
	/* Results. */
	uint64_t count;                             /* descriptors understood */
	uint64_t problem_count;
	enum memory_import_form form;
};

/* Reads the text; the results are set whatever the status. */
enum memory_import_status memory_import_text(struct memory_import *import, const void *text, uint64_t bytes);

/* Lines in the text: what capacity must be at most. */
uint64_t memory_import_lines(const void *text, uint64_t bytes);

const char *memory_import_form_name(enum memory_import_form form); /* "Linux kernel log", ... */
const char *memory_import_status_name(enum memory_import_status status);

#endif
