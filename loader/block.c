/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building the handoff block.  RULES: every buffer that the code after exit needs is sized here from the map buffer's
 * capacity, not from today's map, so that nothing can run out later (L27); the memory map is read straight into the block.
 */
#include "lib/freestanding/memory.h"
#include "lib/memory_normalise.h"
#include "lib/stop_text.h"
#include "lib/uefi_memory.h"
#include "loader/arch/tables.h"
#include "loader/block.h"
#include "loader/boot.h"
#include "loader/exit.h"
#include "loader/firmware.h"
#include "loader/log.h"

enum {
	STACK_PAGES = 16,
	/* Ranges that appear between sizing the block and exporting the list: block, work memory, page tables, slack. */
	OWNED_SLACK = 8,
	FIXED_BYTES = 8192, /* header, directory and all parts of fixed size: about 3 KiB */
	VENDOR_BYTES = 128,
	CAPACITY_ROUNDS = 8,
};

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static uint64_t owned_max(const struct boot *boot)
{
	return boot->pages.count + OWNED_SLACK;
}

/* Everything in front of the raw map. */
static uint64_t front_bytes(const struct boot *boot)
{
	const struct settings *settings = &boot->settings;

	return round_up(FIXED_BYTES + settings->cmdline_bytes + settings->module_names_bytes + VENDOR_BYTES +
				HANDOFF_BOOT_RECORD_LOG_BYTES + settings->module_count * sizeof(struct handoff_module) +
				owned_max(boot) * sizeof(struct handoff_range),
			EFI_PAGE_SIZE);
}

/* The normalised map of the largest raw map that fits the buffer; also what the RAM list of the page tables needs. */
static uint64_t ranges_bytes(const struct boot *boot, uint64_t descriptors)
{
	return (2 * (descriptors + owned_max(boot)) + 1) * sizeof(struct handoff_range);
}

/* Whole pages, of which the last are the tail. */
static EFI_STATUS allocate(struct boot *boot, uint32_t owner, uint32_t lifetime, uint64_t bytes, struct page_tail tail,
			   uint64_t *ret_phys)
{
	EFI_STATUS status = pages_allocate(boot,
					   &(struct page_request){
						   .type = EfiLoaderData,
						   .pages = bytes / EFI_PAGE_SIZE,
						   .owner = owner,
						   .lifetime = lifetime,
						   .tail = tail,
					   },
					   ret_phys);

	if (EFI_ERROR(status))
		return log_error(boot, status, "no memory: %lu bytes for %s", (unsigned long)bytes, handoff_owner_name(owner));
	return EFI_SUCCESS;
}

/* One round: block and work memory for a map of this capacity, side by side, so that the block can leave its end to that. */
static EFI_STATUS allocate_for(struct boot *boot, uint64_t capacity)
{
	uint64_t descriptors = capacity / UEFI_DESCRIPTOR_BYTES_MIN, front = front_bytes(boot);
	uint64_t ranges = ranges_bytes(boot, descriptors), work = memory_normalise_work_bytes(descriptors, owned_max(boot));
	uint64_t total = round_up(front + capacity + EXIT_GUARD_BYTES + ranges, EFI_PAGE_SIZE), block_phys = 0;
	EFI_STATUS status;

	/* The work memory also holds a second RAM list when the page tables are completed after exit. */
	boot->work_bytes = round_up(work > ranges ? work : ranges, EFI_PAGE_SIZE);
	status = allocate(boot, HANDOFF_OWNER_BLOCK, HANDOFF_LIFETIME_WHEN_DONE, total + boot->work_bytes,
			  (struct page_tail){ boot->work_bytes / EFI_PAGE_SIZE, HANDOFF_OWNER_SCRATCH, HANDOFF_LIFETIME_FREE },
			  &block_phys);
	if (EFI_ERROR(status))
		return status;
	/* The builder wants zeroed memory; what the map and its normal form will fill needs none. */
	memset((void *)block_phys, 0, front);
	handoff_block_begin(&boot->block, (void *)block_phys, total, block_phys);
	boot->map_capacity_bytes = capacity;
	boot->work_buffer = (uint8_t *)block_phys + total;
	return EFI_SUCCESS;
}

/* Descriptor tables, and above them the guard page and the stack: what runs over the stack's end meets the guard first. */
static EFI_STATUS allocate_stack(struct boot *boot)
{
	const uint64_t tables = round_up(TABLES_BYTES, EFI_PAGE_SIZE), guarded_pages = STACK_PAGES + 1;
	EFI_STATUS status = allocate(boot, HANDOFF_OWNER_TABLES, HANDOFF_LIFETIME_OWN_TABLES, tables + guarded_pages * EFI_PAGE_SIZE,
				     (struct page_tail){ guarded_pages, HANDOFF_OWNER_STACK, HANDOFF_LIFETIME_LEFT_STACK },
				     &boot->tables_phys);

	if (EFI_ERROR(status))
		return status;
	tables_build((void *)boot->tables_phys);
	boot->stack_phys = boot->tables_phys + tables + EFI_PAGE_SIZE;
	boot->stack_bytes = STACK_PAGES * EFI_PAGE_SIZE;
	return EFI_SUCCESS;
}

