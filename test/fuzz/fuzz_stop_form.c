/* SPDX-License-Identifier: BSD-2-Clause */
/* What somebody types as a coded stop's short form: what is accepted is written back as it was typed, but for case and separators. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/qr.h"
#include "lib/stop_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Any short form can be drawn: all its characters are of the QR code's mode. */
static void draw(const char *text)
{
	static struct qr qr;

	if (qr_encode_masked(&qr, text, 0) != 0 || qr.side == 0)
		abort();
}

static void write_and_read(const struct stop_form *form)
{
	struct stop_form again;
	char text[STOP_FORM_TEXT];

	stop_form_write(text, form);
	if (strlen(text) >= STOP_FORM_TEXT || stop_form_read(text, &again) != STOP_FORM_OK || memcmp(&again, form, sizeof(again)) != 0)
		abort();
	draw(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = malloc(bytes + 1);
	struct stop_form form = { .code = 9, .stage = 12, .attempts = 1, .place = bytes % 3 };

	if (text == NULL)
		return 0;
	memcpy(text, data, bytes);
	text[bytes] = '\0';
	if (stop_form_read(text, &form) == STOP_FORM_OK)
		write_and_read(&form);
	/* The same bytes as details. */
	memcpy(form.detail, data, bytes < sizeof(form.detail) ? bytes : sizeof(form.detail));
	write_and_read(&form);
	free(text);
	return 0;
}
