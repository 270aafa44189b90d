/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables of the kernel's own. */
#include "kernel-stub/arch/address_space.h"
#include "kernel-stub/arch/x86_64/registers.h"
#include "kernel-stub/pages.h"
#include "lib/arch/x86_64/identity_map.h"
#include "lib/handoff_block.h"
#include "lib/uefi_memory.h"
#include "lib/uefi_runtime.h"

enum { TABLES_MAX_PAGES = 1 << 16 };

/* One mapping to be made. */
struct mapping {
	uint64_t virt, phys, bytes;
	uint32_t flags;
};

/* Does something with every mapping: counts the tables it needs, or makes it. */
struct builder {
	struct page_tables *tables;
	uint64_t bound;
	int (*each)(struct builder *builder, const struct mapping *mapping);
	enum page_tables_status status;
};

static int count_tables(struct builder *builder, const struct mapping *m)
{
	builder->bound += page_tables_bound(builder->tables, m->virt, m->phys, m->bytes);
	return 0;
}

static int map_now(struct builder *builder, const struct mapping *m)
{
	builder->status = page_tables_map(builder->tables, m->virt, m->phys, m->bytes, m->flags);
	return builder->status != PAGE_TABLES_OK;
}

static int each_segment(struct builder *builder, const struct handoff_header *block)
{
	const struct handoff_segment *segment;

	for (uint64_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)); i++) {
		struct mapping m = {
			segment->virt, segment->phys, segment->bytes,
			(segment->permissions & HANDOFF_SEGMENT_WRITE ? PAGE_WRITE : 0u) |
				(segment->permissions & HANDOFF_SEGMENT_EXECUTE ? PAGE_EXECUTE : 0u)};

		if (builder->each(builder, &m))
			return -1;
	}
	return 0;
}

static int framebuffer(struct builder *builder, const struct handoff_header *block)
{
	const struct handoff_framebuffer *f = handoff_part(block, HANDOFF_PART_FRAMEBUFFER, 0, 0);
	uint64_t start, end;

	if (!f)
		return 0;
	start = f->base_phys & ~(HANDOFF_PAGE_BYTES - 1);
	end = (f->base_phys + f->bytes + HANDOFF_PAGE_BYTES - 1) & ~(HANDOFF_PAGE_BYTES - 1);
	return builder->each(builder, &(struct mapping){start, start, end - start, PAGE_WRITE | PAGE_WRITE_COMBINING});
}

/* Both places of a piece of the runtime services. */
static int runtime_piece(struct builder *builder, const struct handoff_raw_descriptor *d, uint32_t flags)
{
	struct mapping m = {d->physical_start, d->physical_start, d->number_of_pages * HANDOFF_PAGE_BYTES, flags};

	if (builder->each(builder, &m))
		return -1;
	m.virt += ADDRESS_SPACE_RUNTIME;
	return builder->each(builder, &m);
}

static int is_runtime(const struct handoff_raw_descriptor *d)
{
	return (d->attribute & UEFI_MEMORY_RUNTIME) && d->number_of_pages != 0 &&
	       d->number_of_pages <= ADDRESS_SPACE_RUNTIME_BYTES / HANDOFF_PAGE_BYTES &&
	       d->physical_start <= ADDRESS_SPACE_RUNTIME_BYTES - d->number_of_pages * HANDOFF_PAGE_BYTES;
}

static int each_runtime_range(struct builder *builder, const struct handoff_header *block)
{
	const struct handoff_raw_descriptor *d;

	for (uint64_t i = 0; (d = handoff_element(block, HANDOFF_PART_RAW_MAP, i)); i++) {
		int device = d->type == UEFI_MMIO || d->type == UEFI_MMIO_PORT;

		if (is_runtime(d) && runtime_piece(builder, d, PAGE_WRITE | (device ? PAGE_UNCACHED : 0u)))
			return -1;
	}
	return 0;
}

/* All of it lies in memory that is mapped now: firmware may put the table where the map shows none (K41). */
static int is_mapped(const struct memory_map *identity, uint64_t phys, uint64_t bytes)
{
	const struct handoff_range *range = memory_map_find(identity, phys);

	return range && range->type == IDENTITY_RAM && bytes <= range->end_phys - phys;
}

/* The limits of K40, which has reported a table beyond them: it lies in boot services memory and may be anything by now. */
static int is_sound(const struct memory_map *identity, const struct uefi_memory_attributes *table)
{
	return is_mapped(identity, (uintptr_t)table, sizeof *table) && table->version >= 1 && table->version <= 2 && table->entries <= 65536 &&
	       table->descriptor_bytes >= UEFI_DESCRIPTOR_BYTES_MIN && table->descriptor_bytes <= UEFI_DESCRIPTOR_BYTES_MAX &&
	       is_mapped(identity, (uintptr_t)table, sizeof *table + (uint64_t)table->entries * table->descriptor_bytes);
}

