/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes the loader's place on the disk and says what this firmware is like, in lines `baton: fact key=value`: what a loader must
 * survive is a fact only where it can be seen (test/boot/other_firmware.py compares).  Before exit the facts go to the console;
 * then it leaves boot services, with a wrong key first, and from there on to COM1.  Ends QEMU by port 0xF4 with status 33.
 * Nothing is allocated that is not given back, and nothing at all between a size query and the map that belongs to it.
 */
#include <efi.h>
#include "lib/format.h"
#include "loader/arch/x86_64/io.h"

enum {
	MAP_BYTES = 64 << 10,
	COM1 = 0x3f8, LINE_STATUS = 5, TRANSMITTER_EMPTY = 0x20,
	EXIT_PORT = 0xf4, EXIT_PASS = 0x10,
};
#define ADDRESS UINT64_C(0x000ffffffffff000)

struct map {
	UINTN bytes, key, stride;
	UINT32 version;
	EFI_STATUS status;
};

static EFI_SYSTEM_TABLE *table;
static EFI_BOOT_SERVICES *services; /* NULL after exit */
static UINT8 buffer[MAP_BYTES] __attribute__((aligned(8)));

static void serial(const char *text)
{
	for (; *text != '\0'; text++) {
		while (!(in8(COM1 + LINE_STATUS) & TRANSMITTER_EMPTY))
			;
		out8(COM1, (uint8_t)*text);
	}
}

static void fact(const char *key, UINT64 value)
{
	char line[80];
	CHAR16 wide[80];
	UINTN i = 0;

	format(line, sizeof(line), "baton: fact %s=0x%lx\r\n", key, (unsigned long)value);
	if (services == NULL) {
		serial(line);
		return;
	}
	for (; line[i] != '\0'; i++)
		wide[i] = (CHAR16)line[i];
	wide[i] = 0;
	table->ConOut->OutputString(table->ConOut, wide);
}

static struct map get_map(void *to, UINTN capacity)
{
	struct map map = { .bytes = capacity };

	map.status = services->GetMemoryMap(&map.bytes, to, &map.key, &map.stride, &map.version);
	return map;
}

static const EFI_MEMORY_DESCRIPTOR *descriptor(const struct map *map, UINTN index)
{
	return (index + 1) * map->stride <= map->bytes ? (const VOID *)(buffer + index * map->stride) : NULL;
}

static UINT64 end_of(const EFI_MEMORY_DESCRIPTOR *d)
{
	return d->PhysicalStart + d->NumberOfPages * EFI_PAGE_SIZE;
}

/* 0 = nothing describes the address; else the type and one. */
static UINT64 type_at(const struct map *map, UINT64 address)
{
	const EFI_MEMORY_DESCRIPTOR *d;

	for (UINTN i = 0; (d = descriptor(map, i)) != NULL; i++)
		if (address >= d->PhysicalStart && address < end_of(d))
			return d->Type + 1;
	return 0;
}

static void map_facts(void)
{
	struct map asked = get_map(NULL, 0), map = get_map(buffer, MAP_BYTES);
	const EFI_MEMORY_DESCRIPTOR *d;
	UINT64 unsorted = 0, top = 0, free_top = 0, before = 0;

	for (UINTN i = 0; (d = descriptor(&map, i)) != NULL; i++) {
		unsorted |= d->PhysicalStart < before;
		before = d->PhysicalStart;
		top = end_of(d) > top ? end_of(d) : top;
		if (d->Type == EfiConventionalMemory && end_of(d) > free_top)
			free_top = end_of(d);
	}
	fact("descriptor_bytes", map.stride);
	fact("descriptor_version", map.version);
	fact("unsorted", unsorted);
	fact("map_top", top);
	fact("free_top", free_top);
	fact("query_status", asked.status);
	fact("query_slack", (asked.bytes - map.bytes) / map.stride);
	fact("page_zero", type_at(&map, 0));
	fact("stack_type", type_at(&map, (UINT64)__builtin_frame_address(0)));
}

/* What a loader gets that asks for the size, allocates just that, and asks for the map. */
static void naive_map(void)
{
	struct map asked = get_map(NULL, 0);
	VOID *pool = NULL;

	if (EFI_ERROR(services->AllocatePool(EfiLoaderData, asked.bytes, &pool)))
		return;
	fact("naive_map", get_map(pool, asked.bytes).status);
	services->FreePool(pool);
}

