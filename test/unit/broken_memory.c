/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory maps that strange firmware gives (K5-K38, K43, K44): the kernel repairs, it does not die. */
#include <string.h>
#include "lib/uefi_memory.h"
#include "test/unit/broken_blocks.h"

#define PAGE UINT64_C(4096)
#define HOLE_PHYS UINT64_C(0xc0000000) /* nothing is there */
#define WB UEFI_MEMORY_WB
#define UC_RUNTIME (UEFI_MEMORY_UC | UEFI_MEMORY_RUNTIME)

/* The first descriptor is page zero, the second the memory below 1 MiB, the last free memory. */
static struct handoff_raw_descriptor *page_zero(struct block_fixture *f) { return &f->raw[0].known; }
static struct handoff_raw_descriptor *low(struct block_fixture *f) { return &f->raw[1].known; }
static struct handoff_raw_descriptor *last(struct block_fixture *f) { return &f->raw[f->raw_count - 1].known; }
static struct handoff_raw_descriptor *runtime(struct block_fixture *f)
{
	return block_fixture_descriptor(f, FIXTURE_RUNTIME_CODE_PHYS);
}
/* Makes room behind the last descriptor: one page of free memory becomes something else. */
static void last_page(struct block_fixture *f, uint32_t type, uint64_t attribute)
{
	last(f)->number_of_pages--;
	block_fixture_describe(f, type, FIXTURE_RAM_END_PHYS - PAGE, FIXTURE_RAM_END_PHYS, attribute);
}

