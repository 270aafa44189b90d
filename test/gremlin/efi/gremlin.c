/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gremlin: a firmware that misbehaves on purpose.  Stands where the loader stands (\EFI\BOOT\BOOTX64.EFI), reads cases from
 * \gremlin.txt, one a line (words.h), and for each of them starts the real loader, \EFI\BATON\LOADER.EFI, with its own hands
 * between that loader and the firmware.  After each run it says what was called and what was left behind:
 *   gremlin: run NAME k=N end=returned|caught|stopped|trapped status=0x... attempts=N hits=N left=pages:N,... map=N ...
 * end=trapped: it did what must not happen, and the line before says what (services.h, exit.h, writes.h).  A sweep (faults.h)
 * starts the loader again and again with k = 1, 2, ... (from=N: N, N+1, ...) until nothing was left to fail.  With exit=real the
 * loader leaves for good and its kernel has the last word.
 * When the file says only `wait`, the cases come from QEMU's fw_cfg as soon as it has them: that is where a machine can be saved,
 * to be restored with other cases.
 */
#include <efi.h>
#include "test/boot/efi/ledger.h"
#include "test/boot/efi/volume.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/exit.h"
#include "test/gremlin/efi/faults.h"
#include "test/gremlin/efi/files.h"
#include "test/gremlin/efi/guard.h"
#include "test/gremlin/efi/map.h"
#include "test/gremlin/efi/memory.h"
#include "test/gremlin/efi/paging.h"
#include "test/gremlin/efi/runtime.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"
#include "test/gremlin/efi/writes.h"
#include "lib/freestanding/memory.h"

enum {
	TYPES = 16,             /* memory types that are counted one by one; others count as reserved */
	CASES_BYTES = 64 << 10,
	LOADER_PAGES = 4096,    /* a Linux kernel fits */
	OPTIONS_MAX = 256,
	STARTS_MAX = 6,         /* of one run, until the firmware's own caches have settled */
	SWEEP_MAX = 4096,
	POLL_MICROSECONDS = 10000,
};

static const CHAR16 loader_path[] = u"\\EFI\\BATON\\LOADER.EFI";
static const CHAR16 cases_path[] = u"\\gremlin.txt";
static const char usual_options[] = "loader.efi nowait conf=";

struct gremlin {
	EFI_HANDLE self;
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *services;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_DEVICE_PATH *volume_path;
	VOID *loader_file;
	UINTN loader_bytes;
};

/* What the firmware has at one time. */
struct inventory {
	UINT64 pages[TYPES];
	UINTN handles;
	UINTN opens;     /* of protocols of the boot volume, but those that only ask for an interface */
	UINT64 permissions; /* of all pages, as one number */
};

/* One run of the loader and what it left. */
struct outcome {
	EFI_STATUS status;
	struct ledger_balance left;
	struct guard_balance guarded;
	struct exit_balance exit;
	UINT64 hits;
	INT64 moved[TYPES];
	INT64 handles, opens;
	int permissions_changed;
};

static char cases[CASES_BYTES];

/* A whole file, into memory of the kind that the firmware uses for itself. */
static EFI_STATUS load_file(struct gremlin *gremlin, const CHAR16 *path, VOID **ret_file, UINTN *ret_bytes)
{
	EFI_PHYSICAL_ADDRESS file = 0;
	EFI_STATUS status = gremlin->services->AllocatePages(AllocateAnyPages, EfiBootServicesData, LOADER_PAGES, &file);

	*ret_file = (VOID *)file;
	*ret_bytes = LOADER_PAGES * EFI_PAGE_SIZE;
	return EFI_ERROR(status) ? status : volume_read(gremlin->volume, path, *ret_file, ret_bytes);
}

static EFI_STATUS find_files(struct gremlin *gremlin)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID, device_path = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = gremlin->services;
	UINTN bytes = CASES_BYTES - 1;
	EFI_STATUS status = services->HandleProtocol(gremlin->self, &loaded_image, (VOID **)&gremlin->image);

	if (!EFI_ERROR(status))
		status = services->HandleProtocol(gremlin->image->DeviceHandle, &device_path, (VOID **)&gremlin->volume_path);
	if (!EFI_ERROR(status))
		status = services->HandleProtocol(gremlin->image->DeviceHandle, &file_system, (VOID **)&gremlin->volume);
	if (!EFI_ERROR(status))
		status = load_file(gremlin, loader_path, &gremlin->loader_file, &gremlin->loader_bytes);
	if (!EFI_ERROR(status))
		status = volume_read(gremlin->volume, cases_path, cases, &bytes);
	return status;
}

/* Waits for cases from outside. */
static void wait_for_cases(struct gremlin *gremlin)
{
	say("gremlin: waiting");
	while (channel_read_cases(cases, sizeof(cases)) == 0)
		gremlin->services->Stall(POLL_MICROSECONDS);
}

