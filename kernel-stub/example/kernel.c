/* SPDX-License-Identifier: 0BSD */
/*
 * A complete kernel for Baton.  Copy this folder, lib/handoff.h and linker/kernel-x86_64.lds, and go on from here.
 *
 * It needs no header but handoff.h and no library.  Interrupts are off, the stack is ready, memory is identity-mapped, and
 * nothing of the firmware is in the way: handoff.h says exactly what you may rely on.
 */
#include "lib/handoff.h"

/* --- output: the first serial port and the debug port of QEMU --------------------------------------------------------- */

static void port_write(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t port_read(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void print(const char *text)
{
	for (; *text; text++) {
		for (int spins = 0; spins < 100000 && !(port_read(0x3fd) & 0x20); spins++)
			; /* wait until the serial port can take a byte, but not for ever: there may be none */
		port_write(0x3f8, (uint8_t)*text);
		port_write(0xe9, (uint8_t)*text);
	}
}

static void print_number(uint64_t number)
{
	char digits[21];
	int at = 20;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	print(digits + at);
}

/* --- the handoff block ------------------------------------------------------------------------------------------------- */

/* A part of the block by its type, or NULL.  The directory follows the header. */
static const struct handoff_part *find_part(const struct handoff_header *block, uint32_t type)
{
	const char *entry = (const char *)block + block->header_bytes;

	for (uint32_t i = 0; i < block->part_count; i++, entry += block->part_bytes)
		if (((const struct handoff_part *)entry)->type == type)
			return (const struct handoff_part *)entry;
	return 0;
}

/* RAM that is yours at once.  Step by entry_bytes, not by sizeof: a later loader may append fields. */
static uint64_t free_bytes(const struct handoff_header *block)
{
	const struct handoff_part *map = find_part(block, HANDOFF_PART_MEMORY);
	uint64_t bytes = 0;

	for (uint64_t at = 0; map && at < map->bytes; at += map->entry_bytes) {
		const struct handoff_range *range = (const void *)((const char *)block + map->offset + at);

		if (range->lifetime == HANDOFF_LIFETIME_FREE)
			bytes += range->end_phys - range->start_phys;
	}
	return bytes;
}

static const char *command_line(const struct handoff_header *block)
{
	const struct handoff_part *part = find_part(block, HANDOFF_PART_CMDLINE);

	return part ? (const char *)block + part->offset : ""; /* a NUL always follows a text */
}

/* Deletes the record with which the loader marked this boot as under way, so that its next start does not report a boot that died.
   There is one where the loader's configuration says `blackbox = yes`; see struct handoff_last_boot. */
static void report_back(const struct handoff_header *block)
{
	const struct handoff_part *part = find_part(block, HANDOFF_PART_LAST_BOOT);
	const struct handoff_last_boot *last_boot = part ? (const void *)((const char *)block + part->offset) : 0;

	if (last_boot && last_boot->set_variable_phys != 0)
		((handoff_set_variable)last_boot->set_variable_phys)(last_boot->name, last_boot->vendor_guid, 0, 0, 0);
}

/* --- the kernel -------------------------------------------------------------------------------------------------------- */

static int starts_with(const char *text, const char *word)
{
	while (*word && *text == *word)
		text++, word++;
	return *word == '\0';
}

void _start(const struct handoff_header *block, uint64_t magic);

/* The entry point: RDI and RSI are the first two parameters of a C function.  Returning would go to address zero. */
void _start(const struct handoff_header *block, uint64_t magic)
{
	if (magic == HANDOFF_MAGIC && block->magic == HANDOFF_MAGIC && block->version_major == HANDOFF_VERSION_MAJOR) {
		print("Hello from a kernel!  ");
		print_number(free_bytes(block) >> 20);
		print(" MiB are free, the command line is \"");
		print(command_line(block));
		print("\".\n");
		report_back(block);
		/* QEMU's isa-debug-exit device ends QEMU with the status 2 * 0x10 + 1 = 33. */
		if (starts_with(command_line(block), "exit=qemu"))
			port_write(0xf4, 0x10);
	} else {
		print("This is not a handoff that I understand.\n");
	}
	for (;;)
		__asm__ volatile("cli; hlt");
}
