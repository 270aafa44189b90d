/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Graphics.  RULES (L22): the mode is set before it is described; PixelBltOnly is no framebuffer; the base is 64 bits; a
 * mode that the firmware is already in is kept unless the configuration wants another, because each change costs time.
 */
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/graphics.h"
#include "loader/log.h"

enum {
	SANE_WIDTH_MIN = 640,
	SANE_HEIGHT_MIN = 400,
	MODES_MAX = 1024, /* no firmware has so many; one that says so shall not keep us for ever */
};

/* UEFI 2.10 §12.9.2: the highest bit of all four masks says how large a pixel is; the handoff knows 32 bits only. */
static int has_wide_pixels(const EFI_PIXEL_BITMASK *masks)
{
	return masks->RedMask != 0 && (masks->RedMask | masks->GreenMask | masks->BlueMask | masks->ReservedMask) >> 24 != 0;
}

static int is_linear(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode)
{
	return mode->PixelFormat == PixelRedGreenBlueReserved8BitPerColor ||
	       mode->PixelFormat == PixelBlueGreenRedReserved8BitPerColor ||
	       (mode->PixelFormat == PixelBitMask && has_wide_pixels(&mode->PixelInformation));
}

static int is_wanted(const struct settings *settings, const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode)
{
	if (!is_linear(mode))
		return 0;
	if (settings->width != 0)
		return mode->HorizontalResolution == settings->width && mode->VerticalResolution == settings->height;
	return mode->HorizontalResolution >= SANE_WIDTH_MIN && mode->VerticalResolution >= SANE_HEIGHT_MIN;
}

/* The current mode if it will do; else the first wanted one; else whatever is there. */
static void choose_mode(struct boot *boot, EFI_GRAPHICS_OUTPUT_PROTOCOL *gop)
{
	for (UINT32 number = 0; number < gop->Mode->MaxMode && number < MODES_MAX; number++) {
		EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode = NULL;
		UINTN bytes = 0;
		int wanted;

		if (EFI_ERROR(gop->QueryMode(gop, number, &bytes, &mode)) || mode == NULL)
			continue;
		wanted = bytes >= sizeof(*mode) && is_wanted(&boot->settings, mode);
		boot->services->FreePool(mode);
		if (wanted && !EFI_ERROR(gop->SetMode(gop, number)))
			return;
	}
	log_line(boot, "graphics: no mode as wanted; keeping the current one");
}

EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics_find(struct boot *boot)
{
	static const EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = firmware_protocol_of(boot, boot->system->ConsoleOutHandle, &guid);

	/* The console's own device first: firmware may have several handles for one card (ConSplitter). */
	return gop != NULL ? gop : firmware_protocol(boot, &guid);
}

static void describe(const EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode, struct handoff_framebuffer *out)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = mode->Info;
	int bgr = info->PixelFormat == PixelBlueGreenRedReserved8BitPerColor;
	int mask = info->PixelFormat == PixelBitMask;

	*out = (struct handoff_framebuffer){
		.base_phys = mode->FrameBufferBase,
		.bytes = mode->FrameBufferSize,
		.width = info->HorizontalResolution,
		.height = info->VerticalResolution,
		.pitch_bytes = info->PixelsPerScanLine * 4,
		.bits_per_pixel = 32,
		.red_mask = mask ? info->PixelInformation.RedMask : bgr ? 0x00ff0000 : 0x000000ff,
		.green_mask = mask ? info->PixelInformation.GreenMask : 0x0000ff00,
		.blue_mask = mask ? info->PixelInformation.BlueMask : bgr ? 0x000000ff : 0x00ff0000,
		.reserved_mask = mask ? info->PixelInformation.ReservedMask : 0xff000000,
	};
}

/* K39, E31: some firmware states less memory than the mode needs, or none; and what the processor cannot address, or what a
   kernel's link addresses hide, nobody can draw on. */
static int is_usable(const struct boot *boot, const struct handoff_framebuffer *f)
{
	uint64_t needed = (uint64_t)f->pitch_bytes * f->height, limit = UINT64_C(1) << boot->cpu.physical_bits;

	return f->base_phys != 0 && f->width != 0 && f->height != 0 && f->pitch_bytes / 4 >= f->width && f->bytes >= needed &&
	       f->base_phys < limit && f->bytes <= limit - f->base_phys && !pages_hidden(boot, f->base_phys, f->bytes);
}

void graphics_start(struct boot *boot)
{
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = graphics_find(boot);

	if (gop == NULL || gop->Mode == NULL || gop->Mode->Info == NULL) {
		log_line(boot, "graphics: no graphics output protocol");
		return;
	}
	if (!is_wanted(&boot->settings, gop->Mode->Info))
		choose_mode(boot, gop);
	if (!is_linear(gop->Mode->Info)) {
		log_line(boot, "graphics: no linear framebuffer (PixelBltOnly)");
		return;
	}
	describe(gop->Mode, &boot->framebuffer);
	if (!is_usable(boot, &boot->framebuffer)) {
		log_line(boot, "graphics: framebuffer at 0x%lx, %lu bytes, cannot be used",
			 (unsigned long)boot->framebuffer.base_phys, (unsigned long)boot->framebuffer.bytes);
		boot->framebuffer = (struct handoff_framebuffer){ 0 };
		return;
	}
	log_line(boot, "graphics: %ux%u, pitch %u, framebuffer 0x%lx", boot->framebuffer.width, boot->framebuffer.height,
		 boot->framebuffer.pitch_bytes, (unsigned long)boot->framebuffer.base_phys);
}
