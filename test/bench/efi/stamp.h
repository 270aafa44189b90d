/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time stamps of the benchmark, written to the debug port as `bench: NAME HEX`.  Under -icount shift=0 the time stamp
 * counter counts instructions.  RULE: a stamp costs the same number of instructions whatever its value, so that the cost
 * can be taken off.
 */
#ifndef TEST_BENCH_EFI_STAMP_H
#define TEST_BENCH_EFI_STAMP_H

#include <stdint.h>

static inline uint64_t stamp_now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline void stamp_put(char byte)
{
	__asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"((uint16_t)0xe9));
}

static inline void stamp_text(const char *text)
{
	while (*text != '\0')
		stamp_put(*text++);
}

/* Writes a value that stamp_now() gave, or any other number. */
static inline void stamp(const char *name, uint64_t value)
{
	stamp_text("bench: ");
	stamp_text(name);
	stamp_put(' ');
	for (int shift = 60; shift >= 0; shift -= 4)
		stamp_put("0123456789abcdef"[value >> shift & 15]);
	stamp_put('\n');
}

/* Ends QEMU by its isa-debug-exit device; the status says that it came to this. */
__attribute__((noreturn)) static inline void stamp_leave(void)
{
	__asm__ volatile("outl %0, %1" : : "a"(0x10), "Nd"((uint16_t)0xf4));
	for (;;)
		__asm__ volatile("cli; hlt");
}

#endif