static void stride_56(struct block_fixture *f) { f->stride = 56; }
static void version_2(struct block_fixture *f) { f->exit.descriptor_version = 2; }
static void nothing_usable(struct block_fixture *f)
{
	for (uint64_t i = 0; i < f->raw_count; i++)
		if (f->raw[i].known.type == UEFI_CONVENTIONAL)
			f->raw[i].known.type = UEFI_BOOT_SERVICES_DATA;
}
static void pages_apart(struct block_fixture *f, uint64_t count)
{
	last(f)->number_of_pages -= count;
	for (uint64_t at = FIXTURE_RAM_END_PHYS - count * PAGE; at < FIXTURE_RAM_END_PHYS; at += PAGE)
		block_fixture_describe(f, UEFI_CONVENTIONAL, at, at + PAGE, WB);
}
/* Work memory of the loader is free at once, but it is not memory to start on. */
static void only_work_memory(struct block_fixture *f)
{
	nothing_usable(f);
	block_fixture_owned(f, FIXTURE_MODULE_PHYS)->lifetime = HANDOFF_LIFETIME_FREE;
}
static void many_descriptors(struct block_fixture *f) { pages_apart(f, 120); }
static void very_many_descriptors(struct block_fixture *f) { pages_apart(f, 1020); }
static void no_pages(struct block_fixture *f) { block_fixture_describe(f, UEFI_RESERVED, 0x104000000, 0x104000000, WB); }
static void no_pages_in_block(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_RESERVED, FIXTURE_BLOCK_PHYS + PAGE, FIXTURE_BLOCK_PHYS + PAGE, WB);
}
static void wraps_over_block(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_RESERVED, 2 * PAGE, 3 * PAGE, WB);
	last(f)->number_of_pages = UINT64_MAX / PAGE;
}
static void wraps(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_CONVENTIONAL, 0 - PAGE, 0, WB);
	last(f)->number_of_pages = UINT64_C(0x200000000000001);
}
static void unaligned(struct block_fixture *f) { last(f)->physical_start += 16; }
static void beyond_width(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_CONVENTIONAL, UINT64_C(1) << 40, (UINT64_C(1) << 40) + PAGE, WB);
}
static void much_beyond_width(struct block_fixture *f)
{
	for (int i = 0; i < 5; i++)
		beyond_width(f);
}
static void much_beyond_width_and_interrupts(struct block_fixture *f)
{
	much_beyond_width(f);
	f->live.cpu.rflags = 0x202;
}
static void device_beyond_width(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_MMIO, UINT64_C(1) << 41, (UINT64_C(1) << 41) + PAGE, UEFI_MEMORY_UC);
}
static void unsorted(struct block_fixture *f)
{
	struct fixture_descriptor first = f->raw[0];

	f->raw[0] = f->raw[1];
	f->raw[1] = first;
}
static void twice(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_CONVENTIONAL, FIXTURE_TOP_PHYS, FIXTURE_RAM_END_PHYS, WB);
}
static void nested(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_RESERVED, FIXTURE_RAM_END_PHYS - 2 * PAGE, FIXTURE_RAM_END_PHYS - PAGE, WB);
}
static void runtime_over_kernel(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_RUNTIME_SERVICES_DATA, FIXTURE_TEXT_PHYS, FIXTURE_TEXT_PHYS + PAGE,
			       WB | UEFI_MEMORY_RUNTIME);
}
static void device_under_kernel(struct block_fixture *f)
{
	block_fixture_descriptor(f, FIXTURE_TEXT_PHYS)->type = UEFI_MMIO;
}
static void nothing_under_kernel(struct block_fixture *f)
{
	struct handoff_raw_descriptor *loader = block_fixture_descriptor(f, FIXTURE_TEXT_PHYS);

	loader->physical_start += PAGE;
	loader->number_of_pages--;
}
static void kernel_called_free(struct block_fixture *f)
{
	block_fixture_descriptor(f, FIXTURE_IMAGE_PHYS)->type = UEFI_CONVENTIONAL;
}
static void kernel_called_boot(struct block_fixture *f)
{
	block_fixture_descriptor(f, FIXTURE_IMAGE_PHYS)->type = UEFI_BOOT_SERVICES_CODE;
}
static void gap(struct block_fixture *f) { low(f)->number_of_pages--; }
static void undefined_type(struct block_fixture *f) { last_page(f, 16, WB); }
static void oem_type(struct block_fixture *f) { last_page(f, 0x70000001, WB); }
static void os_type(struct block_fixture *f) { last_page(f, 0x80000001, WB); }
static void last_type(struct block_fixture *f) { last_page(f, 0xffffffff, WB); }
static void unaccepted(struct block_fixture *f) { block_fixture_describe(f, UEFI_UNACCEPTED, HOLE_PHYS, HOLE_PHYS + PAGE, WB); }
static void not_write_back(struct block_fixture *f) { last_page(f, UEFI_CONVENTIONAL, UEFI_MEMORY_UC); }
static void runtime_free(struct block_fixture *f) { last_page(f, UEFI_CONVENTIONAL, WB | UEFI_MEMORY_RUNTIME); }
static void runtime_missing(struct block_fixture *f) { runtime(f)->attribute = WB; }
static void runtime_nvs(struct block_fixture *f)
{
	block_fixture_descriptor(f, FIXTURE_NVS_PHYS)->attribute |= UEFI_MEMORY_RUNTIME;
}
static void protected(struct block_fixture *f) { last(f)->attribute |= UEFI_MEMORY_XP | UEFI_MEMORY_RO; }
static void no_attributes(struct block_fixture *f) { block_fixture_describe(f, UEFI_RESERVED, HOLE_PHYS, HOLE_PHYS + PAGE, 0); }
static void unknown_bits(struct block_fixture *f) { last(f)->attribute |= UINT64_C(1) << 40; }
static void runtime_uncached(struct block_fixture *f) { runtime(f)->attribute = UEFI_MEMORY_RUNTIME; }
static void virtual_start(struct block_fixture *f) { last(f)->virtual_start = FIXTURE_TOP_PHYS; }
static void special_purpose(struct block_fixture *f) { last_page(f, UEFI_CONVENTIONAL, WB | UEFI_MEMORY_SP); }
static void hot_pluggable(struct block_fixture *f) { last(f)->attribute |= UEFI_MEMORY_HOT_PLUGGABLE; }
static void more_reliable(struct block_fixture *f) { last(f)->attribute |= UEFI_MEMORY_MORE_RELIABLE; }
static void non_volatile(struct block_fixture *f) { last_page(f, UEFI_CONVENTIONAL, WB | UEFI_MEMORY_NV); }
static void page_zero_free(struct block_fixture *f) { page_zero(f)->type = UEFI_CONVENTIONAL; }
static void nothing_low(struct block_fixture *f) { low(f)->type = UEFI_RESERVED; }
static void boot_services_low(struct block_fixture *f) { low(f)->type = UEFI_BOOT_SERVICES_CODE; }
static void other_reserved(struct block_fixture *f)
{
	page_zero(f)->type = UEFI_UNUSABLE;
	block_fixture_describe(f, UEFI_RESERVED, HOLE_PHYS, HOLE_PHYS + PAGE, WB);
}
static void large_device(struct block_fixture *f)
{
	block_fixture_describe(f, UEFI_MMIO, HOLE_PHYS, HOLE_PHYS + 64 * PAGE, UEFI_MEMORY_UC);
}
static void runtime_unaligned(struct block_fixture *f)
{
	/* Widened to the page before: take it from the free memory there. */
	block_fixture_describe(f, UEFI_RUNTIME_SERVICES_DATA, FIXTURE_RAM_END_PHYS - PAGE + 16, FIXTURE_RAM_END_PHYS + 16,
			       WB | UEFI_MEMORY_RUNTIME);
	f->raw[f->raw_count - 2].known.number_of_pages--;
	block_fixture_map(f, FIXTURE_RAM_END_PHYS, FIXTURE_RAM_END_PHYS, PAGE, PAGE_WRITE);
}
static void two_runtime_codes(struct block_fixture *f)
{
	runtime(f)->number_of_pages -= 4;
	block_fixture_describe(f, UEFI_RUNTIME_SERVICES_CODE, FIXTURE_RUNTIME_CODE_PHYS + 4 * PAGE, FIXTURE_RUNTIME_DATA_PHYS,
			       WB | UEFI_MEMORY_RUNTIME);
}

