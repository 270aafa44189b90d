/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of the fake firmware: system table, boot and runtime services, protocols, configuration tables.  The runtime
 * services' code is the host program itself; their data and the system table lie in the fake machine's memory.
 */
#include <string.h>
#include "lib/crc32.h"
#include "lib/uefi_memory.h"
#include "test/fake/fake.h"
#include "test/fake/firmware.h"

#define CONSOLE_HANDLE ((EFI_HANDLE)0xc0)
#define DEVICE_HANDLE ((EFI_HANDLE)0xd0)
#define DISK_HANDLE ((EFI_HANDLE)0xd8)

extern char __executable_start[], etext[];

const EFI_GUID fake_volume_guid = { 0x12345678, 0x9abc, 0xdef0, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static const EFI_GUID acpi2_guid = { 0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 } };
static const EFI_GUID attributes_guid = { 0xdcfa911d, 0x26eb, 0x469f, { 0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20 } };
static const EFI_GUID rng_guid = { 0x3152bca5, 0xeade, 0x433d, { 0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44 } };

static EFI_LOADED_IMAGE loaded_image;
static uint8_t load_options[1024];
static EFI_BLOCK_IO_MEDIA media[] = {
	{ .RemovableMedia = 1, .MediaPresent = 1, .BlockSize = 512, .LastBlock = 99999 },
	{ .RemovableMedia = 1, .MediaPresent = 1, .LogicalPartition = 1, .BlockSize = 512, .LastBlock = 89999 },
};
static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *disk, UINT32 id, EFI_LBA lba, UINTN bytes, VOID *to);
static EFI_BLOCK_IO disks[] = { { .Media = &media[0], .ReadBlocks = read_blocks }, { .Media = &media[1], .ReadBlocks = read_blocks } };
static SIMPLE_TEXT_OUTPUT_INTERFACE console;
static SIMPLE_INPUT_INTERFACE keyboard;
static struct {
	void *get_info;
	EFI_STATUS(EFIAPI *get_rng)(void *self, EFI_GUID *algorithm, UINTN bytes, UINT8 *out);
} rng;

/* UEFI 2.10 13.9: whole blocks, aligned memory. */
static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *disk, UINT32 id, EFI_LBA lba, UINTN bytes, VOID *to)
{
	EFI_STATUS status;

	fake_called(FAKE_READ_BLOCKS);
	status = fake_failure(FAKE_READ_BLOCKS);
	if (EFI_ERROR(status))
		return status;
	if (disk != &disks[1] || fake.options.volume == NULL)
		return EFI_DEVICE_ERROR;
	if (id != disk->Media->MediaId || bytes == 0 || bytes % disk->Media->BlockSize != 0 || lba > disk->Media->LastBlock ||
	    bytes / disk->Media->BlockSize > disk->Media->LastBlock + 1 - lba)
		fake_violate("ReadBlocks of %lu bytes at block %lu", (unsigned long)bytes, (unsigned long)lba);
	if (disk->Media->IoAlign > 1 && (uintptr_t)to % disk->Media->IoAlign != 0)
		fake_violate("ReadBlocks to %p", to);
	memset(to, 0, bytes);
	if (lba * disk->Media->BlockSize + bytes <= fake.options.volume_bytes)
		memcpy(to, fake.options.volume + lba * disk->Media->BlockSize, bytes);
	return EFI_SUCCESS;
}

/* --- protocols ----------------------------------------------------------------------------------------------------------- */

/* PCI root / hard drive 1, GPT / end. */
static EFI_DEVICE_PATH *device_path(void)
{
	static struct {
		EFI_DEVICE_PATH first;
		uint8_t first_data[8];
		HARDDRIVE_DEVICE_PATH disk;
		EFI_DEVICE_PATH end;
	} __attribute__((packed)) path;

	path.first = (EFI_DEVICE_PATH){ ACPI_DEVICE_PATH, ACPI_DP, { 12, 0 } };
	path.disk.Header = (EFI_DEVICE_PATH){ MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP, { sizeof(path.disk), 0 } };
	path.disk.MBRType = 2;
	path.disk.SignatureType = SIGNATURE_TYPE_GUID;
	memcpy(path.disk.Signature, &fake_volume_guid, sizeof(fake_volume_guid));
	path.end = (EFI_DEVICE_PATH){ END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, { 4, 0 } };
	return (EFI_DEVICE_PATH *)&path;
}

