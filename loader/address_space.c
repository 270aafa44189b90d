/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building the kernel's address space.  RULES: own tables in own memory, built before exit, never the firmware's edited
 * (L16); as deep as the firmware's (L18); W^X everywhere, the identity alias of kernel text included; every address comes
 * from the map or from an allocation (L17).
 */
#include "lib/arch/x86_64/identity_map.h"
#include "lib/memory_map.h"
#include "lib/uefi_memory.h"
#include "loader/address_space.h"
#include "loader/boot.h"
#include "loader/exit.h"
#include "loader/image.h"
#include "loader/log.h"

enum {
	SPARE_PAGES = 16,  /* table pages kept for memory that appears during exit */
	FIRST_PAGES = 32,  /* a machine of 1 GiB needs 14; doubled until the tables fit */
};

/* EFI_MEMORY_ATTRIBUTES_TABLE (UEFI 2.10 §4.6.4). */
struct attributes_table {
	uint32_t version;
	uint32_t count;
	uint32_t descriptor_bytes;
	uint32_t flags;
};

enum { ATTRIBUTES_MAX = 4096 };

struct raw_map {
	const uint8_t *at;
	uint64_t bytes;
	uint64_t descriptor_bytes;
};

static EFI_STATUS allocate_tables(struct boot *boot, uint64_t pages)
{
	struct page_tables *tables = &boot->page_tables;
	uint64_t phys = 0;
	EFI_STATUS status;

	tables->pool_pages = pages;
	status = pages_allocate(boot,
				&(struct page_request){
					.type = EfiLoaderData,
					.pages = pages,
					.owner = HANDOFF_OWNER_PAGE_TABLES,
					.lifetime = HANDOFF_LIFETIME_OWN_TABLES,
				},
				&phys);
	if (EFI_ERROR(status))
		return log_error(boot, status, "no memory: %lu bytes for %s", (unsigned long)(pages * EFI_PAGE_SIZE),
				 handoff_owner_name(HANDOFF_OWNER_PAGE_TABLES));
	tables->pool = (uint64_t *)phys;
	tables->pool_phys = phys;
	return page_tables_init(tables) == PAGE_TABLES_OK ? EFI_SUCCESS : EFI_DEVICE_ERROR;
}

static enum page_tables_status map_identity(struct boot *boot, const struct memory_map *ranges)
{
	enum page_tables_status status = PAGE_TABLES_OK;

	for (uint64_t i = 0; status == PAGE_TABLES_OK && i < ranges->count; i++)
		status = identity_map_add(&boot->page_tables, ranges->ranges[i].start_phys, ranges->ranges[i].end_phys,
					  ranges->ranges[i].type);
	return status;
}

int address_space_covers(const struct memory_map *mapped, uint64_t phys, uint64_t bytes)
{
	const struct handoff_range *range = memory_map_find(mapped, phys);

	return range != NULL && range->type == IDENTITY_RAM && range->end_phys - phys >= bytes;
}

/*
 * Everything that the loader has allocated, whatever the firmware's map calls it (L17): without stack, descriptor tables and
 * block there would be no way to report what is wrong with the map (H36).
 */
static enum page_tables_status map_owned(struct boot *boot, const struct memory_map *ranges)
{
	enum page_tables_status status = PAGE_TABLES_OK;

	for (uint32_t i = 0; status == PAGE_TABLES_OK && i < boot->pages.count; i++) {
		const struct page_range *range = &boot->pages.ranges[i];
		uint64_t bytes = range->pages * EFI_PAGE_SIZE;

		if (!address_space_covers(ranges, range->phys, bytes))
			status = page_tables_map(&boot->page_tables, range->phys, range->phys, bytes, PAGE_WRITE);
	}
	return status;
}

static enum page_tables_status map_framebuffer(struct boot *boot)
{
	const struct handoff_framebuffer *f = &boot->framebuffer;
	uint64_t start = f->base_phys & ~(uint64_t)(EFI_PAGE_SIZE - 1);
	uint64_t end = (f->base_phys + f->bytes + EFI_PAGE_SIZE - 1) & ~(uint64_t)(EFI_PAGE_SIZE - 1);

	if (f->width == 0)
		return PAGE_TABLES_OK;
	return page_tables_map(&boot->page_tables, start, start, end - start, PAGE_WRITE | PAGE_WRITE_COMBINING);
}

/* The loader runs on in its own image until the kernel takes over, and its exception handlers longer. */
static enum page_tables_status map_image(struct boot *boot)
{
	uint64_t base = (uint64_t)image_base, text = (uint64_t)image_text_start, rodata = (uint64_t)image_rodata_start;
	uint64_t bytes = (boot->loaded_image->ImageSize + EFI_PAGE_SIZE - 1) & ~(uint64_t)(EFI_PAGE_SIZE - 1);
	enum page_tables_status status = page_tables_map(&boot->page_tables, base, base, bytes, PAGE_WRITE);

