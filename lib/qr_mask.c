/* SPDX-License-Identifier: BSD-2-Clause */
/* The eight masks of a QR code and how hard each makes it to read (ISO/IEC 18004:2015 §7.8). */
#include "lib/qr_mask.h"

/* Table 10. */
static int mask_inverts(uint32_t mask, uint32_t x, uint32_t y)
{
	switch (mask) {
	case 0:
		return (x + y) % 2 == 0;
	case 1:
		return y % 2 == 0;
	case 2:
		return x % 3 == 0;
	case 3:
		return (x + y) % 3 == 0;
	case 4:
		return (x / 3 + y / 2) % 2 == 0;
	case 5:
		return x * y % 2 + x * y % 3 == 0;
	case 6:
		return (x * y % 2 + x * y % 3) % 2 == 0;
	default:
		return ((x + y) % 2 + x * y % 3) % 2 == 0;
	}
}

void qr_mask_apply(struct qr *qr, uint32_t mask)
{
	for (uint32_t y = 0; y < qr->side; y++)
		for (uint32_t x = 0; x < qr->side; x++)
			if (!(qr->modules[y * qr->side + x] & QR_FUNCTION) && mask_inverts(mask, x, y))
				qr->modules[y * qr->side + x] ^= QR_DARK;
}

/* Table 11 for one row or column: runs of five and more, and what looks like a finder pattern with four light modules beside it. */
static uint32_t line_penalty(const struct qr *qr, uint32_t line, int column)
{
	uint32_t penalty = 0, run = 0, last = 2, window = 0;

	for (uint32_t i = 0; i < qr->side; i++) {
		uint32_t dark = (uint32_t)(column ? qr_dark(qr, line, i) : qr_dark(qr, i, line));

		run = dark == last ? run + 1 : 1;
		last = dark;
		penalty += run == 5 ? 3 : run > 5 ? 1 : 0;
		window = (window << 1 | dark) & 0x7ff;
		if (i >= 10 && (window == 0x05d || window == 0x5d0))
			penalty += 40;
	}
	return penalty;
}

uint32_t qr_mask_penalty(const struct qr *qr)
{
	uint32_t penalty = 0, dark = 0, all = qr->side * qr->side, squares = 0;

	for (uint32_t y = 0; y < qr->side; y++) {
		penalty += line_penalty(qr, y, 0) + line_penalty(qr, y, 1);
		for (uint32_t x = 0; x < qr->side; x++) {
			int here = qr_dark(qr, x, y);

			dark += (uint32_t)here;
			if (x + 1 < qr->side && y + 1 < qr->side && qr_dark(qr, x + 1, y) == here && qr_dark(qr, x, y + 1) == here &&
			    qr_dark(qr, x + 1, y + 1) == here)
				squares++;
		}
	}
	/* Ten for each full five per cent off one half. */
	return penalty + 3 * squares + 10 * ((20 * dark > 10 * all ? 20 * dark - 10 * all : 10 * all - 20 * dark) / all);
}
