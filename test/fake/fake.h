/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A firmware for the host: system table, boot services, files, graphics and processor that the real loader runs against
 * under the sanitizers, from its entry point to the jump into the kernel.
 *
 * Physical memory is real memory at fixed low addresses, so that an address is a pointer.  What nobody has allocated is
 * poisoned for AddressSanitizer; what the firmware hands out is filled with garbage.  The map is kept by lib/memory_map.c.
 * The firmware watches: a broken rule ends the run with FAKE_VIOLATION.  What goes wrong on its side is data: struct fake_fault.
 */
#ifndef TEST_FAKE_FAKE_H
#define TEST_FAKE_FAKE_H

#include <efi.h>
#include <setjmp.h>
#include <stdint.h>
#include "lib/handoff.h"
#include "lib/memory_map.h"
#include "loader/arch/cpu.h"

/* Everything the loader can call; the counts of `at` in a fault are per entry. */
enum fake_call {
	FAKE_ALLOCATE_PAGES = 1, FAKE_FREE_PAGES, FAKE_ALLOCATE_POOL, FAKE_FREE_POOL, FAKE_GET_MEMORY_MAP, FAKE_EXIT_BOOT_SERVICES,
	FAKE_HANDLE_PROTOCOL, FAKE_LOCATE_PROTOCOL, FAKE_TPL, FAKE_WATCHDOG, FAKE_STALL, FAKE_CONSOLE, FAKE_KEYBOARD,
	FAKE_OPEN_VOLUME, FAKE_OPEN, FAKE_GET_INFO, FAKE_SET_POSITION, FAKE_READ, FAKE_CLOSE,
	FAKE_GET_VARIABLE, FAKE_GET_TIME, FAKE_RESET_SYSTEM, FAKE_QUERY_MODE, FAKE_SET_MODE, FAKE_GET_RNG,
	FAKE_PROCESSOR, FAKE_PORTS, FAKE_SET_VARIABLE, FAKE_QUERY_VARIABLE_INFO,
	FAKE_WRITE, FAKE_FLUSH, FAKE_DELETE, FAKE_LOCATE_HANDLES, FAKE_READ_BLOCKS,
	FAKE_LOAD_IMAGE, FAKE_START_IMAGE, FAKE_UNLOAD_IMAGE, FAKE_GET_POSITION, FAKE_CALL_COUNT,
};

enum fake_effect {
	FAKE_FAIL = 1,         /* returns status `value` */
	FAKE_NULL,             /* EFI_SUCCESS with a null result */
	FAKE_ADDRESS,          /* AllocatePages: EFI_SUCCESS with address `value` */
	FAKE_GROW,             /* the map gains `value` descriptors before the call is served */
	FAKE_SHRINK,           /* ... loses */
	FAKE_APPEAR,           /* `value` pages of RAM appear that the map did not have, side by side... */
	FAKE_SCATTER,          /* ...or a GiB apart */
	FAKE_SHORT,            /* Read: half of what was asked for */
	FAKE_END,              /* Read: nothing */
	FAKE_LONG,             /* Read: claims more than was asked for; GetVariable of the black box: claims `value` bytes */
	FAKE_STATED_BYTES,     /* GetInfo: FileSize = value; GetPosition: the end = value */
	FAKE_NOTHING,          /* GetInfo: EFI_SUCCESS, but only `value` bytes written */
	FAKE_SUCCEED,          /* GetMemoryMap: EFI_SUCCESS for a size query, *MemoryMapSize = value */
	FAKE_MAP_BYTES,        /* GetMemoryMap: *MemoryMapSize = value on return */
	FAKE_DESCRIPTOR_BYTES, /* ... *DescriptorSize */
	FAKE_VERSION,          /* ... *DescriptorVersion */
	FAKE_STRIDE,           /* from this call on the real stride is `value` */
	FAKE_OVERRUN,          /* writes `value` bytes behind the buffer's capacity */
	FAKE_MOVE,             /* AllocatePages: the memory attributes table moves, as EDK2's does with runtime memory (H47) */
	FAKE_EFFECT_END,       /* new effects stand before this: the fuzzer's corpus counts them */
};

