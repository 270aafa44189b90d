/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start and description of the firmware.  RULES: every pointer of the system table may be NULL (H73); a missing service
 * costs a field of the handoff, never the boot; nothing here depends on a firmware's name (L5).
 */
#include "lib/freestanding/memory.h"
#include "loader/arch/cpu.h"
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/log.h"

static const EFI_GUID global_variable_guid = EFI_GLOBAL_VARIABLE;
static const EFI_GUID acpi2_guid = { 0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 } };
static const EFI_GUID acpi1_guid = { 0xeb9d2d30, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } };
static const EFI_GUID smbios3_guid = { 0xf2fd1544, 0x9794, 0x4a2c, { 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94 } };
static const EFI_GUID smbios_guid = { 0xeb9d2d31, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } };
static const EFI_GUID device_tree_guid = { 0xb1b621d5, 0xf19c, 0x41a5, { 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 } };
static const EFI_GUID attributes_guid = { 0xdcfa911d, 0x26eb, 0x469f, { 0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20 } };
static const EFI_GUID rng_guid = { 0x3152bca5, 0xeade, 0x433d, { 0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44 } };
static const EFI_GUID nx_protocol_guid = { 0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };

/* UEFI 2.10 §37.5: gnu-efi 3.0.15 has no declaration. */
struct rng_protocol {
	EFI_STATUS(EFIAPI *get_info)(struct rng_protocol *self, UINTN *bytes, EFI_GUID *algorithms);
	EFI_STATUS(EFIAPI *get_rng)(struct rng_protocol *self, EFI_GUID *algorithm, UINTN bytes, UINT8 *out);
};

EFI_STATUS firmware_start(struct boot *boot, EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_TPL tpl;

	if (system == NULL || system->Hdr.Signature != EFI_SYSTEM_TABLE_SIGNATURE ||
	    system->Hdr.HeaderSize < sizeof(EFI_TABLE_HEADER) || system->BootServices == NULL || system->RuntimeServices == NULL)
		return EFI_INVALID_PARAMETER;
	boot->image = image;
	boot->system = system;
	boot->services = system->BootServices;
	boot->runtime = system->RuntimeServices;
	boot->console = system->ConOut;
	if (boot->console == NULL)
		boot->firmware.flags |= HANDOFF_FIRMWARE_NO_CONSOLE;

	/* Five minutes run from the start of the boot option. */
	firmware_watchdog_stop(boot);

	/* L3, E16: iPXE starts applications at TPL_CALLBACK; ExitBootServices is allowed at TPL_APPLICATION only. */
	tpl = boot->services->RaiseTPL(TPL_HIGH_LEVEL);
	boot->services->RestoreTPL(TPL_APPLICATION);
	if (tpl != TPL_APPLICATION)
		boot->firmware.flags |= HANDOFF_FIRMWARE_TPL_FIXED;
	return EFI_SUCCESS;
}

/* UEFI 2.10 §7.5.1: codes from 0x10000 are for applications.  UNSUPPORTED is fine. */
static void set_watchdog(struct boot *boot, UINTN seconds)
{
	boot->services->SetWatchdogTimer(seconds, 0x10000, 0, NULL);
}

void firmware_watchdog_start(struct boot *boot, uint64_t bytes)
{
	/* A stick at USB 1.1 is sixteen times as fast. */
	enum { SECONDS = 300, SLOWEST_BYTES_PER_SECOND = 64 << 10 };

	set_watchdog(boot, SECONDS + bytes / SLOWEST_BYTES_PER_SECOND);
}

void firmware_watchdog_stop(struct boot *boot)
{
	set_watchdog(boot, 0);
}

/* The services only read a GUID, although they do not say const. */
void *firmware_protocol_of(struct boot *boot, EFI_HANDLE handle, const EFI_GUID *guid)
{
	void *protocol = NULL;

	if (handle == NULL || EFI_ERROR(boot->services->HandleProtocol(handle, (EFI_GUID *)guid, &protocol)))
		return NULL;
	return protocol;
}

void *firmware_protocol(struct boot *boot, const EFI_GUID *guid)
{
	void *protocol = NULL;

	return EFI_ERROR(boot->services->LocateProtocol((EFI_GUID *)guid, NULL, &protocol)) ? NULL : protocol;
}