#define K(n) RULE_K(n)
#define M(n) RULE_M(n)

static const struct broken entries[] = {
	{ "descriptor size 56", K(5), RULE_INFORMATION, .before = stride_56 },
	{ "descriptor version 2", K(6), RULE_WARNING, .before = version_2 },
	{ "nothing usable", K(8), RULE_FATAL, .before = nothing_usable, .also = { K(34) } },
	{ "nothing usable but work memory", K(8), RULE_FATAL, .before = only_work_memory, .also = { K(34) } },
	{ "133 descriptors", K(9), RULE_INFORMATION, .before = many_descriptors },
	{ "1033 descriptors", K(9), RULE_INFORMATION, .before = very_many_descriptors },
	{ "descriptor without pages", K(10), RULE_REPAIRED, .before = no_pages },
	{ "descriptor that wraps", K(11), RULE_REPAIRED, .before = wraps },
	{ "descriptor without pages inside of the block", K(10), RULE_REPAIRED, .before = no_pages_in_block },
	{ "descriptor that wraps and seems to cover the block", K(11), RULE_REPAIRED, .before = wraps_over_block },
	{ "descriptor not page-aligned", K(12), RULE_REPAIRED, .before = unaligned },
	{ "RAM beyond the address width", K(13), RULE_REPAIRED, .before = beyond_width },
	{ "a quarter of the map beyond the address width", K(13), RULE_FATAL, .before = much_beyond_width, .also = { K(17) } },
	{ "no map can be derived", K(17), RULE_FATAL, .before = much_beyond_width, .also = { K(13) } },
	{ "no map, but a machine to check", M(2), RULE_REPAIRED, .before = much_beyond_width_and_interrupts,
	  .also = { K(13), K(17) } },
	{ "device beyond the address width", K(14), RULE_INFORMATION, .before = device_beyond_width },
	{ "unsorted", K(15), RULE_REPAIRED, .before = unsorted },
	{ "the same descriptor twice", K(16), RULE_REPAIRED, .before = twice },
	{ "reserved inside of free memory", K(17), RULE_REPAIRED, .before = nested },
	{ "runtime data over the kernel", K(18), RULE_FATAL, .before = runtime_over_kernel, .also = { K(15), K(17) } },
	{ "device memory under the kernel", K(18), RULE_FATAL, .before = device_under_kernel,
	  .also = { K(3) }, .dump = 1, .repeated = 1 },
	{ "no memory under the kernel", K(18), RULE_FATAL, .before = nothing_under_kernel },
	{ "loader memory called free", K(19), RULE_REPAIRED, .before = kernel_called_free },
	{ "loader memory called boot services", K(19), RULE_REPAIRED, .before = kernel_called_boot },
	{ "a gap", K(20), RULE_INFORMATION, .before = gap, .start = 0x9f000 },
	{ "undefined type", K(21), RULE_REPAIRED, .before = undefined_type },
	{ "type of the manufacturer", K(21), RULE_REPAIRED, .before = oem_type },
	{ "type of an OS loader", K(21), RULE_REPAIRED, .before = os_type },
	{ "type 0xffffffff", K(21), RULE_REPAIRED, .before = last_type },
	{ "unaccepted memory", K(22), RULE_INFORMATION, .before = unaccepted, .also = { K(15) } },
	{ "RAM without write-back", K(23), RULE_REPAIRED, .before = not_write_back },
	{ "RUNTIME on free memory", K(24), RULE_REPAIRED, .before = runtime_free },
	{ "runtime code without RUNTIME", K(25), RULE_REPAIRED, .before = runtime_missing },
	{ "RUNTIME on ACPI NVS", K(26), RULE_WARNING, .before = runtime_nvs },
	{ "XP and RO on free memory", K(27), RULE_INFORMATION, .before = protected },
	{ "no attributes", K(28), RULE_INFORMATION, .before = no_attributes, .also = { K(15) } },
	{ "unknown attributes", K(28), RULE_INFORMATION, .before = unknown_bits },
	{ "runtime code of unknown cacheability", K(28), RULE_WARNING, .before = runtime_uncached },
	{ "VirtualStart set", K(29), RULE_INFORMATION, .before = virtual_start },
	{ "special purpose memory", K(30), RULE_INFORMATION, .before = special_purpose },
	{ "hot-pluggable memory", K(30), RULE_INFORMATION, .before = hot_pluggable },
	{ "more reliable memory", K(30), RULE_INFORMATION, .before = more_reliable },
	{ "non-volatile conventional memory", K(31), RULE_REPAIRED, .before = non_volatile },
	{ "page zero free", K(33), RULE_REPAIRED, .before = page_zero_free },
	{ "nothing usable below 1 MiB", K(34), RULE_WARNING, .before = nothing_low },
	{ "no RAM below 4 GiB", K(35), RULE_INFORMATION, .before = nothing_low, .also = { K(34) } },
	{ "boot services below 1 MiB", K(36), RULE_INFORMATION, .before = boot_services_low, .also = { K(34) }, .start = PAGE },
	{ "reserved memory", K(37), RULE_INFORMATION, .before = other_reserved, .also = { K(15) }, .start = HOLE_PHYS },
	{ "a large device", K(38), RULE_INFORMATION, .before = large_device, .also = { K(15) } },
	{ "runtime data not page-aligned", K(43), RULE_WARNING, .before = runtime_unaligned, .also = { K(12) } },
	{ "two runtime codes", K(44), RULE_INFORMATION, .before = two_runtime_codes, .also = { K(15) }, .start = 2 },
};

BROKEN_TABLE(broken_memory, entries);