static UINT64 can_allocate(EFI_ALLOCATE_TYPE how, UINT32 type, EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
	EFI_STATUS status = services->AllocatePages(how, (EFI_MEMORY_TYPE)type, pages, &at);

	if (!EFI_ERROR(status))
		services->FreePages(at, pages);
	return !EFI_ERROR(status);
}

static void memory_facts(void)
{
	fact("free_at_1m", can_allocate(AllocateAddress, EfiLoaderData, 0x200000 - 0x1000, 1));
	fact("free_at_2m", can_allocate(AllocateAddress, EfiLoaderData, 0x200000, 256));
	fact("free_at_16m", can_allocate(AllocateAddress, EfiLoaderData, 0x1000000, 256));
	fact("oem_type", can_allocate(AllocateAnyPages, 0x70000001, 0, 1));
	fact("os_type", can_allocate(AllocateAnyPages, 0x80000001, 0, 1));
}

static UINT64 stack_is_nx(UINT64 cr3)
{
	UINT64 address = (UINT64)__builtin_frame_address(0), entry = cr3, nx = 0;

	for (int shift = 39; shift >= 12; shift -= 9) {
		entry = ((const UINT64 *)(entry & ADDRESS))[address >> shift & 511];
		nx |= entry >> 63;
		if (shift < 39 && (entry & 0x80) != 0)
			break;
	}
	return nx;
}

static void processor_facts(void)
{
	UINT64 cr0, cr3, cr4, flags, cs;

	__asm__ volatile("mov %%cr0, %0; mov %%cr3, %1; mov %%cr4, %2" : "=r"(cr0), "=r"(cr3), "=r"(cr4));
	__asm__ volatile("pushfq; pop %0; mov %%cs, %1" : "=r"(flags), "=r"(cs));
	fact("write_protection", cr0 >> 16 & 1);
	fact("la57", cr4 >> 12 & 1);
	fact("nxe", read_msr(MSR_EFER) >> 11 & 1);
	fact("interrupts", flags >> 9 & 1);
	fact("cs", cs & 0xffff);
	fact("stack_nx", stack_is_nx(cr3));
}

static void start_facts(EFI_HANDLE self)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID, graphics = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GUID attributes = { 0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };
	EFI_LOADED_IMAGE_PROTOCOL *image = NULL;
	EFI_HANDLE *screens = NULL;
	UINTN count = 0;
	VOID *protocol;
	EFI_TIME time;

	if (!EFI_ERROR(services->HandleProtocol(self, &loaded_image, (VOID **)&image)))
		fact("load_options", image->LoadOptionsSize);
	if (!EFI_ERROR(services->LocateHandleBuffer(ByProtocol, &graphics, NULL, &count, &screens)))
		services->FreePool(screens);
	fact("screens", count);
	fact("nx_protocol", !EFI_ERROR(services->LocateProtocol(&attributes, NULL, &protocol)));
	fact("time_before", table->RuntimeServices->GetTime(&time, NULL));
}

/* A wrong key first: the services must be alive after it (UEFI 2.10 §7.4.6), and a fresh key must do. */
static EFI_STATUS leave(EFI_HANDLE self)
{
	struct map map = get_map(buffer, MAP_BYTES);
	EFI_STATUS status = services->ExitBootServices(self, map.key + 1);

	fact("stale_key", status);
	map = get_map(buffer, MAP_BYTES);
	status = services->ExitBootServices(self, map.key);
	services = NULL;
	return status;
}

EFI_STATUS EFIAPI witness_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI witness_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_TIME time;
	UINT64 flags;

	table = system;
	services = system->BootServices;
	map_facts();
	naive_map();
	memory_facts();
	processor_facts();
	start_facts(self);
	fact("exit", leave(self));
	__asm__ volatile("pushfq; pop %0; cli" : "=r"(flags));
	fact("interrupts_after", flags >> 9 & 1);
	fact("table_cleared", system->BootServices == NULL && system->ConOut == NULL);
	fact("time_after", system->RuntimeServices->GetTime(&time, NULL));
	__asm__ volatile("outl %0, %1" : : "a"(EXIT_PASS), "Nd"((UINT16)EXIT_PORT));
	return EFI_SUCCESS;
}
