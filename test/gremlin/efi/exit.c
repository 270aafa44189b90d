/* SPDX-License-Identifier: BSD-2-Clause */
/* See exit.h. */
#include "test/gremlin/efi/exit.h"
#include "test/gremlin/efi/aftermath.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/map.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"
#include "test/gremlin/efi/writes.h"

enum { TICK = 1, MICROSECONDS = 1000000, TAKEN = 64, HANDLER_PAGES = 16 };
enum { CONSOLES = 3, OUTPUT_FUNCTIONS = 9, INPUT_FUNCTIONS = 2 };
_Static_assert(__builtin_offsetof(SIMPLE_TEXT_OUTPUT_INTERFACE, Mode) == OUTPUT_FUNCTIONS * 8, "UEFI 2.10 12.4.1");
_Static_assert(__builtin_offsetof(SIMPLE_INPUT_INTERFACE, WaitForKey) == INPUT_FUNCTIONS * 8, "UEFI 2.10 12.3.1");

struct console {
	const void **functions; /* in the firmware's memory */
	const void *kept[OUTPUT_FUNCTIONS];
	uint32_t count;
};

static struct {
	const char *words;
	EFI_HANDLE loader;
	EFI_SYSTEM_TABLE *system;
	struct console consoles[CONSOLES];
	EFI_RESET_SYSTEM reset;
	struct table_register {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdtr, idtr; /* the firmware's */
	EFI_EVENT timer, handler;
	EFI_PHYSICAL_ADDRESS taken[TAKEN]; /* by the gremlin, three pages each: given back after the run */
	uint64_t ticks;
	EFI_PHYSICAL_ADDRESS handler_pages;
	struct exit_balance balance;
	int real;
} state;

/* Ends the run from inside the loader: the firmware unwinds it and StartImage returns this. */
static __attribute__((noreturn)) void end_run(EFI_STATUS status)
{
	services_below()->Exit(state.loader, status, 0, NULL);
	say("gremlin: the loader's image cannot be ended");
	channel_leave(0);
}

/*
 * Whoever the loader starts acts for it, while it waits: for so long the gremlin stands between the firmware and that image.  A run
 * that ends in there ends for the loader as well.
 */
static EFI_STATUS EFIAPI start_image(EFI_HANDLE image, UINTN *exit_bytes, CHAR16 **exit_data)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *loaded = NULL;
	EFI_HANDLE loader = state.loader;
	uint64_t base, bytes;
	EFI_STATUS status = services_below()->HandleProtocol(image, &guid, (VOID **)&loaded);

	if (EFI_ERROR(status))
		return status;
	base = (uint64_t)loaded->ImageBase;
	bytes = loaded->ImageSize;
	services_exchange(&base, &bytes);
	state.loader = image;
	status = services_below()->StartImage(image, exit_bytes, exit_data);
	state.loader = loader;
	services_exchange(&base, &bytes);
	if (status == EXIT_TRAPPED)
		end_run(status);
	return status;
}

void exit_trapped(void)
{
	if (state.real)
		channel_leave(0);
	end_run(EXIT_TRAPPED);
}

static __attribute__((noreturn)) void EFIAPI output_trap(void)
{
	say("gremlin: trap console=ConOut");
	exit_trapped();
}

static __attribute__((noreturn)) void EFIAPI error_trap(void)
{
	say("gremlin: trap console=StdErr");
	exit_trapped();
}

static __attribute__((noreturn)) void EFIAPI input_trap(void)
{
	say("gremlin: trap console=ConIn");
	exit_trapped();
}

/* Replaces all functions of a console, which stand first in its protocol. */
static void arm_console(struct console *console, void *protocol, uint32_t functions, const void *trap)
{
	console->functions = protocol;
	console->count = protocol != NULL ? functions : 0;
	for (uint32_t i = 0; i < console->count; i++) {
		console->kept[i] = console->functions[i];
		console->functions[i] = trap;
	}
}

static void arm_consoles(void)
{
	if (state.balance.attempts > 0)
		return;
	arm_console(&state.consoles[0], state.system->ConOut, OUTPUT_FUNCTIONS, (const void *)output_trap);
	arm_console(&state.consoles[1], state.system->StdErr, OUTPUT_FUNCTIONS, (const void *)error_trap);
	arm_console(&state.consoles[2], state.system->ConIn, INPUT_FUNCTIONS, (const void *)input_trap);
}

/* In the reverse order: two of them may be the same. */
static void disarm_consoles(void)
{
	for (uint32_t n = CONSOLES; n > 0; n--)
		for (uint32_t i = 0; i < state.consoles[n - 1].count; i++)
			state.consoles[n - 1].functions[i] = state.consoles[n - 1].kept[i];
}

