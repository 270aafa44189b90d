/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts of the coded stops, by code, and of processor exceptions.  Constants only: usable whatever has happened.  Each list is one
 * string of NUL-terminated texts: an array of pointers would cost the loader's image a relocation of 24 bytes for each of them.
 */
#include "lib/stop_text.h"
#include <stddef.h>
#include "lib/format.h"

enum { DETAILS = 4, VECTOR_COUNT = 22, VECTOR_INVALID_TSS = 10, VECTOR_GENERAL_PROTECTION = 13, VECTOR_PAGE_FAULT = 14 };

static const char reasons[] = "unknown\0"
			      "the firmware refused every memory map key\0"
			      "ExitBootServices failed\0"
			      "GetMemoryMap failed after the first exit attempt\0"
			      "impossible memory map after the first exit attempt\0"
			      "the firmware wrote behind the memory map buffer\0"
			      "the memory map cannot be normalised\0"
			      "no page tables left for memory that appeared during exit\0"
			      "the handoff block is too small: a fault of the loader\0"
			      "a processor exception that the kernel does not handle yet";

/* Four for each code; an empty one: not used. */
static const char details[] = "\0\0\0\0"
			      "attempts\0last status\0\0\0"
			      "status\0attempts\0\0\0"
			      "status\0bytes wanted\0bytes given\0\0"
			      "bytes\0descriptor\0bytes given\0\0"
			      "buffer\0bytes given\0\0\0"
			      "status\0descriptors\0\0\0"
			      "address\0pages used\0status\0\0"
			      "used\0capacity\0\0\0"
			      "vector\0error code\0RIP\0CR2";

/* Intel SDM volume 3A table 6-1. */
static const char vectors[] = "division\0debug\0non-maskable interrupt\0breakpoint\0overflow\0bound range\0invalid opcode\0"
			      "no coprocessor\0double fault\0coprocessor overrun\0invalid TSS\0no segment\0stack segment\0"
			      "general protection\0page fault\0\0x87\0alignment\0machine check\0SIMD\0virtualisation\0"
			      "control protection";

static const char *nth(const char *list, uint32_t index)
{
	while (index > 0)
		index -= *list++ == '\0';
	return list;
}

const char *stop_reason(enum stop_code code)
{
	return nth(reasons, (uint32_t)code <= STOP_EXCEPTION ? (uint32_t)code : 0);
}

const char *stop_detail_name(enum stop_code code, uint32_t detail)
{
	const char *name = "";

	if ((uint32_t)code <= STOP_EXCEPTION && detail < DETAILS)
		name = nth(details, DETAILS * (uint32_t)code + detail);
	return *name != '\0' ? name : NULL;
}

const char *stop_exception_name(uint64_t vector)
{
	return vector < VECTOR_COUNT ? nth(vectors, (uint32_t)vector) : "";
}

static void page_fault_text(char text[STOP_ERROR_BYTES], uint64_t error)
{
	format(text, STOP_ERROR_BYTES, "%s%s a page that %s", error & 1 << 2 ? "user-mode " : "",
	       error & 1 << 4 ? "execution of" :
	       error & 1 << 1 ? "write to" :
				"read from",
	       error & 1 << 3 ? "has a reserved bit set" :
	       error & 1      ? "does not permit it" :
				"is not mapped");
}

void stop_error_text(char text[STOP_ERROR_BYTES], uint64_t vector, uint64_t error)
{
	text[0] = '\0';
	if (vector == VECTOR_PAGE_FAULT)
		page_fault_text(text, error);
	else if (vector >= VECTOR_INVALID_TSS && vector <= VECTOR_GENERAL_PROTECTION && error != 0)
		format(text, STOP_ERROR_BYTES, "%s 0x%x%s",
		       error & 2 ? "IDT vector" :
		       error & 4 ? "LDT selector" :
				   "GDT selector",
		       (unsigned)(error & 2 ? error >> 3 & 0x1fff : error & 0xfff8), error & 1 ? ", from outside" : "");
}
