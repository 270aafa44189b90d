/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader's own image: what a UEFI firmware that enforces memory protection demands of it (L13; Microsoft PE/COFF
 * specification; UEFI 2.10 §2.1.1).  pe_seal() sets what the linker and objcopy cannot, pe_check() fails the build when a
 * property is lost.  Pure: works on the bytes of a file; never loads an image.
 */
#ifndef LIB_PE_H
#define LIB_PE_H

#include <stdint.h>

enum { PE_SECTIONS_MAX = 16, PE_PAGE_BYTES = 4096 };

enum { PE_DOS_BYTES = 64, PE_DOS_PE_OFFSET = 60 }; /* the header at the file's beginning; where it says where the others are */

/* Where the fields stand: in the COFF header, ... */
enum {
	PE_COFF_BYTES = 20,
	PE_COFF_MACHINE = 0,
	PE_COFF_SECTION_COUNT = 2,
	PE_COFF_TIMESTAMP = 4,
	PE_COFF_SYMBOLS = 8,
	PE_COFF_SYMBOL_COUNT = 12,
	PE_COFF_OPTIONAL_BYTES = 16,
	PE_COFF_FLAGS = 18,
};
/* ...in the optional header of PE32+, ... */
enum {
	PE_OPTIONAL_MAGIC = 0,
	PE_OPTIONAL_CODE_BYTES = 4,
	PE_OPTIONAL_DATA_BYTES = 8,
	PE_OPTIONAL_BSS_BYTES = 12,
	PE_OPTIONAL_ENTRY = 16,
	PE_OPTIONAL_CODE_BASE = 20,
	PE_OPTIONAL_SECTION_ALIGN = 32,
	PE_OPTIONAL_FILE_ALIGN = 36,
	PE_OPTIONAL_IMAGE_BYTES = 56,
	PE_OPTIONAL_HEADERS_BYTES = 60,
	PE_OPTIONAL_CHECKSUM = 64,
	PE_OPTIONAL_SUBSYSTEM = 68,
	PE_OPTIONAL_DLL_FLAGS = 70,
	PE_OPTIONAL_DIRECTORY_COUNT = 108,
	PE_OPTIONAL_DIRECTORIES = 112, /* address and size, 4 bytes each */
};
enum { PE_DIRECTORY_CERTIFICATES = 4, PE_DIRECTORY_RELOC = 5, PE_DIRECTORIES_NEEDED = 6 };
/* ...and in a section header. */
enum {
	PE_SECTION_BYTES = 40,
	PE_SECTION_VIRT_BYTES = 8,
	PE_SECTION_VIRT = 12,
	PE_SECTION_FILE_BYTES = 16,
	PE_SECTION_FILE_OFFSET = 20,
	PE_SECTION_FLAGS = 36,
};

enum { PE_MACHINE_X86_64 = 0x8664, PE_MAGIC_PE32_PLUS = 0x20b, PE_SUBSYSTEM_EFI_APPLICATION = 10 };
enum { PE_FILE_RELOCS_STRIPPED = 0x1, PE_FILE_EXECUTABLE = 0x2, PE_FILE_LARGE_ADDRESS = 0x20 };
enum { PE_DLL_DYNAMIC_BASE = 0x40, PE_DLL_NX_COMPAT = 0x100 };
#define PE_SECTION_CODE UINT32_C(0x00000020)
#define PE_SECTION_DATA UINT32_C(0x00000040)
#define PE_SECTION_BSS UINT32_C(0x00000080)
#define PE_SECTION_DISCARDABLE UINT32_C(0x02000000)
#define PE_SECTION_EXECUTE UINT32_C(0x20000000)
#define PE_SECTION_READ UINT32_C(0x40000000)
#define PE_SECTION_WRITE UINT32_C(0x80000000)

