/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memmap.efi: the memory map of the machine at hand, for a USB stick or the UEFI shell.  Shows and saves the map, the
 * hand-off blocks and the memory attributes table, and tries the firmware's memory services.  See loader/memmap/README.md.
 *
 * RULES: the map is shown and saved before anything is tried; everything taken is given back; nothing that is missing
 * (console, keyboard, volume, clock, tables) is an error.
 */
#include "lib/config.h"
#include "lib/format.h"
#include "lib/freestanding/memory.h"
#include "loader/boot.h"
#include "loader/firmware.h"
#include "loader/log.h"
#include "loader/memmap/attributes.h"
#include "loader/memmap/console.h"
#include "loader/memmap/hobs.h"
#include "loader/memmap/machine.h"
#include "loader/map_read.h"
#include "loader/memmap/report.h"
#include "loader/memmap/save_map.h"
#include "loader/memmap/serial.h"
#include "loader/memmap/services.h"
#include "loader/memmap/zero.h"
#include "loader/options.h"

struct memmap {
	struct boot boot;
	struct map_snapshot map;
	struct machine machine;
	char saved[MEMORY_VIEW_LINE_MAX]; /* where the map was saved, or why not */
	uint64_t report_phys;             /* the loader's block, of which a report is wanted; 0: none */
	uint32_t once;                    /* print all without waiting for a key */
	uint32_t notest, nosave;
	uint32_t failed;                  /* tests */
};

static const EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

/* --- what there is to see ------------------------------------------------------------------------------------------------- */

static void show_line(const struct memory_view_sink *sink, const char *label, const char *text)
{
	char line[MEMORY_VIEW_LINE_MAX];

	format(line, sizeof(line), "%s%s", label, text);
	sink->line(sink->context, line);
}

static void show_map(struct memmap *memmap, const struct memory_view_sink *sink)
{
	char line[MEMORY_VIEW_LINE_MAX];

	show_line(sink, "memmap.efi of ", LOADER_VERSION);
	show_line(sink, "machine: ", memmap->machine.name);
	show_line(sink, "firmware: ", memmap->machine.firmware);
	show_line(sink, "BIOS: ", memmap->machine.bios);
	show_line(sink, "time: ", memmap->machine.time);
	memory_view_rows(&memmap->map.view, sink);
	memory_view_summary(&memmap->map.view, sink);
	format(line, sizeof(line), "memmap: map entries=%lu descriptor_bytes=%lu version=%u key=0x%lx",
	       (unsigned long)memory_view_count(&memmap->map.view), (unsigned long)memmap->map.view.descriptor_bytes,
	       memmap->map.view.descriptor_version, (unsigned long)memmap->map.key);
	sink->line(sink->context, line);
	show_line(sink, "memmap: ", memmap->saved);
}

static void show_hobs(struct memmap *memmap, const struct memory_view_sink *sink)
{
	hobs_show(&memmap->boot, &memmap->map.view, sink);
}

static void show_attributes(struct memmap *memmap, const struct memory_view_sink *sink)
{
	attributes_show(&memmap->boot, &memmap->map.view, sink);
}

static void run_tests(struct memmap *memmap, uint8_t *pool, uint64_t map_capacity, const struct memory_view_sink *sink)
{
	struct bench bench = {
		.services = memmap->boot.services,
		.maps = { pool, pool + map_capacity },
		.map_capacity = map_capacity,
	};
	struct services_counts counts;
	struct zero zero;
	int known = cpu_probe(&memmap->boot.cpu) == NULL;

	bench.physical_bits = known ? memmap->boot.cpu.physical_bits : 0;
	bench.zero = zero_lender(&zero, known ? &memmap->boot.cpu : NULL, pool + 2 * map_capacity, map_capacity);
	services_run_all(&bench, sink, &counts);
	memmap->failed = counts.of[VERDICT_FAIL];
}

static void show_tests(struct memmap *memmap, const struct memory_view_sink *sink)
{
	/* Two maps, and what stood at address 0. */
	uint64_t capacity = 2 * memmap->map.capacity_bytes;
	EFI_BOOT_SERVICES *services = memmap->boot.services;
	void *pool = NULL;

	if (memmap->notest)
		return show_line(sink, "memmap: tests not run: ", "load option notest");
	if (EFI_ERROR(services->AllocatePool(EfiLoaderData, 3 * capacity, &pool)) || pool == NULL)
		return show_line(sink, "memmap: tests not run: ", "no memory");
	run_tests(memmap, pool, capacity, sink);
	services->FreePool(pool);
}

static const struct {
	char letter; /* of the key that shows it */
	void (*show)(struct memmap *memmap, const struct memory_view_sink *sink);
} views[] = {
	{ 'm', show_map },
	{ 'h', show_hobs },
	{ 'a', show_attributes },
	{ 't', show_tests },
};
enum { VIEWS = sizeof(views) / sizeof(views[0]) };

/* --- two ways to show it ------------------------------------------------------------------------------------------------- */

