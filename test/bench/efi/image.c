/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel as other loaders take it: a PE image that carries the payload as its last section (payload.py adds it).  Its first
 * instruction is the end of the measurement.
 */
#include <efi.h>
#include "test/bench/efi/payload.h"

/* About as many bytes as the kernel that Baton loads. */
static const UINT8 ballast[100 << 10] = { 1 };

/* PE/COFF specification: where the headers say what. */
enum {
	NEW_HEADER = 0x3c,
	SECTIONS = 6,
	OPTIONAL_BYTES = 20,
	HEADERS = 24,
	SECTION_BYTES = 40,
	SECTION_SIZE = 8,
	SECTION_RVA = 12,
	PAYLOAD_NAME = 0x6c796170, /* "payl" */
};

static UINT32 word(const UINT8 *at)
{
	return *(const UINT32 *)at;
}

EFI_STATUS EFIAPI image_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI image_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	uint64_t now = stamp_now();
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	const UINT8 *base, *header, *section;

	stamp("kernel", now);
	system->BootServices->HandleProtocol(self, &guid, (VOID **)&image);
	base = image->ImageBase;
	header = base + word(base + NEW_HEADER);
	section = header + HEADERS + (word(header + OPTIONAL_BYTES) & 0xffff) + SECTION_BYTES * ((word(header + SECTIONS) & 0xffff) - 1);
	stamp("ballast", *(volatile const UINT8 *)ballast);
	payload_check(base + word(section + SECTION_RVA), word(section) == PAYLOAD_NAME ? word(section + SECTION_SIZE) : 0);
	stamp_leave();
}