/* A one-byte global variable; -1 when it cannot be read. */
static int global_flag(struct boot *boot, CHAR16 *name)
{
	UINT8 value[8] = { 0 };
	UINTN bytes = sizeof(value);
	EFI_STATUS status;

	if (boot->runtime->GetVariable == NULL)
		return -1;
	status = boot->runtime->GetVariable(name, (EFI_GUID *)&global_variable_guid, NULL, &bytes, value);
	if (status == EFI_NOT_FOUND)
		return 0;
	return EFI_ERROR(status) || bytes != 1 ? -1 : value[0];
}

uint32_t firmware_secure_boot(struct boot *boot)
{
	int secure = global_flag(boot, L"SecureBoot");

	if (secure < 0)
		return HANDOFF_SECURE_BOOT_UNKNOWN;
	if (secure > 0)
		return HANDOFF_SECURE_BOOT_ON; /* 1 by the specification; whatever else is not off */
	return global_flag(boot, L"SetupMode") == 1 ? HANDOFF_SECURE_BOOT_SETUP : HANDOFF_SECURE_BOOT_OFF;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_since_epoch(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = year - (month <= 2); /* years begin in March: the leap day is the last one */
	int64_t month_of_shifted = (month + 9) % 12;

	return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * month_of_shifted + 2) / 5 + day - 719469;
}

static void read_clock(struct boot *boot)
{
	EFI_TIME time = { 0 };

	if (boot->runtime->GetTime == NULL || EFI_ERROR(boot->runtime->GetTime(&time, NULL)) || time.Year < 1900 ||
	    time.Month < 1 || time.Month > 12)
		return;
	boot->loader.wall_clock_zone = time.TimeZone;
	boot->loader.wall_clock = days_since_epoch(time.Year, time.Month, time.Day) * 86400 + time.Hour * 3600 +
				  time.Minute * 60 + time.Second +
				  (time.TimeZone == EFI_UNSPECIFIED_TIMEZONE ? 0 : time.TimeZone * 60);
}

static void read_seed(struct boot *boot)
{
	struct rng_protocol *rng = firmware_protocol(boot, &rng_guid);

	boot->seed.bytes = sizeof(boot->seed.seed);
	if (rng != NULL && !EFI_ERROR(rng->get_rng(rng, NULL, sizeof(boot->seed.seed), boot->seed.seed)))
		boot->seed.source = HANDOFF_SEED_EFI_RNG;
	else if (cpu_random(&boot->cpu, boot->seed.seed) == 0)
		boot->seed.source = HANDOFF_SEED_RDSEED;
}

void firmware_describe(struct boot *boot)
{
	boot->firmware.system_table_phys = (uint64_t)boot->system;
	boot->firmware.runtime_services_phys = (uint64_t)boot->runtime;
	boot->firmware.firmware_revision = boot->system->FirmwareRevision;
	boot->firmware.uefi_revision = boot->system->Hdr.Revision;
	if (firmware_protocol(boot, &nx_protocol_guid) != NULL)
		boot->firmware.flags |= HANDOFF_FIRMWARE_NX_PROTOCOL;
	read_clock(boot);
	read_seed(boot);
}

uint64_t firmware_table(const struct boot *boot, const EFI_GUID *guid)
{
	for (UINTN i = 0; i < boot->system->NumberOfTableEntries && boot->system->ConfigurationTable != NULL; i++)
		if (memcmp(&boot->system->ConfigurationTable[i].VendorGuid, guid, sizeof(*guid)) == 0)
			return (uint64_t)boot->system->ConfigurationTable[i].VendorTable;
	return 0;
}

void firmware_tables(struct boot *boot)
{
	boot->firmware.rsdp_phys = firmware_table(boot, &acpi2_guid);
	if (boot->firmware.rsdp_phys == 0)
		boot->firmware.rsdp_phys = firmware_table(boot, &acpi1_guid);
	boot->firmware.smbios3_phys = firmware_table(boot, &smbios3_guid);
	boot->firmware.smbios_phys = firmware_table(boot, &smbios_guid);
	boot->firmware.device_tree_phys = firmware_table(boot, &device_tree_guid);
	boot->firmware.memory_attributes_phys = firmware_table(boot, &attributes_guid);
}

uint32_t firmware_vendor(const struct boot *boot, char *text, uint32_t bytes)
{
	const CHAR16 *vendor = boot->system->FirmwareVendor;
	uint32_t count = 0;

	while (vendor != NULL && vendor[count] != 0 && count + 1 < bytes) {
		text[count] = vendor[count] >= 0x20 && vendor[count] < 0x7f ? (char)vendor[count] : '?';
		count++;
	}
	text[count] = '\0';
	return count;
}
