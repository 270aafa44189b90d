/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handoff block for programs.  Rules here: names are those of lib/handoff.h; addresses and registers are strings
 * "0x...", counts and sizes numbers; the random seed is left out.
 */
#include <stddef.h>
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "lib/report.h"
#include "tools/baton/handoff_show.h"
#include "tools/baton/json.h"

static void put_loader(struct json *json, const struct handoff_header *block)
{
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	char time[32];

	handoff_show_time(time, loader->wall_clock);
	json_begin(json, "loader", '{');
	json_text(json, "version", handoff_string(block, loader->version_offset));
	json_address(json, "image_phys", loader->image_phys);
	json_number(json, "image_bytes", loader->image_bytes);
	json_address(json, "boot_record_phys", loader->boot_record_phys);
	json_text(json, "wall_clock", time[0] ? time : NULL);
	json_number(json, "tsc_hz", loader->tsc_hz);
	json_end(json, '}');
}

static void put_firmware(struct json *json, const struct handoff_header *block)
{
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	char guid[37];

	report_guid(guid, firmware->boot_volume_guid);
	json_begin(json, "firmware", '{');
	json_text(json, "vendor", handoff_string(block, firmware->vendor_offset));
	json_number(json, "firmware_revision", firmware->firmware_revision);
	json_number(json, "uefi_revision", firmware->uefi_revision);
	json_text(json, "secure_boot", handoff_show_secure_boot(firmware->secure_boot));
	json_text(json, "boot_volume_guid", guid);
	json_number(json, "flags", firmware->flags);
	json_address(json, "system_table_phys", firmware->system_table_phys);
	json_address(json, "runtime_services_phys", firmware->runtime_services_phys);
	json_address(json, "rsdp_phys", firmware->rsdp_phys);
	json_address(json, "smbios3_phys", firmware->smbios3_phys);
	json_address(json, "smbios_phys", firmware->smbios_phys);
	json_address(json, "device_tree_phys", firmware->device_tree_phys);
	json_address(json, "memory_attributes_phys", firmware->memory_attributes_phys);
	json_end(json, '}');
}

