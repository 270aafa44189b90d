/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts the real loader from its own volume for each line of \leakcheck.txt, with that line as load options, and compares
 * what the firmware has before and after: the memory map by type, and the ledger of what the loader took and gave back.
 * The loader must return each time: the kernels and configurations that the lines name are broken on purpose.
 * Each start ends with one line,
 *   leakcheck: case N status=0x... before=PAGES after=PAGES leaked=pages:N,pools:N,events:N,files:N takings=N
 * where the pages are those in use.  Words in the line may press keys for it: typist.h.
 *
 * The firmware itself takes and returns boot services data meanwhile (its file system driver keeps folders it has seen), but
 * no other type.  So a case is started until the map is the same before and after, a few times at most: a loader that
 * leaks gets there never.  Leaves QEMU by port 0xF4: 33 when nothing was leaked, 35 when something was.
 */
#include "test/boot/efi/ledger.h"
#include "test/boot/efi/typist.h"
#include "test/boot/efi/volume.h"
#include "lib/format.h"

enum {
	TYPES = 16,          /* memory types that the map may hold here; others count as the first one, reserved */
	MAP_BYTES = 64 << 10,
	LIST_BYTES = 16 << 10,
	OPTIONS_MAX = 256,   /* characters of a line */
	PATH_MAX = 64,
	STARTS_MAX = 6,      /* of one case, until the firmware has all it wants */
	EXIT_PASS = 0x10,
	EXIT_FAIL = 0x11,
};

static const CHAR16 loader_path[] = u"\\EFI\\BATON\\LOADER.EFI";
static const CHAR16 list_path[] = u"\\leakcheck.txt";

/* What stands for the whole run. */
struct check {
	EFI_HANDLE self;
	EFI_SYSTEM_TABLE *table;
	EFI_BOOT_SERVICES *services;
	EFI_HANDLE volume_handle;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_DEVICE_PATH *volume_path;
};

struct totals {
	UINT64 pages[TYPES];
};

static UINT8 map_buffer[MAP_BYTES] __attribute__((aligned(8)));
static char list[LIST_BYTES];

static void say(struct check *check, const char *text, ...) __attribute__((format(printf, 2, 3)));
static void say(struct check *check, const char *text, ...)
{
	char line[512];
	CHAR16 wide[512];
	va_list arguments;
	UINTN i;

	va_start(arguments, text);
	format_va(line, sizeof(line), text, arguments);
	va_end(arguments);
	for (i = 0; line[i] != '\0'; i++)
		wide[i] = (CHAR16)line[i];
	wide[i] = 0;
	check->table->ConOut->OutputString(check->table->ConOut, wide);
}

static void leave(UINT32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"((UINT16)0xf4));
}

/* The map by type, into memory that exists already: the measuring must not change what is measured. */
static EFI_STATUS count_pages(struct check *check, struct totals *ret_totals)
{
	UINTN bytes = MAP_BYTES, key, stride;
	UINT32 version;
	struct totals totals = { { 0 } };
	EFI_STATUS status = check->services->GetMemoryMap(&bytes, (VOID *)map_buffer, &key, &stride, &version);

	if (EFI_ERROR(status))
		return status;
	for (UINTN at = 0; at + stride <= bytes; at += stride) {
		const EFI_MEMORY_DESCRIPTOR *descriptor = (const VOID *)(map_buffer + at);

		totals.pages[descriptor->Type < TYPES ? descriptor->Type : EfiReservedMemoryType] += descriptor->NumberOfPages;
	}
	*ret_totals = totals;
	return EFI_SUCCESS;
}

static UINT64 pages_in_use(const struct totals *totals)
{
	UINT64 pages = 0;

	for (UINTN type = 0; type < TYPES; type++)
		pages += type == EfiConventionalMemory ? 0 : totals->pages[type];
	return pages;
}

static EFI_STATUS find_volume(struct check *check)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID, device_path = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	EFI_STATUS status = check->services->HandleProtocol(check->self, &loaded_image, (VOID **)&image);

	if (EFI_ERROR(status))
		return status;
	check->volume_handle = image->DeviceHandle;
	status = check->services->HandleProtocol(check->volume_handle, &device_path, (VOID **)&check->volume_path);
	if (EFI_ERROR(status))
		return status;
	return check->services->HandleProtocol(check->volume_handle, &file_system, (VOID **)&check->volume);
}

/* Reads \leakcheck.txt into list, which ends with a NUL. */
static EFI_STATUS read_list(struct check *check)
{
	UINTN bytes = LIST_BYTES - 1;

	return volume_read(check->volume, list_path, list, &bytes);
}

