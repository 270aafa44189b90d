/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small reader behind the importers.  Every function stays inside [at, end) and, when it does not find what it wants,
 * leaves the place as it was.
 */
#include "lib/memory_import_scan.h"
#include "lib/freestanding/memory.h"
#include "lib/uefi_memory.h"

static char lower_case(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int digit_value(char c)
{
	char letter = lower_case(c);

	if (c >= '0' && c <= '9')
		return c - '0';
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

void memory_import_scan_blanks(struct memory_import_scan *scan)
{
	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
}

int memory_import_scan_text(struct memory_import_scan *scan, const char *text)
{
	const char *at = scan->at;

	for (; *text; text++, at++)
		if (at == scan->end || lower_case(*at) != lower_case(*text))
			return 0;
	scan->at = at;
	return 1;
}

int memory_import_scan_find(struct memory_import_scan *scan, const char *text)
{
	struct memory_import_scan place = *scan;

	for (; place.at < place.end; place.at++) {
		struct memory_import_scan behind = place;

		if (memory_import_scan_text(&behind, text)) {
			*scan = behind;
			return 1;
		}
	}
	return 0;
}

int memory_import_scan_hex(struct memory_import_scan *scan, struct memory_import_number *ret_number)
{
	struct memory_import_scan place = *scan;
	struct memory_import_number number = {0};

	memory_import_scan_text(&place, "0x");
	for (; place.at < place.end && digit_value(*place.at) >= 0; place.at++) {
		number.high = number.high << 4 | number.low >> 60;
		number.low = number.low << 4 | (uint64_t)digit_value(*place.at);
		if (++number.digits > 32)
			return 0;
	}
	if (number.digits == 0)
		return 0;
	*scan = place;
	*ret_number = number;
	return 1;
}

int memory_import_scan_hex64(struct memory_import_scan *scan, uint64_t *ret_value)
{
	struct memory_import_scan place = *scan;
	struct memory_import_number number;

	if (!memory_import_scan_hex(&place, &number) || number.high != 0)
		return 0;
	*scan = place;
	*ret_value = number.low;
	return 1;
}

int memory_import_scan_decimal(struct memory_import_scan *scan, uint64_t *ret_value)
{
	const char *at = scan->at;
	uint64_t value = 0;

	for (; at < scan->end && *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	if (at == scan->at)
		return 0;
	scan->at = at;
	*ret_value = value;
	return 1;
}

static int is_one_of(char c, const char *set)
{
	for (; *set; set++)
		if (*set == c)
			return 1;
	return 0;
}

int memory_import_scan_word(struct memory_import_scan *scan, const char *ends, struct memory_import_scan *ret_word)
{
	const char *at = scan->at;

	while (at < scan->end && !is_blank(*at) && !is_one_of(*at, ends))
		at++;
	if (at == scan->at)
		return 0;
	*ret_word = (struct memory_import_scan){scan->at, at};
	scan->at = at;
	return 1;
}

int memory_import_scan_ended(struct memory_import_scan scan)
{
	memory_import_scan_blanks(&scan);
	return scan.at == scan.end;
}

int memory_import_scan_range(struct memory_import_scan *scan, struct memory_import_number *ret_start,
			     struct memory_import_number *ret_end)
{
	struct memory_import_scan place = *scan;

	if (!memory_import_scan_hex(&place, ret_start))
		return 0;
	memory_import_scan_blanks(&place);
	if (!memory_import_scan_text(&place, "-"))
		return 0;
	memory_import_scan_blanks(&place);
	if (!memory_import_scan_hex(&place, ret_end))
		return 0;
	*scan = place;
	return 1;
}

int memory_import_pages(struct memory_import_number start, struct memory_import_number end, int end_is_inclusive,
			uint64_t *ret_pages)
{
	const uint64_t mask = HANDOFF_PAGE_BYTES - 1;
	uint64_t low = end.low, high = end.high;

	/* Linux prints 0 as the last byte of a range without pages (efi_memmap_entry_valid), others the byte before its first. */
	if (end_is_inclusive && ((low == 0 && high == 0) || (low == UINT64_MAX && high == 0 && start.low == 0))) {
		*ret_pages = 0;
		return 1;
	}
	/* In 128 bits: an end may lie beyond 2^64. */
	if (end_is_inclusive && ++low == 0)
		high++;
	if (low < start.low)
		high--;
	low -= start.low;
	high -= start.high;
	if ((low & mask) != 0 || high > mask)
		return 0;
	*ret_pages = high << 52 | low >> 12;
	return 1;
}

/* --- words ---------------------------------------------------------------------------------------------------------------- */

/* In lower case, without blanks and - _ / characters: what Linux, Xen, the shells, GRUB and FreeBSD print. */
static const struct {
	const char *name;
	uint32_t type;
} types[] = {
	{"reserved", UEFI_RESERVED},
	{"loadercode", UEFI_LOADER_CODE},
	{"ldrcode", UEFI_LOADER_CODE},
	{"loaderdata", UEFI_LOADER_DATA},
	{"ldrdata", UEFI_LOADER_DATA},
	{"bootservicescode", UEFI_BOOT_SERVICES_CODE},
	{"bootservicecode", UEFI_BOOT_SERVICES_CODE},
	{"bootcode", UEFI_BOOT_SERVICES_CODE},
	{"bscode", UEFI_BOOT_SERVICES_CODE},
	{"bootservicesdata", UEFI_BOOT_SERVICES_DATA},
	{"bootservicedata", UEFI_BOOT_SERVICES_DATA},
	{"bootdata", UEFI_BOOT_SERVICES_DATA},
	{"bsdata", UEFI_BOOT_SERVICES_DATA},
	{"runtimeservicescode", UEFI_RUNTIME_SERVICES_CODE},
	{"runtimecode", UEFI_RUNTIME_SERVICES_CODE},
	{"rtcode", UEFI_RUNTIME_SERVICES_CODE},
	{"runtimeservicesdata", UEFI_RUNTIME_SERVICES_DATA},
	{"runtimedata", UEFI_RUNTIME_SERVICES_DATA},
	{"rtdata", UEFI_RUNTIME_SERVICES_DATA},
	{"conventionalmemory", UEFI_CONVENTIONAL},
	{"conventional", UEFI_CONVENTIONAL},
	{"convmem", UEFI_CONVENTIONAL},
	{"available", UEFI_CONVENTIONAL},
	{"unusablememory", UEFI_UNUSABLE},
	{"unusable", UEFI_UNUSABLE},
	{"acpireclaimmemory", UEFI_ACPI_RECLAIM},
	{"acpireclaim", UEFI_ACPI_RECLAIM},
	{"acpirecl", UEFI_ACPI_RECLAIM},
	{"acpirec", UEFI_ACPI_RECLAIM},
	{"acpimemorynvs", UEFI_ACPI_NVS},
	{"acpimemnvs", UEFI_ACPI_NVS},
	{"acpinvs", UEFI_ACPI_NVS},
	{"memorymappedio", UEFI_MMIO},
	{"memmapio", UEFI_MMIO},
	{"mmio", UEFI_MMIO},
	{"memorymappedioportspace", UEFI_MMIO_PORT},
	{"memmapioport", UEFI_MMIO_PORT},
	{"memportio", UEFI_MMIO_PORT},
	{"mmioportspace", UEFI_MMIO_PORT},
	{"mmioport", UEFI_MMIO_PORT},
	{"ioports", UEFI_MMIO_PORT},
	{"palcode", UEFI_PAL_CODE},
	{"persistentmemory", UEFI_PERSISTENT},
	{"persistent", UEFI_PERSISTENT},
	{"persist", UEFI_PERSISTENT},
	{"unacceptedmemorytype", UEFI_UNACCEPTED},
	{"unacceptedmemory", UEFI_UNACCEPTED},
	{"unaccepted", UEFI_UNACCEPTED},
};

static const struct {
	const char *word;
	uint64_t bit;
} attributes[] = {
	{"UC", UEFI_MEMORY_UC},
	{"WC", UEFI_MEMORY_WC},
	{"WT", UEFI_MEMORY_WT},
	{"WB", UEFI_MEMORY_WB},
	{"UCE", UEFI_MEMORY_UCE},
	{"WP", UEFI_MEMORY_WP},
	{"RP", UEFI_MEMORY_RP},
	{"XP", UEFI_MEMORY_XP},
	{"RO", UEFI_MEMORY_RO},
	{"NV", UEFI_MEMORY_NV},
	{"SP", UEFI_MEMORY_SP},
	{"MR", UEFI_MEMORY_MORE_RELIABLE},
	{"MORE_RELIABLE", UEFI_MEMORY_MORE_RELIABLE},
	{"CC", UEFI_MEMORY_CPU_CRYPTO},
	{"CPU_CRYPTO", UEFI_MEMORY_CPU_CRYPTO},
	{"HP", UEFI_MEMORY_HOT_PLUGGABLE},
	{"RUN", UEFI_MEMORY_RUNTIME},
	{"RT", UEFI_MEMORY_RUNTIME},
	{"RUNTIME", UEFI_MEMORY_RUNTIME},
};

static int same_name(struct memory_import_scan scan, const char *name)
{
	for (; scan.at < scan.end; scan.at++) {
		if (is_one_of(*scan.at, " -_/"))
			continue;
		if (lower_case(*scan.at) != *name || *name == '\0')
			return 0;
		name++;
	}
	return *name == '\0';
}

int memory_import_type(struct memory_import_scan name, uint32_t *ret_type)
{
	uint32_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (same_name(name, types[i].name)) {
			*ret_type = types[i].type;
			return 1;
		}
	}
	return 0;
}

uint64_t memory_import_attribute(struct memory_import_scan word)
{
	uint32_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		struct memory_import_scan behind = word;

		if (memory_import_scan_text(&behind, attributes[i].word) && behind.at == behind.end)
			return attributes[i].bit;
	}
	return 0;
}

int memory_import_attributes(struct memory_import_scan scan, uint64_t *ret_attributes)
{
	struct memory_import_scan word;
	uint64_t found = 0;

	for (memory_import_scan_blanks(&scan); memory_import_scan_word(&scan, "", &word); memory_import_scan_blanks(&scan)) {
		uint64_t bit = memory_import_attribute(word);

		if (bit == 0)
			return 0;
		found |= bit;
	}
	*ret_attributes = found;
	return 1;
}
