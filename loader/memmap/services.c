/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests in their order.  First what every firmware knows, so that a machine with a firmware of the other kind has shown
 * most of it when the wrong calls begin.  Numbers are the order; new tests come before the last one.
 */
#include "lib/format.h"
#include "loader/memmap/services.h"

static const struct {
	const char *section; /* of UEFI 2.10 */
	const char *title;
	struct result (*run)(struct bench *bench);
} tests[] = {
	{ "7.2.3", "GetMemoryMap: descriptor size and version", services_map_descriptors },
	{ "7.2.3", "GetMemoryMap: every descriptor is valid", services_map_valid },
	{ "7.2.3", "GetMemoryMap: size 0 asks for the size", services_map_size_zero },
	{ "7.2.3", "GetMemoryMap: the size asked for suffices", services_map_size_asked },
	{ "7.2.3", "GetMemoryMap: the size returned suffices", services_map_size_returned },
	{ "7.2.3", "GetMemoryMap: a buffer too small", services_map_too_small },
	{ "7.2.3", "GetMemoryMap: same map, same key", services_map_same_key },
	{ "7.2.3", "GetMemoryMap: key changes on allocation", services_map_key_allocate },
	{ "7.2.3", "GetMemoryMap: key changes on freeing", services_map_key_free },
	{ "7.2.4", "AllocatePool: 1 byte to 1 MiB, aligned", services_pool_sizes },
	{ "7.2.4", "AllocatePool: in the map under its type", services_pool_types },
	{ "7.2.4", "AllocatePool: buffers do not overlap", services_pool_apart },
	{ "7.2.5", "FreePool: the map shows it", services_pool_returns },
	{ "7.2.4", "AllocatePool: more than there is", services_pool_too_large },
	{ "7.2.1", "AllocatePages: in the map under its type", services_pages_types },
	{ "7.2.2", "FreePages: conventional memory again", services_pages_free },
	{ "7.2.1", "AllocatePages: at most an address", services_pages_below },
	{ "7.2.1", "AllocatePages: at most address 0", services_pages_below_zero },
	{ "7.2.1", "AllocatePages: exactly an address", services_pages_exact },
	{ "7.2.1", "AllocatePages: exactly a taken address", services_pages_exact_taken },
	{ "7.2.2", "FreePages: slack of a 64 KiB alignment", services_pages_aligned },
	{ "7.2.1", "AllocatePages: more than there is", services_pages_too_many },
	{ "7.2.1", "AllocatePages: no such kind", services_refuse_kind },
	{ "7.2.1", "allocation: a reserved memory type", services_refuse_reserved_types },
	{ "7.2.1", "allocation: persistent memory", services_refuse_persistent },
	{ "7.2.1", "allocation: unaccepted memory", services_refuse_unaccepted },
	{ "7.2.2", "FreePages: not at a page", services_refuse_free_unaligned },
	{ "7.2.2", "FreePages: freed before", services_refuse_free_twice },
	{ "7.2.5", "FreePool: NULL", services_refuse_free_null },
	{ "7.2.1", "AllocatePages: nowhere to put the address", services_null_pages },
	{ "7.2.4", "AllocatePool: nowhere to put the address", services_null_pool },
	{ "7.2.3", "GetMemoryMap: no size", services_null_map_size },
	{ "7.2.3", "GetMemoryMap: no buffer of the right size", services_null_map },
	{ "7.2", "everything is given back, and the map says so", services_all_returned },
};

static const char *const verdicts[VERDICT_COUNT] = { "pass", "skip", "quirk", "fail" };

uint32_t services_count(void)
{
	return sizeof(tests) / sizeof(tests[0]);
}

void services_line(char line[MEMORY_VIEW_LINE_MAX], uint32_t number, enum verdict verdict)
{
	format(line, MEMORY_VIEW_LINE_MAX, "memmap: test %02u %-5s UEFI %s %s", number, verdicts[verdict], tests[number - 1].section,
	       tests[number - 1].title);
}

static struct memory_view_totals totals_now(struct bench *bench)
{
	struct bench_map map = bench_map(bench, 0);
	struct memory_view_totals totals;

	memory_view_sum(&map.view, &totals);
	return totals;
}

struct result services_run(struct bench *bench, uint32_t number)
{
	/* Events of other programs run below this level and may allocate; all memory services may still be called (UEFI 2.10
	   table 7.3). */
	EFI_TPL tpl = bench->services->RaiseTPL(TPL_NOTIFY);
	struct memory_view_totals before = totals_now(bench), after;
	struct result result = tests[number - 1].run(bench);

	after = totals_now(bench);
	for (uint32_t type = 0; type < MEMORY_VIEW_TYPES; type++)
		bench->kept[type] += (int64_t)(after.pages[type] - before.pages[type]);
	bench->services->RestoreTPL(tpl);
	return result;
}

/* The last one judges those before it. */
struct result services_all_returned(struct bench *bench)
{
	struct result result = result_pass();
	char name[24];

	/* The firmware itself uses boot services data, for its own lists of memory. */
	for (uint32_t type = EfiLoaderCode; type <= EfiBootServicesData; type++)
		if (bench->kept[type] != 0)
			result_note(&result, result_of(type == EfiBootServicesData ? VERDICT_QUIRK : VERDICT_FAIL,
						       "%ld pages of %s more than before", (long)bench->kept[type],
						       memory_view_type(name, type)));
	return result;
}

void services_run_all(struct bench *bench, const struct memory_view_sink *sink, struct services_counts *ret_counts)
{
	char line[MEMORY_VIEW_LINE_MAX];

	*ret_counts = (struct services_counts){ 0 };
	for (uint32_t number = 1; number <= services_count(); number++) {
		struct result result = services_run(bench, number);

		ret_counts->of[result.verdict]++;
		services_line(line, number, result.verdict);
		sink->line(sink->context, line);
		if (result.detail[0] == '\0')
			continue;
		format(line, sizeof(line), "        %s", result.detail);
		sink->line(sink->context, line);
	}
	format(line, sizeof(line), "memmap: tests %u passed, %u failed, %u quirks, %u skipped", ret_counts->of[VERDICT_PASS],
	       ret_counts->of[VERDICT_FAIL], ret_counts->of[VERDICT_QUIRK], ret_counts->of[VERDICT_SKIP]);
	sink->line(sink->context, line);
}
