/* SPDX-License-Identifier: 0BSD */
/*
 * The handoff: everything Baton tells a kernel, as one block of memory.  Copy this header into your kernel.
 *
 * The block is contiguous and self-contained: a header, a directory of typed parts, and the parts.  Every offset is
 * relative to the first byte of the block, so a dump of it can be checked anywhere (`baton handoff check FILE`).
 * Read it in this order: magic, version, sizes, checksum, directory, content.
 *
 * MACHINE STATE AT THE FIRST INSTRUCTION OF THE KERNEL (x86_64)
 *   RIP       e_entry plus the load bias.  RDI = virtual (= physical, identity) address of this block, RSI = HANDOFF_MAGIC.
 *             All other general registers are zero, but RSP.
 *   RSP       (top of the stack) - 8, holding a zero return address: `_start` may be an ordinary C function taking
 *             (struct handoff_header *block, uint64_t magic).  It must not return.
 *   Stack     stack_bytes of HANDOFF_PART_KERNEL, writable, not executable; what lies below RSP is undefined; the page below
 *             the stack is not mapped.
 *   RFLAGS    0x2: interrupts off, direction flag clear.
 *   CS        0x08 64-bit code; SS, DS, ES, FS, GS 0x10 data; FS and GS base are zero.  TR 0x18; LDTR null.
 *   GDT, IDT  the loader's own, in memory with owner HANDOFF_OWNER_TABLES, handlers in HANDOFF_OWNER_LOADER_IMAGE.  Exceptions 0-31
 *             are reported on serial, debug port and screen and end in a coded stop, until the kernel loads its own IDT.
 *             Load your own before `sti`.
 *   CR0       PE, MP, ET, NE, WP, PG; EM and TS clear.
 *   CR4       PAE, OSFXSR, OSXMMEXCPT, and LA57 and MCE as the firmware left them; all other bits clear.
 *   CR3       the loader's own page tables, owner HANDOFF_OWNER_PAGE_TABLES; PCID, PCD and PWT zero.
 *   EFER      SCE clear, LME and LMA set, NXE set when the processor has NX.
 *   PAT       HANDOFF_PAT: entries 0-3 as after reset (WB, WT, UC-, UC), 4 WC, 5 WP, 6 UC-, 7 UC.
 *   x87, SSE  FCW 0x37F, MXCSR 0x1F80.
 *
 * WHAT IS MAPPED
 *   - Each kernel segment at its link address (plus bias) with exactly its ELF permissions, 4 KiB granular, never W+X.
 *   - Identity (virtual = physical), write-back, writable, not executable: all RAM of the raw map by its type (conventional,
 *     loader, boot services, ACPI, runtime, but no unaccepted, unusable, reserved or persistent memory), whatever its
 *     attributes say; where the MTRRs are stricter than write-back, they win.
 *     Exceptions: the loader's own code is read-execute and its constants read-only; kernel text and constants are
 *     read-only there; runtime services code and data carry the permissions of the UEFI memory attributes table when
 *     the firmware has one (and are then callable in physical mode: HANDOFF_FIRMWARE_RUNTIME_CALLABLE), else not executable;
 *     the stack's guard page and page zero are not mapped; where a kernel is linked at low addresses, its segments win over
 *     the identity map.
 *   - The framebuffer, identity, write-combining, writable, not executable.
 *   - Runtime MMIO ranges of the raw map, identity, uncached.
 *
 * WHO OWNS WHAT, AND UNTIL WHEN
 *   HANDOFF_PART_MEMORY names the type, owner and lifetime of every page that the firmware described.
 *
 * WHAT IS NOT PROMISED
 *   Any physical address (RAM below 1 MiB or 4 GiB may not exist); that the segments of a kernel lie side by side in physical
 *   memory; the order of parts in the directory or of modules' addresses; MTRRs, the local APIC, timers, PIC and DMA of
 *   devices (as the firmware left them); the state of other processors; the content of free memory; anything mapped
 *   that is not listed above; values of reserved fields (ignore them); GOP modes other than the one described.
 *
 * GROWTH
 *   A minor version adds parts, appends fields to structs and adds values to enumerations; a kernel built against 1.0 keeps
 *   working: it ignores parts it does not know and steps over arrays by entry_bytes of the directory.  Check `bytes` of a
 *   part before reading a field marked later than v1.0.  Treat an unknown memory type as reserved and an unknown lifetime
 *   as HANDOFF_LIFETIME_NEVER.  A major version may change anything.
 */
