/* SPDX-License-Identifier: BSD-2-Clause */
/* Saving the map: makes the text, leaves the rest to save.c. */
#include "lib/format.h"
#include "loader/boot.h"
#include "loader/memmap/save_map.h"

enum { HEAD_BYTES = 1024, STEM_MAX = 32 };

EFI_STATUS save_map(struct boot *boot, const struct machine *machine, const struct memory_view *map, char path[SAVE_PATH_MAX])
{
	SAVE_FILE root = NULL;
	SAVE_TEXT text = { 0 };
	char stem[STEM_MAX];
	EFI_STATUS status = save_root(boot, &root);

	if (!EFI_ERROR(status))
		status = save_text_begin(&text, boot->services, HEAD_BYTES + memory_view_count(map) * MEMORY_VIEW_FILE_LINE_MAX);
	if (EFI_ERROR(status))
		return status;
	save_text_head(&text, machine, map, "memmap.efi");
	save_text_map(&text, map);
	format(stem, sizeof(stem), "memmap-%s", machine->stamp);
	return save_new(root, stem, "map", &text, path);
}