static int is(const EFI_GUID *guid, EFI_GUID known)
{
	return memcmp(guid, &known, sizeof(known)) == 0;
}

static void *protocol_of(EFI_HANDLE handle, const EFI_GUID *guid)
{
	if (handle == (EFI_HANDLE)FAKE_IMAGE && is(guid, (EFI_GUID)EFI_LOADED_IMAGE_PROTOCOL_GUID))
		return &loaded_image;
	if (is(guid, (EFI_GUID)EFI_LOADED_IMAGE_PROTOCOL_GUID))
		return fake_application_image(handle);
	if (handle == DEVICE_HANDLE && is(guid, (EFI_GUID)EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID) && !fake.options.no_file_system)
		return fake_file_system();
	if (handle == DEVICE_HANDLE && is(guid, (EFI_GUID)EFI_DEVICE_PATH_PROTOCOL_GUID))
		return device_path();
	if ((handle == DEVICE_HANDLE || handle == DISK_HANDLE) && is(guid, (EFI_GUID)EFI_BLOCK_IO_PROTOCOL_GUID))
		return &disks[handle == DEVICE_HANDLE];
	if (handle == CONSOLE_HANDLE && is(guid, (EFI_GUID)EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID) &&
	    fake.options.graphics == FAKE_GRAPHICS_CONSOLE)
		return fake_graphics_output();
	return NULL;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **ret_interface)
{
	EFI_STATUS status;
	void *found;

	fake_called(FAKE_HANDLE_PROTOCOL);
	status = fake_failure(FAKE_HANDLE_PROTOCOL);
	if (EFI_ERROR(status))
		return status;
	found = protocol_of(handle, guid);
	if (found == NULL)
		return EFI_UNSUPPORTED;
	*ret_interface = fake_fault(FAKE_HANDLE_PROTOCOL, FAKE_NULL) ? NULL : found;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_rng(void *self, EFI_GUID *algorithm, UINTN bytes, UINT8 *out)
{
	EFI_STATUS status;

	(void)self;
	(void)algorithm;
	fake_called(FAKE_GET_RNG);
	status = fake_failure(FAKE_GET_RNG);
	if (!EFI_ERROR(status))
		memset(out, FAKE_SEED_BYTE, bytes);
	return status;
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **ret_interface)
{
	EFI_STATUS status;
	void *found = NULL;

	(void)registration;
	fake_called(FAKE_LOCATE_PROTOCOL);
	status = fake_failure(FAKE_LOCATE_PROTOCOL);
	if (EFI_ERROR(status))
		return status;
	if (is(guid, (EFI_GUID)EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID) && fake.options.graphics != FAKE_GRAPHICS_NONE)
		found = fake_graphics_output();
	if (is(guid, rng_guid) && fake.options.rng)
		found = &rng;
	if (found == NULL)
		return EFI_NOT_FOUND;
	*ret_interface = fake_fault(FAKE_LOCATE_PROTOCOL, FAKE_NULL) ? NULL : found;
	return EFI_SUCCESS;
}

/* The boot disk and its partition; some of the devices that firmware lists have no medium. */
static EFI_STATUS EFIAPI locate_handle_buffer(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, VOID *key, UINTN *count,
					      EFI_HANDLE **ret_handles)
{
	EFI_HANDLE *handles;
	EFI_STATUS status;

	(void)key;
	fake_called(FAKE_LOCATE_HANDLES);
	if (type != ByProtocol || !is(guid, (EFI_GUID)EFI_BLOCK_IO_PROTOCOL_GUID))
		return EFI_UNSUPPORTED;
	status = fake_failure(FAKE_LOCATE_HANDLES);
	if (EFI_ERROR(status))
		return status;
	handles = fake_pool(3 * sizeof(*handles));
	if (handles == NULL)
		return EFI_OUT_OF_RESOURCES;
	handles[0] = DISK_HANDLE;
	handles[1] = DEVICE_HANDLE;
	handles[2] = CONSOLE_HANDLE; /* what was a disk a moment ago */
	*count = 3;
	*ret_handles = handles;
	return EFI_SUCCESS;
}

/* --- console, time, priority --------------------------------------------------------------------------------------------- */

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *self, CHAR16 *wide)
{
	char text[2] = "";

	(void)self;
	fake_called(FAKE_CONSOLE);
	for (; *wide != 0; wide++) {
		text[0] = (char)*wide;
		fake_append(fake.console, text);
	}
	return fake_failure(FAKE_CONSOLE);
}