#ifndef HANDOFF_H
#define HANDOFF_H

#include <stdint.h>

#define HANDOFF_MAGIC UINT64_C(0x646e486e6f746142) /* "BatonHnd" as little-endian bytes */
#define HANDOFF_VERSION_MAJOR 1
#define HANDOFF_VERSION_MINOR 1
#define HANDOFF_PAGE_BYTES UINT64_C(4096)
#define HANDOFF_PAT UINT64_C(0x0007050100070406)

/* The header: at offset 0 of the block.  All fields since v1.0. */
struct handoff_header {
	uint64_t magic;          /* HANDOFF_MAGIC */
	uint16_t version_major;  /* HANDOFF_VERSION_MAJOR */
	uint16_t version_minor;  /* HANDOFF_VERSION_MINOR of the loader */
	uint32_t header_bytes;   /* size of this struct; the directory follows at this offset */
	uint64_t total_bytes;    /* header, directory and parts; what the checksum covers */
	uint64_t capacity_bytes; /* memory that belongs to the block, whole pages, >= total_bytes */
	uint64_t block_phys;     /* physical address of this header, page-aligned */
	uint32_t crc32c;         /* CRC-32C (Castagnoli) of total_bytes with this field taken as zero */
	uint32_t part_count;     /* entries in the directory */
	uint32_t part_bytes;     /* size of one directory entry; step by this */
	uint32_t reserved0;      /* zero */
	uint64_t reserved1;      /* zero */
};

/* One directory entry.  A part stands at most once; a part without content is absent.  Parts are 8-byte aligned. */
struct handoff_part {
	uint32_t type;        /* enum value HANDOFF_PART_... */
	uint32_t entry_bytes; /* size of one element of an array part, the whole size of a struct part, 1 for text and bytes */
	uint64_t offset;      /* from the start of the block */
	uint64_t bytes;       /* exact size; for text without the terminating NUL, which always follows */
};

enum {
	HANDOFF_PART_RAW_MAP = 1,    /* struct handoff_raw_descriptor[], as GetMemoryMap returned it, entry_bytes = DescriptorSize */
	HANDOFF_PART_MEMORY = 2,     /* struct handoff_range[], the normalised map: sorted, non-overlapping, page-aligned */
	HANDOFF_PART_OWNED = 3,      /* struct handoff_range[], what the loader owns, sorted, type HANDOFF_MEMORY_LOADER: the second
	                                input of the normaliser, beside RAW_MAP and physical_bits of CPU */
	HANDOFF_PART_EXIT = 4,       /* struct handoff_exit */
	HANDOFF_PART_ATTEMPTS = 5,   /* struct handoff_attempt[], one per ExitBootServices call */
	HANDOFF_PART_CPU = 6,        /* struct handoff_cpu (its own layout for each architecture; see `architecture`) */
	HANDOFF_PART_KERNEL = 7,     /* struct handoff_kernel */
	HANDOFF_PART_SEGMENTS = 8,   /* struct handoff_segment[], ascending by virt, disjoint, all readable */
	HANDOFF_PART_CMDLINE = 9,    /* UTF-8 text, NUL-terminated; absent when empty */
	HANDOFF_PART_MODULES = 10,   /* struct handoff_module[] */
	HANDOFF_PART_FRAMEBUFFER = 11, /* struct handoff_framebuffer; absent without a linear framebuffer */
	HANDOFF_PART_FIRMWARE = 12,  /* struct handoff_firmware */
	HANDOFF_PART_STAGES = 13,    /* struct handoff_stage[], in order of time */
	HANDOFF_PART_SEED = 14,      /* struct handoff_seed; absent when no source exists */
	HANDOFF_PART_LOADER = 15,    /* struct handoff_loader */
	HANDOFF_PART_STRINGS = 16,   /* NUL-terminated UTF-8 strings that other parts point into */
	HANDOFF_PART_LOG = 17,       /* UTF-8 text, NUL-terminated: the loader's log */
	HANDOFF_PART_LAST_BOOT = 18, /* struct handoff_last_boot; absent unless the configuration says `blackbox = yes`; since v1.1 */
};