/* The memory attributes table says which of these pages are code; W^X holds here too (the loader has seen to it: L14). */
static int each_runtime_permission(struct builder *builder, const struct handoff_header *block, const struct memory_map *identity)
{
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, 0, 0);
	const struct uefi_memory_attributes *table = (const void *)(uintptr_t)firmware->memory_attributes_phys;

	for (uint32_t i = 0, count = is_sound(identity, table) ? table->entries : 0; i < count; i++) {
		const struct handoff_raw_descriptor *d =
			(const void *)((const char *)(table + 1) + (uint64_t)i * table->descriptor_bytes);
		uint32_t flags = (d->attribute & UEFI_MEMORY_RO ? 0u : PAGE_WRITE) |
				 (d->attribute & UEFI_MEMORY_XP ? 0u : PAGE_EXECUTE);

		if (is_runtime(d) && runtime_piece(builder, d, flags))
			return -1;
	}
	return 0;
}

/* In this order: what is mapped later replaces what was there. */
static int everything(struct builder *builder, const struct handoff_header *block, const struct memory_map *identity)
{
	for (uint64_t i = 0; i < identity->count; i++) {
		const struct handoff_range *range = &identity->ranges[i];

		if (builder->each == count_tables)
			builder->bound += page_tables_bound(builder->tables, range->start_phys, range->start_phys,
							    range->end_phys - range->start_phys);
		else if ((builder->status = identity_map_add(builder->tables, range->start_phys, range->end_phys,
							     range->type)) != PAGE_TABLES_OK)
			return -1;
	}
	if (framebuffer(builder, block) || each_runtime_range(builder, block) || each_runtime_permission(builder, block, identity))
		return -1;
	return each_segment(builder, block);
}

static int collect_identity(struct memory_map *ret_identity, struct memory_map *pages, const struct handoff_header *block,
			    const struct handoff_cpu *cpu)
{
	uint64_t raw_bytes, bytes;
	uint32_t stride;
	const void *raw = handoff_part(block, HANDOFF_PART_RAW_MAP, &raw_bytes, &stride);
	void *buffer;

	bytes = (2 * handoff_count(block, HANDOFF_PART_RAW_MAP) + 1) * sizeof(struct handoff_range);
	buffer = pages_take(pages, bytes, 0, PAGES_OWNER_RUNTIME);
	if (!buffer)
		return -1;
	return identity_map_collect(ret_identity, buffer, bytes, raw, raw_bytes, stride, cpu->physical_bits);
}

const char *address_space_build(struct page_tables *ret_tables, struct memory_map *pages, const struct handoff_header *block,
				const struct handoff_cpu *cpu)
{
	struct builder builder = {.tables = ret_tables, .bound = 1, .each = count_tables};
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, 0, 0);
	struct memory_map identity;

	*ret_tables = (struct page_tables){
		.encryption_mask = cpu->encryption_mask,
		.levels = cpu->paging_levels,
		.physical_bits = cpu->physical_bits,
		.nx = (cpu->flags & HANDOFF_CPU_NX) != 0,
		.pages_1g = (cpu->flags & HANDOFF_CPU_PAGES_1G) != 0,
	};
	if (collect_identity(&identity, pages, block, cpu) != 0)
		return "no memory for the list of what to map";
	everything(&builder, block, &identity);
	builder.bound += page_tables_bound(ret_tables, kernel->stack_virt, kernel->stack_phys, HANDOFF_PAGE_BYTES);
	if (builder.bound > TABLES_MAX_PAGES)
		return "the page tables would be too large";
	ret_tables->pool_pages = builder.bound;
	ret_tables->pool = pages_take(pages, builder.bound * HANDOFF_PAGE_BYTES, 0, PAGES_OWNER_RUNTIME);
	ret_tables->pool_phys = (uintptr_t)ret_tables->pool;
	if (!ret_tables->pool || page_tables_init(ret_tables) != PAGE_TABLES_OK)
		return "no memory for page tables";
	builder.each = map_now;
	if (everything(&builder, block, &identity) != 0)
		return page_tables_status_name(builder.status);
	/* A stack overflow must fault here as well. */
	page_tables_unmap(ret_tables, kernel->stack_virt - HANDOFF_PAGE_BYTES, HANDOFF_PAGE_BYTES);
	return 0;
}

void address_space_load(const struct page_tables *tables)
{
	cr3_write(tables->pool_phys | tables->encryption_mask);
}

const char *address_space_forget_runtime(struct page_tables *tables, const struct handoff_header *block)
{
	const struct handoff_raw_descriptor *d;

	for (uint64_t i = 0; (d = handoff_element(block, HANDOFF_PART_RAW_MAP, i)); i++) {
		enum page_tables_status status = PAGE_TABLES_OK;

		if (is_runtime(d))
			status = page_tables_unmap(tables, d->physical_start, d->number_of_pages * HANDOFF_PAGE_BYTES);
		if (status != PAGE_TABLES_OK)
			return page_tables_status_name(status);
	}
	address_space_load(tables);
	return 0;
}
