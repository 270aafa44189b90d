/* SPDX-License-Identifier: BSD-2-Clause */
/* Applications that run in the place of the loader, and the fake firmware's verdict on them. */
#ifndef TEST_LOADER_APPLICATION_FIXTURE_H
#define TEST_LOADER_APPLICATION_FIXTURE_H

#include <string.h>
#include "test/fake/expect.h"

static EFI_SYSTEM_TABLE *st;
static EFI_BOOT_SERVICES *bs;
static EFI_HANDLE self;

static inline int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static inline void expect_violation(EFI_STATUS (*application)(EFI_HANDLE, EFI_SYSTEM_TABLE *), const char *text)
{
	fake.application = application;
	fake_boot();
	if (fake.end != FAKE_VIOLATION || strncmp(fake.violation, text, strlen(text)) != 0)
		fail_msg("%s was not noticed; end %d, \"%s\"", text, (int)fake.end, fake.violation);
}

static inline void begin(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	st = system;
	bs = system->BootServices;
	self = image;
}

static inline EFI_STATUS allocate(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type)
{
	EFI_PHYSICAL_ADDRESS phys = FAKE_RAM + 0x100000;

	return bs->AllocatePages(how, type, 1, &phys);
}

static inline EFI_FILE *open_root(void)
{
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, volume_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *loaded;
	EFI_FILE_IO_INTERFACE *volume;
	EFI_FILE *root;

	bs->HandleProtocol(self, &image_guid, (void **)&loaded);
	bs->HandleProtocol(loaded->DeviceHandle, &volume_guid, (void **)&volume);
	volume->OpenVolume(volume, &root);
	return root;
}

#endif