/* EFI_MEMORY_DESCRIPTOR (UEFI 2.10 7.2.3).  Step by entry_bytes of the directory, never by sizeof. */
struct handoff_raw_descriptor {
	uint32_t type;            /* EFI_MEMORY_TYPE */
	uint32_t reserved0;       /* undefined in firmware's hands */
	uint64_t physical_start;  /* 4 KiB aligned, by the specification */
	uint64_t virtual_start;   /* undefined before SetVirtualAddressMap */
	uint64_t number_of_pages; /* 4 KiB each */
	uint64_t attribute;       /* capabilities of the memory, not its current settings */
};

/* What a range of physical memory is.  0 is never used. */
enum {
	HANDOFF_MEMORY_USABLE = 1,           /* RAM nobody uses: EfiConventionalMemory */
	HANDOFF_MEMORY_LOADER = 2,           /* RAM a boot loader allocated; the owner says for what */
	HANDOFF_MEMORY_BOOT_SERVICES = 3,    /* RAM the firmware used until ExitBootServices */
	HANDOFF_MEMORY_ACPI_RECLAIM = 4,     /* ACPI tables */
	HANDOFF_MEMORY_ACPI_NVS = 5,         /* must be preserved over sleep states */
	HANDOFF_MEMORY_RESERVED = 6,         /* never touch: firmware, parked processors, and every type unknown to the loader */
	HANDOFF_MEMORY_MMIO = 7,             /* device memory that runtime services use; not RAM */
	HANDOFF_MEMORY_MMIO_PORT = 8,        /* device memory that becomes port accesses; not RAM */
	HANDOFF_MEMORY_RUNTIME_CODE = 9,     /* code of the runtime services */
	HANDOFF_MEMORY_RUNTIME_DATA = 10,    /* data of the runtime services, and the loader's boot record */
	HANDOFF_MEMORY_UNUSABLE = 11,        /* errors were found in it */
	HANDOFF_MEMORY_PERSISTENT = 12,      /* byte-addressable, keeps its content */
	HANDOFF_MEMORY_UNACCEPTED = 13,      /* must be accepted (SEV-SNP, TDX) before it is touched */
	HANDOFF_MEMORY_SPECIAL_PURPOSE = 14, /* RAM with EFI_MEMORY_SP: meant for a driver, not for the general pool */
};

/* Whose a range is. */
enum {
	HANDOFF_OWNER_NONE = 0,          /* nobody's */
	HANDOFF_OWNER_FIRMWARE = 1,      /* reserved, MMIO, NVS, unusable */
	HANDOFF_OWNER_RUNTIME = 2,       /* UEFI runtime services */
	HANDOFF_OWNER_BOOT_SERVICES = 3, /* UEFI boot services, gone now */
	HANDOFF_OWNER_ACPI = 4,          /* ACPI tables */
	HANDOFF_OWNER_OTHER_LOADER = 5,  /* left by another EFI application that ran before */
	HANDOFF_OWNER_KERNEL_TEXT = 16,  /* kernel segments with execute permission; index = segment number */
	HANDOFF_OWNER_KERNEL_RODATA = 17,
	HANDOFF_OWNER_KERNEL_DATA = 18,
	HANDOFF_OWNER_STACK = 19,        /* the kernel's first stack, guard page included */
	HANDOFF_OWNER_PAGE_TABLES = 20,
	HANDOFF_OWNER_TABLES = 21,       /* GDT, TSS, IDT and the stack for exceptions */
	HANDOFF_OWNER_BLOCK = 22,        /* the handoff block: with command line, log and both maps */
	HANDOFF_OWNER_MODULE = 23,       /* index = module number */
	HANDOFF_OWNER_BOOT_RECORD = 24,  /* struct handoff_boot_record, in runtime services data */
	HANDOFF_OWNER_LOADER_IMAGE = 25, /* the loader's code and data: the handlers of its IDT are in it */
	HANDOFF_OWNER_SCRATCH = 26,      /* work memory of the loader after exit; nothing of value is left in it */
};