	if (status == PAGE_TABLES_OK)
		status = page_tables_map(&boot->page_tables, text, text, (uint64_t)image_text_end - text, PAGE_EXECUTE);
	if (status == PAGE_TABLES_OK)
		status = page_tables_map(&boot->page_tables, rodata, rodata, (uint64_t)image_rodata_end - rodata, 0);
	return status;
}

/* *at: the descriptor to look at first, and then the one that was found: the table has mostly the order of the map. */
static int inside_runtime(const struct raw_map *map, const EFI_MEMORY_DESCRIPTOR *entry, uint64_t *at)
{
	uint64_t count = map->bytes / map->descriptor_bytes;
	uint64_t end = entry->PhysicalStart + entry->NumberOfPages * EFI_PAGE_SIZE;

	if (entry->PhysicalStart % EFI_PAGE_SIZE != 0 || entry->NumberOfPages == 0 ||
	    entry->NumberOfPages > (UINT64_C(1) << 40) || end < entry->PhysicalStart)
		return 0;
	for (uint64_t i = 0; i < count; i++, *at = *at + 1 < count ? *at + 1 : 0) {
		const EFI_MEMORY_DESCRIPTOR *d = (const EFI_MEMORY_DESCRIPTOR *)(map->at + *at * map->descriptor_bytes);

		if ((d->Type == EfiRuntimeServicesCode || d->Type == EfiRuntimeServicesData) &&
		    entry->PhysicalStart >= d->PhysicalStart &&
		    end - d->PhysicalStart <= d->NumberOfPages * EFI_PAGE_SIZE)
			return 1;
	}
	return 0;
}

/*
 * Runtime services can be called in physical mode only where their code is executable, and it is made so only by a memory
 * attributes table that keeps W^X; an entry that is writable and executable stays not executable (K40).
 */
static enum page_tables_status map_runtime(struct boot *boot, const struct raw_map *map)
{
	const struct attributes_table *table = (const void *)boot->firmware.memory_attributes_phys;
	enum page_tables_status status = PAGE_TABLES_OK;
	uint32_t executable = 0, refused = 0;
	uint64_t at = 0;

	if (table == NULL || table->version < 1 || table->version > 2 || table->count > ATTRIBUTES_MAX ||
	    table->descriptor_bytes < UEFI_DESCRIPTOR_BYTES_MIN || table->descriptor_bytes > UEFI_DESCRIPTOR_BYTES_MAX ||
	    table->descriptor_bytes % 8 != 0) {
		log_line(boot, "runtime services: no usable memory attributes table: not executable");
		return PAGE_TABLES_OK;
	}
	for (uint32_t i = 0; status == PAGE_TABLES_OK && i < table->count; i++) {
		const EFI_MEMORY_DESCRIPTOR *entry =
			(const void *)((const uint8_t *)(table + 1) + (uint64_t)i * table->descriptor_bytes);
		uint32_t flags = (entry->Attribute & UEFI_MEMORY_RO ? 0u : PAGE_WRITE) |
				 (entry->Attribute & UEFI_MEMORY_XP ? 0u : PAGE_EXECUTE);

		if (!inside_runtime(map, entry, &at) || flags == (PAGE_WRITE | PAGE_EXECUTE)) {
			refused++;
			continue;
		}
		executable += (flags & PAGE_EXECUTE) != 0;
		status = page_tables_map(&boot->page_tables, entry->PhysicalStart, entry->PhysicalStart,
					 entry->NumberOfPages * EFI_PAGE_SIZE, flags);
	}
	if (executable > 0 && refused == 0)
		boot->firmware.flags |= HANDOFF_FIRMWARE_RUNTIME_CALLABLE;
	log_line(boot, "runtime services: %u executable ranges, %u refused", executable, refused);
	return status;
}

/* Last, because a kernel linked low wins over the identity map. */
static enum page_tables_status map_kernel(struct boot *boot)
{
	struct page_tables *tables = &boot->page_tables;
	enum page_tables_status status = PAGE_TABLES_OK;

