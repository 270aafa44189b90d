/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for memory types, for the host tool and the diagnostic application.  Nothing here decides anything. */
#include "lib/memory_meaning.h"
#include "lib/uefi_memory.h"

static const struct {
	const char *before, *after;
} meanings[UEFI_MEMORY_TYPE_COUNT] = {
	[UEFI_RESERVED] = {"not usable", "not usable: firmware may go on using it"},
	[UEFI_LOADER_CODE] = {"code of a loaded application", "free, once the loader is not needed any more"},
	[UEFI_LOADER_DATA] = {"data of a loaded application, and its default for allocations",
			      "free, once the loader's data is not needed any more"},
	[UEFI_BOOT_SERVICES_CODE] = {"code of the firmware's drivers", "free"},
	[UEFI_BOOT_SERVICES_DATA] = {"data of the firmware's drivers", "free"},
	[UEFI_RUNTIME_SERVICES_CODE] = {"code of runtime drivers", "to be kept, and mapped for runtime services"},
	[UEFI_RUNTIME_SERVICES_DATA] = {"data of runtime drivers", "to be kept, and mapped for runtime services"},
	[UEFI_CONVENTIONAL] = {"free to be allocated", "free"},
	[UEFI_UNUSABLE] = {"memory with errors, not usable", "memory with errors, not usable"},
	[UEFI_ACPI_RECLAIM] = {"ACPI tables", "free, once ACPI is enabled and its tables are read"},
	[UEFI_ACPI_NVS] = {"reserved for the firmware", "to be kept, and preserved over sleep states S1 to S3"},
	[UEFI_MMIO] = {"devices that runtime services use", "not RAM; mapped uncached when runtime services need it"},
	[UEFI_MMIO_PORT] = {"device memory that becomes port accesses", "not RAM; mapped when runtime services need it"},
	[UEFI_PAL_CODE] = {"processor code of Itanium firmware", "to be kept"},
	[UEFI_PERSISTENT] = {"byte-addressable and non-volatile", "byte-addressable and non-volatile, for its driver"},
	[UEFI_UNACCEPTED] = {"not yet accepted by the guest", "to be accepted before it is touched"},
};

const char *memory_meaning_before_exit(uint32_t uefi_type)
{
	if (uefi_type < UEFI_MEMORY_TYPE_COUNT)
		return meanings[uefi_type].before;
	if (uefi_type < UINT32_C(0x70000000))
		return "undefined by the specification";
	return uefi_type < UINT32_C(0x80000000) ? "the manufacturer's own use" : "an operating system loader's own use";
}

const char *memory_meaning_after_exit(uint32_t uefi_type)
{
	if (uefi_type < UEFI_MEMORY_TYPE_COUNT)
		return meanings[uefi_type].after;
	return uefi_type < UINT32_C(0x80000000) ? "not usable" : "known to that loader only, else not usable";
}

/* Memory of type LOADER, by what the loader put there. */
static const char *meaning_of_owner(const struct handoff_range *range)
{
	switch (range->lifetime) {
	case HANDOFF_LIFETIME_OWN_TABLES:
		return "free when you have your own page tables, GDT and IDT";
	case HANDOFF_LIFETIME_LEFT_STACK:
		return "free when you have left this stack";
	case HANDOFF_LIFETIME_WHEN_DONE:
		return "free when you no longer need its content";
	case HANDOFF_LIFETIME_FREE:
		return "free at once";
	default:
		return "in use as long as the kernel runs";
	}
}

const char *memory_meaning_of(const struct handoff_range *range)
{
	switch (range->type) {
	case HANDOFF_MEMORY_USABLE:
		return "free at once";
	case HANDOFF_MEMORY_LOADER:
		return meaning_of_owner(range);
	case HANDOFF_MEMORY_BOOT_SERVICES:
		return range->lifetime == HANDOFF_LIFETIME_NEVER ? "keep: firmware may still use it below 1 MiB" :
								   "free after SetVirtualAddressMap";
	case HANDOFF_MEMORY_ACPI_RECLAIM:
		return "free when the ACPI tables are read";
	case HANDOFF_MEMORY_ACPI_NVS:
		return "keep, preserve over sleep";
	case HANDOFF_MEMORY_MMIO:
		return "not RAM: devices";
	case HANDOFF_MEMORY_MMIO_PORT:
		return "not RAM: device ports";
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
		return range->owner == HANDOFF_OWNER_BOOT_RECORD ? "keep: the loader's boot record" : "keep, map for runtime services";
	case HANDOFF_MEMORY_UNUSABLE:
		return "never use: errors were found";
	case HANDOFF_MEMORY_PERSISTENT:
		return "keeps its content: for its driver";
	case HANDOFF_MEMORY_UNACCEPTED:
		return "accept it before you touch it";
	case HANDOFF_MEMORY_SPECIAL_PURPOSE:
		return "for a driver that asks for it";
	default:
		return "never touch";
	}
}