/* When the kernel may take a range for its own use.  A later value is not a later time. */
enum {
	HANDOFF_LIFETIME_NEVER = 0,        /* as long as the system runs */
	HANDOFF_LIFETIME_FREE = 1,         /* at once */
	HANDOFF_LIFETIME_OWN_TABLES = 2,   /* when the kernel has loaded its own page tables, GDT, IDT and TSS */
	HANDOFF_LIFETIME_LEFT_STACK = 3,   /* when the kernel has left this stack */
	HANDOFF_LIFETIME_ACPI_PARSED = 4,  /* when the ACPI tables have been read */
	HANDOFF_LIFETIME_RUNTIME_MAPPED = 5, /* as OWN_TABLES and LEFT_STACK and, if runtime services are going to be used, after
	                                        SetVirtualAddressMap: firmware calls into boot services memory from there */
	HANDOFF_LIFETIME_WHEN_DONE = 6,    /* when the kernel no longer needs its content (modules, the block) */
};

/* A range of physical memory. */
struct handoff_range {
	uint64_t start_phys; /* first byte, page-aligned */
	uint64_t end_phys;   /* one past the last byte, page-aligned, > start_phys */
	uint64_t attributes; /* EFI_MEMORY_... capability bits of the descriptor that decided this range; 0 in HANDOFF_PART_OWNED */
	uint32_t type;       /* HANDOFF_MEMORY_... */
	uint32_t owner;      /* HANDOFF_OWNER_... */
	uint32_t lifetime;   /* HANDOFF_LIFETIME_... */
	uint32_t index;      /* which segment or module, where the owner has several; else 0 */
};

/* How boot services were left. */
struct handoff_exit {
	uint32_t attempts;           /* calls of ExitBootServices, 1..8; the last one succeeded */
	uint32_t descriptor_version; /* of the successful GetMemoryMap call */
	uint64_t probe_bytes;        /* what the first GetMemoryMap with size 0 asked for */
	uint64_t capacity_bytes;     /* size of the map buffer given to every call; HANDOFF_PART_MEMORY has taken over its unused end */
	uint64_t map_offset;         /* where in the block the map buffer starts: offset of HANDOFF_PART_RAW_MAP */
	uint64_t returned_bytes;     /* as the firmware returned it; HANDOFF_PART_RAW_MAP may be shorter (K7) */
};

/* One attempt: GetMemoryMap, then ExitBootServices with its key. */
struct handoff_attempt {
	uint64_t map_key;
	uint64_t map_bytes;        /* as returned by GetMemoryMap */
	uint64_t descriptor_bytes; /* as returned */
	uint64_t status;           /* EFI_STATUS of ExitBootServices, or of GetMemoryMap if that failed; 0 = success */
	uint64_t tsc;              /* when ExitBootServices had returned */
	uint32_t descriptor_count;
	uint32_t descriptor_version;
};

enum { HANDOFF_ARCHITECTURE_X86_64 = 1 };

/* Machine state at the jump, x86_64: recorded by the loader, to be compared with the live registers. */
struct handoff_cpu {
	uint32_t architecture;       /* HANDOFF_ARCHITECTURE_X86_64 */
	uint32_t paging_levels;      /* 4 or 5 */
	uint32_t physical_bits;      /* MAXPHYADDR (CPUID 80000008h EAX[7:0]), reduced under memory encryption */
	uint32_t flags;              /* HANDOFF_CPU_... */
	uint64_t encryption_mask;    /* the C-bit of SEV, or 0 */
	uint64_t cr0, cr3, cr4;
	uint64_t efer;
	uint64_t rflags;
	uint64_t pat;                /* IA32_PAT */
	uint64_t mtrr_default_type;  /* IA32_MTRR_DEF_TYPE, 0 when the processor has no MTRRs */
	uint64_t apic_base;          /* IA32_APIC_BASE */
	uint64_t xcr0;               /* 0 when CR4.OSXSAVE was clear */
	uint64_t gdt_base_virt;
	uint64_t idt_base_virt;
	uint32_t gdt_limit;
	uint32_t idt_limit;
	uint32_t cs, ss, tr, ldtr;   /* selectors */
	uint32_t fcw, mxcsr;
	uint64_t firmware_cr0, firmware_cr3, firmware_cr4, firmware_efer; /* what the firmware ran with, for diagnosis */
};
enum {
	HANDOFF_CPU_NX = 1,          /* CPUID says no-execute is there, EFER.NXE is set */
	HANDOFF_CPU_PAGES_1G = 2,    /* the processor has 1 GiB pages, and the page tables use them where they fit */
	HANDOFF_CPU_SEV = 4,         /* encryption_mask is in force */
	HANDOFF_CPU_HYPERVISOR = 8,  /* CPUID.1:ECX[31] */
	HANDOFF_CPU_X2APIC = 16,     /* the local APIC is in x2APIC mode */
};

