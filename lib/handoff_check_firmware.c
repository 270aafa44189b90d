/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the firmware left for the kernel to find: the framebuffer (K39), the memory attributes table (K40), where ACPI,
 * SMBIOS and the other tables lie (K41), and what the loader had to put right for it (L3, K46).  Firmware is never fatal: a
 * finding here says what to leave alone.  The tables themselves are read through the caller's function, a few bytes at a
 * time.  Pure.
 */
#include <stddef.h>
#include "lib/handoff_check_topics.h"
#include "lib/handoff_block.h"
#include "lib/uefi_memory.h"

/* --- K39 ------------------------------------------------------------------------------------------------------------- */

static int is_ram(uint32_t type)
{
	switch (type) {
	case 0:
	case HANDOFF_MEMORY_RESERVED:
	case HANDOFF_MEMORY_MMIO:
	case HANDOFF_MEMORY_MMIO_PORT:
		return 0;
	default:
		return 1;
	}
}

/* The first range of the map that shares bytes with [start, end), or NULL. */
static const struct handoff_range *first_overlap(const struct handoff_check *check, uint64_t start, uint64_t end, int ram_only)
{
	for (uint64_t i = 0; i < check->derived.count; i++) {
		const struct handoff_range *range = &check->derived.ranges[i];

		if (range->start_phys < end && range->end_phys > start && (!ram_only || is_ram(range->type)))
			return range;
	}
	return NULL;
}

/* Four masks that share no bit and name the three colours. */
static int masks_sound(const struct handoff_framebuffer *fb)
{
	uint32_t all = fb->red_mask | fb->green_mask | fb->blue_mask | fb->reserved_mask;
	uint64_t sum = (uint64_t)fb->red_mask + fb->green_mask + fb->blue_mask + fb->reserved_mask;

	return fb->red_mask != 0 && fb->green_mask != 0 && fb->blue_mask != 0 && sum == all;
}

void handoff_check_framebuffer(const struct handoff_check *check)
{
	const struct handoff_framebuffer *fb = handoff_part(check->block, HANDOFF_PART_FRAMEBUFFER, NULL, NULL);

	if (fb == NULL)
		return;
	rule_checked(check->log);
	uint64_t end = fb->base_phys + fb->bytes;
	if (fb->width == 0 || fb->height == 0 || fb->bits_per_pixel != 32 || (uint64_t)fb->width * 4 > fb->pitch_bytes ||
	    (uint64_t)fb->height * fb->pitch_bytes > fb->bytes || end < fb->base_phys || !masks_sound(fb)) {
		rule_report(check->log, RULE_K(39), RULE_REPAIRED, fb->base_phys, end,
			    "the framebuffer is smaller than its mode or impossible: do not draw");
		return;
	}
	const struct handoff_range *ram = first_overlap(check, fb->base_phys, end, 1);
	if (ram != NULL)
		rule_report(check->log, RULE_K(39), RULE_REPAIRED, ram->start_phys, ram->end_phys,
			    "the framebuffer lies over RAM: do not draw");
	else if (check->derived.count > 0 && first_overlap(check, fb->base_phys, end, 0) == NULL)
		rule_report(check->log, RULE_K(39), RULE_INFORMATION, fb->base_phys, end,
			    "the framebuffer is not in the memory map, as usual: keep its addresses free yourself");
}

/* --- K40: EFI_MEMORY_ATTRIBUTES_TABLE (UEFI 2.10 §4.6.4) ------------------------------------------------------------------ */

enum { ATTRIBUTES_VERSION_MAX = 2, ATTRIBUTES_ENTRIES_MAX = 65536 };

struct attributes_table {
	uint32_t version;
	uint32_t entries;
	uint32_t descriptor_bytes;
	uint32_t flags;
};

/* 1 when every byte of the range is runtime services memory; it may go over several ranges of the map. */
static int is_runtime(const struct handoff_check *check, uint64_t start, uint64_t pages)
{
	const struct handoff_range *range = memory_map_find(&check->derived, start);
	const struct handoff_range *behind = check->derived.ranges + check->derived.count;

	if (range == NULL || pages == 0 || pages > (UINT64_MAX - start) / UEFI_PAGE_BYTES)
		return 0;
	for (uint64_t end = start + pages * UEFI_PAGE_BYTES; start < end; start = range++->end_phys) {
		if (range == behind || range->start_phys > start)
			return 0;
		if (range->type != HANDOFF_MEMORY_RUNTIME_CODE && range->type != HANDOFF_MEMORY_RUNTIME_DATA)
			return 0;
	}
	return 1;
}

enum attributes_fault { ATTRIBUTES_SOUND, ATTRIBUTES_TYPE, ATTRIBUTES_OUTSIDE, ATTRIBUTES_WX };

static enum attributes_fault attributes_fault(const struct handoff_check *check, const struct handoff_raw_descriptor *entry)
{
	if (entry->type != UEFI_RUNTIME_SERVICES_CODE && entry->type != UEFI_RUNTIME_SERVICES_DATA)
		return ATTRIBUTES_TYPE;
	if (!is_runtime(check, entry->physical_start, entry->number_of_pages))
		return ATTRIBUTES_OUTSIDE;
	return (entry->attribute & (UEFI_MEMORY_RO | UEFI_MEMORY_XP)) == 0 ? ATTRIBUTES_WX : ATTRIBUTES_SOUND;
}

