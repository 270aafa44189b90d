/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of the coded stops, by code.  Constants only: usable whatever has happened. */
#include <stddef.h>
#include "lib/stop_text.h"

static const struct {
	const char *reason;
	const char *details[4];
} texts[] = {
	[STOP_EXIT_ATTEMPTS] = { "the firmware refused every memory map key", { "attempts", "last status" } },
	[STOP_EXIT_STATUS] = { "ExitBootServices failed", { "status", "attempts" } },
	[STOP_EXIT_MAP] = { "GetMemoryMap failed after the first exit attempt", { "status", "bytes wanted", "bytes given" } },
	[STOP_MAP_INVALID] = { "GetMemoryMap returned an impossible map after the first exit attempt",
			       { "bytes", "descriptor", "bytes given" } },
	[STOP_MAP_OVERRUN] = { "the firmware wrote behind the memory map buffer", { "buffer", "bytes given" } },
	[STOP_NORMALISE] = { "the memory map cannot be normalised", { "status", "descriptors" } },
	[STOP_PAGE_TABLES] = { "no page tables left for memory that appeared during exit", { "address", "pages used", "status" } },
	[STOP_SEAL] = { "the handoff block is too small: a fault of the loader", { "used", "capacity" } },
	[STOP_EXCEPTION] = { "a processor exception that the kernel does not handle yet",
			     { "vector", "error code", "RIP", "CR2" } },
};

const char *stop_reason(enum stop_code code)
{
	if ((uint32_t)code >= sizeof(texts) / sizeof(texts[0]) || texts[code].reason == NULL)
		return "unknown";
	return texts[code].reason;
}

const char *stop_detail_name(enum stop_code code, uint32_t detail)
{
	if ((uint32_t)code >= sizeof(texts) / sizeof(texts[0]) || detail >= 4)
		return NULL;
	return texts[code].details[detail];
}

const char *stop_exception_name(uint64_t vector)
{
	static const char *const names[] = {
		"division",           "debug",           "non-maskable interrupt", "breakpoint",    "overflow",
		"bound range",        "invalid opcode",  "no coprocessor",         "double fault",  "coprocessor overrun",
		"invalid TSS",        "no segment",      "stack segment",          "general protection", "page fault",
		"",                   "x87",             "alignment",              "machine check", "SIMD",
		"virtualisation",     "control protection",
	};

	return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "";
}
