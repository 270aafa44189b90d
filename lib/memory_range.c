/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One EFI descriptor and what it means (UEFI 2.10 §7.2.1 types, §7.2.3 descriptors and attributes).  The table and the rules
 * K10-K14, K21-K31, K38 and K43 stand in the header.  Attributes are capabilities of the memory, never its current
 * settings (K27): they are passed on and decide nothing but what the rules say.
 */
#include "lib/memory_range.h"
#include "lib/uefi_memory.h"

#define NOTE(n) (UINT32_C(1) << (n))

#define CACHEABILITY (UEFI_MEMORY_UC | UEFI_MEMORY_WC | UEFI_MEMORY_WT | UEFI_MEMORY_WB | UEFI_MEMORY_UCE | UEFI_MEMORY_WP)
#define PROTECTION (UEFI_MEMORY_WP | UEFI_MEMORY_RP | UEFI_MEMORY_XP | UEFI_MEMORY_RO)
/* Bits whose meaning the processor's architecture defines, and the bit that says they have one (UEFI 2.10 §7.2.3). */
#define ISA_VALID UINT64_C(0x4000000000000000)
#define ISA_MASK UINT64_C(0x0ffff00000000000)
#define KNOWN                                                                                                          \
	(CACHEABILITY | PROTECTION | UEFI_MEMORY_NV | UEFI_MEMORY_MORE_RELIABLE | UEFI_MEMORY_SP | UEFI_MEMORY_CPU_CRYPTO | \
	 UEFI_MEMORY_HOT_PLUGGABLE | UEFI_MEMORY_RUNTIME | ISA_VALID)

/* Linux takes smaller runtime MMIO ranges for real reservations and larger ones for windows (K38). */
#define LARGE_MMIO_BYTES UINT64_C(0x40000)

/* Indexed by EFI type. */
static const struct {
	uint8_t becomes;
	uint8_t is_ram;    /* K13: cannot lie beyond the physical address width */
	uint8_t is_usable; /* RAM that a kernel may come to use: unaligned ends are cut off, needs WB, must not be RUNTIME */
} table[UEFI_MEMORY_TYPE_COUNT] = {
	[UEFI_RESERVED] = {HANDOFF_MEMORY_RESERVED, 0, 0},
	[UEFI_LOADER_CODE] = {HANDOFF_MEMORY_LOADER, 1, 1},
	[UEFI_LOADER_DATA] = {HANDOFF_MEMORY_LOADER, 1, 1},
	[UEFI_BOOT_SERVICES_CODE] = {HANDOFF_MEMORY_BOOT_SERVICES, 1, 1},
	[UEFI_BOOT_SERVICES_DATA] = {HANDOFF_MEMORY_BOOT_SERVICES, 1, 1},
	[UEFI_RUNTIME_SERVICES_CODE] = {HANDOFF_MEMORY_RUNTIME_CODE, 1, 0},
	[UEFI_RUNTIME_SERVICES_DATA] = {HANDOFF_MEMORY_RUNTIME_DATA, 1, 0},
	[UEFI_CONVENTIONAL] = {HANDOFF_MEMORY_USABLE, 1, 1},
	[UEFI_UNUSABLE] = {HANDOFF_MEMORY_UNUSABLE, 0, 0},
	[UEFI_ACPI_RECLAIM] = {HANDOFF_MEMORY_ACPI_RECLAIM, 1, 0},
	[UEFI_ACPI_NVS] = {HANDOFF_MEMORY_ACPI_NVS, 1, 0},
	[UEFI_MMIO] = {HANDOFF_MEMORY_MMIO, 0, 0},
	[UEFI_MMIO_PORT] = {HANDOFF_MEMORY_MMIO_PORT, 0, 0},
	[UEFI_PAL_CODE] = {HANDOFF_MEMORY_RESERVED, 0, 0},
	[UEFI_PERSISTENT] = {HANDOFF_MEMORY_PERSISTENT, 1, 0},
	[UEFI_UNACCEPTED] = {HANDOFF_MEMORY_UNACCEPTED, 1, 0},
};