static void print_line(void *context, const char *line)
{
	struct memmap *memmap = context;

	log_line(&memmap->boot, "%s", line);
}

static void print_all(struct memmap *memmap)
{
	const struct memory_view_sink sink = { print_line, memmap };

	for (uint32_t i = 0; i < VIEWS; i++)
		views[i].show(memmap, &sink);
}

/* Each view is made when it is first asked for: who only looks at the map tries nothing. */
static void browse(struct memmap *memmap)
{
	struct document documents[VIEWS] = { 0 };
	uint32_t current = 0;
	char letter = '\0';

	while (letter != 'q') {
		struct document *document = &documents[current];
		const struct memory_view_sink sink = { document_line, document };

		if (document->services == NULL) {
			document_begin(document, memmap->boot.services);
			views[current].show(memmap, &sink);
		}
		letter = console_show(&memmap->boot, document, "m map  h HOBs  a attributes  t tests  q quit", "mhatq");
		for (uint32_t i = 0; i < VIEWS; i++)
			current = views[i].letter == letter ? i : current;
	}
	console_leave(&memmap->boot);
	for (uint32_t i = 0; i < VIEWS; i++)
		if (documents[i].services != NULL)
			document_free(&documents[i]);
}

/* --- the application ------------------------------------------------------------------------------------------------------ */

/* The hexadecimal number behind 0x; 0 for anything else. */
static uint64_t address_of(const char *text, uint32_t bytes)
{
	uint64_t address = 0;

	if (text == NULL || bytes < 3 || text[0] != '0' || text[1] != 'x')
		return 0;
	for (uint32_t i = 2; i < bytes; i++) {
		uint32_t digit = (uint32_t)text[i] - '0';

		if (digit > 9)
			digit = ((uint32_t)text[i] | 0x20) - 'a' + 10;
		if (digit > 15 || (digit < 10 && text[i] > '9') || address >> 60 != 0)
			return 0;
		address = address << 4 | digit;
	}
	return address;
}

/* `once`: print all and leave; `notest`; `nosave`; `serial`: once, and on the serial port; `report=0x...`: as the loader asks. */
static EFI_STATUS read_options(struct memmap *memmap)
{
	struct boot *boot = &memmap->boot;
	EFI_GUID guid = loaded_image_guid;
	char text[OPTIONS_BYTES_MAX];
	const char *report;
	uint32_t bytes = 0;
	EFI_STATUS status = boot->services->HandleProtocol(boot->image, &guid, (void **)&boot->loaded_image);

	if (EFI_ERROR(status) || boot->loaded_image == NULL) {
		log_notice(boot, "memmap: the firmware does not describe the application's own image");
		return EFI_ERROR(status) ? status : EFI_UNSUPPORTED;
	}
	options_read(boot->loaded_image, text);
	memmap->once = config_option(text, "once", NULL) != NULL;
	memmap->notest = config_option(text, "notest", NULL) != NULL;
	memmap->nosave = config_option(text, "nosave", NULL) != NULL;
	report = config_option(text, "report", &bytes);
	memmap->report_phys = address_of(report, bytes);
	/* log_line() prints on the console too; a report is only written. */
	boot->settings.verbose = memmap->report_phys == 0;
	if (boot->console == NULL || config_option(text, "serial", NULL) != NULL)
		boot->console = serial_console(boot);
	return EFI_SUCCESS;
}

static void save(struct memmap *memmap)
{
	char path[SAVE_PATH_MAX];
	EFI_STATUS status;

	if (memmap->nosave) {
		format(memmap->saved, sizeof(memmap->saved), "not saved: load option nosave");
		return;
	}
	status = save_map(&memmap->boot, &memmap->machine, &memmap->map.view, path);
	if (EFI_ERROR(status))
		format(memmap->saved, sizeof(memmap->saved), "not saved: %s", log_status_name(status));
	else
		format(memmap->saved, sizeof(memmap->saved), "saved %s", path);
}

static EFI_STATUS show(struct memmap *memmap)
{
	save(memmap);
	if (memmap->once || !console_can_show(&memmap->boot))
		print_all(memmap);
	else
		browse(memmap);
	log_line(&memmap->boot, "memmap: end");
	return memmap->failed > 0 ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS run(struct memmap *memmap)
{
	EFI_STATUS status = map_snapshot_take(&memmap->boot, &memmap->map);

	if (EFI_ERROR(status)) {
		log_notice(&memmap->boot, "memmap: the memory map cannot be read: %s", log_status_name(status));
		return status;
	}
	machine_describe(&memmap->boot, &memmap->map.view, &memmap->machine);
	if (memmap->report_phys != 0)
		report_write(&memmap->boot, memmap->report_phys, &memmap->machine, &memmap->map.view);
	else
		status = show(memmap);
	map_snapshot_free(&memmap->boot, &memmap->map);
	return status;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct memmap memmap = { 0 };
	EFI_STATUS status = firmware_start(&memmap.boot, image, system);

	if (!EFI_ERROR(status))
		status = read_options(&memmap);
	return EFI_ERROR(status) ? status : run(&memmap);
}