/* A lifetime that is not known is never (handoff.h, GROWTH). */
static enum memory_meaning_class class_of_loader(uint32_t lifetime)
{
	if (lifetime == HANDOFF_LIFETIME_FREE)
		return MEMORY_MEANING_FREE;
	return lifetime == HANDOFF_LIFETIME_NEVER || lifetime > HANDOFF_LIFETIME_WHEN_DONE ? MEMORY_MEANING_KEPT :
											     MEMORY_MEANING_RECLAIMABLE;
}

enum memory_meaning_class memory_meaning_class(const struct handoff_range *range)
{
	switch (range->type) {
	case HANDOFF_MEMORY_USABLE:
		return MEMORY_MEANING_FREE;
	case HANDOFF_MEMORY_LOADER:
		return class_of_loader(range->lifetime);
	case HANDOFF_MEMORY_BOOT_SERVICES:
		return range->lifetime == HANDOFF_LIFETIME_NEVER ? MEMORY_MEANING_LOST : MEMORY_MEANING_RECLAIMABLE;
	case HANDOFF_MEMORY_ACPI_RECLAIM:
	case HANDOFF_MEMORY_SPECIAL_PURPOSE:
		return MEMORY_MEANING_RECLAIMABLE;
	case HANDOFF_MEMORY_RUNTIME_CODE:
	case HANDOFF_MEMORY_RUNTIME_DATA:
		return MEMORY_MEANING_RUNTIME;
	case HANDOFF_MEMORY_ACPI_NVS:
	case HANDOFF_MEMORY_UNUSABLE:
		return MEMORY_MEANING_LOST;
	case HANDOFF_MEMORY_MMIO:
	case HANDOFF_MEMORY_MMIO_PORT:
		return MEMORY_MEANING_DEVICE;
	case HANDOFF_MEMORY_PERSISTENT:
	case HANDOFF_MEMORY_UNACCEPTED:
		return MEMORY_MEANING_OTHER;
	default:
		return MEMORY_MEANING_RESERVED;
	}
}

const char *memory_meaning_class_name(enum memory_meaning_class class)
{
	static const char *const names[MEMORY_MEANING_CLASS_COUNT] = {
		[MEMORY_MEANING_FREE] = "usable at once",
		[MEMORY_MEANING_RECLAIMABLE] = "usable later",
		[MEMORY_MEANING_KEPT] = "the kernel's own",
		[MEMORY_MEANING_RUNTIME] = "runtime services",
		[MEMORY_MEANING_LOST] = "lost",
		[MEMORY_MEANING_RESERVED] = "reserved",
		[MEMORY_MEANING_DEVICE] = "devices",
		[MEMORY_MEANING_OTHER] = "persistent or unaccepted",
	};

	return class < MEMORY_MEANING_CLASS_COUNT ? names[class] : "unknown";
}

static int is_ram(enum memory_meaning_class class)
{
	return class != MEMORY_MEANING_RESERVED && class != MEMORY_MEANING_DEVICE;
}

void memory_meaning_sum(const struct handoff_range *ranges, uint64_t count, struct memory_meaning_totals *ret_totals)
{
	struct memory_meaning_totals totals = {.gaps = 0};
	uint64_t i;

	for (i = 0; i < count; i++) {
		enum memory_meaning_class class = memory_meaning_class(&ranges[i]);

		totals.bytes[class] += ranges[i].end_phys - ranges[i].start_phys;
		totals.ranges[class]++;
		if (is_ram(class))
			totals.ram_end_phys = ranges[i].end_phys;
		if (i > 0 && ranges[i - 1].end_phys != ranges[i].start_phys) {
			totals.gap_bytes += ranges[i].start_phys - ranges[i - 1].end_phys;
			totals.gaps++;
		}
	}
	*ret_totals = totals;
}
