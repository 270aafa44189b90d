/* SPDX-License-Identifier: BSD-2-Clause */
/* See map.h. */
#include "test/gremlin/efi/map.h"
#include "test/gremlin/efi/faults.h"
#include "test/gremlin/efi/map_content.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"

enum {
	RAW_BYTES = 512 << 10,
	USUAL_STRIDE = 48,
	POISONED_KEY = 0xbad0bad,
	TAIL_BYTE = 0xa5,
	FILL_BYTE = 0xee,
	GARBAGE = 0xcccccccc,
};

static uint8_t raw[RAW_BYTES] __attribute__((aligned(8)));
static EFI_MEMORY_DESCRIPTOR entries[MAP_ENTRIES];

static struct {
	const char *words;
	uint32_t attempts;
	uint64_t genuine_key, given_key, keys; /* keys: how many were given */
	uint64_t capacity;                     /* of the exit loop, once known */
	uint64_t unbounded;
	int shrunk, small_said;
} state;

static int now(void)
{
	return state.attempts >= words_number(state.words, "at", 0);
}

struct map map_read(void)
{
	struct map map = { .entries = entries };
	UINTN bytes = sizeof(raw), key = 0, stride = USUAL_STRIDE;
	UINT32 version;
	EFI_STATUS status = services_below()->GetMemoryMap(&bytes, (VOID *)raw, &key, &stride, &version);

	for (UINTN at = 0; !EFI_ERROR(status) && at + stride <= bytes && map.count < MAP_ENTRIES; at += stride) {
		__builtin_memcpy(&entries[map.count], raw + at, sizeof(entries[0]));
		entries[map.count++].Pad = 0;
	}
	state.genuine_key = key;
	return map;
}

uint64_t map_free_above(uint64_t address, uint64_t pages)
{
	struct map map = map_read();
	uint64_t best = 0;

	for (uint64_t i = 0; i < map.count; i++) {
		const EFI_MEMORY_DESCRIPTOR *d = &map.entries[i];

		if (d->Type == EfiConventionalMemory && d->PhysicalStart >= address && d->NumberOfPages >= pages &&
		    (best == 0 || d->PhysicalStart < best))
			best = d->PhysicalStart;
	}
	return best;
}

uint64_t map_largest(const struct map *map, uint32_t type)
{
	uint64_t best = 0, pages = 0;

	for (uint64_t i = 0; i < map->count; i++) {
		if (map->entries[i].Type != type || map->entries[i].NumberOfPages <= pages)
			continue;
		pages = map->entries[i].NumberOfPages;
		best = i;
	}
	return best;
}

/* Cuts entry `at` in two; the second part comes last in the map. */
static int cut(struct map *map, uint64_t at, uint64_t page)
{
	EFI_MEMORY_DESCRIPTOR *first = &map->entries[at], *second = &map->entries[map->count];

	if (map->count == MAP_ENTRIES || page == 0 || page >= first->NumberOfPages)
		return 0;
	*second = *first;
	second->PhysicalStart += page * EFI_PAGE_SIZE;
	second->NumberOfPages -= page;
	first->NumberOfPages = page;
	map->count++;
	return 1;
}

uint64_t map_carve(struct map *map, uint64_t at, uint64_t page, uint64_t pages)
{
	if (page > 0)
		at = cut(map, at, page) ? map->count - 1 : at;
	cut(map, at, pages);
	return at;
}

/* So many descriptors more, and the map as true as before. */
static void cut_to_pieces(struct map *map, uint64_t pieces)
{
	while (pieces > 0 && map->count < MAP_ENTRIES) {
		uint64_t at = map_largest(map, EfiConventionalMemory), left = map->entries[at].NumberOfPages;

		if (left < 2)
			return;
		for (; pieces > 0 && left > 1 && cut(map, at, 1); pieces--, left--)
			at = map->count - 1;
	}
}

/* The map that this call shall show. */
static struct map prepare(void)
{
	struct map map = map_read();

	cut_to_pieces(&map, words_item(state.words, "pieces", state.attempts, 0) +
				    words_number(state.words, "grow", 0) * services_calls(SERVICE(AllocatePages)));
	map_disturb(&map, state.words);
	if (now() && words_number(state.words, "empty", 0))
		map.count = 0;
	return map;
}

static uint64_t next_key(void)
{
	state.keys++;
	if (words_is(state.words, "key", "zero"))
		return 0;
	if (words_is(state.words, "key", "const"))
		return 7;
	if (words_is(state.words, "key", "max"))
		return UINT64_MAX;
	if (words_is(state.words, "key", "down"))
		return 1000 - state.keys;
	if (words_is(state.words, "key", "wrap"))
		return UINT64_MAX - 1 + state.keys;
	return state.genuine_key;
}