/* A loader that stops has put its own exception handlers in place of the firmware's, which go on living here. */
static EFI_STATUS EFIAPI reset_system(EFI_RESET_TYPE type, EFI_STATUS status, UINTN bytes, CHAR16 *data)
{
	if (state.balance.attempts > 0) {
		__asm__ volatile("lgdt %0; lidt %1" : : "m"(state.gdtr), "m"(state.idtr));
		end_run(EXIT_STOPPED);
	}
	return state.reset(type, status, bytes, data);
}

/* Takes memory or gives it back, so that every call changes the map. */
static void change_map(void)
{
	EFI_PHYSICAL_ADDRESS *place = &state.taken[state.ticks++ % TAKEN];

	if (*place == 0) {
		services_below()->AllocatePages(AllocateAnyPages, EfiBootServicesData, 3, place);
	} else {
		services_below()->FreePages(*place, 3);
		*place = 0;
	}
}

static VOID EFIAPI tick(EFI_EVENT event, VOID *context)
{
	(void)event, (void)context;
	change_map();
}

/* Boot services memory that goes while the firmware exits, after it has looked at the key: the map is stale there (H59). */
static VOID EFIAPI free_late(EFI_EVENT event, VOID *context)
{
	(void)event, (void)context;
	services_below()->FreePages(state.handler_pages, HANDLER_PAGES);
}

/* A warning or an error in place of the exit. */
static EFI_STATUS wanted_status(uint64_t code)
{
	return code < 0x1000 ? EFI_ERROR_MASK | code : code - 0x1000;
}

static EFI_STATUS refuse(EFI_HANDLE image, UINTN key)
{
	/* The firmware's own refusal: it has stopped its timer after it, and more. */
	EFI_STATUS status = state.real ? services_below()->ExitBootServices(image, key + 1) : EFI_INVALID_PARAMETER;

	return status == EFI_INVALID_PARAMETER ? status : EFI_ABORTED;
}

static EFI_STATUS leave(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS status;

	if (!state.real)
		end_run(EXIT_CAUGHT);
	writes_end();
	aftermath_prepare(state.words, state.system);
	status = services_below()->ExitBootServices(image, key);
	say("gremlin: exit attempt=%u status=0x%lx", state.balance.attempts, status);
	if (status == EFI_SUCCESS)
		aftermath(state.words, state.system);
	return status;
}

/* Called by aftermath.S. */
EFI_STATUS EFIAPI exit_services(EFI_HANDLE image, UINTN key);

EFI_STATUS EFIAPI exit_services(EFI_HANDLE image, UINTN key)
{
	uint64_t code = words_number(state.words, "ebs", 0);

	services_arm_traps();
	arm_consoles();
	state.balance.attempts++;
	state.balance.wrong_keys += !map_attempt(key);
	state.balance.wrong_handles += image != state.loader;
	if (words_number(state.words, "seconds", 0))
		services_below()->Stall(words_number(state.words, "seconds", 0) * MICROSECONDS);
	if (state.balance.attempts <= words_number(state.words, "refuse", 0)) {
		say("gremlin: exit attempt=%u refused", state.balance.attempts);
		return refuse(image, map_genuine_key());
	}
	if (code != 0) {
		say("gremlin: exit attempt=%u answered 0x%lx", state.balance.attempts, wanted_status(code));
		return wanted_status(code);
	}
	if (words_number(state.words, "allocate", 0) == 1)
		change_map();
	return leave(image, map_genuine_key());
}

void exit_begin(EFI_HANDLE loader, EFI_SYSTEM_TABLE *system, const char *words)
{
	__builtin_memset(&state, 0, sizeof(state));
	state.words = words;
	state.loader = loader;
	state.system = system;
	state.real = words_is(words, "exit", "real");
	state.reset = system->RuntimeServices->ResetSystem;
	__asm__ volatile("sgdt %0; sidt %1" : "=m"(state.gdtr), "=m"(state.idtr));
	/* A kernel compares the table's checksum: it is only changed where none will run. */
	if (!state.real)
		system->RuntimeServices->ResetSystem = reset_system;
	if (words_number(words, "allocate", 0) == 2) {
		services_below()->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, tick, NULL, &state.timer);
		services_below()->SetTimer(state.timer, TimerPeriodic, TICK);
	}
	if (words_number(words, "handler", 0)) {
		services_below()->AllocatePages(AllocateAnyPages, EfiBootServicesData, HANDLER_PAGES, &state.handler_pages);
		services_below()->CreateEvent(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_CALLBACK, free_late, NULL, &state.handler);
	}
	services_hook(SERVICE(ExitBootServices), aftermath_entry);
	services_hook(SERVICE(StartImage), (const void *)start_image);
}

void exit_end(struct exit_balance *ret_balance)
{
	if (state.timer != NULL)
		services_below()->CloseEvent(state.timer);
	for (uint32_t i = 0; i < TAKEN; i++)
		if (state.taken[i] != 0)
			services_below()->FreePages(state.taken[i], 3);
	disarm_consoles();
	state.system->RuntimeServices->ResetSystem = state.reset;
	*ret_balance = state.balance;
}
