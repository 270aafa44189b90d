/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted text for the loader's log, the kernel's report and the host tool: one implementation, so that a message
 * reads the same in all worlds.  Rules here: pure; never writes outside the caller's buffer; a directive that is not
 * understood is copied as it stands.
 */
#include "lib/format.h"

/* Where the text goes.  length goes on counting when the buffer is full. */
struct sink {
	char *buffer;
	uint64_t bytes;
	uint64_t length;
};

/* One directive between % and its conversion letter. */
struct directive {
	uint32_t width;
	uint32_t precision; /* of %s */
	int zero, left, has_precision, wide;
	char conversion;
};

enum { WIDTH_MAX = 4096, DIGITS_MAX = 20 };

static void put(struct sink *sink, char c)
{
	/* The last byte is kept for the NUL. */
	if (sink->length + 1 < sink->bytes)
		sink->buffer[sink->length] = c;
	sink->length++;
}

static void put_padding(struct sink *sink, char c, uint32_t width, uint32_t used)
{
	for (uint32_t i = used; i < width; i++)
		put(sink, c);
}

static void put_text(struct sink *sink, const struct directive *directive, const char *text)
{
	uint32_t length = 0;

	if (!text)
		text = "(null)";
	/* With a precision the text need not end with a NUL. */
	while (!(directive->has_precision && length >= directive->precision) && text[length])
		length++;
	if (!directive->left)
		put_padding(sink, ' ', directive->width, length);
	for (uint32_t i = 0; i < length; i++)
		put(sink, text[i]);
	if (directive->left)
		put_padding(sink, ' ', directive->width, length);
}

static void put_number(struct sink *sink, const struct directive *directive, uint64_t value, int negative)
{
	uint32_t base = directive->conversion == 'x' || directive->conversion == 'X' ? 16 : 10;
	/* In ASCII this bit makes small letters of capitals, and is set in every digit. */
	char small = directive->conversion == 'X' ? 0 : 'a' - 'A';
	char digits[DIGITS_MAX];
	uint32_t count = 0, length;

	do {
		digits[count++] = (char)("0123456789ABCDEF"[value % base] | small);
		value /= base;
	} while (value);
	length = count + (negative ? 1 : 0);
	if (!directive->left && !directive->zero)
		put_padding(sink, ' ', directive->width, length);
	if (negative)
		put(sink, '-');
	if (!directive->left && directive->zero)
		put_padding(sink, '0', directive->width, length);
	while (count > 0)
		put(sink, digits[--count]);
	if (directive->left)
		put_padding(sink, ' ', directive->width, length);
}

static const char *read_number(const char *text, uint32_t *ret_number)
{
	uint32_t number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		if (number < WIDTH_MAX)
			number = number * 10 + (uint32_t)(*text - '0');
	*ret_number = number < WIDTH_MAX ? number : WIDTH_MAX;
	return text;
}

static void set_width(struct directive *directive, int width)
{
	directive->left |= width < 0;
	directive->width = width < 0 ? 0u - (uint32_t)width : (uint32_t)width;
	if (directive->width > WIDTH_MAX)
		directive->width = WIDTH_MAX;
}

/* Arguments travel in a struct: a va_list parameter may be an array type, whose address cannot be passed on. */
struct arguments {
	va_list list;
};

/* Reads the directive behind a %; returns the text behind its conversion letter. */
static const char *read_directive(const char *text, struct directive *directive, struct arguments *arguments)
{
	*directive = (struct directive){0};
	for (; *text == '0' || *text == '-'; text++) {
		directive->zero |= *text == '0';
		directive->left |= *text == '-';
	}
	if (*text == '*') {
		set_width(directive, va_arg(arguments->list, int));
		text++;
	} else {
		text = read_number(text, &directive->width);
	}
	if (*text == '.') {
		directive->has_precision = 1;
		if (text[1] == '*') {
			int precision = va_arg(arguments->list, int);

			/* As in C, a negative precision is none. */
			directive->has_precision = precision >= 0;
			directive->precision = precision >= 0 ? (uint32_t)precision : 0;
			text += 2;
		} else {
			text = read_number(text + 1, &directive->precision);
		}
	}
	/* long, long long and size_t have 64 bits in every world that this is built for. */
	for (; *text == 'l' || *text == 'z'; text++)
		directive->wide = 1;
	directive->conversion = *text;
	return *text ? text + 1 : text;
}

static void put_signed(struct sink *sink, const struct directive *directive, int64_t value)
{
	/* 0 - value as unsigned is right for INT64_MIN too. */
	put_number(sink, directive, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

/* Returns 0 when the conversion is none of ours. */
static int put_directive(struct sink *sink, const struct directive *directive, struct arguments *arguments)
{
	char one[2] = {0};

	switch (directive->conversion) {
	case 's':
		put_text(sink, directive, va_arg(arguments->list, const char *));
		return 1;
	case 'c':
		one[0] = (char)va_arg(arguments->list, int);
		put_text(sink, directive, one);
		return 1;
	case 'd':
	case 'i':
		put_signed(sink, directive,
			   directive->wide ? va_arg(arguments->list, int64_t) : va_arg(arguments->list, int));
		return 1;
	case 'u':
	case 'x':
	case 'X':
		put_number(sink, directive,
			   directive->wide ? va_arg(arguments->list, uint64_t) : va_arg(arguments->list, uint32_t), 0);
		return 1;
	case '%':
		put(sink, '%');
		return 1;
	default:
		return 0;
	}
}

int format_va(char *buffer, uint64_t bytes, const char *text, va_list list)
{
	struct sink sink = {.buffer = buffer, .bytes = bytes};
	struct arguments arguments;

	va_copy(arguments.list, list);
	while (*text) {
		struct directive directive;
		const char *begin = text++;

		if (*begin != '%') {
			put(&sink, *begin);
			continue;
		}
		text = read_directive(text, &directive, &arguments);
		if (!put_directive(&sink, &directive, &arguments))
			while (begin < text)
				put(&sink, *begin++);
	}
	va_end(arguments.list);
	if (bytes > 0)
		buffer[sink.length < bytes ? sink.length : bytes - 1] = '\0';
	return sink.length < INT32_MAX ? (int)sink.length : INT32_MAX;
}

int format(char *buffer, uint64_t bytes, const char *text, ...)
{
	va_list list;
	int length;

	va_start(list, text);
	length = format_va(buffer, bytes, text, list);
	va_end(list);
	return length;
}

char *format_bytes(char text[16], uint64_t bytes)
{
	static const char units[7][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t whole = bytes, rest = 0, half = 1, tenths = 0;
	uint32_t unit = 0;

	/* The next unit as soon as this one, rounded, needs four digits. */
	while (whole + (rest >= half ? 1 : 0) > 999) {
		unit++;
		whole = bytes >> (10 * unit);
		rest = bytes & ((UINT64_C(1) << (10 * unit)) - 1);
		half = UINT64_C(1) << (10 * unit - 1);
	}
	if (rest > 0) /* rest < 2^60, so that rest * 10 fits */
		tenths = (rest * 10 + half) >> (10 * unit);
	if (rest == 0)
		format(text, 16, "%lu %s", whole, units[unit]);
	else if (whole * 10 + tenths < 1000)
		format(text, 16, "%lu.%lu %s", whole + tenths / 10, tenths % 10, units[unit]);
	else
		format(text, 16, "%lu %s", whole + (rest >= half ? 1 : 0), units[unit]);
	return text;
}
