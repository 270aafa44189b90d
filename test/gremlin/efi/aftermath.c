/* SPDX-License-Identifier: BSD-2-Clause */
/* See aftermath.h. */
#include "test/gremlin/efi/aftermath.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/map.h"
#include "test/gremlin/efi/paging.h"
#include "test/gremlin/efi/words.h"
#include "loader/arch/x86_64/io.h"

enum {
	SCRIBBLE_BYTE = 0x5c,
	TABLES_MAX = 2048,
	STACK_ABOVE = 128 << 10,  /* UEFI 2.10 2.3.4: at least this much stack */
	STACK_BELOW = 512,        /* this program's own frames */
	VECTORS = 256,
	EXCEPTIONS = 32,
	TIMER_VECTOR = 0x41,
	LOCAL_APIC = 0xfee00000,
	APIC_SPURIOUS = 0xf0,
	APIC_REQUESTED = 0x220,   /* IRR of vectors 0x40-0x5f */
	APIC_TIMER = 0x320,
	APIC_COUNT = 0x380,
	APIC_DIVIDE = 0x3e0,
	APIC_PERIODIC = 1 << 17,
	STORM_COUNT = 20000,
};
#define CR0_WRITE_PROTECT (UINT64_C(1) << 16)
#define EFER_NXE UINT64_C(0x800)

struct __attribute__((packed)) table_register {
	uint16_t limit;
	uint64_t base;
};

uint32_t aftermath_wishes, aftermath_interrupts;

extern const char aftermath_interrupt[], aftermath_exception[];

static struct {
	struct map map;            /* the last one before the exit */
	EFI_SYSTEM_TABLE table;    /* as it was */
	uint64_t tables[TABLES_MAX];
	uint32_t table_count;
} noted;
static uint64_t gdt[512], idt[VECTORS][2];

static const char usual_wishes[] = "scribble+irq+flags";

static int has(const char *words, const char *word)
{
	char all[96];

	words_copy(words, "after", all, sizeof(all));
	for (const char *at = all[0] != '\0' ? all : usual_wishes; *at != '\0';) {
		uint32_t i = 0;

		while (word[i] != '\0' && at[i] == word[i])
			i++;
		if (word[i] == '\0' && (at[i] == '\0' || at[i] == '+'))
			return 1;
		while (*at != '\0' && *at++ != '+')
			continue;
	}
	return 0;
}

static void note_table(uint64_t table)
{
	if (noted.table_count == TABLES_MAX) {
		say("gremlin: more page tables than can be noted");
		channel_leave(0);
	}
	noted.tables[noted.table_count++] = table;
}

void aftermath_prepare(const char *words, EFI_SYSTEM_TABLE *system)
{
	(void)words;
	noted.map = map_read();
	noted.table = *system;
}

/* Called by aftermath.S. */
__attribute__((noreturn)) void EFIAPI aftermath_excepted(uint64_t first, uint64_t second, uint64_t address);

void EFIAPI aftermath_excepted(uint64_t first, uint64_t second, uint64_t address)
{
	say("gremlin: exception after exit: stack 0x%lx 0x%lx, CR2 0x%lx", first, second, address);
	channel_leave(0);
}

/* Descriptor tables of our own: the firmware's lie in memory that may be anybody's. */
static void own_descriptor_tables(void)
{
	struct table_register now, own_gdt = { .base = (uint64_t)gdt }, own_idt = { sizeof(idt) - 1, (uint64_t)idt };
	uint16_t cs;

	__asm__ volatile("sgdt %0" : "=m"(now));
	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	own_gdt.limit = now.limit < sizeof(gdt) ? now.limit : sizeof(gdt) - 1;
	__builtin_memcpy(gdt, (const void *)now.base, (uint64_t)own_gdt.limit + 1);
	for (uint32_t i = 0; i < VECTORS; i++) {
		uint64_t at = (uint64_t)(i < EXCEPTIONS ? aftermath_exception : aftermath_interrupt);

		/* Interrupt gate, present. */
		idt[i][0] = (at & 0xffff) | (uint64_t)cs << 16 | UINT64_C(0x8e) << 40 | (at >> 16 & 0xffff) << 48;
		idt[i][1] = at >> 32;
	}
	__asm__ volatile("lgdt %0; lidt %1" : : "m"(own_gdt), "m"(own_idt));
}

static int is_table(uint64_t page)
{
	for (uint32_t i = 0; i < noted.table_count; i++)
		if (noted.tables[i] == page)
			return 1;
	return 0;
}

/* The firmware keeps some of its own memory read-only. */
static void write_protect(int on)
{
	uint64_t cr0;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"(on ? cr0 | CR0_WRITE_PROTECT : cr0 & ~CR0_WRITE_PROTECT) : "memory");
}

