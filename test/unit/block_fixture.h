/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small machine with 64 MiB of RAM after a perfect boot, made of plain structs: what the firmware said, what the loader
 * owns, page tables, ACPI, SMBIOS and runtime tables in simulated physical memory, registers.  A test changes what it wants
 * wrong between block_fixture_begin() and block_fixture_build(), or breaks the finished block and seals it again.
 * Everything is constant: the same block every time (it is also the golden block).
 */
#ifndef TEST_UNIT_BLOCK_FIXTURE_H
#define TEST_UNIT_BLOCK_FIXTURE_H

#include "lib/handoff_block.h"
#include "lib/handoff_check.h"

/* All RAM but a little lies above 4 GiB, as it may. */
#define FIXTURE_RAM_PHYS UINT64_C(0x100000000)
#define FIXTURE_TEXT_PHYS UINT64_C(0x102000000)
#define FIXTURE_RODATA_PHYS UINT64_C(0x102004000)
#define FIXTURE_DATA_PHYS UINT64_C(0x102006000)
#define FIXTURE_STACK_PHYS UINT64_C(0x10200b000) /* the guard page is below */
#define FIXTURE_TABLES_PHYS UINT64_C(0x10200f000)
#define FIXTURE_GDT_PHYS UINT64_C(0x10202f000)
#define FIXTURE_BLOCK_PHYS UINT64_C(0x102030000)
#define FIXTURE_MODULE_PHYS UINT64_C(0x102060000)
#define FIXTURE_FREE_PHYS UINT64_C(0x102062000)
#define FIXTURE_IMAGE_PHYS UINT64_C(0x103000000)
#define FIXTURE_BOOT_SERVICES_PHYS UINT64_C(0x103010000)
#define FIXTURE_RUNTIME_CODE_PHYS UINT64_C(0x103108000)
#define FIXTURE_RUNTIME_DATA_PHYS UINT64_C(0x103110000)
#define FIXTURE_RECORD_PHYS UINT64_C(0x103116000)
#define FIXTURE_TOP_PHYS UINT64_C(0x103118000) /* free again, to the end of RAM */
#define FIXTURE_RAM_END_PHYS UINT64_C(0x104000000)
#define FIXTURE_ACPI_PHYS UINT64_C(0x7f000000)
#define FIXTURE_NVS_PHYS UINT64_C(0x7f004000)
#define FIXTURE_NVS_END_PHYS UINT64_C(0x7f008000)
#define FIXTURE_MMIO_PHYS UINT64_C(0xe0000000)
#define FIXTURE_SCREEN_PHYS UINT64_C(0x80000000)
#define FIXTURE_KERNEL_VIRT UINT64_C(0xffffffff80000000)

/* Places of firmware tables within their pages. */
enum {
	FIXTURE_RSDP = 0, FIXTURE_XSDT = 0x100, FIXTURE_FADT = 0x200, FIXTURE_MADT = 0x300,     /* of the ACPI memory */
	FIXTURE_SMBIOS3 = 0x100, FIXTURE_SMBIOS = 0x200, FIXTURE_ST = 0x400, FIXTURE_RT = 0x800, /* of runtime services data */
	FIXTURE_MAT = 0,                                                                          /* of boot services data */
};

enum {
	FIXTURE_BLOCK_BYTES = 0x30000,
	FIXTURE_POOL_PAGES = 32,
	FIXTURE_DESCRIPTORS_MAX = 1100,
	FIXTURE_OWNED_MAX = 32,
	FIXTURE_MAP_CAPACITY = 0x10000,
};

/* A descriptor as EDK2 writes it has 48 bytes, the last 8 undefined; other firmware may use fewer or more of them. */
struct fixture_descriptor {
	struct handoff_raw_descriptor known;
	uint64_t undefined[2];
};

struct block_fixture {
	/* What goes into the block. */
	struct fixture_descriptor raw[FIXTURE_DESCRIPTORS_MAX];
	uint64_t raw_count;
	uint32_t stride;            /* DescriptorSize, at most that of struct fixture_descriptor */
	uint64_t raw_extra_bytes;   /* returned by the firmware behind the last whole descriptor */
	struct handoff_range owned[FIXTURE_OWNED_MAX];
	uint64_t owned_count;
	struct handoff_exit exit;
	struct handoff_attempt attempts[2];
	struct handoff_cpu cpu;
	struct handoff_kernel kernel;
	struct handoff_segment segments[3];
	struct handoff_framebuffer framebuffer;
	struct handoff_firmware firmware;
	struct handoff_loader loader;
	struct handoff_last_boot last_boot;
	const char *vendor;
	/* Simulated physical memory. */
	uint64_t block[FIXTURE_BLOCK_BYTES / 8] __attribute__((aligned(4096)));
	uint64_t pool[FIXTURE_POOL_PAGES * 512] __attribute__((aligned(4096)));
	uint8_t acpi[4096] __attribute__((aligned(8)));
	uint8_t runtime_data[4096] __attribute__((aligned(8)));
	uint8_t boot_services[4096] __attribute__((aligned(8)));
	struct page_tables tables;
	/* The checker's input. */
	struct handoff_live live;
	struct handoff_check_input input;
	uint64_t scratch[32768];
};

void block_fixture_begin(struct block_fixture *fixture);
/* Builds and seals the block from the fixture's fields; the normalised map comes from the normaliser. */
void block_fixture_build(struct block_fixture *fixture);

struct handoff_header *block_fixture_header(struct block_fixture *fixture);
/* A part of the finished block, to be broken; fails the test when it is absent. */
void *block_fixture_part(struct block_fixture *fixture, uint32_t type);
struct handoff_part *block_fixture_entry(struct block_fixture *fixture, uint32_t type);
/* Makes the checksum right again. */
void block_fixture_reseal(struct block_fixture *fixture);

/* Appends a descriptor to the raw map. */
void block_fixture_describe(struct block_fixture *fixture, uint32_t type, uint64_t start, uint64_t end, uint64_t attribute);
/* The descriptor that covers an address. */
struct handoff_raw_descriptor *block_fixture_descriptor(struct block_fixture *fixture, uint64_t phys);
/* The owned range that covers an address. */
struct handoff_range *block_fixture_owned(struct block_fixture *fixture, uint64_t phys);
/* Starts the page tables over, by the fields of fixture->tables and the segments. */
void block_fixture_map_all(struct block_fixture *fixture);
/* Maps a page again, otherwise. */
void block_fixture_map(struct block_fixture *fixture, uint64_t virt, uint64_t phys, uint64_t bytes, uint32_t flags);
/* The entry of the live tables that maps virt at a level (1 = 4 KiB leaves; large leaves above it are split). */
uint64_t *block_fixture_table_entry(struct block_fixture *fixture, uint64_t virt, uint32_t level);
/* Writes a number of 1 to 8 bytes, little-endian. */
void block_fixture_put(uint8_t *to, uint64_t value, uint64_t bytes);
/* Fills in the byte at `checksum_offset` so that all bytes sum up to zero. */
void block_fixture_sum(uint8_t *table, uint64_t bytes, uint64_t checksum_offset);
/* Fills in the CRC-32 of a UEFI table. */
void block_fixture_crc(uint8_t *table);

#endif
