/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing JSON to standard output.  Rules here: the output is valid whatever the text holds. */
#include <stdio.h>
#include <string.h>
#include "lib/utf8.h"
#include "tools/baton/json.h"

static void print_escaped(unsigned char c)
{
	if (c == '"' || c == '\\')
		printf("\\%c", c);
	else if (c < ' ' || c == 0x7f)
		printf("\\u%04x", c);
	else
		putchar(c);
}

static void print_string(const char *text)
{
	uint64_t left = strlen(text);

	putchar('"');
	while (left > 0) {
		uint64_t count = utf8_bytes(text, left);

		if (count == 0)
			fputs("\xef\xbf\xbd", stdout);
		else if (count == 1)
			print_escaped((unsigned char)*text);
		else
			fwrite(text, 1, count, stdout);
		count = count ? count : 1;
		text += count;
		left -= count;
	}
	putchar('"');
}

static void begin_value(struct json *json, const char *name)
{
	if (json->has_members)
		putchar(',');
	if (json->depth > 0)
		printf("\n%*s", 2 * json->depth, "");
	if (name) {
		print_string(name);
		fputs(": ", stdout);
	}
	json->has_members = 1;
}

void json_begin(struct json *json, const char *name, char bracket)
{
	begin_value(json, name);
	putchar(bracket);
	json->depth++;
	json->has_members = 0;
}

void json_end(struct json *json, char bracket)
{
	json->depth--;
	if (json->has_members)
		printf("\n%*s", 2 * json->depth, "");
	putchar(bracket);
	if (json->depth == 0)
		putchar('\n');
	/* What was closed is a member of what is around it. */
	json->has_members = 1;
}

void json_text(struct json *json, const char *name, const char *text)
{
	begin_value(json, name);
	if (text)
		print_string(text);
	else
		fputs("null", stdout);
}

void json_number(struct json *json, const char *name, uint64_t number)
{
	begin_value(json, name);
	printf("%lu", number);
}

void json_address(struct json *json, const char *name, uint64_t address)
{
	begin_value(json, name);
	printf("\"0x%lx\"", address);
}

void json_bool(struct json *json, const char *name, int value)
{
	begin_value(json, name);
	fputs(value ? "true" : "false", stdout);
}
