/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug port, 16550, reset and waiting on a PC.  RULE: no firmware, no interrupts, every wait bounded: this is what still
 * works when a machine dies after exit.
 */
#include "loader/arch/ports.h"
#include "loader/arch/x86_64/io.h"

enum {
	DEBUG_PORT = 0xe9,       /* QEMU and Bochs answer a read with the port number itself */
	COM1 = 0x3f8,
	SERIAL_SPINS = 100000,   /* about 0.1 s: a transmitter that never gets ready is taken as absent */
	DELAY_PORT = 0x80,       /* POST code port: one write takes about a microsecond on ISA and LPC... */
	SPINS_PER_US = 100,      /* so that the wait ends even where the counter stands */
	CYCLES_PER_US = 2000,    /* ...but nothing in an emulator, where the time stamp counter runs with the host's */
	LINE_STATUS = 5,
	TRANSMITTER_EMPTY = 0x20,
	TRANSMITTER_IDLE = 0x40,
	DRAIN_SPINS = 1000000,   /* about a second: what the firmware has said may still be on its way */
};

static uint32_t serial_present;
static uint16_t serial_port;

static void debug_port_text(const char *text)
{
	while (*text != '\0')
		out8(DEBUG_PORT, (uint8_t)*text++);
}

void debug_port_line(const char *line)
{
	if (in8(DEBUG_PORT) != DEBUG_PORT)
		return;
	debug_port_text(line);
	debug_port_text("\n");
}

static void start_at(uint16_t port)
{
	/* Until it is out, it would be what comes back from the loop; a port without a UART reads as idle. */
	for (uint32_t i = 0; i < DRAIN_SPINS && !(in8(port + LINE_STATUS) & TRANSMITTER_IDLE); i++)
		continue;
	out8(port + 1, 0x00); /* no interrupts */
	out8(port + 3, 0x80); /* divisor latch */
	out8(port + 0, 0x01); /* 115200 */
	out8(port + 1, 0x00);
	out8(port + 3, 0x03); /* 8N1 */
	out8(port + 2, 0x07); /* FIFOs on and empty */
	out8(port + 4, 0x1e); /* loopback: what is sent comes back, if there is a UART at all */
	out8(port + 0, 0xae);
	serial_port = port;
	serial_present = 0;
	for (uint32_t i = 0; i < SERIAL_SPINS && !serial_present; i++)
		serial_present = (in8(port + LINE_STATUS) & 1) && in8(port) == 0xae;
	out8(port + 4, 0x0f); /* normal operation, DTR and RTS set */
}

void serial_start(uint16_t io_port)
{
	/* After a failed exit the firmware's timer may still run, and its console driver would take the looped byte. */
	__asm__ volatile("cli");
	serial_present = 0;
	if (io_port != 0)
		start_at(io_port);
	if (!serial_present)
		start_at(COM1);
}

static void serial_byte(uint8_t byte)
{
	for (uint32_t i = 0; i < SERIAL_SPINS; i++) {
		if (in8(serial_port + LINE_STATUS) & TRANSMITTER_EMPTY) {
			out8(serial_port, byte);
			return;
		}
	}
	serial_present = 0;
}

void serial_line(const char *line)
{
	for (; serial_present && *line != '\0'; line++)
		serial_byte((uint8_t)*line);
	if (serial_present)
		serial_byte('\r');
	if (serial_present)
		serial_byte('\n');
}

void platform_wait(unsigned milliseconds)
{
	uint64_t microseconds = (uint64_t)milliseconds * 1000, start = read_tsc();

	for (uint64_t i = 0; i < microseconds; i++) {
		out8(DELAY_PORT, 0);
		for (uint32_t spins = 0; spins < SPINS_PER_US && read_tsc() - start < i * CYCLES_PER_US; spins++)
			out8(DELAY_PORT, 0);
	}
}

void platform_reset(void)
{
	out8(0xcf9, 0x02); /* reset control register of the chipset: hard reset... */
	out8(0xcf9, 0x06); /* ...now */
	platform_wait(50);
	out8(0x64, 0xfe); /* keyboard controller: pulse the reset line */
	platform_wait(50);
}

void platform_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
