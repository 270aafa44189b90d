/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel stub on a machine that was damaged on purpose, before it looks: break=WORD on the command line says how.  A rule that
 * only a live machine can break must be seen failing there; the words and the findings that are due stand in the table below.
 *
 * Not here, because the machine would not live to tell: M1 (long mode), M9 (NXE off faults at once).  Not here, because no
 * instruction can change it: M16 (CPUID).  M8 is la57.c's.
 */
#include "kernel-stub/arch/address_space.h"
#include "kernel-stub/arch/channels.h"
#include "kernel-stub/arch/machine.h"
#include "kernel-stub/arch/traps.h"
#include "kernel-stub/arch/x86_64/entry_state.h"
#include "kernel-stub/arch/x86_64/pci_ports.h"
#include "kernel-stub/arch/x86_64/port_io.h"
#include "kernel-stub/arch/x86_64/registers.h"
#include "kernel-stub/pages.h"
#include "kernel-stub/print.h"
#include "kernel-stub/steps.h"
#include "lib/handoff_block.h"

static struct kernel kernel;
/* What entry.S found, to be changed where only the first instruction could have seen it. */
static struct entry_state entry;

/* --- registers -------------------------------------------------------------------------------------------------------- */

/* Interrupts on for two instructions; none can come, their sources are masked. */
static void interrupts_on(void)
{
	port_write8(0x21, 0xff);
	port_write8(0xa1, 0xff);
	__asm__ volatile("movq %1, %%cr8; pushq $0x202; popfq; pushfq; cli; popq %0"
			 : "=r"(entry.rflags) : "r"(UINT64_C(15)) : "memory", "cc");
}

static void direction_down(void)
{
	__asm__ volatile("pushq $0x402; popfq; pushfq; cld; popq %0" : "=r"(entry.rflags) : : "memory", "cc");
}

static void stack_elsewhere(void)
{
	static uint64_t stack[64] __attribute__((aligned(16)));

	__asm__ volatile("movq %%rsp, %%rax; movq %1, %%rsp; movq %%rsp, %0; movq %%rax, %%rsp"
			 : "=m"(entry.rsp) : "r"(stack + 63) : "rax", "memory");
}

static void register_left(void)
{
	entry.r12 = 0x1234;
}

static void protection_off(void)
{
	cr0_write(cr0_read() & ~CR0_WP);
}

static void fpu_state(void)
{
	uint16_t fcw = 0x27f;
	uint32_t mxcsr = 0x9f80;

	__asm__ volatile("fldcw %0; ldmxcsr %1" : : "m"(fcw), "m"(mxcsr));
}

static void sse_off(void)
{
	cr4_write(cr4_read() & ~CR4_OSXMMEXCPT);
}

static void cr4_bit(void)
{
	cr4_write(cr4_read() | 1 << 2); /* TSD */
}

static void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void fs_base(void)
{
	msr_write(MSR_FS_BASE, 0x1000);
}

static void gdt_elsewhere(void)
{
	static uint64_t copy[16];
	struct table_register gdtr;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	for (unsigned i = 0; i <= gdtr.limit / 8u && i < 16; i++)
		copy[i] = ((const uint64_t *)gdtr.base)[i];
	gdtr.base = (uintptr_t)copy;
	__asm__ volatile("lgdt %0" : : "m"(gdtr));
}

static void pat(void)
{
	msr_write(MSR_PAT, UINT64_C(0x0007040600070406)); /* as after reset: no write-combining */
}

static void apic_off(void)
{
	msr_write(MSR_APIC_BASE, msr_read(MSR_APIC_BASE) & ~(UINT64_C(1) << 11));
}

/* The test's machine has a network controller there. */
static void network_runs(void)
{
	enum { COMMAND = 0x1e << 11 | 0x04, MEMORY = 2, BUS_MASTER = 4 };

	pci_ports.write(pci_ports.context, COMMAND, MEMORY | BUS_MASTER);
}

/* --- page tables -------------------------------------------------------------------------------------------------------- */

#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)
#define ENTRY_LARGE (UINT64_C(1) << 7)
#define ENTRY_NX (UINT64_C(1) << 63)

/* The entry that maps an address, at whatever level it is. */
static uint64_t *leaf_entry(uint64_t virt)
{
	uint64_t *table = (uint64_t *)(cr3_read() & ENTRY_ADDRESS);

	for (unsigned shift = cr4_read() & CR4_LA57 ? 48 : 39;; shift -= 9) {
		uint64_t *entry_of = &table[virt >> shift & 511];

		if (shift == 12 || *entry_of & ENTRY_LARGE)
			return entry_of;
		table = (uint64_t *)(*entry_of & ENTRY_ADDRESS);
	}
}

/* Page tables are RAM like any other: writable through the identity map. */
static void change_entry(uint64_t virt, uint64_t clear, uint64_t set)
{
	uint64_t *leaf = leaf_entry(virt);

	*leaf = (*leaf & ~clear) | set;
	cr3_write(cr3_read());
}

static void other_root(void)
{
	static uint64_t copy[512] __attribute__((aligned(4096)));
	const struct handoff_segment *segment;
	const uint64_t *root = (const uint64_t *)(cr3_read() & ENTRY_ADDRESS);

	for (unsigned i = 0; i < 512; i++)
		copy[i] = root[i];
	for (uint64_t i = 0; (segment = handoff_element(kernel.block, HANDOFF_PART_SEGMENTS, i)); i++)
		if ((uintptr_t)copy - segment->virt < segment->bytes)
			cr3_write(segment->phys + ((uintptr_t)copy - segment->virt));
}

static void constant_unmapped(void)
{
	static const char unused[2 * 4096] __attribute__((aligned(4096))) = {1};

	change_entry((uintptr_t)unused, 1, 0);
}

