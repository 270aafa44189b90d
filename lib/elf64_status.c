/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for what is wrong with a kernel file, the same in the loader's message and in `baton kernel check`: what was
 * found, and what the author of the kernel can do about it.  Rules here: constant text only, and short, because the loader carries it.
 */
#include "lib/elf64.h"
#include "lib/words.h"

/* In the order of enum elf64_status, two for each. */
static const char words[] =
	"fine\0nothing to do\0"
	"file too short for an ELF header\0copy it again\0"
	"not an ELF file\0give the linked kernel itself, not compressed\0"
	"not a 64-bit ELF file\0compile with -m64, link with -m elf_x86_64\0"
	"not little-endian\0build for x86-64\0"
	"unknown ELF version\0link it again\0"
	"built for another machine\0build for x86-64\0"
	"not an executable\0link it: objects have no addresses to load to\0"
	"ELF header or program header of unknown size\0link it again\0"
	"no program headers\0link with PHDRS, and do not strip them\0"
	"too many program headers\0name at most 128 in PHDRS\0"
	"program headers reach outside the file\0copy it again\0"
	"needs a dynamic linker or shared libraries\0link with -static, or -static-pie and --no-dynamic-linker\0"
	"has thread-local storage\0remove __thread variables\0"
	"too many loadable segments\0make at most 16 PT_LOAD\0"
	"segment reaches outside the file\0copy it again\0"
	"segment is larger in the file than in memory\0link it again\0"
	"segment's addresses wrap around or are not canonical\0link below 0x800000000000 or from 0xffff800000000000 up, clear of the last page\0"
	"segment's alignment is impossible\0p_align: a power of two up to 1 GiB to which p_offset and p_vaddr agree\0"
	"segment is writable and executable\0PHDRS: FLAGS(5) for .text, FLAGS(6) for .data and .bss\0"
	"segment is not readable\0add 4 (PF_R) to its FLAGS\0"
	"segments are not in ascending order\0order PHDRS and sections by address\0"
	"segments overlap\0put . = ALIGN(4096) between them\0"
	"segments share a page\0put . = ALIGN(4096) between them\0"
	"nothing to load\0put sections into a PT_LOAD segment\0"
	"segments lie too far apart\0keep them within 1 TiB, those of a PIE within 2 GiB\0"
	"segment at page zero\0link elsewhere: page zero catches null pointers\0"
	"entry point outside the code\0name a function of an executable segment in ENTRY()\0"
	"dynamic section is inconsistent\0keep .dynamic and .rela.dyn whole in a loaded segment, or link with -no-pie\0"
	"relocation other than R_X86_64_RELATIVE\0link with -static-pie -Bsymbolic -z nopack-relative-relocs, nothing undefined\0"
	"relocation outside the writable segments\0compile with -fpie; make .data.rel.ro and .got writable";

const char *elf64_status_name(enum elf64_status status)
{
	return (uint32_t)status < ELF64_STATUS_COUNT ? words_nth(words, sizeof(words), 2 * (uint64_t)status) : "unknown status";
}

const char *elf64_status_help(enum elf64_status status)
{
	return (uint32_t)status < ELF64_STATUS_COUNT ? words_nth(words, sizeof(words), 2 * (uint64_t)status + 1) : "";
}
