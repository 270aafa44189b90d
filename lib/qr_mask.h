/* SPDX-License-Identifier: BSD-2-Clause */
/* Masks of QR codes, for lib/qr.c: what a module is, and which of its modules a mask inverts. */
#ifndef LIB_QR_MASK_H
#define LIB_QR_MASK_H

#include "lib/qr.h"

/* A module: its colour, and whether it belongs to a function pattern, which carries no data and is not masked. */
enum { QR_DARK = 1, QR_FUNCTION = 2 };

/* Inverts the data modules of this mask, 0 to 7 (table 10); doing it twice undoes it. */
void qr_mask_apply(struct qr *qr, uint32_t mask);
/* Table 11: lower is easier to read. */
uint32_t qr_mask_penalty(const struct qr *qr);

#endif
