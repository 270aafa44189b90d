/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of x86-64 (M1-M3, M8, M10-M17): what the loader recorded against the contract in lib/handoff.h, then the live
 * ones against both.  Most of it is one table: a field, the bits that matter, what they must be, and what it means to a kernel
 * when they are not (Intel SDM volume 3A sections 2.5, 2.2.1 and 12.12).  Pure: the caller has read the registers.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/freestanding/memory.h"
#include "lib/handoff_block.h"

enum {
	CR0_PE = 1 << 0, CR0_MP = 1 << 1, CR0_EM = 1 << 2, CR0_TS = 1 << 3, CR0_ET = 1 << 4, CR0_NE = 1 << 5, CR0_WP = 1 << 16,
	CR0_NW = 1 << 29, CR0_CD = 1 << 30,
	CR4_PAE = 1 << 5, CR4_MCE = 1 << 6, CR4_OSFXSR = 1 << 9, CR4_OSXMMEXCPT = 1 << 10, CR4_LA57 = 1 << 12, CR4_CET = 1 << 23,
	EFER_LME = 1 << 8, EFER_LMA = 1 << 10, EFER_NXE = 1 << 11,
	RFLAGS_FIXED = 1 << 1, RFLAGS_IF = 1 << 9,
	APIC_BASE_X2APIC = 1 << 10, APIC_BASE_ENABLED = 1 << 11,
	MTRR_TYPE = 0xff, MTRR_ENABLED = 1 << 11,
};
#define CR0_PG (UINT64_C(1) << 31)
#define ALL UINT64_MAX
#define FIELD(name) offsetof(struct handoff_cpu, name), sizeof(((struct handoff_cpu *)0)->name)

struct register_rule {
	uint64_t mask;   /* the bits that matter */
	uint64_t wanted; /* what they must be */
	uint32_t offset, bytes; /* of the field in struct handoff_cpu */
	uint32_t rule;
	enum rule_severity severity;
	const char *text;
};

/* The contract. */
static const struct register_rule contract[] = {
	{ CR0_PE | CR0_PG, CR0_PE | CR0_PG, FIELD(cr0), RULE_M(1), RULE_FATAL, "paging or protected mode is off" },
	{ CR4_PAE, CR4_PAE, FIELD(cr4), RULE_M(1), RULE_FATAL, "CR4.PAE is clear: no long mode" },
	{ EFER_LME | EFER_LMA, EFER_LME | EFER_LMA, FIELD(efer), RULE_M(1), RULE_FATAL, "EFER says that long mode is not active" },
	{ 3, 0, FIELD(cs), RULE_M(1), RULE_FATAL, "the code segment is not of ring 0" },
	{ RFLAGS_IF, 0, FIELD(rflags), RULE_M(2), RULE_REPAIRED,
	  "interrupts were on: a kernel without an IDT must start with cli" },
	{ ALL & ~(uint64_t)RFLAGS_IF, RFLAGS_FIXED, FIELD(rflags), RULE_M(3), RULE_REPAIRED,
	  "flags other than the interrupt flag were set: write RFLAGS before you rely on them (cld)" },
	{ CR0_WP, CR0_WP, FIELD(cr0), RULE_M(10), RULE_REPAIRED,
	  "CR0.WP is clear: the kernel can write to its own read-only pages" },
	{ CR0_EM | CR0_TS | CR0_MP | CR0_NE, CR0_MP | CR0_NE, FIELD(cr0), RULE_M(11), RULE_REPAIRED,
	  "CR0 does not allow x87 and SSE instructions as promised: set it before any are used" },
	{ CR4_OSFXSR | CR4_OSXMMEXCPT, CR4_OSFXSR | CR4_OSXMMEXCPT, FIELD(cr4), RULE_M(11), RULE_REPAIRED,
	  "CR4 does not allow SSE instructions: set OSFXSR and OSXMMEXCPT before any are used" },
	{ ALL, 0x37f, FIELD(fcw), RULE_M(11), RULE_REPAIRED, "the x87 control word is not the initial one: run fninit" },
	{ ALL, 0x1f80, FIELD(mxcsr), RULE_M(11), RULE_REPAIRED, "MXCSR is not the initial one: load it" },
	{ CR4_CET, 0, FIELD(cr4), RULE_M(12), RULE_REPAIRED,
	  "CR4.CET is set: clear it before the first return or indirect jump that it would refuse" },
	{ ALL & ~(uint64_t)(CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_LA57 | CR4_CET), 0, FIELD(cr4), RULE_M(12),
	  RULE_INFORMATION, "bits of CR4 are set that the handoff does not promise" },
	{ ALL & ~(uint64_t)(EFER_LME | EFER_LMA | EFER_NXE), 0, FIELD(efer), RULE_M(12), RULE_INFORMATION,
	  "bits of EFER are set that the handoff does not promise" },
	{ ALL, 0x08, FIELD(cs), RULE_M(13), RULE_REPAIRED, "CS is not 0x08: load your own GDT before sti" },
	{ ALL, 0x10, FIELD(ss), RULE_M(13), RULE_REPAIRED, "SS is not 0x10: load your own GDT before sti" },
	{ ALL, 0x18, FIELD(tr), RULE_M(13), RULE_REPAIRED, "TR is not 0x18: load your own task state before sti" },
	{ ALL, 0, FIELD(ldtr), RULE_M(13), RULE_REPAIRED, "LDTR is not null: load your own" },
	{ ALL, HANDOFF_PAT, FIELD(pat), RULE_M(14), RULE_WARNING,
	  "IA32_PAT is not the documented one: memory types of all mappings are in doubt" },
	{ CR0_CD | CR0_NW, 0, FIELD(cr0), RULE_M(14), RULE_WARNING, "caching is off: everything is slow until CR0.CD is clear" },
};

