/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the kernel's text goes on a PC: the first serial port, if a 16550 answers there, and the debug port of QEMU and Bochs,
 * if it answers.  Both are driven by polling; nothing here waits for ever.
 */
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/arch/x86_64/port_io.h"

enum {
	DEBUG_PORT = 0xe9, /* reads back as its own number where it exists */
	EXIT_PORT = 0xf4,  /* isa-debug-exit: QEMU ends with (value << 1) | 1 */
	COM1 = 0x3f8,
};
/* Registers of a 16550, relative to its base (data sheet, table 2). */
enum { DATA = 0, INTERRUPT_ENABLE = 1, FIFO_CONTROL = 2, LINE_CONTROL = 3, MODEM_CONTROL = 4, LINE_STATUS = 5 };
enum { LINE_8N1 = 0x03, LINE_DIVISOR = 0x80, FIFO_ENABLE_AND_CLEAR = 0x07, TRANSMITTER_EMPTY = 0x20 };
enum { MODEM_DTR_RTS_OUT2 = 0x0b, MODEM_LOOPBACK = 0x1e, LOOPBACK_BYTE = 0xae, DIVISOR_115200 = 1 };
enum { SPINS_MAX = 100000 }; /* a byte takes 87 us at 115200 baud; a port access about 1 us */

static int serial_found, debug_found;
static uint16_t serial_port = COM1;

static int serial_probe(uint16_t port)
{
	port_write8(port + INTERRUPT_ENABLE, 0);
	port_write8(port + LINE_CONTROL, LINE_DIVISOR);
	port_write8(port + DATA, DIVISOR_115200);
	port_write8(port + INTERRUPT_ENABLE, 0);
	port_write8(port + LINE_CONTROL, LINE_8N1);
	port_write8(port + FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
	port_write8(port + MODEM_CONTROL, MODEM_LOOPBACK);
	port_write8(port + DATA, LOOPBACK_BYTE);
	for (int i = 0; i < SPINS_MAX && !(port_read8(port + LINE_STATUS) & 1); i++)
		;
	if (port_read8(port + DATA) != LOOPBACK_BYTE)
		return 0;
	port_write8(port + MODEM_CONTROL, MODEM_DTR_RTS_OUT2);
	return 1;
}

static void serial_write(char c)
{
	for (int i = 0; i < SPINS_MAX && !(port_read8(serial_port + LINE_STATUS) & TRANSMITTER_EMPTY); i++)
		;
	port_write8(serial_port + DATA, (uint8_t)c);
}

void channels_open(void)
{
	serial_found = serial_probe(COM1);
	debug_found = port_read8(DEBUG_PORT) == DEBUG_PORT;
}

void channels_move_serial(uint16_t io_port)
{
	/* What was written before is on its way yet when the same port is set up anew. */
	if (io_port == serial_port || !serial_probe(io_port))
		return;
	serial_port = io_port;
	serial_found = 1;
}

void channels_write(const char *text)
{
	for (; *text; text++) {
		if (serial_found && *text == '\n')
			serial_write('\r');
		if (serial_found)
			serial_write(*text);
		if (debug_found)
			port_write8(DEBUG_PORT, (uint8_t)*text);
	}
}

void channels_exit_qemu(int passed)
{
	port_write8(EXIT_PORT, passed ? 0x10 : 0x11);
}
