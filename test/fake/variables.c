/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The variable store of the fake firmware: SecureBoot and SetupMode by the options, and one more variable that a boot may write
 * where the options allow it: the black box.  Watches that nobody writes unasked, nor more than twice a boot, nor into a store
 * that is full.
 */
#include <string.h>
#include "test/fake/fake.h"
#include "test/fake/firmware.h"

static const CHAR16 black_box_name[] = L"BatonBlackBox";
static const EFI_GUID black_box_vendor = { 0x5d9a2e6c, 0xb741, 0x4c4f, { 0x9e, 0x0b, 0x3d, 0x52, 0xa8, 0x71, 0xc6, 0xe4 } };

static int is_black_box(const CHAR16 *name, const EFI_GUID *vendor)
{
	uint32_t at = 0;

	while (name[at] != 0 && name[at] == black_box_name[at])
		at++;
	return name[at] == black_box_name[at] && memcmp(vendor, &black_box_vendor, sizeof(black_box_vendor)) == 0;
}

static EFI_STATUS read_black_box(UINT32 *attributes, UINTN *bytes, VOID *data)
{
	const struct fake_variable *variable = &fake.variable;
	const struct fake_fault *fault = fake_fault(FAKE_GET_VARIABLE, FAKE_LONG);

	if (!variable->present)
		return EFI_NOT_FOUND;
	if (*bytes < variable->bytes) {
		*bytes = variable->bytes;
		return EFI_BUFFER_TOO_SMALL;
	}
	memcpy(data, variable->data, variable->bytes);
	*bytes = fault != NULL ? fault->value : variable->bytes;
	if (attributes != NULL)
		*attributes = variable->attributes;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN *bytes, VOID *data)
{
	EFI_GUID global = EFI_GLOBAL_VARIABLE;
	int value = -1;
	EFI_STATUS status;

	fake_called(FAKE_GET_VARIABLE);
	status = fake_failure(FAKE_GET_VARIABLE);
	if (EFI_ERROR(status))
		return status;
	if (is_black_box(name, vendor)) {
		if (!fake.options.may_write_variables)
			fake_violate("the black box was read unasked");
		return read_black_box(attributes, bytes, data);
	}
	if (memcmp(vendor, &global, sizeof(global)) != 0 || *bytes < 1)
		return EFI_NOT_FOUND;
	if (name[0] == L'S' && name[1] == L'e' && name[2] == L'c')
		value = fake.options.secure_boot;
	if (name[0] == L'S' && name[1] == L'e' && name[2] == L't')
		value = fake.options.setup_mode;
	if (value < 0)
		return EFI_NOT_FOUND;
	*(uint8_t *)data = (uint8_t)value;
	*bytes = 1;
	return EFI_SUCCESS;
}

/* UEFI 2.10 §8.2.3: no attributes or no bytes delete; other attributes than those of the variable are refused. */
static EFI_STATUS write_black_box(uint32_t attributes, uint64_t bytes, const void *data)
{
	struct fake_variable *variable = &fake.variable;

	if (bytes == 0 || (attributes & 6) == 0) {
		if (!variable->present)
			return EFI_NOT_FOUND;
		variable->present = 0;
		return EFI_SUCCESS;
	}
	if (variable->present && variable->attributes != attributes)
		return EFI_INVALID_PARAMETER;
	if (bytes > sizeof(variable->data))
		return EFI_OUT_OF_RESOURCES;
	variable->present = 1;
	variable->attributes = attributes;
	variable->bytes = bytes;
	memcpy(variable->data, data, bytes);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN bytes, VOID *data)
{
	EFI_STATUS status;

	fake_called(FAKE_SET_VARIABLE);
	if (!fake.options.may_write_variables)
		fake_violate("a variable was written unasked");
	if (!is_black_box(name, vendor))
		fake_violate("a variable was written that is not ours");
	if (fake.calls[FAKE_SET_VARIABLE] > 2)
		fake_violate("more than two writes to the variable store in one boot");
	if (fake.calls[FAKE_QUERY_VARIABLE_INFO] == 0)
		fake_violate("a variable was written before anybody asked for the store's room");
	if (fake.options.store_remaining < 4096)
		fake_violate("a variable was written into a store that is full");
	if (fake.exited && fake.options.variable_faults)
		fake_strike(14, 2, 0x1234, 0x5678);
	fake_memory_change(FAKE_SET_VARIABLE);
	status = fake_failure(FAKE_SET_VARIABLE);
	return EFI_ERROR(status) ? status : write_black_box(attributes, bytes, data);
}

static EFI_STATUS EFIAPI query_variable_info(UINT32 attributes, UINT64 *maximum, UINT64 *remaining, UINT64 *largest)
{
	EFI_STATUS status;

	fake_called(FAKE_QUERY_VARIABLE_INFO);
	if (attributes != 7)
		fake_violate("QueryVariableInfo for attributes 0x%x", attributes);
	status = fake_failure(FAKE_QUERY_VARIABLE_INFO);
	if (EFI_ERROR(status))
		return status;
	*maximum = fake.options.store_maximum;
	*remaining = fake.options.store_remaining;
	*largest = fake.options.store_largest;
	return EFI_SUCCESS;
}

void fake_variable_services(EFI_RUNTIME_SERVICES *services)
{
	services->GetVariable = get_variable;
	services->SetVariable = set_variable;
	services->QueryVariableInfo = query_variable_info;
}