static EFI_STATUS EFIAPI read_key_stroke(SIMPLE_INPUT_INTERFACE *self, EFI_INPUT_KEY *key)
{
	(void)self;
	fake_called(FAKE_KEYBOARD);
	if (fake.watchdog_seconds != 0)
		fake_violate("L2: a person is asked while the watchdog runs");
	if (fake.options.keys != NULL) {
		*key = (EFI_INPUT_KEY){ 0, (CHAR16)*fake.options.keys };
		return *fake.options.keys != '\0' ? fake.options.keys++, EFI_SUCCESS : EFI_NOT_READY;
	}
	*key = (EFI_INPUT_KEY){ 0, L'x' };
	return fake.calls[FAKE_KEYBOARD] == fake.options.key_pressed ? EFI_SUCCESS : EFI_NOT_READY;
}

static EFI_STATUS EFIAPI clear_screen(SIMPLE_TEXT_OUTPUT_INTERFACE *self)
{
	(void)self;
	fake_append(fake.console, "(clear)");
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_cursor_position(SIMPLE_TEXT_OUTPUT_INTERFACE *self, UINTN column, UINTN row)
{
	(void)self;
	return column == 0 && row == 0 ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

/* Nobody waits for a key that will not come. */
static EFI_STATUS EFIAPI wait_for_event(UINTN count, EFI_EVENT *events, UINTN *index)
{
	(void)events;
	*index = 0;
	return count == 1 && *fake.options.keys != '\0' ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI stall(UINTN microseconds)
{
	fake_called(FAKE_STALL);
	fake.stalled_microseconds += microseconds;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_watchdog_timer(UINTN timeout, UINT64 code, UINTN bytes, CHAR16 *data)
{
	(void)bytes;
	(void)data;
	fake_called(FAKE_WATCHDOG);
	if (code < 0x10000)
		fake_violate("L2: code %lu of the watchdog is the firmware's own", (unsigned long)code);
	/* Also where it fails: what counts is what the loader wanted. */
	fake.watchdog_seconds = timeout;
	return fake_failure(FAKE_WATCHDOG);
}

static EFI_TPL EFIAPI raise_tpl(EFI_TPL tpl)
{
	EFI_TPL old = fake.options.tpl;

	fake_called(FAKE_TPL);
	if (tpl < old)
		fake_violate("L3: RaiseTPL from %lu down to %lu", (unsigned long)old, (unsigned long)tpl);
	fake.options.tpl = tpl;
	return old;
}

static VOID EFIAPI restore_tpl(EFI_TPL tpl)
{
	fake_called(FAKE_TPL);
	if (tpl > fake.options.tpl)
		fake_violate("L3: RestoreTPL from %lu up to %lu", (unsigned long)fake.options.tpl, (unsigned long)tpl);
	fake.options.tpl = tpl;
}

/* --- runtime services ---------------------------------------------------------------------------------------------------- */

static EFI_STATUS EFIAPI get_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
	EFI_STATUS status;

	(void)capabilities;
	fake_called(FAKE_GET_TIME);
	status = fake_failure(FAKE_GET_TIME);
	if (!EFI_ERROR(status))
		*time = (EFI_TIME){ .Year = 2024, .Month = 2, .Day = 29, .Hour = 13, .Minute = 34, .Second = 56,
				    .TimeZone = FAKE_WALL_CLOCK_ZONE };
	return status;
}

/* gnu-efi gives it a result that the specification does not have. */
static EFI_STATUS EFIAPI reset_system(EFI_RESET_TYPE type, EFI_STATUS status, UINTN bytes, CHAR16 *data)
{
	(void)data;
	fake_called(FAKE_RESET_SYSTEM);
	if (type != EfiResetCold || status != EFI_SUCCESS || bytes != 0)
		fake_violate("L37: ResetSystem(%d)", (int)type);
	fake.resets++;
	if (!fake.options.reset_returns)
		fake_end(FAKE_STOPPED);
	return EFI_SUCCESS;
}

/* --- tables -------------------------------------------------------------------------------------------------------------- */

static void sum(uint8_t *table, uint32_t bytes, uint32_t checksum_at)
{
	table[checksum_at] = 0;
	for (uint32_t i = 0; i < bytes; i++)
		if (i != checksum_at)
			table[checksum_at] = (uint8_t)(table[checksum_at] - table[i]);
}

/* ACPI 6.5 §5.2.5.3 and §5.2.8: an RSDP and an XSDT without entries. */
static void *write_acpi(uint8_t *page)
{
	uint64_t xsdt = (uint64_t)page + 64;

	memcpy(page, "RSD PTR \0FAKE  \2", 16);
	page[20] = 36;
	memcpy(page + 24, &xsdt, 8);
	sum(page, 20, 8);
	sum(page, 36, 32);
	memcpy(page + 64, "XSDT\44\0\0\0\1", 9);
	sum(page + 64, 36, 9);
	return page;
}

void fake_attributes_entries(struct handoff_raw_descriptor entries[2])
{
	entries[0] = (struct handoff_raw_descriptor){
		.type = UEFI_RUNTIME_SERVICES_CODE, .physical_start = (uint64_t)__executable_start,
		.number_of_pages = ((uint64_t)etext - (uint64_t)__executable_start + 4095) / 4096,
		.attribute = UEFI_MEMORY_RUNTIME | UEFI_MEMORY_RO,
	};
	entries[1] = (struct handoff_raw_descriptor){
		.type = UEFI_RUNTIME_SERVICES_DATA, .physical_start = fake_ram(), .number_of_pages = 4,
		.attribute = UEFI_MEMORY_RUNTIME | UEFI_MEMORY_XP,
	};
}

/* UEFI 2.10 §4.6.4: version, entries, size of one, flags; the firmware's code executable, its data not. */
static void *write_attributes(uint8_t *page)
{
	uint32_t header[4] = { 1, 2, 48, 0 };
	struct handoff_raw_descriptor entries[2];

	fake_attributes_entries(entries);
	memcpy(page, header, sizeof(header));
	memcpy(page + 16, &entries[0], sizeof(entries[0]));
	memcpy(page + 64, &entries[1], sizeof(entries[1]));
	return page;
}

static void add_table(EFI_SYSTEM_TABLE *system, EFI_GUID guid, void *table)
{
	EFI_CONFIGURATION_TABLE *entry = &system->ConfigurationTable[system->NumberOfTableEntries++];

	entry->VendorGuid = guid;
	entry->VendorTable = table;
}

void fake_attributes_move(void)
{
	EFI_SYSTEM_TABLE *system = (EFI_SYSTEM_TABLE *)fake_firmware_memory().runtime;
	uint8_t *boot = fake_firmware_memory().boot;

	for (uint32_t i = 0; i < system->NumberOfTableEntries; i++) {
		EFI_CONFIGURATION_TABLE *entry = &system->ConfigurationTable[i];

		if (!is(&entry->VendorGuid, attributes_guid))
			continue;
		memset(entry->VendorTable, 0xdd, 4096);
		entry->VendorTable = write_attributes(entry->VendorTable == boot + 4096 ? boot + 2 * 4096 : boot + 4096);
	}
}

static void sign(EFI_TABLE_HEADER *header, uint64_t signature, uint64_t bytes)
{
	header->Signature = signature;
	header->Revision = FAKE_UEFI_REVISION;
	header->HeaderSize = (UINT32)bytes;
	header->CRC32 = 0;
	header->CRC32 = crc32(0, header, bytes);
}

static EFI_BOOT_SERVICES *boot_services(uint8_t *page)
{
	EFI_BOOT_SERVICES *services = (EFI_BOOT_SERVICES *)page;

	services->RaiseTPL = raise_tpl;
	services->RestoreTPL = restore_tpl;
	services->HandleProtocol = handle_protocol;
	services->LocateProtocol = locate_protocol;
	services->LocateHandleBuffer = locate_handle_buffer;
	services->Stall = stall;
	services->SetWatchdogTimer = set_watchdog_timer;
	services->WaitForEvent = wait_for_event;
	fake_application_services(services);
	fake_memory_services(services);
	fake_exit_services(services);
	sign(&services->Hdr, EFI_BOOT_SERVICES_SIGNATURE, sizeof(*services));
	return services;
}

static EFI_STATUS EFIAPI unsupported(void)
{
	return EFI_UNSUPPORTED;
}

static EFI_RUNTIME_SERVICES *runtime_services(uint8_t *page)
{
	EFI_RUNTIME_SERVICES *services = (EFI_RUNTIME_SERVICES *)page;

	for (void **slot = (void **)(page + sizeof(services->Hdr)); slot < (void **)(services + 1); slot++)
		*slot = (void *)unsupported;
	services->GetTime = get_time;
	fake_variable_services(services);
	services->ResetSystem = reset_system;
	sign(&services->Hdr, EFI_RUNTIME_SERVICES_SIGNATURE, sizeof(*services));
	return services;
}

static void fill_loaded_image(EFI_SYSTEM_TABLE *system)
{
	const char *options = fake.options.load_options;
	uint8_t *at = load_options + fake.options.load_options_offset;
	uint32_t count = 0;

	memset(load_options, 0, sizeof(load_options));
	for (; options != NULL && options[count] != '\0' && count < 400; count++)
		at[2 * count] = (uint8_t)options[count];
	loaded_image = (EFI_LOADED_IMAGE){
		.Revision = EFI_LOADED_IMAGE_PROTOCOL_REVISION, .SystemTable = system,
		.DeviceHandle = fake.options.no_device ? NULL : DEVICE_HANDLE,
		.LoadOptionsSize = options != NULL ? (count + 1) * 2 : 0, .LoadOptions = options != NULL ? at : NULL,
		.ImageBase = (void *)FAKE_IMAGE, .ImageSize = FAKE_IMAGE_BYTES,
	};
}

EFI_LOADED_IMAGE *fake_loaded_image(void)
{
	return &loaded_image;
}

EFI_SYSTEM_TABLE *fake_firmware_start(void)
{
	struct fake_firmware_memory memory = fake_firmware_memory();
	EFI_SYSTEM_TABLE *system = (EFI_SYSTEM_TABLE *)memory.runtime;

	console.OutputString = output_string;
	console.ClearScreen = clear_screen;
	console.SetCursorPosition = fake.options.keys != NULL ? set_cursor_position : NULL;
	keyboard.ReadKeyStroke = read_key_stroke;
	rng.get_rng = get_rng;
	system->FirmwareVendor = memcpy(memory.runtime + 3 * 4096, FAKE_VENDOR, sizeof(FAKE_VENDOR));
	system->FirmwareRevision = FAKE_FIRMWARE_REVISION;
	system->ConsoleOutHandle = CONSOLE_HANDLE;
	system->ConOut = fake.options.no_console ? NULL : &console;
	system->ConIn = fake.options.no_keyboard ? NULL : &keyboard;
	system->RuntimeServices = runtime_services(memory.runtime + 4096);
	system->BootServices = boot_services(memory.boot);
	system->ConfigurationTable = (EFI_CONFIGURATION_TABLE *)(memory.runtime + 2 * 4096);
	if (!fake.options.no_tables)
		add_table(system, acpi2_guid, write_acpi(memory.acpi));
	if (!fake.options.no_attributes_table)
		add_table(system, attributes_guid, write_attributes(memory.boot + 2 * 4096));
	fill_loaded_image(system);
	sign(&system->Hdr, EFI_SYSTEM_TABLE_SIGNATURE, sizeof(*system));
	return system;
}