/* A configuration table begins in this page or the one before. */
static int holds_table(const EFI_SYSTEM_TABLE *system, uint64_t page)
{
	for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
		uint64_t at = (uint64_t)system->ConfigurationTable[i].VendorTable;

		if (at < page + EFI_PAGE_SIZE && at + EFI_PAGE_SIZE >= page)
			return 1;
	}
	return 0;
}

/* Everything that nobody owns any more: boot services code and data, and free memory. */
static void scribble(const EFI_SYSTEM_TABLE *system, int all)
{
	uint64_t rsp;

	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	for (uint64_t i = 0; i < noted.map.count; i++) {
		const EFI_MEMORY_DESCRIPTOR *d = &noted.map.entries[i];

		if (d->Type != EfiBootServicesCode && d->Type != EfiBootServicesData && d->Type != EfiConventionalMemory)
			continue;
		for (uint64_t page = d->PhysicalStart, n = d->NumberOfPages; n > 0; n--, page += EFI_PAGE_SIZE) {
			uint64_t bytes = EFI_PAGE_SIZE;

			if (is_table(page) || (!all && holds_table(system, page)) || (page >= rsp && page < rsp + STACK_ABOVE))
				continue;
			if (rsp - page < EFI_PAGE_SIZE)
				bytes = rsp - page < STACK_BELOW ? 0 : rsp - page - STACK_BELOW;
			else if (rsp - page < EFI_PAGE_SIZE + STACK_BELOW)
				bytes -= STACK_BELOW;
			__builtin_memset((void *)page, SCRIBBLE_BYTE, bytes);
		}
	}
}

static void protect_loader_data(void)
{
	for (uint64_t i = 0; i < noted.map.count; i++)
		if (noted.map.entries[i].Type == EfiLoaderData)
			paging_change(noted.map.entries[i].PhysicalStart, noted.map.entries[i].NumberOfPages, 0, PAGING_WRITABLE);
}

static void protect_tables(void)
{
	for (uint32_t i = 0; i < noted.table_count; i++)
		paging_change(noted.tables[i], 1, 0, PAGING_WRITABLE);
}

/* Bits of CR4 that a firmware may use for itself. */
static void features_on(void)
{
	struct cpuid basic = read_cpuid(1, 0), extended = read_cpuid(7, 0);
	uint64_t cr4, add = (extended.ebx >> 7 & 1) << 20 | (extended.ebx >> 20 & 1) << 21 | (extended.ecx >> 2 & 1) << 11 |
			    (extended.ecx >> 3 & 1) << 22 | (basic.ecx >> 17 & 1) << 17;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | add));
	say("gremlin: CR4 0x%lx, was 0x%lx", cr4 | add, cr4);
}

static void nxe_off(void)
{
	uint64_t efer = read_msr(MSR_EFER) & ~EFER_NXE;

	paging_clear_everywhere(PAGING_NX);
	__asm__ volatile("wrmsr" : : "a"((uint32_t)efer), "d"((uint32_t)(efer >> 32)), "c"(MSR_EFER));
}

static void start_timer(int storm)
{
	volatile uint32_t *apic = (volatile uint32_t *)LOCAL_APIC;

	apic[APIC_SPURIOUS / 4] |= 0x100;
	apic[APIC_DIVIDE / 4] = 0xb; /* by 1 */
	apic[APIC_TIMER / 4] = TIMER_VECTOR | (storm ? APIC_PERIODIC : 0);
	apic[APIC_COUNT / 4] = STORM_COUNT;
	while (!(apic[APIC_REQUESTED / 4] >> (TIMER_VECTOR % 32) & 1))
		continue;
	aftermath_wishes |= WISH_INTERRUPTS;
}

static void dirty_table(EFI_SYSTEM_TABLE *system, int all)
{
	if (all) {
		system->BootServices = noted.table.BootServices;
		system->ConIn = noted.table.ConIn;
		system->ConsoleInHandle = noted.table.ConsoleInHandle;
		system->ConOut = noted.table.ConOut;
		system->ConsoleOutHandle = noted.table.ConsoleOutHandle;
		system->StdErr = noted.table.StdErr;
	}
	system->Hdr.CRC32 ^= 0x55;
}

void aftermath(const char *words, EFI_SYSTEM_TABLE *system)
{
	__asm__ volatile("cli");
	own_descriptor_tables();
	if (has(words, "dirty") || has(words, "crc"))
		dirty_table(system, has(words, "dirty"));
	if (has(words, "nxe"))
		nxe_off();
	if (has(words, "readonly"))
		protect_loader_data();
	paging_each_table(note_table);
	if (has(words, "tables"))
		protect_tables();
	write_protect(0);
	if (has(words, "scribble") || has(words, "scribble-all"))
		scribble(system, has(words, "scribble-all"));
	write_protect(1);
	if (has(words, "features"))
		features_on();
	if (has(words, "flags"))
		aftermath_wishes |= WISH_FLAGS;
	if (has(words, "irq") || has(words, "storm"))
		start_timer(has(words, "storm"));
}