/* The kernel: where it was put and what it stands on.  Virtual addresses are valid under the loader's page tables. */
struct handoff_kernel {
	uint64_t entry_virt;        /* link address of the entry point plus bias */
	uint64_t bias;              /* added to every link address; 0 unless the kernel is position-independent */
	uint64_t base_virt;         /* lowest segment address, page-aligned */
	uint64_t end_virt;          /* one past the highest segment, page-aligned */
	uint64_t file_bytes;        /* size of the ELF file */
	uint64_t stack_phys;        /* lowest usable byte of the stack, above the guard page */
	uint64_t stack_virt;        /* the same place as the kernel sees it (identity) */
	uint64_t stack_bytes;       /* usable size, whole pages; RSP starts at stack_virt + stack_bytes - 8 */
	uint64_t page_tables_phys;  /* CR3: the root table */
	uint64_t page_tables_bytes; /* the whole owned range of the page tables, unused pages at its end included */
};

/* A kernel segment as mapped. */
struct handoff_segment {
	uint64_t virt;         /* link address plus bias, page-aligned */
	uint64_t phys;         /* page-aligned */
	uint64_t bytes;        /* mapped size, whole pages */
	uint64_t file_bytes;   /* bytes that came from the file; the rest is zero */
	uint32_t permissions;  /* HANDOFF_SEGMENT_... */
	uint32_t reserved0;    /* zero */
};
enum { HANDOFF_SEGMENT_EXECUTE = 1, HANDOFF_SEGMENT_WRITE = 2, HANDOFF_SEGMENT_READ = 4 }; /* as PF_X, PF_W, PF_R of ELF */

/* A file loaded beside the kernel. */
struct handoff_module {
	uint64_t phys;        /* page-aligned; 0 when bytes is 0 */
	uint64_t bytes;       /* exact size; the rest of the last page is zero */
	uint64_t name_offset; /* of its NUL-terminated name, from the start of the block */
	uint64_t reserved0;   /* zero */
};

/* A linear framebuffer of 32 bits per pixel, captured after the last mode set. */
struct handoff_framebuffer {
	uint64_t base_phys;    /* any 64-bit address */
	uint64_t bytes;        /* size the firmware states, >= height * pitch_bytes */
	uint32_t width, height; /* pixels */
	uint32_t pitch_bytes;  /* from one line to the next */
	uint32_t bits_per_pixel; /* 32 */
	uint32_t red_mask, green_mask, blue_mask, reserved_mask;
};

/* What the firmware said about itself and where its tables are.  Physical addresses; 0 = absent. */
struct handoff_firmware {
	uint64_t system_table_phys;
	uint64_t runtime_services_phys;
	uint64_t rsdp_phys;              /* ACPI 2.0 RSDP if there is one, else the ACPI 1.0 one */
	uint64_t smbios3_phys;           /* _SM3_ entry point */
	uint64_t smbios_phys;            /* _SM_ entry point */
	uint64_t device_tree_phys;
	uint64_t memory_attributes_phys; /* EFI_MEMORY_ATTRIBUTES_TABLE */
	uint64_t vendor_offset;          /* FirmwareVendor as a string of the block; 0 = none */
	uint32_t firmware_revision;      /* FirmwareRevision */
	uint32_t uefi_revision;          /* EFI_SYSTEM_TABLE.Hdr.Revision: 0x20064 is UEFI 2.10 */
	uint32_t flags;                  /* HANDOFF_FIRMWARE_... */
	uint32_t secure_boot;            /* HANDOFF_SECURE_BOOT_... */
	uint8_t boot_volume_guid[16];    /* GPT unique partition GUID of the volume the loader came from; zero when not GPT */
};
enum {
	HANDOFF_FIRMWARE_RUNTIME_CALLABLE = 1,  /* runtime services can be called in physical mode under these page tables */
	HANDOFF_FIRMWARE_TPL_FIXED = 2,         /* the loader was started above TPL_APPLICATION (L3) */
	HANDOFF_FIRMWARE_NX_PROTOCOL = 4,       /* EFI_MEMORY_ATTRIBUTE_PROTOCOL was present */
	HANDOFF_FIRMWARE_TABLE_CLEANED = 8,     /* the loader had to clear the system table itself after exit (L42) */
	HANDOFF_FIRMWARE_NO_CONSOLE = 16,       /* ConOut was NULL */
	HANDOFF_FIRMWARE_NETWORK_STOPPED = 32,  /* since 1.1: after exit a network controller could still write to memory, and the
	                                           loader has taken its Bus Master Enable away (L23) */
};
enum { HANDOFF_SECURE_BOOT_UNKNOWN = 0, HANDOFF_SECURE_BOOT_OFF = 1, HANDOFF_SECURE_BOOT_ON = 2, HANDOFF_SECURE_BOOT_SETUP = 3 };

