/* SPDX-License-Identifier: BSD-2-Clause */
/* See runtime.h. */
#include "test/gremlin/efi/runtime.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"

#define UNDESCRIBED UINT64_C(0x00007ffffffff000) /* above all memory of any machine here, and canonical */

/* movabs, with its 64 bits behind it, and ret: */
static const uint8_t load_constant[] = { 0x48, 0xb8 }, load_from[] = { 0x48, 0xa1 };
enum { RETURN = 0xc3, MOVE_BYTES = 2 };

/* A function of one page that returns this constant, or what lies at this address. */
static void *make_function(const uint8_t *move, uint64_t operand)
{
	EFI_PHYSICAL_ADDRESS page = 0;

	if (EFI_ERROR(services_below()->AllocatePages(AllocateAnyPages, EfiRuntimeServicesCode, 1, &page))) {
		say("gremlin: no runtime memory");
		channel_leave(0);
	}
	__builtin_memcpy((void *)page, move, MOVE_BYTES);
	__builtin_memcpy((void *)(page + MOVE_BYTES), &operand, sizeof(operand));
	*(uint8_t *)(page + MOVE_BYTES + sizeof(operand)) = RETURN;
	return (void *)page;
}

void runtime_begin(EFI_SYSTEM_TABLE *system, const char *words)
{
	EFI_RUNTIME_SERVICES *services = system->RuntimeServices;
	uint64_t code = words_number(words, "svam", 0);
	void *function;

	if (words_is(words, "svam", "fault"))
		function = make_function(load_from, UNDESCRIBED);
	else if (code != 0)
		function = make_function(load_constant, EFI_ERROR_MASK | code);
	else
		return;
	services->SetVirtualAddressMap = (EFI_SET_VIRTUAL_ADDRESS_MAP)function;
	services->Hdr.CRC32 = 0;
	services_below()->CalculateCrc32(services, services->Hdr.HeaderSize, &services->Hdr.CRC32);
}
