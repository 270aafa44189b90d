/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the report says of devices: graphics modes and block devices.  RULE: only asks; opens nothing, sets nothing, reads no
 * sector; lists are bounded, because a report is no place to find out that firmware counts without end.
 */
#include "loader/boot.h"
#include "loader/device_path.h"
#include "loader/graphics.h"
#include "loader/memmap/report.h"

enum { MODES_SHOWN = 128, DISKS_SHOWN = 64 };

static const EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static const EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

/* --- graphics ---------------------------------------------------------------------------------------------------------- */

static const char *format_name(EFI_GRAPHICS_PIXEL_FORMAT format)
{
	static const char *const names[] = { "RGB", "BGR", "masks", "no framebuffer" };

	return (uint32_t)format < sizeof(names) / sizeof(names[0]) ? names[format] : "unknown";
}

static void add_mode(struct boot *boot, EFI_GRAPHICS_OUTPUT_PROTOCOL *gop, UINT32 number, struct save_text *text)
{
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode = NULL;
	UINTN bytes = 0;

	if (EFI_ERROR(gop->QueryMode(gop, number, &bytes, &mode)) || mode == NULL)
		return;
	if (bytes >= sizeof(*mode))
		save_text_add(text, "# mode %u: %ux%u, %s, %u pixels a line\n", number, mode->HorizontalResolution,
			      mode->VerticalResolution, format_name(mode->PixelFormat), mode->PixelsPerScanLine);
	boot->services->FreePool(mode);
}

static void add_graphics(struct boot *boot, struct save_text *text)
{
	const struct handoff_framebuffer *screen = &boot->framebuffer;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = graphics_find(boot);

	if (screen->width == 0)
		save_text_add(text, "# framebuffer: none\n");
	else
		save_text_add(text, "# framebuffer: %ux%u at 0x%lx, %u bytes a line, masks 0x%x 0x%x 0x%x\n", screen->width,
			      screen->height, (unsigned long)screen->base_phys, screen->pitch_bytes, screen->red_mask,
			      screen->green_mask, screen->blue_mask);
	if (gop == NULL || gop->Mode == NULL)
		return;
	save_text_add(text, "# modes: %u, current %u\n", gop->Mode->MaxMode, gop->Mode->Mode);
	for (UINT32 number = 0; number < gop->Mode->MaxMode && number < MODES_SHOWN; number++)
		add_mode(boot, gop, number, text);
}

/* --- disks ------------------------------------------------------------------------------------------------------------- */

static const char *bus_name(uint32_t subtype)
{
	static const struct {
		uint8_t subtype;
		const char *name;
	} names[] = { /* UEFI 2.10 §10.3.4 */
		{ 1, "ATAPI" }, { 2, "SCSI" }, { 5, "USB" },  { 18, "SATA" },
		{ 23, "NVMe" }, { 24, "URI" }, { 26, "SD" }, { 29, "eMMC" },
	};

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].subtype == subtype)
			return names[i].name;
	return "other";
}

/* The last bus on the way, and the nodes as type.subtype, which name the rest. */
static void add_path(struct boot *boot, EFI_HANDLE handle, struct save_text *text)
{
	EFI_GUID guid = device_path_guid;
	struct device_path at = { 0 };
	const char *bus = "PCI";
	void *path = NULL;

	if (EFI_ERROR(boot->services->HandleProtocol(handle, &guid, &path)))
		path = NULL;
	at.node = path;
	save_text_add(text, ", path");
	while (device_path_next(&at)) {
		save_text_add(text, " %u.%u", at.type, at.subtype);
		if (at.type == MESSAGING_DEVICE_PATH)
			bus = bus_name(at.subtype);
	}
	save_text_add(text, ", %s\n", bus);
}

static void add_disk(struct boot *boot, EFI_HANDLE handle, uint32_t number, struct save_text *text)
{
	EFI_GUID guid = block_io_guid;
	EFI_BLOCK_IO *disk = NULL;
	const EFI_BLOCK_IO_MEDIA *media;

	if (EFI_ERROR(boot->services->HandleProtocol(handle, &guid, (void **)&disk)) || disk == NULL || disk->Media == NULL)
		return;
	media = disk->Media;
	save_text_add(text, "# disk %u: %s%s%s%s, %u-byte blocks, %lu blocks%s", number,
		      media->LogicalPartition ? "partition" : "whole", media->RemovableMedia ? ", removable" : "",
		      media->MediaPresent ? "" : ", no medium", media->ReadOnly ? ", read-only" : "", media->BlockSize,
		      (unsigned long)media->LastBlock + 1, handle == boot->volume_handle ? ", the boot volume" : "");
	add_path(boot, handle, text);
}

static void add_disks(struct boot *boot, struct save_text *text)
{
	EFI_GUID guid = block_io_guid;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;

	if (EFI_ERROR(boot->services->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles)) || handles == NULL)
		return;
	save_text_add(text, "# disks: %lu\n", (unsigned long)count);
	for (UINTN i = 0; i < count && i < DISKS_SHOWN; i++)
		add_disk(boot, handles[i], (uint32_t)i, text);
	boot->services->FreePool(handles);
}

void report_devices(struct boot *boot, struct save_text *text)
{
	add_graphics(boot, text);
	add_disks(boot, text);
}
