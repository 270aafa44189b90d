/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing the report.  RULES: the last thing that touches a disk, and nothing does unless the configuration asks for it, because
 * firmware rewrites much more than was changed; what was allocated is given back before the final map; whatever fails costs a
 * file, never the boot.
 */
#include "lib/format.h"
#include "lib/last_boot.h"
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/log.h"
#include "loader/map_read.h"
#include "loader/report.h"

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

static EFI_STATUS write_report(struct boot *boot, const struct machine *machine, const struct memory_view *map)
{
	SAVE_TEXT text = { 0 };
	char name[MACHINE_MAX], stem[STEM_MAX], path[SAVE_PATH_MAX];
	EFI_STATUS status = save_text_begin(&text, boot->services,
					    TEXT_BYTES + memory_view_count(map) * MEMORY_VIEW_FILE_LINE_MAX);

	if (EFI_ERROR(status))
		return status;
	save_text_head(&text, machine, map, "the report");
	report_boot(boot, &text);
	report_devices(boot, &text);
	save_text_map(&text, map);
	short_name(machine->name, name);
	format(stem, sizeof(stem), "report-%s-%s", machine->stamp, name);
	status = save_new(boot->volume, stem, "txt", &text, path);
	if (!EFI_ERROR(status))
		log_line(boot, "report: %s", path);
	return status;
}

static EFI_STATUS write_last_boot(struct boot *boot, const struct machine *machine)
{
	SAVE_TEXT text = { 0 };
	char line[LAST_BOOT_TEXT_MAX];
	EFI_STATUS status = save_text_begin(&text, boot->services, LAST_BOOT_FILE_BYTES + 1);

	if (EFI_ERROR(status))
		return status;
	save_text_add(&text, "%s\n",
		      boot->settings.blackbox ? last_boot_text(line, &boot->last_boot) :
						"no record of the last boot: the configuration has no blackbox = yes");
	save_text_add(&text, "this boot: %s on %s, about to leave the firmware\n", machine->time, machine->name);
	save_text_add(&text, "how it went is written here at the next start\n");
	save_text_add(&text, "%*s\n", (int)(LAST_BOOT_FILE_BYTES - 1 - text.used), "");
	return save_over(boot->volume, "\\baton\\last-boot.txt", &text);
}

static void tell(struct boot *boot, EFI_STATUS status, const char *file)
{
	if (EFI_ERROR(status))
		log_notice(boot, "baton: %s not written: %s; the boot goes on", file, log_status_name(status));
}

void report_write(struct boot *boot)
{
	struct map_snapshot map = { 0 };
	struct machine machine;
	EFI_STATUS status;

	if (!boot->settings.report)
		return;
	status = map_snapshot_take(boot, &map);
	if (EFI_ERROR(status)) {
		tell(boot, status, "report");
		return;
	}
	machine_describe(boot, &map.view, &machine);
	firmware_watchdog_start(boot, TEXT_BYTES);
	tell(boot, write_last_boot(boot, &machine), "last-boot.txt");
	tell(boot, write_report(boot, &machine, &map.view), "report");
	firmware_watchdog_stop(boot);
	map_snapshot_free(boot, &map);
}
