/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The conversion table: what one EFI descriptor alone means for a kernel.  It stands here once and is shared by the
 * normaliser, its independent checker and the tools.
 *
 *   EFI type                      becomes          owner           lifetime        unless
 *   0 Reserved                    RESERVED         FIRMWARE        NEVER           (K37: never reclaimed)
 *   1, 2 LoaderCode, LoaderData   LOADER           OTHER_LOADER    OWN_TABLES      K23, K24: RESERVED
 *   3, 4 BootServicesCode, Data   BOOT_SERVICES    BOOT_SERVICES   RUNTIME_MAPPED  K23, K24: RESERVED
 *   5 RuntimeServicesCode         RUNTIME_CODE     RUNTIME         NEVER           K25 sets the RUNTIME attribute
 *   6 RuntimeServicesData         RUNTIME_DATA     RUNTIME         NEVER           K25 sets the RUNTIME attribute
 *   7 ConventionalMemory          USABLE           NONE            FREE            K23, K24: RESERVED; K31 NV: PERSISTENT;
 *                                                                                  K30 SP: SPECIAL_PURPOSE
 *   8 UnusableMemory              UNUSABLE         FIRMWARE        NEVER
 *   9 ACPIReclaimMemory           ACPI_RECLAIM     ACPI            ACPI_PARSED
 *   10 ACPIMemoryNVS              ACPI_NVS         FIRMWARE        NEVER
 *   11 MemoryMappedIO             MMIO             FIRMWARE        NEVER
 *   12 MemoryMappedIOPortSpace    MMIO_PORT        FIRMWARE        NEVER
 *   13 PalCode                    RESERVED         FIRMWARE        NEVER           (Itanium only)
 *   14 PersistentMemory           PERSISTENT       FIRMWARE        NEVER
 *   15 UnacceptedMemoryType       UNACCEPTED       FIRMWARE        NEVER           (K22)
 *   16 and up                     RESERVED         FIRMWARE        NEVER           (K21)
 *   SPECIAL_PURPOSE has owner NONE and lifetime NEVER: it is RAM that nobody uses, but only a driver that asks for it by
 *   type may take it; who goes by lifetime never meets it (K30).
 *
 * Dropped are descriptors with no pages (K10), that wrap or end above the last but one page of the address space (K11), that
 * name RAM beyond the physical address width (K13), and RAM that is smaller than a page once its unaligned ends are cut off
 * (K12).  What depends on the place and on other descriptors (page zero, the first MiB, owned ranges) is the normaliser's.
 */
#ifndef LIB_MEMORY_RANGE_H
#define LIB_MEMORY_RANGE_H

#include <stdint.h>
#include "lib/handoff.h"
#include "lib/rules.h"

/* No end lies above this: the last page of the address space has none that 64 bits can hold. */
#define MEMORY_RANGE_END_MAX (UINT64_MAX - (HANDOFF_PAGE_BYTES - 1))

/* What was noticed about a descriptor; the index of its text and severity. */
enum memory_range_note {
	MEMORY_RANGE_NO_PAGES,        /* K10 */
	MEMORY_RANGE_WRAPS,           /* K11 */
	MEMORY_RANGE_UNALIGNED,       /* K12 */
	MEMORY_RANGE_BEYOND_RAM,      /* K13 */
	MEMORY_RANGE_BEYOND_OTHER,    /* K14 */
	MEMORY_RANGE_UNKNOWN_TYPE,    /* K21, 16..0x6fffffff */
	MEMORY_RANGE_OEM_TYPE,        /* K21, 0x70000000..0x7fffffff */
	MEMORY_RANGE_OS_TYPE,         /* K21, 0x80000000.. */
	MEMORY_RANGE_UNACCEPTED,      /* K22 */
	MEMORY_RANGE_NOT_WRITE_BACK,  /* K23 */
	MEMORY_RANGE_RUNTIME_RAM,     /* K24 */
	MEMORY_RANGE_RUNTIME_MISSING, /* K25 */
	MEMORY_RANGE_RUNTIME_ACPI,    /* K26 */
	MEMORY_RANGE_PROTECTION_BITS, /* K27 */
	MEMORY_RANGE_NO_ATTRIBUTES,   /* K28 */
	MEMORY_RANGE_UNKNOWN_BITS,    /* K28 */
	MEMORY_RANGE_RUNTIME_UNCACHED, /* K28: no cacheability stated for runtime memory */
	MEMORY_RANGE_VIRTUAL_START,   /* K29 */
	MEMORY_RANGE_SPECIAL_PURPOSE, /* K30 */
	MEMORY_RANGE_HOT_PLUGGABLE,   /* K30 */
	MEMORY_RANGE_MORE_RELIABLE,   /* K30 */
	MEMORY_RANGE_NON_VOLATILE,    /* K31 */
	MEMORY_RANGE_LARGE_MMIO,      /* K38 */
	MEMORY_RANGE_RUNTIME_UNALIGNED, /* K43 */
	MEMORY_RANGE_NOTE_COUNT,
};

/*
 * What the descriptor means.  physical_bits is MAXPHYADDR without encryption bits, 32..52; any other value is taken as 52.
 * ret_range (start, end, type, attributes after repairs, owner, lifetime, index 0) is written when 1 is returned; 0 means that
 * the descriptor is dropped.  ret_notes, if not NULL, is set to a bit 1 << MEMORY_RANGE_... for each thing noticed.
 */
int memory_range_of(const struct handoff_raw_descriptor *descriptor, uint32_t physical_bits, struct handoff_range *ret_range,
		    uint32_t *ret_notes);

/* A descriptor that no firmware writes but that a wrong stride produces (K13): it is not page-aligned, wraps, or names RAM
   beyond the physical address width. */
int memory_range_impossible(uint32_t notes);

/* The rule, severity and text of a note; note < MEMORY_RANGE_NOTE_COUNT. */
__attribute__((const)) uint32_t memory_range_note_rule(enum memory_range_note note);
__attribute__((const)) enum rule_severity memory_range_note_severity(enum memory_range_note note);
__attribute__((const)) const char *memory_range_note_text(enum memory_range_note note);

/* Owner and lifetime that memory of a type has when the loader does not own it; fills both. */
void memory_range_default(struct handoff_range *range);

/* 1: memory that the loader may own and that a kernel gets, now or later: usable, boot services or loader memory. */
int memory_range_is_pool(uint32_t type);

/* How restrictive a type is (K17), 0 the most; HANDOFF_MEMORY_USABLE the least.  Unknown types rank as RESERVED. */
uint32_t memory_range_rank(uint32_t type);

/* The UEFI specification's name of a memory type without its Efi: "LoaderData"; "OEM", "OS", "unknown" for the ranges above. */
const char *memory_range_uefi_name(uint32_t uefi_type);

#endif
