/* SPDX-License-Identifier: BSD-2-Clause */
/* See channel.h.  fw_cfg: QEMU docs/specs/fw_cfg.txt; its numbers are big-endian. */
#include <stdarg.h>
#include "test/gremlin/efi/channel.h"
#include "lib/format.h"
#include "loader/arch/x86_64/io.h"

enum {
	SERIAL = 0x3f8,
	LINE_STATUS = SERIAL + 5,
	TRANSMITTER_EMPTY = 0x20,
	EXIT_PORT = 0xf4,
	EXIT_PASS = 0x10,
	EXIT_FAIL = 0x11,
	CONFIG_SELECT = 0x510,
	CONFIG_DATA = 0x511,
	CONFIG_DIRECTORY = 0x19,
	CONFIG_NAME_BYTES = 56,
};

static const char cases_name[] = "opt/baton/gremlin";

static void put(char byte)
{
	while (!(in8(LINE_STATUS) & TRANSMITTER_EMPTY))
		continue;
	out8(SERIAL, (uint8_t)byte);
}

void say(const char *text, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, text);
	format_va(line, sizeof(line), text, arguments);
	va_end(arguments);
	/* On a line of its own, whatever the console was doing. */
	put('\r');
	put('\n');
	for (const char *at = line; *at != '\0'; at++)
		put(*at);
	put('\r');
	put('\n');
}

void channel_leave(int passed)
{
	__asm__ volatile("outl %0, %1" : : "a"(passed ? EXIT_PASS : EXIT_FAIL), "Nd"((uint16_t)EXIT_PORT));
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void select(uint16_t item)
{
	__asm__ volatile("outw %0, %1" : : "a"(item), "Nd"((uint16_t)CONFIG_SELECT));
}

static uint32_t read_number(uint32_t bytes)
{
	uint32_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | in8(CONFIG_DATA);
	return number;
}

/* Reads one entry of the directory; 1 when it is ours. */
static int read_entry(uint32_t *ret_bytes, uint16_t *ret_item)
{
	int same = 1;

	*ret_bytes = read_number(4);
	*ret_item = (uint16_t)read_number(2);
	read_number(2);
	for (uint32_t i = 0; i < CONFIG_NAME_BYTES; i++) {
		char byte = (char)in8(CONFIG_DATA);

		same = same && (i >= sizeof(cases_name) || byte == cases_name[i]);
	}
	return same;
}

uint32_t channel_read_cases(char *text, uint32_t bytes)
{
	uint32_t count, size = 0;
	uint16_t item = 0;

	select(CONFIG_DIRECTORY);
	count = read_number(4);
	while (count-- > 0) {
		if (!read_entry(&size, &item))
			continue;
		select(item);
		for (uint32_t i = 0; i < size && i + 1 < bytes; i++)
			text[i] = (char)in8(CONFIG_DATA);
		size = size < bytes ? size : bytes - 1;
		text[size] = '\0';
		return size;
	}
	return 0;
}