/* The first entry with each kind of fault: a bad table has thousands. */
static void check_attributes_entries(const struct handoff_check *check, uint64_t at, uint32_t count, uint32_t step)
{
	static const char *const texts[] = {
		[ATTRIBUTES_TYPE] = "the memory attributes table speaks of memory that is not runtime services: ignore the entry",
		[ATTRIBUTES_OUTSIDE] = "the memory attributes table speaks of what the map calls otherwise: ignore the entry",
		[ATTRIBUTES_WX] = "the memory attributes table leaves memory writable and executable: ignore the entry",
	};
	uint32_t told = 1u << ATTRIBUTES_SOUND;

	for (uint32_t i = 0; i < count; i++, at += step) {
		struct handoff_raw_descriptor entry;

		if (handoff_check_read(check, at, &entry, sizeof(entry)) != 0) {
			rule_report(check->log, RULE_K(40), RULE_REPAIRED, at, 0,
				    "the memory attributes table reaches into memory that cannot be read: ignore it");
			return;
		}
		enum attributes_fault fault = attributes_fault(check, &entry);
		if (!(told & 1u << fault))
			rule_report(check->log, RULE_K(40), RULE_REPAIRED, entry.physical_start, entry.attribute, texts[fault]);
		told |= 1u << fault;
	}
}

static void check_attributes_table(const struct handoff_check *check)
{
	uint64_t at = check->firmware->memory_attributes_phys;
	struct attributes_table table;

	if (at == 0 || check->derived.count == 0 || handoff_check_read(check, at, &table, sizeof(table)) != 0)
		return;
	rule_checked(check->log);
	if (table.version > ATTRIBUTES_VERSION_MAX || table.version == 0 || table.descriptor_bytes < UEFI_DESCRIPTOR_BYTES_MIN ||
	    table.descriptor_bytes > UEFI_DESCRIPTOR_BYTES_MAX || table.entries > ATTRIBUTES_ENTRIES_MAX) {
		rule_report(check->log, RULE_K(40), RULE_REPAIRED, at, table.descriptor_bytes,
			    "the memory attributes table has an unknown form: ignore it");
		return;
	}
	check_attributes_entries(check, at + sizeof(table), table.entries, table.descriptor_bytes);
}

/* --- K41: where the tables lie (UEFI 2.10 §2.3.4, §4.6) -------------------------------------------------------------------- */

static void check_pointer(const struct handoff_check *check, uint64_t phys, int boot_services_legal)
{
	if (phys == 0)
		return;
	rule_checked(check->log);
	uint32_t type = handoff_check_type(check, phys);
	if (type == 0)
		rule_report(check->log, RULE_K(41), RULE_REPAIRED, phys, 0,
			    "a table of the firmware lies where the map describes nothing: map its page before you read it");
	else if (type == HANDOFF_MEMORY_USABLE)
		rule_report(check->log, RULE_K(41), RULE_REPAIRED, phys, 0,
			    "a table of the firmware lies in free memory: keep its pages");
	else if (type == HANDOFF_MEMORY_BOOT_SERVICES && !boot_services_legal)
		rule_report(check->log, RULE_K(41), RULE_REPAIRED, phys, 0,
			    "a table of the firmware lies in boot services memory: read it before you reclaim that");
}

static void check_pointers(const struct handoff_check *check)
{
	const struct handoff_firmware *firmware = check->firmware;

	if (check->derived.count == 0)
		return;
	check_pointer(check, firmware->system_table_phys, 0);
	check_pointer(check, firmware->runtime_services_phys, 0);
	check_pointer(check, firmware->rsdp_phys, 0);
	check_pointer(check, firmware->smbios3_phys, 0);
	check_pointer(check, firmware->smbios_phys, 0);
	check_pointer(check, firmware->device_tree_phys, 0);
	/* The one table for which the specification asks for boot services memory. */
	check_pointer(check, firmware->memory_attributes_phys, 1);
}

/* --- L3 (UEFI 2.10 §7.1), K46 (§7.4.6): repaired before the kernel ran, and only the flags still show it ------------------- */

static void check_repairs(const struct handoff_check *check)
{
	const struct handoff_firmware *firmware = check->firmware;

	rule_checked(check->log);
	if (firmware->flags & HANDOFF_FIRMWARE_TPL_FIXED)
		rule_report(check->log, RULE_L(3), RULE_REPAIRED, firmware->flags, 0,
			    "the firmware started the loader above TPL_APPLICATION: the loader lowered it");
	rule_checked(check->log);
	if (firmware->flags & HANDOFF_FIRMWARE_TABLE_CLEANED)
		rule_report(check->log, RULE_K(46), RULE_REPAIRED, firmware->system_table_phys, 0,
			    "the firmware left boot services or consoles in the system table: the loader cleared it");
}

void handoff_check_firmware(const struct handoff_check *check)
{
	check_repairs(check);
	check_attributes_table(check);
	check_pointers(check);
}