/* A call that only asks for the size.  1 when it has been answered here. */
static int answer_probe(UINTN *bytes, const void *buffer, UINTN *stride, UINT32 *version, EFI_STATUS *ret_status)
{
	const char *words = state.words;
	EFI_STATUS status = EFI_BUFFER_TOO_SMALL;

	if (words_is(words, "probe", "invalid") && buffer == NULL)
		status = EFI_INVALID_PARAMETER;
	else if (words_is(words, "probe", "success"))
		status = EFI_SUCCESS;
	else if (words_is(words, "probe", "huge") || words_is(words, "probe", "huge-small")) {
		*bytes = UINT64_C(1) << 40;
		status = words_is(words, "probe", "huge") ? EFI_SUCCESS : EFI_BUFFER_TOO_SMALL;
	} else if (words_is(words, "probe", "unbounded"))
		*bytes = state.unbounded *= 3;
	else if (words_is(words, "probe", "zero-stride"))
		*stride = 0;
	else if (words_is(words, "probe", "garbage-stride")) {
		*stride = GARBAGE;
		*version = GARBAGE;
	} else
		return 0;
	*ret_status = status;
	return 1;
}

static void emit(const struct map *map, uint8_t *buffer, uint64_t stride, uint64_t capacity)
{
	for (uint64_t i = 0; i < map->count && (i + 1) * stride <= capacity; i++) {
		__builtin_memset(buffer + i * stride, TAIL_BYTE, stride);
		__builtin_memcpy(buffer + i * stride, &map->entries[i], stride < 40 ? stride : 40);
	}
}

/* What firmware does to a buffer besides filling it (H7). */
static void misuse(uint8_t *buffer, uint64_t bytes, uint64_t stride, uint64_t capacity)
{
	const char *words = state.words;

	if (words_number(words, "past", 0))
		for (uint64_t i = bytes; i < bytes + stride; i++)
			(void)*(volatile uint8_t *)(buffer + i);
	if (words_number(words, "fill", 0))
		__builtin_memset(buffer + bytes, FILL_BYTE, capacity - bytes);
	if (now() && words_number(words, "clobber", 0))
		__builtin_memset(buffer + capacity, FILL_BYTE, 64);
}

/* BUFFER_TOO_SMALL although it fits (H15). */
static int says_small(uint64_t capacity, uint64_t used)
{
	int always = words_is(state.words, "small", "always"), once = words_is(state.words, "small", "once");

	if (!now() || capacity < used || !(always || (once && !state.small_said)))
		return 0;
	state.small_said = 1;
	return 1;
}

static void watch_capacity(uint64_t capacity)
{
	/* Before the first attempt buffers come and go; the exit loop has one. */
	if (state.attempts > 0 && capacity < state.capacity)
		state.shrunk = 1;
	state.capacity = capacity;
}

static EFI_STATUS EFIAPI get_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *buffer, UINTN *key, UINTN *stride, UINT32 *version)
{
	const char *words = state.words;
	uint64_t capacity = *bytes, size = words_item(words, "stride", state.attempts, USUAL_STRIDE), used;
	struct map map;
	EFI_STATUS status;

	state.given_key = POISONED_KEY;
	*key = POISONED_KEY;
	if (faults_call(FAULT_MAP))
		return faults_status(EFI_DEVICE_ERROR);
	watch_capacity(capacity);
	map = prepare();
	used = map.count * size;
	*stride = now() ? words_number(words, "say-stride", size) : size;
	*version = (UINT32)words_number(words, "version", 1);
	if (capacity < used + words_number(words, "need", 0) || says_small(capacity, used)) {
		*bytes = used + words_number(words, "need", 0);
		status = EFI_BUFFER_TOO_SMALL;
		return state.attempts == 0 && answer_probe(bytes, buffer, stride, version, &status) ? status : EFI_BUFFER_TOO_SMALL;
	}
	/* UEFI 2.10 7.2.3: a buffer that is large enough must be one (H14b). */
	if (buffer == NULL)
		return EFI_INVALID_PARAMETER;
	emit(&map, (uint8_t *)buffer, size, capacity);
	misuse((uint8_t *)buffer, used, size, capacity);
	*bytes = used + words_number(words, "odd", 0);
	if (now() && words_number(words, "over", 0))
		*bytes = capacity + 4096;
	*key = state.given_key = next_key();
	return EFI_SUCCESS;
}

void map_begin(const char *words)
{
	__builtin_memset(&state, 0, sizeof(state));
	state.words = words;
	state.unbounded = 6000;
	services_hook(SERVICE(GetMemoryMap), (const void *)get_map);
}

int map_attempt(uint64_t key)
{
	state.attempts++;
	return key == state.given_key;
}

uint64_t map_genuine_key(void)
{
	return state.genuine_key;
}

int map_capacity_shrunk(void)
{
	return state.shrunk;
}