static const char names[UEFI_MEMORY_TYPE_COUNT][24] = {
	[UEFI_RESERVED] = "Reserved",
	[UEFI_LOADER_CODE] = "LoaderCode",
	[UEFI_LOADER_DATA] = "LoaderData",
	[UEFI_BOOT_SERVICES_CODE] = "BootServicesCode",
	[UEFI_BOOT_SERVICES_DATA] = "BootServicesData",
	[UEFI_RUNTIME_SERVICES_CODE] = "RuntimeServicesCode",
	[UEFI_RUNTIME_SERVICES_DATA] = "RuntimeServicesData",
	[UEFI_CONVENTIONAL] = "ConventionalMemory",
	[UEFI_UNUSABLE] = "UnusableMemory",
	[UEFI_ACPI_RECLAIM] = "ACPIReclaimMemory",
	[UEFI_ACPI_NVS] = "ACPIMemoryNVS",
	[UEFI_MMIO] = "MemoryMappedIO",
	[UEFI_MMIO_PORT] = "MemoryMappedIOPortSpace",
	[UEFI_PAL_CODE] = "PalCode",
	[UEFI_PERSISTENT] = "PersistentMemory",
	[UEFI_UNACCEPTED] = "UnacceptedMemoryType",
};

static const struct {
	uint32_t rule;
	enum rule_severity severity;
	const char *text;
} notes[MEMORY_RANGE_NOTE_COUNT] = {
	[MEMORY_RANGE_NO_PAGES] = {RULE_K(10), RULE_REPAIRED, "descriptor without pages, dropped"},
	[MEMORY_RANGE_WRAPS] = {RULE_K(11), RULE_REPAIRED, "descriptor that wraps around the address space, dropped"},
	[MEMORY_RANGE_UNALIGNED] = {RULE_K(12), RULE_REPAIRED, "descriptor not page-aligned, RAM cut and others widened to pages"},
	[MEMORY_RANGE_BEYOND_RAM] = {RULE_K(13), RULE_REPAIRED, "RAM beyond the physical address width, dropped"},
	[MEMORY_RANGE_BEYOND_OTHER] = {RULE_K(14), RULE_INFORMATION, "no RAM, and beyond the physical address width"},
	[MEMORY_RANGE_UNKNOWN_TYPE] = {RULE_K(21), RULE_REPAIRED, "memory type that the specification leaves undefined, reserved"},
	[MEMORY_RANGE_OEM_TYPE] = {RULE_K(21), RULE_REPAIRED, "memory type of the manufacturer, reserved"},
	[MEMORY_RANGE_OS_TYPE] = {RULE_K(21), RULE_REPAIRED, "memory type of an operating system's loader, reserved"},
	[MEMORY_RANGE_UNACCEPTED] = {RULE_K(22), RULE_INFORMATION, "memory that must be accepted before it is touched"},
	[MEMORY_RANGE_NOT_WRITE_BACK] = {RULE_K(23), RULE_REPAIRED, "RAM that cannot be cached write-back, reserved"},
	[MEMORY_RANGE_RUNTIME_RAM] = {RULE_K(24), RULE_REPAIRED, "RUNTIME attribute on memory of the boot phase, reserved"},
	[MEMORY_RANGE_RUNTIME_MISSING] = {RULE_K(25), RULE_REPAIRED, "runtime services memory without RUNTIME, attribute set"},
	[MEMORY_RANGE_RUNTIME_ACPI] = {RULE_K(26), RULE_WARNING, "RUNTIME attribute on ACPI memory, forbidden by UEFI 2.3.4"},
	[MEMORY_RANGE_PROTECTION_BITS] = {RULE_K(27), RULE_INFORMATION, "XP, RO, RP or WP: capabilities, not applied"},
	[MEMORY_RANGE_NO_ATTRIBUTES] = {RULE_K(28), RULE_INFORMATION, "no attribute at all"},
	[MEMORY_RANGE_UNKNOWN_BITS] = {RULE_K(28), RULE_INFORMATION, "attribute bits that the specification leaves undefined"},
	[MEMORY_RANGE_RUNTIME_UNCACHED] = {RULE_K(28), RULE_WARNING, "runtime memory of unknown cacheability, to be mapped uncached"},
	[MEMORY_RANGE_VIRTUAL_START] = {RULE_K(29), RULE_INFORMATION, "VirtualStart set before SetVirtualAddressMap, ignored"},
	[MEMORY_RANGE_SPECIAL_PURPOSE] = {RULE_K(30), RULE_INFORMATION, "special purpose memory, not for the general pool"},
	[MEMORY_RANGE_HOT_PLUGGABLE] = {RULE_K(30), RULE_INFORMATION, "hot-pluggable memory, not for data that cannot move"},
	[MEMORY_RANGE_MORE_RELIABLE] = {RULE_K(30), RULE_INFORMATION, "memory of higher reliability"},
	[MEMORY_RANGE_NON_VOLATILE] = {RULE_K(31), RULE_REPAIRED, "conventional memory that is non-volatile, made persistent"},
	[MEMORY_RANGE_LARGE_MMIO] = {RULE_K(38), RULE_INFORMATION, "MMIO of 256 KiB or more: neither RAM nor a reservation on a bus"},
	[MEMORY_RANGE_RUNTIME_UNALIGNED] = {RULE_K(43), RULE_WARNING, "runtime services memory not page-aligned"},
};

