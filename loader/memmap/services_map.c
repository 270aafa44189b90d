/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of GetMemoryMap (UEFI 2.10 §7.2.3): sizes, descriptors and the map key. */
#include "lib/memory_range.h"
#include "loader/log.h"
#include "loader/memmap/bench.h"

#define NOTE(n) (UINT32_C(1) << (n))

/* One call with all that goes in and comes out. */
struct call {
	UINTN bytes, key, stride;
	UINT32 version;
	EFI_STATUS status;
};

static struct call get_map(struct bench *bench, void *buffer, uint64_t bytes)
{
	struct call call = { .bytes = bytes };

	call.status = bench->services->GetMemoryMap(&call.bytes, buffer, &call.key, &call.stride, &call.version);
	return call;
}

static struct result no_map(EFI_STATUS status)
{
	return result_of(VERDICT_FAIL, "no map: %s", log_status_name(status));
}

struct result services_map_descriptors(struct bench *bench)
{
	struct call call = get_map(bench, bench->maps[0], bench->map_capacity);

	if (EFI_ERROR(call.status))
		return no_map(call.status);
	if (call.stride < UEFI_DESCRIPTOR_BYTES_MIN || call.stride % 8 != 0)
		return result_of(VERDICT_FAIL, "a descriptor size of %lu bytes", (unsigned long)call.stride);
	if (call.bytes % call.stride != 0)
		return result_of(VERDICT_FAIL, "%lu bytes are no multiple of %lu", (unsigned long)call.bytes, (unsigned long)call.stride);
	if (call.version != UEFI_DESCRIPTOR_VERSION)
		return result_of(VERDICT_QUIRK, "descriptor version %u", call.version);
	return result_pass();
}

/* What a descriptor says that it must not say. */
static struct result judge(uint64_t index, const struct handoff_raw_descriptor *descriptor, uint32_t physical_bits)
{
	static const enum memory_range_note wrong[] = { MEMORY_RANGE_NO_PAGES, MEMORY_RANGE_WRAPS, MEMORY_RANGE_UNALIGNED,
							MEMORY_RANGE_BEYOND_RAM, MEMORY_RANGE_UNKNOWN_TYPE };
	struct handoff_range range;
	uint32_t notes = 0;

	memory_range_of(descriptor, physical_bits, &range, &notes);
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (notes & NOTE(wrong[i]))
			return result_of(VERDICT_FAIL, "%lu: %s", (unsigned long)index, memory_range_note_text(wrong[i]));
	if (notes & NOTE(MEMORY_RANGE_RUNTIME_MISSING))
		return result_of(VERDICT_QUIRK, "%lu: runtime services memory without the attribute RUNTIME", (unsigned long)index);
	return result_pass();
}

static int overlap(const struct handoff_raw_descriptor *a, const struct handoff_raw_descriptor *b)
{
	return a->physical_start < memory_view_end(b) && b->physical_start < memory_view_end(a);
}

struct result services_map_valid(struct bench *bench)
{
	struct bench_map map = bench_map(bench, 0);
	uint64_t count = memory_view_count(&map.view);
	struct result result = result_pass();

	if (EFI_ERROR(map.status) || count == 0)
		return no_map(map.status);
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor descriptor = memory_view_descriptor(&map.view, i);

		result_note(&result, judge(i, &descriptor, bench->physical_bits));
		for (uint64_t j = 0; j < i; j++) {
			struct handoff_raw_descriptor earlier = memory_view_descriptor(&map.view, j);

			if (overlap(&descriptor, &earlier))
				result_note(&result, result_of(VERDICT_FAIL, "descriptors %lu and %lu overlap", (unsigned long)j,
							       (unsigned long)i));
		}
	}
	return result;
}

struct result services_map_size_zero(struct bench *bench)
{
	struct call call = get_map(bench, NULL, 0);

	/* L28: some firmware wants a buffer even to say that it is too small. */
	if (call.status != EFI_BUFFER_TOO_SMALL)
		return result_refused(call.status, EFI_BUFFER_TOO_SMALL);
	if (call.bytes == 0)
		return result_of(VERDICT_FAIL, "the size needed is given as 0");
	/* E5, E6: not promised for a call that fails, but programs divide by it. */
	if (call.stride < UEFI_DESCRIPTOR_BYTES_MIN)
		return result_of(VERDICT_QUIRK, "a size query gives a descriptor size of %lu", (unsigned long)call.stride);
	return result_pass();
}

/* The map into a buffer of just this size, which is followed by a pattern. */
static struct result exact(struct bench *bench, uint64_t bytes, const char *what)
{
	enum { GUARD = 256 };
	struct call call;

