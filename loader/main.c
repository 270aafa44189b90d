/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Baton's boot sequence, step by step.  Everything down to exit_boot_services() may fail: then all that was taken is given
 * back and control returns to the firmware.  From the first ExitBootServices call on there is no return.
 */
#include <efi.h>
#include "lib/freestanding/memory.h"
#include "loader/address_space.h"
#include "loader/after/after.h"
#include "loader/after/stop.h"
#include "loader/blackbox.h"
#include "loader/block.h"
#include "loader/boot.h"
#include "loader/checksum.h"
#include "loader/diagnose.h"
#include "loader/exit.h"
#include "loader/firmware.h"
#include "loader/graphics.h"
#include "loader/image.h"
#include "loader/kernel.h"
#include "loader/log.h"
#include "loader/modules.h"
#include "loader/record.h"
#include "loader/serial.h"
#include "loader/settings.h"
#include "loader/volume.h"

#define IMAGE_BYTES_MAX (UINT64_C(64) << 20)

/* The state that outlives boot services: in the image's own data (L41). */
static struct after after;

void boot_stage(struct boot *boot, uint32_t stage)
{
	after_stage(&after, stage);
	if (boot->record != NULL) {
		boot->record->stage = stage;
		memcpy(boot->record->stage_tsc, after.stage_tsc, sizeof(after.stage_tsc));
	}
}

/* The loader must know itself: its image is owned memory, and a debugger wants its address. */
static EFI_STATUS claim_image(struct boot *boot)
{
	uint64_t base = (uint64_t)boot->loaded_image->ImageBase;
	uint64_t bytes = (boot->loaded_image->ImageSize + EFI_PAGE_SIZE - 1) & ~(uint64_t)(EFI_PAGE_SIZE - 1);

	/* After exit this must be right: the address space and the list of owned memory are built on it. */
	if (base != (uint64_t)image_base || bytes < (uint64_t)(image_end - image_base) || bytes > IMAGE_BYTES_MAX)
		return log_error(boot, EFI_UNSUPPORTED, "the firmware misdescribes the loader's image: %lu bytes at 0x%lx, not at 0x%lx",
				 (unsigned long)boot->loaded_image->ImageSize, (unsigned long)base, (unsigned long)image_base);
	boot->loader.image_phys = base;
	boot->loader.image_bytes = boot->loaded_image->ImageSize;
	log_line(boot, "baton: image base=0x%lx bytes=%lu", (unsigned long)base, (unsigned long)boot->loaded_image->ImageSize);
	return pages_own(boot, base, bytes / EFI_PAGE_SIZE, HANDOFF_OWNER_LOADER_IMAGE, HANDOFF_LIFETIME_OWN_TABLES);
}

static EFI_STATUS probe_processor(struct boot *boot)
{
	const char *unsupported = cpu_probe(&boot->cpu);

	if (unsupported != NULL)
		return log_error(boot, EFI_UNSUPPORTED, "this machine cannot be booted: %s", unsupported);
	boot->loader.tsc_hz = boot->cpu.tsc_hz;
	return EFI_SUCCESS;
}

/* Freezes what the code after exit needs. */
static void prepare_after(struct boot *boot)
{
	uint64_t table = (uint64_t)boot->system, table_bytes = sizeof(*boot->system);

	after.cpu = boot->cpu;
	after.record = boot->record;
	/* Where a kernel is linked over it, or the map does not show it, the system table is out of reach after the switch. */
	if (!pages_hidden(boot, table, table_bytes) && address_space_covers(&after.mapped, table, table_bytes))
		after.system_table_phys = table;
	after.reset_system = (after_reset_system)(uint64_t)boot->runtime->ResetSystem;
	after.runtime_callable = (boot->firmware.flags & HANDOFF_FIRMWARE_RUNTIME_CALLABLE) != 0;
	after.framebuffer = boot->framebuffer;
	after.black_box = boot->last_boot;
	after.black_box.image_phys = boot->loader.image_phys;
	after.black_box.wall_clock = boot->loader.wall_clock;
	after.block = boot->block;
	after.map_buffer = boot->map_buffer;
	after.exit.probe_bytes = boot->map_probe_bytes;
	after.map_capacity_bytes = boot->map_capacity_bytes;
	after.guard_bytes = EXIT_GUARD_BYTES;
	after.work_buffer = boot->work_buffer;
	after.work_bytes = boot->work_bytes;
	after.page_tables = boot->page_tables;
	after.tables_phys = boot->tables_phys;
	after.stack_top_virt = boot->stack_phys + boot->stack_bytes;
	after.entry_virt = boot->plan.entry_virt;
	after.kernel_virt = boot->plan.base_virt;
	after.kernel_end_virt = boot->plan.end_virt;
	stop_prepare(&after);
}