struct fake_fault {
	enum fake_call call;
	uint32_t at; /* the at-th call, from 1; 0 = every call */
	enum fake_effect effect;
	uint64_t value;
};

/* A file of the boot volume. */
struct fake_file {
	const char *path; /* as the loader opens it: \baton\kernel.elf */
	const void *data;
	uint64_t bytes;
	uint32_t directory;
	uint32_t written; /* by the loader: path and data are malloc'ed */
};

enum fake_key { FAKE_KEY_GENERATION, FAKE_KEY_ZERO, FAKE_KEY_MAX, FAKE_KEY_DECREASING };
enum fake_graphics { FAKE_GRAPHICS_NONE, FAKE_GRAPHICS_CONSOLE, FAKE_GRAPHICS_LOCATE };

/* What kind of machine this is; fake_reset() sets a decent one. */
struct fake_options {
	uint64_t ram_bytes;        /* of the one large range */
	uint32_t high;             /* 1: it lies above 4 GiB, and there is no other */
	uint32_t page_zero;        /* 1: page 0 is RAM like the rest below 640 KiB */
	uint32_t fragments;        /* 1: every second page of it is the firmware's */
	uint32_t adjacent;         /* 1: allocations lie side by side, without a free page between them */
	uint32_t growth;           /* descriptors that every allocation adds to the map */
	uint32_t descriptors;      /* single pages that split the map from the start */
	uint32_t dense;            /* 1: between those lies memory of another type, a descriptor as well; 0: nothing */
	uint64_t descriptor_bytes;
	uint32_t descriptor_version;
	enum fake_key key;
	uint32_t probe_null_invalid; /* GetMemoryMap with a null buffer: EFI_INVALID_PARAMETER (H2) */
	uint64_t extra_bytes;  /* asked for in addition to what a map needs (H4) */
	uint32_t probe_garbage;      /* a size query leaves garbage in DescriptorSize and DescriptorVersion (H1) */
	uint32_t leave_table;        /* ExitBootServices does not clear the system table (H60) */
	EFI_TPL tpl;               /* at entry (H55) */
	uint64_t stack_phys;       /* where the firmware's stack lies in memory that its map calls free; 0: elsewhere */
	uint32_t no_end;           /* SetPosition cannot seek the end of a file */
	uint32_t no_console, no_keyboard, no_file_system, no_device, no_attributes_table, no_tables;
	uint32_t key_pressed;      /* the key that somebody presses at the n-th look, 0 = never */
	const char *keys;          /* pressed one after the other, in front of a screen that a text can be read on; NULL: none of it */
	const uint8_t *volume;     /* what the blocks of the boot volume hold; NULL: they cannot be read */
	uint64_t volume_bytes;     /* zeros from there to the end of the partition */
	uint32_t rng;              /* 1: EFI_RNG_PROTOCOL is there */
	int secure_boot;           /* variable SecureBoot; -1: not there */
	int setup_mode;
	uint32_t notices;          /* 1: a boot that succeeds may have something to say on the console */
	uint32_t may_write_files;  /* 1: the loader may make files on its volume */
	uint32_t may_write_variables; /* 1: the black box may be read and written */
	uint32_t variable_faults;  /* SetVariable ends in an exception, after exit */
	uint64_t store_maximum, store_remaining, store_largest; /* what QueryVariableInfo says */
	const char *load_options;
	uint32_t load_options_offset; /* they begin at an odd address */
	enum fake_graphics graphics;
	uint32_t mode;             /* current at entry */
	uint32_t mode_count;
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION modes[4];
	uint64_t framebuffer_phys, framebuffer_bytes;
	uint32_t network_runs;     /* controllers that may still write to memory after exit (L23) */
	uint32_t reset_returns;    /* ResetSystem does nothing... */
	uint32_t chipset_dead;     /* ...and neither does the chipset */
	uint32_t foreign_page_tables; /* the kernel has loaded its own when the exception comes */
	uint32_t stop_faults;      /* an exception strikes while the serial port is set up */
	const char *unsupported;   /* cpu_probe() says so */
	struct cpu cpu;
};

