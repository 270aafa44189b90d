/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnosis, the work of another application: memmap.efi of the boot volume shows the memory map and writes the report.  RULES:
 * without the key and the line in the configuration this costs the looks at the keyboard that find nothing; the firmware loads
 * the application, and so verifies it where it verifies anything; what fails costs the diagnosis, never the boot.
 */
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "loader/block.h"
#include "loader/boot.h"
#include "loader/device_path.h"
#include "loader/diagnose.h"
#include "loader/firmware.h"
#include "loader/log.h"

#define APPLICATION "\\EFI\\baton\\memmap.efi"

enum {
	STROKES_MAX = 32, /* keys that were pressed before; a key that is held down repeats */
	APPLICATION_BYTES = 64 << 10, /* about: for the watchdog */
	PATH_BYTES_MAX = 1024,
	OPTIONS_MAX = 32,
};

static const EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static const EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

/* What follows the path of the volume (UEFI 2.10 §10.3.5.4). */
static const struct {
	EFI_DEVICE_PATH file;
	CHAR16 name[sizeof(APPLICATION)];
	EFI_DEVICE_PATH end;
} __attribute__((packed)) tail = {
	{ MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, { sizeof(tail.file) + sizeof(tail.name), 0 } },
	u"" APPLICATION, /* one string in UTF-16 */
	{ END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, { sizeof(tail.end), 0 } },
};

/* The path of the application's file. */
static EFI_STATUS make_path(struct boot *boot, uint8_t path[PATH_BYTES_MAX])
{
	const void *volume = firmware_protocol_of(boot, boot->volume_handle, &device_path_guid);
	struct device_path at = { .node = volume };
	uint64_t bytes;

	if (volume == NULL)
		return EFI_UNSUPPORTED;
	while (device_path_next(&at))
		;
	bytes = (uint64_t)(at.node - (const uint8_t *)volume);
	if (at.type != END_DEVICE_PATH_TYPE || bytes > PATH_BYTES_MAX - sizeof(tail))
		return EFI_BAD_BUFFER_SIZE;
	memcpy(path, volume, bytes);
	memcpy(path + bytes, &tail, sizeof(tail));
	return EFI_SUCCESS;
}

static EFI_STATUS load(struct boot *boot, EFI_HANDLE *ret_image)
{
	_Alignas(8) uint8_t path[PATH_BYTES_MAX];
	EFI_HANDLE image = NULL;
	EFI_STATUS status = make_path(boot, path);

	if (EFI_ERROR(status))
		return status;
	firmware_watchdog_start(boot, APPLICATION_BYTES);
	status = boot->services->LoadImage(FALSE, boot->image, (EFI_DEVICE_PATH *)path, NULL, 0, &image);
	firmware_watchdog_stop(boot);
	/* UEFI 2.10 §7.4.1: then it is loaded, but may not be started. */
	if (status == EFI_SECURITY_VIOLATION && image != NULL)
		boot->services->UnloadImage(image);
	*ret_image = image;
	return !EFI_ERROR(status) && image == NULL ? EFI_DEVICE_ERROR : status;
}

/* Starts it with these options; when it comes back, it is gone. */
static EFI_STATUS start(struct boot *boot, EFI_HANDLE image, const char *options)
{
	EFI_LOADED_IMAGE *loaded = firmware_protocol_of(boot, image, &loaded_image_guid);
	CHAR16 wide[OPTIONS_MAX];
	UINT32 count = 0;

	if (loaded == NULL) {
		boot->services->UnloadImage(image);
		return EFI_UNSUPPORTED;
	}
	do
		wide[count] = (CHAR16)options[count];
	while (options[count++] != '\0');
	loaded->LoadOptions = wide;
	loaded->LoadOptionsSize = count * sizeof(wide[0]);
	return boot->services->StartImage(image, NULL, NULL);
}

static void run(struct boot *boot, const char *options)
{
	EFI_HANDLE image = NULL;
	EFI_STATUS status = load(boot, &image);

	if (!EFI_ERROR(status))
		status = start(boot, image, options);
	if (EFI_ERROR(status))
		log_notice(boot, "baton: " APPLICATION ": %s; the boot goes on without it", log_status_name(status));
}

static int asked(struct boot *boot)
{
	SIMPLE_INPUT_INTERFACE *keyboard = boot->system->ConIn;
	EFI_INPUT_KEY key = { 0, 0 };

	if (boot->console == NULL || boot->console->SetCursorPosition == NULL || keyboard == NULL)
		return 0;
	for (uint32_t i = 0; i < STROKES_MAX && keyboard->ReadKeyStroke(keyboard, &key) == EFI_SUCCESS; i++)
		if ((key.UnicodeChar | 0x20) == L'm')
			return 1;
	return 0;
}

void diagnose_map_if_asked(struct boot *boot)
{
	if (asked(boot))
		run(boot, "nosave");
}

void diagnose_report(struct boot *boot)
{
	char options[OPTIONS_MAX];

	if (!boot->settings.report)
		return;
	log_line(boot, "kernel: %s", boot->settings.kernel.text); /* the one fact that the block leaves out */
	block_update(boot);
	format(options, sizeof(options), "report=0x%lx", (unsigned long)boot->block.header);
	run(boot, options);
}