EFI_STATUS block_allocate(struct boot *boot)
{
	EFI_STATUS status = allocate_stack(boot);

	if (EFI_ERROR(status))
		return status;
	/* L28: allocating may itself enlarge the map; the loop ends when the buffer would hold what the firmware asks for. */
	for (uint32_t round = 0; round < CAPACITY_ROUNDS; round++) {
		uint64_t needed = 0;

		status = exit_probe_map(boot, &needed);
		if (EFI_ERROR(status))
			return log_error(boot, status, "the firmware does not say how large its memory map is");
		if (boot->map_capacity_bytes != 0 && needed + EXIT_SLACK_BYTES / 2 <= boot->map_capacity_bytes)
			return EFI_SUCCESS;
		if (boot->map_capacity_bytes != 0)
			pages_free(boot, boot->block.header->block_phys);
		status = allocate_for(boot, exit_map_capacity(needed));
		if (EFI_ERROR(status))
			return status;
	}
	return log_error(boot, EFI_OUT_OF_RESOURCES, "the firmware's memory map grows without bound (now %lu bytes)",
			 (unsigned long)boot->map_capacity_bytes);
}

/* Appends a string to the STRINGS part and returns its offset in the block. */
static uint64_t add_string(struct boot *boot, char *strings, uint64_t *used, const char *text, uint64_t bytes)
{
	char *at = strings + *used;

	memcpy(at, text, bytes);
	at[bytes] = '\0';
	*used += bytes + 1;
	return (uint64_t)(at - (char *)boot->block.header);
}

static void add_strings_and_modules(struct boot *boot)
{
	struct settings *settings = &boot->settings;
	uint64_t room = sizeof(LOADER_VERSION) + VENDOR_BYTES + settings->module_names_bytes, used = 0;
	char *strings = handoff_block_reserve(&boot->block, HANDOFF_PART_STRINGS, 1, room);
	struct handoff_module *modules = NULL;
	char vendor[VENDOR_BYTES];
	uint32_t vendor_bytes = firmware_vendor(boot, vendor, sizeof(vendor));

	if (settings->module_count > 0)
		modules = handoff_block_add(&boot->block, HANDOFF_PART_MODULES, sizeof(*modules), NULL,
					    settings->module_count * sizeof(*modules));
	if (strings == NULL || (settings->module_count > 0 && modules == NULL))
		return; /* the builder remembers, and block_fill() reports */
	boot->loader.version_offset = add_string(boot, strings, &used, LOADER_VERSION, sizeof(LOADER_VERSION) - 1);
	if (vendor_bytes > 0)
		boot->firmware.vendor_offset = add_string(boot, strings, &used, vendor, vendor_bytes);
	for (uint32_t i = 0; i < settings->module_count; i++) {
		modules[i].phys = boot->modules[i].phys;
		modules[i].bytes = boot->modules[i].bytes;
		modules[i].name_offset = add_string(boot, strings, &used, boot->modules[i].name, boot->modules[i].name_bytes);
	}
	handoff_block_trim(&boot->block, HANDOFF_PART_STRINGS, 1, used);
}

static void add_kernel(struct boot *boot)
{
	const struct elf64_plan *plan = &boot->plan;
	struct handoff_kernel kernel = {
		.entry_virt = plan->entry_virt,
		.bias = plan->bias,
		.base_virt = plan->base_virt,
		.end_virt = plan->end_virt,
		.file_bytes = boot->kernel_file_bytes,
		.stack_phys = boot->stack_phys,
		.stack_virt = boot->stack_phys,
		.stack_bytes = boot->stack_bytes,
	};
	struct handoff_segment *segments;

	handoff_block_add(&boot->block, HANDOFF_PART_KERNEL, sizeof(kernel), &kernel, sizeof(kernel));
	segments = handoff_block_add(&boot->block, HANDOFF_PART_SEGMENTS, sizeof(*segments), NULL,
				     plan->segment_count * sizeof(*segments));
	for (uint32_t i = 0; segments != NULL && i < plan->segment_count; i++)
		segments[i] = (struct handoff_segment){
			.virt = plan->segments[i].page_virt,
			.phys = boot->segment_phys[i],
			.bytes = plan->segments[i].page_bytes,
			.file_bytes = plan->segments[i].file_bytes,
			.permissions = plan->segments[i].permissions,
		};
}

