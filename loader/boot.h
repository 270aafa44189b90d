/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of one boot, handed from step to step in the order of main.c.  Firmware world: everything here is gone, or
 * frozen, after ExitBootServices; what the code after exit needs is copied into struct after (loader/after/after.h).
 *
 * RULES before exit: functions return EFI_STATUS; a failure is reported once, where the context is known, by log_error();
 * everything allocated is on boot->pages or freed by a cleanup attribute, and main.c gives it back.
 */
#ifndef LOADER_BOOT_H
#define LOADER_BOOT_H

#include <efi.h>
#include <stdint.h>
#include "lib/arch/x86_64/page_tables.h"
#include "lib/elf64.h"
#include "lib/handoff.h"
#include "lib/handoff_block.h"
#include "loader/arch/cpu.h"
#include "loader/pages.h"

#define LOADER_VERSION "Baton 0.1.0"

/* A file on the boot volume, UTF-8 with \ as separator, NUL-terminated. */
struct boot_path {
	char text[260];
};

/* What baton.conf says; defaults where it is silent. */
struct settings {
	struct boot_path configuration;
	uint32_t configuration_named; /* by a load option: then it must be there */
	struct boot_path kernel;
	struct boot_path cmdline_file;
	char *cmdline;              /* pool memory, NUL-terminated; NULL = none */
	uint64_t cmdline_bytes;     /* without the NUL */
	uint32_t width, height;     /* wanted resolution, 0 = any */
	uint32_t verbose;
	uint32_t report;            /* write files about this boot: only then is any disk written to */
	uint32_t blackbox;          /* keep the fate of this boot in an EFI variable */
	uint32_t nowait;            /* do not wait for a key after an error */
	void *text;                 /* the configuration file, pool memory: modules are read from it a second time */
	uint64_t text_bytes;
	struct wanted_checksum *checksums; /* pool memory: checksum.h */
	uint32_t checksum_count;
	uint32_t module_count;
	uint32_t module_names_bytes; /* room that their names need, NULs included */
};

/* A module in memory. */
struct module {
	uint64_t phys;
	uint64_t bytes;
	const char *name; /* into settings.text, not NUL-terminated */
	uint32_t name_bytes;
};

struct boot {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *services;     /* NULL from the first ExitBootServices call on (L35) */
	EFI_RUNTIME_SERVICES *runtime;
	SIMPLE_TEXT_OUTPUT_INTERFACE *console; /* may be NULL (H73) */

	EFI_LOADED_IMAGE *loaded_image;
	EFI_FILE_HANDLE volume;          /* root directory of the boot volume */
	EFI_HANDLE volume_handle;

	struct pages pages;
	struct handoff_boot_record *record; /* runtime services data; physical = virtual */
	struct cpu cpu;
	struct settings settings;
	struct elf64_plan plan;
	uint64_t segment_phys[ELF64_SEGMENTS_MAX];
	uint64_t kernel_file_bytes;
	struct module *modules;          /* pool memory */
	struct handoff_framebuffer framebuffer; /* width 0: none */
	struct handoff_firmware firmware;
	struct handoff_loader loader;
	struct handoff_last_boot last_boot; /* state 0: no black box; set_variable_phys set: this boot is armed */
	struct handoff_seed seed;        /* source 0: none */

	uint64_t stack_phys;             /* lowest usable byte; the guard page lies below */
	uint64_t stack_bytes;
	uint64_t tables_phys;            /* GDT, TSS, IDT and exception stack */
	struct handoff_builder block;
	uint64_t map_probe_bytes;        /* what the first size query asked for */
	uint64_t map_capacity_bytes;     /* of the raw map buffer inside the block */
	void *map_buffer;                /* inside the block, followed by a guard page */
	void *ranges_buffer;             /* behind the guard page: the RAM that the page tables were built for */
	uint64_t ranges_bytes;
	void *work_buffer;               /* the normaliser's work area */
	uint64_t work_bytes;
	struct page_tables page_tables;
};

/* The entry point, which the firmware calls after it has relocated the image; its status goes back to the firmware. */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/* Marks the begin of a stage: boot record, time stamp and debug port. */
void boot_stage(struct boot *boot, uint32_t stage);

#endif
