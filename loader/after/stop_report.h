/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is to say about a coded stop, gathered once for all channels. */
#ifndef LOADER_AFTER_STOP_REPORT_H
#define LOADER_AFTER_STOP_REPORT_H

#include <stdint.h>
#include "lib/stop_form.h"
#include "loader/after/after.h"
#include "loader/after/stop.h"

enum { STOP_PLACE_BYTES = 64, STOP_LINE_BYTES = 256, STOP_CODE_BYTES = 600 };

struct stop_report {
	struct stop_form form;                  /* code, stage, attempts, details */
	char short_form[STOP_FORM_TEXT];
	const struct stop_exception *exception; /* NULL: none */
	char place[STOP_PLACE_BYTES];           /* of the instruction: "memcpy+0x5 (loader+0x1234)", "kernel+0x10", "0x..." */
};

/* exception: NULL, or what has struck. */
void stop_report_fill(struct stop_report *ret_report, const struct after *after, enum stop_code code,
		      const struct stop_detail *detail, const struct stop_exception *exception);
/* The lines for programs but the first, in their order; returns 0 behind the last one. */
int stop_report_line(char line[STOP_LINE_BYTES], const struct stop_report *report, uint32_t number);
/* The text of the QR code: the short form, then the same in words of capital letters; registers that are zero are left out. */
void stop_report_code(char text[STOP_CODE_BYTES], const struct stop_report *report);

#endif
