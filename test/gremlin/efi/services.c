/* SPDX-License-Identifier: BSD-2-Clause */
/* See services.h. */
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/exit.h"

_Static_assert(sizeof(EFI_BOOT_SERVICES) == sizeof(EFI_TABLE_HEADER) + SERVICES_COUNT * 8, "dispatch.S has an entry for each service");

/* dispatch.S knows this struct. */
struct state {
	uint64_t base, end;
	uint64_t calls[SERVICES_COUNT];
	const void *hooks[SERVICES_COUNT];
	const void *below[SERVICES_COUNT];
};
_Static_assert(__builtin_offsetof(struct state, hooks) == 16 + SERVICES_COUNT * 8, "dispatch.S: HOOKS");

extern struct state services_state;
struct state services_state;

static EFI_BOOT_SERVICES *table;
static EFI_BOOT_SERVICES below;

/* dispatch.S: 16 bytes for each service. */
extern const char services_entries[], services_trap[];

static const void **members(EFI_BOOT_SERVICES *of)
{
	return (const void **)(of + 1) - SERVICES_COUNT;
}

void services_watch(EFI_BOOT_SERVICES *of)
{
	table = of;
	below = *of;
}

void services_open(EFI_BOOT_SERVICES *of, const void *base, uint64_t bytes)
{
	services_watch(of);
	services_state.base = (uint64_t)base;
	services_state.end = (uint64_t)base + bytes;
	for (uint64_t i = 0; i < SERVICES_COUNT; i++) {
		services_state.calls[i] = 0;
		services_state.below[i] = members(&below)[i];
		services_state.hooks[i] = members(&below)[i];
		members(table)[i] = services_entries + 16 * i;
	}
}

void services_close(void)
{
	*table = below;
}

void services_exchange(uint64_t *base, uint64_t *bytes)
{
	uint64_t before = services_state.base, end = services_state.end;

	services_state.base = *base;
	services_state.end = *base + *bytes;
	*base = before;
	*bytes = end - before;
}

void services_hook(uint64_t service, const void *hook)
{
	services_state.hooks[service] = hook;
}

void services_arm_traps(void)
{
	for (uint64_t i = 0; i < SERVICES_COUNT; i++)
		if (i != SERVICE(GetMemoryMap) && i != SERVICE(ExitBootServices))
			services_state.hooks[i] = services_trap;
}

EFI_BOOT_SERVICES *services_below(void)
{
	return &below;
}

uint64_t services_calls(uint64_t service)
{
	return services_state.calls[service];
}

int services_from_loader(const void *return_address)
{
	return (uint64_t)return_address >= services_state.base && (uint64_t)return_address < services_state.end;
}

/* Called by dispatch.S, on whatever stack the loader was on. */
__attribute__((noreturn)) void EFIAPI services_trapped(uint64_t service, uint64_t return_address);

void EFIAPI services_trapped(uint64_t service, uint64_t return_address)
{
	say("gremlin: trap service=%lu from=0x%lx", service, return_address - services_state.base);
	exit_trapped();
}