/* The record against the machine: `wanted` comes from the record. */
static const struct register_rule record[] = {
	{ ALL, 0, FIELD(cr0), RULE_M(1), RULE_FATAL, "CR0 is not what the block records" },
	{ ALL, 0, FIELD(efer), RULE_M(1), RULE_FATAL, "EFER is not what the block records" },
	{ ALL, 0, FIELD(cr3), RULE_M(5), RULE_FATAL, "CR3 is not what the block records: other page tables are in force" },
	{ ALL, 0, FIELD(cr4), RULE_M(12), RULE_REPAIRED, "CR4 is not what the block records" },
	{ ALL, 0, FIELD(paging_levels), RULE_M(8), RULE_FATAL, "the page tables have another depth than the block records" },
	{ ALL, 0, FIELD(gdt_base_virt), RULE_M(13), RULE_REPAIRED, "GDTR is not what the block records" },
	{ ALL, 0, FIELD(gdt_limit), RULE_M(13), RULE_REPAIRED, "the limit of GDTR is not what the block records" },
	{ ALL, 0, FIELD(idt_base_virt), RULE_M(13), RULE_REPAIRED, "IDTR is not what the block records" },
	{ ALL, 0, FIELD(idt_limit), RULE_M(13), RULE_REPAIRED, "the limit of IDTR is not what the block records" },
	{ ALL, 0, FIELD(mtrr_default_type), RULE_M(14), RULE_WARNING, "the default MTRR type is not what the block records" },
	{ ALL, 0, FIELD(apic_base), RULE_M(15), RULE_REPAIRED, "the local APIC is not where or how the block records" },
	{ ALL, 0, FIELD(xcr0), RULE_M(12), RULE_REPAIRED, "XCR0 is not what the block records" },
	{ ALL, 0, FIELD(physical_bits), RULE_M(16), RULE_FATAL,
	  "the physical address width is not what the block records: addresses may lose bits" },
	{ ALL, 0, FIELD(encryption_mask), RULE_M(16), RULE_FATAL,
	  "the memory encryption bit is not what the block records: memory reads as noise" },
};

static uint64_t field(const struct handoff_cpu *cpu, const struct register_rule *rule)
{
	uint64_t value = 0; /* little-endian: 32-bit fields fill the lower half */

	memcpy(&value, (const uint8_t *)cpu + rule->offset, rule->bytes);
	return value;
}

/* A live register is reported on its own only where the record had looked right. */
static void check_contract(const struct handoff_check *check)
{
	const struct handoff_live *live = check->input->live;

	for (size_t i = 0; i < sizeof(contract) / sizeof(contract[0]); i++) {
		const struct register_rule *rule = &contract[i];
		uint64_t value = field(check->cpu, rule);

		rule_checked(check->log);
		if (live != NULL && (value & rule->mask) == rule->wanted)
			value = field(&live->cpu, rule);
		if ((value & rule->mask) != rule->wanted)
			rule_report(check->log, rule->rule, rule->severity, value, rule->wanted, rule->text);
	}
}

static void check_record(const struct handoff_check *check)
{
	const struct handoff_live *live = check->input->live;

	for (size_t i = 0; live != NULL && i < sizeof(record) / sizeof(record[0]); i++) {
		uint64_t found = field(&live->cpu, &record[i]), expected = field(check->cpu, &record[i]);

		rule_checked(check->log);
		if (found != expected)
			rule_report(check->log, record[i].rule, record[i].severity, found, expected, record[i].text);
	}
}

/* M8: the recorded depth is one that exists and the one that CR4 sets. */
static void check_depth(const struct handoff_check *check)
{
	uint32_t announced = check->cpu->paging_levels, set = check->cpu->cr4 & CR4_LA57 ? 5 : 4;

	rule_checked(check->log);
	if (announced != set)
		rule_report(check->log, RULE_M(8), RULE_FATAL, announced, set,
			    "CR4.LA57 and the announced depth of the page tables disagree");
}

