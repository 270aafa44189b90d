/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing the report, for the loader, shortly before it leaves the firmware.  RULES: the last thing that touches a disk, and
 * nothing does unless the configuration asks for it, because firmware rewrites much more than was changed; what was allocated is
 * given back before the final map; whatever fails costs a file, never the boot.
 */
#include "lib/format.h"
#include "lib/handoff_block.h"
#include "lib/last_boot.h"
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/log.h"
#include "loader/memmap/report.h"

enum {
	TEXT_BYTES = 64 << 10, /* of everything but the map; what does not fit is cut */
	STEM_MAX = 72,
	MACHINE_MAX = 32,
	LAST_BOOT_FILE_BYTES = 1024, /* always, so that the file is rewritten in its place */
};

/* "QEMU-Standard-PC-Q35": what every file system takes as a name. */
static void short_name(const char *name, char to[MACHINE_MAX])
{
	uint32_t count = 0;

	for (; *name != '\0' && count < MACHINE_MAX - 1; name++) {
		int plain = (*name >= '0' && *name <= '9') || ((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z');

		if (plain)
			to[count++] = *name;
		else if (count > 0 && to[count - 1] != '-')
			to[count++] = '-';
	}
	while (count > 0 && to[count - 1] == '-')
		count--;
	to[count] = '\0';
}

static EFI_STATUS write_report(struct boot *boot, EFI_FILE_HANDLE root, const struct handoff_header *block,
			       const struct machine *machine, const struct memory_view *map)
{
	SAVE_TEXT text = { 0 };
	char name[MACHINE_MAX], stem[STEM_MAX], path[SAVE_PATH_MAX];
	EFI_STATUS status = save_text_begin(&text, boot->services,
					    TEXT_BYTES + memory_view_count(map) * MEMORY_VIEW_FILE_LINE_MAX);

	if (EFI_ERROR(status))
		return status;
	save_text_head(&text, machine, map, "the report");
	report_boot(boot, block, &text);
	report_devices(boot, &text);
	save_text_map(&text, map);
	short_name(machine->name, name);
	format(stem, sizeof(stem), "report-%s-%s", machine->stamp, name);
	status = save_new(root, stem, "txt", &text, path);
	if (!EFI_ERROR(status))
		log_line(boot, "report: %s", path);
	return status;
}

static EFI_STATUS write_last_boot(struct boot *boot, EFI_FILE_HANDLE root, const struct machine *machine)
{
	SAVE_TEXT text = { 0 };
	char line[LAST_BOOT_TEXT_MAX];
	EFI_STATUS status = save_text_begin(&text, boot->services, LAST_BOOT_FILE_BYTES + 1);

	if (EFI_ERROR(status))
		return status;
	save_text_add(&text, "%s\n",
		      boot->last_boot.state != 0 ? last_boot_text(line, &boot->last_boot) :
						   "no record of the last boot: the configuration has no blackbox = yes");
	save_text_add(&text, "this boot: %s on %s, about to leave the firmware\n", machine->time, machine->name);
	save_text_add(&text, "how it went is written here at the next start\n");
	save_text_add(&text, "%*s\n", (int)(LAST_BOOT_FILE_BYTES - 1 - text.used), "");
	return save_over(root, "\\baton\\last-boot.txt", &text);
}

static void tell(struct boot *boot, EFI_STATUS status, const char *file)
{
	if (EFI_ERROR(status))
		log_notice(boot, "baton: %s not written: %s; the boot goes on", file, log_status_name(status));
}

/* How much memory of a loader there is from here on: of any other nothing is read. */
static uint64_t loader_bytes(const struct memory_view *map, uint64_t phys)
{
	for (uint64_t i = 0; i < memory_view_count(map); i++) {
		struct handoff_raw_descriptor at = memory_view_descriptor(map, i);
		uint64_t bytes = at.number_of_pages * HANDOFF_PAGE_BYTES;

		if (at.type == EfiLoaderData && phys >= at.physical_start && phys - at.physical_start < bytes)
			return bytes - (phys - at.physical_start);
	}
	return 0;
}

/* Its frame, as far as it stands: the loader seals it after exit. */
static const struct handoff_header *block_at(const struct memory_view *map, uint64_t phys)
{
	const struct handoff_header *block = (const struct handoff_header *)phys;
	uint64_t bytes = loader_bytes(map, phys);

	if (phys % HANDOFF_PAGE_BYTES != 0 || bytes < sizeof(*block) || block->magic != HANDOFF_MAGIC ||
	    block->version_major != HANDOFF_VERSION_MAJOR || block->block_phys != phys || block->capacity_bytes > bytes)
		return NULL;
	return block;
}

/* What the loader knows, as if it were found out here. */
static int take_facts(struct boot *boot, const struct handoff_header *block)
{
	const struct handoff_firmware *firmware = handoff_part(block, HANDOFF_PART_FIRMWARE, NULL, NULL);
	const struct handoff_loader *loader = handoff_part(block, HANDOFF_PART_LOADER, NULL, NULL);
	const struct handoff_framebuffer *screen = handoff_part(block, HANDOFF_PART_FRAMEBUFFER, NULL, NULL);
	const struct handoff_last_boot *last_boot = handoff_part(block, HANDOFF_PART_LAST_BOOT, NULL, NULL);

	if (firmware == NULL || loader == NULL || loader->boot_record_phys == 0 || cpu_probe(&boot->cpu) != NULL)
		return 0;
	boot->firmware = *firmware;
	boot->volume_handle = boot->loaded_image->DeviceHandle;
	boot->cpu.tsc_hz = loader->tsc_hz;
	boot->record = (struct handoff_boot_record *)loader->boot_record_phys;
	if (screen != NULL)
		boot->framebuffer = *screen;
	if (last_boot != NULL)
		boot->last_boot = *last_boot;
	return 1;
}

void report_write(struct boot *boot, uint64_t block_phys, const struct machine *machine, const struct memory_view *map)
{
	const struct handoff_header *block = block_at(map, block_phys);
	SAVE_FILE root = NULL;
	EFI_STATUS status;

	if (block == NULL || !take_facts(boot, block)) {
		tell(boot, EFI_INVALID_PARAMETER, "report");
		return;
	}
	firmware_watchdog_start(boot, TEXT_BYTES);
	status = save_root(boot, &root);
	tell(boot, EFI_ERROR(status) ? status : write_last_boot(boot, root, machine), "last-boot.txt");
	tell(boot, EFI_ERROR(status) ? status : write_report(boot, root, block, machine, map), "report");
	save_close(&root);
	firmware_watchdog_stop(boot);
}
