/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing and reading the short form of a coded stop; the layout stands in the header. */
#include "lib/stop_form.h"
#include "lib/freestanding/memory.h"

enum { FORM = 1, GROUP = 4, CHECK_CHARACTERS = 5, CHARACTER_BITS = 5, CHARACTERS_MAX = (8 * STOP_FORM_BYTES + 4) / 5 + CHECK_CHARACTERS };
enum { LARGE = 0x80, OPPOSITE = 0x20, ONES = 0x10, LENGTH = 0x0f };

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* CRC-24 of RFC 4880 §6.1: notices every change of up to three characters side by side or of any single one. */
static uint32_t check_of(const uint8_t *bytes, uint32_t count)
{
	uint32_t crc = 0xb704ce;

	for (uint32_t i = 0; i < count; i++) {
		crc ^= (uint32_t)bytes[i] << 16;
		for (uint32_t bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc >> 23 & 1) * 0x864cfb) & 0xffffff;
	}
	return crc;
}

/* --- writing ----------------------------------------------------------------------------------------------------------- */

static uint32_t put_detail(uint8_t *bytes, uint64_t value)
{
	uint32_t tag = LARGE, count = 0;
	uint64_t fill;

	if (value < LARGE) {
		bytes[0] = (uint8_t)value;
		return 1;
	}
	/* An EFI error, not an address of the upper half. */
	if ((value >> 62 & 3) == 2 && (value << 1 >> 1) < UINT32_MAX) {
		tag |= OPPOSITE;
		value ^= UINT64_C(1) << 63;
	}
	fill = value >> 63 ? UINT64_MAX : 0;
	tag |= fill ? ONES : 0;
	while (count < 8 && (value >> 8 * count) != fill >> 8 * count) {
		bytes[1 + count] = (uint8_t)(value >> 8 * count);
		count++;
	}
	bytes[0] = (uint8_t)(tag | count);
	return 1 + count;
}

static uint32_t put_all(uint8_t bytes[STOP_FORM_BYTES], const struct stop_form *form)
{
	uint32_t count = 3, details = 4;

	bytes[0] = (uint8_t)(FORM << 4 | (form->attempts < 15 ? form->attempts : 15));
	bytes[1] = (uint8_t)form->code;
	bytes[2] = (uint8_t)((form->stage < 31 ? form->stage : 31) | form->place << 5);
	while (details > 0 && form->detail[details - 1] == 0)
		details--;
	for (uint32_t i = 0; i < details; i++)
		count += put_detail(bytes + count, form->detail[i]);
	return count;
}

/* Characters with a hyphen before each group but the first. */
struct typed {
	char *text;
	uint32_t count, length;
};

static void put_character(struct typed *typed, uint32_t value)
{
	if (typed->count > 0 && typed->count % GROUP == 0)
		typed->text[typed->length++] = '-';
	typed->text[typed->length++] = digits[value & 31];
	typed->count++;
}

void stop_form_write(char text[STOP_FORM_TEXT], const struct stop_form *form)
{
	uint8_t bytes[STOP_FORM_BYTES + 1] = { 0 };
	struct typed typed = { .text = text };
	uint32_t count = put_all(bytes, form), check = check_of(bytes, count);

	for (uint32_t bit = 0; bit < 8 * count; bit += CHARACTER_BITS)
		put_character(&typed, (uint32_t)(bytes[bit / 8] << 8 | bytes[bit / 8 + 1]) >> (11 - bit % 8));
	for (uint32_t i = CHECK_CHARACTERS; i-- > 0;)
		put_character(&typed, check >> CHARACTER_BITS * i);
	text[typed.length] = '\0';
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static int value_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	for (int i = 0; i < 32; i++)
		if (digits[i] == c)
			return i;
	return -1;
}

/* The values of the characters; their number goes to *ret_count. */
static enum stop_form_status get_characters(const char *text, uint8_t values[CHARACTERS_MAX], uint32_t *ret_count)
{
	uint32_t count = 0;

	for (; *text != '\0'; text++) {
		int value = value_of(*text);

		if (*text == '-' || *text == ' ')
			continue;
		if (value < 0)
			return STOP_FORM_BAD_CHARACTER;
		if (count == CHARACTERS_MAX)
			return STOP_FORM_BAD_LENGTH;
		values[count++] = (uint8_t)value;
	}
	*ret_count = count;
	return STOP_FORM_OK;
}

/* Returns the bytes taken, or 0 when the detail is not as put_detail() writes it. */
static uint32_t get_detail(const uint8_t *bytes, uint32_t count, uint64_t *ret_value)
{
	uint32_t tag = bytes[0], length = tag & LENGTH;
	uint64_t value = tag & ONES ? UINT64_MAX : 0;
	uint8_t again[9] = { 0 };

	if (tag < LARGE) {
		*ret_value = tag;
		return 1;
	}
	if (length > 8 || length + 1 > count)
		return 0;
	for (uint32_t i = 0; i < length; i++)
		value = (value & ~(UINT64_C(0xff) << 8 * i)) | (uint64_t)bytes[1 + i] << 8 * i;
	if (tag & OPPOSITE)
		value ^= UINT64_C(1) << 63;
	if (put_detail(again, value) != length + 1 || memcmp(again, bytes, length + 1) != 0)
		return 0;
	*ret_value = value;
	return length + 1;
}

static enum stop_form_status get_all(const uint8_t *bytes, uint32_t count, struct stop_form *ret_form)
{
	struct stop_form form = { 0 };
	uint32_t at = 3, taken;

	if (bytes[0] >> 4 != FORM)
		return STOP_FORM_BAD_CONTENT;
	form.attempts = bytes[0] & 15;
	form.code = bytes[1];
	form.stage = bytes[2] & 31;
	form.place = bytes[2] >> 5;
	for (uint32_t i = 0; at < count; i++) {
		taken = i < 4 ? get_detail(bytes + at, count - at, &form.detail[i]) : 0;
		if (taken == 0)
			return STOP_FORM_BAD_CONTENT;
		at += taken;
	}
	*ret_form = form;
	return STOP_FORM_OK;
}

enum stop_form_status stop_form_read(const char *text, struct stop_form *ret_form)
{
	uint8_t values[CHARACTERS_MAX], bytes[STOP_FORM_BYTES + 1] = { 0 };
	uint32_t count = 0, bytes_count, check = 0;
	enum stop_form_status status = get_characters(text, values, &count);

	if (status != STOP_FORM_OK)
		return status;
	if (count < CHECK_CHARACTERS + 5)
		return STOP_FORM_BAD_LENGTH;
	count -= CHECK_CHARACTERS;
	bytes_count = count * CHARACTER_BITS / 8;
	/* The padding is less than a character, and zero. */
	if ((8 * bytes_count + CHARACTER_BITS - 1) / CHARACTER_BITS != count)
		return STOP_FORM_BAD_LENGTH;
	for (uint32_t bit = 0; bit < CHARACTER_BITS * count; bit++)
		bytes[bit / 8] |= (uint8_t)((values[bit / CHARACTER_BITS] >> (4 - bit % CHARACTER_BITS) & 1) << (7 - bit % 8));
	for (uint32_t i = 0; i < CHECK_CHARACTERS; i++)
		check = check << CHARACTER_BITS | values[count + i];
	if (check != check_of(bytes, bytes_count) || bytes[bytes_count] != 0)
		return STOP_FORM_BAD_CHECK;
	return get_all(bytes, bytes_count, ret_form);
}