EFI_STATUS block_fill(struct boot *boot)
{
	struct handoff_builder *block = &boot->block;
	struct settings *settings = &boot->settings;

	add_strings_and_modules(boot);
	add_kernel(boot);
	if (settings->cmdline_bytes > 0)
		handoff_block_add(block, HANDOFF_PART_CMDLINE, 1, settings->cmdline, settings->cmdline_bytes);
	if (boot->framebuffer.width != 0)
		handoff_block_add(block, HANDOFF_PART_FRAMEBUFFER, sizeof(boot->framebuffer), &boot->framebuffer,
				  sizeof(boot->framebuffer));
	if (boot->seed.source != 0)
		handoff_block_add(block, HANDOFF_PART_SEED, sizeof(boot->seed), &boot->seed, sizeof(boot->seed));
	handoff_block_add(block, HANDOFF_PART_LOADER, sizeof(boot->loader), &boot->loader, sizeof(boot->loader));
	handoff_block_add(block, HANDOFF_PART_FIRMWARE, sizeof(boot->firmware), &boot->firmware, sizeof(boot->firmware));
	if (boot->last_boot.state != 0)
		handoff_block_add(block, HANDOFF_PART_LAST_BOOT, sizeof(boot->last_boot), NULL, sizeof(boot->last_boot));
	handoff_block_add(block, HANDOFF_PART_CPU, sizeof(struct handoff_cpu), NULL, sizeof(struct handoff_cpu));
	handoff_block_add(block, HANDOFF_PART_EXIT, sizeof(struct handoff_exit), NULL, sizeof(struct handoff_exit));
	handoff_block_reserve(block, HANDOFF_PART_ATTEMPTS, sizeof(struct handoff_attempt),
			      EXIT_ATTEMPTS_MAX * sizeof(struct handoff_attempt));
	handoff_block_reserve(block, HANDOFF_PART_STAGES, sizeof(struct handoff_stage),
			      HANDOFF_STAGE_COUNT * sizeof(struct handoff_stage));
	handoff_block_reserve(block, HANDOFF_PART_OWNED, sizeof(struct handoff_range),
			      owned_max(boot) * sizeof(struct handoff_range));
	handoff_block_reserve(block, HANDOFF_PART_LOG, 1, HANDOFF_BOOT_RECORD_LOG_BYTES);
	boot->map_buffer = handoff_block_reserve(block, HANDOFF_PART_RAW_MAP, sizeof(struct handoff_raw_descriptor),
						 boot->map_capacity_bytes);
	if (block->failed || boot->map_buffer == NULL)
		return log_error(boot, EFI_BUFFER_TOO_SMALL, "%s", stop_reason(STOP_SEAL));
	/* Behind the raw map: the guard, then room for a list of ranges. */
	boot->ranges_buffer = (uint8_t *)boot->map_buffer + boot->map_capacity_bytes + EXIT_GUARD_BYTES;
	boot->ranges_bytes = ranges_bytes(boot, boot->map_capacity_bytes / UEFI_DESCRIPTOR_BYTES_MIN);
	return EFI_SUCCESS;
}

static void *part(struct boot *boot, uint32_t type)
{
	return (uint8_t *)boot->block.header + handoff_block_offset(&boot->block, type);
}

/* The kernel can clear the black box where it can call the firmware. */
static void finish_last_boot(const struct boot *boot, struct handoff_last_boot *to)
{
	*to = boot->last_boot;
	if (!(boot->firmware.flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE))
		to->set_variable_phys = 0;
}

uint64_t block_update(struct boot *boot)
{
	struct handoff_kernel *kernel = part(boot, HANDOFF_PART_KERNEL);

	kernel->page_tables_phys = boot->page_tables.pool_phys;
	kernel->page_tables_bytes = boot->page_tables.pool_pages * EFI_PAGE_SIZE;
	memcpy(part(boot, HANDOFF_PART_FIRMWARE), &boot->firmware, sizeof(boot->firmware));
	if (boot->last_boot.state != 0)
		finish_last_boot(boot, part(boot, HANDOFF_PART_LAST_BOOT));
	return pages_export(boot, part(boot, HANDOFF_PART_OWNED));
}

void block_finish(struct boot *boot)
{
	uint64_t owned = block_update(boot);

	handoff_block_trim(&boot->block, HANDOFF_PART_OWNED, sizeof(struct handoff_range), owned * sizeof(struct handoff_range));
	memcpy(part(boot, HANDOFF_PART_LOG), boot->record->log, boot->record->log_bytes + 1);
	handoff_block_trim(&boot->block, HANDOFF_PART_LOG, 1, boot->record->log_bytes);
}
