/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel as GRUB takes it: 32 bits, multiboot2 (specification 2.0, 3.1 and 3.3).  Its first instruction is the end of the
 * measurement.
 */
#include "test/bench/efi/payload.h"

enum { HEADER_MAGIC = 0xe85250d6, TAG_MODULE = 3, TAG_END = 0, HEADER_BYTES = 24 };

/* Magic, architecture i386, bytes, checksum, and an end tag. */
__attribute__((section(".multiboot"), used)) static const uint32_t header[HEADER_BYTES / 4] = {
	HEADER_MAGIC, 0, HEADER_BYTES, -(HEADER_MAGIC + 0u + HEADER_BYTES), 0, 8,
};

/* About as many bytes as the kernel that Baton loads. */
static const uint8_t ballast[80 << 10] = { 1 };

struct tag {
	uint32_t type, bytes;
	uint32_t start, end; /* of a module */
};

void _start(void);
void multiboot_main(uint32_t low, uint32_t high, const uint32_t *information);

/* EBX: the boot information.  There is no stack yet. */
__attribute__((naked)) void _start(void)
{
	__asm__("rdtsc\n\tmovl $multiboot_stack + 4096, %esp\n\tpushl %ebx\n\tpushl %edx\n\tpushl %eax\n\tcall multiboot_main");
}
__attribute__((used)) static uint8_t multiboot_stack[4096] __asm__("multiboot_stack");

void multiboot_main(uint32_t low, uint32_t high, const uint32_t *information)
{
	const uint8_t *at = (const uint8_t *)information + 8;

	stamp("kernel", (uint64_t)high << 32 | low);
	stamp("ballast", *(volatile const uint8_t *)ballast);
	for (const struct tag *tag = (const void *)at; tag->type != TAG_END; tag = (const void *)at) {
		if (tag->type == TAG_MODULE)
			payload_check((const void *)(uintptr_t)tag->start, tag->end - tag->start);
		at += (tag->bytes + 7) & ~7u;
	}
	stamp_leave();
}