/* When a stage of the boot began. */
struct handoff_stage {
	uint32_t stage;     /* HANDOFF_STAGE_... */
	uint32_t reserved0; /* zero */
	uint64_t tsc;       /* time stamp counter */
};
/* Stages in the order of the boot; the last one reached is also in the boot record. */
enum {
	HANDOFF_STAGE_ENTRY = 1,        /* the loader's first instruction */
	HANDOFF_STAGE_CONFIG = 2,       /* reading configuration and command line */
	HANDOFF_STAGE_KERNEL = 3,       /* planning, placing and reading the kernel */
	HANDOFF_STAGE_MODULES = 4,      /* reading modules */
	HANDOFF_STAGE_GRAPHICS = 5,     /* choosing a mode */
	HANDOFF_STAGE_PREPARE = 6,      /* stack, block, tables of the firmware, random seed */
	HANDOFF_STAGE_PAGE_TABLES = 7,  /* building the address space */
	HANDOFF_STAGE_EXIT = 8,         /* first GetMemoryMap of the exit loop */
	HANDOFF_STAGE_EXITED = 9,       /* ExitBootServices has succeeded */
	HANDOFF_STAGE_SWITCHED = 10,    /* own stack, GDT, IDT and page tables */
	HANDOFF_STAGE_SEAL = 11,        /* normalising the map and sealing the block */
	HANDOFF_STAGE_JUMP = 12,        /* the kernel's first instruction comes next */
	HANDOFF_STAGE_COUNT = 13,
};

struct handoff_seed {
	uint32_t source;  /* HANDOFF_SEED_... */
	uint32_t bytes;   /* 32 */
	uint8_t seed[32]; /* zero it after use */
};
enum { HANDOFF_SEED_EFI_RNG = 1, HANDOFF_SEED_RDSEED = 2 };

/* The loader itself, and the time. */
struct handoff_loader {
	uint64_t version_offset;    /* "Baton 0.1.0" as a string of the block */
	uint64_t image_phys;        /* where the firmware put the loader */
	uint64_t image_bytes;       /* SizeOfImage */
	uint64_t boot_record_phys;  /* struct handoff_boot_record */
	int64_t wall_clock;         /* seconds since 1970-01-01T00:00:00Z at entry; 0 when the firmware has no clock */
	int32_t wall_clock_zone;    /* minutes, local = UTC - zone, EFI_TIME.TimeZone; 0x7ff = unspecified (taken as UTC) */
	uint32_t reserved0;         /* zero */
	uint64_t tsc_hz;            /* frequency of the time stamp counter, 0 when CPUID does not state it */
};

/*
 * The boot record: a page or two of EfiRuntimeServicesData that survives into the life of the operating system.  Keep it
 * mapped to say later how the boot went; write `stage` values of 0x100 and up as you like.
 */
#define HANDOFF_BOOT_RECORD_MAGIC UINT64_C(0x636552746f6f4242) /* "BBootRec" */
#define HANDOFF_BOOT_RECORD_LOG_BYTES 8000
struct handoff_boot_record {
	uint64_t magic;         /* HANDOFF_BOOT_RECORD_MAGIC */
	uint32_t version;       /* 1 */
	uint32_t record_bytes;  /* size of this struct */
	uint32_t stage;         /* the last stage reached */
	uint32_t stop_code;     /* 0, or the code of the stop that ended the boot */
	uint32_t attempts;      /* ExitBootServices calls so far */
	uint32_t log_bytes;     /* bytes used in log */
	uint64_t stop_detail[4]; /* what the stop code says they are, e.g. vector, error code, RIP, CR2 */
	uint64_t stage_tsc[16]; /* indexed by HANDOFF_STAGE_... */
	char log[HANDOFF_BOOT_RECORD_LOG_BYTES]; /* NUL-terminated text */
};