static void data_executable(void)
{
	change_entry((uintptr_t)&kernel, ENTRY_NX, 0);
}

static void text_writable(void)
{
	change_entry((uintptr_t)kernel_main, 0, 2);
}

/* --- the block ------------------------------------------------------------------------------------------------------------ */

/* One bit of the command line. */
static void block_changed(void)
{
	char *cmdline = (char *)(uintptr_t)handoff_part(kernel.block, HANDOFF_PART_CMDLINE, 0, 0);

	cmdline[0] ^= 1;
}

/* Page zero is not mapped. */
static void block_missing(void)
{
	entry.rdi = 0;
}

static void magic_missing(void)
{
	entry.rsi = 0;
}

/* --- memory -------------------------------------------------------------------------------------------------------------- */

static const struct handoff_range *range_of(uint32_t owner, uint32_t lifetime)
{
	const struct handoff_range *range;

	for (uint64_t i = 0; (range = handoff_element(kernel.block, HANDOFF_PART_MEMORY, i)); i++)
		if (range->owner == owner && range->lifetime == lifetime && range->start_phys >= 1 << 20)
			return range;
	return 0;
}

/* An allocator that thinks the boot record is free: the proof of memory must notice what it does to it. */
static void record_given_away(void)
{
	struct handoff_range range = *range_of(HANDOFF_OWNER_BOOT_RECORD, HANDOFF_LIFETIME_NEVER);

	range.type = HANDOFF_MEMORY_USABLE;
	range.owner = HANDOFF_OWNER_NONE;
	range.lifetime = HANDOFF_LIFETIME_FREE;
	memory_map_set(&kernel.pages, range);
}

/* Page tables of the kernel's own in which the first page of free memory is another one, or none. */
static void remap_free_page(uint64_t distance)
{
	static struct page_tables tables;
	uint64_t page = range_of(HANDOFF_OWNER_NONE, HANDOFF_LIFETIME_FREE)->start_phys;

	address_space_build(&tables, &kernel.pages, kernel.block, &kernel.live.cpu);
	if (distance)
		page_tables_map(&tables, page, page + distance, 4096, PAGE_WRITE);
	else
		page_tables_unmap(&tables, page, 4096);
	address_space_load(&tables);
}

static void memory_aliased(void)
{
	remap_free_page(8 * HANDOFF_PAGE_BYTES);
}

static void memory_missing(void)
{
	remap_free_page(0);
}

/* ------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	void (*before)(void); /* done to the machine before it is captured */
	void (*after)(void);  /* done after all rules have looked, before memory is proven */
} damages[] = {
	{.word = "magic", .before = magic_missing},        /* K1 fatal */
	{.word = "checksum", .before = block_changed},     /* K1 fatal */
	{.word = "block", .before = block_missing},        /* K1 fatal */
	{.word = "registers", .before = register_left},    /* M1 warning */
	{.word = "interrupts", .before = interrupts_on},   /* M2 repaired */
	{.word = "direction", .before = direction_down},   /* M3 repaired */
	{.word = "stack", .before = stack_elsewhere},      /* M4 fatal */
	{.word = "root", .before = other_root},            /* M5 fatal */
	{.word = "unmapped", .before = constant_unmapped}, /* M6 fatal */
	{.word = "wx-data", .before = data_executable},    /* M7 warning, or fatal with the word strict; M6 fatal */
	{.word = "wx-text", .before = text_writable},      /* the same */
	{.word = "wp", .before = protection_off},          /* M10 repaired */
	{.word = "fpu", .before = fpu_state},              /* M11 repaired, twice */
	{.word = "sse", .before = sse_off},                /* M11 repaired */
	{.word = "cr4", .before = cr4_bit},                /* M12 repaired */
	{.word = "fs", .before = fs_base},                 /* M13 repaired */
	{.word = "gdt", .before = gdt_elsewhere},          /* M13 repaired */
	{.word = "pat", .before = pat},                    /* M14 warning */
	{.word = "apic", .before = apic_off},              /* M15 repaired */
	{.word = "network", .before = network_runs},       /* M17 warning */
	{.word = "owned", .after = record_given_away},     /* K18 fatal */
	{.word = "alias", .after = memory_aliased},        /* M6 fatal */
	{.word = "hole", .after = memory_missing},         /* M6 fatal */
};
enum { DAMAGES = sizeof damages / sizeof *damages };

/* Which damage is wanted; the block is taken as sound, this kernel is only started by tests. */
static unsigned chosen(void)
{
	const char *cmdline = handoff_part(kernel.block, HANDOFF_PART_CMDLINE, 0, 0);
	unsigned i = 0;

	while (i < DAMAGES && !options_has(cmdline, "break", damages[i].word))
		i++;
	return i;
}

void kernel_main(const struct entry_state *found)
{
	unsigned damage;

	entry = *found;
	kernel.entry = &entry;
	kernel.block = (const void *)(uintptr_t)entry.rdi;
	channels_open();
	damage = chosen();
	if (damage < DAMAGES && damages[damage].before)
		damages[damage].before();
	machine_capture(&entry, &kernel.live);
	traps_load();
	machine_repair();
	findings_begin(&kernel.findings);
	leave_choose(LEAVE_QEMU); /* the command line may be what is broken */
	step_find_block(&kernel);
	if (damage == DAMAGES)
		print("the command line does not say what to break\n");
	step_open_screen(&kernel);
	step_open_pages(&kernel);
	step_check(&kernel);
	if (step_passed(&kernel) && damage < DAMAGES && damages[damage].after)
		damages[damage].after();
	if (step_passed(&kernel))
		step_use(&kernel);
	step_verdict(&kernel);
	leave(step_passed(&kernel), 0, 0);
}
