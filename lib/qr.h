/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QR codes (ISO/IEC 18004:2015) of text: alphanumeric mode, error correction level M, versions 1 to 15, the smallest that fits.
 * Pure: writes into the caller's struct and nowhere else.
 *
 * An encoder of our own, because no packaged one can be linked into the loader.  Debian's libqrcodegen.a (14 KiB) is built with the
 * stack protector, which reads %fs:0x28 where page zero is not mapped, with SSE stores, and calls assert(), strlen() and strchr();
 * libqrencode is a shared library that allocates.  The unit test compares every module with libqrencode's.
 */
#ifndef LIB_QR_H
#define LIB_QR_H

#include <stdint.h>

enum {
	QR_VERSION_MAX = 15,
	QR_SIDE_MAX = 17 + 4 * QR_VERSION_MAX,
	QR_TEXT_MAX = 600, /* characters that version 15 holds */
	QR_MASK_COUNT = 8,
	QR_QUIET = 4,      /* light modules that must surround the code (§9.1) */
};

/* A code of side x side modules.  Read it with qr_dark(). */
struct qr {
	uint32_t side; /* modules */
	uint8_t modules[QR_SIDE_MAX * QR_SIDE_MAX];
};

/*
 * Encodes NUL-terminated text of the 45 characters 0-9 A-Z space $ % * + - . / : (§7.3.4).  Returns 0; -1 when the text holds another
 * character or more than QR_TEXT_MAX: then the code has no modules (side 0).  The mask is the one with the lowest penalty (§7.8.3).
 */
int qr_encode(struct qr *ret_qr, const char *text);
/* The same with the mask given (0 to 7); every reader reads any of them. */
int qr_encode_masked(struct qr *ret_qr, const char *text, uint32_t mask);
/* 1 when the module in this column and row is dark; 0 outside the code. */
int qr_dark(const struct qr *qr, uint32_t x, uint32_t y);

#endif
