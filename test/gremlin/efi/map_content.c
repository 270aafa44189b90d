/* SPDX-License-Identifier: BSD-2-Clause */
/* See map_content.h. */
#include "test/gremlin/efi/map_content.h"
#include "test/gremlin/efi/memory.h"
#include "test/gremlin/efi/words.h"
#include "lib/uefi_memory.h"

#define MEMORY_NV UINT64_C(0x8000)
#define MEMORY_SP UINT64_C(0x40000)
#define MEMORY_HOT_PLUGGABLE UINT64_C(0x100000)
#define MEMORY_XP_RO UINT64_C(0x24000)
#define MEMORY_RUNTIME (UINT64_C(1) << 63)
enum { NOT_THERE = 99, ANY_LOW = 100 }; /* no memory types */
#define GARBAGE UINT64_C(0xdeadbeefcafef00d)
#define FOUR_GIB (UINT64_C(1) << 32)

static void add(struct map *map, uint32_t type, uint64_t start, uint64_t pages, uint64_t attribute)
{
	if (map->count < MAP_ENTRIES)
		map->entries[map->count++] = (EFI_MEMORY_DESCRIPTOR){
			.Type = type,
			.PhysicalStart = start,
			.NumberOfPages = pages,
			.Attribute = attribute,
		};
}

static void swap(struct map *map, uint64_t a, uint64_t b)
{
	EFI_MEMORY_DESCRIPTOR kept = map->entries[a];

	map->entries[a] = map->entries[b];
	map->entries[b] = kept;
}

static void reorder(struct map *map, int shuffle)
{
	uint32_t random = 12345;

	for (uint64_t i = 0; !shuffle && i < map->count / 2; i++)
		swap(map, i, map->count - 1 - i);
	for (uint64_t i = map->count; shuffle && i > 1; i--) {
		random = random * 1103515245 + 12345;
		swap(map, i - 1, (random >> 8) % i);
	}
}

static void duplicate(struct map *map)
{
	for (uint64_t i = map->count; i > 0 && map->count < MAP_ENTRIES; i--)
		map->entries[map->count++] = map->entries[i - 1];
}

/* Flags of all descriptors of a type. */
static void flag(struct map *map, uint32_t type, uint64_t set, uint64_t clear)
{
	for (uint64_t i = 0; i < map->count; i++)
		if (map->entries[i].Type == type)
			map->entries[i].Attribute = (map->entries[i].Attribute & ~clear) | set;
}

/* Flags of a few pages of free memory. */
static void flag_piece(struct map *map, uint64_t set, uint64_t clear)
{
	uint64_t at = map_carve(map, map_largest(map, EfiConventionalMemory), 64, 16);

	map->entries[at].Attribute = (map->entries[at].Attribute & ~clear) | set;
}

static void retype(struct map *map, uint32_t from, uint32_t to)
{
	for (uint64_t i = 0; i < map->count; i++)
		if (map->entries[i].Type == from)
			map->entries[i].Type = to;
}