uint32_t memory_range_note_rule(enum memory_range_note note)
{
	return notes[note].rule;
}

enum rule_severity memory_range_note_severity(enum memory_range_note note)
{
	return notes[note].severity;
}

const char *memory_range_note_text(enum memory_range_note note)
{
	return notes[note].text;
}

int memory_range_impossible(uint32_t set)
{
	return (set & (NOTE(MEMORY_RANGE_WRAPS) | NOTE(MEMORY_RANGE_UNALIGNED) | NOTE(MEMORY_RANGE_BEYOND_RAM))) != 0;
}

static int is_usable(uint32_t uefi_type)
{
	return uefi_type < UEFI_MEMORY_TYPE_COUNT && table[uefi_type].is_usable;
}

static int is_runtime(uint32_t uefi_type)
{
	return uefi_type == UEFI_RUNTIME_SERVICES_CODE || uefi_type == UEFI_RUNTIME_SERVICES_DATA;
}

/* K10-K12: the pages it names.  Returns 0 when there are none; a reason that is not K12 stands in ret_notes. */
static int extent(const struct handoff_raw_descriptor *descriptor, uint64_t *ret_start, uint64_t *ret_end, uint32_t *ret_notes)
{
	const uint64_t mask = HANDOFF_PAGE_BYTES - 1;
	uint64_t start = descriptor->physical_start, end;

	if (start & mask)
		*ret_notes |= NOTE(MEMORY_RANGE_UNALIGNED) |
			      (is_runtime(descriptor->type) ? NOTE(MEMORY_RANGE_RUNTIME_UNALIGNED) : 0);
	if (descriptor->number_of_pages == 0) {
		*ret_notes |= NOTE(MEMORY_RANGE_NO_PAGES);
		return 0;
	}
	if (descriptor->number_of_pages > MEMORY_RANGE_END_MAX / HANDOFF_PAGE_BYTES ||
	    start > MEMORY_RANGE_END_MAX - descriptor->number_of_pages * HANDOFF_PAGE_BYTES) {
		*ret_notes |= NOTE(MEMORY_RANGE_WRAPS);
		return 0;
	}
	end = start + descriptor->number_of_pages * HANDOFF_PAGE_BYTES;
	/* What may become free must be whole pages of RAM; everything else must be avoided to its last byte.  Neither sum
	   overflows: END_MAX is a page below the end of the address space. */
	if (is_usable(descriptor->type)) {
		start = (start + mask) & ~mask;
		end &= ~mask;
	} else {
		start &= ~mask;
		end = (end + mask) & ~mask;
	}
	*ret_start = start;
	*ret_end = end;
	return start < end;
}

