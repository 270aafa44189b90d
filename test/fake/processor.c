/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for loader/arch/x86_64/cpu.c, devices.c, ports.c and switch.S: what a user program cannot execute.  The step to own tables
 * calls on in the same world; the jump into the kernel and the halt end the run.
 */
#include <string.h>
#include "loader/after/after.h"
#include "loader/after/stop.h"
#include "loader/arch/devices.h"
#include "loader/arch/ports.h"
#include "loader/arch/tables.h"
#include "test/fake/fake.h"

/* tables.c takes the addresses of the exception entries, which would call this. */
char exception_stubs[32 * 16];
/* For symbols.c: as tools/make-symbols writes it. */
const uint8_t symbol_table[] = "\x00\x10" "first\0" "\x00\x10" "\0" "\x40\x00" "second\0" "\xff\xff";

static struct tables_switch switched_to;
static uint64_t ticks;
static int quiet;

const char *cpu_probe(struct cpu *ret_cpu)
{
	fake_called(FAKE_PROCESSOR);
	if (fake.options.unsupported != NULL)
		return fake.options.unsupported;
	*ret_cpu = fake.options.cpu;
	return NULL;
}

uint64_t cpu_stack(void)
{
	return fake.options.stack_phys != 0 ? fake.options.stack_phys : (uint64_t)__builtin_frame_address(0);
}

uint64_t cpu_time(void)
{
	ticks += 1000;
	return ticks;
}

void cpu_name(char name[CPU_NAME_BYTES])
{
	strcpy(name, "Fake Processor");
}

uint64_t cpu_page_tables(void)
{
	return fake.options.foreign_page_tables ? 0x1000 : switched_to.page_tables_phys;
}

uint32_t devices_stop_network(void)
{
	if (!fake.exited)
		fake_violate("L23: network controllers are the firmware's until ExitBootServices has succeeded");
	fake.network_stops++;
	return fake.options.network_runs;
}

int cpu_random(const struct cpu *cpu, uint8_t seed[32])
{
	fake_called(FAKE_PROCESSOR);
	if (!cpu->rdseed)
		return -1;
	memset(seed, 0x52, 32);
	return 0;
}

void cpu_quiet(void)
{
	if (!fake.exited)
		fake_violate("interrupts are off for good before ExitBootServices has succeeded");
	quiet = 1;
}

void cpu_pause(void)
{
	fake_called(FAKE_PROCESSOR);
}

/* As switch.S leaves the machine. */
void cpu_record(const struct cpu *cpu, struct handoff_cpu *ret_state)
{
	*ret_state = (struct handoff_cpu){
		.architecture = HANDOFF_ARCHITECTURE_X86_64,
		.paging_levels = cpu->paging_levels,
		.physical_bits = cpu->physical_bits,
		.flags = (cpu->nx ? HANDOFF_CPU_NX : 0u) | (cpu->pages_1g ? HANDOFF_CPU_PAGES_1G : 0u),
		.cr0 = 0x80010033,
		.cr3 = switched_to.page_tables_phys,
		.cr4 = 0x620 | (cpu->paging_levels == 5 ? 0x1000u : 0u),
		.efer = 0x500 | (switched_to.nx ? 0x800u : 0u),
		.rflags = 2,
		.pat = HANDOFF_PAT,
		.mtrr_default_type = 0xc06,
		.apic_base = 0xfee00900,
		.gdt_base_virt = switched_to.tables_phys,
		.idt_base_virt = switched_to.tables_phys + 224,
		.gdt_limit = 5 * 8 - 1,
		.idt_limit = 32 * 16 - 1,
		.cs = 0x08,
		.ss = 0x10,
		.tr = 0x18,
		.fcw = 0x37f,
		.mxcsr = 0x1f80,
	};
}

void tables_catch(uint64_t tables_phys)
{
	if (!fake.exit_tried)
		fake_violate("exceptions are the firmware's until the first exit call");
	if (!fake_memory_owned(tables_phys, TABLES_BYTES))
		fake_violate("descriptor tables are not the loader's memory");
}

void tables_switch(const struct tables_switch *to, void (*next)(void *), void *argument)
{
	switched_to = *to;
	if (!fake.exited)
		fake_violate("the switch to own tables comes before ExitBootServices has succeeded");
	if (!quiet)
		fake_violate("interrupts and direction flag are as the firmware left them");
	quiet = 0;
	if (to->stack_top_virt % 16 != 0 || !fake_memory_owned(to->stack_top_virt - 4096, 4096))
		fake_violate("the kernel's stack is misaligned or not the loader's");
	if (!fake_memory_owned(to->page_tables_phys, 4096) || !fake_memory_owned(to->tables_phys, TABLES_BYTES))
		fake_violate("page tables or descriptor tables are not the loader's memory");
	next(argument);
	__builtin_unreachable();
}

void tables_enter_kernel(uint64_t entry_virt, uint64_t stack_top_virt, uint64_t block_virt, uint64_t magic)
{
	fake.entry_virt = entry_virt;
	fake.stack_top_virt = stack_top_virt;
	fake.block = (struct handoff_header *)block_virt;
	fake.magic = magic;
	fake_end(FAKE_KERNEL);
}

void debug_port_line(const char *line)
{
	fake_called(FAKE_PORTS);
	fake_append(fake.debug, line);
	fake_append(fake.debug, "\n");
}

void serial_start(uint16_t io_port)
{
	fake.serial_io = io_port;
	fake_called(FAKE_PORTS);
	if (!fake.exit_tried)
		fake_violate("the serial port is the firmware's until the first exit call");
	if (fake.options.stop_faults)
		fake_strike(13, 0, 0x1000, 0);
}

void fake_strike(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2)
{
	const uint64_t registers[] = { rip, UINT64_C(0xffff800000001000), 0 };

	stop_exception(&(struct stop_exception){ vector, error, rip, cr2, registers, "RIPRSPR8 ", 3 });
}

void fake_exception(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2)
{
	if (setjmp(fake.out) == 0)
		fake_strike(vector, error, rip, cr2);
}

void serial_line(const char *line)
{
	fake_append(fake.serial, line);
	fake_append(fake.serial, "\r\n");
}

void platform_wait(unsigned milliseconds)
{
	fake.waited_milliseconds += milliseconds;
}

void platform_reset(void)
{
	fake.chipset_resets++;
	if (!fake.options.chipset_dead)
		fake_end(FAKE_STOPPED);
}

void platform_halt(void)
{
	fake.halted = 1;
	fake_end(FAKE_STOPPED);
}
