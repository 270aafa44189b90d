/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's names from SMBIOS, the firmware's own name and the clock.  RULE: pointers of the firmware are followed only
 * into memory that its map describes (or into the BIOS area of a PC, which old maps leave out).
 */
#include "lib/format.h"
#include "lib/smbios.h"
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/memmap/machine.h"

enum { WORD_MAX = 40, BIOS_AREA = 0xc0000, BIOS_AREA_END = 0x100000 };

struct smbios {
	const void *structures;
	uint64_t bytes;
};

static uint64_t readable(const struct memory_view *map, uint64_t phys)
{
	uint64_t bytes = memory_view_readable(map, phys);

	if (bytes == 0 && phys >= BIOS_AREA && phys < BIOS_AREA_END)
		return BIOS_AREA_END - phys;
	return bytes;
}

static int find_smbios(const struct memory_view *map, uint64_t entry_phys, struct smbios *ret_smbios)
{
	uint64_t phys = 0, bytes = 0, entry_bytes = readable(map, entry_phys), limit;

	if (entry_phys == 0)
		return 0;
	if (entry_bytes > SMBIOS_ENTRY_BYTES)
		entry_bytes = SMBIOS_ENTRY_BYTES;
	if (!smbios_entry((const void *)entry_phys, entry_bytes, &phys, &bytes) || phys == 0)
		return 0;
	limit = readable(map, phys);
	*ret_smbios = (struct smbios){ .structures = (const void *)phys, .bytes = bytes < limit ? bytes : limit };
	return 1;
}

/* Appends a word when the machine has it. */
static void append(char *text, uint64_t text_bytes, const struct smbios *smbios, enum smbios_string which)
{
	char word[WORD_MAX];
	uint64_t used = 0;

	while (text[used] != '\0')
		used++;
	if (smbios_text(smbios->structures, smbios->bytes, which, word, sizeof(word)) > 0)
		format(text + used, text_bytes - used, "%s%s", used > 0 ? " " : "", word);
}

static void read_clock(struct boot *boot, struct machine *machine)
{
	EFI_TIME time = { 0 };

	format(machine->time, sizeof(machine->time), "unknown");
	format(machine->stamp, sizeof(machine->stamp), "undated");
	/* A clock that was never set may hold anything. */
	if (boot->runtime->GetTime == NULL || EFI_ERROR(boot->runtime->GetTime(&time, NULL)) || time.Year < 1998 || time.Year > 9999 ||
	    time.Month < 1 || time.Month > 12 || time.Day < 1 || time.Day > 31 || time.Hour > 23 || time.Minute > 59 || time.Second > 59)
		return;
	format(machine->time, sizeof(machine->time), "%04u-%02u-%02u %02u:%02u:%02u", time.Year, time.Month, time.Day, time.Hour,
	       time.Minute, time.Second);
	format(machine->stamp, sizeof(machine->stamp), "%04u%02u%02u-%02u%02u%02u", time.Year, time.Month, time.Day, time.Hour,
	       time.Minute, time.Second);
}

static void describe_firmware(struct boot *boot, struct machine *machine)
{
	uint32_t uefi = boot->system->Hdr.Revision;
	char vendor[WORD_MAX];

	firmware_vendor(boot, vendor, sizeof(vendor));
	format(machine->firmware, sizeof(machine->firmware), "UEFI %u.%u by %s, revision 0x%x", uefi >> 16, (uefi & 0xffff) / 10,
	       vendor[0] != '\0' ? vendor : "nobody", boot->system->FirmwareRevision);
}

/* The words that the machine has, of these. */
static void describe(char *text, uint64_t text_bytes, const struct smbios *smbios, const enum smbios_string *words, uint32_t count)
{
	text[0] = '\0';
	for (uint32_t i = 0; i < count; i++)
		append(text, text_bytes, smbios, words[i]);
	if (text[0] == '\0')
		format(text, text_bytes, "unknown");
}

void machine_describe(struct boot *boot, const struct memory_view *map, struct machine *ret_machine)
{
	static const enum smbios_string name[] = { SMBIOS_SYSTEM_MAKER, SMBIOS_SYSTEM_PRODUCT, SMBIOS_SYSTEM_VERSION,
						   SMBIOS_BOARD_PRODUCT };
	static const enum smbios_string bios[] = { SMBIOS_FIRMWARE_VENDOR, SMBIOS_FIRMWARE_VERSION, SMBIOS_FIRMWARE_DATE };
	struct smbios smbios = { .structures = "", .bytes = 0 };

	firmware_tables(boot);
	if (!find_smbios(map, boot->firmware.smbios3_phys, &smbios))
		find_smbios(map, boot->firmware.smbios_phys, &smbios);
	describe(ret_machine->name, sizeof(ret_machine->name), &smbios, name, sizeof(name) / sizeof(name[0]));
	describe(ret_machine->bios, sizeof(ret_machine->bios), &smbios, bios, sizeof(bios) / sizeof(bios[0]));
	describe_firmware(boot, ret_machine);
	read_clock(boot, ret_machine);
}