/* K27-K30: what the attribute bits say without changing anything. */
static uint32_t attribute_notes(const struct handoff_raw_descriptor *descriptor)
{
	uint64_t attribute = descriptor->attribute;
	uint64_t known = KNOWN | ((attribute & ISA_VALID) ? ISA_MASK : 0);
	uint32_t found = 0;

	if (attribute & PROTECTION)
		found |= NOTE(MEMORY_RANGE_PROTECTION_BITS);
	if (attribute == 0)
		found |= NOTE(MEMORY_RANGE_NO_ATTRIBUTES);
	if (attribute & ~known)
		found |= NOTE(MEMORY_RANGE_UNKNOWN_BITS);
	if ((is_runtime(descriptor->type) || (attribute & UEFI_MEMORY_RUNTIME)) && !(attribute & CACHEABILITY))
		found |= NOTE(MEMORY_RANGE_RUNTIME_UNCACHED);
	if (attribute & UEFI_MEMORY_SP)
		found |= NOTE(MEMORY_RANGE_SPECIAL_PURPOSE);
	if (attribute & UEFI_MEMORY_HOT_PLUGGABLE)
		found |= NOTE(MEMORY_RANGE_HOT_PLUGGABLE);
	if (attribute & UEFI_MEMORY_MORE_RELIABLE)
		found |= NOTE(MEMORY_RANGE_MORE_RELIABLE);
	return found;
}

/* K21, K22: the type by the table. */
static uint32_t convert_type(uint32_t uefi_type, uint32_t *ret_notes)
{
	if (uefi_type == UEFI_UNACCEPTED)
		*ret_notes |= NOTE(MEMORY_RANGE_UNACCEPTED);
	if (uefi_type < UEFI_MEMORY_TYPE_COUNT)
		return table[uefi_type].becomes;
	if (uefi_type < UINT32_C(0x70000000))
		*ret_notes |= NOTE(MEMORY_RANGE_UNKNOWN_TYPE);
	else if (uefi_type < UINT32_C(0x80000000))
		*ret_notes |= NOTE(MEMORY_RANGE_OEM_TYPE);
	else
		*ret_notes |= NOTE(MEMORY_RANGE_OS_TYPE);
	return HANDOFF_MEMORY_RESERVED;
}

/* K23-K26, K30, K31: what the attributes make of the type.  Where several apply the most restrictive one wins. */
static void repair(const struct handoff_raw_descriptor *descriptor, struct handoff_range *range, uint32_t *ret_notes)
{
	uint32_t type = descriptor->type;
	uint64_t attribute = descriptor->attribute;

	if (type == UEFI_CONVENTIONAL && (attribute & UEFI_MEMORY_SP))
		range->type = HANDOFF_MEMORY_SPECIAL_PURPOSE;
	if (type == UEFI_CONVENTIONAL && (attribute & UEFI_MEMORY_NV)) {
		*ret_notes |= NOTE(MEMORY_RANGE_NON_VOLATILE);
		range->type = HANDOFF_MEMORY_PERSISTENT;
	}
	if (is_usable(type) && !(attribute & UEFI_MEMORY_WB)) {
		*ret_notes |= NOTE(MEMORY_RANGE_NOT_WRITE_BACK);
		range->type = HANDOFF_MEMORY_RESERVED;
	}
	if (is_usable(type) && (attribute & UEFI_MEMORY_RUNTIME)) {
		*ret_notes |= NOTE(MEMORY_RANGE_RUNTIME_RAM);
		range->type = HANDOFF_MEMORY_RESERVED;
	}
	if (is_runtime(type) && !(attribute & UEFI_MEMORY_RUNTIME)) {
		*ret_notes |= NOTE(MEMORY_RANGE_RUNTIME_MISSING);
		range->attributes |= UEFI_MEMORY_RUNTIME;
	}
	if ((type == UEFI_ACPI_RECLAIM || type == UEFI_ACPI_NVS) && (attribute & UEFI_MEMORY_RUNTIME))
		*ret_notes |= NOTE(MEMORY_RANGE_RUNTIME_ACPI);
}

/* K13, K14: returns 0 for RAM that cannot exist. */
static int within_width(uint32_t uefi_type, uint64_t end, uint32_t physical_bits, uint32_t *ret_notes)
{
	uint32_t bits = physical_bits >= 32 && physical_bits <= 52 ? physical_bits : 52;

	if (end <= UINT64_C(1) << bits)
		return 1;
	if (uefi_type < UEFI_MEMORY_TYPE_COUNT && table[uefi_type].is_ram) {
		*ret_notes |= NOTE(MEMORY_RANGE_BEYOND_RAM);
		return 0;
	}
	*ret_notes |= NOTE(MEMORY_RANGE_BEYOND_OTHER);
	return 1;
}