/* Loads the loader, gives it its options, starts it, and keeps the ledger meanwhile. */
static EFI_STATUS start_loader(struct check *check, CHAR16 *options, UINT32 options_bytes, struct ledger_balance *ret_balance)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	EFI_HANDLE handle = NULL;
	UINT8 path[VOLUME_PATH_BYTES] __attribute__((aligned(8)));
	EFI_STATUS status = volume_file_path(check->volume_path, loader_path, sizeof(loader_path), path);

	if (EFI_ERROR(status))
		return status;
	status = check->services->LoadImage(FALSE, check->self, (VOID *)path, NULL, 0, &handle);
	if (EFI_ERROR(status))
		return status;
	status = check->services->HandleProtocol(handle, &loaded_image, (VOID **)&image);
	if (EFI_ERROR(status))
		return status;
	image->LoadOptions = options;
	image->LoadOptionsSize = options_bytes;
	typist_start(check->table, options);
	ledger_open(check->services, check->volume, image->ImageBase, image->ImageSize);
	/* An application is unloaded by the firmware when it has returned. */
	status = check->services->StartImage(handle, NULL, NULL);
	ledger_close(ret_balance);
	typist_end();
	return status;
}

enum verdict { CLEAN, UNSETTLED, LEAKED };

/* Boot services data and free memory may be the firmware's doing; a change of any other type is not. */
static enum verdict compare(struct check *check, UINTN number, const struct totals *before, const struct totals *after)
{
	enum verdict verdict = CLEAN;

	for (UINTN type = 0; type < TYPES; type++) {
		if (before->pages[type] == after->pages[type])
			continue;
		say(check, "leakcheck: case %lu type=%lu before=%lu after=%lu\r\n", number, type, before->pages[type],
		    after->pages[type]);
		if (type != EfiBootServicesData && type != EfiConventionalMemory)
			verdict = LEAKED;
		else if (verdict == CLEAN)
			verdict = UNSETTLED;
	}
	return verdict;
}

static enum verdict check_once(struct check *check, UINTN number, CHAR16 *options, UINT32 options_bytes)
{
	struct totals before, after;
	struct ledger_balance balance = { 0 };
	EFI_STATUS status = count_pages(check, &before), outcome;

	outcome = start_loader(check, options, options_bytes, &balance);
	if (EFI_ERROR(status) || EFI_ERROR(count_pages(check, &after))) {
		say(check, "leakcheck: case %lu no memory map\r\n", number);
		return LEAKED;
	}
	say(check, "leakcheck: case %lu status=0x%lx before=%lu after=%lu leaked=pages:%lu,pools:%lu,events:%lu,files:%lu takings=%lu\r\n",
	    number, outcome, pages_in_use(&before), pages_in_use(&after), balance.pages, balance.pools, balance.events, balance.files,
	    balance.calls);
	if (balance.pages + balance.pools + balance.events + balance.files + balance.overflow > 0)
		return LEAKED;
	return compare(check, number, &before, &after);
}

/* Returns 1 when a start of the case has left everything as it was. */
static int check_case(struct check *check, UINTN number, CHAR16 *options, UINT32 options_bytes)
{
	enum verdict verdict = UNSETTLED;

	for (UINTN i = 0; i < STARTS_MAX && verdict == UNSETTLED; i++)
		verdict = check_once(check, number, options, options_bytes);
	return verdict == CLEAN;
}

/* The line at text as UTF-16, as a shell or a boot option would give it; returns what follows the line. */
static const char *options_of(const char *text, CHAR16 options[OPTIONS_MAX], UINT32 *ret_bytes)
{
	UINT32 count = 0;

	for (; *text != '\0' && *text != '\n'; text++) {
		if (count < OPTIONS_MAX - 1)
			options[count++] = (CHAR16)*text;
	}
	options[count++] = 0;
	*ret_bytes = count * (UINT32)sizeof(CHAR16);
	return *text == '\n' ? text + 1 : text;
}

EFI_STATUS EFIAPI leakcheck_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS EFIAPI leakcheck_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
	struct check check = { .self = self, .table = table, .services = table->BootServices };
	CHAR16 options[OPTIONS_MAX];
	UINT32 options_bytes;
	UINTN number = 0, dirty = 0;
	EFI_STATUS status = find_volume(&check);

	if (!EFI_ERROR(status))
		status = read_list(&check);
	if (EFI_ERROR(status)) {
		say(&check, "leakcheck: no list: 0x%lx\r\n", status);
		return status;
	}
	for (const char *line = list; *line != '\0';) {
		line = options_of(line, options, &options_bytes);
		dirty += !check_case(&check, ++number, options, options_bytes);
	}
	say(&check, "leakcheck: end cases=%lu leaking=%lu\r\n", number, dirty);
	leave(dirty == 0 && number > 0 ? EXIT_PASS : EXIT_FAIL);
	return EFI_SUCCESS;
}
