/* SPDX-License-Identifier: BSD-2-Clause */
/* The numbers of the ELF64 format that Baton needs (System V gABI chapters 4 and 5, x86-64 psABI 4.4). */
#ifndef LIB_ELF64_FORMAT_H
#define LIB_ELF64_FORMAT_H

/* Offsets in the ELF header... */
enum {
	ELF64_E_CLASS = 4,    /* 1 byte */
	ELF64_E_DATA = 5,     /* 1 byte */
	ELF64_E_IDENT_VERSION = 6, /* 1 byte */
	ELF64_E_TYPE = 16,    /* 2 bytes */
	ELF64_E_MACHINE = 18, /* 2 bytes */
	ELF64_E_VERSION = 20, /* 4 bytes */
	ELF64_E_ENTRY = 24,   /* 8 bytes */
	ELF64_E_PHOFF = 32,   /* 8 bytes */
	ELF64_E_EHSIZE = 52,  /* 2 bytes */
	ELF64_E_PHENTSIZE = 54, /* 2 bytes */
	ELF64_E_PHNUM = 56,   /* 2 bytes; 0xffff (PN_XNUM): the number stands elsewhere */
};
/* ...in a program header... */
enum {
	ELF64_P_TYPE = 0,    /* 4 bytes */
	ELF64_P_FLAGS = 4,   /* 4 bytes */
	ELF64_P_OFFSET = 8,  /* 8 bytes, as are all that follow */
	ELF64_P_VADDR = 16,
	ELF64_P_FILESZ = 32,
	ELF64_P_MEMSZ = 40,
	ELF64_P_ALIGN = 48,
};
/* ...in an entry of the dynamic section... */
enum { ELF64_D_TAG = 0, ELF64_D_VALUE = 8, ELF64_D_BYTES = 16 };
/* ...and in a relocation with addend. */
enum { ELF64_R_OFFSET = 0, ELF64_R_INFO = 8, ELF64_R_ADDEND = 16, ELF64_RELA_BYTES = 24 };

enum { ELF64_CLASS_64 = 2, ELF64_DATA_LITTLE = 1, ELF64_VERSION_CURRENT = 1 };
enum { ELF64_TYPE_EXEC = 2, ELF64_TYPE_DYN = 3, ELF64_MACHINE_X86_64 = 62 };
enum { ELF64_PT_LOAD = 1, ELF64_PT_DYNAMIC = 2, ELF64_PT_INTERP = 3, ELF64_PT_TLS = 7 };
enum { ELF64_PF_X = 1, ELF64_PF_W = 2, ELF64_PF_R = 4 };
enum {
	ELF64_DT_NULL = 0,
	ELF64_DT_NEEDED = 1,
	ELF64_DT_PLTRELSZ = 2,
	ELF64_DT_RELA = 7,
	ELF64_DT_RELASZ = 8,
	ELF64_DT_RELAENT = 9,
	ELF64_DT_RELSZ = 18,
	ELF64_DT_RELRSZ = 35,
};
enum { ELF64_R_X86_64_NONE = 0, ELF64_R_X86_64_RELATIVE = 8 };

#endif