/* The variable of the black box; it outlives fake_boot(), as a variable does. */
struct fake_variable {
	uint32_t present;
	uint32_t attributes;
	uint64_t bytes;
	uint8_t data[256];
};

/* One answer of AllocatePages. */
struct fake_given {
	uint64_t phys, pages;
	uint32_t freed_at; /* AllocatePages calls before it was freed; 0 = never, or in parts */
};

/* How a run ended. */
enum fake_end {
	FAKE_RETURNED = 1, /* to the firmware, with fake.status */
	FAKE_KERNEL,       /* jumped into the kernel with fake.block */
	FAKE_STOPPED,      /* coded stop: reset or halt; the line is in fake.serial */
	FAKE_VIOLATION,    /* a rule was broken: fake.violation */
};

enum { FAKE_TEXT_BYTES = 32768, FAKE_FILES_MAX = 16, FAKE_FAULTS_MAX = 16, FAKE_GIVEN_MAX = 32, FAKE_RANGES_MAX = 131072 };

struct fake {
	/* Set by the test after fake_reset(). */
	struct fake_options options;
	struct fake_file files[FAKE_FILES_MAX];
	struct fake_fault faults[FAKE_FAULTS_MAX];
	struct fake_variable variable;
	/* Called before the loader starts, for what no option describes.  May be NULL. */
	void (*tamper)(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image);
	/* Runs in the place of the loader: how the fake itself is tested.  NULL: the loader. */
	EFI_STATUS (*application)(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

	/* What happened. */
	enum fake_end end;
	EFI_STATUS status;
	struct handoff_header *block;
	uint64_t entry_virt, stack_top_virt, magic;
	char violation[256];
	char console[FAKE_TEXT_BYTES], debug[FAKE_TEXT_BYTES], serial[FAKE_TEXT_BYTES];
	uint32_t calls[FAKE_CALL_COUNT];
	enum fake_call last_call;
	uint32_t fired;         /* faults that took effect */
	uint32_t pool_count, open_files;
	uint64_t bytes_read;    /* of files */
	uint64_t pages_allocated; /* in the hands of the loader now */
	struct fake_given given[FAKE_GIVEN_MAX]; /* by number of the call - 1 */
	uint64_t stalled_microseconds, waited_milliseconds;
	uint64_t watchdog_seconds;     /* as last set; 0: off */
	uint32_t unwatched_accesses;   /* to files, with less on the watchdog than a slow disk may take (L2) */
	uint32_t resets, chipset_resets, halted, network_stops;
	uint16_t serial_io;     /* where the stop looks for the serial line first; 0: COM1 */
	uint32_t exit_tried, exited;
	uint64_t probe_bytes;   /* answer to the first size query */

	/* The last successful GetMemoryMap call with a buffer. */
	uint8_t *map_buffer;
	uint64_t map_capacity;
	uint8_t *map_copy;      /* malloc'ed copy of what was written */
	uint64_t map_bytes, map_stride, map_key, map_generation;
	uint32_t map_version;
	uint32_t map_good;      /* 1: the last GetMemoryMap call succeeded */
	struct memory_map memory;
	struct handoff_range *initial; /* the map when the loader was started; malloc'ed */
	uint64_t initial_count;
	jmp_buf out;
};
extern struct fake fake;

/* Physical addresses of this machine; FAKE_IMAGE is also what the linker resolves image_base to. */
#define FAKE_RAM UINT64_C(0x10000000)
#define FAKE_RAM_HIGH UINT64_C(0x100100000000)
#define FAKE_RAM_BYTES_MAX UINT64_C(0x0f000000)
#define FAKE_IMAGE UINT64_C(0x20000000)
#define FAKE_IMAGE_BYTES UINT64_C(0x20000)
#define FAKE_FRAMEBUFFER UINT64_C(0x30000000)
#define FAKE_FRAMEBUFFER_BYTES UINT64_C(0x300000)
#define FAKE_ATTRIBUTES UINT64_C(15) /* UC WC WT WB */

/* A decent machine with a kernel on its volume, nothing broken. */
void fake_reset(void);
/* Adds or replaces a file; data stays the caller's. */
void fake_add_file(const char *path, const void *data, uint64_t bytes);
/* The kernel: test/fake/kernel_file.h. */
struct kernel_shape;
void fake_add_kernel(const struct kernel_shape *shape);
void fake_add_text(const char *path, const char *text);
void fake_remove_file(const char *path);
/* The file of this path, or NULL. */
const struct fake_file *fake_find_file(const char *path);
/* A new empty file or folder as the loader makes them. */
struct fake_file *fake_write_file(const char *path, uint32_t directory);
void fake_add_fault(struct fake_fault fault);
/* Runs the loader from its entry point until it ends in one of the four ways, and frees what is the host's. */
enum fake_end fake_boot(void);
/* Where the large range of RAM begins. */
uint64_t fake_ram(void);

/* --- shared between the parts of the fake ------------------------------------------------------------------------- */

/* Counts a call and makes sure that it is allowed at this time. */
void fake_called(enum fake_call call);
/* The fault of this effect that strikes the call counted last, or NULL. */
const struct fake_fault *fake_fault(enum fake_call call, enum fake_effect effect);
/* Status of a fault FAKE_FAIL, or EFI_SUCCESS. */
EFI_STATUS fake_failure(enum fake_call call);
/* Ends the run: the loader did what no loader may. */
__attribute__((noreturn, format(printf, 1, 2))) void fake_violate(const char *text, ...);
__attribute__((noreturn)) void fake_end(enum fake_end end);
void fake_append(char text[FAKE_TEXT_BYTES], const char *more);

/* memory.c */
void fake_memory_start(void);
void fake_memory_services(EFI_BOOT_SERVICES *services);
void fake_memory_change(enum fake_call call);
void fake_memory_exited(void);
void *fake_pool(uint64_t bytes);
/* 1 for what AllocatePool has returned. */
int fake_is_pool(const void *buffer);
uint64_t fake_memory_generation(void);
/* Writes the map at the stride of the options; returns the bytes that it takes, also when to is NULL. */
uint64_t fake_memory_write(uint8_t *to);
/* 1 when the map is what it was at the start and nothing is allocated; otherwise text says why not. */
int fake_memory_clean(char text[256]);
/* 1 when [phys, phys + bytes) is memory of the loader. */
int fake_memory_owned(uint64_t phys, uint64_t bytes);
/* The boot record: the only runtime memory that the loader took, as the map has it; NULL when there is none. */
struct handoff_boot_record *fake_memory_record(void);
/* Reads what a kernel could read: memory that is described and backed; -1 otherwise. */
int fake_memory_read(uint64_t phys, void *to, uint64_t bytes);
/* The pages of firmware data that fake.c fills in. */
struct fake_firmware_memory {
	uint8_t *runtime;  /* 4 pages, runtime services data */
	uint8_t *acpi;     /* 1 page, ACPI reclaim */
	uint8_t *boot;     /* 3 pages, boot services data: gone after exit */
};
struct fake_firmware_memory fake_firmware_memory(void);

/* variables.c */
void fake_variable_services(EFI_RUNTIME_SERVICES *services);

/* application.c: the file that it loads, and the protocol of the loaded image, NULL for any other handle. */
#define FAKE_APPLICATION "\\EFI\\baton\\memmap.efi"
void fake_application_services(EFI_BOOT_SERVICES *services);
EFI_LOADED_IMAGE *fake_application_image(EFI_HANDLE handle);
/* For fake.application: memmap.efi without a loader. */
EFI_STATUS fake_application_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/* exit.c, files.c, graphics.c, image.c */
void fake_exit_services(EFI_BOOT_SERVICES *services);
EFI_FILE_IO_INTERFACE *fake_file_system(void);
void fake_files_close(void);
EFI_GRAPHICS_OUTPUT_PROTOCOL *fake_graphics_output(void);
void fake_graphics_start(void);
void fake_image_load(void);
EFI_STATUS fake_image_start(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
/* After a run that reached the kernel: an exception of the processor, as the loader's handlers would get it. */
void fake_exception(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2);
/* An exception strikes now, in the loader or in a call of its own. */
__attribute__((noreturn)) void fake_strike(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2);

#endif