static UINTN count_opens(struct gremlin *gremlin)
{
	EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_OPEN_PROTOCOL_INFORMATION_ENTRY *entries = NULL;
	UINTN count = 0, opens = 0;

	if (EFI_ERROR(gremlin->services->OpenProtocolInformation(gremlin->image->DeviceHandle, &file_system, &entries, &count)))
		return 0;
	for (UINTN i = 0; i < count; i++)
		opens += (entries[i].Attributes & (EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL_EXCLUSIVE)) != 0;
	gremlin->services->FreePool(entries);
	return opens;
}

static struct inventory take_inventory(struct gremlin *gremlin)
{
	struct inventory now = { .opens = count_opens(gremlin), .permissions = paging_permissions() };
	EFI_HANDLE *handles = NULL;
	struct map map;

	if (!EFI_ERROR(gremlin->services->LocateHandleBuffer(AllHandles, NULL, NULL, &now.handles, &handles)))
		gremlin->services->FreePool(handles);
	map = map_read();
	for (uint64_t i = 0; i < map.count; i++)
		now.pages[map.entries[i].Type < TYPES ? map.entries[i].Type : 0] += map.entries[i].NumberOfPages;
	return now;
}

/* Between these two the loader runs among hooks. */
static void open_hooks(struct gremlin *gremlin, EFI_HANDLE loader, const EFI_LOADED_IMAGE_PROTOCOL *image, const char *words, UINT64 k)
{
	/* The ledger watches this program: it is the one that calls the firmware for the loader. */
	ledger_open(gremlin->services, gremlin->volume, gremlin->image->ImageBase, gremlin->image->ImageSize);
	services_open(gremlin->services, image->ImageBase, image->ImageSize);
	runtime_begin(gremlin->system, words);
	writes_begin(gremlin->system, words);
	guard_begin(services_below());
	faults_begin(words, k);
	memory_begin(words);
	files_begin(gremlin->volume, words);
	map_begin(words);
	exit_begin(loader, gremlin->system, words);
}

static void close_hooks(struct outcome *outcome)
{
	outcome->hits = faults_hits();
	exit_end(&outcome->exit);
	files_end();
	writes_end();
	memory_end();
	guard_end(&outcome->guarded);
	services_close();
	ledger_close(&outcome->left);
}

/* The machine's state at the loader's entry, and back. */
static EFI_STATUS start(struct gremlin *gremlin, EFI_HANDLE loader, const char *words)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *console = gremlin->system->ConOut;
	UINT64 watchdog = words_number(words, "watchdog", 0);
	EFI_STATUS status;

	if (words_is(words, "console", "null"))
		gremlin->system->ConOut = NULL;
	if (watchdog != 0)
		services_below()->SetWatchdogTimer(watchdog, 0x10000, 0, NULL);
	if (words_is(words, "tpl", "callback"))
		services_below()->RaiseTPL(TPL_CALLBACK);
	status = services_below()->StartImage(loader, NULL, NULL);
	gremlin->system->ConOut = console;
	return status;
}

/* conf=FILE names another configuration, options=WORDS stand alone, with + for a blank. */
static UINT32 make_options(const char *words, CHAR16 options[OPTIONS_MAX])
{
	char conf[48], given[OPTIONS_MAX];
	UINT32 count = 0;

	words_copy(words, "conf", conf, sizeof(conf));
	words_copy(words, "options", given, sizeof(given));
	for (const char *at = given[0] != '\0' ? given : usual_options; *at != '\0'; at++)
		options[count++] = *at == '+' ? u' ' : (CHAR16)*at;
	for (const char *at = given[0] != '\0' ? "" : conf[0] != '\0' ? conf : "\\gremlin.cnf"; *at != '\0'; at++)
		options[count++] = (CHAR16)*at;
	options[count++] = 0;
	return count * (UINT32)sizeof(CHAR16);
}

static EFI_STATUS run_loader(struct gremlin *gremlin, const char *words, UINT64 k, struct outcome *outcome)
{
	EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *image;
	EFI_HANDLE loader = NULL;
	CHAR16 options[OPTIONS_MAX];
	UINT8 path[VOLUME_PATH_BYTES] __attribute__((aligned(8)));
	EFI_STATUS status = volume_file_path(gremlin->volume_path, loader_path, sizeof(loader_path), path);

	memory_take_low(words);
	if (!EFI_ERROR(status))
		status = gremlin->services->LoadImage(FALSE, gremlin->self, (VOID *)path, gremlin->loader_file,
							gremlin->loader_bytes, &loader);
	memory_give_low();
	if (!EFI_ERROR(status))
		status = gremlin->services->HandleProtocol(loader, &loaded_image, (VOID **)&image);
	if (EFI_ERROR(status))
		return status;
	image->LoadOptionsSize = make_options(words, options);
	image->LoadOptions = options;
	open_hooks(gremlin, loader, image, words, k);
	outcome->status = start(gremlin, loader, words);
	close_hooks(outcome);
	/* What would have gone to the kernel goes back here. */
	if (outcome->status == EXIT_CAUGHT || outcome->status == EXIT_STOPPED || outcome->status == EXIT_TRAPPED)
		ledger_give_back();
	return EFI_SUCCESS;
}

