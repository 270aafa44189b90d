/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts the real, unmodified loader from thousands of damaged disks in one boot of the real firmware.  The disks are one disk in
 * memory (ramdisk.h), damaged as \mutants.bin says: for each of them
 *   uint32 number, uint32 count, then count times { uint32 sector, uint16 offset, uint16 bytes, data }
 * until a number of 2^32 - 1.  The firmware's own drivers find partition and file system; \EFI\BOOT\BOOTX64.EFI is read from it and
 * must be what stands in \EFI\BATON\LOADER.EFI on the sound disk, because nobody says what a damaged program does.  A run ends
 * when the loader comes back, or at its ExitBootServices, where everything that it has loaded is looked at (signature.h):
 *   mutant: N end=volume|file|damaged|returned|caught ...
 * A run that takes half a minute is hung (EDK2's driver runs in circles in a folder whose chain does): then this program leaves, and whoever started it goes on behind it.
 */
#include <efi.h>
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "test/boot/efi/ledger.h"
#include "test/boot/efi/volume.h"
#include "test/disks/efi/ramdisk.h"
#include "test/disks/efi/signature.h"
#include "test/gremlin/efi/channel.h"

enum {
	LOADER_BYTES = 1 << 20,
	MUTANTS_BYTES = 24 << 20,
	MESSAGE_BYTES = 200,
	CAUGHT = 0x6001,
	TICKS_PER_SECOND = 10000000, /* of SetTimer: 100 ns */
	HUNG_SECONDS = 30,
};
#define LAST_MUTANT UINT32_MAX

static const CHAR16 loader_path[] = u"\\EFI\\BATON\\LOADER.EFI";
static const CHAR16 boot_path[] = u"\\EFI\\BOOT\\BOOTX64.EFI";
static const CHAR16 mutants_path[] = u"\\mutants.bin";
static CHAR16 options[] = u"loader.efi nowait";

static struct {
	EFI_HANDLE self, loader;
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *services;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *own_volume;
	SIMPLE_TEXT_OUTPUT_INTERFACE console;
	EFI_EVENT deadline;
	UINT8 *loader_file, *boot_file, *mutants;
	UINTN loader_bytes, mutants_bytes;
	UINT32 number;
	int started;
	uint32_t signature, blocks;
	char message[MESSAGE_BYTES];
	uint32_t message_bytes;
} run;

/* --- what the loader meets ------------------------------------------------------------------------------------------------------ */

/* Keeps the first words of what is said. */
static EFI_STATUS EFIAPI keep_text(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
	(void)console;
	for (; *text != 0 && run.message_bytes + 1 < sizeof(run.message); text++)
		if (*text >= ' ' && *text < 0x7f)
			run.message[run.message_bytes++] = (char)*text;
	run.message[run.message_bytes] = '\0';
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI reset_console(SIMPLE_TEXT_OUTPUT_INTERFACE *console, BOOLEAN verify)
{
	(void)console, (void)verify;
	return EFI_SUCCESS;
}

static void look_at(void *context, UINT64 address, UINTN pages)
{
	const struct handoff_header *block = (const void *)address;

	(void)context, (void)pages;
	if (block->magic != HANDOFF_MAGIC)
		return;
	run.blocks++;
	run.signature = signature(block);
}

/* The loader would be gone now. */
static EFI_STATUS EFIAPI catch_exit(EFI_HANDLE image, UINTN key)
{
	(void)image, (void)key;
	ledger_each_pages(look_at, NULL);
	run.services->Exit(run.loader, CAUGHT, 0, NULL);
	return EFI_ABORTED;
}

static VOID EFIAPI hung(EFI_EVENT event, VOID *context)
{
	(void)event, (void)context;
	say("mutant: %u end=hung started=%d opening=%d", run.number, run.started, ledger_is_opening());
	channel_leave(0);
}

/* --- files ---------------------------------------------------------------------------------------------------------------------- */

static EFI_STATUS allocate(UINTN bytes, UINT8 **ret_buffer)
{
	return run.services->AllocatePool(EfiBootServicesData, bytes, (VOID **)ret_buffer);
}

static EFI_STATUS prepare(void)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID, file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	EFI_STATUS status = run.services->HandleProtocol(run.self, &loaded_image, (VOID **)&image);

	if (!EFI_ERROR(status))
		status = run.services->HandleProtocol(image->DeviceHandle, &file_system, (VOID **)&run.own_volume);
	if (!EFI_ERROR(status))
		status = allocate(LOADER_BYTES, &run.loader_file);
	if (!EFI_ERROR(status))
		status = allocate(LOADER_BYTES, &run.boot_file);
	if (!EFI_ERROR(status))
		status = allocate(MUTANTS_BYTES, &run.mutants);
	run.loader_bytes = LOADER_BYTES;
	run.mutants_bytes = MUTANTS_BYTES;
	if (!EFI_ERROR(status))
		status = volume_read(run.own_volume, loader_path, run.loader_file, &run.loader_bytes);
	if (!EFI_ERROR(status))
		status = volume_read(run.own_volume, mutants_path, run.mutants, &run.mutants_bytes);
	if (!EFI_ERROR(status))
		status = ramdisk_load(run.services);
	if (!EFI_ERROR(status))
		status = run.services->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_NOTIFY, hung, NULL, &run.deadline);
	return status;
}

/* --- one run -------------------------------------------------------------------------------------------------------------------- */