/* Pool memory and handles that no longer matter, before the final map is taken (L21). */
static void release_helpers(struct boot *boot)
{
	modules_free(boot);
	settings_free(boot);
	volume_close(boot);
}

static EFI_STATUS boot_kernel(struct boot *boot)
{
	EFI_STATUS status = volume_open(boot);

	/* Before the first allocation, whose address is held against what the processor can reach (L9). */
	if (!EFI_ERROR(status))
		status = probe_processor(boot);
	if (!EFI_ERROR(status))
		status = record_create(boot);
	if (!EFI_ERROR(status))
		status = claim_image(boot);
	if (EFI_ERROR(status))
		return status;
	boot->firmware.secure_boot = firmware_secure_boot(boot);

	boot_stage(boot, HANDOFF_STAGE_CONFIG);
	status = settings_read(boot);
	if (EFI_ERROR(status))
		return status;
	blackbox_read(boot);

	boot_stage(boot, HANDOFF_STAGE_KERNEL);
	status = kernel_load(boot);
	if (EFI_ERROR(status))
		return status;

	boot_stage(boot, HANDOFF_STAGE_MODULES);
	status = modules_load(boot);
	if (!EFI_ERROR(status))
		status = checksum_list_used(boot);
	if (EFI_ERROR(status))
		return status;

	diagnose_map_if_asked(boot);

	boot_stage(boot, HANDOFF_STAGE_GRAPHICS);
	graphics_start(boot);

	boot_stage(boot, HANDOFF_STAGE_PREPARE);
	firmware_describe(boot);
	status = block_allocate(boot);
	if (!EFI_ERROR(status))
		firmware_tables(boot);
	if (!EFI_ERROR(status))
		status = block_fill(boot);
	if (EFI_ERROR(status))
		return status;

	boot_stage(boot, HANDOFF_STAGE_PAGE_TABLES);
	status = address_space_build(boot, &after.mapped);
	if (EFI_ERROR(status))
		return status;

	diagnose_report(boot);
	blackbox_arm(boot);
	serial_find(boot, &after);
	release_helpers(boot);
	block_finish(boot);
	prepare_after(boot);
	boot_stage(boot, HANDOFF_STAGE_EXIT);
	return exit_boot_services(boot, &after);
}

/* A person may be watching: the message stays until a key is pressed, but not for ever. */
static void wait_for_reader(struct boot *boot)
{
	SIMPLE_INPUT_INTERFACE *input = boot->system->ConIn;
	EFI_INPUT_KEY key;

	for (uint32_t i = 0; i < 50 && input != NULL && boot->console != NULL && !boot->settings.nowait; i++) {
		if (input->ReadKeyStroke(input, &key) == EFI_SUCCESS)
			return;
		boot->services->Stall(100000);
	}
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct boot boot = { 0 };
	EFI_STATUS status;

	boot_stage(&boot, HANDOFF_STAGE_ENTRY);
	status = firmware_start(&boot, image, system);
	if (EFI_ERROR(status))
		return status;
	pages_spare_stack(&boot, cpu_stack());
	status = boot_kernel(&boot);
	if (!EFI_ERROR(status))
		after_exit(&after);

	blackbox_disarm(&boot);
	release_helpers(&boot);
	boot.record = NULL;
	pages_free_all(&boot);
	wait_for_reader(&boot);
	return status;
}
