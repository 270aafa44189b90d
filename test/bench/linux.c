/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel as syslinux takes it: the header of a Linux kernel (Linux, Documentation/arch/x86/boot.rst, protocol 2.10) and
 * 32 bits of code behind it; the payload is the initial ramdisk.  Its first instruction is the end of the measurement.
 * RULE: the code runs where the header prefers it and nowhere else; a loader that puts it elsewhere does not reach its stamps.
 */
#include <stddef.h>
#include "test/bench/efi/payload.h"

enum {
	HEADER_AT = 0x1f1,
	BOOT_FLAG = 0xaa55,
	HEADER_MAGIC = 0x53726448, /* "HdrS" */
	PROTOCOL = 0x20a,
	LOADED_HIGH = 1,
	PREFERRED = 0x2000000, /* linux.lds */
	INIT_BYTES = 1 << 20,
	ALIGNMENT = 1 << 21,
	ALIGNMENT_SHIFT = 21,
	INITRD_MAX = 0x7fffffff,
	CMDLINE_MAX = 255,
};

/* What a loader reads of the first two sectors, and hands over to the kernel filled in. */
struct setup {
	uint8_t zero[HEADER_AT];
	uint8_t setup_sectors;
	uint16_t root_flags;
	uint32_t code_paragraphs;
	uint16_t unused[3], boot_flag;
	uint16_t jump;
	uint32_t magic;
	uint16_t version, unused_real_mode[3], kernel_version;
	uint8_t loader, load_flags;
	uint16_t setup_move;
	uint32_t code32_start, initrd, initrd_bytes, unused_boot_sector;
	uint16_t heap_end, unused_loader;
	uint32_t cmdline, initrd_max, alignment;
	uint8_t relocatable, alignment_shift_min;
	uint16_t load_flags_more;
	uint32_t cmdline_max, hardware, hardware_data[2], compressed_offset, compressed_bytes, setup_data[2], preferred[2], init_bytes;
} __attribute__((packed));
_Static_assert(offsetof(struct setup, boot_flag) == 0x1fe && offsetof(struct setup, magic) == 0x202, "boot.rst, the header");
_Static_assert(offsetof(struct setup, initrd) == 0x218 && offsetof(struct setup, initrd_max) == 0x22c, "boot.rst, the header");
_Static_assert(offsetof(struct setup, preferred) == 0x258 && offsetof(struct setup, init_bytes) == 0x260, "boot.rst, the header");

__attribute__((section(".setup"), used)) static const struct setup setup = {
	.setup_sectors = 1,
	.boot_flag = BOOT_FLAG,
	.magic = HEADER_MAGIC,
	.version = PROTOCOL,
	.load_flags = LOADED_HIGH,
	.code32_start = PREFERRED,
	.initrd_max = INITRD_MAX,
	.alignment = ALIGNMENT,
	.relocatable = 1,
	.alignment_shift_min = ALIGNMENT_SHIFT,
	.cmdline_max = CMDLINE_MAX,
	.preferred = { PREFERRED },
	.init_bytes = INIT_BYTES,
};

/* About as many bytes as the kernel that Baton loads. */
static const uint8_t ballast[80 << 10] = { 1 };

void _start(void);
void linux_main(uint32_t low, uint32_t high, const struct setup *filled_in);

/* ESI: the first two sectors, filled in.  There is no stack yet. */
__attribute__((naked, section(".text.first"))) void _start(void)
{
	__asm__("rdtsc\n\tmovl $linux_stack + 4096, %esp\n\tpushl %esi\n\tpushl %edx\n\tpushl %eax\n\tcall linux_main");
}
__attribute__((used)) static uint8_t linux_stack[4096] __asm__("linux_stack");

void linux_main(uint32_t low, uint32_t high, const struct setup *filled_in)
{
	stamp("kernel", (uint64_t)high << 32 | low);
	stamp("ballast", *(volatile const uint8_t *)ballast);
	payload_check((const void *)(uintptr_t)filled_in->initrd, filled_in->initrd_bytes);
	stamp_leave();
}
