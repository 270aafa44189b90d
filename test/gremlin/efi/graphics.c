/* SPDX-License-Identifier: BSD-2-Clause */
/* See graphics.h. */
#include "test/gremlin/efi/graphics.h"
#include "test/gremlin/efi/paging.h"
#include "test/gremlin/efi/words.h"

static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
static EFI_GRAPHICS_OUTPUT_PROTOCOL protocol;
static int wanted, present;

static EFI_STATUS EFIAPI query_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *self, UINT32 number, UINTN *bytes,
				    EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **ret_info)
{
	(void)self, (void)number, (void)bytes, (void)ret_info;
	return EFI_DEVICE_ERROR;
}

static EFI_STATUS EFIAPI set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *self, UINT32 number)
{
	(void)self, (void)number;
	return EFI_DEVICE_ERROR;
}

void graphics_begin(const char *words)
{
	char kind[12];

	words_copy(words, "gop", kind, sizeof(kind));
	wanted = kind[0] != '\0';
	present = !words_is(words, "gop", "none");
	info = (EFI_GRAPHICS_OUTPUT_MODE_INFORMATION){
		.HorizontalResolution = 800,
		.VerticalResolution = 600,
		.PixelFormat = words_is(words, "gop", "blt") ? PixelBltOnly : PixelBlueGreenRedReserved8BitPerColor,
		.PixelsPerScanLine = 800,
	};
	if (words_is(words, "gop", "mask")) {
		info.PixelFormat = PixelBitMask; /* and no bit in any mask */
	}
	if (words_is(words, "gop", "short")) {
		info.PixelFormat = PixelBitMask; /* pixels of two bytes */
		info.PixelInformation = (EFI_PIXEL_BITMASK){ 0xf800, 0x7e0, 0x1f, 0 };
	}
	mode = (EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE){
		.MaxMode = 1,
		.Info = &info,
		.SizeOfInfo = sizeof(info),
		.FrameBufferBase = words_is(words, "gop", "higher") ? UINT64_C(0xfc10000000) :
				   words_is(words, "gop", "zero")   ? 0 :
								      UINT64_C(448) << 30,
		.FrameBufferSize = words_is(words, "gop", "small") ? 4096 : 800 * 600 * 4,
	};
	/* A framebuffer that the firmware itself cannot reach. */
	if (words_is(words, "gop", "gone"))
		paging_change(mode.FrameBufferBase, 1, 0, PAGING_PRESENT);
	protocol = (EFI_GRAPHICS_OUTPUT_PROTOCOL){ .QueryMode = query_mode, .SetMode = set_mode, .Mode = &mode };
}

int graphics_wanted(const EFI_GUID *guid)
{
	const EFI_GUID graphics = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

	return wanted && __builtin_memcmp(guid, &graphics, sizeof(graphics)) == 0;
}

EFI_STATUS graphics_protocol(VOID **interface)
{
	*interface = present ? &protocol : NULL;
	return present ? EFI_SUCCESS : EFI_NOT_FOUND;
}
