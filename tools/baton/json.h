/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON for programs (RFC 8259), written as it is found.  Commas, quotes and indentation are done here.  Addresses are
 * strings "0x...", because JSON numbers above 2^53 do not survive every reader.
 */
#ifndef BATON_JSON_H
#define BATON_JSON_H

#include <stdint.h>

struct json {
	int depth;
	int has_members; /* of the innermost object or array */
};

/* name is NULL for elements of arrays and for the outermost value. */
void json_begin(struct json *json, const char *name, char bracket); /* '{' or '[' */
void json_end(struct json *json, char bracket);                     /* '}' or ']' */
/* Text is UTF-8; what is not is replaced by U+FFFD.  NULL gives null. */
void json_text(struct json *json, const char *name, const char *text);
void json_number(struct json *json, const char *name, uint64_t number);
void json_address(struct json *json, const char *name, uint64_t address);
void json_bool(struct json *json, const char *name, int value);

#endif