/* Pieces of free memory under types that nobody should believe. */
static void strange_types(struct map *map)
{
	static const uint32_t types[] = { 14, 15, 16, 0x6fffffff, 0x70000001, 0x80000001, 0xffffffff };

	for (uint32_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		map->entries[map_carve(map, map_largest(map, EfiConventionalMemory), 64, 16)].Type = types[i];
}

static void virtual_start(struct map *map, int garbage)
{
	for (uint64_t i = 0; i < map->count; i++)
		map->entries[i].VirtualStart = garbage ? GARBAGE : map->entries[i].PhysicalStart;
}

/* Takes away what lies below 1 MiB, or all descriptors of a type. */
static void drop(struct map *map, uint32_t type)
{
	for (uint64_t i = 0; i < map->count;)
		if (type == ANY_LOW ? map->entries[i].PhysicalStart < 0x100000 : map->entries[i].Type == type)
			map->entries[i] = map->entries[--map->count];
		else
			i++;
}

/* The kernel's text described as something else, once the loader has memory for it; NOT_THERE: not at all (H34). */
static void lie_about_kernel(struct map *map, uint32_t type)
{
	uint64_t pages = 0, text = memory_text(&pages);

	for (uint64_t i = 0; text != 0 && i < map->count; i++) {
		EFI_MEMORY_DESCRIPTOR *d = &map->entries[i];
		uint64_t offset = (text - d->PhysicalStart) / EFI_PAGE_SIZE;

		if (text < d->PhysicalStart || offset >= d->NumberOfPages)
			continue;
		i = map_carve(map, i, offset, pages);
		map->entries[i].Type = type;
		if (type == EfiRuntimeServicesData)
			map->entries[i].Attribute |= MEMORY_RUNTIME;
		if (type == NOT_THERE)
			map->entries[i] = map->entries[--map->count];
		return;
	}
}

/* No memory below 4 GiB but what somebody uses (H32). */
static void reserve_below_4g(struct map *map)
{
	for (uint64_t i = 0; i < map->count; i++) {
		EFI_MEMORY_DESCRIPTOR *d = &map->entries[i];

		if (d->PhysicalStart < FOUR_GIB &&
		    (d->Type == EfiConventionalMemory || d->Type == EfiBootServicesCode || d->Type == EfiBootServicesData))
			d->Type = EfiReservedMemoryType;
	}
}

/* One descriptor for all RAM above 1 MiB. */
static void single(struct map *map)
{
	EFI_MEMORY_DESCRIPTOR *d = &map->entries[map_largest(map, EfiConventionalMemory)];
	uint64_t end = 0, attribute = d->Attribute;

	for (uint64_t i = 0; i < map->count; i++) {
		d = &map->entries[i];
		if (d->Type != EfiMemoryMappedIO && d->Type != EfiReservedMemoryType && d->PhysicalStart + d->NumberOfPages * 4096 > end)
			end = d->PhysicalStart + d->NumberOfPages * 4096;
	}
	map->count = 0;
	add(map, EfiConventionalMemory, 0x100000, (end - 0x100000) / 4096, attribute);
}

/* Descriptors that lie over others (H23) or where nothing can be (H22, H24-H26). */
static void add_bad(struct map *map, const char *words)
{
	const EFI_MEMORY_DESCRIPTOR large = map->entries[map_largest(map, EfiConventionalMemory)];
	uint64_t middle = large.PhysicalStart + large.NumberOfPages / 2 * 4096, attribute = large.Attribute;

	if (words_is(words, "content", "nested"))
		add(map, EfiReservedMemoryType, middle, 16, attribute);
	if (words_is(words, "content", "two-sided"))
		add(map, EfiACPIMemoryNVS, large.PhysicalStart - 4096 * 4, 8, attribute);
	if (words_is(words, "content", "runtime-over"))
		add(map, EfiRuntimeServicesData, middle, 16, attribute | MEMORY_RUNTIME);
	if (words_is(words, "content", "zero-length"))
		for (uint32_t i = 0; i < 3; i++)
			add(map, EfiReservedMemoryType, 0, 0, 0);
	if (words_is(words, "content", "wrap"))
		add(map, EfiConventionalMemory, UINT64_C(0xfffffffffffff000), UINT64_C(0x200000000000001), attribute);
	if (words_is(words, "content", "unaligned"))
		add(map, EfiConventionalMemory, middle + 0x800, 4, attribute);
	if (words_is(words, "content", "beyond"))
		add(map, EfiConventionalMemory, UINT64_C(1) << 51, 256, attribute);
}

void map_disturb(struct map *map, const char *words)
{
	char what[20];

	words_copy(words, "content", what, sizeof(what));
	if (what[0] == '\0')
		return;
	add_bad(map, words);
	if (words_is(words, "content", "reversed") || words_is(words, "content", "shuffled"))
		reorder(map, words_is(words, "content", "shuffled"));
	if (words_is(words, "content", "duplicates"))
		duplicate(map);
	if (words_is(words, "content", "types"))
		strange_types(map);
	if (words_is(words, "content", "no-wb"))
		flag_piece(map, 0, UEFI_MEMORY_WB);
	if (words_is(words, "content", "no-runtime"))
		flag(map, EfiRuntimeServicesData, 0, MEMORY_RUNTIME);
	if (words_is(words, "content", "free-runtime"))
		flag_piece(map, MEMORY_RUNTIME, 0);
	if (words_is(words, "content", "nvs-runtime"))
		flag(map, EfiACPIMemoryNVS, MEMORY_RUNTIME, 0);
	if (words_is(words, "content", "xp-ro"))
		flag(map, EfiConventionalMemory, MEMORY_XP_RO, 0);
	if (words_is(words, "content", "nv"))
		flag_piece(map, MEMORY_NV, 0);
	if (words_is(words, "content", "sp"))
		flag_piece(map, MEMORY_SP, 0);
	if (words_is(words, "content", "hot"))
		flag_piece(map, MEMORY_HOT_PLUGGABLE, 0);
	if (words_is(words, "content", "virtual"))
		virtual_start(map, 0);
	if (words_is(words, "content", "virtual-garbage"))
		virtual_start(map, 1);
	if (words_is(words, "content", "no-low"))
		drop(map, ANY_LOW);
	if (words_is(words, "content", "no-32bit"))
		reserve_below_4g(map);
	if (words_is(words, "content", "loader-free"))
		retype(map, EfiLoaderData, EfiConventionalMemory);
	if (words_is(words, "content", "loader-bs"))
		retype(map, EfiLoaderData, EfiBootServicesData);
	if (words_is(words, "content", "loader-reserved"))
		retype(map, EfiLoaderData, EfiReservedMemoryType);
	if (words_is(words, "content", "loader-absent"))
		drop(map, EfiLoaderData);
	if (words_is(words, "content", "kernel-mmio"))
		lie_about_kernel(map, EfiMemoryMappedIO);
	if (words_is(words, "content", "kernel-runtime"))
		lie_about_kernel(map, EfiRuntimeServicesData);
	if (words_is(words, "content", "kernel-absent"))
		lie_about_kernel(map, NOT_THERE);
	if (words_is(words, "content", "single"))
		single(map);
}