int memory_range_of(const struct handoff_raw_descriptor *descriptor, uint32_t physical_bits, struct handoff_range *ret_range,
		    uint32_t *ret_notes)
{
	struct handoff_range range = {.attributes = descriptor->attribute};
	uint32_t found = 0;
	int kept = extent(descriptor, &range.start_phys, &range.end_phys, &found) &&
		   within_width(descriptor->type, range.end_phys, physical_bits, &found);

	if (kept) {
		found |= attribute_notes(descriptor);
		range.type = convert_type(descriptor->type, &found);
		repair(descriptor, &range, &found);
		memory_range_default(&range);
		if (descriptor->virtual_start != 0)
			found |= NOTE(MEMORY_RANGE_VIRTUAL_START);
		if (range.type == HANDOFF_MEMORY_MMIO && range.end_phys - range.start_phys >= LARGE_MMIO_BYTES)
			found |= NOTE(MEMORY_RANGE_LARGE_MMIO);
		*ret_range = range;
	}
	if (ret_notes)
		*ret_notes = found;
	return kept;
}

void memory_range_default(struct handoff_range *range)
{
	range->owner = HANDOFF_OWNER_FIRMWARE;
	range->lifetime = HANDOFF_LIFETIME_NEVER;
	switch (range->type) {
	case HANDOFF_MEMORY_USABLE:
		range->owner = HANDOFF_OWNER_NONE;
		range->lifetime = HANDOFF_LIFETIME_FREE;
		break;
	case HANDOFF_MEMORY_LOADER:
		range->owner = HANDOFF_OWNER_OTHER_LOADER;
		range->lifetime = HANDOFF_LIFETIME_OWN_TABLES;
		break;
	case HANDOFF_MEMORY_BOOT_SERVICES:
		range->owner = HANDOFF_OWNER_BOOT_SERVICES;
		range->lifetime = HANDOFF_LIFETIME_RUNTIME_MAPPED;
		break;
	case HANDOFF_MEMORY_ACPI_RECLAIM:
		range->owner = HANDOFF_OWNER_ACPI;
		range->lifetime = HANDOFF_LIFETIME_ACPI_PARSED;
		break;
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
		range->owner = HANDOFF_OWNER_RUNTIME;
		break;
	case HANDOFF_MEMORY_SPECIAL_PURPOSE:
		range->owner = HANDOFF_OWNER_NONE;
		break;
	}
}

int memory_range_is_pool(uint32_t type)
{
	return type == HANDOFF_MEMORY_USABLE || type == HANDOFF_MEMORY_BOOT_SERVICES || type == HANDOFF_MEMORY_LOADER;
}

uint32_t memory_range_rank(uint32_t type)
{
	static const uint8_t rank[] = {
		[HANDOFF_MEMORY_UNUSABLE] = 0,    [HANDOFF_MEMORY_RUNTIME_CODE] = 1,  [HANDOFF_MEMORY_RUNTIME_DATA] = 2,
		[HANDOFF_MEMORY_MMIO] = 3,        [HANDOFF_MEMORY_MMIO_PORT] = 4,     [HANDOFF_MEMORY_ACPI_NVS] = 5,
		[HANDOFF_MEMORY_RESERVED] = 6,    [HANDOFF_MEMORY_ACPI_RECLAIM] = 7,  [HANDOFF_MEMORY_UNACCEPTED] = 8,
		[HANDOFF_MEMORY_PERSISTENT] = 9,  [HANDOFF_MEMORY_SPECIAL_PURPOSE] = 10, [HANDOFF_MEMORY_LOADER] = 11,
		[HANDOFF_MEMORY_BOOT_SERVICES] = 12, [HANDOFF_MEMORY_USABLE] = 13,
	};

	return type != 0 && type < sizeof(rank) ? rank[type] : rank[HANDOFF_MEMORY_RESERVED];
}

const char *memory_range_uefi_name(uint32_t uefi_type)
{
	if (uefi_type < UEFI_MEMORY_TYPE_COUNT)
		return names[uefi_type];
	if (uefi_type < UINT32_C(0x70000000))
		return "unknown";
	return uefi_type < UINT32_C(0x80000000) ? "OEM" : "OS";
}
