/* SPDX-License-Identifier: BSD-2-Clause */
/* The graphics output protocol of the fake firmware; its framebuffer is memory of the host with nothing behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "test/fake/fake.h"

static EFI_GRAPHICS_OUTPUT_PROTOCOL gop;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;

static void set_current(uint32_t number)
{
	mode.Mode = number;
	mode.Info = &fake.options.modes[number];
}

static EFI_STATUS EFIAPI query_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *self, UINT32 number, UINTN *bytes,
				    EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **ret_info)
{
	EFI_STATUS status;

	(void)self;
	fake_called(FAKE_QUERY_MODE);
	status = fake_failure(FAKE_QUERY_MODE);
	if (EFI_ERROR(status) || number >= fake.options.mode_count)
		return EFI_ERROR(status) ? status : EFI_INVALID_PARAMETER;
	/* The caller frees it (UEFI 2.10 §12.9.2.1). */
	*ret_info = fake_pool(sizeof(**ret_info));
	memcpy(*ret_info, &fake.options.modes[number], sizeof(**ret_info));
	*bytes = sizeof(**ret_info);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *self, UINT32 number)
{
	EFI_STATUS status;

	(void)self;
	fake_called(FAKE_SET_MODE);
	status = fake_failure(FAKE_SET_MODE);
	if (!EFI_ERROR(status))
		set_current(number);
	return status;
}

EFI_GRAPHICS_OUTPUT_PROTOCOL *fake_graphics_output(void)
{
	return &gop;
}

void fake_graphics_start(void)
{
	static void *pixels;

	if (pixels == NULL)
		pixels = mmap((void *)FAKE_FRAMEBUFFER, FAKE_FRAMEBUFFER_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (pixels != (void *)FAKE_FRAMEBUFFER) {
		perror("fake: no memory for the framebuffer");
		exit(1);
	}
	gop.QueryMode = query_mode;
	gop.SetMode = set_mode;
	gop.Mode = &mode;
	mode.MaxMode = fake.options.mode_count;
	mode.SizeOfInfo = sizeof(*mode.Info);
	mode.FrameBufferBase = fake.options.framebuffer_phys;
	mode.FrameBufferSize = fake.options.framebuffer_bytes;
	set_current(fake.options.mode);
}
