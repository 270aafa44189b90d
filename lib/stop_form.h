/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short form of a coded stop: what a person types from a photograph of a screen, "7QK2-9D0F-...".  Crockford's base32, in groups
 * of four; the last five characters are a checksum over the others, so that a slip of the finger is noticed.
 *
 * The bytes in it: 0x1n (form 1, n exit attempts, 15 for more), stop code, stage | place << 5, then details a to d up to the last that is
 * not zero.  A detail below 128 is one byte.  Any other begins with 0x80 | bytes that follow (0..8) | 0x10 when the bits above those
 * are ones | 0x20 when bit 63 is the opposite of what it says, for EFI error codes; its bytes follow, lowest first.
 */
#ifndef LIB_STOP_FORM_H
#define LIB_STOP_FORM_H

#include <stdint.h>

/* What detail c of an exception (the instruction) is. */
enum stop_place {
	STOP_PLACE_ADDRESS = 0, /* a virtual address */
	STOP_PLACE_LOADER = 1,  /* an offset from the start of the loader's image, as build/loader.so is linked */
	STOP_PLACE_KERNEL = 2,  /* an offset from the kernel's lowest virtual address */
};

struct stop_form {
	uint32_t code;     /* enum stop_code, up to 255 */
	uint32_t stage;    /* HANDOFF_STAGE_..., up to 31 */
	uint32_t attempts; /* ExitBootServices calls; 15 for more */
	uint32_t place;    /* enum stop_place */
	uint64_t detail[4];
};

/* 3 bytes and four details of 9 are 63 characters; 5 of the checksum; 16 hyphens; the NUL. */
enum { STOP_FORM_BYTES = 3 + 4 * 9, STOP_FORM_TEXT = 88 };

enum stop_form_status {
	STOP_FORM_OK = 0,
	STOP_FORM_BAD_CHARACTER, /* none of 0-9 A-Z, blank and hyphen; or U, which is not used */
	STOP_FORM_BAD_LENGTH,    /* too few or too many characters for any short form */
	STOP_FORM_BAD_CHECK,     /* the checksum does not fit */
	STOP_FORM_BAD_CONTENT,   /* the checksum fits, but it is another form, or ends early */
};

/* Writes the NUL-terminated short form; values too large for their place are cut as the struct says. */
void stop_form_write(char text[STOP_FORM_TEXT], const struct stop_form *form);
/* Reads it: upper or lower case, O as 0, I and L as 1; blanks and hyphens anywhere.  *ret_form is untouched on failure. */
enum stop_form_status stop_form_read(const char *text, struct stop_form *ret_form);

#endif
