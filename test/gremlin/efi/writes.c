/* SPDX-License-Identifier: BSD-2-Clause */
/* See writes.h. */
#include "test/gremlin/efi/writes.h"
#include "test/gremlin/efi/channel.h"
#include "test/gremlin/efi/exit.h"
#include "test/gremlin/efi/faults.h"
#include "test/gremlin/efi/services.h"
#include "test/gremlin/efi/words.h"

static struct {
	EFI_SYSTEM_TABLE *system;
	EFI_SET_VARIABLE set_variable; /* the firmware's */
	uint64_t count;
	int asked;
} writes;

EFI_STATUS writes_note(const char *function)
{
	writes.count++;
	if (writes.asked)
		return faults_call(FAULT_WRITE) ? faults_status(EFI_DEVICE_ERROR) : EFI_SUCCESS;
	say("gremlin: trap write function=%s", function);
	exit_trapped();
}

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN bytes, VOID *data)
{
	EFI_STATUS status = services_from_loader(__builtin_return_address(0)) ? writes_note("SetVariable") : EFI_SUCCESS;

	return EFI_ERROR(status) ? status : writes.set_variable(name, vendor, attributes, bytes, data);
}

void writes_begin(EFI_SYSTEM_TABLE *system, const char *words)
{
	writes.system = system;
	writes.set_variable = system->RuntimeServices->SetVariable;
	writes.count = 0;
	writes.asked = words_is(words, "writes", "asked");
	if (!writes.asked || !words_is(words, "exit", "real"))
		system->RuntimeServices->SetVariable = set_variable;
}

void writes_end(void)
{
	writes.system->RuntimeServices->SetVariable = writes.set_variable;
}

uint64_t writes_count(void)
{
	return writes.count;
}
