/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for what is wrong with a kernel file, the same in the loader's message and in `baton kernel check`: what was
 * found, and what the author of the kernel can do about it.  Rules here: constant text only.
 */
#include "lib/elf64.h"

static const struct {
	const char *name;
	const char *help;
} words[ELF64_STATUS_COUNT] = {
	[ELF64_OK] = {"fine", "nothing to do"},
	[ELF64_TOO_SHORT] = {"file too short for an ELF header", "the file is empty or truncated: copy it again"},
	[ELF64_BAD_MAGIC] = {"not an ELF file", "give the linked kernel itself: not compressed, no disk image, no PE file"},
	[ELF64_NOT_64_BIT] = {"not a 64-bit ELF file", "compile with -m64 and link with -m elf_x86_64"},
	[ELF64_NOT_LITTLE_ENDIAN] = {"not little-endian", "build for x86-64"},
	[ELF64_BAD_VERSION] = {"unknown ELF version", "the file is damaged: link it again"},
	[ELF64_WRONG_MACHINE] = {"built for another machine", "build for x86-64 (EM_X86_64)"},
	[ELF64_NOT_EXECUTABLE] = {"not an executable",
				  "link it: an object file (ET_REL) or core file has no addresses to load to"},
	[ELF64_BAD_HEADER_SIZE] = {"ELF header or program header of unknown size", "the file is damaged: link it again"},
	[ELF64_NO_PROGRAM_HEADERS] = {"no program headers",
				      "link with a script that has PHDRS or leaves them to the linker; do not strip them"},
	[ELF64_TOO_MANY_PROGRAM_HEADERS] = {"too many program headers", "name at most 128 in PHDRS of the linker script"},
	[ELF64_HEADERS_OUTSIDE_FILE] = {"program headers reach outside the file", "the file is truncated: copy it again"},
	[ELF64_INTERPRETER] = {"needs a dynamic linker or shared libraries",
			       "link statically: -static, or -static-pie with --no-dynamic-linker"},
	[ELF64_TLS] = {"has thread-local storage", "a kernel is entered without threads: remove __thread variables"},
	[ELF64_TOO_MANY_SEGMENTS] = {"too many loadable segments", "collect the sections in at most 16 PT_LOAD segments"},
	[ELF64_SEGMENT_OUTSIDE_FILE] = {"segment reaches outside the file", "the file is truncated: copy it again"},
	[ELF64_SEGMENT_FILE_LARGER] = {"segment is larger in the file than in memory", "the file is damaged: link it again"},
	[ELF64_SEGMENT_WRAPS] = {"segment's addresses wrap around or are not canonical",
				 "link below 0x800000000000 or from 0xffff800000000000 up, clear of the last page"},
	[ELF64_SEGMENT_BAD_ALIGN] = {"segment's alignment is impossible",
				     "p_align must be a power of two up to 1 GiB to which p_offset and p_vaddr agree"},
	[ELF64_SEGMENT_WX] = {"segment is writable and executable",
			      "give code and data PHDRS of their own: FLAGS(5) for .text, FLAGS(6) for .data and .bss"},
	[ELF64_SEGMENT_NOT_READABLE] = {"segment is not readable", "add 4 (PF_R) to its FLAGS in the linker script"},
	[ELF64_SEGMENTS_UNSORTED] = {"segments are not in ascending order", "order PHDRS and sections by address"},
	[ELF64_SEGMENTS_OVERLAP] = {"segments overlap", "move the location counter on between segments: . = ALIGN(4096)"},
	[ELF64_SEGMENTS_SHARE_PAGE] = {"segments share a page",
				       "put . = ALIGN(4096) between segments: a page has one set of permissions"},
	[ELF64_NO_SEGMENTS] = {"nothing to load", "the linker script puts no section into a PT_LOAD segment"},
	[ELF64_SPAN_TOO_LARGE] = {"segments lie too far apart",
				  "keep all of them within 1 TiB, those of a position-independent kernel within 2 GiB"},
	[ELF64_PAGE_ZERO] = {"segment at page zero", "link elsewhere: page zero stays unmapped to catch null pointers"},
	[ELF64_ENTRY_OUTSIDE_TEXT] = {"entry point outside the code",
				      "name a function of an executable segment in ENTRY() of the linker script"},
	[ELF64_BAD_DYNAMIC] = {"dynamic section is inconsistent",
			       "keep .dynamic and .rela.dyn whole in a loaded segment, or link with -no-pie"},
	[ELF64_UNKNOWN_RELOCATION] = {"relocation other than R_X86_64_RELATIVE",
				      "link with -static-pie -Bsymbolic -z nopack-relative-relocs and no undefined symbols"},
	[ELF64_RELOCATION_OUTSIDE] = {"relocation outside the writable segments",
				      "compile with -fpie; put .data.rel.ro and .got into a writable segment"},
};

const char *elf64_status_name(enum elf64_status status)
{
	return (uint32_t)status < ELF64_STATUS_COUNT ? words[status].name : "unknown status";
}

const char *elf64_status_help(enum elf64_status status)
{
	return (uint32_t)status < ELF64_STATUS_COUNT ? words[status].help : "";
}