/* One code per check, in the order of the checks. */
enum pe_status {
	PE_OK = 0,
	/* The file cannot be understood: */
	PE_TOO_SHORT,              /* smaller than a DOS header */
	PE_NOT_PE,                 /* no "MZ", or no "PE" where it points */
	PE_HEADERS_OUTSIDE_FILE,   /* optional header or section table reach outside the file */
	/* It can, but is not what it should be: */
	PE_WRONG_MACHINE,
	PE_NOT_PE32_PLUS,
	PE_OPTIONAL_HEADER_SHORT,  /* no room for the directories up to the relocations */
	PE_WRONG_SUBSYSTEM,
	PE_NOT_EXECUTABLE,
	PE_RELOCS_STRIPPED,        /* the header says that it cannot be moved */
	PE_TIMESTAMP,
	PE_SYMBOL_TABLE,
	PE_NO_NX_COMPAT,
	PE_BAD_SECTION_ALIGN,
	PE_BAD_FILE_ALIGN,
	PE_TOO_MANY_SECTIONS,      /* or none */
	PE_BAD_HEADERS_SIZE,
	PE_SECTION_UNKNOWN,
	PE_SECTION_TWICE,
	PE_SECTION_WX,
	PE_SECTION_PERMISSIONS,
	PE_SECTION_EMPTY,          /* VirtualSize 0 */
	PE_SECTION_OUTSIDE_IMAGE,
	PE_SECTION_OVERLAPS,       /* in memory, with what stands before it */
	PE_SECTION_GAP,            /* does not begin on the page after what stands before it */
	PE_SECTION_BSS_IN_FILE,    /* uninitialised, but has bytes in the file */
	PE_SECTION_OUTSIDE_FILE,
	PE_SECTION_FILE_OVERLAPS,  /* in the file, with what stands before it */
	PE_SECTION_FILE_GAP,       /* unused bytes before it in the file, or its size is misaligned */
	PE_SECTION_FILE_LARGER,    /* more bytes in the file than pages in memory */
	PE_BAD_IMAGE_SIZE,         /* SizeOfImage does not end with the last section */
	PE_TRAILING_BYTES,         /* bytes behind the last section that are not the signature */
	PE_BAD_FILE_SIZE,          /* no multiple of 8, which signing tools pad to (and hash) */
	PE_NO_TEXT,
	PE_ENTRY_OUTSIDE_TEXT,
	PE_NO_RELOC,               /* no .reloc section, or the directory does not name it */
	PE_BAD_RELOC,              /* malformed block, unknown type or target outside the sections */
	PE_RELOC_IN_TEXT,          /* a relocation would write into code or constants */
	PE_NO_SBAT,
	PE_BAD_SBAT,
	PE_BAD_CHECKSUM,
	PE_STATUS_COUNT,
};

/* What a failure is about, for the message. */
struct pe_fault {
	char section[9]; /* "" when it is about the whole file */
	uint64_t found;
	uint64_t expected; /* 0 when it says nothing */
};

struct pe_section {
	char name[9];
	uint32_t virt;         /* relative to the image base */
	uint32_t virt_bytes;
	uint32_t file_offset;
	uint32_t file_bytes;
	uint32_t flags;        /* PE_SECTION_... */
};

/* A file whose headers are known to be inside it.  Places are offsets in the file. */
struct pe_image {
	const uint8_t *file;
	uint64_t bytes;
	uint64_t coff;
	uint64_t optional;
	uint64_t sections;
	uint32_t section_count;
};

/* Finds the headers.  TOO_SHORT, NOT_PE, HEADERS_OUTSIDE_FILE. */
enum pe_status pe_open(const void *file, uint64_t bytes, struct pe_image *ret_image);
/* The section header with index < section_count. */
struct pe_section pe_section(const struct pe_image *image, uint32_t index);
/* The first section of this name: returns 1, or 0 when there is none. */
int pe_find(const struct pe_image *image, const char *name, struct pe_section *ret_section);
/* What a section of this name must have as flags; 0 for a name that a loader image does not use. */
uint32_t pe_section_flags(const char *name);
/* The bytes of a section that come from the file and are part of it in memory. */
uint32_t pe_section_content(const struct pe_section *section);
/* The CheckSum that the header should have. */
uint32_t pe_checksum(const struct pe_image *image);

/* All checks; the first that fails.  ret_fault is meaningful on failure only. */
enum pe_status pe_check(const void *file, uint64_t bytes, struct pe_fault *ret_fault);
/* The file ranges of the relocation blocks and the text of .sbat, as parts of pe_check(). */
enum pe_status pe_check_reloc(const struct pe_image *image, struct pe_fault *ret_fault);
enum pe_status pe_check_sbat(const struct pe_image *image, struct pe_fault *ret_fault);

/*
 * A part of pe_seal(): turns .rela, the linker's relocations, into .reloc in place; R_X86_64_NONE at 0 is passed over, and where there
 * is no other the section holds a block without entries.  Fine without such a section.
 * The headers up to the relocation directory must be in the file.  On failure the bytes may be half rewritten:
 * PE_BAD_RELOC (not the last section, not R_X86_64_RELATIVE, a target that is not stored or comes twice), PE_SECTION_TWICE (.reloc too),
 * PE_SECTION_OUTSIDE_FILE.
 */
enum pe_status pe_relocate(void *file, const struct pe_image *image, struct pe_fault *ret_fault);
/*
 * Takes the program for DOS and the directories behind the relocations' out of the headers, where the file gets smaller by it: returns
 * its new size.  Before pe_seal(), which sets the sizes and the checksum; a file that is no image stays as it is.
 */
uint64_t pe_trim_headers(void *file, uint64_t bytes);
/*
 * Turns the linker's relocations into the firmware's and rewrites headers in place: flags by section name, NX_COMPAT, sizes, no time, no symbols, no signature, checksum.  The
 * file then has *ret_bytes <= bytes bytes.  The same input gives the same output, and a sealed file is left as it is.
 * Fails, with bytes that are of no use, on a file that is no PE32+ image or has sections or relocations it does not know; says
 * nothing about all that pe_check() tests.
 */
enum pe_status pe_seal(void *file, uint64_t bytes, uint64_t *ret_bytes, struct pe_fault *ret_fault);

const char *pe_status_name(enum pe_status status); /* "section is writable and executable" */
const char *pe_status_help(enum pe_status status); /* what to do about it */

#endif