	if (bytes == 0 || bytes + GUARD > bench->map_capacity)
		return result_of(VERDICT_SKIP, "%s size is %lu bytes", what, (unsigned long)bytes);
	bench_fill(bench->maps[0] + bytes, GUARD, 1);
	call = get_map(bench, bench->maps[0], bytes);
	if (!bench_intact(bench->maps[0] + bytes, GUARD, 1))
		return result_of(VERDICT_FAIL, "wrote behind a buffer of %lu bytes", (unsigned long)bytes);
	if (call.status == EFI_BUFFER_TOO_SMALL)
		return result_of(VERDICT_QUIRK, "the %s size, %lu bytes, is too small: %lu needed", what, (unsigned long)bytes,
				 (unsigned long)call.bytes);
	if (EFI_ERROR(call.status))
		return no_map(call.status);
	if (call.bytes > bytes)
		return result_of(VERDICT_FAIL, "%lu bytes returned in a buffer of %lu", (unsigned long)call.bytes, (unsigned long)bytes);
	return result_pass();
}

struct result services_map_size_asked(struct bench *bench)
{
	return exact(bench, get_map(bench, bench->maps[1], 0).bytes, "asked");
}

/* H4, E4: EDK2 counts what it later joins, and wants a larger buffer than it fills. */
struct result services_map_size_returned(struct bench *bench)
{
	return exact(bench, get_map(bench, bench->maps[0], bench->map_capacity).bytes, "returned");
}

struct result services_map_too_small(struct bench *bench)
{
	uint64_t full = get_map(bench, bench->maps[0], bench->map_capacity).bytes, tiny = UEFI_DESCRIPTOR_BYTES_MIN;
	struct call call;

	if (full < 4 * tiny || full > bench->map_capacity)
		return result_of(VERDICT_SKIP, "the map has %lu bytes", (unsigned long)full);
	bench_fill(bench->maps[0] + tiny, full - tiny, 2);
	call = get_map(bench, bench->maps[0], tiny);
	if (call.status != EFI_BUFFER_TOO_SMALL)
		return result_refused(call.status, EFI_BUFFER_TOO_SMALL);
	if (!bench_intact(bench->maps[0] + tiny, full - tiny, 2))
		return result_of(VERDICT_FAIL, "wrote behind a buffer of %lu bytes", (unsigned long)tiny);
	if (call.bytes < full)
		return result_of(VERDICT_FAIL, "needs %lu bytes, says %lu", (unsigned long)full, (unsigned long)call.bytes);
	return result_pass();
}

struct result services_map_same_key(struct bench *bench)
{
	struct bench_map first = bench_map(bench, 0), second = bench_map(bench, 1);
	uint64_t count = memory_view_count(&first.view);

	if (EFI_ERROR(first.status) || EFI_ERROR(second.status))
		return no_map(EFI_ERROR(first.status) ? first.status : second.status);
	if (first.key != second.key)
		return result_of(VERDICT_FAIL, "key %lx, then %lx without a change", (unsigned long)first.key, (unsigned long)second.key);
	if (memory_view_count(&second.view) != count)
		return result_of(VERDICT_FAIL, "the same key for maps of different size");
	for (uint64_t i = 0; i < count; i++) {
		struct handoff_raw_descriptor a = memory_view_descriptor(&first.view, i), b = memory_view_descriptor(&second.view, i);

		/* VirtualStart and the padding are undefined. */
		if (a.type != b.type || a.physical_start != b.physical_start || a.number_of_pages != b.number_of_pages ||
		    a.attribute != b.attribute)
			return result_of(VERDICT_FAIL, "the same key, but descriptor %lu is another", (unsigned long)i);
	}
	return result_pass();
}

static struct result key_changed(const struct bench_map *before, const struct bench_map *after, const char *what)
{
	if (EFI_ERROR(before->status) || EFI_ERROR(after->status))
		return no_map(EFI_ERROR(before->status) ? before->status : after->status);
	if (before->key == after->key)
		return result_of(VERDICT_FAIL, "the key is %lx before and after %s", (unsigned long)before->key, what);
	return result_pass();
}

struct result services_map_key_allocate(struct bench *bench)
{
	struct bench_map before = bench_map(bench, 0), after;
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, 1, &phys);

	if (EFI_ERROR(status))
		return result_of(VERDICT_SKIP, "no page to allocate: %s", log_status_name(status));
	after = bench_map(bench, 1);
	bench->services->FreePages(phys, 1);
	return key_changed(&before, &after, "an allocation");
}

struct result services_map_key_free(struct bench *bench)
{
	struct bench_map before, after;
	uint64_t phys = 0;
	EFI_STATUS status = bench_take(bench, 1, &phys);

	if (EFI_ERROR(status))
		return result_of(VERDICT_SKIP, "no page to allocate: %s", log_status_name(status));
	before = bench_map(bench, 0);
	bench->services->FreePages(phys, 1);
	after = bench_map(bench, 1);
	return key_changed(&before, &after, "giving pages back");
}
