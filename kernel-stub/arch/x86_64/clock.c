/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time stamp counter as a clock.  CPUID states its rate on newer Intel processors and under some hypervisors only (leaves
 * 15h and 40000010h, read by the loader); elsewhere it is counted while channel 2 of the 8254 timer, to which no interrupt
 * belongs, runs down.  RULE: every loop ends without the timer too.
 */
#include "kernel-stub/arch/clock.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/x86_64/port_io.h"

/* 8254 data sheet, "Programming the 8254"; port 61h: Intel chipset data sheets, "NMI Status and Control". */
enum { TIMER_2 = 0x42, TIMER_COMMAND = 0x43, TIMER_2_ONE_SHOT = 0xb0 /* both bytes, mode 0 */, TIMER_HZ = 1193182 };
enum { GATE_PORT = 0x61, GATE_2 = 1 << 0, SPEAKER = 1 << 1, GATE_WRITABLE = 0x0f, OUTPUT_2 = 1 << 5 };
enum { MEASURES_PER_SECOND = 20, SPINS_MAX = 2000000 /* 50 ms are some 50,000 reads on a PC, 500,000 in an emulator */ };

static const uint64_t hz_least = 100000000, hz_most = 20000000000, hz_guessed = 4000000000;

static int is_possible(uint64_t hz)
{
	return hz >= hz_least && hz <= hz_most;
}

/* 0 when the timer did not answer. */
static uint64_t measure(void)
{
	uint8_t gate = port_read8(GATE_PORT) & GATE_WRITABLE;
	uint16_t count = TIMER_HZ / MEASURES_PER_SECOND;
	uint64_t start;
	int spins = 0;

	port_write8(GATE_PORT, (uint8_t)((gate & ~SPEAKER) | GATE_2));
	port_write8(TIMER_COMMAND, TIMER_2_ONE_SHOT);
	port_write8(TIMER_2, (uint8_t)count);
	port_write8(TIMER_2, (uint8_t)(count >> 8)); /* it runs from here */
	start = machine_time();
	while (!(port_read8(GATE_PORT) & OUTPUT_2) && spins < SPINS_MAX)
		spins++;
	start = machine_time() - start;
	port_write8(GATE_PORT, gate);
	return spins < SPINS_MAX ? start * MEASURES_PER_SECOND : 0;
}

uint64_t clock_hz(uint64_t stated_hz)
{
	uint64_t measured;

	if (is_possible(stated_hz))
		return stated_hz;
	measured = measure();
	return is_possible(measured) ? measured : hz_guessed;
}

void clock_wait(uint64_t counts)
{
	uint64_t start = machine_time();

	while (machine_time() - start < counts)
		__asm__ volatile("pause");
}