/* M13: descriptor tables in memory that stays as long as they are used, and long enough for what is loaded from them. */
static void check_descriptor_table(const struct handoff_check *check, uint64_t base, uint32_t limit, uint32_t least,
				   const char *text)
{
	const struct handoff_range *range = memory_map_find(&check->owned, base);

	rule_checked(check->log);
	if (limit >= least && limit <= UINT16_MAX && handoff_check_inside(range, base, (uint64_t)limit + 1) &&
	    range->owner == HANDOFF_OWNER_TABLES)
		return;
	rule_report(check->log, RULE_M(13), RULE_REPAIRED, base, limit, text);
}

static void check_descriptor_tables(const struct handoff_check *check)
{
	const struct handoff_cpu *cpu = check->cpu;
	const struct handoff_live *live = check->input->live;

	/* TR 0x18 names a task state descriptor of 16 bytes; 32 gates of 16 bytes report the exceptions. */
	check_descriptor_table(check, cpu->gdt_base_virt, cpu->gdt_limit, 0x18 + 16 - 1,
			       "the GDT is not in the loader's memory or too short: load your own before sti");
	check_descriptor_table(check, cpu->idt_base_virt, cpu->idt_limit, 32 * 16 - 1,
			       "the IDT is not in the loader's memory or too short: load your own before sti");
	if (live == NULL)
		return;
	rule_checked(check->log);
	if ((live->fs_base | live->gs_base) != 0)
		rule_report(check->log, RULE_M(13), RULE_REPAIRED, live->fs_base, live->gs_base,
			    "the bases of FS and GS are not zero: write them before you use these segments");
}

/* M14: without MTRRs in force all memory is uncached (SDM volume 3A section 12.11.2.1). */
static void check_mtrr(const struct handoff_check *check)
{
	uint64_t value = check->cpu->mtrr_default_type;
	uint64_t type = value & MTRR_TYPE;

	rule_checked(check->log);
	if (value == 0)
		return; /* a processor without MTRRs */
	if (!(value & MTRR_ENABLED))
		rule_report(check->log, RULE_M(14), RULE_WARNING, value, MTRR_ENABLED,
			    "MTRRs are off: all memory is uncached and slow");
	else if (type == 2 || type == 3 || type > 6)
		rule_report(check->log, RULE_M(14), RULE_WARNING, type, 0, "the default MTRR type is a reserved value");
}

/* M15: what may interrupt cannot be seen from here; a kernel must not forget that it may. */
static void check_interrupt_sources(const struct handoff_check *check)
{
	uint64_t base = check->cpu->apic_base;
	int announced = (check->cpu->flags & HANDOFF_CPU_X2APIC) != 0;

	rule_checked(check->log);
	if (announced != ((base & APIC_BASE_X2APIC) != 0))
		rule_report(check->log, RULE_M(15), RULE_REPAIRED, base, check->cpu->flags,
			    "the announced mode of the local APIC is not the one it is in: read IA32_APIC_BASE yourself");
	if (base & APIC_BASE_ENABLED)
		rule_report(check->log, RULE_M(15), RULE_INFORMATION, base, 0,
			    "the local APIC is on and its timer as the firmware left it: mask APIC, PIC and HPET before sti");
}

/* M16: widths and masks that can be. */
static void check_address_width(const struct handoff_check *check)
{
	uint32_t bits = check->cpu->physical_bits;
	uint64_t mask = check->cpu->encryption_mask;
	int announced = (check->cpu->flags & HANDOFF_CPU_SEV) != 0;

	rule_checked(check->log);
	if (bits < 32 || bits > 52)
		rule_report(check->log, RULE_M(16), RULE_FATAL, bits, 52, "impossible physical address width");
	else if ((mask & (mask - 1)) != 0 || (mask != 0 && (mask >> bits == 0 || mask >> 52 != 0)) || announced != (mask != 0))
		rule_report(check->log, RULE_M(16), RULE_FATAL, mask, bits,
			    "the memory encryption mask is not one bit above the addresses, or not announced as such");
}

/* M17: network controllers are the devices that are known to be left running. */
static void check_bus_masters(const struct handoff_check *check)
{
	rule_checked(check->log);
	if (check->firmware->flags & HANDOFF_FIRMWARE_NETWORK_STOPPED)
		rule_report(check->log, RULE_M(17), RULE_INFORMATION, check->firmware->flags, 0,
			    "network controllers could write to memory after exit: the loader has stopped that");
	if (check->input->live != NULL && check->input->live->network_masters != 0)
		rule_report(check->log, RULE_M(17), RULE_WARNING, check->input->live->network_masters, 0,
			    "so many network controllers can write to memory: stop them before you reclaim boot services memory");
}

void handoff_check_machine(const struct handoff_check *check)
{
	check_contract(check);
	check_record(check);
	check_depth(check);
	check_descriptor_tables(check);
	check_mtrr(check);
	check_interrupt_sources(check);
	check_address_width(check);
	check_bus_masters(check);
}