	/* Text and constants are not writable through their physical addresses either. */
	for (uint32_t i = 0; status == PAGE_TABLES_OK && i < boot->plan.segment_count; i++)
		if (!(boot->plan.segments[i].permissions & HANDOFF_SEGMENT_WRITE))
			status = page_tables_map(tables, boot->segment_phys[i], boot->segment_phys[i],
						 boot->plan.segments[i].page_bytes, 0);
	for (uint32_t i = 0; status == PAGE_TABLES_OK && i < boot->plan.segment_count; i++) {
		const struct elf64_segment *segment = &boot->plan.segments[i];
		uint32_t flags = (segment->permissions & HANDOFF_SEGMENT_WRITE ? PAGE_WRITE : 0u) |
				 (segment->permissions & HANDOFF_SEGMENT_EXECUTE ? PAGE_EXECUTE : 0u);

		status = page_tables_map(tables, segment->page_virt, boot->segment_phys[i], segment->page_bytes, flags);
	}
	return status;
}

static enum page_tables_status map_all(struct boot *boot, const struct memory_map *ranges, const struct raw_map *map)
{
	enum page_tables_status status = map_identity(boot, ranges);

	if (status == PAGE_TABLES_OK)
		status = map_owned(boot, ranges);
	if (status == PAGE_TABLES_OK)
		status = map_framebuffer(boot);
	if (status == PAGE_TABLES_OK)
		status = map_image(boot);
	if (status == PAGE_TABLES_OK)
		status = map_runtime(boot, map);
	if (status == PAGE_TABLES_OK)
		status = page_tables_unmap(&boot->page_tables, boot->stack_phys - EFI_PAGE_SIZE, EFI_PAGE_SIZE);
	if (status == PAGE_TABLES_OK)
		status = map_kernel(boot);
	return status;
}

/* Builds the tables in a pool of this many pages; PAGE_TABLES_POOL_EMPTY when fewer than SPARE_PAGES were left over. */
static EFI_STATUS build(struct boot *boot, const struct memory_map *ranges, const struct raw_map *map, uint64_t pages,
			enum page_tables_status *ret_status)
{
	const struct page_tables *tables = &boot->page_tables;
	EFI_STATUS status = allocate_tables(boot, pages);

	if (EFI_ERROR(status))
		return status;
	*ret_status = map_all(boot, ranges, map);
	if (*ret_status == PAGE_TABLES_OK && tables->pool_pages - tables->used_pages < SPARE_PAGES)
		*ret_status = PAGE_TABLES_POOL_EMPTY;
	return EFI_SUCCESS;
}

EFI_STATUS address_space_build(struct boot *boot, struct memory_map *ret_mapped)
{
	struct page_tables *tables = &boot->page_tables;
	struct raw_map map = { .at = boot->map_buffer };
	enum page_tables_status mapped = PAGE_TABLES_OK;
	EFI_STATUS status = exit_read_map(boot, &map.bytes, &map.descriptor_bytes);

	if (EFI_ERROR(status))
		return status;
	if (identity_map_collect(ret_mapped, boot->ranges_buffer, boot->ranges_bytes, map.at, map.bytes, map.descriptor_bytes,
				 boot->cpu.physical_bits) != 0)
		return log_error(boot, EFI_BUFFER_TOO_SMALL, "the memory map has more ranges than descriptors");
	tables->levels = boot->cpu.paging_levels;
	tables->physical_bits = boot->cpu.physical_bits;
	tables->nx = boot->cpu.nx;
	tables->pages_1g = boot->cpu.pages_1g;
	tables->encryption_mask = boot->cpu.encryption_mask;
	status = build(boot, ret_mapped, &map, FIRST_PAGES, &mapped);
	while (!EFI_ERROR(status) && mapped == PAGE_TABLES_POOL_EMPTY) {
		pages_free(boot, tables->pool_phys);
		status = build(boot, ret_mapped, &map, 2 * tables->pool_pages, &mapped);
	}
	if (EFI_ERROR(status))
		return status;
	if (mapped != PAGE_TABLES_OK)
		return log_error(boot, EFI_LOAD_ERROR, "the address space cannot be built: %s (kernel at 0x%lx-0x%lx)",
				 page_tables_status_name(mapped), (unsigned long)boot->plan.base_virt,
				 (unsigned long)boot->plan.end_virt);
	/* Memory that appears during exit must not be mapped over a kernel that is linked low. */
	if (boot->plan.base_virt >> boot->cpu.physical_bits == 0 &&
	    memory_map_set(ret_mapped, (struct handoff_range){ .start_phys = boot->plan.base_virt,
							       .end_phys = boot->plan.end_virt,
							       .type = IDENTITY_RAM }) != MEMORY_MAP_OK)
		return log_error(boot, EFI_BUFFER_TOO_SMALL, "the memory map has more ranges than descriptors");
	log_line(boot, "page tables: %u levels, %lu pages, %lu ranges", tables->levels, (unsigned long)tables->used_pages,
		 (unsigned long)ret_mapped->count);
	return EFI_SUCCESS;
}