static void put_kernel(struct json *json, const struct handoff_header *block)
{
	const struct handoff_kernel *kernel = handoff_part(block, HANDOFF_PART_KERNEL, NULL, NULL);
	const struct handoff_segment *segment;
	char rights[4];

	json_begin(json, "kernel", '{');
	json_address(json, "entry_virt", kernel->entry_virt);
	json_address(json, "bias", kernel->bias);
	json_address(json, "base_virt", kernel->base_virt);
	json_address(json, "end_virt", kernel->end_virt);
	json_number(json, "file_bytes", kernel->file_bytes);
	json_address(json, "stack_virt", kernel->stack_virt);
	json_number(json, "stack_bytes", kernel->stack_bytes);
	json_address(json, "page_tables_phys", kernel->page_tables_phys);
	json_number(json, "page_tables_bytes", kernel->page_tables_bytes);
	json_begin(json, "segments", '[');
	for (uint64_t i = 0; (segment = handoff_element(block, HANDOFF_PART_SEGMENTS, i)); i++) {
		handoff_show_rights(rights, segment->permissions);
		json_begin(json, NULL, '{');
		json_address(json, "virt", segment->virt);
		json_address(json, "phys", segment->phys);
		json_number(json, "bytes", segment->bytes);
		json_number(json, "file_bytes", segment->file_bytes);
		json_text(json, "rights", rights);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}

static void put_modules(struct json *json, const struct handoff_header *block)
{
	const struct handoff_module *module;

	json_begin(json, "modules", '[');
	for (uint64_t i = 0; (module = handoff_element(block, HANDOFF_PART_MODULES, i)); i++) {
		json_begin(json, NULL, '{');
		json_text(json, "name", handoff_string(block, module->name_offset));
		json_address(json, "phys", module->phys);
		json_number(json, "bytes", module->bytes);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_ranges(struct json *json, const struct handoff_header *block, const char *name, uint32_t part)
{
	const struct handoff_range *range;

	json_begin(json, name, '[');
	for (uint64_t i = 0; (range = handoff_element(block, part, i)); i++) {
		json_begin(json, NULL, '{');
		json_address(json, "start_phys", range->start_phys);
		json_address(json, "end_phys", range->end_phys);
		json_text(json, "type", handoff_memory_name(range->type));
		json_text(json, "owner", handoff_owner_name(range->owner));
		json_text(json, "lifetime", handoff_lifetime_name(range->lifetime));
		json_number(json, "index", range->index);
		json_address(json, "attributes", range->attributes);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_exit(struct json *json, const struct handoff_header *block)
{
	const struct handoff_exit *exit = handoff_part(block, HANDOFF_PART_EXIT, NULL, NULL);
	const struct handoff_attempt *attempt;

	json_begin(json, "exit", '{');
	json_number(json, "probe_bytes", exit->probe_bytes);
	json_number(json, "capacity_bytes", exit->capacity_bytes);
	json_number(json, "returned_bytes", exit->returned_bytes);
	json_number(json, "descriptor_version", exit->descriptor_version);
	json_begin(json, "attempts", '[');
	for (uint64_t i = 0; (attempt = handoff_element(block, HANDOFF_PART_ATTEMPTS, i)); i++) {
		json_begin(json, NULL, '{');
		json_address(json, "map_key", attempt->map_key);
		json_number(json, "map_bytes", attempt->map_bytes);
		json_number(json, "descriptor_bytes", attempt->descriptor_bytes);
		json_number(json, "descriptor_count", attempt->descriptor_count);
		json_number(json, "descriptor_version", attempt->descriptor_version);
		json_address(json, "status", attempt->status);
		json_address(json, "tsc", attempt->tsc);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}

static void put_cpu(struct json *json, const struct handoff_header *block)
{
	const struct handoff_cpu *cpu = handoff_part(block, HANDOFF_PART_CPU, NULL, NULL);

	json_begin(json, "cpu", '{');
	json_number(json, "architecture", cpu->architecture);
	json_number(json, "paging_levels", cpu->paging_levels);
	json_number(json, "physical_bits", cpu->physical_bits);
	json_number(json, "flags", cpu->flags);
	json_address(json, "encryption_mask", cpu->encryption_mask);
	json_address(json, "cr0", cpu->cr0);
	json_address(json, "cr3", cpu->cr3);
	json_address(json, "cr4", cpu->cr4);
	json_address(json, "efer", cpu->efer);
	json_address(json, "rflags", cpu->rflags);
	json_address(json, "pat", cpu->pat);
	json_address(json, "mtrr_default_type", cpu->mtrr_default_type);
	json_address(json, "apic_base", cpu->apic_base);
	json_address(json, "xcr0", cpu->xcr0);
	json_address(json, "gdt_base_virt", cpu->gdt_base_virt);
	json_number(json, "gdt_limit", cpu->gdt_limit);
	json_address(json, "idt_base_virt", cpu->idt_base_virt);
	json_number(json, "idt_limit", cpu->idt_limit);
	json_address(json, "firmware_cr0", cpu->firmware_cr0);
	json_address(json, "firmware_cr3", cpu->firmware_cr3);
	json_address(json, "firmware_cr4", cpu->firmware_cr4);
	json_address(json, "firmware_efer", cpu->firmware_efer);
	json_end(json, '}');
}

static void put_framebuffer(struct json *json, const struct handoff_header *block)
{
	const struct handoff_framebuffer *screen = handoff_part(block, HANDOFF_PART_FRAMEBUFFER, NULL, NULL);

	if (!screen)
		return;
	json_begin(json, "framebuffer", '{');
	json_address(json, "base_phys", screen->base_phys);
	json_number(json, "bytes", screen->bytes);
	json_number(json, "width", screen->width);
	json_number(json, "height", screen->height);
	json_number(json, "pitch_bytes", screen->pitch_bytes);
	json_number(json, "bits_per_pixel", screen->bits_per_pixel);
	json_address(json, "red_mask", screen->red_mask);
	json_address(json, "green_mask", screen->green_mask);
	json_address(json, "blue_mask", screen->blue_mask);
	json_end(json, '}');
}

static void put_stages(struct json *json, const struct handoff_header *block)
{
	const struct handoff_stage *stage;

	json_begin(json, "stages", '[');
	for (uint64_t i = 0; (stage = handoff_element(block, HANDOFF_PART_STAGES, i)); i++) {
		json_begin(json, NULL, '{');
		json_text(json, "stage", handoff_stage_name(stage->stage));
		json_address(json, "tsc", stage->tsc);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_last_boot(struct json *json, const struct handoff_header *block)
{
	const struct handoff_last_boot *boot = handoff_part(block, HANDOFF_PART_LAST_BOOT, NULL, NULL);
	char time[32], text[LAST_BOOT_TEXT_MAX];

	if (!boot)
		return;
	handoff_show_time(time, boot->wall_clock);
	json_begin(json, "last_boot", '{');
	json_text(json, "state", last_boot_state_name(boot->state));
	json_text(json, "text", last_boot_text(text, boot));
	json_number(json, "stage", boot->stage);
	json_number(json, "code", boot->code);
	json_number(json, "attempts", boot->attempts);
	json_begin(json, "detail", '[');
	for (uint32_t i = 0; i < 4; i++)
		json_address(json, NULL, boot->detail[i]);
	json_end(json, ']');
	json_address(json, "image_phys", boot->image_phys);
	json_text(json, "wall_clock", time[0] ? time : NULL);
	json_address(json, "set_variable_phys", boot->set_variable_phys);
	json_end(json, '}');
}

void handoff_show_json(const struct handoff_header *block)
{
	struct json json = {0};

	json_begin(&json, NULL, '{');
	json_number(&json, "version_major", block->version_major);
	json_number(&json, "version_minor", block->version_minor);
	json_number(&json, "total_bytes", block->total_bytes);
	json_number(&json, "capacity_bytes", block->capacity_bytes);
	json_address(&json, "block_phys", block->block_phys);
	put_loader(&json, block);
	put_firmware(&json, block);
	json_text(&json, "seed", handoff_show_seed(handoff_part(block, HANDOFF_PART_SEED, NULL, NULL)));
	json_text(&json, "cmdline", handoff_part(block, HANDOFF_PART_CMDLINE, NULL, NULL));
	put_kernel(&json, block);
	put_modules(&json, block);
	put_ranges(&json, block, "memory", HANDOFF_PART_MEMORY);
	put_ranges(&json, block, "owned", HANDOFF_PART_OWNED);
	put_exit(&json, block);
	put_cpu(&json, block);
	put_framebuffer(&json, block);
	put_last_boot(&json, block);
	put_stages(&json, block);
	json_text(&json, "log", handoff_part(block, HANDOFF_PART_LOG, NULL, NULL));
	json_end(&json, '}');
}