static void report(EFI_STATUS status, const struct ledger_balance *left, uint64_t writes)
{
	if (status == CAUGHT)
		say("mutant: %u end=caught blocks=%u signature=%08x", run.number, run.blocks, run.signature);
	else
		say("mutant: %u end=returned status=0x%lx left=pages:%lu,pools:%lu,events:%lu,files:%lu,overflow:%lu takings=%lu writes=%lu "
		    "message=%s",
		    run.number, status, left->pages, left->pools, left->events, left->files, left->overflow, left->calls, writes,
		    run.message);
}

static void start_loader(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume, EFI_LOADED_IMAGE_PROTOCOL *image)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *console = run.system->ConOut;
	struct ledger_balance left = { 0 };
	uint64_t writes = ramdisk_writes();
	EFI_STATUS status;

	image->LoadOptions = options;
	image->LoadOptionsSize = sizeof(options);
	run.message_bytes = run.blocks = 0;
	run.message[0] = '\0';
	ledger_open(run.services, volume, image->ImageBase, image->ImageSize);
	run.services->ExitBootServices = catch_exit;
	run.system->ConOut = &run.console;
	run.started = 1;
	status = run.services->StartImage(run.loader, NULL, NULL);
	run.started = 0;
	run.system->ConOut = console;
	ledger_close(&left);
	ledger_give_back();
	report(status, &left, ramdisk_writes() - writes);
}

/* From the damaged disk as it stands now. */
static void boot(void)
{
	EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID, loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_GUID device_path = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume = NULL;
	EFI_DEVICE_PATH *volume_path = NULL;
	EFI_LOADED_IMAGE_PROTOCOL *image = NULL;
	EFI_HANDLE handle = ramdisk_file_system();
	UINT8 path[VOLUME_PATH_BYTES] __attribute__((aligned(8)));
	UINTN bytes = LOADER_BYTES;
	EFI_STATUS status;

	if (handle == NULL || EFI_ERROR(run.services->HandleProtocol(handle, &file_system, (VOID **)&volume))) {
		say("mutant: %u end=volume", run.number);
		return;
	}
	status = volume_read(volume, boot_path, run.boot_file, &bytes);
	if (EFI_ERROR(status)) {
		say("mutant: %u end=file status=0x%lx", run.number, status);
		return;
	}
	if (bytes != run.loader_bytes || memcmp(run.boot_file, run.loader_file, bytes) != 0) {
		say("mutant: %u end=damaged", run.number);
		return;
	}
	status = run.services->HandleProtocol(handle, &device_path, (VOID **)&volume_path);
	if (!EFI_ERROR(status))
		status = volume_file_path(volume_path, boot_path, sizeof(boot_path), path);
	if (!EFI_ERROR(status))
		status = run.services->LoadImage(FALSE, run.self, (VOID *)path, run.loader_file, run.loader_bytes, &run.loader);
	if (!EFI_ERROR(status))
		status = run.services->HandleProtocol(run.loader, &loaded_image, (VOID **)&image);
	if (EFI_ERROR(status) || image->DeviceHandle != handle)
		say("mutant: %u end=unable status=0x%lx", run.number, status);
	else
		start_loader(volume, image);
}

struct change {
	UINT32 sector;
	UINT16 offset, bytes;
} __attribute__((packed));

struct mutant {
	UINT32 number, count;
} __attribute__((packed));

/* Applies the changes at `at`, or takes them back; returns what follows them. */
static const UINT8 *damage(const UINT8 *at, UINT32 count, int back)
{
	for (; count > 0; count--) {
		const struct change *change = (const VOID *)at;
		EFI_STATUS status = back ? ramdisk_restore(change->sector) :
					   ramdisk_change(change->sector, change->offset, change + 1, change->bytes);

		if (EFI_ERROR(status))
			say("mutant: %u end=unable status=0x%lx", run.number, status);
		at += sizeof(*change) + change->bytes;
	}
	return at;
}

static UINT32 run_all(void)
{
	UINT32 count = 0;
	const UINT8 *at = run.mutants;

	for (const struct mutant *mutant = (const VOID *)at; mutant->number != LAST_MUTANT; mutant = (const VOID *)at, count++) {
		const UINT8 *changes = (const VOID *)(mutant + 1);

		run.number = mutant->number;
		run.services->SetTimer(run.deadline, TimerRelative, (UINT64)HUNG_SECONDS * TICKS_PER_SECOND);
		at = damage(changes, mutant->count, 0);
		if (EFI_ERROR(ramdisk_attach())) {
			say("mutant: %u end=unable", run.number);
			return count;
		}
		boot();
		if (EFI_ERROR(ramdisk_detach())) {
			say("mutant: %u end=unable detached=0", run.number);
			return count;
		}
		damage(changes, mutant->count, 1);
	}
	return count;
}

EFI_STATUS EFIAPI mutant_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI mutant_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_STATUS status;
	UINT32 count;

	run.self = self;
	run.system = system;
	run.services = system->BootServices;
	run.console.Reset = reset_console;
	run.console.OutputString = keep_text;
	run.services->SetWatchdogTimer(0, 0x10000, 0, NULL);
	status = prepare();
	if (EFI_ERROR(status)) {
		say("mutant: no loader, no mutants or no disk: 0x%lx", status);
		channel_leave(0);
	}
	count = run_all();
	say("mutant: end runs=%u", count);
	channel_leave(1);
}