/*
 * The black box: an EFI variable that the loader arms before ExitBootServices when its configuration says `blackbox = yes`.
 * What is in it at the next start says how this boot ended; the part is about the boot before.  Since v1.1.
 *
 * A kernel that is content deletes the variable, and the next start has nothing to complain about.  The two lines for that
 * (UEFI 2.10 8.2.3), to be run before SetVirtualAddressMap with interrupts off, on a stack with 8 KiB to spare:
 *	if (last_boot->set_variable_phys != 0)
 *		((handoff_set_variable)last_boot->set_variable_phys)(last_boot->name, last_boot->vendor_guid, 0, 0, 0);
 * One that has more to say writes a record of its own into it: lib/last_boot.h.
 */
struct handoff_last_boot {
	uint32_t state;             /* HANDOFF_LAST_BOOT_..., of the boot before this one */
	uint32_t stage;             /* the last HANDOFF_STAGE_... known of it; 0x100 and up are its kernel's own */
	uint32_t code;              /* STOPPED: code of the loader's stop; PASSED, FAILED: its kernel's own */
	uint32_t attempts;          /* its ExitBootServices calls, as far as they are known */
	uint64_t detail[4];         /* STOPPED: what the code says they are: of an exception vector, error code, RIP, CR2;
	                               PASSED, FAILED: its kernel's own; UNREADABLE: [0] says why */
	uint64_t image_phys;        /* where its loader's image was: RIP - image_phys is an address of build/loader.so */
	int64_t wall_clock;         /* when it started, as in struct handoff_loader; 0 = not known */
	uint64_t set_variable_phys; /* SetVariable, callable in physical mode; 0: this boot is not armed, or it cannot be called */
	uint8_t vendor_guid[16];    /* of the variable */
	uint16_t name[16];          /* of the variable, NUL-terminated */
};
enum {
	HANDOFF_LAST_BOOT_NONE = 1,       /* no record: none was made, or its kernel has deleted it */
	HANDOFF_LAST_BOOT_ARMED = 2,      /* it left the firmware, or tried to, and nobody has reported back */
	HANDOFF_LAST_BOOT_STOPPED = 3,    /* it ended in a coded stop */
	HANDOFF_LAST_BOOT_PASSED = 4,     /* its kernel has reported success */
	HANDOFF_LAST_BOOT_FAILED = 5,     /* its kernel has reported a failure */
	HANDOFF_LAST_BOOT_UNREADABLE = 6, /* there was a record that is not to be trusted: no other field of that boot is set */
};
/* Firmware functions follow Microsoft's calling convention on x86-64. */
#ifdef __x86_64__
#define HANDOFF_FIRMWARE_CALL __attribute__((ms_abi))
#else
#define HANDOFF_FIRMWARE_CALL
#endif
/* EFI_SET_VARIABLE (UEFI 2.10 8.2.3); returns an EFI_STATUS. */
typedef uint64_t(HANDOFF_FIRMWARE_CALL *handoff_set_variable)(const uint16_t *name, const uint8_t *vendor_guid,
							      uint32_t attributes, uint64_t bytes, const void *data);

/* The layout is pinned: a change here is a change of the ABI.  lib/handoff_layout.c pins every field. */
#define HANDOFF_SIZE(s, n) _Static_assert(sizeof(struct s) == (n) && _Alignof(struct s) <= 8, #s " changed its size")
HANDOFF_SIZE(handoff_header, 64);
HANDOFF_SIZE(handoff_part, 24);
HANDOFF_SIZE(handoff_raw_descriptor, 40);
HANDOFF_SIZE(handoff_range, 40);
HANDOFF_SIZE(handoff_exit, 40);
HANDOFF_SIZE(handoff_attempt, 48);
HANDOFF_SIZE(handoff_cpu, 176);
HANDOFF_SIZE(handoff_kernel, 80);
HANDOFF_SIZE(handoff_segment, 40);
HANDOFF_SIZE(handoff_module, 32);
HANDOFF_SIZE(handoff_framebuffer, 48);
HANDOFF_SIZE(handoff_firmware, 96);
HANDOFF_SIZE(handoff_stage, 16);
HANDOFF_SIZE(handoff_seed, 40);
HANDOFF_SIZE(handoff_loader, 56);
HANDOFF_SIZE(handoff_boot_record, 8192);
HANDOFF_SIZE(handoff_last_boot, 120);

#endif