static const char *end_name(EFI_STATUS status)
{
	return status == EXIT_CAUGHT ? "caught" : status == EXIT_STOPPED ? "stopped" : status == EXIT_TRAPPED ? "trapped" : "returned";
}

static void report(const char *name, UINT64 k, const struct outcome *outcome)
{
	INT64 kept = 0;

	/* Boot services data and free memory move for the firmware's own reasons, all other types only for the loader's. */
	for (UINTN type = 0; type < TYPES; type++)
		if (type != EfiBootServicesData && type != EfiConventionalMemory)
			kept += outcome->moved[type] < 0 ? -outcome->moved[type] : outcome->moved[type];
	for (UINTN type = 0; type < TYPES; type++)
		if (outcome->moved[type] != 0)
			say("gremlin: type=%lu moved=%ld", type, outcome->moved[type]);
	say("gremlin: run %s k=%lu end=%s status=0x%lx attempts=%u hits=%lu "
	    "left=pages:%lu,pools:%lu,events:%lu,files:%lu,guarded:%lu,bad:%lu map=%ld settled=%d handles=%ld opens=%ld permissions=%d "
	    "misuses=%lu writes=%lu wrong=%u shrunk=%d calls=pages:%lu,pool:%lu,free:%lu,protocol:%lu,maps:%lu",
	    name, k, end_name(outcome->status), outcome->status, outcome->exit.attempts, outcome->hits, outcome->left.pages,
	    outcome->left.pools, outcome->left.events, outcome->left.files, outcome->guarded.left, outcome->guarded.bad_frees, kept,
	    outcome->moved[EfiBootServicesData] == 0, outcome->handles, outcome->opens, outcome->permissions_changed, memory_misuses(),
	    writes_count(),
	    outcome->exit.wrong_keys + outcome->exit.wrong_handles, map_capacity_shrunk(), services_calls(SERVICE(AllocatePages)),
	    services_calls(SERVICE(AllocatePool)), services_calls(SERVICE(FreePages)) + services_calls(SERVICE(FreePool)),
	    services_calls(SERVICE(HandleProtocol)) + services_calls(SERVICE(LocateProtocol)), services_calls(SERVICE(GetMemoryMap)));
}

/* Starts the loader until the firmware's own memory is the same before and after.  Returns how many calls failed. */
static UINT64 run(struct gremlin *gremlin, const char *name, const char *words, UINT64 k)
{
	struct outcome outcome;

	for (UINTN i = 0; i < STARTS_MAX; i++) {
		struct inventory before = take_inventory(gremlin), after;
		EFI_STATUS status;

		memset(&outcome, 0, sizeof(outcome));
		status = run_loader(gremlin, words, k, &outcome);
		if (EFI_ERROR(status)) {
			say("gremlin: run %s k=%lu not started: 0x%lx", name, k, status);
			return 0;
		}
		after = take_inventory(gremlin);
		for (UINTN type = 0; type < TYPES; type++)
			outcome.moved[type] = (INT64)(after.pages[type] - before.pages[type]);
		outcome.handles = (INT64)(after.handles - before.handles);
		outcome.opens = (INT64)(after.opens - before.opens);
		outcome.permissions_changed = after.permissions != before.permissions;
		report(name, k, &outcome);
		if (outcome.moved[EfiBootServicesData] == 0)
			break;
	}
	return outcome.hits;
}

static void run_case(struct gremlin *gremlin, const char *name, const char *words)
{
	UINT64 k = words_number(words, "from", 1);

	say("gremlin: case %s", name);
	while (run(gremlin, name, words, k) > 0 && faults_is_sweep(words) && k < SWEEP_MAX)
		k++;
}

/* Splits a line into name and words; returns what follows the line. */
static char *next_case(char *line, char **ret_words)
{
	char *at = line;

	while (*at != '\0' && *at != '\n' && *at != ' ')
		at++;
	*ret_words = at;
	if (*at == ' ') {
		*at++ = '\0';
		*ret_words = at;
	}
	while (*at != '\0' && *at != '\n')
		at++;
	if (*at == '\n')
		*at++ = '\0';
	return at;
}

EFI_STATUS EFIAPI gremlin_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI gremlin_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	struct gremlin gremlin = { .self = self, .system = system, .services = system->BootServices };
	EFI_STATUS status = find_files(&gremlin);
	UINTN count = 0;

	if (EFI_ERROR(status)) {
		say("gremlin: no loader or no cases: 0x%lx", status);
		return status;
	}
	/* map_read() is used before the first run, too. */
	services_watch(gremlin.services);
	gremlin.services->SetWatchdogTimer(0, 0x10000, 0, NULL);
	if (memcmp(cases, "wait\n", 5) == 0)
		wait_for_cases(&gremlin);
	for (char *line = cases, *words = NULL; *line != '\0';) {
		char *name = line;

		line = next_case(line, &words);
		run_case(&gremlin, name, words);
		count++;
	}
	say("gremlin: end cases=%lu", count);
	channel_leave(1);
}
